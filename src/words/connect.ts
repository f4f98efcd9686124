/** The words for connecting an account. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client, FlowStep, IConnect, Scope, Way } from '../connect';
import type { Stage } from '../connectstages';

export interface IWayText {
  title: string;
  /** What it is for. */
  what: string;
  /** What one needs for it. */
  need: string;
}

export function wayText(
  way: Way,
  preset: IConnect['preset'],
  trans: TranslationBundle
): IWayText {
  switch (way) {
    case 'own_client':
      return {
        title: trans.__('Google Drive, with a client of your own'),
        what: trans.__('For your own account, on your own computer or a hub.'),
        need: trans.__('A Google account and about five minutes, once.')
      };
    case 'preset':
      return {
        title: trans.__('Google Drive, as this server is set up'),
        what: trans.__('Whoever runs this server has prepared it for you.'),
        need:
          preset?.kind === 'service_account'
            ? trans.__('Nothing: one click.')
            : trans.__('Your Google account: one click, then sign in.')
      };
    case 'service_account':
      return {
        title: trans.__('Google Drive, with a service account'),
        what: trans.__(
          'For teams: a robot account that folders are shared with.'
        ),
        need: trans.__('Its key, a JSON file.')
      };
    case 'env_auth':
      return {
        title: trans.__('Google Drive, with the credentials of this machine'),
        what: trans.__(
          'For machines in Google Cloud, or where gcloud has signed in.'
        ),
        need: trans.__('Nothing but these credentials.')
      };
    case 'token':
      return {
        title: trans.__('Google Drive, signed in on another computer'),
        what: trans.__(
          'For a server whose sign-in page your browser cannot come back to.'
        ),
        need: trans.__('Another computer with rclone and a browser.')
      };
    case 'existing':
      return {
        title: trans.__('An rclone configuration that you already have'),
        what: trans.__(
          'Uses one of its remotes as it is, and changes nothing.'
        ),
        need: trans.__('A remote made with rclone config.')
      };
    case 'folder':
      return {
        title: trans.__('A plain folder'),
        what: trans.__(
          'A network disk, a USB stick, or where Google Drive for desktop keeps its files.'
        ),
        need: trans.__(
          'Only its path. “Open in Colab” is not possible with it.'
        )
      };
    case 'other':
      return {
        title: trans.__('Another storage'),
        what: trans.__('Whatever rclone knows: S3, WebDAV, SFTP and more.'),
        need: trans.__('What that storage asks for.')
      };
  }
}

/** The steps of the way, as they are counted on the page. */
export function stageText(stage: Stage, trans: TranslationBundle): string {
  switch (stage) {
    case 'ways':
      return trans.__('Way in');
    case 'prepare':
      return trans.__('Prepare');
    case 'sign_in':
      return trans.__('Sign in');
    case 'folders':
      return trans.__('Folders');
    case 'first_sync':
      return trans.__('First sync');
    case 'done':
      return trans.__('Done');
  }
}

/** What a flow is at; read aloud when it changes. */
export function flowText(step: FlowStep, trans: TranslationBundle): string {
  switch (step) {
    case 'sign_in':
      return trans.__('Waiting for you to finish on the sign-in page.');
    case 'question':
      return trans.__('One more question.');
    case 'checking':
      return trans.__('Looking whether it works…');
    case 'done':
      return trans.__('Connected.');
    case 'failed':
      return trans.__('That did not work. Everything is as it was before.');
    case 'expired':
      return trans.__(
        'The time to sign in is over. Everything is as it was before.'
      );
    case 'cancelled':
      return trans.__('Cancelled. Everything is as it was before.');
  }
}

export interface IScopeText {
  title: string;
  consequence: string;
}

export function scopeText(scope: Scope, trans: TranslationBundle): IScopeText {
  switch (scope) {
    case 'drive':
      return {
        title: trans.__('All files (recommended)'),
        consequence: trans.__(
          'Sees what Colab and Drive’s web page make, so it comes here too. Only the folder that you choose is ever touched.'
        )
      };
    case 'drive.file':
      return {
        title: trans.__('Only files that Drive Sync made'),
        consequence: trans.__(
          'Files that were made in Colab or on Drive’s web page stay invisible to it: they never come here.'
        )
      };
  }
}

/** What an account may see, as it is told after signing in. */
export function seenText(
  scope: string | null,
  trans: TranslationBundle
): string | null {
  switch (scope) {
    case null:
    case '':
      return null;
    case 'drive':
      return trans.__('all files');
    case 'drive.file':
      return trans.__('only files that Drive Sync made');
    default:
      return scope;
  }
}

/** Whose client an account is reached by; null where there is nothing to say. */
export function clientText(
  client: Client,
  trans: TranslationBundle
): string | null {
  switch (client) {
    case 'own':
      return trans.__('your own Google client');
    case 'preset':
      return trans.__('this server’s Google client');
    case 'rclone':
      return trans.__(
        'the client that rclone shares, which stops working during 2026'
      );
    case 'service_account':
      return trans.__('a service account');
    case 'machine':
      return trans.__('the credentials of this machine');
    case 'none':
      return null;
  }
}

/** Why a pattern for the ignore list is suggested. */
export function suggestionText(
  reason: string,
  trans: TranslationBundle
): string {
  switch (reason) {
    case 'environment':
      return trans.__('an environment of programs: can be made anew');
    case 'cache':
      return trans.__('a cache: can be made anew');
    case 'huge':
      return trans.__('very large');
    case 'data':
      return trans.__('much data');
    case 'checkpoints':
      return trans.__('checkpoints');
    default:
      return reason;
  }
}
