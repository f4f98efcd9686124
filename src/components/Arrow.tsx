import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { directionIcons } from '../icons';
import { directionText } from '../words';

/** Which way, for eyes and ears. */
export function Arrow(props: {
  direction: 'up' | 'down' | 'none';
  trans: TranslationBundle;
}): JSX.Element {
  const Icon = directionIcons[props.direction];
  const word = directionText(props.direction, props.trans);
  return (
    <span className="jp-DriveSync-arrow" title={word}>
      <Icon.react tag="span" className="jp-DriveSync-icon" />
      <span className="jp-DriveSync-heard">{word}</span>
    </span>
  );
}
