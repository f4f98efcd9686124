import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import {
  addToolbarButtonClass,
  ReactWidget,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { colabTarget } from '../colab';
import { useModel } from '../components/hooks';
import { toneIcons } from '../icons';
import type { IDriveSyncModel } from '../tokens';
import { actionText, standText } from '../words';

export interface IToolbarButtonOptions {
  model: IDriveSyncModel;
  panel: NotebookPanel;
  trans: TranslationBundle;
  /** Run what the button stands for, for a path of the contents API. */
  run: (path: string) => void;
}

/** The state of the notebook's project; click syncs. */
export class SyncButton extends ReactWidget {
  constructor(private readonly _options: IToolbarButtonOptions) {
    super();
    addToolbarButtonClass(this);
    this.addClass('jp-DriveSync-toolbarSync');
  }

  protected render(): JSX.Element {
    return <SyncButtonView {...this._options} />;
  }
}

function SyncButtonView(props: IToolbarButtonOptions): JSX.Element | null {
  const { model, panel, trans, run } = props;
  useModel(model);
  const path = panel.context.path;
  const status = model.containing(path);
  if (status === null) {
    return null;
  }
  const { name } = status.project;
  const text = standText(status, trans);
  return (
    <ToolbarButtonComponent
      className={`jp-DriveSync-tone-${text.tone}`}
      icon={toneIcons[text.tone]}
      tooltip={trans.__(
        '%1: %2. %3',
        name,
        text.title,
        actionText('sync', status.state, trans)
      )}
      enabled={status.state.actions.includes('sync')}
      disabledTooltip={trans.__('%1: %2', name, text.title)}
      onClick={() => run(path)}
    />
  );
}

export interface IColabButtonOptions extends IToolbarButtonOptions {
  icon: LabIcon;
  tooltip: string;
  className: string;
}

/** Does something for Colab with the notebook; says why not where it cannot. */
export class ColabButton extends ReactWidget {
  constructor(private readonly _options: IColabButtonOptions) {
    super();
    addToolbarButtonClass(this);
    this.addClass(_options.className);
  }

  protected render(): JSX.Element {
    return <ColabButtonView {...this._options} />;
  }
}

function ColabButtonView(props: IColabButtonOptions): JSX.Element | null {
  const { model, panel, trans, run, icon, tooltip } = props;
  useModel(model);
  const path = panel.context.path;
  if (model.containing(path) === null) {
    return null;
  }
  const target = colabTarget(model, path, trans);
  return (
    <ToolbarButtonComponent
      icon={icon}
      tooltip={tooltip}
      enabled={target.reason === null}
      disabledTooltip={target.reason ?? undefined}
      onClick={() => run(path)}
    />
  );
}
