import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  IAccount,
  IConnect,
  IConnectApi,
  IConnectedRemote,
  IFlow,
  IFlowRequest,
  Way
} from './connect';
import { ended, FlowWatch } from './connectflow';
import type {
  Errand,
  IConnectModelOptions,
  IPlace,
  ISignInTab,
  Stage
} from './connectstages';
import { AT_ONCE, placeOf, showsPage } from './connectstages';
import { Errands } from './errands';
import { asApiError } from './model';
import type { ApiError } from './request';
import type { IStatus } from './wire';

/**
 * Where a person stands on the way from no account to a first sync, one flow at a time. The last
 * request is kept in memory, to be tried again, until it ended well or the person went elsewhere.
 */
export class ConnectModel implements IDisposable {
  constructor(private readonly _options: IConnectModelOptions) {
    this._watch = new FlowWatch(
      _options.api,
      (flow, before) => this._onFlow(flow, before),
      _options.pause
    );
  }

  get api(): IConnectApi {
    return this._options.api;
  }

  get stage(): Stage {
    return this._stage;
  }

  /** The way that was chosen; null for a remote that was there. */
  get way(): Way | null {
    return this._way;
  }

  /** What the server offers; null until it answered. */
  get offer(): IConnect | null {
    return this._offer;
  }

  /** Why the offer could not be fetched. */
  get offerError(): ApiError | null {
    return this._offerError;
  }

  get flow(): IFlow | null {
    return this._watch.flow;
  }

  /** The other side's remote; null before it is known, and for a plain folder. */
  get remote(): IConnectedRemote | null {
    return this._remote;
  }

  get account(): IAccount | null {
    return this._account;
  }

  /** The remote whose sign-in is renewed; null otherwise. */
  get again(): string | null {
    return this._again;
  }

  /** The project at the end of the way. */
  get project(): IStatus | null {
    return this._project;
  }

  /** What is being done for the person right now. */
  get errand(): Errand | null {
    return this._errands.running;
  }

  /** Whether the browser did not let a tab be opened. */
  get tabRefused(): boolean {
    return this._tabRefused;
  }

