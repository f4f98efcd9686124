import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IHeld, IStatus, RemoteKind } from '../api';
import { heldText } from '../words';
import { FileName } from './FileName';
import { Hint } from './ProblemBox';
import { Section } from './Section';
import type { ISidebarActions } from './actions';

/** How many files are named. */
const NAMED = 20;

/** The files that are set aside until a person looks. */
export function HeldList(props: {
  status: IStatus;
  actions: ISidebarActions;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { status, actions, trans } = props;
  if (status.held.length === 0) {
    return null;
  }
  return (
    <Section
      title={trans.__('Needs you')}
      count={status.held.length}
      className="jp-DriveSync-needsYou"
    >
      <HeldRows
        held={status.held}
        kind={status.project.remote.kind}
        cap={NAMED}
        trans={trans}
        open={
          status.project.local.path === null
            ? undefined
            : path => actions.openFile(status, path)
        }
      />
    </Section>
  );
}

/** Files set aside, each with its reason and what to do. */
export function HeldRows(props: {
  held: readonly IHeld[];
  kind: RemoteKind;
  cap: number;
  trans: TranslationBundle;
  open?: (path: string) => void;
}): JSX.Element {
  const { held, kind, cap, trans, open } = props;
  const rest = held.length - cap;
  return (
    <>
      <ul className="jp-DriveSync-list jp-DriveSync-held">
        {held.slice(0, cap).map(file => (
          <li key={file.path} data-path={file.path}>
            <div>
              <FileName
                path={file.path}
                open={open && file.local ? () => open(file.path) : undefined}
              />
              <span className="jp-DriveSync-detail">
                {heldText(file.reason, kind, trans)}
              </span>
            </div>
            <p>{file.message}</p>
            <Hint text={file.hint} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p className="jp-DriveSync-rest">
          {trans._n('and %1 more', 'and %1 more', rest)}
        </p>
      )}
    </>
  );
}
