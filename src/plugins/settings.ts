import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { IDriveSyncSettings } from '../tokens';

const ID = 'jupyter-drive-sync:plugin';

/** The settings, as they were before the registry answered: the schema's defaults. */
class Settings implements IDriveSyncSettings {
  get showInStatusBar(): boolean {
    return this._get('showInStatusBar');
  }

  get notifyNeedsPerson(): boolean {
    return this._get('notifyNeedsPerson');
  }

  get notifyColab(): boolean {
    return this._get('notifyColab');
  }

  get confirmUnlink(): boolean {
    return this._get('confirmUnlink');
  }

  get changed(): ISignal<IDriveSyncSettings, void> {
    return this._changed;
  }

  follow(loaded: ISettingRegistry.ISettings): void {
    this._loaded = loaded;
    loaded.changed.connect(() => this._changed.emit(), this);
    this._changed.emit();
  }

  private _get(name: string): boolean {
    return this._loaded?.get(name).composite !== false; // all default to true
  }

  private _changed = new Signal<IDriveSyncSettings, void>(this);
  private _loaded: ISettingRegistry.ISettings | null = null;
}

/** Provides the person's taste. */
export const settingsPlugin: JupyterFrontEndPlugin<IDriveSyncSettings> = {
  id: ID,
  description: 'Provides the settings of Drive Sync.',
  autoStart: true,
  provides: IDriveSyncSettings,
  optional: [ISettingRegistry],
  activate: (
    _: JupyterFrontEnd,
    registry: ISettingRegistry | null
  ): IDriveSyncSettings => {
    const settings = new Settings();
    registry?.load(ID).then(
      loaded => settings.follow(loaded),
      (reason: unknown) => {
        console.error('Drive Sync works with its default settings.', reason);
      }
    );
    return settings;
  }
};
