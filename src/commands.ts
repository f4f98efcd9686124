import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IStatus } from './api';
import { colabTarget, openInColab } from './colab';
import { notebookHere } from './colabnotebook';
import { CommandIDs } from './commandids';
import { colabIcon, logoIcon, toneIcons } from './icons';
import type { ProjectActions } from './projectactions';
import { notifyFailure } from './projectactions';
import type { IDriveSyncModel } from './tokens';
import { standText } from './words';

export { CommandIDs };

/** The commands of the palette, in the order in which it shows them. */
export const PALETTE: readonly string[] = [
  CommandIDs.open,
  CommandIDs.link,
  CommandIDs.sync,
  CommandIDs.syncAll,
  CommandIDs.cancel,
  CommandIDs.preview,
  CommandIDs.togglePause,
  CommandIDs.toggleAutoSync,
  CommandIDs.unlink,
  CommandIDs.openInColab
];

export interface ICommandOptions {
  app: JupyterFrontEnd;
  model: IDriveSyncModel;
  actions: ProjectActions;
  docManager: IDocumentManager;
  trans: TranslationBundle;
  /** Ask for a folder and link it. */
  link: (start: string | null) => Promise<void>;
  /** The notebook that the person works in, as a path of the contents API. */
  currentNotebook: () => string | null;
  /** What is selected in the file browser. */
  selectedPath: () => string | null;
}

const ARGS = {
  type: 'object',
  properties: {
    project: {
      type: 'string',
      description: 'The id of the project; the current one when left out.'
    },
    path: {
      type: 'string',
      description:
        'A path of the contents API; means the project that holds it.'
    }
  }
} as const;

const NO_ARGS = { type: 'object', properties: {} } as const;

