import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStatus, IWaiting } from '../api';
import { ago, bytes, secondsSince } from '../format';
import type { IDriveSyncModel } from '../tokens';
import { stepText, whyText } from '../words';
import { WaitingIcon } from './Arrow';
import { FileName } from './FileName';
import { useNow } from './hooks';
import { Rest } from './Rest';
import { Section } from './Section';

/** How many rows of each direction are named. */
const NAMED = 8;

/** What is not in step yet: which way it goes, what is to be done, and why it waits. */
export function WaitingList(props: {
  status: IStatus;
  model: Pick<IDriveSyncModel, 'now'>;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { waiting } = props.status;
  const { trans } = props;
  const now = useNow(props.model);
  const total = waiting.up_total + waiting.down_total;
  if (total === 0) {
    return null;
  }
  const up = waiting.up.slice(0, NAMED);
  const down = waiting.down.slice(0, NAMED);
  const rest = total - up.length - down.length;
  const { kind } = props.status.project.remote;
  const row = (direction: 'up' | 'down') => (file: IWaiting) => {
    const moves = file.kind === 'push' || file.kind === 'pull';
    const what = stepText(file.kind, kind, trans).text;
    const measure =
      file.since !== null
        ? trans.__('changed %1', ago(secondsSince(file.since, now), trans))
        : file.size !== null
          ? bytes(file.size, trans)
          : '';
    const more = [
      moves ? '' : what,
      file.old_path !== null ? trans.__('was %1', file.old_path) : '',
      whyText(file.why, file.detail, trans)
    ].filter(text => text !== '');
    return (
      <li
        key={`${direction}:${file.path}`}
        data-kind={file.kind}
        data-why={file.why}
        title={what}
      >
        <WaitingIcon kind={file.kind} direction={direction} trans={trans} />
        <FileName path={file.path} />
        {measure && <span className="jp-DriveSync-detail">{measure}</span>}
        {more.length > 0 && (
          <span className="jp-DriveSync-why">{more.join(', ')}</span>
        )}
      </li>
    );
  };
  return (
    <Section title={trans.__('Waiting')} count={total}>
      <ul className="jp-DriveSync-list jp-DriveSync-waiting">
        {up.map(row('up'))}
        {down.map(row('down'))}
      </ul>
      <Rest count={rest} trans={trans} />
    </Section>
  );
}
