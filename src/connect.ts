/**
 * Connecting an account, over REST: the part of api/openapi.yaml below `/connect`. A test holds the
 * words against it.
 *
 * Client secrets, keys and tokens pass through here in bodies only. Nothing of it is kept, and
 * nothing of it stands in an address.
 */
import type { ServerConnection } from '@jupyterlab/services';

import type { IErrorBody } from './request';
import { request } from './request';
import type { RemoteKind } from './wire';

export const WAYS = [
  'own_client',
  'preset',
  'service_account',
  'env_auth',
  'token',
  'existing',
  'folder',
  'other'
] as const;
/** A way to connect; see `Way` in api/openapi.yaml. */
export type Way = (typeof WAYS)[number];

export const FLOW_STEPS = [
  'sign_in',
  'question',
  'checking',
  'done',
  'failed',
  'expired',
  'cancelled'
] as const;
export type FlowStep = (typeof FLOW_STEPS)[number];

export const QUESTION_TYPES = [
  'string',
  'bool',
  'int',
  'size',
  'duration',
  'choice',
  'text'
] as const;
export type QuestionType = (typeof QUESTION_TYPES)[number];

export const CLIENTS = [
  'own',
  'preset',
  'rclone',
  'service_account',
  'machine',
  'none'
] as const;
/** Whose Google client an account is reached by. */
export type Client = (typeof CLIENTS)[number];

export const SCOPES = ['drive', 'drive.file'] as const;
export type Scope = (typeof SCOPES)[number];

export interface IWay {
  way: Way;
  available: boolean;
  /** Why it cannot be used now. */
  reason: string | null;
}

export interface IConnectedRemote {
  name: string;
  type: string;
  kind: RemoteKind;
  /** Whether it stands in the file that this extension keeps. */
  ours: boolean;
  /** How many projects use it. */
  projects: number;
}

export interface IConnect {
  config: string;
  /** The fitting one first; what the administrator locked is left out. */
  ways: IWay[];
  preset: { kind: 'client' | 'service_account'; label: string } | null;
  /** Whether the sign-in page can come back to the server by itself. */
  local_browser: boolean;
  remotes: IConnectedRemote[];
  backends_locked: boolean;
}

export interface IClient {
  client_id: string;
  project_id: string | null;
  kind: 'installed';
}

export interface IBackend {
  type: string;
  name: string;
  description: string;
}

export interface IQuestion {
  name: string;
  label: string;
  help: string;
  type: QuestionType;
  required: boolean;
  secret: boolean;
  default: string;
  choices: { value: string; help: string }[];
  /** Whether only the choices are allowed. */
  exclusive: boolean;
  /** Why the last answer was not taken. */
  error: string | null;
  advanced: boolean;
  /** How many questions came before it. */
  position: number;
}

export interface IAccount {
  remote: string;
  type: string;
  user: string | null;
  email: string | null;
  total: number | null;
  used: number | null;
  free: number | null;
  scope: string | null;
  client: Client;
  shared_drive: string | null;
}

/** How connecting goes. */
export interface IFlow {
  id: string;
  /** Grows with every change of this object. */
  revision: number;
  way: Way;
  name: string;
  type: string;
  step: FlowStep;
  /** The page to sign in on, while `step` is sign_in. */
  auth_url: string | null;
  expires: string | null;
  /** What to type on another computer, for the way `token`. */
  command: string | null;
  question: IQuestion | null;
  account: IAccount | null;
  error: IErrorBody | null;
  /** Whether it renews the sign-in of a remote that was there. */
  again: boolean;
}

export interface IFlowRequest {
  way?: Way;
  name?: string;
  scope?: Scope;
  client?: { client_id: string; client_secret: string };
  client_text?: string;
  service_account_text?: string;
  service_account_path?: string;
  token?: string;
  type?: string;
  remote?: string;
  redirect?: 'auto' | 'paste';
}

/** How long the server may keep a question about a flow open, in seconds. */
export const WAIT = 25;

/** What the page asks of the server half. All calls may throw `ApiError`. */
export interface IConnectApi {
  connect(): Promise<IConnect>;
  /** Look whether a text is a client secret file that fits. Keeps nothing. */
  client(text: string): Promise<IClient>;
  backends(): Promise<IBackend[]>;
  begin(request: IFlowRequest): Promise<IFlow>;
  /** `revision`: answer only once the flow is past this one, or after `WAIT` seconds. */
  flow(id: string, revision?: number): Promise<IFlow>;
  /** Finish a sign-in with the address of the page that failed to load. */
  address(id: string, address: string): Promise<IFlow>;
  /** `revision`: of the flow, with the question that is answered. */
  answer(id: string, value: string, revision: number): Promise<IFlow>;
  cancel(id: string): Promise<void>;
  account(remote: string): Promise<IAccount>;
  /** Delete a remote of ours, and ask Google to forget the sign-in. */
  disconnect(
    remote: string,
    stopProjects: boolean
  ): Promise<{ revoked: boolean; reason: string | null }>;
}

/** The server half over HTTP. */
export class ConnectApi implements IConnectApi {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  connect(): Promise<IConnect> {
    return request(this._settings, ['connect']);
  }

  client(text: string): Promise<IClient> {
    return request(this._settings, ['connect', 'client'], {
      method: 'POST',
      body: { text }
    });
  }

  async backends(): Promise<IBackend[]> {
    const answer = await request<{ backends: IBackend[] }>(this._settings, [
      'connect',
      'backends'
    ]);
    return answer.backends;
  }

  begin(body: IFlowRequest): Promise<IFlow> {
    return request(this._settings, ['connect', 'flows'], {
      method: 'POST',
      body
    });
  }

  flow(id: string, revision?: number): Promise<IFlow> {
    return request(this._settings, ['connect', 'flows', id], {
      query: revision === undefined ? {} : { wait: WAIT, revision }
    });
  }

  address(id: string, address: string): Promise<IFlow> {
    return request(this._settings, ['connect', 'flows', id, 'address'], {
      method: 'POST',
      body: { address }
    });
  }

  answer(id: string, value: string, revision: number): Promise<IFlow> {
    return request(this._settings, ['connect', 'flows', id, 'answer'], {
      method: 'POST',
      body: { value, revision }
    });
  }

  cancel(id: string): Promise<void> {
    return request(this._settings, ['connect', 'flows', id], {
      method: 'DELETE'
    });
  }

  account(remote: string): Promise<IAccount> {
    return request(this._settings, ['connect', 'remotes', remote, 'account']);
  }

  disconnect(
    remote: string,
    stopProjects: boolean
  ): Promise<{ revoked: boolean; reason: string | null }> {
    return request(this._settings, ['connect', 'remotes', remote], {
      method: 'DELETE',
      query: { revoke: 'true', stop_projects: String(stopProjects) }
    });
  }
}
