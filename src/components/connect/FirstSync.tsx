import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDriveSyncApi } from '../../api';
import type { ConnectModel } from '../../connectmodel';
import { Button } from '../Button';
import { useDoing, useLoaded } from '../hooks';
import { Sums, Suggestions } from '../Leaving';
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
      <Suggestions
        plan={plan}
        ignore={ignore}
        onIgnore={setIgnore}
        trans={trans}
      />
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
