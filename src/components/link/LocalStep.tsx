import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFolders } from '../../api';
import { Button } from '../Button';
import { useDoing } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import { FolderPicker } from './FolderPicker';

/** Folders of the server, as the dialog needs them. */
export interface IServerFolders {
  list(path: string): Promise<IFolders>;
  /** Make a folder and return its path. */
  create(parent: string, name: string): Promise<string>;
}

/** First step: which folder of the server. */
export function LocalStep(props: {
  path: string;
  folders: IServerFolders;
  onPath: (path: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { path, folders, onPath, trans } = props;
  const [name, setName] = React.useState('');
  const doing = useDoing();
  const id = React.useId();
  const create = () =>
    doing.start(async () => {
      const made = await folders.create(path, name.trim());
      setName('');
      onPath(made);
    });
  return (
    <>
      <p>{trans.__('Which folder here? Open the one you mean.')}</p>
      <FolderPicker
        label={trans.__('Folder on this server')}
        path={path}
        top={trans.__('The folder in which Jupyter was started')}
        list={at => folders.list(at)}
        source="server"
        onOpen={onPath}
        trans={trans}
      />
      <div className="jp-DriveSync-field">
        <label htmlFor={id}>{trans.__('New folder in it (optional)')}</label>
        <span>
          <input
            id={id}
            className="jp-mod-styled"
            value={name}
            onChange={event => setName(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && name.trim()) {
                event.preventDefault();
                create();
              }
            }}
          />
          <Button busy={doing.busy} disabled={!name.trim()} onClick={create}>
            {trans.__('Create')}
          </Button>
        </span>
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}
