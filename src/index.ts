import { colabCellPlugin, colabNewsPlugin } from './plugins/colab';
import { commandsPlugin } from './plugins/commands';
import { connectPlugin } from './plugins/connect';
import { doctorPlugin } from './plugins/doctor';
import { focusPlugin, reloadPlugin } from './plugins/follow';
import { modelPlugin } from './plugins/model';
import { notificationsPlugin } from './plugins/notifications';
import { settingsPlugin } from './plugins/settings';
import { sidebarPlugin } from './plugins/sidebar';
import { statusBarPlugin } from './plugins/statusbar';
import { toolbarPlugin } from './plugins/toolbar';

export * from './tokens';

export default [
  settingsPlugin,
  modelPlugin,
  commandsPlugin,
  connectPlugin,
  doctorPlugin,
  sidebarPlugin,
  statusBarPlugin,
  toolbarPlugin,
  focusPlugin,
  reloadPlugin,
  notificationsPlugin,
  colabCellPlugin,
  colabNewsPlugin
];
