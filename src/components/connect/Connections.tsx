import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IConnectedRemote } from '../../connect';
import type { ConnectModel } from '../../connectmodel';
import { kindText } from '../../words';
import { Button } from '../Button';
import { useDoing } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import type { IConnectActions } from './actions';

/** What is connected already: use it, sign in again, or disconnect. */
export function Connections(props: {
  model: ConnectModel;
  actions: IConnectActions;
  /** Only these; all when left out. */
  only?: (remote: IConnectedRemote) => boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { model, actions, only, trans } = props;
  const doing = useDoing();
  const [told, setTold] = React.useState('');
  const remotes = (model.offer?.remotes ?? []).filter(only ?? (() => true));
  const disconnect = (remote: IConnectedRemote) =>
    doing.start(async () => {
      const said = await actions.disconnect(remote);
      if (said !== null) {
        setTold(said);
        await model.load();
      }
    });
  if (remotes.length === 0 && told === '') {
    return null;
  }
  return (
    <section className="jp-DriveSync-connections">
      {!only && <h3>{trans.__('Connected already')}</h3>}
      <ul>
        {remotes.map(remote => (
          <li key={remote.name}>
            <div>
              <strong>{remote.name}</strong>
              <span className="jp-DriveSync-detail">
                {kindText(remote.kind, remote.type, trans)}
              </span>
              <span className="jp-DriveSync-detail">
                {remote.projects > 0
                  ? trans._n('%1 project', '%1 projects', remote.projects)
                  : remote.ours
                    ? trans.__('no project yet')
                    : trans.__('from your rclone configuration')}
              </span>
            </div>
            <div className="jp-DriveSync-row">
              <Button
                aria-label={trans.__('Use %1', remote.name)}
                onClick={() => model.use(remote)}
              >
                {trans.__('Use')}
              </Button>
              {!only && remote.kind === 'drive' && (
                <Button
                  aria-label={trans.__('Sign in again for %1', remote.name)}
                  onClick={() => void model.signInAgain(remote.name)}
                >
                  {trans.__('Sign in again')}
                </Button>
              )}
              {!only && remote.ours && (
                <Button
                  aria-label={trans.__('Disconnect %1', remote.name)}
                  busy={doing.busy}
                  onClick={() => disconnect(remote)}
                >
                  {trans.__('Disconnect…')}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <p role="status" className="jp-DriveSync-told">
        {told}
      </p>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </section>
  );
}
