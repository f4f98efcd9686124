import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { toneIcons } from '../icons';
import type { ApiError, IErrorBody } from '../request';
import { errorText } from '../words';

/** What went wrong and what to do, in place. */
export function ProblemBox(props: {
  error: ApiError | IErrorBody;
  trans: TranslationBundle;
  children?: React.ReactNode;
}): JSX.Element {
  const text = errorText(props.error, props.trans);
  return (
    <div className="jp-DriveSync-problem" role="alert">
      <toneIcons.person.react tag="span" className="jp-DriveSync-icon" />
      <div>
        <p className="jp-DriveSync-problemMessage">{text.message}</p>
        {text.hint && <Hint text={text.hint} />}
        {props.children}
      </div>
    </div>
  );
}

/** A hint, in which `commands` between back-quotes look like what is typed. */
export function Hint(props: { text: string }): JSX.Element {
  return (
    <p className="jp-DriveSync-hint">
      {props.text
        .split('`')
        .map((part, index) =>
          index % 2 === 1 ? <code key={index}>{part}</code> : part
        )}
    </p>
  );
}
