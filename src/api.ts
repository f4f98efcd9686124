/**
 * The server half's REST interface, typed. Everything here mirrors api/openapi.yaml; a test holds
 * the words against it.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { request } from './request';
import type {
  IColabCell,
  Keep,
  IVersion,
  ILinkRequest,
  IStatus,
  IPlan,
  IHistoryRow,
  IVersions,
  IRemotes,
  IFolders,
  IProjectChange
} from './wire';

export * from './wire';

/**
 * The version of the REST interface that this half speaks: a half of another one asks for a restart
 * of the server.
 */
export const API = 2;

/** What the browser asks of the server half. All calls may throw `ApiError`. */
export interface IDriveSyncApi {
  version(): Promise<IVersion>;
  /** Every project, in the order in which they were linked. */
  projects(): Promise<IStatus[]>;
  project(id: string): Promise<IStatus>;
  link(request: ILinkRequest): Promise<IStatus>;
  previewLink(request: ILinkRequest): Promise<IPlan>;
  change(id: string, change: IProjectChange): Promise<IStatus>;
  unlink(id: string): Promise<void>;
  /** `consent`: the hash of the plan to which the person agreed. */
  sync(id: string, consent?: string): Promise<IStatus>;
  cancel(id: string): Promise<IStatus>;
  /**
   * Settle the conflict of one path, or of all when it is left out. `versions` says which ones the
   * person was shown: about others nothing is done.
   */
  resolve(
    id: string,
    keep: Keep,
    versions: string,
    path?: string
  ): Promise<IStatus>;
  plan(id: string): Promise<IPlan>;
  history(
    id: string,
    options?: { limit?: number; before?: number }
  ): Promise<IHistoryRow[]>;
  /** The earlier versions of a file, the newest first. */
  versions(id: string, path: string): Promise<IVersions>;
  /** Put an earlier version back, or beside the file. */
  restore(
    id: string,
    path: string,
    version: string,
    asCopy: boolean
  ): Promise<IStatus>;
  /** `path` is relative to the project folder. */
  colab(id: string, path: string): Promise<{ url: string; id: string }>;
  /** Bring to Drive what the cell of a notebook needs; resolves with the cell. */
  makeCell(id: string, path: string): Promise<IColabCell>;
  /** Push a file, as it is held now, although a Colab runtime has it open. */
  pushAnyway(id: string, path: string): Promise<IStatus>;
  /** Take a runtime off the list that ended or is silent. */
  forgetRuntime(id: string, runtime: string): Promise<void>;
  remotes(): Promise<IRemotes>;
  remoteFolders(name: string, path: string): Promise<IFolders>;
  /** Folders anywhere below `path` whose names hold some words. */
  findRemoteFolders(
    name: string,
    path: string,
    search: string
  ): Promise<IFolders>;
  /** Make a new folder on a remote. */
  createRemoteFolder(
    name: string,
    path: string
  ): Promise<{ name: string; path: string }>;
  /** Folders of the server's computer; the home folder for an empty path. */
  plainFolders(path: string): Promise<IFolders>;
}

/** The server half over HTTP. */
export class DriveSyncApi implements IDriveSyncApi {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  version(): Promise<IVersion> {
    return request(this._settings, ['version']);
  }

  async projects(): Promise<IStatus[]> {
    const answer = await request<{ projects: IStatus[] }>(this._settings, [
      'projects'
    ]);
    return answer.projects;
  }

  project(id: string): Promise<IStatus> {
    return request(this._settings, ['projects', id]);
  }

  link(body: ILinkRequest): Promise<IStatus> {
    return request(this._settings, ['projects'], { method: 'POST', body });
  }

  previewLink(body: ILinkRequest): Promise<IPlan> {
    return request(this._settings, ['projects', 'preview'], {
      method: 'POST',
      body
    });
  }

  change(id: string, body: IProjectChange): Promise<IStatus> {
    return request(this._settings, ['projects', id], {
      method: 'PATCH',
      body
    });
  }

  unlink(id: string): Promise<void> {
    return request(this._settings, ['projects', id], { method: 'DELETE' });
  }

  sync(id: string, consent?: string): Promise<IStatus> {
    return request(this._settings, ['projects', id, 'sync'], {
      method: 'POST',
      body: consent === undefined ? {} : { consent }
    });
  }

  cancel(id: string): Promise<IStatus> {
    return request(this._settings, ['projects', id, 'cancel'], {
      method: 'POST'
    });
  }

  resolve(
    id: string,
    keep: Keep,
    versions: string,
    path?: string
  ): Promise<IStatus> {
    return request(this._settings, ['projects', id, 'resolve'], {
      method: 'POST',
      body: path === undefined ? { keep, versions } : { keep, versions, path }
    });
  }

  plan(id: string): Promise<IPlan> {
    return request(this._settings, ['projects', id, 'plan']);
  }

  async history(
    id: string,
    options: { limit?: number; before?: number } = {}
  ): Promise<IHistoryRow[]> {
    const answer = await request<{ rows: IHistoryRow[] }>(
      this._settings,
      ['projects', id, 'history'],
      { query: { limit: options.limit, before: options.before } }
    );
    return answer.rows;
  }

  versions(id: string, path: string): Promise<IVersions> {
    return request(this._settings, ['projects', id, 'versions'], {
      query: { path }
    });
  }

  restore(
    id: string,
    path: string,
    version: string,
    asCopy: boolean
  ): Promise<IStatus> {
    return request(this._settings, ['projects', id, 'restore'], {
      method: 'POST',
      body: { path, version, as_copy: asCopy }
    });
  }

  colab(id: string, path: string): Promise<{ url: string; id: string }> {
    return request(this._settings, ['projects', id, 'colab'], {
      method: 'POST',
      body: { path }
    });
  }

  makeCell(id: string, path: string): Promise<IColabCell> {
    return request(this._settings, ['projects', id, 'colab', 'cell'], {
      method: 'POST',
      body: { path }
    });
  }

  pushAnyway(id: string, path: string): Promise<IStatus> {
    return request(this._settings, ['projects', id, 'push'], {
      method: 'POST',
      body: { path }
    });
  }

  forgetRuntime(id: string, runtime: string): Promise<void> {
    return request(this._settings, ['projects', id, 'runtimes', runtime], {
      method: 'DELETE'
    });
  }

  remotes(): Promise<IRemotes> {
    return request(this._settings, ['remotes']);
  }

  remoteFolders(name: string, path: string): Promise<IFolders> {
    return request(this._settings, ['remotes', name, 'folders'], {
      query: { path }
    });
  }

  findRemoteFolders(
    name: string,
    path: string,
    search: string
  ): Promise<IFolders> {
    return request(this._settings, ['remotes', name, 'folders'], {
      query: { path, search }
    });
  }

  createRemoteFolder(
    name: string,
    path: string
  ): Promise<{ name: string; path: string }> {
    return request(this._settings, ['remotes', name, 'folders'], {
      method: 'POST',
      body: { path }
    });
  }

  plainFolders(path: string): Promise<IFolders> {
    return request(this._settings, ['folders'], { query: { path } });
  }
}
