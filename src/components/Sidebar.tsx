import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { API } from '../api';
import type { IDriveSyncModel } from '../tokens';
import { Button } from './Button';
import { ColabSection } from './colab/ColabSection';
import { Guarded } from './Guarded';
import { HeldList } from './HeldList';
import { HistoryList } from './HistoryList';
import { useDoing, useModel } from './hooks';
import { MainAction } from './MainAction';
import { Hint, ProblemBox } from './ProblemBox';
import { ProgressView } from './ProgressView';
import { ProjectHead } from './ProjectHead';
import { ProjectSwitcher } from './ProjectSwitcher';
import { Age, StateRow } from './StateRow';
import { WaitingList } from './WaitingList';
import type { ISidebarActions } from './actions';

export interface ISidebarProps {
  model: IDriveSyncModel;
  actions: ISidebarActions;
  trans: TranslationBundle;
}

const PANEL = 'jp-DriveSync-project';

/** The whole sidebar. */
export function Sidebar(props: ISidebarProps): JSX.Element {
  const { model, trans } = props;
  useModel(model);
  const { current, health } = model;
  return (
    <Guarded
      title={trans.__('Drive Sync')}
      source={current ?? health}
      trans={trans}
    >
      <Content {...props} />
    </Guarded>
  );
}

function Content(props: ISidebarProps): JSX.Element {
  const { model, actions, trans } = props;
  const { health, current } = model;
  if (current === null) {
    return <Empty {...props} />;
  }
  const guarded = (title: string, part: React.ReactNode) => (
    <Guarded title={title} source={current} trans={trans}>
      {part}
    </Guarded>
  );
  return (
    <>
      {health.kind !== 'ready' && <HealthView {...props} />}
      <ProjectSwitcher
        projects={model.projects}
        current={current}
        panel={PANEL}
        choose={id => model.choose(id)}
        trans={trans}
      />
      <div
        id={PANEL}
        key={current.project.id}
        className="jp-DriveSync-project"
        role={model.projects.length > 1 ? 'tabpanel' : undefined}
        aria-label={current.project.name}
      >
        <ProjectHead status={current} actions={actions} trans={trans} />
        {health.kind === 'ready' ? (
          guarded(
            trans.__('State'),
            <>
              <StateRow status={current} model={model} trans={trans} />
              <MainAction status={current} actions={actions} trans={trans} />
              {current.progress && (
                <ProgressView progress={current.progress} trans={trans} />
              )}
            </>
          )
        ) : (
          <p>
            <Age status={current} stale={true} model={model} trans={trans} />
          </p>
        )}
        {guarded(
          trans.__('Waiting'),
          <WaitingList status={current} model={model} trans={trans} />
        )}
        {guarded(
          trans.__('Needs you'),
          <HeldList status={current} actions={actions} trans={trans} />
        )}
        {current.project.remote.kind === 'drive' &&
          guarded(
            trans.__('Colab'),
            <ColabSection
              status={current}
              model={model}
              actions={actions}
              trans={trans}
            />
          )}
        {guarded(
          trans.__('History'),
          <HistoryList
            status={current}
            model={model}
            actions={actions}
            trans={trans}
          />
        )}
      </div>
    </>
  );
}

/** Before the first project: what this is for and how to begin, or why it cannot. */
function Empty(props: ISidebarProps): JSX.Element {
  const { model, actions, trans } = props;
  const doing = useDoing();
  if (model.health.kind !== 'ready') {
    return <HealthView {...props} />;
  }
  const problem = model.health.version.rclone.problem;
  if (problem) {
    return (
      <ProblemBox error={problem} trans={trans}>
        <Again {...props} />
      </ProblemBox>
    );
  }
  return (
    <div className="jp-DriveSync-empty">
      <h2>{trans.__('Keep a project in step with Google Drive')}</h2>
      <p>
        {trans.__(
          'Link a folder here with a folder on Drive: what you save is there seconds later, ready for Colab, and what changes there comes back by itself.'
        )}
      </p>
      <p>
        {trans.__(
          'You see what would be copied before anything moves, and linking never deletes or overwrites a file.'
        )}
      </p>
      <Button accept={true} onClick={() => actions.connect()}>
        {trans.__('Connect Google Drive')}
      </Button>
      <p className="jp-DriveSync-rest">
        {trans.__('Connected already, or only a plain folder?')}
      </p>
      <Button
        busy={doing.busy}
        onClick={() => doing.start(() => actions.link())}
      >
        {trans.__('Link a folder')}
      </Button>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </div>
  );
}

/** Why the two halves do not talk, and what to do about it. */
function HealthView(props: ISidebarProps): JSX.Element | null {
  const { model, trans } = props;
  const { health } = model;
  switch (health.kind) {
    case 'ready':
      return null;
    case 'starting':
      return (
        <p className="jp-DriveSync-rest" role="status">
          {trans.__('Looking…')}
        </p>
      );
    case 'unreachable':
      return (
        <ProblemBox error={health.error} trans={trans}>
          <Again {...props} />
        </ProblemBox>
      );
    case 'missing':
      return (
        <ProblemBox
          error={{ code: 'no_server_half', message: '', hint: '' }}
          trans={trans}
        >
          <Again {...props} />
        </ProblemBox>
      );
    case 'mismatch': {
      const { version, api } = health.version;
      return (
        <div className="jp-DriveSync-problem" role="alert">
          <div>
            <p className="jp-DriveSync-problemMessage">
              {trans.__(
                'The page and the server are of different versions (the server is %1, interface %2 instead of %3).',
                version,
                api,
                API
              )}
            </p>
            <Hint
              text={trans.__(
                'Restart the Jupyter server, then reload this page. If that does not help, run `pip install --upgrade jupyter_drive_sync`.'
              )}
            />
            <Again {...props} />
          </div>
        </div>
      );
    }
  }
}

function Again(props: ISidebarProps): JSX.Element {
  const doing = useDoing();
  return (
    <Button
      busy={doing.busy}
      onClick={() => doing.start(() => props.model.refresh())}
    >
      {props.trans.__('Try again')}
    </Button>
  );
}
