import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import {
  IDocumentManager,
  IDocumentWidgetOpener
} from '@jupyterlab/docmanager';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Widget } from '@lumino/widgets';

import { Pristine } from '../pristine';
import { Reloader } from '../reload';
import { IDriveSyncModel } from '../tokens';

/** Makes the project where the person works the current one. */
export const focusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:focus',
  description: 'Lets Drive Sync show the project in which the person works.',
  autoStart: true,
  requires: [IDriveSyncModel, IDocumentManager],
  optional: [IFileBrowserFactory, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    docManager: IDocumentManager,
    browsers: IFileBrowserFactory | null,
    labShell: ILabShell | null
  ): void => {
    const { contents } = app.serviceManager;
    const focusOn = (widget: Widget | null) => {
      const context = widget && docManager.contextForWidget(widget);
      if (context) {
        model.focus(contents.localPath(context.path));
      }
    };
    labShell?.currentChanged.connect((_, change) => {
      focusOn(change.newValue);
    }, model);
    browsers?.tracker.widgetAdded.connect((_, browser) => {
      const look = () => model.focus(contents.localPath(browser.model.path));
      browser.model.pathChanged.connect(look, model);
      look();
    }, model);
    browsers?.tracker.forEach(browser => {
      const look = () => model.focus(contents.localPath(browser.model.path));
      browser.model.pathChanged.connect(look, model);
      look();
    });
    void app.restored.then(() => focusOn(app.shell.currentWidget));
  }
};

/** Reads open documents anew when their files changed on the other side. */
export const reloadPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-drive-sync:reload',
  description: 'Reads open documents anew when a sync changed their files.',
  autoStart: true,
  requires: [IDriveSyncModel, IDocumentManager],
  optional: [IFileBrowserFactory, IDocumentWidgetOpener],
  activate: (
    app: JupyterFrontEnd,
    model: IDriveSyncModel,
    docManager: IDocumentManager,
    browsers: IFileBrowserFactory | null,
    opener: IDocumentWidgetOpener | null
  ): void => {
    const pristine = new Pristine();
    opener?.opened.connect((_, widget) => {
      pristine.follow(widget.context);
    }, pristine);
    const documents = () => openDocuments(app, docManager);
    new Reloader({
      model,
      contents: app.serviceManager.contents,
      pristine,
      documents,
      refreshBrowsers: () => {
        browsers?.tracker.forEach(browser => {
          void browser.model.refresh();
        });
      }
    });
  }
};

/** Every open document, each file once. */
function openDocuments(
  app: JupyterFrontEnd,
  docManager: IDocumentManager
): IDocumentWidget[] {
  const found = new Map<unknown, IDocumentWidget>();
  for (const widget of app.shell.widgets('main')) {
    const context = docManager.contextForWidget(widget);
    if (context) {
      found.set(context, widget as IDocumentWidget);
    }
  }
  return [...found.values()];
}
