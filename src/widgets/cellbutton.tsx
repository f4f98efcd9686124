import {
  addToolbarButtonClass,
  ReactWidget,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import * as React from 'react';

import { colabTarget } from '../colab';
import { useModel } from '../components/hooks';
import { colabCellIcon } from '../icons';
import type { IToolbarButtonOptions } from './toolbarbuttons';

/** Puts the Colab cell into the notebook; says why not where it cannot. */
export class CellButton extends ReactWidget {
  constructor(private readonly _options: IToolbarButtonOptions) {
    super();
    addToolbarButtonClass(this);
    this.addClass('jp-DriveSync-toolbarCell');
  }

  protected render(): JSX.Element {
    return <CellButtonView {...this._options} />;
  }
}

function CellButtonView(props: IToolbarButtonOptions): JSX.Element | null {
  const { model, panel, trans, run } = props;
  useModel(model);
  const path = panel.context.path;
  if (model.containing(path) === null) {
    return null;
  }
  const target = colabTarget(model, path, trans);
  return (
    <ToolbarButtonComponent
      icon={colabCellIcon}
      tooltip={trans.__('Insert Colab Cell')}
      enabled={target.reason === null}
      disabledTooltip={target.reason ?? undefined}
      onClick={() => run(path)}
    />
  );
}
