import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi, IPlan, ISuggestion } from '../../api';
import type { ConnectModel } from '../../connectmodel';
import { bytes, duration, files } from '../../format';
import { suggestionText } from '../../words';
import { Button } from '../Button';
import { useDoing, useLoaded } from '../hooks';
import type { Target } from '../link/target';
import { targetKind, targetSpec } from '../link/target';
import { PlanView } from '../PlanView';
import { ProblemBox } from '../ProblemBox';
import type { IConnectActions } from './actions';

/** Last step: what the first sync will do, what to leave out, and one click. */
export function FirstSync(props: {
  model: ConnectModel;
  api: Pick<IDriveSyncApi, 'previewLink'>;
  actions: IConnectActions;
  local: string;
  target: Target;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, api, actions, local, target, trans } = props;
  const [ignore, setIgnore] = React.useState<readonly string[]>([]);
  const [offered, setOffered] = React.useState<readonly ISuggestion[]>([]);
  const doing = useDoing();
  const remote = targetSpec(target) ?? '';
  const look = useLoaded(JSON.stringify([local, remote, ignore]), () =>
    api.previewLink(
      ignore.length > 0
        ? { local, remote, ignore: [...ignore] }
        : { local, remote }
    )
  );
  const plan = look.value;

  // What is left out is no longer suggested, and yet can be put back.
  React.useEffect(() => {
    const fresh = plan?.suggestions ?? [];
    setOffered(known => [
      ...known,
      ...fresh.filter(
        one => !known.some(({ pattern }) => pattern === one.pattern)
      )
    ]);
  }, [plan]);

  const toggle = (pattern: string) =>
    setIgnore(now =>
      now.includes(pattern)
        ? now.filter(one => one !== pattern)
        : [...now, pattern]
    );
  const link = () =>
    doing.start(async () => {
      const status = await actions.link(local, remote, [...ignore]);
      model.finish(status);
      actions.show(status);
    });

  return (
    <>
      <dl className="jp-DriveSync-pair">
        <dt>{trans.__('Here')}</dt>
        <dd>{local || trans.__('The folder in which Jupyter was started')}</dd>
        <dt>{trans.__('There')}</dt>
        <dd>{remote}</dd>
      </dl>
      <p>
        {trans.__(
          'This is what the first sync will do. Nothing has moved yet, and nothing is ever deleted or overwritten by it.'
        )}
      </p>
      {offered.length > 0 && (
        <fieldset className="jp-DriveSync-choices jp-DriveSync-suggestions">
          <legend>{trans.__('Leave these out? They are large:')}</legend>
          {offered.map(one => (
            <label key={one.pattern}>
              <input
                type="checkbox"
                checked={ignore.includes(one.pattern)}
                onChange={() => toggle(one.pattern)}
              />
              <span>
                <code>{one.pattern}</code>
                <span className="jp-DriveSync-rest">
                  {trans.__(
                    '%1, %2: %3',
                    files(one.files, trans),
                    bytes(one.bytes, trans),
                    suggestionText(one.reason, trans)
                  )}
                </span>
              </span>
            </label>
          ))}
          <p className="jp-DriveSync-rest">
            {trans.__('What is ticked is written into .driveignore.')}
          </p>
        </fieldset>
      )}
      <p role="status" className="jp-DriveSync-rest">
        {look.loading ? trans.__('Looking at both sides…') : ''}
      </p>
      {look.error && (
        <ProblemBox error={look.error} trans={trans}>
          <Button onClick={look.again}>{trans.__('Try again')}</Button>
        </ProblemBox>
      )}
      {plan && (
        <div aria-busy={look.loading}>
          <Sums plan={plan} trans={trans} />
          <PlanView plan={plan} kind={targetKind(target)} trans={trans} />
        </div>
      )}
      {doing.error && <ProblemBox error={doing.error} trans={trans} />}
      <div className="jp-DriveSync-row">
        <Button
          accept={true}
          busy={doing.busy}
          disabled={plan === null || plan.problem !== null || look.loading}
          onClick={link}
        >
          {trans.__('Link and sync')}
        </Button>
      </div>
    </>
  );
}

/** What the plan's steps do not say: how long, what is left out, what is made. */
function Sums(props: {
  plan: IPlan;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { plan, trans } = props;
  const lines: string[] = [];
  if (plan.creates_remote) {
    lines.push(trans.__('The folder over there is new: it will be made.'));
  }
  if (plan.estimate_seconds) {
    lines.push(
      trans.__('It takes about %1.', duration(plan.estimate_seconds, trans))
    );
  }
  const { ignored } = plan;
  if (ignored && (ignored.files > 0 || ignored.folders > 0)) {
    lines.push(
      trans.__(
        'Left out by .driveignore: %1 and %2, %3.',
        files(ignored.files, trans),
        trans._n('%1 folder', '%1 folders', ignored.folders),
        bytes(ignored.bytes, trans)
      )
    );
  }
  return lines.length > 0 ? (
    <ul className="jp-DriveSync-sums">
      {lines.map(line => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  ) : null;
}
