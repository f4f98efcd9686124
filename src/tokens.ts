import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type {
  IDriveSyncApi,
  IProjectChange,
  IStatus,
  IVersion,
  Keep
} from './api';
import type { ApiError } from './request';

/** How the two halves get along. */
export type Health =
  | { kind: 'starting' }
  | { kind: 'ready'; version: IVersion }
  /** The server half does not answer: not installed, or not enabled. */
  | { kind: 'missing' }
  /** The server half speaks another version of the interface. */
  | { kind: 'mismatch'; version: IVersion }
  /** The server cannot be reached, or answers with something else. */
  | { kind: 'unreachable'; error: ApiError };

/** One project's status before and after a change; null when new or gone. */
export interface IStatusChange {
  before: IStatus | null;
  after: IStatus | null;
}

/** What the browser knows of all projects. */
export interface IDriveSyncModel {
  readonly api: IDriveSyncApi;
  readonly health: Health;
  /** In the order in which they were linked. */
  readonly projects: readonly IStatus[];
  /** The project that the person is looking at; null when there is none. */
  readonly current: IStatus | null;
  /** Now by the server's clock, in ms since the epoch. */
  readonly now: number;
  /** Emitted when anything above changed. */
  readonly changed: ISignal<IDriveSyncModel, void>;
  /** Emitted for each project whose status changed. */
  readonly statusChanged: ISignal<IDriveSyncModel, IStatusChange>;
  find(id: string): IStatus | null;
  /** The project that holds a path of the contents API. */
  containing(path: string): IStatus | null;
  /** Make a project the current one. */
  choose(id: string): void;
  /** Tell where the person is, as a path of the contents API. */
  focus(path: string): void;
  /** Fetch everything anew. Never rejects: see `health`. */
  refresh(): Promise<void>;
  sync(id: string, consent?: string): Promise<void>;
  cancel(id: string): Promise<void>;
  /**
   * Settle the conflict of one path, or all conflicts, as the person saw them. When they are not
   * the same any more, nothing is done: it rejects, and the status is fetched anew.
   */
  resolve(
    id: string,
    path: string | null,
    keep: Keep,
    versions: string
  ): Promise<void>;
  change(id: string, change: IProjectChange): Promise<void>;
  unlink(id: string): Promise<void>;
  /** `ignore`: lines for .driveignore, added before the first sync. */
  link(local: string, remote: string, ignore?: string[]): Promise<IStatus>;
}

export const IDriveSyncModel = new Token<IDriveSyncModel>(
  'jupyter-drive-sync:IDriveSyncModel',
  'What the browser knows of the projects that are kept in step with Google Drive.'
);

/** The person's taste; see schema/plugin.json. */
export interface IDriveSyncSettings {
  readonly showInStatusBar: boolean;
  readonly notifyNeedsPerson: boolean;
  readonly notifyColab: boolean;
  readonly confirmUnlink: boolean;
  readonly changed: ISignal<IDriveSyncSettings, void>;
}

export const IDriveSyncSettings = new Token<IDriveSyncSettings>(
  'jupyter-drive-sync:IDriveSyncSettings',
  'The settings of Drive Sync.'
);
