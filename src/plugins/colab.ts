import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  IToolbarWidgetRegistry,
  Notification
} from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { colabTarget } from '../colab';
import { insertCell } from '../colabcell';
import { ColabNotifier, Said } from '../colabnotifier';
import { CommandIDs } from '../commands';
import { colabCellIcon } from '../icons';
import { notifyFailure } from '../projectactions';
import { IDriveSyncModel, IDriveSyncSettings } from '../tokens';
import { ColabButton } from '../widgets/toolbarbuttons';
import { DOMAIN, placedText } from '../words';

const FACTORY = 'Notebook';

/** Puts the cell for Colab into notebooks. */
export const colabCellPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:colab-cell',
  description: 'Adds the commands and the button that insert the Colab cell.',
  autoStart: true,
  requires: [IDriveSyncModel, IDocumentManager],
  optional: [
    INotebookTracker,
    IFileBrowserFactory,
    IToolbarWidgetRegistry,
    ICommandPalette,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    docManager: IDocumentManager,
    notebooks: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    toolbars: IToolbarWidgetRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const { contents } = app.serviceManager;
    const inFront = () => {
      const path = notebooks?.currentWidget?.context.path;
      return path === undefined ? null : contents.localPath(path);
    };
    const selected = () => {
      const item = browsers?.tracker.currentWidget?.selectedItems().next();
      return item && !item.done ? contents.localPath(item.value.path) : null;
    };

    const insert = async (path: string): Promise<void> => {
      const target = colabTarget(model, path, trans);
      if (target.reason !== null) {
        return;
      }
      // The bundle and the folder's id are on Drive only after a sync, which takes a moment.
      const notice = Notification.emit(
        trans.__('Preparing the Colab cell…'),
        'in-progress',
        { autoClose: false }
      );
      try {
        const panel = docManager.openOrReveal(path, FACTORY) as
          NotebookPanel | undefined;
        if (panel === undefined) {
          Notification.dismiss(notice); // JupyterLab has said why it cannot be opened
          return;
        }
        const placed = await insertCell(model, target, panel.context, trans);
        if (placed === 'inserted') {
          await panel.revealed;
          panel.content.activeCellIndex = 0;
          await panel.content.scrollToItem(0);
        }
        Notification.update({
          id: notice,
          message: placedText(placed, trans),
          type: 'success',
          autoClose: 8000,
          actions: [
            {
              label: trans.__('Open in Colab'),
              callback: () => {
                void commands.execute(CommandIDs.openInColab, { path });
              }
            }
          ]
        });
      } catch (reason) {
        Notification.dismiss(notice);
        notifyFailure(reason, trans, () => {
          model.choose(target.status.project.id);
          void commands.execute(CommandIDs.open);
        });
      }
    };

    const add = (id: string, otherwise: () => string | null, shown: boolean) =>
      commands.addCommand(id, {
        label: trans.__('Insert Colab Cell'),
        caption: args =>
          colabTarget(model, pathOf(args, otherwise), trans).reason ??
          trans.__(
            'Put the cell first that brings this project to Colab, or bring it up to date'
          ),
        icon: colabCellIcon,
        isEnabled: args =>
          colabTarget(model, pathOf(args, otherwise), trans).reason === null,
        isVisible: () => shown || model.containing(otherwise() ?? '') !== null,
        describedBy: {
          args: {
            type: 'object',
            properties: {
              path: {
                type: 'string',
                description:
                  'A notebook, as a path of the contents API; the current one when left out.'
              }
            }
          }
        },
        execute: async args => {
          const path = pathOf(args, otherwise);
          if (path !== null) {
            await insert(path);
          }
        }
      });
    add(CommandIDs.insertCell, inFront, true);
    add(CommandIDs.insertCellInSelected, selected, false);
    palette?.addItem({
      command: CommandIDs.insertCell,
      category: trans.__('Drive Sync')
    });

    let before = '';
    model.changed.connect(() => {
      const now = JSON.stringify(
        model.projects.map(({ project }) => [project.id, project.remote.kind])
      );
      if (now !== before) {
        before = now;
        commands.notifyCommandChanged(CommandIDs.insertCell);
        commands.notifyCommandChanged(CommandIDs.insertCellInSelected);
      }
    }, commands);

    toolbars?.addFactory<NotebookPanel>(
      FACTORY,
      'insertColabCell',
      panel =>
        new ColabButton({
          model,
          panel,
          trans,
          run: path => {
            void commands.execute(CommandIDs.insertCell, { path });
          },
          icon: colabCellIcon,
          tooltip: trans.__('Insert Colab Cell'),
          className: 'jp-DriveSync-toolbarCell'
        })
    );
  }
};

/** Says what happens in Colab. */
export const colabNewsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:colab-news',
  description: 'Notifies when a Colab runtime of a project needs a person.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [IDriveSyncSettings, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    settings: IDriveSyncSettings | null,
    translator: ITranslator | null
  ): void => {
    new ColabNotifier({
      model,
      settings,
      trans: (translator ?? nullTranslator).load(DOMAIN),
      said: new Said(window.localStorage),
      open: id => {
        model.choose(id);
        void app.commands.execute(CommandIDs.open);
      }
    });
  }
};

function pathOf(
  args: ReadonlyPartialJSONObject,
  otherwise: () => string | null
): string | null {
  return typeof args.path === 'string' ? args.path : otherwise();
}
