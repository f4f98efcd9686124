import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addCommands, CommandIDs, PALETTE } from '../commands';
import { plain } from '../paths';
import { ProjectActions, signInBy } from '../projectactions';
import { serverFolders } from '../serverfolders';
import { IDriveSyncModel, IDriveSyncSettings } from '../tokens';
import { DOMAIN } from '../words';

/** Adds everything a person can do as commands. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:commands',
  description: 'Adds the commands of Drive Sync, also to the palette.',
  autoStart: true,
  requires: [IDriveSyncModel, IDocumentManager],
  optional: [
    IDriveSyncSettings,
    IFileBrowserFactory,
    INotebookTracker,
    ICommandPalette,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    docManager: IDocumentManager,
    settings: IDriveSyncSettings | null,
    browsers: IFileBrowserFactory | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { contents } = app.serviceManager;
    const browser = () => browsers?.tracker.currentWidget ?? null;

    const link = async (start: string | null): Promise<void> => {
      const { showLinkDialog } = await import('../widgets/dialogs');
      const status = await showLinkDialog({
        api: model.api,
        folders: serverFolders(contents),
        start: plain(start ?? browser()?.model.path ?? ''),
        link: (local, remote, ignore) => model.link(local, remote, ignore),
        trans
      });
      if (status) {
        await app.commands.execute(CommandIDs.open);
        Notification.success(
          trans.__('%1 is linked; the first sync runs.', status.project.name),
          { autoClose: 5000 }
        );
      }
    };

    addCommands({
      app,
      model,
      actions: new ProjectActions(
        model,
        settings,
        trans,
        signInBy(app.commands)
      ),
      docManager,
      trans,
      link,
      currentNotebook: () => {
        const path = notebooks?.currentWidget?.context.path;
        return path === undefined ? null : contents.localPath(path);
      },
      selectedPath: () => {
        const item = browser()?.selectedItems().next();
        return item && !item.done ? contents.localPath(item.value.path) : null;
      }
    });

    const category = trans.__('Drive Sync');
    for (const command of PALETTE) {
      palette?.addItem({ command, category });
    }
  }
};
