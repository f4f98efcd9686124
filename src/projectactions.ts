import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Action, IStatus, Keep } from './api';
import { CommandIDs } from './commandids';
import { deletes } from './plans';
import { asApiError } from './request';
import type { IDriveSyncModel, IDriveSyncSettings } from './tokens';
import { errorText, notice } from './words';

/**
 * What a person can do with a project, questions included. Promises reject with `ApiError`.
 */
export class ProjectActions {
  constructor(
    private readonly _model: IDriveSyncModel,
    private readonly _settings: IDriveSyncSettings | null,
    private readonly _trans: TranslationBundle,
    /** Open the page that signs in again for a remote. */
    private readonly _signIn: (remote: string | null) => Promise<void>
  ) {}

  async run(action: Action, status: IStatus): Promise<void> {
    const { id } = status.project;
    switch (action) {
      case 'sync':
        return this._model.sync(id);
      case 'cancel':
        return this._model.cancel(id);
      case 'pause':
        return this._model.change(id, { paused: true });
      case 'resume':
        return this._model.change(id, { paused: false });
      case 'preview':
        return this.preview(status);
      case 'consent':
        return this.consent(status);
      case 'unlink':
        return this.unlink(status);
      case 'sign_in':
        return this._signIn(status.project.remote.name);
      case 'resolve':
        return; // settled where the file is shown
    }
  }

  setAutoSync(status: IStatus, on: boolean): Promise<void> {
    return this._model.change(status.project.id, { auto_sync: on });
  }

  /** Show what a run would do, and do it if the person says so. */
  async preview(status: IStatus): Promise<void> {
    const { id, remote } = status.project;
    const plan = await this._model.api.plan(id);
    if (plan.needs_consent) {
      return this._consent(status, plan);
    }
    const { showPlanDialog } = await import('./widgets/dialogs');
    if (await showPlanDialog(plan, remote.kind, this._trans)) {
      await this._model.sync(id);
    }
  }

  /** Show the plan that deletes much, and run exactly that one if the person agrees. */
  async consent(status: IStatus): Promise<void> {
    const plan = await this._model.api.plan(status.project.id);
    return plan.needs_consent || deletes(plan) > 0
      ? this._consent(status, plan)
      : this._model.sync(status.project.id); // put back meanwhile: nothing to agree to
  }

  /** Settle all conflicts in one way, if the person says so. */
  async resolveAll(status: IStatus, keep: Keep): Promise<void> {
    const { versions } = status.conflicts;
    const { showSettleAllDialog } = await import('./widgets/dialogs');
    if (
      versions !== null &&
      (await showSettleAllDialog(status, keep, this._trans))
    ) {
      await this._model.resolve(status.project.id, null, keep, versions);
    }
  }

  /** Let the person bring an earlier version of a file back. */
  async versions(status: IStatus, path: string): Promise<void> {
    const { showVersionsDialog } = await import('./widgets/versionsdialog');
    await showVersionsDialog({
      project: status.project.id,
      path,
      api: this._model.api,
      trans: this._trans
    });
  }

  async unlink(status: IStatus): Promise<void> {
    const ask = this._settings?.confirmUnlink ?? true;
    const { showUnlinkDialog } = await import('./widgets/dialogs');
    if (!ask || (await showUnlinkDialog(status, this._trans))) {
      await this._model.unlink(status.project.id);
    }
  }

  private async _consent(
    status: IStatus,
    plan: Awaited<ReturnType<IDriveSyncModel['api']['plan']>>
  ): Promise<void> {
    const { id, remote } = status.project;
    const { showConsentDialog } = await import('./widgets/dialogs');
    if (await showConsentDialog(plan, remote.kind, this._trans)) {
      await this._model.sync(id, plan.hash);
    }
  }
}

/** Sign in again on the page for connecting. */
export function signInBy(
  commands: CommandRegistry
): (remote: string | null) => Promise<void> {
  return async remote => {
    await commands.execute(CommandIDs.connect, remote ? { remote } : {});
  };
}

/** Tell about something that failed outside of the sidebar. */
export function notifyFailure(
  reason: unknown,
  trans: TranslationBundle,
  show?: () => void
): void {
  const text = notice(errorText(asApiError(reason), trans));
  Notification.error(text, {
    autoClose: 10_000,
    actions: show ? [{ label: trans.__('Show'), callback: show }] : []
  });
}
