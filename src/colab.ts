import type { TranslationBundle } from '@jupyterlab/translation';

import type { IStatus } from './api';
import { insertCell, isOfAnother, isWritable } from './colabcell';
import type { INotebookHere } from './colabnotebook';
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
 * A Colab cell that was made for another notebook, or under another name, is brought up to date
 * before: what runs there says by it which notebook it has open.
 *
 * Must be called inside the click: the tab is opened first, because a browser blocks one that
 * comes later, and gets its address when the notebook is there.
 */
export async function openInColab(
  model: Pick<IDriveSyncModel, 'api'>,
  target: { status: IStatus; path: string },
  notebook: INotebookHere,
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
    if (notebook.context?.model.dirty) {
      await notebook.context.save();
    }
    const { project } = target.status;
    let there = await model.api.colab(project.id, target.path);
    if (await renewCellOf(model, target, there.id, notebook, trans)) {
      there = await model.api.colab(project.id, target.path);
    }
    if (tab && !tab.closed) {
      tab.location.href = there.url;
    } else {
      window.open(there.url, '_blank', 'noopener');
    }
  } catch (reason) {
    tab?.close();
    throw reason;
  }
}

/** Bring the Colab cell of a notebook up to date if it is of another; say whether that was done. */
async function renewCellOf(
  model: Pick<IDriveSyncModel, 'api'>,
  target: { status: IStatus; path: string },
  fileId: string,
  notebook: INotebookHere,
  trans: TranslationBundle
): Promise<boolean> {
  // What a runtime has open could not be brought to Drive, and is known by its id anyway.
  const open = target.status.runtimes.some(
    ({ state, notebooks }) =>
      state === 'running' && notebooks.some(one => one.file_id === fileId)
  );
  const cell = open ? null : await notebook.cell();
  if (cell === null || !isOfAnother(cell, target.path, fileId)) {
    return false;
  }
  const context = notebook.show();
  await context?.ready;
  if (context === null || !isWritable(context)) {
    return false;
  }
  return (await insertCell(model, target, context, trans)) !== 'unchanged';
}
