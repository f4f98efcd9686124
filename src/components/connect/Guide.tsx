import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { CONSOLE_CHECKED, guideSteps } from '../../words';
import { OutLink, Rich } from './Rich';

/** The way to a Google client of one's own, page by page. */
export function Guide(props: { trans: TranslationBundle }): JSX.Element {
  const { trans } = props;
  return (
    <>
      <p>
        {trans.__(
          'Google wants to know which program asks for your files, and calls that program a client. Yours is made on five pages of Google’s console. Each link opens in a tab of its own; come back here afterwards.'
        )}
      </p>
      <ol className="jp-DriveSync-guide">
        {guideSteps(trans).map((step, index) => (
          <li key={step.id}>
            <h3>
              {trans.__('%1. %2', index + 1, step.title)}
              <OutLink href={step.url}>
                {trans.__('Open this page')}
                <span className="jp-DriveSync-heard">: {step.title}</span>
              </OutLink>
            </h3>
            <ul>
              {step.actions.map(action => (
                <li key={action}>
                  <Rich text={action} />
                </li>
              ))}
            </ul>
            <p className="jp-DriveSync-rest">
              <Rich text={trans.__('Why: %1', step.why)} />
            </p>
          </li>
        ))}
      </ol>
      <p className="jp-DriveSync-rest">
        {trans.__(
          'Names and links as of %1; Google moves them now and then.',
          CONSOLE_CHECKED
        )}
      </p>
    </>
  );
}
