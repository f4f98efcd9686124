import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import type { IStatus } from '../api';
import { CommandIDs } from '../commands';
import type { ISidebarActions } from '../components/actions';
import { logoIcon } from '../icons';
import { contentsPath, relative } from '../paths';
import { ProjectActions, signInBy } from '../projectactions';
import { IDriveSyncModel, IDriveSyncSettings } from '../tokens';
import { SidebarWidget } from '../widgets/sidebar';
import { DOMAIN } from '../words';

/** Adds the sidebar. */
export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:sidebar',
  description: 'Adds the sidebar of Drive Sync.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [
    IDriveSyncSettings,
    ILayoutRestorer,
    INotebookTracker,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    settings: IDriveSyncSettings | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const projects = new ProjectActions(
      model,
      settings,
      trans,
      signInBy(app.commands)
    );
    const execute = (id: string, args = {}) => {
      void commands.execute(id, args);
    };
    const notebook = (status: IStatus): string | null => {
      const root = status.project.local.path;
      const at = notebooks?.currentWidget?.context.path;
      const path = at && app.serviceManager.contents.localPath(at);
      return path && root !== null && model.containing(path) === status
        ? relative(root, path)
        : null;
    };
    const actions: ISidebarActions = {
      run: (action, status) => projects.run(action, status),
      setAutoSync: (status, on) => projects.setAutoSync(status, on),
      resolve: (status, path, keep, versions) =>
        model.resolve(status.project.id, path, keep, versions),
      resolveAll: (status, keep) => projects.resolveAll(status, keep),
      connect: () => execute(CommandIDs.connect),
      link: async () => {
        await commands.execute(CommandIDs.link);
      },
      openFolder: path => {
        execute('filebrowser:go-to-path', { path });
        execute('filebrowser:activate');
      },
      openFile: (status, path) => {
        const at = contentsPath(status, path);
        if (at !== null) {
          execute('docmanager:open', { path: at });
        }
      },
      colab: {
        notebook,
        insertCell: async (status, path) => {
          const at = contentsPath(status, path);
          await commands.execute(CommandIDs.insertCell, { path: at });
        },
        open: (status, path) =>
          execute(CommandIDs.openInColab, { path: contentsPath(status, path) }),
        pushAnyway: async (status, path) => {
          await model.api.pushAnyway(status.project.id, path);
          await model.refresh();
        },
        forget: async (status, runtime) => {
          await model.api.forgetRuntime(status.project.id, runtime);
          await model.refresh();
        }
      },
      versions: (status, path) => projects.versions(status, path),
      menu: (status, anchor) => {
        const { left, bottom } = anchor.getBoundingClientRect();
        projectMenu(app, status).open(left, bottom);
      }
    };

    const panel = new SidebarWidget(model, actions, trans);
    shell.add(panel, 'left', { rank: 450, type: 'Drive Sync' });
    restorer?.add(panel, panel.id);
    notebooks?.currentChanged.connect(() => panel.update(), panel);

    commands.addCommand(CommandIDs.open, {
      label: trans.__('Show Drive Sync'),
      caption: trans.__('Show how the linked folders stand'),
      icon: logoIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => shell.activateById(panel.id)
    });
  }
};

/** What else can be done with a project; disposed of when it closes. */
function projectMenu(app: JupyterFrontEnd, status: IStatus): Menu {
  const menu = new Menu({ commands: app.commands });
  const args = { project: status.project.id };
  for (const command of [
    CommandIDs.sync,
    CommandIDs.preview,
    CommandIDs.togglePause,
    CommandIDs.toggleAutoSync
  ]) {
    menu.addItem({ command, args });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.link });
  menu.addItem({ command: CommandIDs.connect });
  menu.addItem({ command: CommandIDs.doctor, args });
  menu.addItem({ command: CommandIDs.unlink, args });
  menu.aboutToClose.connect(() => {
    // The command still runs when the menu says so.
    window.setTimeout(() => menu.dispose(), 0);
  }, menu);
  return menu;
}
