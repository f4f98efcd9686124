/** What goes over the wire: the same as in api/openapi.yaml. */
import type { IRuntime } from './colabwire';
import type { IErrorBody } from './request';

export * from './colabwire';

export const STATE_WORDS = [
  'unlinked',
  'needs_first_sync',
  'in_sync',
  'pending',
  'syncing',
  'paused',
  'conflict',
  'offline',
  'rate_limited',
  'locked_elsewhere',
  'sign_in',
  'remote_missing',
  'wrong_remote',
  'local_missing',
  'too_many_deletes',
  'quota_full',
  'disk_full',
  'rclone_missing',
  'rclone_too_old',
  'failed'
] as const;
export type StateWord = (typeof STATE_WORDS)[number];

export const ACTIONS = [
  'sync',
  'cancel',
  'pause',
  'resume',
  'preview',
  'consent',
  'unlink',
  'resolve',
  'sign_in'
] as const;
export type Action = (typeof ACTIONS)[number];

export const PHASES = ['plan', 'check', 'apply', 'commit', 'record'] as const;
export type Phase = (typeof PHASES)[number];

export const HELD_REASONS = [
  'conflict',
  'duplicate',
  'unreadable',
  'being_written',
  'kind_changed',
  'name_unusable',
  'open_in_runtime'
] as const;
export type HeldReason = (typeof HELD_REASONS)[number];

export const STEP_KINDS = [
  'push',
  'pull',
  'delete_local',
  'delete_remote',
  'move_local',
  'move_remote',
  'keep_both',
  'adopt',
  'forget',
  'hold'
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const WAITING_KINDS = [
  'push',
  'pull',
  'delete_local',
  'delete_remote',
  'move_local',
  'move_remote',
  'keep_both'
] as const;
/** What is to be done with a file that waits. */
export type WaitingKind = (typeof WAITING_KINDS)[number];

export const WHYS = [
  'running',
  'failed',
  'being_written',
  'quiet',
  'next',
  'trouble',
  'paused',
  'asked'
] as const;
/** Why a file waits. */
export type Why = (typeof WHYS)[number];

export const HISTORY_ACTIONS = [
  'created',
  'updated',
  'deleted',
  'moved',
  'kept',
  'failed'
] as const;
export type HistoryAction = (typeof HISTORY_ACTIONS)[number];

export const TRIGGERS = [
  'save',
  'watcher',
  'remote_change',
  'timer',
  'person',
  'start',
  'reconnect'
] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const KEEPS = ['mine', 'drive', 'both'] as const;
/** Which version of a conflict stays; both: mine under its name, Drive's beside it. */
export type Keep = (typeof KEEPS)[number];

export const ORIGINS = [
  'base',
  'trash',
  'drive_revision',
  'drive_trash'
] as const;
/** Where an earlier version is kept. */
export type Origin = (typeof ORIGINS)[number];

export type RemoteKind = 'drive' | 'folder' | 'other';
export type Direction = 'up' | 'down' | 'none';

export interface IVersion {
  version: string;
  api: number;
  rclone: {
    version: string | null;
    path: string | null;
    problem: IErrorBody | null;
  };
}

export interface ILinkRequest {
  local: string;
  remote: string;
  name?: string;
  /** Lines for .driveignore. */
  ignore?: string[];
}

export interface IProject {
  id: string;
  name: string;
  local: { path: string | null; display: string };
  remote: {
    kind: RemoteKind;
    /** In rclone's configuration; null for a plain folder. */
    name: string | null;
    display: string;
    url: string | null;
  };
  auto_sync: boolean;
}

export interface IState {
  word: StateWord;
  since: string;
  cause: IErrorBody | null;
  next: string | null;
  actions: Action[];
}

export interface IProgress {
  phase: Phase;
  /** The run was told to stop; what is under way ends first. */
  cancelling: boolean;
  bytes: number;
  total_bytes: number;
  files: number;
  total_files: number;
  speed: number;
  eta_seconds: number | null;
  current: { path: string; percent: number }[];
}

export interface IWaiting {
  path: string;
  kind: WaitingKind;
  /** The name before, for a rename. */
  old_path: string | null;
  size: number | null;
  since: string | null;
  why: Why;
  /** Why it failed; else empty. */
  detail: string;
}

export interface ISide {
  size: number;
  modified: string;
}

export interface IHeld {
  path: string;
  reason: HeldReason;
  message: string;
  hint: string;
  local: ISide | null;
  remote: ISide | null;
  /** Names the two versions, for a choice between them; null where there is none. */
  versions: string | null;
}

export interface IStatus {
  project: IProject;
  revision: number;
  state: IState;
  last_good_sync: string | null;
  progress: IProgress | null;
  waiting: {
    up: IWaiting[];
    down: IWaiting[];
    up_total: number;
    down_total: number;
  };
  /** The first of what is held. */
  held: IHeld[];
  held_total: number;
  conflicts: {
    total: number;
    /** Names all versions, for one choice about all conflicts. */
    versions: string | null;
  };
  /** What a person should know although everything works. */
  warnings: string[];
  /** The Colab runtimes that the project was brought to, the newest first. */
  runtimes: IRuntime[];
  server_time: string;
}

export interface IStep {
  kind: StepKind;
  path: string;
  size: number | null;
  detail: string;
}

export interface IPlanTotals {
  push: number;
  pull: number;
  delete_local: number;
  delete_remote: number;
  move: number;
  hold: number;
  equal: number;
  bytes_up: number;
  bytes_down: number;
}

export interface IPlan {
  hash: string;
  first: boolean;
  steps: IStep[];
  totals: IPlanTotals;
  held: IHeld[];
  needs_consent: boolean;
  problem: IErrorBody | null;
  /** What is left out here; null where it was not counted. */
  ignored?: {
    files: number;
    folders: number;
    bytes: number;
    /** Whether there is more than was counted. */
    more: boolean;
  } | null;
  estimate_seconds?: number | null;
  /** Lines for .driveignore that would spare much. */
  suggestions?: ISuggestion[];
  /** Whether the other folder does not exist yet and will be made. */
  creates_remote: boolean;
}

export interface ISuggestion {
  pattern: string;
  reason: string;
  files: number;
  bytes: number;
}

export interface IHistoryRow {
  id: number;
  time: string;
  path: string;
  direction: Direction;
  action: HistoryAction;
  trigger: Trigger;
  size: number | null;
  detail: string;
}

export interface IOldVersion {
  id: string;
  origin: Origin;
  time: string;
  size: number;
}

export interface IVersions {
  path: string;
  versions: IOldVersion[];
  /** A place that could not be asked, so there may be more. */
  problem: IErrorBody | null;
}

export interface IRemote {
  name: string;
  type: string;
  kind: RemoteKind;
}

export interface IRemotes {
  config: string;
  /** Whether a plain folder of the server's computer may be the other side. */
  plain_folders: boolean;
  remotes: IRemote[];
}

export interface IFolders {
  path: string;
  parent: string | null;
  folders: { name: string; path: string }[];
  /** Whether a search found more than these. */
  more?: boolean;
}

export interface IProjectChange {
  auto_sync?: boolean;
  paused?: boolean;
  name?: string;
}
