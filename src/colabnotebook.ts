/** The notebook that is to be opened in Colab, as JupyterLab has it. */
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import { cellText } from './colabcell';

export interface INotebookHere {
  /** What is open of it; null when it is not open. */
  context: DocumentRegistry.Context | null;
  /** The text of its Colab cell as it is saved; null where there is none. */
  cell: () => Promise<string | null>;
  /** Show it, so that its cell can be brought up to date; null where that is not possible. */
  show: () => DocumentRegistry.IContext<INotebookModel> | null;
}

/** @param path - A path of the contents API. */
export function notebookHere(
  docManager: Pick<
    IDocumentManager,
    'findWidget' | 'contextForWidget' | 'openOrReveal'
  >,
  contents: Pick<Contents.IManager, 'get'>,
  path: string
): INotebookHere {
  const widget = docManager.findWidget(path, null);
  return {
    context: (widget && docManager.contextForWidget(widget)) ?? null,
    cell: async () => {
      const { content } = await contents.get(path, { type: 'notebook' });
      return cellText(Array.isArray(content?.cells) ? content.cells : []);
    },
    show: () => {
      const panel = docManager.openOrReveal(path, 'Notebook') as
        NotebookPanel | undefined;
      return panel?.context ?? null;
    }
  };
}
