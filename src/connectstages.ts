/** The way from no account to a first sync, in steps. */
import type {
  IConnect,
  IConnectApi,
  IFlow,
  IFlowRequest,
  Way
} from './connect';
import { ended } from './connectflow';

/** The steps of the way, in order; `done` is where it ends. */
export const STAGES = [
  'ways',
  'prepare',
  'sign_in',
  'folders',
  'first_sync',
  'done'
] as const;
export type Stage = (typeof STAGES)[number];

/** A tab for the page on which one signs in. */
export interface ISignInTab {
  /** Show that page. */
  go(url: string): void;
  /** It was not needed after all. */
  close(): void;
}

/** Where the page goes on after it was loaded anew. Holds no secret. */
export interface IPlace {
  /** A flow that has not ended. */
  flow?: string;
  /** A remote whose folders are being chosen. */
  connected?: string;
}

/** What a person asked for, so that an error stands where it belongs. */
export type Errand = 'begin' | 'address' | 'answer' | 'account';

/** What the model of the page needs from outside. */
export interface IConnectModelOptions {
  api: IConnectApi;
  /** Open a tab, empty as yet; null when the browser does not allow it. */
  openTab: () => ISignInTab | null;
  /** Called once the sign-in of a remote was renewed. */
  renewed?: () => void;
  /** Wait before asking a server again that did not answer. */
  pause?: (tries: number) => Promise<void>;
}

/** Nothing is prepared for these: one click begins. */
export const AT_ONCE: ReadonlySet<Way> = new Set<Way>(['preset', 'env_auth']);

/** Where the page goes on, by the flow that runs or the remote that is connected. */
export function placeOf(
  flow: IFlow | null,
  remote: { name: string } | null
): IPlace {
  if (flow !== null && !ended(flow)) {
    return { flow: flow.id };
  }
  return remote === null ? {} : { connected: remote.name };
}

/** Whether a page to sign in on is the first that comes of a request. */
export function showsPage(
  request: IFlowRequest,
  offer: Pick<IConnect, 'preset' | 'remotes'> | null
): boolean {
  if (request.remote !== undefined) {
    const known = offer?.remotes.find(one => one.name === request.remote);
    return (known?.type ?? 'drive') === 'drive';
  }
  return request.way === 'preset'
    ? offer?.preset?.kind !== 'service_account'
    : request.way === 'own_client';
}
