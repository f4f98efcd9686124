import type { Event } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IProgress } from './api';

/** The event's schema; see jupyter_drive_sync/events/status-v1.yaml. */
export const STATUS_SCHEMA =
  'https://schema.jupyter.org/jupyter_drive_sync/status/v1';

/** A project's status changed. A hint: the status itself has to be fetched. */
export interface IStatusEvent {
  project: string;
  revision: number;
  state: string;
  progress: IProgress | null;
}

/** Turns the server's event stream into typed status events. */
export class StatusEvents implements IDisposable {
  constructor(manager: Event.IManager) {
    manager.stream.connect(this._onEvent, this);
  }

  /** Emitted for every status event. Events can be lost. */
  get arrived(): ISignal<this, IStatusEvent> {
    return this._arrived;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id !== STATUS_SCHEMA) {
      return;
    }
    const { project, revision, state, progress } = emission;
    if (
      typeof project === 'string' &&
      typeof revision === 'number' &&
      typeof state === 'string'
    ) {
      this._arrived.emit({
        project,
        revision,
        state,
        progress: (progress ?? null) as IProgress | null
      });
    }
  }

  private _arrived = new Signal<this, IStatusEvent>(this);
  private _isDisposed = false;
}
