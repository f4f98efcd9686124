import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Scope } from '../../connect';
import { SCOPES } from '../../connect';
import { scopeText } from '../../words';

/** What may be seen of Drive, with what follows from it. */
export function ScopeChoice(props: {
  scope: Scope;
  onScope: (scope: Scope) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { scope, onScope, trans } = props;
  const group = React.useId();
  return (
    <fieldset className="jp-DriveSync-choices jp-DriveSync-scopes">
      <legend>{trans.__('What may it see of your Drive?')}</legend>
      {SCOPES.map(one => {
        const text = scopeText(one, trans);
        return (
          <label key={one}>
            <input
              type="radio"
              name={group}
              checked={scope === one}
              aria-describedby={`${group}-${one}`}
              onChange={() => onScope(one)}
            />
            <span>
              <span>{text.title}</span>
              <span id={`${group}-${one}`} className="jp-DriveSync-rest">
                {text.consequence}
              </span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
