import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStatus } from './api';
import { StatusWatcher } from './statuswatcher';
import type {
  IDriveSyncModel,
  IDriveSyncSettings,
  IStatusChange
} from './tokens';
import { actionText, notice, stateText } from './words';

/** Says so once when a project begins to need a person, and takes it back when it no longer does. */
export class Notifier extends StatusWatcher {
  constructor(private readonly _options: Notifier.IOptions) {
    super(_options.model);
  }

  protected onStatus({ before, after }: IStatusChange): void {
    const id = (after ?? before)?.project.id;
    if (id === undefined) {
      return;
    }
    if (after === null || !this._needsPerson(after)) {
      // While a run looks again, nothing is settled yet.
      if (after === null || after.state.word !== 'syncing') {
        this._takeBack(id);
      }
      return;
    }
    const said = this._said.get(id);
    if (said?.word === after.state.word && said.held >= after.held.length) {
      return;
    }
    this._takeBack(id);
    if (this._options.settings?.notifyNeedsPerson ?? true) {
      this._say(after);
    }
  }

  private _needsPerson(status: IStatus): boolean {
    const { word } = status.state;
    const { kind } = status.project.remote;
    return stateText(word, kind, this._options.trans).tone === 'person';
  }

  private _say(status: IStatus): void {
    const { trans, open, act } = this._options;
    const { project, state } = status;
    const text = stateText(state.word, project.remote.kind, trans);
    const action = state.actions[0];
    const actions: Notification.IAction[] = [
      {
        label: trans.__('Show'),
        callback: () => open(project.id)
      }
    ];
    if (
      action === 'consent' ||
      (action === 'sync' && state.word !== 'conflict')
    ) {
      actions.unshift({
        label: actionText(action, state, trans),
        displayType: 'accent',
        callback: () => act(action, project.id)
      });
    }
    const notification = Notification.warning(
      notice({
        message: trans.__('%1: %2.', project.name, text.title),
        hint: text.sentence
      }),
      { autoClose: false, actions }
    );
    this._said.set(project.id, {
      word: state.word,
      held: status.held.length,
      notification
    });
  }

  private _takeBack(id: string): void {
    const said = this._said.get(id);
    if (said) {
      this._said.delete(id);
      Notification.dismiss(said.notification);
    }
  }

  private _said = new Map<
    string,
    { word: string; held: number; notification: string }
  >();
}

export namespace Notifier {
  export interface IOptions {
    model: Pick<IDriveSyncModel, 'statusChanged'>;
    settings: Pick<IDriveSyncSettings, 'notifyNeedsPerson'> | null;
    trans: TranslationBundle;
    /** Show a project in the sidebar. */
    open: (id: string) => void;
    /** Do what the state offers first. */
    act: (action: 'consent' | 'sync', id: string) => void;
  }
}
