import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFolders } from '../../api';
import { folderIcon } from '../../icons';
import { Button } from '../Button';
import { useLoaded } from '../hooks';
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
  source: string;
  onOpen: (path: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { label, path, top, list, source, onOpen, trans } = props;
  const loaded = useLoaded(`${source}\n${path}`, () => list(path));
  const group = React.useRef<HTMLDivElement>(null);
  const open = (at: string) => {
    group.current?.focus(); // what was clicked goes away
    onOpen(at);
  };
  const answer = loaded.value;
  const fresh = answer !== null && !loaded.loading;
  const rows = fresh ? answer.folders : [];
  const parent = fresh ? answer.parent : null;
  return (
    <div
      ref={group}
      className="jp-DriveSync-picker"
      role="group"
      aria-label={label}
      tabIndex={-1}
    >
      <div className="jp-DriveSync-pickerHead">
        <Button
          disabled={parent === null}
          onClick={() => parent !== null && open(parent)}
        >
          {trans.__('Up')}
        </Button>
        <output aria-live="polite">
          {(fresh ? answer.path : path) || top}
        </output>
      </div>
      {loaded.error ? (
        <ProblemBox error={loaded.error} trans={trans}>
          <Button onClick={loaded.again}>{trans.__('Try again')}</Button>
        </ProblemBox>
      ) : (
        <ul
          className="jp-DriveSync-pickerList"
          aria-label={trans.__('Folders')}
          aria-busy={loaded.loading}
        >
          {loaded.loading && (
            <li className="jp-DriveSync-rest">{trans.__('Looking…')}</li>
          )}
          {fresh && rows.length === 0 && (
            <li className="jp-DriveSync-rest">
              {trans.__('No folders in here.')}
            </li>
          )}
          {rows.slice(0, NAMED).map(folder => (
            <li key={folder.path}>
              <button type="button" onClick={() => open(folder.path)}>
                <folderIcon.react tag="span" className="jp-DriveSync-icon" />
                {folder.name}
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
        </ul>
      )}
    </div>
  );
}
