import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi } from '../../api';
import type { ConnectModel } from '../../connectmodel';
import type { Stage } from '../../connectstages';
import { STAGES } from '../../connectstages';
import { basename } from '../../paths';
import { stageText, wayText } from '../../words';
import { Button } from '../Button';
import type { IServerFolders } from '../link/LocalStep';
import type { Target } from '../link/target';
import type { IConnectActions } from './actions';
import type { IProjects } from './Done';
import { Done } from './Done';
import { FirstSync } from './FirstSync';
import { Folders } from './Folders';
import { Prepare } from './Prepare';
import { SignIn } from './SignIn';
import { useChanges } from './usechanges';
import { Ways } from './Ways';

export interface IConnectPageProps {
  model: ConnectModel;
  api: IDriveSyncApi;
  /** The projects as they stand, and the server's time. */
  projects: IProjects;
  folders: IServerFolders;
  /** The server's folder to begin with. */
  start: string;
  actions: IConnectActions;
  trans: TranslationBundle;
}

/** The whole way, from no account to a first sync. */
export function ConnectPage(props: IConnectPageProps): JSX.Element {
  const { model, actions, trans } = props;
  useChanges(model);
  const { stage } = model;
  const heading = useFocusOn(stage);
  const [local, setLocal] = React.useState(props.start);
  const [chosen, setChosen] = React.useState<Target | null>(null);
  const target = fitting(chosen, model, local);
  React.useEffect(() => {
    if (stage === 'ways') {
      setChosen(null);
    }
  }, [stage]);

  return (
    <div className="jp-DriveSync-connect" data-stage={stage}>
      <div className="jp-DriveSync-connectHead">
        <h1>{trans.__('Connect Google Drive')}</h1>
        {stage !== 'done' && (
          <StageList stage={stage} model={model} trans={trans} />
        )}
      </div>
      <div className="jp-DriveSync-connectBody">
        <h2 ref={heading} tabIndex={-1}>
          {title(model, trans)}
        </h2>
        {stage === 'ways' && (
          <Ways model={model} actions={actions} trans={trans} />
        )}
        {stage === 'prepare' && (
          <Prepare
            key={model.way}
            model={model}
            actions={actions}
            trans={trans}
          />
        )}
        {stage === 'sign_in' && (
          <SignIn model={model} clock={props.projects} trans={trans} />
        )}
        {stage === 'folders' && (
          <Folders
            model={model}
            api={props.api}
            folders={props.folders}
            local={local}
            onLocal={setLocal}
            target={target}
            onTarget={setChosen}
            trans={trans}
          />
        )}
        {stage === 'first_sync' && (
          <FirstSync
            model={model}
            api={props.api}
            actions={actions}
            local={local}
            target={target}
            trans={trans}
          />
        )}
        {stage === 'done' && (
          <Done
            model={model}
            projects={props.projects}
            actions={actions}
            trans={trans}
          />
        )}
      </div>
      {stage !== 'ways' && stage !== 'done' && (
        <div className="jp-DriveSync-connectFoot">
          <Button onClick={() => model.back()}>
            {stage === 'sign_in' && model.flow?.step === 'sign_in'
              ? trans.__('Cancel the sign-in')
              : trans.__('Back')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where on the way the person is. */
function StageList(props: {
  stage: Stage;
  model: ConnectModel;
  trans: TranslationBundle;
}): JSX.Element {
  const { stage, model, trans } = props;
  const at = STAGES.indexOf(stage);
  const way = STAGES.filter(one =>
    model.again ? one === stage || one === 'sign_in' : one !== 'done'
  );
  return (
    <ol className="jp-DriveSync-stages" aria-label={trans.__('Steps')}>
      {way.map((one, index) => (
        <li
          key={one}
          aria-current={one === stage ? 'step' : undefined}
          className={STAGES.indexOf(one) < at ? 'jp-mod-passed' : ''}
        >
          <span aria-hidden="true">
            {STAGES.indexOf(one) < at ? '✓' : index + 1}
          </span>
          {stageText(one, trans)}
        </li>
      ))}
    </ol>
  );
}

function title(model: ConnectModel, trans: TranslationBundle): string {
  switch (model.stage) {
    case 'ways':
      return trans.__('Choose a way in');
    case 'prepare':
      return model.way
        ? wayText(model.way, model.offer?.preset ?? null, trans).title
        : '';
    case 'sign_in':
      return model.again
        ? trans.__('Sign in again for %1', model.again)
        : model.flow && model.flow.type !== 'drive'
          ? trans.__('Set up %1', model.flow.name || model.flow.type)
          : trans.__('Sign in');
    case 'folders':
      return trans.__('Choose the two folders');
    case 'first_sync':
      return trans.__('Look at the first sync');
    case 'done':
      return model.project
        ? trans.__('%1 is linked', model.project.project.name)
        : trans.__('You are signed in again');
  }
}

/** The other side as chosen; as long as nothing was, a folder of the same name. */
function fitting(
  chosen: Target | null,
  model: ConnectModel,
  local: string
): Target {
  const { remote } = model;
  if (remote === null) {
    return chosen?.kind === 'folder' ? chosen : { kind: 'folder', path: '' };
  }
  return chosen?.kind === 'remote' && chosen.name === remote.name
    ? chosen
    : {
        kind: 'remote',
        name: remote.name,
        type: remote.kind,
        path: '',
        folder: basename(local)
      };
}

/** Move the focus to the heading of each new step, so that it is read and the keyboard goes on. */
function useFocusOn(stage: Stage): React.RefObject<HTMLHeadingElement> {
  const heading = React.useRef<HTMLHeadingElement>(null);
  const before = React.useRef(stage);
  React.useEffect(() => {
    if (before.current !== stage) {
      before.current = stage;
      heading.current?.focus();
    }
  }, [stage]);
  return heading;
}
