import type { ISignInTab } from './connectstages';

/**
 * Open a tab for the page to sign in on, before its address is known.
 *
 * It has to be opened while the browser still takes it for the answer to a click. The page in it
 * gets no hold of this one.
 *
 * @param text - Shown until the page comes.
 * @returns null when the browser does not allow it.
 */
export function openSignInTab(text: string): ISignInTab | null {
  const tab = window.open('', '_blank');
  if (tab === null) {
    return null;
  }
  tab.opener = null;
  tab.document.title = text;
  tab.document.body.textContent = text;
  return {
    go: url => {
      if (!tab.closed) {
        tab.location.replace(url);
      }
    },
    close: () => tab.close()
  };
}
