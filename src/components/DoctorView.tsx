import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDoctor } from '../doctor';
import { levelText, reportText, summary } from '../doctor';
import { toneIcons } from '../icons';
import { Button } from './Button';
import { useLoaded } from './hooks';
import { Hint, ProblemBox } from './ProblemBox';

export interface IDoctorViewProps {
  /** Look at everything. */
  examine: () => Promise<IDoctor>;
  trans: TranslationBundle;
}

/** What the doctor found: a line for each thing, with what to do about it. */
export function DoctorView(props: IDoctorViewProps): JSX.Element {
  const { examine, trans } = props;
  const [copied, setCopied] = React.useState(false);
  const found = useLoaded('doctor', examine);
  const report = found.loading ? null : found.value;
  return (
    <div className="jp-DriveSync-stepBody" tabIndex={-1}>
      <p role="status">
        {found.loading
          ? trans.__('Looking at everything; this can take half a minute…')
          : report !== null
            ? summary(report, trans)
            : ''}
      </p>
      {found.error && <ProblemBox error={found.error} trans={trans} />}
      {report !== null && (
        <>
          <ul className="jp-DriveSync-list jp-DriveSync-checks">
            {report.checks.map(({ check, level, title, text, hint }) => {
              const { word, tone } = levelText(level, trans);
              const Icon = toneIcons[tone];
              return (
                <li
                  key={`${check} ${title}`}
                  className={`jp-DriveSync-tone-${tone}`}
                  data-level={level}
                >
                  <Icon.react
                    tag="span"
                    className="jp-DriveSync-icon"
                    title={word}
                  />
                  <div>
                    <span className="jp-DriveSync-heard">{`${word}: `}</span>
                    <strong>{title}</strong>
                    <p>{text}</p>
                    {hint !== null && level !== 'ok' && <Hint text={hint} />}
                  </div>
                </li>
              );
            })}
          </ul>
          <p className="jp-DriveSync-rest">
            {Object.entries(report.versions)
              .map(([name, version]) => `${name} ${version}`)
              .join(', ')}
          </p>
        </>
      )}
      {!found.loading && (
        <div className="jp-DriveSync-choice">
          <Button
            onClick={() => {
              setCopied(false);
              found.again();
            }}
          >
            {trans.__('Look again')}
          </Button>
          {report !== null && (
            <Button
              onClick={() => {
                Clipboard.copyToSystem(reportText(report));
                setCopied(true);
              }}
            >
              {trans.__('Copy')}
            </Button>
          )}
          <span role="status" className="jp-DriveSync-rest">
            {copied
              ? trans.__('Copied. It holds no secret: paste it where you ask.')
              : ''}
          </span>
        </div>
      )}
    </div>
  );
}
