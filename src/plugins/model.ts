import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { DriveSyncApi } from '../api';
import { StatusEvents } from '../events';
import { DriveSyncModel } from '../model';
import { IDriveSyncModel } from '../tokens';

/** Provides what the browser knows of all projects. */
export const modelPlugin: JupyterFrontEndPlugin<IDriveSyncModel> = {
  id: 'jupyter-drive-sync:model',
  description: 'Provides the state of all projects of Drive Sync.',
  autoStart: true,
  provides: IDriveSyncModel,
  activate: (app: JupyterFrontEnd): IDriveSyncModel => {
    const { serverSettings, events } = app.serviceManager;
    const model = new DriveSyncModel({
      api: new DriveSyncApi(serverSettings),
      events: new StatusEvents(events)
    });
    // The poll alone would notice a lost server only after a while.
    app.serviceManager.connectionFailure.connect(() => {
      if (model.health.kind === 'ready') {
        void model.refresh();
      }
    }, model);
    void model.start();
    return model;
  }
};
