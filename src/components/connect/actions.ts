import type { IConnectedRemote } from '../../connect';
import type { IStatus } from '../../wire';

/** What the page lets a person do outside of itself. Promises reject with `ApiError`. */
export interface IConnectActions {
  /** Ask, and if the person says so, disconnect; resolves with what to tell, null if not done. */
  disconnect(remote: IConnectedRemote): Promise<string | null>;
  /** Link; resolves with the new project. */
  link(local: string, remote: string, ignore: string[]): Promise<IStatus>;
  /** Show a project in the sidebar. */
  show(status: IStatus | null): void;
}
