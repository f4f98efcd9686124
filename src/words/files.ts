/** The words for what happens to files. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  HeldReason,
  HistoryAction,
  Keep,
  Phase,
  RemoteKind,
  StepKind,
  Trigger,
  Why
} from '../api';
import { otherPlace, otherSide } from './sides';

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

/** The question about all conflicts. */
export function keepAllText(
  keep: Keep,
  kind: RemoteKind,
  count: number,
  trans: TranslationBundle
): string {
  switch (keep) {
    case 'mine':
      return trans.__('Keep mine of all %1?', count);
    case 'drive':
      return kind === 'drive'
        ? trans.__("Keep Drive's of all %1?", count)
        : trans.__('Keep the other of all %1?', count);
    case 'both':
      return trans.__('Keep both of all %1?', count);
  }
}

/** What settling all conflicts in one way does. */
export function keepAllSentence(
  keep: Keep,
  kind: RemoteKind,
  trans: TranslationBundle
): string {
  const place = otherPlace(kind, trans);
  switch (keep) {
    case 'mine':
      return trans.__(
        'The versions here take the place of those %1, which can be restored later.',
        place
      );
    case 'drive':
      return trans.__(
        'The versions %1 take the place of those here, which can be restored later.',
        place
      );
    case 'both':
      return trans.__(
        'The versions here keep their names, and those %1 are put beside them on both sides.',
        place
      );
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
      return trans.__('changed here and %1', place);
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
    case 'open_in_runtime':
      return trans.__('open in a Colab runtime');
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

/** Why a file waits, in a few words; empty where the state says it. */
export function whyText(
  why: Why,
  detail: string,
  trans: TranslationBundle
): string {
  switch (why) {
    case 'failed':
      return trans.__('failed last time: %1', detail);
    case 'being_written':
      return trans.__('is being written');
    case 'next':
      return trans.__('waits for the next look');
    case 'asked':
      return trans.__('waits until you sync');
    case 'running':
    case 'quiet':
    case 'trouble':
    case 'paused':
      return '';
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
