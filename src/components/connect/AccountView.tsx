import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IAccount } from '../../connect';
import { bytes } from '../../format';
import { clientText, seenText } from '../../words';

/** Whose storage it is, how much space there is, and what may be seen of it. */
export function AccountView(props: {
  account: IAccount;
  trans: TranslationBundle;
}): JSX.Element {
  const { account, trans } = props;
  const rows: [string, string | null][] = [
    [trans.__('Account'), person(account, trans)],
    [trans.__('Shared drive'), account.shared_drive],
    [trans.__('Space'), space(account, trans)],
    [trans.__('It sees'), seenText(account.scope, trans)],
    [trans.__('By way of'), clientText(account.client, trans)]
  ];
  return (
    <dl className="jp-DriveSync-pair">
      {rows.map(([name, text]) =>
        text ? (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </React.Fragment>
        ) : null
      )}
    </dl>
  );
}

function person(account: IAccount, trans: TranslationBundle): string {
  const { user, email, remote } = account;
  return user && email
    ? trans.__('%1 (%2)', user, email)
    : (email ?? user ?? remote);
}

function space(account: IAccount, trans: TranslationBundle): string | null {
  const { free, total } = account;
  if (free === null) {
    return null;
  }
  return total === null
    ? trans.__('%1 free', bytes(free, trans))
    : trans.__('%1 free of %2', bytes(free, trans), bytes(total, trans));
}
