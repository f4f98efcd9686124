import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Action, IStatus } from '../api';
import { actionText } from '../words';
import { Button, PlainButton } from './Button';
import { useDoing } from './hooks';
import { ProblemBox } from './ProblemBox';
import type { ISidebarActions } from './actions';

/** The one button that matters in this state, and the auto-sync switch. */
export function MainAction(props: {
  status: IStatus;
  actions: ISidebarActions;
  trans: TranslationBundle;
}): JSX.Element {
  const { status, actions, trans } = props;
  const doing = useDoing();
  const action = mainAction(status);
  const cancelling = status.progress?.cancelling ?? false;
  return (
    <>
      <div className="jp-DriveSync-actions">
        {action && (
          <Button
            accept={action !== 'cancel'}
            busy={doing.busy || cancelling}
            data-action={action}
            onClick={() => doing.start(() => actions.run(action, status))}
          >
            {cancelling
              ? trans.__('Cancelling…')
              : actionText(action, status.state, trans)}
          </Button>
        )}
        <AutoSync
          on={status.project.auto_sync}
          busy={doing.busy}
          trans={trans}
          set={on => doing.start(() => actions.setAutoSync(status, on))}
        />
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}

/** The first action of the state that has a button here. */
export function mainAction(status: IStatus): Action | null {
  if (status.progress?.cancelling) {
    return 'cancel'; // its button stays, with the focus, and says so
  }
  // What is set aside has its own place below, with its own way out.
  return status.state.actions.find(action => action !== 'resolve') ?? null;
}

function AutoSync(props: {
  on: boolean;
  busy: boolean;
  trans: TranslationBundle;
  set: (on: boolean) => void;
}): JSX.Element {
  const { on, trans } = props;
  return (
    <PlainButton
      role="switch"
      aria-checked={on}
      className="jp-DriveSync-switch"
      busy={props.busy}
      title={
        on
          ? trans.__('Changes on either side are synced by themselves')
          : trans.__('Changes wait until you sync')
      }
      onClick={() => props.set(!on)}
    >
      <span>{trans.__('auto-sync')}</span>
      <span className="jp-DriveSync-track" aria-hidden="true">
        <span className="jp-DriveSync-knob" />
      </span>
      <span className="jp-DriveSync-switchWord" aria-hidden="true">
        {on ? trans.__('on') : trans.__('off')}
      </span>
    </PlainButton>
  );
}
