import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlan, IStep, RemoteKind, StepKind } from '../api';
import { bytes, files } from '../format';
import { otherPlace, otherSide, stepText } from '../words';
import { Arrow } from './Arrow';
import { FileName } from './FileName';
import { HeldRows } from './HeldList';
import { ProblemBox } from './ProblemBox';
import { Rest } from './Rest';

/** How many files of each kind are named. */
const NAMED = 8;

/** What a run would do: the numbers, then the first names of each kind. */
export function PlanView(props: {
  plan: IPlan;
  kind: RemoteKind;
  trans: TranslationBundle;
  /** Name this many files of each kind. */
  cap?: number;
}): JSX.Element {
  const { plan, kind, trans } = props;
  const cap = props.cap ?? NAMED;
  const groups = planGroups(plan, kind, trans);
  const still = groups.length === 0 && plan.held.length === 0;
  return (
    <div className="jp-DriveSync-plan">
      {plan.problem && <ProblemBox error={plan.problem} trans={trans} />}
      {still && !plan.problem && (
        <p>
          {plan.totals.equal > 0
            ? trans.__('Both sides are alike: nothing to move.')
            : trans.__('Both sides are empty: nothing to move.')}
        </p>
      )}
      {groups.map(group => (
        <section key={group.title}>
          <h4>{group.title}</h4>
          <StepRows
            steps={group.steps}
            total={group.total}
            cap={cap}
            kind={kind}
            trans={trans}
          />
        </section>
      ))}
      {plan.held.length > 0 && (
        <section>
          <h4>
            {plan.first
              ? trans._n(
                  '%1 file differs and is left alone',
                  '%1 files differ and are left alone',
                  plan.totals.hold
                )
              : trans._n(
                  '%1 file is set aside',
                  '%1 files are set aside',
                  plan.totals.hold
                )}
          </h4>
          <HeldRows
            held={plan.held}
            total={plan.totals.hold}
            kind={kind}
            cap={cap}
            trans={trans}
          />
        </section>
      )}
      {!still && plan.totals.equal > 0 && (
        <p className="jp-DriveSync-rest">
          {trans._n(
            '%1 file is alike on both sides already.',
            '%1 files are alike on both sides already.',
            plan.totals.equal
          )}
        </p>
      )}
    </div>
  );
}

interface IGroup {
  title: string;
  steps: IStep[];
  total: number;
}

/** The steps that move something, by what they do. */
function planGroups(
  plan: IPlan,
  kind: RemoteKind,
  trans: TranslationBundle
): IGroup[] {
  const { totals } = plan;
  const other = otherSide(kind, trans);
  const of = (...kinds: StepKind[]) =>
    plan.steps.filter(step => kinds.includes(step.kind));
  const groups: IGroup[] = [
    {
      title: trans.__(
        'To %1: %2, %3',
        other,
        files(totals.push, trans),
        bytes(totals.bytes_up, trans)
      ),
      steps: of('push'),
      total: totals.push
    },
    {
      title: trans.__(
        'To here: %1, %2',
        files(totals.pull, trans),
        bytes(totals.bytes_down, trans)
      ),
      steps: of('pull'),
      total: totals.pull
    },
    {
      title: trans.__('Renamed: %1', files(totals.move, trans)),
      steps: of('move_local', 'move_remote'),
      total: totals.move
    },
    {
      title: trans.__('Deleted here: %1', files(totals.delete_local, trans)),
      steps: of('delete_local'),
      total: totals.delete_local
    },
    {
      title: trans.__(
        'Deleted %1: %2',
        otherPlace(kind, trans),
        files(totals.delete_remote, trans)
      ),
      steps: of('delete_remote'),
      total: totals.delete_remote
    }
  ];
  return groups.filter(group => group.total > 0);
}

/** The first of some steps, and how many more there are. */
export function StepRows(props: {
  steps: readonly IStep[];
  total: number;
  cap: number;
  kind: RemoteKind;
  trans: TranslationBundle;
}): JSX.Element {
  const { steps, total, cap, kind, trans } = props;
  const shown = steps.slice(0, cap);
  const rest = total - shown.length;
  return (
    <>
      <ul className="jp-DriveSync-list">
        {shown.map(step => {
          const text = stepText(step.kind, kind, trans);
          return (
            <li key={`${step.kind}:${step.path}`} title={text.text}>
              <Arrow direction={text.direction} trans={trans} />
              <FileName path={step.path} />
              <span className="jp-DriveSync-detail">
                {step.kind === 'move_local' || step.kind === 'move_remote'
                  ? trans.__('was %1', step.detail)
                  : step.size !== null
                    ? bytes(step.size, trans)
                    : ''}
              </span>
            </li>
          );
        })}
      </ul>
      <Rest count={rest} trans={trans} />
    </>
  );
}
