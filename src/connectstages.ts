/** The way from no account to a first sync, in steps. */

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
