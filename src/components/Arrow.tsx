import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { WaitingKind } from '../api';
import { deleteIcon, directionIcons, renameIcon } from '../icons';
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

/** What is to be done with a file that waits: an arrow where it moves, else a sign of its own. */
export function WaitingIcon(props: {
  kind: WaitingKind;
  direction: 'up' | 'down';
  trans: TranslationBundle;
}): JSX.Element {
  const Icon = OWN_ICONS[props.kind];
  return Icon === undefined ? (
    <Arrow direction={props.direction} trans={props.trans} />
  ) : (
    // What is done stands in words behind the name.
    <span className="jp-DriveSync-arrow" aria-hidden="true">
      <Icon.react tag="span" className="jp-DriveSync-icon" />
    </span>
  );
}

const OWN_ICONS: Partial<Record<WaitingKind, typeof deleteIcon>> = {
  delete_local: deleteIcon,
  delete_remote: deleteIcon,
  move_local: renameIcon,
  move_remote: renameIcon
};
