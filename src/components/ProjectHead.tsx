import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IStatus } from '../api';
import { moreIcon } from '../icons';
import { LinkButton } from './Button';
import type { ISidebarActions } from './actions';

/** The project's name, its menu, and both sides as links. */
export function ProjectHead(props: {
  status: IStatus;
  actions: ISidebarActions;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, actions, trans } = props;
  const { name, local, remote } = status.project;
  const path = local.path;
  return (
    <header className="jp-DriveSync-head">
      <div className="jp-DriveSync-title">
        <h2 title={name}>{name}</h2>
        <button
          type="button"
          className="jp-DriveSync-more"
          aria-haspopup="menu"
          aria-label={trans.__('More about %1', name)}
          title={trans.__('More')}
          onClick={event => actions.menu(status, event.currentTarget)}
        >
          <moreIcon.react tag="span" className="jp-DriveSync-icon" />
        </button>
      </div>
      <div className="jp-DriveSync-sides">
        {path !== null ? (
          <LinkButton
            title={trans.__('Show this folder in the file browser')}
            onClick={() => actions.openFolder(path)}
          >
            {local.display}
          </LinkButton>
        ) : (
          <span>{local.display}</span>
        )}
        <span>
          <span className="jp-DriveSync-between">
            <span aria-hidden="true">↔ </span>
            <span className="jp-DriveSync-heard">
              {trans.__('in step with')}
            </span>
          </span>
          {remote.url !== null ? (
            <a
              href={remote.url}
              target="_blank"
              rel="noopener noreferrer"
              title={trans.__('Open this folder on Drive in a new tab')}
            >
              {remote.display}
            </a>
          ) : (
            remote.display
          )}
        </span>
      </div>
    </header>
  );
}
