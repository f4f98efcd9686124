import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlan, RemoteKind } from '../api';
import { deletes } from '../plans';
import { PlanView } from './PlanView';

/** How many deletes are named. */
const NAMED = 100;

/** What a person is asked to agree to. */
export function ConsentView(props: {
  plan: IPlan;
  kind: RemoteKind;
  trans: TranslationBundle;
}): JSX.Element {
  const { plan, kind, trans } = props;
  // The problem is what the person was called for; the question itself says it here.
  const shown: IPlan = { ...plan, problem: null };
  return (
    <div className="jp-DriveSync-plan">
      <p>
        {trans._n(
          'The next run would delete %1 file. If that was not meant, close this and put it back.',
          'The next run would delete %1 files. If that was not meant, close this and put them back.',
          deletes(plan)
        )}
      </p>
      <p className="jp-DriveSync-rest">
        {trans.__(
          'Your yes counts for exactly this plan and for no later one.'
        )}
      </p>
      <PlanView plan={shown} kind={kind} cap={NAMED} trans={trans} />
    </div>
  );
}
