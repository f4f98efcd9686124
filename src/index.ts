import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:plugin',
  description: 'Drive Sync.',
  autoStart: true,
  activate: () => undefined
};
export default [plugin];
