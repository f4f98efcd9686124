import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStatus } from './api';
import { relative } from './paths';
import type { IDriveSyncModel } from './tokens';

/** What Colab can be asked to open: a notebook of a project, or why not. */
export type ColabTarget =
  { status: IStatus; path: string; reason: null } | { reason: string };

/** Say whether a file (a path of the contents API) can be opened in Colab. */
export function colabTarget(
  model: Pick<IDriveSyncModel, 'containing'>,
  path: string | null,
  trans: TranslationBundle
): ColabTarget {
  if (path === null || !path.endsWith('.ipynb')) {
    return { reason: trans.__('Choose a notebook first: Colab opens those.') };
  }
  const status = model.containing(path);
  const root = status?.project.local.path ?? null;
  const inner = root === null ? null : relative(root, path);
  if (status === null || inner === null || inner === '') {
    return {
      reason: trans.__(
        'This notebook is in no linked folder: link its folder first.'
      )
    };
  }
  if (status.project.remote.kind !== 'drive') {
    return {
      reason: trans.__(
        'This project is not on Google Drive, and Colab opens only what is.'
      )
    };
  }
  return { status, path: inner, reason: null };
}

/**
 * Save the notebook, put it on Drive, and show it in Colab.
 *
 * Must be called inside the click: the tab is opened first, because a browser blocks one that
 * comes later, and gets its address when the notebook is there.
 */
export async function openInColab(
  model: Pick<IDriveSyncModel, 'api'>,
  target: { status: IStatus; path: string },
  context: DocumentRegistry.Context | null,
  trans: TranslationBundle
): Promise<void> {
  const tab = window.open('', '_blank');
  if (tab) {
    tab.opener = null;
    tab.document.title = trans.__('Opening in Colab');
    tab.document.body.textContent = trans.__(
      'Putting the notebook on Drive. Colab opens here in a moment.'
    );
  }
  try {
    if (context?.model.dirty) {
      await context.save();
    }
    const { url } = await model.api.colab(
      target.status.project.id,
      target.path
    );
    if (tab && !tab.closed) {
      tab.location.href = url;
    } else {
      window.open(url, '_blank', 'noopener');
    }
  } catch (reason) {
    tab?.close();
    throw reason;
  }
}
