/** Stand-ins at the edge, and statuses to show. */
import type { Event, ServerConnection } from '@jupyterlab/services';
import { ServerConnection as Connection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type {
  IDriveSyncApi,
  IOldVersion,
  IPlan,
  IStatus,
  IVersion,
  StateWord
} from '../api';
import { API } from '../api';
import type { IColabActions } from '../components/actions';
import type { IStatusEvent } from '../events';
import { STATUS_SCHEMA } from '../events';
import type { IErrorBody } from '../request';
import { ApiError } from '../request';

export const T0 = '2026-03-01T12:00:00.000Z';

type Parts = { [key in keyof IStatus]?: Partial<IStatus[key]> };

export function status(id: string, parts: Parts = {}): IStatus {
  return {
    project: {
      id,
      name: id,
      local: { path: id, display: `~/${id}` },
      remote: {
        kind: 'drive',
        name: 'gdrive',
        display: `Drive > ${id}`,
        url: `https://drive.google.com/drive/folders/${id}`
      },
      auto_sync: true,
      ...parts.project
    },
    revision: (parts.revision as number | undefined) ?? 1,
    state: {
      word: 'in_sync',
      since: T0,
      cause: null,
      next: null,
      actions: ['sync', 'pause', 'preview', 'unlink'],
      ...parts.state
    },
    last_good_sync:
      parts.last_good_sync === undefined
        ? T0
        : (parts.last_good_sync as string | null),
    progress: (parts.progress as IStatus['progress'] | undefined) ?? null,
    waiting: {
      up: [],
      down: [],
      up_total: 0,
      down_total: 0,
      ...parts.waiting
    },
    held: (parts.held as IStatus['held'] | undefined) ?? [],
    held_total:
      (parts.held_total as number | undefined) ??
      (parts.held as IStatus['held'] | undefined)?.length ??
      0,
    conflicts: { total: 0, versions: null, ...parts.conflicts },
    warnings: (parts.warnings as string[] | undefined) ?? [],
    runtimes: (parts.runtimes as IStatus['runtimes'] | undefined) ?? [],
    server_time: (parts.server_time as string | undefined) ?? T0
  };
}

/** A status in another state. */
export function inState(
  id: string,
  word: StateWord,
  actions: IStatus['state']['actions'],
  parts: Parts = {}
): IStatus {
  return status(id, { ...parts, state: { word, actions, ...parts.state } });
}

export const PLAN: IPlan = {
  hash: 'h1',
  first: false,
  steps: [],
  totals: {
    push: 0,
    pull: 0,
    delete_local: 0,
    delete_remote: 0,
    move: 0,
    hold: 0,
    equal: 0,
    bytes_up: 0,
    bytes_down: 0
  },
  held: [],
  creates_remote: false,
  needs_consent: false,
  problem: null
};

/** A server half in memory: what it holds can be changed by the test. */
export class FakeApi implements IDriveSyncApi {
  statuses: IStatus[] = [];
  calls: string[] = [];
  /** When set, every call fails with it. */
  down: ApiError | null = null;
  /** When set, every choice in a conflict fails with it. */
  resolved: ApiError | null = null;
  plainFoldersAllowed = true;
  answer: IVersion = {
    version: '0.1.0',
    api: API,
    rclone: { version: '1.75.2', path: '/bin/rclone', problem: null }
  };
  nextPlan: IPlan = PLAN;
  oldVersions: IOldVersion[] = [];
  /** What a search for folders finds. */
  found: { name: string; path: string }[] = [];
  problem: IErrorBody | null = null;
  /** The text of the Colab cell. */
  cell = 'connect("folder")';
  rows: Awaited<ReturnType<IDriveSyncApi['history']>> = [];

  version = () => this._say('version', () => this.answer);
  projects = () => this._say('projects', () => [...this.statuses]);
  project = (id: string) => this._say(`project ${id}`, () => this._find(id));
  link = (request: { local: string; remote: string }) =>
    this._say(`link ${request.local} ${request.remote}`, () => {
      const made = status(request.local);
      this.statuses.push(made);
      return made;
    });
  previewLink: IDriveSyncApi['previewLink'] = request =>
    this._say(
      `preview ${request.local} ${request.remote}`,
      () => this.nextPlan
    );
  change = (id: string, change: object) =>
    this._say(`change ${id} ${JSON.stringify(change)}`, () => this._find(id));
  unlink = (id: string) =>
    this._say(`unlink ${id}`, () => {
      this.statuses = this.statuses.filter(({ project }) => project.id !== id);
    });
  sync = (id: string, consent?: string) =>
    this._say(`sync ${id} ${consent ?? ''}`.trim(), () => this._find(id));
  cancel = (id: string) => this._say(`cancel ${id}`, () => this._find(id));
  resolve = (id: string, keep: string, versions: string, path?: string) =>
    this._say(`resolve ${id} ${keep} ${versions} ${path}`, () => {
      if (this.resolved) {
        throw this.resolved;
      }
      return this._find(id);
    });
  plan = (id: string) => this._say(`plan ${id}`, () => this.nextPlan);
  history = (id: string, options: { limit?: number; before?: number } = {}) =>
    this._say(`history ${id} ${options.before ?? ''}`.trim(), () =>
      this.rows
        .filter(row => row.id < (options.before ?? Infinity))
        .slice(0, options.limit)
    );
  versions = (id: string, path: string) =>
    this._say(`versions ${id} ${path}`, () => ({
      path,
      versions: this.oldVersions,
      problem: this.problem
    }));
  restore = (id: string, path: string, version: string, asCopy: boolean) =>
    this._say(`restore ${id} ${path} ${version} ${asCopy}`, () =>
      this._find(id)
    );
  colab = (id: string, path: string) =>
    this._say(`colab ${id} ${path}`, () => ({
      url: `https://colab.research.google.com/drive/${path}`,
      id: path
    }));
  makeCell = (id: string, path: string) =>
    this._say(`cell ${id} ${path}`, () => ({
      source: this.cell,
      tag: 'drive-sync',
      version: '0.1.0+0'
    }));
  pushAnyway = (id: string, path: string) =>
    this._say(`push ${id} ${path}`, () => this._find(id));
  forgetRuntime = (id: string, runtime: string) =>
    this._say(`forget ${id} ${runtime}`, () => undefined);
  remotes = () =>
    this._say('remotes', () => ({
      config: '/home/me/rclone.conf',
      plain_folders: this.plainFoldersAllowed,
      remotes: [{ name: 'gdrive', type: 'drive', kind: 'drive' as const }]
    }));
  remoteFolders = (name: string, path: string) =>
    this._say(`folders ${name}:${path}`, () => ({
      path,
      parent: path === '' ? null : '',
      folders: path === '' ? [{ name: 'ml', path: 'ml' }] : []
    }));
  findRemoteFolders = (name: string, path: string, search: string) =>
    this._say(`find ${name}:${path} ${search}`, () => ({
      path,
      parent: null,
      folders: this.found,
      more: false
    }));
  createRemoteFolder = (name: string, path: string) =>
    this._say(`create ${name}:${path}`, () => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      path
    }));
  plainFolders = (path: string) =>
    this._say(`plain ${path}`, () => ({
      path: path || '/home/me',
      parent: '/home',
      folders: []
    }));

  /** How often something was asked. */
  count(call: string): number {
    return this.calls.filter(made => made === call).length;
  }

  private async _say<T>(call: string, answer: () => T): Promise<T> {
    this.calls.push(call);
    await Promise.resolve();
    if (this.down) {
      throw this.down;
    }
    return answer();
  }

  private _find(id: string): IStatus {
    const found = this.statuses.find(({ project }) => project.id === id);
    if (!found) {
      throw new ApiError(
        { code: 'project_unknown', message: 'gone', hint: '' },
        404
      );
    }
    return found;
  }
}

/** The server's event stream, driven by the test. */
export class FakeEvents {
  readonly stream = new Signal<this, Event.Emission>(this);

  get manager(): Event.IManager {
    return this as unknown as Event.IManager;
  }

  emit(event: IStatusEvent): void {
    this.stream.emit({
      schema_id: STATUS_SCHEMA,
      ...event
    } as unknown as Event.Emission);
  }
}

/** Server settings whose network is a function. */
export function settingsWith(
  fetch: (request: Request) => Promise<Response>
): ServerConnection.ISettings {
  return Connection.makeSettings({
    baseUrl: 'http://localhost:8888/user/ann/',
    token: '',
    fetch: (input: RequestInfo) => fetch(input as Request)
  });
}

/** Let everything that is due happen. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await Promise.resolve();
  }
}

/** What can be done about Colab, noted. */
export function fakeColab(): jest.Mocked<IColabActions> {
  return {
    notebook: jest.fn((..._) => null),
    insertCell: jest.fn((..._) => Promise.resolve()),
    open: jest.fn(),
    pushAnyway: jest.fn((..._) => Promise.resolve()),
    forget: jest.fn((..._) => Promise.resolve())
  };
}
