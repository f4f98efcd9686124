import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi, IRemote } from '../../api';
import { join } from '../../paths';
import { kindText } from '../../words';
import { Button } from '../Button';
import { useLoaded } from '../hooks';
import { Hint, ProblemBox } from '../ProblemBox';
import { FolderPicker } from './FolderPicker';
import type { Target } from './target';

/** Second step: which folder on the other side. */
export function RemoteStep(props: {
  api: Pick<
    IDriveSyncApi,
    | 'remotes'
    | 'remoteFolders'
    | 'findRemoteFolders'
    | 'createRemoteFolder'
    | 'plainFolders'
  >;
  target: Target | null;
  /** The name to suggest for a new folder at a remote's top. */
  suggestion: string;
  onTarget: (target: Target) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { api, target, suggestion, onTarget, trans } = props;
  const remotes = useLoaded('remotes', () => api.remotes());
  const group = React.useId();
  const choose = (remote: IRemote) =>
    onTarget({
      kind: 'remote',
      name: remote.name,
      type: remote.kind,
      path: '',
      folder: suggestion
    });
  return (
    <>
      <fieldset className="jp-DriveSync-choices">
        <legend>{trans.__('Where is the other side?')}</legend>
        {remotes.loading && (
          <p className="jp-DriveSync-rest">{trans.__('Looking…')}</p>
        )}
        {remotes.error && (
          <ProblemBox error={remotes.error} trans={trans}>
            <Button onClick={remotes.again}>{trans.__('Try again')}</Button>
          </ProblemBox>
        )}
        {remotes.value?.remotes.map(remote => (
          <label key={remote.name}>
            <input
              type="radio"
              name={group}
              checked={target?.kind === 'remote' && target.name === remote.name}
              onChange={() => choose(remote)}
            />
            <span>{remote.name}</span>
            <span className="jp-DriveSync-detail">
              {kindText(remote.kind, remote.type, trans)}
            </span>
          </label>
        ))}
        {remotes.value?.remotes.length === 0 && (
          <>
            <Hint
              text={trans.__(
                'No account is connected yet. Cancel this, and choose Connect Google Drive… in the command palette or the launcher.'
              )}
            />
            <Button onClick={remotes.again}>{trans.__('Look again')}</Button>
          </>
        )}
        {remotes.value?.plain_folders && (
          <label>
            <input
              type="radio"
              name={group}
              checked={target?.kind === 'folder'}
              onChange={() => onTarget({ kind: 'folder', path: '' })}
            />
            <span>{trans.__('A folder of this computer')}</span>
          </label>
        )}
      </fieldset>
      {target?.kind === 'remote' && (
        <RemoteFolder
          api={api}
          target={target}
          onTarget={onTarget}
          trans={trans}
        />
      )}
      {target?.kind === 'folder' && (
        <PlainFolder
          api={api}
          path={target.path}
          onPath={path => onTarget({ kind: 'folder', path })}
          trans={trans}
        />
      )}
    </>
  );
}

/** A folder of a remote, and a new one in it. */
export function RemoteFolder(props: {
  api: Pick<
    IDriveSyncApi,
    'remoteFolders' | 'findRemoteFolders' | 'createRemoteFolder'
  >;
  target: Extract<Target, { kind: 'remote' }>;
  onTarget: (target: Target) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { api, target, onTarget, trans } = props;
  const id = React.useId();
  return (
    <>
      <FolderPicker
        label={trans.__('Folder on %1', target.name)}
        path={target.path}
        top={trans.__('The top of %1', target.name)}
        list={path => api.remoteFolders(target.name, path)}
        find={(path, words) => api.findRemoteFolders(target.name, path, words)}
        create={(path, name) =>
          api
            .createRemoteFolder(target.name, join(path, name))
            .then(made => made.path)
        }
        source={target.name}
        onOpen={path => onTarget({ ...target, path, folder: '' })}
        trans={trans}
      />
      <div className="jp-DriveSync-field">
        <label htmlFor={id}>
          {trans.__('Folder in it (made if it is not there)')}
        </label>
        <input
          id={id}
          className="jp-mod-styled"
          value={target.folder}
          onChange={event =>
            onTarget({ ...target, folder: event.target.value })
          }
        />
      </div>
    </>
  );
}

/** A folder of the server's computer. */
export function PlainFolder(props: {
  api: Pick<IDriveSyncApi, 'plainFolders'>;
  path: string;
  onPath: (path: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { api, path, onPath, trans } = props;
  const [open, setOpen] = React.useState('');
  const id = React.useId();
  return (
    <>
      <div className="jp-DriveSync-field">
        <label htmlFor={id}>
          {trans.__('Whole path of the folder (type it, or open it below)')}
        </label>
        <input
          id={id}
          className="jp-mod-styled"
          value={path}
          placeholder={trans.__('for instance /mnt/drive/ml')}
          onChange={event => onPath(event.target.value)}
        />
      </div>
      <FolderPicker
        label={trans.__('Folder of this computer')}
        path={open}
        top={trans.__('Your home folder')}
        list={at => api.plainFolders(at)}
        source="plain"
        onOpen={at => {
          setOpen(at);
          onPath(at);
        }}
        trans={trans}
      />
    </>
  );
}
