import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRuntime, IStatus } from './api';
import { secondsSince } from './format';
import { StatusWatcher } from './statuswatcher';
import type {
  IDriveSyncModel,
  IDriveSyncSettings,
  IStatusChange
} from './tokens';
import type { IRuntimeNews } from './words';
import { endedNews, errorNews, needsPerson, notice, silentNews } from './words';

/** What is older when the page opens is no news, in seconds. */
const OLD = 24 * 60 * 60;

/** Something to be said once, while it is so. */
interface INews {
  key: string;
  text: IRuntimeNews;
  kind: 'warning' | 'success';
}

/**
 * Says so once when a runtime falls silent before all is on Drive, when something goes wrong there,
 * and when a run ends; takes a warning back when it is no longer so.
 */
export class ColabNotifier extends StatusWatcher {
  constructor(private readonly _options: ColabNotifier.IOptions) {
    super(_options.model);
  }

  protected onStatus({ before, after }: IStatusChange): void {
    // A server half of another version may say nothing of runtimes.
    const now = after?.runtimes ?? [];
    const current = new Set<string>();
    for (const runtime of now) {
      for (const news of this._newsOf(after as IStatus, runtime)) {
        current.add(news.key);
        this._hear(after as IStatus, runtime, news);
      }
    }
    for (const { runtime } of [...(before?.runtimes ?? []), ...now]) {
      for (const key of this._options.said.keys(runtime)) {
        if (!current.has(key)) {
          this._takeBack(key);
        }
      }
    }
  }

  private _newsOf({ project }: IStatus, runtime: IRuntime): INews[] {
    const { trans } = this._options;
    const { name } = project;
    const id = runtime.runtime;
    const news: INews[] = [];
    if (runtime.state === 'silent' && runtime.unverified > 0) {
      const text = silentNews(name, runtime, trans);
      news.push({ key: `${id} silent`, text, kind: 'warning' });
    }
    if (needsPerson(runtime) && runtime.error !== null) {
      const text = errorNews(name, runtime, runtime.error, trans);
      const key = `${id} error ${runtime.error.code}`;
      news.push({ key, text, kind: 'warning' });
    }
    if (runtime.state === 'ended') {
      const text = endedNews(name, runtime, trans);
      const kind = runtime.unverified > 0 ? 'warning' : 'success';
      news.push({ key: `${id} ended`, text, kind });
    }
    return news;
  }

  private _hear(status: IStatus, runtime: IRuntime, news: INews): void {
    const { said, settings, trans, open } = this._options;
    if (said.has(news.key)) {
      return;
    }
    said.add(news.key);
    const age = secondsSince(runtime.heard, Date.parse(status.server_time));
    if (age > OLD || !(settings?.notifyColab ?? true)) {
      return;
    }
    const options = {
      autoClose: false as const,
      actions: [
        { label: trans.__('Show'), callback: () => open(status.project.id) }
      ]
    };
    const line = notice(news.text);
    this._shown.set(
      news.key,
      news.kind === 'warning'
        ? Notification.warning(line, options)
        : Notification.success(line, options)
    );
  }

  private _takeBack(key: string): void {
    this._options.said.delete(key);
    const shown = this._shown.get(key);
    if (shown !== undefined) {
      this._shown.delete(key);
      Notification.dismiss(shown);
    }
  }

  private _shown = new Map<string, string>();
}

export namespace ColabNotifier {
  export interface IOptions {
    model: Pick<IDriveSyncModel, 'statusChanged'>;
    settings: Pick<IDriveSyncSettings, 'notifyColab'> | null;
    trans: TranslationBundle;
    /** What was said already, also before the page was loaded. */
    said: Said;
    /** Show a project in the sidebar. */
    open: (id: string) => void;
  }
}

/** So many are remembered: more than can be on all lists at one time. */
const REMEMBERED = 200;
const PLACE = 'jupyter-drive-sync:colab-said';

/** What a person was told, remembered in the browser, so that a reload does not say it again. */
export class Said {
  /** @param storage - Where it is remembered; may be full or forbidden. */
  constructor(private readonly _storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this._all = this._read();
  }

  has(key: string): boolean {
    return this._all.includes(key) || this._read().includes(key);
  }

  /** What was said about a runtime. */
  keys(runtime: string): string[] {
    return this._all.filter(key => key.startsWith(`${runtime} `));
  }

  add(key: string): void {
    this._write([...this._read().filter(one => one !== key), key]);
  }

  delete(key: string): void {
    this._write(this._read().filter(one => one !== key));
  }

  private _read(): string[] {
    try {
      const found: unknown = JSON.parse(this._storage.getItem(PLACE) ?? '[]');
      return Array.isArray(found) ? found.map(String) : [];
    } catch {
      return this._all; // without the storage it is remembered as long as the page lives
    }
  }

  private _write(all: string[]): void {
    this._all = all.slice(-REMEMBERED);
    try {
      this._storage.setItem(PLACE, JSON.stringify(this._all));
    } catch {
      // Then it may be said again after a reload.
    }
  }

  private _all: string[] = [];
}
