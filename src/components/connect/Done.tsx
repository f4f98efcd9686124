import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ConnectModel } from '../../connectmodel';
import type { IDriveSyncModel } from '../../tokens';
import type { IStatus } from '../../wire';
import { actionText } from '../../words';
import { Button } from '../Button';
import { useDoing, useModel } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import { ProgressView } from '../ProgressView';
import { StateRow } from '../StateRow';
import type { IConnectActions } from './actions';

/** The part of the model of all projects that the page follows a first sync with. */
export type IProjects = Pick<
  IDriveSyncModel,
  'now' | 'find' | 'cancel' | 'changed'
>;

/** The end of the way: the first sync as it goes on and ends, or the renewed sign-in. */
export function Done(props: {
  model: ConnectModel;
  projects: IProjects;
  actions: IConnectActions;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, projects, actions, trans } = props;
  return (
    <>
      {model.project ? (
        <FirstRun project={model.project} projects={projects} trans={trans} />
      ) : (
        <p role="status">
          {trans.__(
            'What waited is synced now. Nothing was lost in the meantime.'
          )}
        </p>
      )}
      <div className="jp-DriveSync-row">
        <Button accept={true} onClick={() => actions.show(model.project)}>
          {trans.__('Show it in the sidebar')}
        </Button>
        <Button onClick={() => model.restart()}>
          {model.project
            ? trans.__('Link another folder')
            : trans.__('All connections')}
        </Button>
      </div>
    </>
  );
}

/** How far the first sync is, a way to cancel it, and how it ended. */
function FirstRun(props: {
  /** As it was when it was linked. */
  project: IStatus;
  projects: IProjects;
  trans: TranslationBundle;
}): JSX.Element {
  const { projects, trans } = props;
  useModel(projects);
  const doing = useDoing();
  const { id } = props.project.project;
  const status = projects.find(id);
  if (status === null) {
    return <p role="status">{trans.__('It is not linked any more.')}</p>;
  }
  const cancelling = status.progress?.cancelling ?? false;
  // Its button stays while it is being cancelled, with the focus, and says so.
  const cancels = cancelling || status.state.actions.includes('cancel');
  return (
    <>
      <p role="status">{sentence(status, trans)}</p>
      {!underWay(status) && (
        <StateRow status={status} model={projects} trans={trans} />
      )}
      {status.progress && (
        <ProgressView progress={status.progress} trans={trans} />
      )}
      {cancels && (
        <div className="jp-DriveSync-row">
          <Button
            busy={doing.busy || cancelling}
            onClick={() => doing.start(() => projects.cancel(id))}
          >
            {cancelling
              ? trans.__('Cancelling…')
              : actionText('cancel', status.state, trans)}
          </Button>
        </div>
      )}
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}

/** Whether the first sync runs, or is just about to. */
function underWay({ state, last_good_sync }: IStatus): boolean {
  return (
    last_good_sync === null &&
    (state.word === 'syncing' || state.word === 'pending')
  );
}

function sentence(status: IStatus, trans: TranslationBundle): string {
  if (underWay(status)) {
    return trans.__('The first sync runs. You can work meanwhile.');
  }
  if (status.last_good_sync === null) {
    return trans.__('The first sync has not ended yet; nothing is lost.');
  }
  return status.project.auto_sync
    ? trans.__(
        'The first sync is done. From now on, what changes on either side is synced by itself.'
      )
    : trans.__(
        'The first sync is done. Auto-sync is off: what changes waits until you sync.'
      );
}
