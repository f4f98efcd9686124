import type { IConnectApi, IFlow } from './connect';
import { asApiError } from './model';

/** Whether nothing more will happen to a flow. */
export function ended(flow: IFlow): boolean {
  return (
    flow.step === 'done' ||
    flow.step === 'failed' ||
    flow.step === 'expired' ||
    flow.step === 'cancelled'
  );
}

/** Wait for 1 s, 2 s, 4 s, then for 8 s each time. */
export function backOff(tries: number): Promise<void> {
  const seconds = Math.min(8, 2 ** (tries - 1));
  return new Promise(resolve => {
    window.setTimeout(resolve, seconds * 1000);
  });
}

/** One flow of the server, as it is by the latest answer. */
export class FlowWatch {
  /**
   * @param changed - Called with each new state of the flow, and the state before it.
   * @param pause - Wait before asking a server again that did not answer.
   */
  constructor(
    private readonly _api: IConnectApi,
    private readonly _changed: (flow: IFlow, before: IFlow | null) => void,
    private readonly _pause: (tries: number) => Promise<void> = backOff
  ) {}

  /** The flow that is watched. */
  get flow(): IFlow | null {
    return this._flow;
  }

  /** Take a flow, and stay with it until it ends. */
  watch(flow: IFlow): void {
    this._flow = null;
    this.take(flow);
    void this._listen(flow.id);
  }

  /** Take an answer about the flow that is watched; one about another is dropped. */
  take(flow: IFlow): void {
    const before = this._flow;
    if (
      before !== null &&
      (flow.id !== before.id || flow.revision < before.revision)
    ) {
      return;
    }
    this._flow = flow;
    this._changed(flow, before);
  }

  /** Watch no longer; what has not ended is cancelled. */
  drop(): void {
    const flow = this._flow;
    this._flow = null;
    if (flow !== null && !ended(flow)) {
      this.cancel(flow.id);
    }
  }

  /** Let the server know that nobody waits for a flow any more. */
  cancel(id: string): void {
    this._api.cancel(id).catch((reason: unknown) => {
      // Nothing is lost: the server ends it by itself a few minutes later.
      console.warn('A sign-in could not be cancelled.', reason);
    });
  }

  private async _listen(id: string): Promise<void> {
    let tries = 0;
    while (this._flow?.id === id && !ended(this._flow)) {
      try {
        const next = await this._api.flow(id, this._flow.revision);
        tries = 0;
        if (this._flow?.id === id) {
          this.take(next);
        }
      } catch (reason) {
        const { status } = asApiError(reason);
        if (status >= 400 && status < 500) {
          this._lose(id);
          return;
        }
        tries += 1;
        await this._pause(tries);
      }
    }
  }

  /** The server no longer knows the flow, for instance because it was restarted. */
  private _lose(id: string): void {
    if (this._flow?.id === id) {
      this.take({
        ...this._flow,
        revision: this._flow.revision + 1,
        step: 'expired',
        auth_url: null,
        question: null
      });
    }
  }

  private _flow: IFlow | null = null;
}
