import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IDriveSyncApi, IProjectChange, IStatus, Keep } from './api';
import { API } from './api';
import type { IStatusEvent, StatusEvents } from './events';
import type { IPage } from './page';
import { browserPage } from './page';
import { containing } from './paths';
import { asApiError } from './request';
import { latest } from './statuses';
import type { Health, IDriveSyncModel, IStatusChange } from './tokens';

export { asApiError };

/** How often everything is fetched although no event came, in ms. */
const NET = 30_000;
/** The same while something moves: events are lossy. */
const NET_WHILE_BUSY = 5_000;
/** The longest pause between tries while the server does not answer, in ms. */
const LONGEST = 5 * 60_000;

/**
 * What the browser knows of all projects.
 *
 * The truth is the server's status. Events say when to fetch it; coming back to the page, the
 * network's return and a slow poll catch what events missed.
 */
export class DriveSyncModel implements IDriveSyncModel, IDisposable {
  constructor(options: DriveSyncModel.IOptions) {
    this.api = options.api;
    this._events = options.events;
    this._events.arrived.connect(this._onEvent, this);
    this._page = (options.page ?? browserPage).onBack(() => {
      void this.refresh();
    });
    this._poll = new Poll({
      name: 'jupyter-drive-sync:status',
      auto: false,
      factory: () => this._fetchAll(),
      frequency: { interval: NET, backoff: true, max: LONGEST },
      standby: options.standby ?? 'when-hidden'
    });
  }

  readonly api: IDriveSyncApi;

  get health(): Health {
    return this._health;
  }

  get projects(): readonly IStatus[] {
    return this._projects;
  }

  get current(): IStatus | null {
    return (
      (this._chosen === null ? null : this.find(this._chosen)) ??
      this._projects[0] ??
      null
    );
  }

  get now(): number {
    return Date.now() + this._offset;
  }

  get changed(): ISignal<IDriveSyncModel, void> {
    return this._changed;
  }

  get statusChanged(): ISignal<IDriveSyncModel, IStatusChange> {
    return this._statusChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    this._page.dispose();
    this._events.dispose();
    Signal.clearData(this);
  }

  /** Begin: look for the server half, fetch everything, then keep watch. */
  async start(): Promise<void> {
    await this.refresh();
    if (!this._isDisposed) {
      await this._poll.start();
    }
  }

  find(id: string): IStatus | null {
    return this._projects.find(status => status.project.id === id) ?? null;
  }

  containing(path: string): IStatus | null {
    return containing(this._projects, path);
  }

  choose(id: string): void {
    if (this._chosen !== id) {
      this._chosen = id;
      this._changed.emit();
    }
  }

  focus(path: string): void {
    this._focus = path;
    const id = this.containing(path)?.project.id;
    if (id !== undefined) {
      this.choose(id);
    }
  }

  async refresh(): Promise<void> {
    try {
      await this._fetchAll();
    } catch {
      // `health` says what went wrong, and the poll tries again.
    }
  }

  async sync(id: string, consent?: string): Promise<void> {
    this._take(await this.api.sync(id, consent));
  }

  async cancel(id: string): Promise<void> {
    this._take(await this.api.cancel(id));
  }

  async resolve(
    id: string,
    path: string | null,
    keep: Keep,
    versions: string
  ): Promise<void> {
    try {
      this._take(await this.api.resolve(id, keep, versions, path ?? undefined));
    } catch (reason) {
      await this._fetch(id); // what the person chose from is not what there is
      throw reason;
    }
  }

  async change(id: string, change: IProjectChange): Promise<void> {
    this._take(await this.api.change(id, change));
  }

  async unlink(id: string): Promise<void> {
    await this.api.unlink(id);
    this._drop(id);
  }

  async link(
    local: string,
    remote: string,
    ignore?: string[]
  ): Promise<IStatus> {
    const status = await this.api.link(
      ignore?.length ? { local, remote, ignore } : { local, remote }
    );
    this._chosen = status.project.id;
    this._take(status);
    return status;
  }

  /** Fetch all, one round at a time; a call during a round waits for a round begun after it. */
  private _fetchAll(): Promise<void> {
    if (this._round === null) {
      this._round = this._fetchRound().finally(() => {
        this._round = null;
      });
      return this._round;
    }
    this._nextRound ??= this._round
      .catch(() => undefined)
      .then(() => {
        this._nextRound = null;
        return this._fetchAll();
      });
    return this._nextRound;
  }

  private async _fetchRound(): Promise<void> {
    try {
      if (this._health.kind !== 'ready') {
        const version = await this.api.version();
        if (version.api !== API) {
          this._setHealth({ kind: 'mismatch', version });
          return;
        }
        this._replace(await this.api.projects());
        this._setHealth({ kind: 'ready', version });
      } else {
        const before = this._rcloneProblem();
        this._replace(await this.api.projects());
        if (before !== null) {
          this._setHealth({ kind: 'ready', version: await this.api.version() });
        }
      }
    } catch (reason) {
      const error = asApiError(reason);
      this._setHealth(
        error.code === 'no_server_half'
          ? { kind: 'missing' }
          : { kind: 'unreachable', error }
      );
      throw error;
    }
  }

