import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { IConnectPageProps } from '../components/connect/ConnectPage';
import { ConnectPage } from '../components/connect/ConnectPage';
import type { ConnectModel } from '../connectmodel';
import { logoIcon } from '../icons';

/** The page that leads from no account to a first sync. Takes its model along when it closes. */
export class ConnectContent extends ReactWidget {
  constructor(private readonly _props: IConnectPageProps) {
    super();
    this.addClass('jp-DriveSync');
    this.addClass('jp-DriveSync-connectPage');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute(
      'aria-label',
      _props.trans.__('Connect Google Drive')
    );
    this.node.tabIndex = -1;
  }

  get model(): ConnectModel {
    return this._props.model;
  }

  override dispose(): void {
    this._props.model.dispose();
    super.dispose();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    (this.node.querySelector<HTMLElement>('h2') ?? this.node).focus();
  }

  protected render(): JSX.Element {
    return <ConnectPage {...this._props} />;
  }
}

/** The page in the main area. */
export function connectPage(
  props: IConnectPageProps
): MainAreaWidget<ConnectContent> {
  const page = new MainAreaWidget({ content: new ConnectContent(props) });
  page.id = 'jupyter-drive-sync-connect';
  page.title.label = props.trans.__('Connect Google Drive');
  page.title.icon = logoIcon;
  page.title.closable = true;
  page.toolbar.hide();
  return page;
}
