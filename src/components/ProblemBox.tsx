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
        <p className="jp-DriveSync-problemMessage">
          <Marked text={text.message} />
        </p>
        {text.hint && <Hint text={text.hint} />}
        {props.children}
      </div>
    </div>
  );
}

/** What a person can do. */
export function Hint(props: { text: string }): JSX.Element {
  return (
    <p className="jp-DriveSync-hint">
      <Marked text={props.text} />
    </p>
  );
}

/** Text in which `what is typed`, between back-quotes, looks like it. */
function Marked(props: { text: string }): JSX.Element {
  return (
    <>
      {props.text
        .split('`')
        .map((part, index) =>
          index % 2 === 1 ? <code key={index}>{part}</code> : part
        )}
    </>
  );
}