  private _rcloneProblem(): unknown {
    return this._health.kind === 'ready'
      ? this._health.version.rclone.problem
      : null;
  }

  /** Fetch one project; asked for again meanwhile, it is fetched once more. */
  private async _fetch(id: string): Promise<void> {
    if (this._fetching.has(id)) {
      this._again.add(id);
      return;
    }
    this._fetching.add(id);
    try {
      do {
        this._again.delete(id);
        this._take(await this.api.project(id));
      } while (this._again.has(id) && !this._isDisposed);
    } catch (reason) {
      if (asApiError(reason).code === 'project_unknown') {
        this._drop(id);
      } else {
        void this.refresh(); // finds out whether the server is gone, and shows it
      }
    } finally {
      this._fetching.delete(id);
      this._again.delete(id);
    }
  }

  private _onEvent(_: StatusEvents, event: IStatusEvent): void {
    const known = this.find(event.project);
    if (event.state === 'unlinked') {
      this._drop(event.project);
      return;
    }
    if (known === null) {
      void this.refresh();
      return;
    }
    if (event.revision === known.revision) {
      return;
    }
    const onlyProgress =
      event.progress !== null &&
      event.revision === known.revision + 1 &&
      event.state === known.state.word;
    if (onlyProgress) {
      this._set(
        { ...known, revision: event.revision, progress: event.progress },
        known
      );
      this._changed.emit();
    } else {
      void this._fetch(event.project);
    }
  }

  private _replace(statuses: IStatus[]): void {
    const before = this._projects;
    this._projects = statuses.map(status =>
      latest(this.find(status.project.id), status)
    );
    this._refocus();
    for (const after of this._projects) {
      if (!before.includes(after)) {
        this._setClock(after);
      }
      const old = before.find(({ project }) => project.id === after.project.id);
      this._announce(old ?? null, after);
    }
    for (const old of before) {
      if (!this.find(old.project.id)) {
        this._announce(old, null);
      }
    }
    this._afterChange();
  }

  private _take(status: IStatus): void {
    const before = this.find(status.project.id);
    const after = latest(before, status);
    if (after !== before) {
      this._setClock(after);
      this._set(after, before);
    }
    this._afterChange();
  }

  private _set(after: IStatus, before: IStatus | null): void {
    this._projects = before
      ? this._projects.map(old => (old === before ? after : old))
      : [...this._projects, after];
    this._announce(before, after);
  }

  private _drop(id: string): void {
    const before = this.find(id);
    if (before) {
      this._projects = this._projects.filter(status => status !== before);
      this._announce(before, null);
      this._afterChange();
    }
  }

  private _announce(before: IStatus | null, after: IStatus | null): void {
    if (before?.revision !== after?.revision || !before || !after) {
      this._statusChanged.emit({ before, after });
    }
  }

  private _afterChange(): void {
    const busy = this._projects.some(
      ({ state }) => state.word === 'syncing' || state.word === 'pending'
    );
    const interval = busy ? NET_WHILE_BUSY : NET;
    if (!this._poll.isDisposed && this._poll.frequency.interval !== interval) {
      this._poll.frequency = { interval, backoff: true, max: LONGEST };
      void this._poll.schedule({
        interval,
        phase: 'resolved',
        cancel: ({ phase }) => phase === 'constructed' || phase === 'standby'
      });
    }
    this._changed.emit();
  }

  /** Before the first answer nobody could tell which project the person is in. */
  private _refocus(): void {
    if (this._chosen === null && this._focus !== null) {
      this._chosen = this.containing(this._focus)?.project.id ?? null;
    }
  }

  private _setClock(status: IStatus): void {
    const server = Date.parse(status.server_time);
    if (!Number.isNaN(server)) {
      this._offset = server - Date.now();
    }
  }

  private _setHealth(health: Health): void {
    this._health = health;
    this._changed.emit();
  }

  private readonly _events: StatusEvents;
  private readonly _page: IDisposable;
  private readonly _poll: Poll<void>;
  private _again = new Set<string>();
  private _changed = new Signal<IDriveSyncModel, void>(this);
  private _chosen: string | null = null;
  private _fetching = new Set<string>();
  private _focus: string | null = null;
  private _health: Health = { kind: 'starting' };
  private _isDisposed = false;
  private _nextRound: Promise<void> | null = null;
  private _offset = 0;
  private _projects: readonly IStatus[] = [];
  private _round: Promise<void> | null = null;
  private _statusChanged = new Signal<IDriveSyncModel, IStatusChange>(this);
}

export namespace DriveSyncModel {
  export interface IOptions {
    api: IDriveSyncApi;
    /** Owned by the model from here on. */
    events: StatusEvents;
    /** The real page when left out. */
    page?: IPage;
    /** When the poll rests. */
    standby?: Poll.Standby;
  }
}
