import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { CommandIDs } from '../commands';
import { IDriveSyncModel, IDriveSyncSettings } from '../tokens';
import { StatusItem } from '../widgets/statusitem';
import { DOMAIN } from '../words';

/** Adds the status bar item. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:statusbar',
  description: "Shows the project's state in the status bar.",
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [IDriveSyncSettings, IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    settings: IDriveSyncSettings | null,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return; // Notebook 7 has none
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = () => {
      void app.commands.execute(CommandIDs.open);
    };
    const item = new StatusItem(model, open, trans);
    const activeStateChanged = new Signal<StatusItem, void>(item);
    const tell = () => activeStateChanged.emit();
    settings?.changed.connect(tell, item);
    model.changed.connect(tell, item);
    statusBar.registerStatusItem('jupyter-drive-sync:statusbar', {
      item,
      align: 'left',
      rank: 5,
      isActive: () =>
        (settings?.showInStatusBar ?? true) && model.current !== null,
      activeStateChanged
    });
  }
};
