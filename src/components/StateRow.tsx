import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStatus } from '../api';
import { ago, secondsSince, until } from '../format';
import { toneIcons } from '../icons';
import type { IDriveSyncModel } from '../tokens';
import { errorText, standText } from '../words';
import { useNow } from './hooks';
import { Hint } from './ProblemBox';

/** Icon, word and sentence of the state, with the age of the last good sync. */
export function StateRow(props: {
  status: IStatus;
  model: Pick<IDriveSyncModel, 'now'>;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, model, trans } = props;
  const { word, cause } = status.state;
  const text = standText(status, trans);
  const Icon = toneIcons[text.tone];
  const why = cause ? errorText(cause, trans) : null;
  return (
    <div
      className={`jp-DriveSync-state jp-DriveSync-tone-${text.tone}`}
      data-state={word}
    >
      <Icon.react tag="span" className="jp-DriveSync-icon" />
      <div className="jp-DriveSync-stateText">
        <p className="jp-DriveSync-stateLine">
          <strong role="status" aria-live="polite">
            {text.title}
          </strong>
          <Age status={status} model={model} trans={trans} />
        </p>
        {why ? (
          <>
            <p>{why.message}</p>
            {why.hint && <Hint text={why.hint} />}
          </>
        ) : (
          text.tone !== 'ok' && <p>{sentence(status, text.sentence, trans)}</p>
        )}
        <Next status={status} model={model} trans={trans} />
        {status.warnings.map(warning => (
          <Hint key={warning} text={warning} />
        ))}
      </div>
    </div>
  );
}

/** How old the last good sync is. Ticks, and so stands outside of what is read aloud. */
export function Age(props: {
  status: Pick<IStatus, 'last_good_sync' | 'state'>;
  /** The status is the last one known, not the present one. */
  stale?: boolean;
  model: Pick<IDriveSyncModel, 'now'>;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, trans } = props;
  const now = useNow(props.model);
  const last = status.last_good_sync;
  if (last === null) {
    return (
      <span className="jp-DriveSync-age">{trans.__('never synced yet')}</span>
    );
  }
  const age = ago(secondsSince(last, now), trans);
  return (
    <time
      className="jp-DriveSync-age"
      dateTime={last}
      title={new Date(last).toLocaleString()}
    >
      {status.state.word === 'in_sync' && !props.stale
        ? trans.__('checked %1', age)
        : trans.__('last in step %1', age)}
    </time>
  );
}

/** What the state means for a project that syncs only when asked, too. */
function sentence(
  { state, project, waiting }: IStatus,
  usual: string,
  trans: TranslationBundle
): string {
  if (state.word !== 'pending') {
    return usual;
  }
  if (!project.auto_sync) {
    return trans.__('Changes were noticed. They wait until you sync.');
  }
  return failed({ waiting })
    ? trans.__('Some files could not be done this time. They are tried again.')
    : usual;
}

/** Whether something waits because it failed last time. */
function failed({ waiting }: Pick<IStatus, 'waiting'>): boolean {
  return [...waiting.up, ...waiting.down].some(({ why }) => why === 'failed');
}

/** When it tries again by itself. */
function Next(props: {
  status: IStatus;
  model: Pick<IDriveSyncModel, 'now'>;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { status, trans } = props;
  const now = useNow(props.model);
  const { next, word } = status.state;
  const { tone } = standText(status, trans);
  // A try changes nothing for what only a person can settle.
  const hopeful =
    (tone === 'waiting' && word !== 'in_sync') ||
    (word === 'pending' && failed(status)) ||
    (tone === 'person' && word !== 'conflict' && word !== 'too_many_deletes');
  if (next === null || !hopeful) {
    return null;
  }
  return (
    <p className="jp-DriveSync-age">
      {trans.__('Next try: %1', until(next, now, trans))}
    </p>
  );
}
