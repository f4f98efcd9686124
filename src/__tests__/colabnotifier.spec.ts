import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { IRuntime, IStatus } from '../api';
import { ColabNotifier, Said } from '../colabnotifier';
import type { IStatusChange } from '../tokens';
import { status } from './fakes';
import { quiet } from './runtimes';

const trans = nullTranslator.load('jupyter_drive_sync');
const HEARD = '2026-11-21T16:52:00Z';

class Memory {
  getItem = () => this.text;
  setItem = (_: string, text: string) => {
    this.text = text;
  };
  text: string | null = null;
}

describe('news from Colab', () => {
  let memory: Memory;
  let settings: { notifyColab: boolean };
  let page: { emit: (now: IStatus | null) => void; close: () => void };
  const open = jest.fn();

  /** A page that was loaded just now. */
  function load() {
    const statusChanged = new Signal<object, IStatusChange>({});
    let before: IStatus | null = null;
    const notifier = new ColabNotifier({
      model: { statusChanged } as never,
      settings,
      trans,
      said: new Said(memory),
      open
    });
    return {
      emit: (after: IStatus | null) => {
        statusChanged.emit({ before, after });
        before = after;
      },
      close: () => notifier.dispose()
    };
  }

  beforeEach(() => {
    memory = new Memory();
    settings = { notifyColab: true };
    open.mockReset();
    page = load();
  });

  afterEach(() => {
    page.close();
    Notification.dismiss();
  });

  const shown = () => Notification.manager.notifications;
  const messages = () => shown().map(({ message }) => message);
  const tell = (...runtimes: IRuntime[]) =>
    page.emit(status('spam', { runtimes, server_time: HEARD as never }));
  const silent = quiet('silent', { heard: HEARD, unverified: 2 });
  const running = quiet('running', { heard: HEARD });
  const trouble = (code: string) => ({
    ...running,
    error: {
      code,
      text: 'Google Drive is full.',
      hint: 'Make room.',
      since: null
    }
  });

  it('come once when a runtime falls silent with files that are not on Drive', () => {
    tell(running);
    expect(messages()).toEqual([]);
    tell(silent);
    tell({ ...silent, every: 61 });
    expect(messages()).toEqual([
      'spam: the Colab runtime of train.ipynb fell silent. 2 files were not on Drive yet.'
    ]);
    shown()[0].options.actions?.[0].callback({} as MouseEvent);
    expect(open).toHaveBeenCalledWith('spam');
  });

  it('do not come, nor fail, when the server says nothing of runtimes', () => {
    const reported = jest.spyOn(console, 'error').mockReturnValue();
    page.emit({ ...status('spam'), runtimes: undefined } as never);
    expect(reported).not.toHaveBeenCalled();
    reported.mockRestore();
    expect(messages()).toEqual([]);
  });

  it('do not come when a runtime falls silent and all is on Drive', () => {
    tell(running);
    tell({ ...silent, unverified: 0 });
    expect(messages()).toEqual([]);
  });

  it('are taken back when it is heard again, and come again with the next silence', () => {
    tell(silent);
    tell(running);
    expect(messages()).toEqual([]);
    tell(silent);
    expect(messages()).toHaveLength(1);
  });

  it('come once when something fails that nobody but a person can mend', () => {
    tell(running);
    tell(trouble('quota_full'));
    tell(trouble('quota_full'));
    expect(messages()).toEqual([
      'spam, train.ipynb in Colab: Google Drive is full. Make room.'
    ]);
    tell(running);
    expect(messages()).toEqual([]);
  });

  it.each(['offline', 'rate_limited'])(
    'do not come for what ends by itself: %s',
    code => {
      tell(trouble(code));
      expect(messages()).toEqual([]);
    }
  );

  it('come once when a run ends, with what is safe', () => {
    tell(running);
    tell(quiet('ended', { heard: HEARD }));
    expect(messages()).toEqual([
      'spam: the run of train.ipynb in Colab ended. Step 100 and all else is on Drive.'
    ]);
    expect(shown()[0].type).toBe('success');
  });

  it('warn when a run was ended before all was on Drive', () => {
    tell(quiet('ended', { heard: HEARD, end: 'stopped', unverified: 1 }));
    expect(messages()).toEqual([
      'spam: the run of train.ipynb in Colab ended. 1 file was not on Drive yet.'
    ]);
    expect(shown()[0].type).toBe('warning');
  });

  it('are not repeated when the page is loaded again', () => {
    tell(silent);
    Notification.dismiss();
    page.close();
    page = load();
    tell(silent);
    expect(messages()).toEqual([]);
  });

  it('that are old when the page opens are none', () => {
    tell({ ...silent, heard: '2026-11-20T16:00:00Z' });
    expect(messages()).toEqual([]);
  });

  it('go with the runtime and with the project', () => {
    tell(silent);
    tell();
    expect(messages()).toEqual([]);
    tell(silent);
    page.emit(null);
    expect(messages()).toEqual([]);
  });

  it('can be switched off', () => {
    settings.notifyColab = false;
    tell(silent);
    expect(messages()).toEqual([]);
  });

  it('come also where the browser remembers nothing', () => {
    memory.getItem = () => {
      throw new Error('forbidden');
    };
    memory.setItem = memory.getItem;
    tell(silent);
    tell({ ...silent, every: 61 });
    expect(messages()).toHaveLength(1);
  });
});
