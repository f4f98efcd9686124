import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** The last line of a list that does not name all; nothing where it does. */
export function Rest(props: {
  /** How many are not named. */
  count: number;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { count, trans } = props;
  return count > 0 ? (
    <p className="jp-DriveSync-rest">
      {trans._n('and %1 more', 'and %1 more', count)}
    </p>
  ) : null;
}
