import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commandids';
import { examine } from '../doctor';
import { IDriveSyncModel } from '../tokens';
import { DOMAIN } from '../words';

/** Adds the doctor. */
export const doctorPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:doctor',
  description:
    'Adds a look at everything that connecting and syncing needs, with what to do.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const settings = app.serviceManager.serverSettings;
    app.commands.addCommand(CommandIDs.doctor, {
      label: trans.__('Check Everything…'),
      caption: trans.__(
        'Look at all that syncing needs, and say what to do about it'
      ),
      isEnabled: () => model.health.kind === 'ready',
      describedBy: {
        args: {
          type: 'object',
          properties: {
            project: {
              type: 'string',
              description: 'The id of the only project to look at.'
            }
          }
        }
      },
      execute: async args => {
        const project = typeof args.project === 'string' ? args.project : null;
        const { showDoctorDialog } = await import('../widgets/doctordialog');
        await showDoctorDialog({
          examine: () => examine(settings, project),
          trans
        });
      }
    });
    model.changed.connect(() => {
      app.commands.notifyCommandChanged(CommandIDs.doctor);
    });
    palette?.addItem({
      command: CommandIDs.doctor,
      category: trans.__('Drive Sync')
    });
  }
};
