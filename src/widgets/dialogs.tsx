import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlan, IStatus, Keep, RemoteKind } from '../api';
import { ConsentView } from '../components/ConsentView';
import type { ILinkStepsProps } from '../components/link/LinkSteps';
import { LinkSteps } from '../components/link/LinkSteps';
import { PlanView } from '../components/PlanView';
import { deletes, moves } from '../plans';
import { keepAllSentence, keepAllText, keepText } from '../words';
import { ReactBody } from './reactbody';

/** What can have the focus in a dialog, in the order of the Tab key. */
const FOCUSABLE =
  'button:not(:disabled), input:not(:disabled), a[href], summary';

/**
 * A dialog whose body has its own buttons: Enter belongs to what has the focus, and Tab goes
 * round inside.
 */
export class StepDialog extends Dialog<unknown> {
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Tab') {
      const all = [...this.node.querySelectorAll<HTMLElement>(FOCUSABLE)];
      const [from, to] = event.shiftKey
        ? [all[0], all[all.length - 1]]
        : [all[all.length - 1], all[0]];
      if (document.activeElement === from) {
        event.stopPropagation();
        event.preventDefault();
        to?.focus();
      }
    } else if (event.key !== 'Enter') {
      super._evtKeydown(event);
    }
  }
}

/** Let a person link a folder; resolves with the new project, or null. */
export async function showLinkDialog(
  options: Omit<ILinkStepsProps, 'done'>
): Promise<IStatus | null> {
  const { trans } = options;
  let linked: IStatus | null = null;
  const finish = (status: IStatus | null) => {
    linked = status;
    dialog.reject();
  };
  const dialog = new StepDialog({
    title: trans.__('Link a folder'),
    body: new ReactBody(
      <LinkSteps {...options} done={finish} />,
      'jp-DriveSync-dialog'
    ),
    buttons: [],
    focusNodeSelector: '.jp-DriveSync-stepBody'
  });
  dialog.addClass('jp-DriveSync');
  await dialog.launch();
  return linked;
}

/** Show what a run would do now; resolves with whether the person asked for it. */
export async function showPlanDialog(
  plan: IPlan,
  kind: RemoteKind,
  trans: TranslationBundle
): Promise<boolean> {
  const idle = plan.problem !== null || moves(plan) === 0;
  const close = Dialog.cancelButton({ label: trans.__('Close') });
  const result = await showDialog({
    title: trans.__('What a sync would do now'),
    body: new ReactBody(
      <PlanView plan={plan} kind={kind} trans={trans} />,
      'jp-DriveSync-dialog'
    ),
    buttons: idle
      ? [close]
      : [close, Dialog.okButton({ label: trans.__('Sync now') })]
  });
  return result.button.accept;
}

/** Ask for consent to a plan with many deletes. */
export async function showConsentDialog(
  plan: IPlan,
  kind: RemoteKind,
  trans: TranslationBundle
): Promise<boolean> {
  const count = deletes(plan);
  const result = await showDialog({
    title: trans.__('Many deletes: please look first'),
    body: new ReactBody(
      <ConsentView plan={plan} kind={kind} trans={trans} />,
      'jp-DriveSync-dialog'
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Not now') }),
      Dialog.warnButton({
        label: trans._n(
          'Agree to this %1 delete',
          'Agree to these %1 deletes',
          count
        )
      })
    ],
    defaultButton: 0
  });
  return result.button.accept;
}

/** Ask before all conflicts are settled in one way. */
export async function showSettleAllDialog(
  status: IStatus,
  keep: Keep,
  trans: TranslationBundle
): Promise<boolean> {
  const { kind } = status.project.remote;
  const count = status.conflicts.total;
  const result = await showDialog({
    title: keepAllText(keep, kind, count, trans),
    body: keepAllSentence(keep, kind, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Not now') }),
      Dialog.okButton({ label: keepText(keep, kind, trans) })
    ]
  });
  return result.button.accept;
}

/** Ask before unlinking. */
export async function showUnlinkDialog(
  status: IStatus,
  trans: TranslationBundle
): Promise<boolean> {
  const { name, local, remote } = status.project;
  const result = await showDialog({
    title: trans.__('Unlink %1?', name),
    body: trans.__(
      '%1 and %2 will no longer be kept in step. No file of yours is touched on either side.',
      local.display,
      remote.display
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep linked') }),
      Dialog.warnButton({ label: trans.__('Unlink') })
    ]
  });
  return result.button.accept;
}
