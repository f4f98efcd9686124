import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commandids';
import type { IConnectActions } from '../components/connect/actions';
import { ConnectApi } from '../connect';
import { ConnectModel } from '../connectmodel';
import { disconnect } from '../disconnecting';
import { logoIcon } from '../icons';
import { plain } from '../paths';
import { asPlace, PlaceKeeper } from '../placekeeper';
import { serverFolders } from '../serverfolders';
import { openSignInTab } from '../signintab';
import { IDriveSyncModel } from '../tokens';
import type { ConnectContent } from '../widgets/connectpage';
import { DOMAIN } from '../words';

type Page = MainAreaWidget<ConnectContent>;

/** Adds the page that connects Google Drive. */
export const connectPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:connect',
  description: 'Adds the page that connects Google Drive without a terminal.',
  autoStart: true,
  requires: [IDriveSyncModel],
  optional: [
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    IFileBrowserFactory,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null
  ): void => {
    const { commands, serviceManager, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const api = new ConnectApi(serviceManager.serverSettings);
    const keeper = new PlaceKeeper(
      `${CommandIDs.connect}:${serviceManager.serverSettings.baseUrl}`
    );
    const tracker = new WidgetTracker<Page>({
      namespace: 'jupyter-drive-sync-connect'
    });
    const actions: IConnectActions = {
      disconnect: remote => disconnect(api, remote, model.projects, trans),
      link: (local, remote, ignore) => model.link(local, remote, ignore),
      show: status => {
        if (status) {
          model.choose(status.project.id);
        }
        void commands.execute(CommandIDs.open);
      }
    };

    const make = (connecting: ConnectModel): Promise<Page> =>
      import('../widgets/connectpage').then(({ connectPage }) =>
        connectPage({
          model: connecting,
          api: model.api,
          projects: model,
          folders: serverFolders(serviceManager.contents),
          start: plain(browsers?.tracker.currentWidget?.model.path ?? ''),
          actions,
          trans
        })
      );

    /** Whether the layout is that of before; until then, what is added is dropped by it. */
    let laidOut = false;
    void app.restored.then(() => {
      laidOut = true;
    });
    let opening: Promise<unknown> | null = null;

    /** Open the page once there is a place for it; one page is enough. */
    const open = async (args: ReadonlyPartialJSONObject): Promise<Page> => {
      // The layout itself waits for the page that was open before.
      if (args.restoring !== true && !laidOut) {
        await app.restored;
      }
      // What waits for nothing does not wait here either: a tab has to be opened within the click.
      while (opening !== null) {
        await opening;
      }
      const page = openNow(args);
      // That it failed is told to whoever asked for it, not to the next one.
      opening = page
        .catch(() => undefined)
        .then(() => {
          opening = null;
        });
      return page;
    };

    const openNow = async (args: ReadonlyPartialJSONObject): Promise<Page> => {
      const standing = tracker.currentWidget ?? tracker.find(() => true);
      const connecting =
        standing?.content.model ??
        new ConnectModel({
          api,
          openTab: () => openSignInTab(trans.__('One moment…')),
          renewed: () => void model.refresh()
        });
      // The tab has to be opened at once, before anything is waited for.
      if (typeof args.remote === 'string') {
        void connecting.load();
        void connecting.signInAgain(args.remote);
      } else if (!standing) {
        const kept = keeper.load();
        void connecting.resume(
          kept.flow || kept.connected ? kept : asPlace(args)
        );
      } else if (connecting.stage === 'done') {
        connecting.restart();
      }
      const page = standing ?? (await make(connecting));
      if (!standing) {
        let saved = '';
        connecting.changed.connect(() => {
          const place = JSON.stringify(connecting.place);
          if (place !== saved) {
            saved = place;
            keeper.save(connecting.place);
            void tracker.save(page);
          }
        });
        await tracker.add(page);
      }
      if (!page.isAttached) {
        shell.add(page, 'main', { type: 'Drive Sync' });
        if (!labShell && !page.isAttached) {
          shell.add(page, 'right'); // Notebook has room for one thing in the middle
        }
      }
      shell.activateById(page.id);
      return page;
    };

    commands.addCommand(CommandIDs.connect, {
      label: args =>
        args.isLauncher === true
          ? trans.__('Google Drive')
          : trans.__('Connect Google Drive…'),
      caption: trans.__('Sign in to Google Drive, or to another storage'),
      icon: logoIcon,
      isEnabled: () => model.health.kind === 'ready' || tracker.size > 0,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            remote: {
              type: 'string',
              description: 'A remote to sign in for again.'
            },
            flow: {
              type: 'string',
              description: 'A sign-in that has not ended.'
            },
            connected: {
              type: 'string',
              description: 'A remote whose folders are to be chosen.'
            },
            restoring: {
              type: 'boolean',
              description: 'Whether the layout of before asks for it.'
            },
            isLauncher: {
              type: 'boolean',
              description: 'Whether it stands in the launcher.'
            }
          }
        }
      },
      execute: open
    });
    model.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.connect);
    });

    void restorer?.restore(tracker, {
      command: CommandIDs.connect,
      args: page => ({ ...page.content.model.place, restoring: true }),
      name: () => 'connect',
      when: app.serviceManager.ready
    });
    palette?.addItem({
      command: CommandIDs.connect,
      category: trans.__('Drive Sync')
    });
    launcher?.add({
      command: CommandIDs.connect,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 20
    });
  }
};
