import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IConnectApi, IConnectedRemote } from './connect';
import type { IStatus } from './wire';

/** Where a person sees, and ends, what may use a Google account. */
export const GOOGLE_CONNECTIONS = 'https://myaccount.google.com/connections';

/**
 * Ask whether to disconnect, and do it if the person says so.
 *
 * @returns What to tell afterwards; null when it was not done.
 */
export async function disconnect(
  api: IConnectApi,
  remote: IConnectedRemote,
  projects: readonly IStatus[],
  trans: TranslationBundle
): Promise<string | null> {
  const { name } = remote;
  const using = projects
    .filter(({ project }) => project.remote.name === name)
    .map(({ project }) => project.name);
  const result = await showDialog({
    title: trans.__('Disconnect %1?', name),
    body: [
      trans.__(
        'The sign-in is deleted here, and Google is asked to forget it. No file is touched on either side.'
      ),
      using.length > 0
        ? trans._n(
            'This project stops, until you sign in again: %2.',
            'These projects stop, until you sign in again: %2.',
            using.length,
            using.join(', ')
          )
        : ''
    ]
      .join(' ')
      .trim(),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep connected') }),
      Dialog.warnButton({ label: trans.__('Disconnect') })
    ]
  });
  if (!result.button.accept) {
    return null;
  }
  // Only the projects that were named may be stopped.
  const told = await api.disconnect(name, using.length > 0);
  if (told.revoked || remote.kind !== 'drive') {
    return trans.__('%1 is disconnected.', name);
  }
  return trans.__(
    '%1 is disconnected here. Google was not told (%2); you can end its access at %3.',
    name,
    told.reason ?? trans.__('there was no sign-in to revoke'),
    GOOGLE_CONNECTIONS
  );
}
