import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ICheckpoint, IRuntime, IStatus, RuntimeState } from '../../api';
import { bytes, clock } from '../../format';
import { runtimeIcons, toneIcons } from '../../icons';
import { contentsPath } from '../../paths';
import type { IRuntimeText } from '../../words';
import {
  checkpointText,
  hostTexts,
  metricsText,
  outputsText,
  pendingText,
  runtimeName,
  runtimeText
} from '../../words';
import { Button, LinkButton } from '../Button';
import { FileName } from '../FileName';
import { useDoing } from '../hooks';
import { Hint, ProblemBox } from '../ProblemBox';
import type { ISidebarActions } from '../actions';
import { Curve } from './Curve';

interface IRuntimeProps {
  status: IStatus;
  runtime: IRuntime;
  /** The server's time in ms. */
  now: number;
  /** Whether all of it is shown at first, or its first line. */
  open: boolean;
  actions: ISidebarActions;
  trans: TranslationBundle;
}

/** One machine of Colab's: how it stands, what it has, what it has brought to safety. */
export function RuntimeView(props: IRuntimeProps): JSX.Element {
  const { runtime, now, trans } = props;
  const [open, setOpen] = React.useState(props.open);
  const text = runtimeText(runtime, now, trans);
  // Several may have the same notebook: when they began tells them apart.
  const name =
    runtime.started === null
      ? runtimeName(runtime)
      : trans.__(
          '%1, begun %2',
          runtimeName(runtime),
          clock(runtime.started, now)
        );
  return (
    <li data-runtime={runtime.runtime} data-stands={runtime.state}>
      <details
        className={`jp-DriveSync-runtime jp-DriveSync-tone-${text.tone}`}
        open={open}
        onToggle={event => setOpen(event.currentTarget.open)}
      >
        <summary>
          <RuntimeLine text={text} state={runtime.state} name={name} />
        </summary>
        {runtime.problem !== null ? (
          <p className="jp-DriveSync-rest">{runtime.problem}</p>
        ) : (
          <Facts {...props} />
        )}
        {runtime.state !== 'running' && <Forget {...props} name={name} />}
      </details>
    </li>
  );
}

/** Icon and word, which say the same as the colour, and since when. */
function RuntimeLine(props: {
  text: IRuntimeText;
  state: RuntimeState;
  name: string;
}): JSX.Element {
  const { text, state, name } = props;
  const Icon = text.tone === 'person' ? toneIcons.person : runtimeIcons[state];
  return (
    <span className={`jp-DriveSync-tone-${text.tone}`}>
      <Icon.react tag="span" className="jp-DriveSync-icon" />
      <span className="jp-DriveSync-heard">{name}: </span>
      <span>
        <strong>{text.title}</strong> {text.sentence}
      </span>
    </span>
  );
}

function Facts(props: IRuntimeProps): JSX.Element {
  const { status, runtime, now, actions, trans } = props;
  // The latest comes first, and once.
  const paths = new Set(
    [runtime.notebook, ...runtime.notebooks].flatMap(one => one?.path ?? [])
  );
  const machine = runtime.host === null ? [] : hostTexts(runtime.host, trans);
  const pending = pendingText(runtime, trans);
  const { checkpoint, curve, environment, error } = runtime;
  return (
    <div className="jp-DriveSync-runtimeFacts">
      {[...paths].map(path => (
        <p key={path} className="jp-DriveSync-runtimeNotebook">
          <FileName
            path={path}
            open={
              contentsPath(status, path) === null
                ? undefined
                : () => actions.openFile(status, path)
            }
          />
          <LinkButton
            className="jp-DriveSync-detail"
            aria-label={trans.__('Open in Colab: %1', path)}
            onClick={() => actions.colab.open(status, path)}
          >
            {trans.__('Open in Colab')}
          </LinkButton>
        </p>
      ))}
      {machine.length > 0 && (
        <p className="jp-DriveSync-machine">
          {machine.map(part => (
            <span key={part}>{part}</span>
          ))}
        </p>
      )}
      {checkpoint === null ? (
        <p className="jp-DriveSync-rest">
          {trans.__('No checkpoint is on Drive yet.')}
        </p>
      ) : (
        <Checkpoint checkpoint={checkpoint} now={now} trans={trans} />
      )}
      {curve && <Curve curve={curve} trans={trans} />}
      {pending !== '' && <p className="jp-DriveSync-pending">{pending}</p>}
      {error && (
        <div className="jp-DriveSync-runtimeError">
          <p>{error.text}</p>
          <Hint text={error.hint} />
        </div>
      )}
      {environment !== null && environment.drift > 0 && (
        <p className="jp-DriveSync-rest" title={environment.text}>
          {trans._n(
            '%1 package differs from home: %2',
            '%1 packages differ from home: %2',
            environment.drift,
            environment.text
          )}
        </p>
      )}
      <Outputs {...props} />
    </div>
  );
}

/** The newest checkpoint that is safe. */
function Checkpoint(props: {
  checkpoint: ICheckpoint;
  now: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { checkpoint, now, trans } = props;
  const metrics = metricsText(checkpoint.metrics, trans);
  return (
    <div className="jp-DriveSync-checkpoint">
      <p>
        <strong>{checkpointText(checkpoint, now, trans)}</strong>
      </p>
      {metrics && <p className="jp-DriveSync-metrics">{metrics}</p>}
      <p className="jp-DriveSync-runtimeNotebook">
        <FileName path={checkpoint.path} />
        {checkpoint.size !== null && (
          <span className="jp-DriveSync-detail">
            {bytes(checkpoint.size, trans)}
          </span>
        )}
      </p>
    </div>
  );
}

/** What of a run came home. */
function Outputs(props: IRuntimeProps): JSX.Element | null {
  const { status, runtime, actions, trans } = props;
  const text = outputsText(runtime, trans);
  if ((text === '' && !runtime.outputs.detail) || runtime.run === null) {
    return null;
  }
  const folder = contentsPath(status, `outputs/${runtime.run}`);
  return (
    <div>
      {text !== '' && (
        <p>
          {runtime.outputs.here > 0 && folder !== null ? (
            <LinkButton
              title={`outputs/${runtime.run}`}
              onClick={() => actions.openFolder(folder)}
            >
              {text}
            </LinkButton>
          ) : (
            text
          )}
        </p>
      )}
      {runtime.outputs.detail && <Hint text={runtime.outputs.detail} />}
    </div>
  );
}

/** The way off the list. */
function Forget(props: IRuntimeProps & { name: string }): JSX.Element {
  const { status, runtime, actions, name, trans } = props;
  const doing = useDoing();
  return (
    <>
      <div className="jp-DriveSync-choice">
        <Button
          busy={doing.busy}
          aria-label={trans.__('Forget: %1', name)}
          title={trans.__('Take this runtime off the list. Its outputs stay.')}
          onClick={() =>
            doing.start(() => actions.colab.forget(status, runtime.runtime))
          }
        >
          {trans.__('Forget')}
        </Button>
      </div>
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
    </>
  );
}
