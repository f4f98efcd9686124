/** The words for states and for what a person can do in them. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Action, IState, IStatus, RemoteKind, StateWord } from '../api';
import { otherSide } from './sides';

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

/**
 * How a project stands, where nothing but its files for Colab keeps it from being in step.
 *
 * @returns The text of its state, or that of a project whose notebooks wait for a runtime.
 */
export function standText(
  status: Pick<IStatus, 'state' | 'held' | 'project'>,
  trans: TranslationBundle
): IStateText {
  const text = stateText(status.state.word, status.project.remote.kind, trans);
  const waits = status.held.some(({ reason }) => reason === 'open_in_runtime');
  return status.state.word === 'in_sync' && waits
    ? {
        title: trans.__('In step, but for what is open in Colab'),
        short: trans.__('Open in Colab'),
        sentence: trans.__(
          'A notebook changed here while Colab has it open; the rest is in step.'
        ),
        tone: 'waiting'
      }
    : text;
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
        sentence: trans.__('Nothing is synced by itself until you resume.'),
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
          'Nothing was changed here. If it was moved or put into the trash, undo that.'
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
        sentence: trans.__(
          'Something went wrong. It is tried again by itself.'
        ),
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
    case 'sign_in':
      return trans.__('Sign in again');
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
