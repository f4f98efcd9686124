import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { Notifier } from '../notifier';
import { notifyFailure, ProjectActions, signInBy } from '../projectactions';
import { IDriveSyncModel, IDriveSyncSettings } from '../tokens';
import { DOMAIN } from '../words';

/** Says so when a project begins to need a person. */
export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:notifications',
  description: 'Notifies when a project of Drive Sync needs a person.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [IDriveSyncSettings, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    settings: IDriveSyncSettings | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const actions = new ProjectActions(
      model,
      settings,
      trans,
      signInBy(app.commands)
    );
    const open = (id: string) => {
      model.choose(id);
      void app.commands.execute(CommandIDs.open);
    };
    new Notifier({
      model,
      settings,
      trans,
      open,
      act: (action, id) => {
        const status = model.find(id);
        if (status) {
          actions.run(action, status).catch((reason: unknown) => {
            notifyFailure(reason, trans, () => open(id));
          });
        }
      }
    });
  }
};
