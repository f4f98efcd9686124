import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IProgress } from '../api';
import { bytes, duration, percent, speed } from '../format';
import { phaseText } from '../words';
import { FileName } from './FileName';

/** How many of the files under way are named. */
const NAMED = 3;

/** How far the run is. */
export function ProgressView(props: {
  progress: IProgress;
  trans: TranslationBundle;
}): JSX.Element {
  const { progress, trans } = props;
  const done =
    percent(progress.bytes, progress.total_bytes) ??
    percent(progress.files, progress.total_files);
  const phase = progress.cancelling
    ? trans.__('Cancelling: what is under way ends first')
    : phaseText(progress.phase, trans);
  const facts: string[] = [];
  if (progress.total_files > 0) {
    facts.push(
      trans.__('%1 of %2 files', progress.files, progress.total_files)
    );
  }
  if (progress.total_bytes > 0) {
    facts.push(
      trans.__(
        '%1 of %2',
        bytes(progress.bytes, trans),
        bytes(progress.total_bytes, trans)
      )
    );
  }
  if (progress.speed > 0) {
    facts.push(speed(progress.speed, trans));
  }
  if (progress.eta_seconds !== null) {
    facts.push(trans.__('%1 left', duration(progress.eta_seconds, trans)));
  }
  return (
    <div className="jp-DriveSync-progress">
      <p>{phase}</p>
      <div
        className="jp-DriveSync-bar"
        role="progressbar"
        aria-label={phase}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={done ?? undefined}
        aria-valuetext={facts.join(', ') || phase}
      >
        <span
          className={done === null ? 'jp-mod-unknown' : ''}
          style={done === null ? undefined : { width: `${done}%` }}
        />
      </div>
      {facts.length > 0 && (
        <p className="jp-DriveSync-facts">{facts.join(' · ')}</p>
      )}
      {progress.current.length > 0 && (
        <ul className="jp-DriveSync-list">
          {progress.current.slice(0, NAMED).map(file => (
            <li key={file.path}>
              <FileName path={file.path} />
              <span className="jp-DriveSync-detail">
                {trans.__('%1%', file.percent)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
