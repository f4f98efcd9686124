import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi, IPlan, IStatus } from '../../api';
import { basename } from '../../paths';
import { Button } from '../Button';
import { useDoing, useMounted } from '../hooks';
import { Sums, Suggestions } from '../Leaving';
import { PlanView } from '../PlanView';
import { ProblemBox } from '../ProblemBox';
import type { IServerFolders } from './LocalStep';
import { LocalStep } from './LocalStep';
import { RemoteStep } from './RemoteStep';
import type { Target } from './target';
import { targetKind, targetSpec } from './target';

export interface ILinkStepsProps {
  api: IDriveSyncApi;
  folders: IServerFolders;
  /** The server's folder to begin with. */
  start: string;
  /** Link; resolves with the new project. */
  link: (local: string, remote: string, ignore: string[]) => Promise<IStatus>;
  /** Called once, with the project or null when the person turned away. */
  done: (status: IStatus | null) => void;
  trans: TranslationBundle;
}

type Step = 'local' | 'remote' | 'preview';
const STEPS: readonly Step[] = ['local', 'remote', 'preview'];

/** Folder here, folder there, a look at the first sync; then link. */
export function LinkSteps(props: ILinkStepsProps): JSX.Element {
  const { api, trans } = props;
  const [step, setStep] = React.useState<Step>('local');
  const [local, setLocal] = React.useState(props.start);
  const [target, setTarget] = React.useState<Target | null>(null);
  const [plan, setPlan] = React.useState<IPlan | null>(null);
  const [ignore, setIgnore] = React.useState<string[]>([]);
  const [linking, setLinking] = React.useState(false);
  const doing = useDoing();
  const mounted = useMounted();
  const body = useFocusOn(step);
  const remote = targetSpec(target);

  /** Look at the first sync, with some lines for .driveignore. */
  const preview = (lines: string[]) => {
    setLinking(false);
    doing.start(async () => {
      if (remote !== null) {
        const answer = await api.previewLink(
          lines.length > 0
            ? { local, remote, ignore: lines }
            : { local, remote }
        );
        if (mounted.current) {
          setIgnore(lines);
          setPlan(answer);
          setStep('preview');
        }
      }
    });
  };
  const link = () => {
    setLinking(true);
    doing.start(async () => {
      if (remote !== null) {
        const status = await props.link(local, remote, ignore);
        if (mounted.current) {
          props.done(status);
        }
      }
    });
  };
  const back = () => {
    doing.clear();
    setStep(STEPS[STEPS.indexOf(step) - 1]);
  };

  return (
    <div className="jp-DriveSync-steps">
      <p className="jp-DriveSync-stepNumber" aria-live="polite">
        {trans.__('Step %1 of %2', STEPS.indexOf(step) + 1, STEPS.length)}
      </p>
      <div className="jp-DriveSync-stepBody" ref={body} tabIndex={-1}>
        {step === 'local' && (
          <LocalStep
            path={local}
            folders={props.folders}
            onPath={setLocal}
            trans={trans}
          />
        )}
        {step === 'remote' && (
          <RemoteStep
            api={api}
            target={target}
            suggestion={basename(local)}
            onTarget={next => {
              doing.clear();
              setTarget(next);
            }}
            trans={trans}
          />
        )}
        {step === 'preview' && plan && target && (
          <>
            <p>
              {trans.__(
                'This is what the first sync will do. Nothing has moved yet, and nothing is ever deleted or overwritten by it.'
              )}
            </p>
            <dl className="jp-DriveSync-pair">
              <dt>{trans.__('Here')}</dt>
              <dd>
                {local || trans.__('The folder in which Jupyter was started')}
              </dd>
              <dt>{trans.__('There')}</dt>
              <dd>{remote}</dd>
            </dl>
            <Sums plan={plan} trans={trans} />
            <Suggestions
              plan={plan}
              ignore={ignore}
              onIgnore={preview}
              busy={doing.busy}
              trans={trans}
            />
            <PlanView plan={plan} kind={targetKind(target)} trans={trans} />
          </>
        )}
        {doing.error && <ProblemBox error={doing.error} trans={trans} />}
        {doing.busy && (
          <p className="jp-DriveSync-rest" role="status">
            {linking
              ? trans.__('Linking…')
              : trans.__('Looking at both sides…')}
          </p>
        )}
      </div>
      <div className="jp-DriveSync-stepButtons">
        <Button onClick={() => props.done(null)}>{trans.__('Cancel')}</Button>
        {step !== 'local' && (
          <Button busy={doing.busy} onClick={back}>
            {trans.__('Back')}
          </Button>
        )}
        {step === 'local' && (
          <Button accept={true} onClick={() => setStep('remote')}>
            {trans.__('Next')}
          </Button>
        )}
        {step === 'remote' && (
          <Button
            accept={true}
            busy={doing.busy}
            disabled={remote === null}
            onClick={() => preview([])}
          >
            {trans.__('Preview')}
          </Button>
        )}
        {step === 'preview' && (
          <Button
            accept={true}
            busy={doing.busy}
            disabled={plan === null || plan.problem !== null}
            onClick={link}
          >
            {trans.__('Link and sync')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Move the focus to the body of each new step, so that the keyboard goes on from there. */
function useFocusOn(step: Step): React.RefObject<HTMLDivElement> {
  const body = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    body.current?.focus();
  }, [step]);
  return body;
}
