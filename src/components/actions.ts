import type { Action, IStatus, Keep } from '../api';

/** What the sidebar lets a person do about Colab. Promises reject with `ApiError`. */
export interface IColabActions {
  /** The notebook in front, as a path in the project; null when it is in none or another one. */
  notebook(status: IStatus): string | null;
  /** Put the Colab cell into a notebook of the project; says itself what came of it. */
  insertCell(status: IStatus, path: string): Promise<void>;
  /** Open a notebook of the project in Colab. To be called inside the click. */
  open(status: IStatus, path: string): void;
  /** Push a notebook although a runtime has it open. */
  pushAnyway(status: IStatus, path: string): Promise<void>;
  /** Take a runtime off the list. */
  forget(status: IStatus, runtime: string): Promise<void>;
}

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
  readonly colab: IColabActions;
  /** Open the project's menu below an element. */
  menu(status: IStatus, anchor: HTMLElement): void;
}
