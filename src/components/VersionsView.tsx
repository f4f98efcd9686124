import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi, IOldVersion, Origin } from '../api';
import { bytes } from '../format';
import { Button } from './Button';
import { useDoing, useLoaded } from './hooks';
import { ProblemBox } from './ProblemBox';

export interface IVersionsViewProps {
  project: string;
  path: string;
  api: Pick<IDriveSyncApi, 'versions' | 'restore'>;
  trans: TranslationBundle;
  /** A version was restored. */
  done: () => void;
}

/** The earlier versions of a file, each with what can be done with it. */
export function VersionsView(props: IVersionsViewProps): JSX.Element {
  const { project, path, api, trans, done } = props;
  const found = useLoaded(`${project} ${path}`, () =>
    api.versions(project, path)
  );
  const doing = useDoing();
  const restore = (version: IOldVersion, asCopy: boolean) =>
    doing.start(async () => {
      await api.restore(project, path, version.id, asCopy);
      done();
    });
  const listed = found.value?.versions ?? [];
  return (
    <div className="jp-DriveSync-stepBody jp-mod-versions" tabIndex={-1}>
      <p>{path}</p>
      {found.loading && (
        <p role="status">{trans.__('Looking for earlier versions…')}</p>
      )}
      {found.error && <ProblemBox error={found.error} trans={trans} />}
      {found.value && listed.length === 0 && (
        <p>{trans.__('No earlier version is kept.')}</p>
      )}
      {listed.length > 0 && (
        <p className="jp-DriveSync-hint">
          {trans.__(
            'What stands there now goes into the trash of the project, so a restore can be undone.'
          )}
        </p>
      )}
      <ul className="jp-DriveSync-list jp-DriveSync-versions">
        {listed.map(version => {
          const when = new Date(version.time).toLocaleString();
          return (
            <li key={version.id}>
              <div>
                <time dateTime={version.time}>{when}</time>
                <span className="jp-DriveSync-detail">
                  {`${bytes(version.size, trans)}, ${originText(version.origin, trans)}`}
                </span>
              </div>
              <div
                className="jp-DriveSync-choice"
                role="group"
                aria-label={trans.__('The version of %1', when)}
              >
                <Button
                  busy={doing.busy}
                  onClick={() => restore(version, false)}
                >
                  {trans.__('Restore')}
                </Button>
                <Button
                  busy={doing.busy}
                  onClick={() => restore(version, true)}
                >
                  {trans.__('Restore as a copy')}
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
      {found.value?.problem && (
        <>
          <p>{trans.__('There may be more:')}</p>
          <ProblemBox error={found.value.problem} trans={trans} />
        </>
      )}
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </div>
  );
}

/** Where a version is kept. */
export function originText(origin: Origin, trans: TranslationBundle): string {
  switch (origin) {
    case 'base':
      return trans.__('copy on the computer of the server');
    case 'trash':
      return trans.__('trash of the project');
    case 'drive_revision':
      return trans.__('revision on Drive');
    case 'drive_trash':
      return trans.__('trash of Drive');
  }
}
