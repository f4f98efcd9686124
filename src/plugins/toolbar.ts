import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { colabIcon } from '../icons';
import { IDriveSyncModel } from '../tokens';
import { ColabButton, SyncButton } from '../widgets/toolbarbuttons';
import { DOMAIN } from '../words';

/** Adds the notebook toolbar's buttons; their places stand in schema/plugin.json. */
export const toolbarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:toolbar',
  description: 'Adds Drive Sync and Colab buttons to the notebook toolbar.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [IToolbarWidgetRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    registry: IToolbarWidgetRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const run = (command: string) => (path: string) => {
      void app.commands.execute(command, { path });
    };
    registry?.addFactory<NotebookPanel>(
      'Notebook',
      'driveSync',
      panel =>
        new SyncButton({ model, panel, trans, run: run(CommandIDs.sync) })
    );
    registry?.addFactory<NotebookPanel>(
      'Notebook',
      'openInColab',
      panel =>
        new ColabButton({
          model,
          panel,
          trans,
          run: run(CommandIDs.openInColab),
          icon: colabIcon,
          tooltip: trans.__('Open in Colab'),
          className: 'jp-DriveSync-toolbarColab'
        })
    );
  }
};
