import { asApiError } from './model';
import type { ApiError } from './request';

/**
 * What a person asked for, one thing at a time: which of them runs, and which failed.
 *
 * A new one takes the place of the one before it, whose end is then of no interest.
 */
export class Errands<Name extends string> {
  /** @param changed - Called when anything here changed. */
  constructor(private readonly _changed: () => void) {}

  /** What runs now. */
  get running(): Name | null {
    return this._running?.name ?? null;
  }

  /** What went wrong with the last one, if it was this. */
  errorOf(name: Name): ApiError | null {
    return this._failure?.name === name ? this._failure.error : null;
  }

  /** Do one thing; null when it failed. */
  async run<T>(name: Name, work: () => Promise<T>): Promise<T | null> {
    const running = { name };
    this._running = running;
    this._failure = null;
    this._changed();
    try {
      return await work();
    } catch (reason) {
      if (this._running === running) {
        this._failure = { name, error: asApiError(reason) };
      }
      return null;
    } finally {
      if (this._running === running) {
        this._running = null;
        this._changed();
      }
    }
  }

  /** Forget what runs and what failed. */
  clear(): void {
    this._running = null;
    this._failure = null;
  }

  private _running: { name: Name } | null = null;
  private _failure: { name: Name; error: ApiError } | null = null;
}
