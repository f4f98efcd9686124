import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../Button';

/** A line to be typed in a terminal, with a button that copies it. */
export function CopyLine(props: {
  text: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { text, trans } = props;
  const [copied, setCopied] = React.useState(false);
  return (
    <div className="jp-DriveSync-copyLine">
      <code>{text}</code>
      <Button
        onClick={() => {
          Clipboard.copyToSystem(text);
          setCopied(true);
        }}
      >
        {trans.__('Copy')}
      </Button>
      <span role="status" className="jp-DriveSync-rest">
        {copied ? trans.__('Copied') : ''}
      </span>
    </div>
  );
}