  /** Where the page goes on after it was loaded anew. */
  get place(): IPlace {
    return placeOf(this.flow, this._stage === 'done' ? null : this._remote);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted when anything above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._forget();
      Signal.clearData(this);
    }
  }

  /** What went wrong with what was asked for last, if it was this. */
  errorOf(errand: Errand): ApiError | null {
    return this._errands.errorOf(errand);
  }

  /** Ask the server what it offers. Never rejects: see `offerError`. */
  async load(): Promise<void> {
    try {
      this._offer = await this.api.connect();
      this._offerError = null;
    } catch (reason) {
      this._offerError = asApiError(reason);
    }
    this._emit();
  }

  /** Take a way in. */
  choose(way: Way): void {
    this._forget();
    this._way = way;
    if (way === 'folder') {
      this._go('folders');
    } else if (AT_ONCE.has(way)) {
      void this.begin({ way });
    } else {
      this._go('prepare');
    }
  }

  /** Take a remote that is there already. */
  use(remote: IConnectedRemote): void {
    this._forget();
    this._way = null;
    this._remote = remote;
    this._go('folders');
    void this.look();
  }

  /** Ask whose account the remote is. Never rejects: see `errorOf`. */
  async look(): Promise<void> {
    const remote = this._remote;
    if (remote === null) {
      return;
    }
    const account = await this._errands.run('account', () =>
      this.api.account(remote.name)
    );
    if (account !== null && this._remote === remote) {
      this._account = account;
      this._emit();
    }
  }

  /** Sign in again for a remote. */
  signInAgain(remote: string): Promise<void> {
    this._forget();
    this._way = null;
    this._again = remote;
    this._go('sign_in');
    return this.begin({ remote });
  }

  /** Go on where the page was before it was loaded anew. */
  async resume(place: IPlace): Promise<void> {
    await this.load();
    const { flow: id, connected } = place;
    if (id !== undefined) {
      const flow = await this._errands.run('begin', () => this.api.flow(id));
      if (flow === null) {
        this._errands.clear(); // it is over: the page shows how to begin
        this._emit();
      } else if (!ended(flow)) {
        this._way = flow.again ? null : flow.way;
        this._again = flow.again ? flow.name : null;
        this._go('sign_in');
        this._watch.watch(flow);
      }
    } else if (connected !== undefined) {
      const known = this._known(connected);
      if (known) {
        this.use(known);
      }
    }
  }

  /**
   * Begin to connect. Never rejects: see `errorOf`.
   *
   * Opens the tab at once, while the browser still takes it for the answer to a click.
   */
  async begin(request: IFlowRequest): Promise<void> {
    if (this.errand === 'begin') {
      return;
    }
    const signsIn = showsPage(request, this._offer);
    const tab = signsIn ? this._options.openTab() : null;
    this._tabRefused = signsIn && tab === null;
    this._watch.drop();
    this._request = request;
    const local = this._offer?.local_browser ?? true;
    const flow = await this._errands.run('begin', () =>
      this.api.begin({ redirect: local ? 'auto' : 'paste', ...request })
    );
    if (flow !== null && this._request === request) {
      this._tab = tab;
      this._go('sign_in');
      this._watch.watch(flow);
      return;
    }
    tab?.close();
    if (flow !== null) {
      this._watch.cancel(flow.id); // the person went elsewhere meanwhile
    }
  }

  /** Try once more what did not end well. */
  async retry(): Promise<void> {
    if (this._request !== null) {
      await this.begin(this._request);
    } else {
      this.restart(); // the page was loaded anew, so it is not known any more
    }
  }

  /** Sign in again with another client than the one that is known. */
  anotherClient(): void {
    this._end();
    this._way = 'own_client';
    this._go('prepare');
  }

  /** Finish the sign-in with the address of the page that failed to load. */
  paste(address: string): Promise<boolean> {
    return this._tell('address', id => this.api.address(id, address));
  }

  /** Answer the flow's question. */
  answer(value: string): Promise<boolean> {
    const revision = this.flow?.revision ?? 0;
    return this._tell('answer', id => this.api.answer(id, value, revision));
  }

  /** One step back; a flow is cancelled. */
  back(): void {
    if (this._stage === 'first_sync') {
      this._go('folders');
    } else if (
      this._stage === 'sign_in' &&
      this._way !== null &&
      !AT_ONCE.has(this._way)
    ) {
      this._end();
      this._go('prepare');
    } else {
      this.restart();
    }
  }

  /** Go to the beginning; a flow is cancelled. */
  restart(): void {
    this._forget();
    this._way = null;
    this._go('ways');
    void this.load();
  }

  /** The folders are chosen: look at the first sync. */
  toFirstSync(): void {
    this._go('first_sync');
  }

  /** The project is there. */
  finish(project: IStatus): void {
    this._project = project;
    this._go('done');
  }

  private _known(name: string): IConnectedRemote | null {
    return this._offer?.remotes.find(one => one.name === name) ?? null;
  }

  private async _tell(
    errand: Errand,
    ask: (id: string) => Promise<IFlow>
  ): Promise<boolean> {
    const id = this.flow?.id;
    const flow =
      id === undefined ? null : await this._errands.run(errand, () => ask(id));
    if (flow !== null) {
      this._watch.take(flow);
    }
    return flow !== null;
  }

  private _onFlow(flow: IFlow, before: IFlow | null): void {
    if (flow.auth_url !== null) {
      this._tab?.go(flow.auth_url);
      this._tab = null;
    } else if (flow.step !== 'checking') {
      this._closeTab(); // something else is asked first
    }
    this._emit();
    if (flow.step === 'done' && before?.step !== 'done') {
      void this._arrive(flow);
    }
  }

  private async _arrive(flow: IFlow): Promise<void> {
    this._request = null;
    this._account = flow.account;
    await this.load();
    if (this.flow?.id !== flow.id) {
      return;
    }
    if (flow.again) {
      this._options.renewed?.();
      this._go('done');
      return;
    }
    this._remote = this._known(flow.name) ?? {
      name: flow.name,
      type: flow.type,
      kind: flow.type === 'drive' ? 'drive' : 'other',
      ours: true,
      projects: 0
    };
    this._go('folders');
  }

  /** End what is under way, and drop what was typed and chosen. */
  private _forget(): void {
    this._end();
    this._remote = null;
    this._account = null;
    this._again = null;
    this._project = null;
  }

  private _end(): void {
    this._watch.drop();
    this._request = null;
    this._errands.clear();
    this._closeTab();
  }

  /** The tab that waits for an address is not needed. */
  private _closeTab(): void {
    this._tab?.close();
    this._tab = null;
    this._tabRefused = false;
  }

  private _go(stage: Stage): void {
    this._stage = stage;
    this._emit();
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _watch: FlowWatch;
  private _stage: Stage = 'ways';
  private _way: Way | null = null;
  private _offer: IConnect | null = null;
  private _offerError: ApiError | null = null;
  private _request: IFlowRequest | null = null;
  private _remote: IConnectedRemote | null = null;
  private _account: IAccount | null = null;
  private _again: string | null = null;
  private _project: IStatus | null = null;
  private readonly _errands = new Errands<Errand>(() => this._emit());
  private _tab: ISignInTab | null = null;
  private _tabRefused = false;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