/** Add all commands to the application. */
export function addCommands(options: ICommandOptions): void {
  const { app, model, actions, docManager, trans } = options;
  const { commands } = app;

  const target = (args: ReadonlyPartialJSONObject): IStatus | null =>
    typeof args.project === 'string'
      ? model.find(args.project)
      : typeof args.path === 'string'
        ? model.containing(args.path)
        : model.current;
  const can = (status: IStatus | null, action: string): boolean =>
    status?.state.actions.some(offered => offered === action) ?? false;
  const show = () => {
    void commands.execute(CommandIDs.open);
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (reason) {
      notifyFailure(reason, trans, show);
    }
  };
  const onProject =
    (work: (status: IStatus) => Promise<void>) =>
    async (args: ReadonlyPartialJSONObject): Promise<void> => {
      const status = target(args);
      if (status) {
        await guarded(() => work(status));
      }
    };
  const runsNow = (status: IStatus | null) => status?.state.word === 'syncing';

  commands.addCommand(CommandIDs.link, {
    label: trans.__('Link a Folder…'),
    caption: trans.__('Keep a folder in step with one on Google Drive'),
    icon: logoIcon,
    isEnabled: () => model.health.kind === 'ready',
    describedBy: { args: ARGS },
    execute: async args => {
      const start = typeof args.path === 'string' ? args.path : null;
      await guarded(() => options.link(start));
    }
  });

  commands.addCommand(CommandIDs.sync, {
    label: trans.__('Sync Now'),
    caption: args => {
      const status = target(args);
      return status
        ? trans.__('Bring %1 in step now', status.project.name)
        : trans.__('No folder is linked yet');
    },
    icon: args => {
      const status = target(args);
      return status ? toneIcons[standText(status, trans).tone] : logoIcon;
    },
    isEnabled: args => can(target(args), 'sync'),
    describedBy: { args: ARGS },
    execute: onProject(status => actions.run('sync', status))
  });

  commands.addCommand(CommandIDs.syncAll, {
    label: trans.__('Sync All Projects'),
    caption: trans.__('Bring every linked folder in step now'),
    isEnabled: () => model.projects.some(status => can(status, 'sync')),
    describedBy: { args: NO_ARGS },
    execute: async () => {
      const ready = model.projects.filter(status => can(status, 'sync'));
      await Promise.all(
        ready.map(status => guarded(() => actions.run('sync', status)))
      );
    }
  });

  commands.addCommand(CommandIDs.cancel, {
    label: trans.__('Cancel the Sync'),
    caption: trans.__('Stop the run; what is done stays done'),
    isEnabled: args => can(target(args), 'cancel'),
    describedBy: { args: ARGS },
    execute: onProject(status => actions.run('cancel', status))
  });

  commands.addCommand(CommandIDs.preview, {
    label: trans.__('Preview…'),
    caption: trans.__('See what a sync would do now'),
    isEnabled: args => target(args) !== null && !runsNow(target(args)),
    describedBy: { args: ARGS },
    execute: onProject(status => actions.preview(status))
  });

  commands.addCommand(CommandIDs.togglePause, {
    label: args =>
      target(args)?.state.word === 'paused'
        ? trans.__('Resume')
        : trans.__('Pause'),
    caption: trans.__('Stop syncing this project, or go on with it'),
    isEnabled: args => target(args) !== null,
    describedBy: { args: ARGS },
    execute: onProject(status =>
      actions.run(status.state.word === 'paused' ? 'resume' : 'pause', status)
    )
  });

  commands.addCommand(CommandIDs.toggleAutoSync, {
    label: trans.__('Auto-Sync'),
    caption: trans.__('Sync changes of this project by themselves'),
    isEnabled: args => target(args) !== null,
    isToggleable: true,
    isToggled: args => target(args)?.project.auto_sync ?? false,
    describedBy: { args: ARGS },
    execute: onProject(status =>
      actions.setAutoSync(status, !status.project.auto_sync)
    )
  });

  commands.addCommand(CommandIDs.unlink, {
    label: trans.__('Unlink…'),
    caption: trans.__('Stop keeping the two folders in step; touches no file'),
    isEnabled: args => target(args) !== null,
    describedBy: { args: ARGS },
    execute: onProject(status => actions.unlink(status))
  });

  const addColab = (id: string, path: () => string | null, visible: boolean) =>
    commands.addCommand(id, {
      label: trans.__('Open in Colab'),
      caption: args => {
        const found = colabTarget(model, pathOf(args, path), trans);
        return (
          found.reason ?? trans.__('Sync this notebook, then open it in Colab')
        );
      },
      icon: colabIcon,
      isEnabled: args =>
        colabTarget(model, pathOf(args, path), trans).reason === null,
      isVisible: () => visible || model.containing(path() ?? '') !== null,
      describedBy: { args: ARGS },
      execute: async args => {
        const at = pathOf(args, path);
        const found = colabTarget(model, at, trans);
        if (found.reason === null && at !== null) {
          const { contents } = app.serviceManager;
          const notebook = notebookHere(docManager, contents, at);
          await guarded(() => openInColab(model, found, notebook, trans));
        }
      }
    });
  addColab(CommandIDs.openInColab, options.currentNotebook, true);
  addColab(CommandIDs.openSelectedInColab, options.selectedPath, false);

  const selected = () => {
    const path = options.selectedPath();
    return path === null ? null : model.containing(path);
  };
  commands.addCommand(CommandIDs.syncSelected, {
    label: () => {
      const name = selected()?.project.name;
      return name === undefined
        ? trans.__('Sync Now')
        : trans.__('Sync %1 Now', name);
    },
    caption: trans.__('Bring the project of this file in step now'),
    icon: logoIcon,
    isEnabled: () => can(selected(), 'sync'),
    isVisible: () => selected() !== null,
    describedBy: { args: NO_ARGS },
    execute: async () => {
      const status = selected();
      if (status) {
        await guarded(() => actions.run('sync', status));
      }
    }
  });

  keepFresh(commands, model);
}

function pathOf(
  args: ReadonlyPartialJSONObject,
  otherwise: () => string | null
): string | null {
  return typeof args.path === 'string' ? args.path : otherwise();
}

/** Tell menus and toolbars when what a command may do has changed. */
function keepFresh(commands: CommandRegistry, model: IDriveSyncModel): void {
  let before = '';
  model.changed.connect(() => {
    const now = JSON.stringify([
      model.health.kind,
      model.current?.project.id,
      model.projects.map(({ project, state }) => [
        project.id,
        project.auto_sync,
        state.word,
        state.actions
      ])
    ]);
    if (now !== before) {
      before = now;
      for (const id of [
        ...PALETTE,
        CommandIDs.syncSelected,
        CommandIDs.openSelectedInColab
      ]) {
        if (commands.hasCommand(id)) {
          commands.notifyCommandChanged(id);
        }
      }
    }
  }, commands);
}
