import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ISidebarActions } from '../components/actions';
import { Sidebar } from '../components/Sidebar';
import { logoIcon } from '../icons';
import type { IDriveSyncModel } from '../tokens';

/** The sidebar's place in the shell. */
export class SidebarWidget extends ReactWidget {
  constructor(
    private readonly _model: IDriveSyncModel,
    private readonly _actions: ISidebarActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.id = SidebarWidget.ID;
    this.addClass('jp-DriveSync');
    this.addClass('jp-DriveSync-sidebar');
    this.title.icon = logoIcon;
    this.title.caption = this._trans.__('Drive Sync');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this._trans.__('Drive Sync'));
    this.node.tabIndex = -1;
  }

  /** Take the focus, so that the keyboard goes on from here. */
  protected override onActivateRequest(): void {
    this.node.focus();
  }

  protected render(): JSX.Element {
    return (
      <Sidebar
        model={this._model}
        actions={this._actions}
        trans={this._trans}
      />
    );
  }
}

export namespace SidebarWidget {
  export const ID = 'jupyter-drive-sync-sidebar';
}
