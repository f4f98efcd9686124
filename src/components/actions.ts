import type { Action, IStatus, Keep } from '../api';

/** What the sidebar lets a person do. Promises reject with `ApiError`. */
export interface ISidebarActions {
  /** One of the actions that the state offers. */
  run(action: Action, status: IStatus): Promise<void>;
  setAutoSync(status: IStatus, on: boolean): Promise<void>;
  /** Settle the conflict of one file, of which the person was shown these versions. */
  resolve(
    status: IStatus,
    path: string,
    keep: Keep,
    versions: string
  ): Promise<void>;
  /** Settle all conflicts in one way, once the person has confirmed it. */
  resolveAll(status: IStatus, keep: Keep): Promise<void>;
  /** Open the page that connects an account. */
  connect(): void;
  /** Open the dialog that links a folder. */
  link(): Promise<void>;
  /** Show a folder (a path of the contents API) in the file browser. */
  openFolder(path: string): void;
  /** Open a project's file. */
  openFile(status: IStatus, path: string): void;
  /** Show the earlier versions of a file, to bring one back. */
  versions(status: IStatus, path: string): Promise<void>;
  /** Open the project's menu below an element. */
  menu(status: IStatus, anchor: HTMLElement): void;
}
