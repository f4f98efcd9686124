import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useModel } from '../components/hooks';
import { percent } from '../format';
import { toneIcons } from '../icons';
import type { IDriveSyncModel } from '../tokens';
import { standText } from '../words';

/** The current project's state in the status bar; click opens the sidebar. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly _model: IDriveSyncModel,
    private readonly _open: () => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-DriveSync-statusItem');
  }

  protected render(): JSX.Element {
    return (
      <StatusButton model={this._model} open={this._open} trans={this._trans} />
    );
  }
}

/** Icon and word of the state. */
export function StatusButton(props: {
  model: IDriveSyncModel;
  open: () => void;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { model, open, trans } = props;
  useModel(model);
  const status = model.current;
  if (status === null) {
    return null;
  }
  const { name } = status.project;
  const lost = model.health.kind !== 'ready';
  const text = standText(status, trans);
  const tone = lost ? 'waiting' : text.tone;
  const Icon = toneIcons[tone];
  const done = status.progress
    ? percent(status.progress.bytes, status.progress.total_bytes)
    : null;
  const word = lost
    ? trans.__('No answer')
    : done === null
      ? text.short
      : trans.__('%1 %2%', text.short, done);
  return (
    <button
      type="button"
      className={`jp-DriveSync-statusButton jp-DriveSync-tone-${tone}`}
      title={trans.__('Drive Sync: %1: %2', name, text.title)}
      onClick={open}
    >
      <Icon.react tag="span" className="jp-DriveSync-icon" />
      <span>{word}</span>
    </button>
  );
}
