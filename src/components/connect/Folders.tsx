import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi } from '../../api';
import type { ConnectModel } from '../../connectmodel';
import { Button } from '../Button';
import type { IServerFolders } from '../link/LocalStep';
import { LocalStep } from '../link/LocalStep';
import { PlainFolder, RemoteFolder } from '../link/RemoteStep';
import type { Target } from '../link/target';
import { targetSpec } from '../link/target';
import { ProblemBox } from '../ProblemBox';
import { AccountView } from './AccountView';

export interface IFoldersProps {
  model: ConnectModel;
  api: IDriveSyncApi;
  folders: IServerFolders;
  local: string;
  onLocal: (local: string) => void;
  target: Target;
  onTarget: (target: Target) => void;
  trans: TranslationBundle;
}

/** Fourth step: whose account it is, and which two folders belong together. */
export function Folders(props: IFoldersProps): JSX.Element {
  const { model, api, folders, local, target, trans } = props;
  const { account, remote } = model;
  const error = model.errorOf('account');
  const spec = targetSpec(target);
  return (
    <>
      {account && <AccountView account={account} trans={trans} />}
      {model.errand === 'account' && (
        <p role="status" className="jp-DriveSync-rest">
          {trans.__('Looking whose account it is…')}
        </p>
      )}
      {error && (
        <ProblemBox error={error} trans={trans}>
          <span className="jp-DriveSync-row">
            <Button onClick={() => void model.look()}>
              {trans.__('Try again')}
            </Button>
            {remote?.kind === 'drive' && (
              <Button onClick={() => void model.signInAgain(remote.name)}>
                {trans.__('Sign in again')}
              </Button>
            )}
          </span>
        </ProblemBox>
      )}
      <div className="jp-DriveSync-pairing">
        <section>
          <h3>{trans.__('Here')}</h3>
          <LocalStep
            path={local}
            folders={folders}
            onPath={props.onLocal}
            trans={trans}
          />
        </section>
        <section>
          <h3>
            {target.kind === 'folder'
              ? trans.__('The other folder')
              : target.type === 'drive'
                ? trans.__('On Drive')
                : trans.__('On %1', target.name)}
          </h3>
          {target.kind === 'remote' ? (
            <RemoteFolder
              api={api}
              target={target}
              onTarget={props.onTarget}
              trans={trans}
            />
          ) : (
            <PlainFolder
              api={api}
              path={target.path}
              onPath={path => props.onTarget({ kind: 'folder', path })}
              trans={trans}
            />
          )}
        </section>
      </div>
      <p className="jp-DriveSync-rest">
        {trans.__('Nothing is copied before you have seen what would happen.')}
      </p>
      <div className="jp-DriveSync-row">
        <Button
          accept={true}
          disabled={spec === null}
          onClick={() => model.toFirstSync()}
        >
          {trans.__('Show what would happen')}
        </Button>
      </div>
    </>
  );
}
