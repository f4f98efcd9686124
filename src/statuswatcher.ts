import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { IDriveSyncModel, IStatusChange } from './tokens';

/** Hears of each change of a project's status until it is disposed of. */
export abstract class StatusWatcher implements IDisposable {
  /** @param model - Says what changes. */
  constructor(model: Pick<IDriveSyncModel, 'statusChanged'>) {
    model.statusChanged.connect(this._heard, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** Called for each change. */
  protected abstract onStatus(change: IStatusChange): void;

  private _heard(_: IDriveSyncModel, change: IStatusChange): void {
    this.onStatus(change);
  }

  private _isDisposed = false;
}
