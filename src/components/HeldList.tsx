import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IHeld, IStatus, Keep, RemoteKind } from '../api';
import { KEEPS } from '../api';
import { bytes, clock } from '../format';
import { heldText, keepText, otherPlace } from '../words';
import { Button } from './Button';
import { PushAnyway } from './colab/PushAnyway';
import { FileName } from './FileName';
import { useDoing } from './hooks';
import { Hint, ProblemBox } from './ProblemBox';
import { Rest } from './Rest';
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
      count={status.held_total}
      className="jp-DriveSync-needsYou"
    >
      <HeldRows
        held={status.held}
        total={status.held_total}
        kind={status.project.remote.kind}
        cap={NAMED}
        trans={trans}
        open={
          status.project.local.path === null
            ? undefined
            : path => actions.openFile(status, path)
        }
        settle={(path, keep, versions) =>
          actions.resolve(status, path, keep, versions)
        }
        pushAnyway={path => actions.colab.pushAnyway(status, path)}
      />
      {status.conflicts.total > 1 && (
        <Settle
          label={trans.__('All %1 conflicts', status.conflicts.total)}
          visible={true}
          kind={status.project.remote.kind}
          trans={trans}
          settle={keep => actions.resolveAll(status, keep)}
        />
      )}
    </Section>
  );
}

/** Files set aside, each with its reason and what to do. */
export function HeldRows(props: {
  held: readonly IHeld[];
  /** How many there are in all. */
  total: number;
  kind: RemoteKind;
  cap: number;
  trans: TranslationBundle;
  open?: (path: string) => void;
  /** Settle a conflict; without it there are no buttons. */
  settle?: (path: string, keep: Keep, versions: string) => Promise<void>;
  /** Push a notebook that a runtime has open; without it there is no button. */
  pushAnyway?: (path: string) => Promise<void>;
}): JSX.Element {
  const { kind, trans, open, settle, pushAnyway } = props;
  const held = props.held.slice(0, props.cap);
  const rest = props.total - held.length;
  return (
    <>
      <ul className="jp-DriveSync-list jp-DriveSync-held">
        {held.map(file => (
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
            <Versions file={file} kind={kind} trans={trans} />
            <Hint text={file.hint} />
            {settle && <SettleOne {...{ file, kind, trans, settle }} />}
            {pushAnyway && file.reason === 'open_in_runtime' && (
              <PushAnyway
                path={file.path}
                gone={file.local === null}
                push={pushAnyway}
                trans={trans}
              />
            )}
          </li>
        ))}
      </ul>
      <Rest count={rest} trans={trans} />
    </>
  );
}

/** Size and time of the version on each side, so that nobody has to choose blindly. */
function Versions(props: {
  file: IHeld;
  kind: RemoteKind;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { file, kind, trans } = props;
  if (file.local === null || file.remote === null) {
    return null;
  }
  const now = Date.now();
  const [here, there] = [file.local, file.remote].map(version =>
    trans.__(
      '%1, changed %2',
      bytes(version.size, trans),
      clock(version.modified, now)
    )
  );
  return (
    <dl className="jp-DriveSync-versionsHeld">
      <dt>{trans.__('here')}</dt>
      <dd>{here}</dd>
      <dt>{otherPlace(kind, trans)}</dt>
      <dd>{there}</dd>
    </dl>
  );
}

/** The choice between the two versions that are shown. */
function SettleOne(props: {
  file: IHeld;
  kind: RemoteKind;
  trans: TranslationBundle;
  settle: (path: string, keep: Keep, versions: string) => Promise<void>;
}): JSX.Element | null {
  const { file, kind, trans, settle } = props;
  const { path, versions } = file;
  if (versions === null) {
    return null;
  }
  return (
    <Settle
      label={trans.__('Which version of %1 to keep', path)}
      kind={kind}
      trans={trans}
      settle={keep => settle(path, keep, versions)}
    />
  );
}

/** A choice between versions. */
function Settle(props: {
  label: string;
  /** Whether the label is for eyes too. */
  visible?: boolean;
  kind: RemoteKind;
  trans: TranslationBundle;
  settle: (keep: Keep) => Promise<void>;
}): JSX.Element {
  const { label, visible, kind, trans, settle } = props;
  const doing = useDoing();
  return (
    <>
      {visible && <h4 className="jp-DriveSync-choiceLabel">{label}</h4>}
      <div className="jp-DriveSync-choice" role="group" aria-label={label}>
        {KEEPS.map(keep => (
          <Button
            key={keep}
            busy={doing.busy}
            onClick={() => doing.start(() => settle(keep))}
          >
            {keepText(keep, kind, trans)}
          </Button>
        ))}
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}
