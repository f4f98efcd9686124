/** A server half that connects accounts, in memory and driven by the test. */
import type {
  IAccount,
  IBackend,
  IClient,
  IConnect,
  IConnectApi,
  IFlow,
  IFlowRequest,
  IQuestion
} from '../connect';
import type { ISignInTab } from '../connectstages';
import { ApiError } from '../request';

export const SECRET = 'GOCSPX-planted-secret';

export const OFFER: IConnect = {
  config: '/home/me/.local/share/jupyter/drive-sync/rclone.conf',
  ways: [
    { way: 'own_client', available: true, reason: null },
    { way: 'service_account', available: true, reason: null },
    {
      way: 'env_auth',
      available: false,
      reason: 'This machine has no Google credentials.'
    },
    { way: 'token', available: true, reason: null },
    { way: 'existing', available: true, reason: null },
    { way: 'folder', available: true, reason: null },
    { way: 'other', available: true, reason: null }
  ],
  preset: null,
  local_browser: true,
  remotes: [],
  backends_locked: false
};

export const GDRIVE = {
  name: 'gdrive',
  type: 'drive',
  kind: 'drive' as const,
  ours: true,
  projects: 0
};

export const ACCOUNT: IAccount = {
  remote: 'gdrive',
  type: 'drive',
  user: 'Ann',
  email: 'ann@example.org',
  total: 15_000_000_000,
  used: 2_700_000_000,
  free: 12_300_000_000,
  scope: 'drive',
  client: 'own',
  shared_drive: null
};

export const FLOW: IFlow = {
  id: 'f1',
  revision: 1,
  way: 'own_client',
  name: 'gdrive',
  type: 'drive',
  step: 'sign_in',
  auth_url: 'https://accounts.google.com/o/oauth2/auth?state=s1',
  expires: '2026-03-01T12:05:00.000Z',
  command: null,
  question: null,
  account: null,
  error: null,
  again: false
};

export function question(parts: Partial<IQuestion> = {}): IQuestion {
  return {
    name: 'url',
    label: 'URL of the server',
    help: 'Where the server is.\n\nWith https, if it can.',
    type: 'string',
    required: true,
    secret: false,
    default: '',
    choices: [],
    exclusive: false,
    error: null,
    advanced: false,
    position: 0,
    ...parts
  };
}

export function apiError(code: string, status = 400): ApiError {
  return new ApiError(
    { code, message: `${code} happened.`, hint: `Do so about ${code}.` },
    status
  );
}

export class FakeConnectApi implements IConnectApi {
  offer: IConnect = OFFER;
  /** What was asked, in order, without bodies. */
  calls: string[] = [];
  /** The bodies of what was begun. */
  begun: IFlowRequest[] = [];
  answers: string[] = [];
  addresses: string[] = [];
  /** The flow as the server knows it. */
  state: IFlow = FLOW;
  /** What the next call of a name fails with. */
  failing = new Map<string, ApiError>();
  revoked = { revoked: true, reason: null as string | null };
  someAccount: IAccount = ACCOUNT;

  connect = () => this._say('connect', () => this.offer);
  client = (text: string) =>
    this._say('client', (): IClient => {
      const { installed } = JSON.parse(text);
      return {
        client_id: installed.client_id,
        project_id: 'my-project',
        kind: 'installed'
      };
    });
  backends = () =>
    this._say('backends', (): IBackend[] => [
      { type: 's3', name: 'S3', description: 'Amazon S3 and what is like it' },
      { type: 'webdav', name: 'WebDAV', description: 'A WebDAV server' }
    ]);
  begin = (request: IFlowRequest) =>
    this._say('begin', () => {
      this.begun.push(request);
      return this.state;
    });
  /** A question with a revision stays open until something changes. */
  flow = (id: string, revision?: number): Promise<IFlow> =>
    this._say(`flow ${id}`, () => undefined).then(() =>
      revision === undefined || this.state.revision > revision
        ? this.state
        : new Promise((resolve, reject) => {
            this._open.push({ resolve, reject });
          })
    );
  address = (id: string, address: string) =>
    this._say(`address ${id}`, () => {
      this.addresses.push(address);
      return this.state;
    });
  answer = (id: string, value: string, revision: number) =>
    this._say(`answer ${id} ${revision}`, () => {
      this.answers.push(value);
      return this.state;
    });
  cancel = (id: string) => this._say(`cancel ${id}`, () => undefined);
  account = (remote: string) =>
    this._say(`account ${remote}`, () => this.someAccount);
  disconnect = (remote: string, stopProjects: boolean) =>
    this._say(`disconnect ${remote} ${stopProjects}`, () => this.revoked);

  /** Something happened to the flow; whoever waits for it hears so. */
  advance(change: Partial<IFlow>): void {
    this.state = {
      ...this.state,
      revision: this.state.revision + 1,
      ...change
    };
    for (const { resolve } of this._open.splice(0)) {
      resolve(this.state);
    }
  }

  /** Whoever waits gets an error instead. */
  drop(error: Error): void {
    for (const { reject } of this._open.splice(0)) {
      reject(error);
    }
  }

  count(call: string): number {
    return this.calls.filter(made => made === call).length;
  }

  private async _say<T>(call: string, answer: () => T): Promise<T> {
    this.calls.push(call);
    await Promise.resolve();
    const [name] = call.split(' ');
    const error = this.failing.get(name);
    if (error) {
      this.failing.delete(name);
      throw error;
    }
    return answer();
  }

  private _open: {
    resolve: (flow: IFlow) => void;
    reject: (error: Error) => void;
  }[] = [];
}

/** Tabs, as a test sees them. */
export class FakeTabs {
  /** Whether the browser lets them be opened. */
  allowed = true;
  opened: (ISignInTab & { url: string | null; closed: boolean })[] = [];

  open = (): ISignInTab | null => {
    if (!this.allowed) {
      return null;
    }
    const tab = {
      url: null as string | null,
      closed: false,
      go: (url: string) => {
        tab.url = url;
      },
      close: () => {
        tab.closed = true;
      }
    };
    this.opened.push(tab);
    return tab;
  };
}
