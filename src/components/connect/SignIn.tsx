import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFlow } from '../../connect';
import type { ConnectModel } from '../../connectmodel';
import { duration } from '../../format';
import type { IDriveSyncModel } from '../../tokens';
import { flowText } from '../../words';
import { Button } from '../Button';
import { useNow } from '../hooks';
import { ProblemBox } from '../ProblemBox';
import { CopyLine } from './CopyLine';
import { Field } from './Field';
import { QuestionForm } from './QuestionForm';
import { OutLink, Rich } from './Rich';

/** What the address of the last page looks like. */
const ADDRESS_FORM = 'http://127.0.0.1:53682/?state=…&code=…';

export interface ISignInProps {
  model: ConnectModel;
  /** The server's time. */
  clock: Pick<IDriveSyncModel, 'now'>;
  trans: TranslationBundle;
}

/** Third step: sign in, answer what is asked, and wait until it is found to work. */
export function SignIn(props: ISignInProps): JSX.Element {
  const { model, trans } = props;
  const { flow } = model;
  if (flow === null) {
    const error = model.errorOf('begin');
    return (
      <>
        <p role="status">{error ? '' : trans.__('One moment…')}</p>
        {error && (
          <ProblemBox error={error} trans={trans}>
            <Again model={model} trans={trans} />
          </ProblemBox>
        )}
      </>
    );
  }
  return (
    <>
      <p role="status" aria-live="polite" className="jp-DriveSync-flow">
        {flowText(flow.step, trans)}
      </p>
      {flow.step === 'sign_in' && <Waiting {...props} flow={flow} />}
      {flow.step === 'question' && flow.question && (
        <>
          {flow.command && (
            <OnOtherComputer command={flow.command} {...props} />
          )}
          {model.errorOf('answer') && (
            <ProblemBox error={model.errorOf('answer')!} trans={trans} />
          )}
          <QuestionForm
            key={`${flow.question.name} ${flow.question.position}`}
            question={flow.question}
            busy={model.errand === 'answer'}
            onAnswer={value => void model.answer(value)}
            trans={trans}
          />
        </>
      )}
      {(flow.step === 'failed' ||
        flow.step === 'expired' ||
        flow.step === 'cancelled') && (
        <>
          {flow.error && <ProblemBox error={flow.error} trans={trans} />}
          {model.errorOf('begin') && (
            <ProblemBox error={model.errorOf('begin')!} trans={trans} />
          )}
          <Again model={model} trans={trans} />
        </>
      )}
    </>
  );
}

function Again(props: {
  model: ConnectModel;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, trans } = props;
  return (
    <div className="jp-DriveSync-row">
      <Button
        accept={true}
        busy={model.errand === 'begin'}
        onClick={() => void model.retry()}
      >
        {trans.__('Try again')}
      </Button>
      {model.again !== null && (
        <Button onClick={() => model.anotherClient()}>
          {trans.__('Use another Google client')}
        </Button>
      )}
    </div>
  );
}

/** While the person is on the page of Google or of another storage. */
function Waiting(props: ISignInProps & { flow: IFlow }): JSX.Element {
  const { flow, model, trans } = props;
  const near = model.offer?.local_browser ?? true;
  const google = flow.type === 'drive';
  return (
    <>
      <p>
        {model.tabRefused
          ? trans.__('Your browser did not open a tab for it. Please open it:')
          : trans.__('A tab was opened for it. Is it not there?')}{' '}
        {flow.auth_url && (
          <OutLink
            href={flow.auth_url}
            className="jp-DriveSync-button jp-mod-styled jp-mod-accept"
          >
            {trans.__('Open the sign-in page')}
          </OutLink>
        )}
      </p>
      <TimeLeft {...props} />
      {!near && <Paste open={true} {...props} />}
      {google && (
        <p className="jp-DriveSync-rest">
          <Rich
            text={trans.__(
              'Google may say that it has not verified this app. With a client of your own, that app is yours: **Advanced**, then “Go to …”. On the page after it, leave the box for Google Drive ticked.'
            )}
          />
        </p>
      )}
      {near && <Paste open={false} {...props} />}
    </>
  );
}

function TimeLeft(props: ISignInProps & { flow: IFlow }): JSX.Element | null {
  const { clock, flow, trans } = props;
  const now = useNow(clock);
  if (flow.expires === null) {
    return null;
  }
  const seconds = Math.max(0, (Date.parse(flow.expires) - now) / 1000);
  return (
    <p className="jp-DriveSync-rest" role="timer" aria-live="off">
      {trans.__('Time left: %1', duration(seconds, trans))}
    </p>
  );
}

/** Where the browser is not on the server's machine, the page at the end cannot load. */
function Paste(
  props: ISignInProps & { flow: IFlow; open: boolean }
): JSX.Element {
  const { model, open, trans } = props;
  const [address, setAddress] = React.useState('');
  const error = model.errorOf('address');
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    if (address.trim()) {
      void model.paste(address.trim()).then(taken => {
        if (taken) {
          setAddress('');
        }
      });
    }
  };
  return (
    <details className="jp-DriveSync-unfold" open={open || error !== null}>
      <summary>
        {open
          ? trans.__('At the end, bring the address of the last page here')
          : trans.__('Does the last page fail to load?')}
      </summary>
      <p>
        <Rich
          text={trans.__(
            'After you agreed, your browser goes to an address that begins with **http://127.0.0.1:53682/** and says that it cannot be reached: it looks on your computer, and Jupyter runs on another one. That is as it should be. Copy the whole address of that page, and paste it here.'
          )}
        />
      </p>
      <form autoComplete="off" onSubmit={send}>
        <Field
          label={trans.__('Address of the page that did not load')}
          value={address}
          placeholder={ADDRESS_FORM}
          invalid={error !== null}
          onChange={setAddress}
        />
        {error && <ProblemBox error={error} trans={trans} />}
        <div className="jp-DriveSync-row">
          <Button
            type="submit"
            accept={open}
            busy={model.errand === 'address'}
            disabled={!address.trim()}
          >
            {trans.__('Finish signing in')}
          </Button>
        </div>
      </form>
    </details>
  );
}

function OnOtherComputer(
  props: ISignInProps & { command: string }
): JSX.Element {
  const { command, trans } = props;
  return (
    <section>
      <p>
        {trans.__(
          'In a terminal of the computer that has rclone and a browser, type this line. Sign in there; then bring here what it prints between the arrows.'
        )}
      </p>
      <CopyLine text={command} trans={trans} />
    </section>
  );
}
