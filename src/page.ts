import type { IDisposable } from '@lumino/disposable';

/** The part of the page that tells when it is worth to look again. */
export interface IPage {
  /** Call `back` whenever the page becomes visible or the network returns. */
  onBack(back: () => void): IDisposable;
}

/** The real page. */
export const browserPage: IPage = {
  onBack(back: () => void): IDisposable {
    const visible = () => {
      if (document.visibilityState === 'visible') {
        back();
      }
    };
    document.addEventListener('visibilitychange', visible);
    window.addEventListener('online', back);
    let isDisposed = false;
    return {
      get isDisposed() {
        return isDisposed;
      },
      dispose: () => {
        isDisposed = true;
        document.removeEventListener('visibilitychange', visible);
        window.removeEventListener('online', back);
      }
    };
  }
};
