import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFolders } from '../../api';
import { folderIcon } from '../../icons';
import { Button } from '../Button';
import { useDoing, useLoaded } from '../hooks';
import { ProblemBox } from '../ProblemBox';

/** How many folders of one level are listed. */
const NAMED = 200;

/** Walk through folders; the one that is open is the one chosen. */
export function FolderPicker(props: {
  /** What the list is, for screen readers. */
  label: string;
  /** The folder that is open. */
  path: string;
  /** How the top is called. */
  top: string;
  /** List a folder; called anew when `source` or `path` changes. */
  list: (path: string) => Promise<IFolders>;
  /** Find folders below one by their names; without it, nothing is searched. */
  find?: (path: string, words: string) => Promise<IFolders>;
  /** Make a folder and return its path; without it, none is made here. */
  create?: (path: string, name: string) => Promise<string>;
  source: string;
  onOpen: (path: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { label, path, top, list, find, create, source, onOpen, trans } = props;
  // What is being looked for, and where it was asked for.
  const [search, setSearch] = React.useState({ words: '', at: path });
  const words = find && search.at === path ? search.words : '';
  const loaded = useLoaded(`${source}\n${path}\n${words}`, () =>
    find && words ? find(path, words) : list(path)
  );
  const group = React.useRef<HTMLDivElement>(null);
  const open = (at: string) => {
    group.current?.focus(); // what was clicked goes away
    setSearch({ words: '', at });
    onOpen(at);
  };
  const answer = loaded.value;
  const fresh = answer !== null && !loaded.loading;
  const rows = fresh ? answer.folders : [];
  const parent = fresh && !words ? answer.parent : null;
  return (
    <div
      ref={group}
      className="jp-DriveSync-picker"
      role="group"
      aria-label={label}
      tabIndex={-1}
    >
      <div className="jp-DriveSync-pickerHead">
        {words ? (
          <Button onClick={() => setSearch({ words: '', at: path })}>
            {trans.__('All folders')}
          </Button>
        ) : (
          <Button
            disabled={parent === null}
            onClick={() => parent !== null && open(parent)}
          >
            {trans.__('Up')}
          </Button>
        )}
        <output aria-live="polite">
          {(fresh ? answer.path : path) || top}
        </output>
      </div>
      {(find || create) && (
        <FolderTools
          find={find && (asked => setSearch({ words: asked, at: path }))}
          create={
            create && (async name => open(await create(path, name.trim())))
          }
          trans={trans}
        />
      )}
      {loaded.error ? (
        <ProblemBox error={loaded.error} trans={trans}>
          <Button onClick={loaded.again}>{trans.__('Try again')}</Button>
        </ProblemBox>
      ) : (
        <ul
          className="jp-DriveSync-pickerList"
          aria-label={words ? trans.__('Found folders') : trans.__('Folders')}
          aria-busy={loaded.loading}
        >
          {loaded.loading && (
            <li className="jp-DriveSync-rest">{trans.__('Looking…')}</li>
          )}
          {fresh && rows.length === 0 && (
            <li className="jp-DriveSync-rest">
              {words
                ? trans.__('No folder in here is called that way.')
                : trans.__('No folders in here.')}
            </li>
          )}
          {rows.slice(0, NAMED).map(folder => (
            <li key={folder.path}>
              <button type="button" onClick={() => open(folder.path)}>
                <folderIcon.react tag="span" className="jp-DriveSync-icon" />
                {words ? folder.path : folder.name}
              </button>
            </li>
          ))}
          {rows.length > NAMED && (
            <li className="jp-DriveSync-rest">
              {trans._n(
                'and %1 more: type its path instead',
                'and %1 more: type its path instead',
                rows.length - NAMED
              )}
            </li>
          )}
          {fresh && words && answer.more && (
            <li className="jp-DriveSync-rest">
              {trans.__('There are more: please look for a longer name.')}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

/** Look for a folder by its name, or make one. */
function FolderTools(props: {
  find?: (words: string) => void;
  create?: (name: string) => Promise<void>;
  trans: TranslationBundle;
}): JSX.Element {
  const { find, create, trans } = props;
  const [name, setName] = React.useState('');
  const doing = useDoing();
  const asked = name.trim();
  const look = () => {
    doing.clear();
    find?.(asked);
  };
  const make = () =>
    doing.start(async () => {
      await create?.(asked);
      setName('');
    });
  return (
    <div className="jp-DriveSync-pickerTools">
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Name of a folder')}
        placeholder={trans.__('Name of a folder')}
        autoComplete="off"
        value={name}
        onChange={event => setName(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            event.preventDefault();
            look();
          }
        }}
      />
      {find && (
        <Button disabled={!asked} onClick={look}>
          {trans.__('Find')}
        </Button>
      )}
      {create && (
        <Button busy={doing.busy} disabled={!asked} onClick={make}>
          {trans.__('New folder')}
        </Button>
      )}
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </div>
  );
}
