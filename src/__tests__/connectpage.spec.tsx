import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import type { IProgress, IStatus } from '../api';
import type { IConnectActions } from '../components/connect/actions';
import { ConnectPage } from '../components/connect/ConnectPage';
import { ConnectModel } from '../connectmodel';
import { StatusEvents } from '../events';
import { DriveSyncModel } from '../model';
import {
  ACCOUNT,
  apiError,
  FakeConnectApi,
  FakeTabs,
  FLOW,
  GDRIVE,
  OFFER,
  question,
  SECRET
} from './fakeconnect';
import {
  FakeApi,
  FakeEvents,
  inState,
  PLAN,
  settle,
  status,
  T0
} from './fakes';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('jupyter_drive_sync');
const CLIENT_ID = '1-a.apps.googleusercontent.com';
const CLIENT_FILE = JSON.stringify({
  installed: { client_id: CLIENT_ID, client_secret: SECRET }
});

const PROGRESS: IProgress = {
  phase: 'apply',
  bytes: 100,
  total_bytes: 400,
  files: 1,
  total_files: 4,
  speed: 0,
  eta_seconds: null,
  current: [],
  cancelling: false
};

describe('the page that connects', () => {
  let api: FakeConnectApi;
  let other: FakeApi;
  let tabs: FakeTabs;
  let model: ConnectModel;
  let projects: DriveSyncModel;
  let view: IView;
  const actions: jest.Mocked<IConnectActions> = {
    disconnect: jest.fn(),
    link: jest.fn(),
    show: jest.fn()
  };

  const open = async () => {
    await model.load();
    view = await show(
      <ConnectPage
        model={model}
        api={other}
        projects={projects}
        folders={{
          list: async path => ({ path, parent: null, folders: [] }),
          create: async (parent, name) => `${parent}/${name}`
        }}
        start="ml/spam"
        actions={actions}
        trans={trans}
      />
    );
    await flush();
  };

  beforeEach(() => {
    jest.resetAllMocks();
    api = new FakeConnectApi();
    other = new FakeApi();
    tabs = new FakeTabs();
    model = new ConnectModel({ api, openTab: tabs.open });
    projects = new DriveSyncModel({
      api: other,
      events: new StatusEvents(new FakeEvents().manager),
      standby: 'never'
    });
    jest.spyOn(projects, 'now', 'get').mockReturnValue(Date.parse(T0));
  });

  afterEach(() => {
    view.close();
    model.dispose();
    projects.dispose();
  });

  const after = (work: () => void) =>
    flush(() => {
      work();
    }).then(() => flush(() => void settle()));
  const way = (name: string) =>
    flush(() =>
      view.node
        .querySelector<HTMLButtonElement>(`[data-way="${name}"]`)!
        .click()
    );
  const pasteInto = async (text: string) => {
    const drop = view.node.querySelector('.jp-DriveSync-drop')!;
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, {
      clipboardData: { files: [], getData: () => text }
    });
    await after(() => drop.dispatchEvent(event));
  };
  const heading = () => view.node.querySelector('h2')!;
  const signInNow = async () => {
    await way('own_client');
    await pasteInto(CLIENT_FILE);
    await view.click('Sign in with Google');
    await flush();
  };
  const connected = async () => {
    api.offer = { ...OFFER, remotes: [GDRIVE] };
    await after(() =>
      api.advance({ step: 'done', auth_url: null, account: ACCOUNT })
    );
  };

  it('shows the fitting way first, each with what it is for and what it needs', async () => {
    await open();
    const cards = [...view.node.querySelectorAll('[data-way]')];
    expect(cards.map(card => card.getAttribute('data-way'))).toEqual(
      OFFER.ways.map(one => one.way)
    );
    expect(cards[0].textContent).toContain('Start here');
    expect(cards[1].textContent).not.toContain('Start here');
    for (const card of cards) {
      expect(card.textContent).toMatch(/You need: |no Google credentials/);
    }
    expect((cards[2] as HTMLButtonElement).disabled).toBe(true);
  });

  it('leads a person from nothing to a linked project', async () => {
    other.nextPlan = {
      ...PLAN,
      first: true,
      totals: { ...PLAN.totals, push: 3, bytes_up: 1_200_000 },
      steps: [{ kind: 'push', path: 'train.ipynb', size: 1000, detail: '' }],
      estimate_seconds: 90,
      creates_remote: true,
      ignored: { files: 2, folders: 1, bytes: 5000, more: false }
    };
    actions.link.mockResolvedValue(status('spam'));
    await open();
    await signInNow();
    expect(api.begun).toEqual([
      {
        way: 'own_client',
        scope: 'drive',
        client_text: CLIENT_FILE,
        redirect: 'auto'
      }
    ]);
    expect(tabs.opened[0].url).toBe(FLOW.auth_url);
    expect(view.text()).toContain('Waiting for you to finish');
    expect(view.text()).toContain('Time left: 5 min');
    await connected();
    expect(view.text()).toContain('Ann (ann@example.org)');
    expect(view.text()).toContain('12.3 GB free of 15.0 GB');
    expect(view.text()).toContain('all files');
    expect(view.field(/^Folder in it/).value).toBe('spam');
    await view.click('Show what would happen');
    await flush();
    expect(other.calls).toContain('preview ml/spam gdrive:spam');
    expect(view.text()).toContain('To Drive: 3 files, 1.2 MB');
    expect(view.text()).toContain('It takes about 2 min.');
    expect(view.text()).toContain('2 files and 1 folder, 5.0 kB');
    expect(view.text()).toContain('it will be made');
    await view.click('Link and sync');
    await flush();
    expect(actions.link).toHaveBeenCalledWith('ml/spam', 'gdrive:spam', []);
    expect(actions.show).toHaveBeenCalledWith(status('spam'));
    expect(heading().textContent).toBe('spam is linked');
  });

  it('never shows or keeps the secret that it is given', async () => {
    await open();
    await signInNow();
    expect(view.node.innerHTML).not.toContain(SECRET);
    await connected();
    expect(view.node.innerHTML).not.toContain(SECRET);
    for (const storage of [localStorage, sessionStorage]) {
      expect(JSON.stringify(storage)).not.toContain(SECRET);
    }
  });

  it('takes the two values as well, the secret masked', async () => {
    await open();
    await way('own_client');
    await view.type('Client ID', ` ${CLIENT_ID} `);
    expect(view.button('Sign in with Google').disabled).toBe(true);
    await view.type('Client secret', SECRET);
    const field = view.field('Client secret');
    expect(field.type).toBe('password');
    expect(field.autocomplete).toBe('new-password');
    await view.click('Sign in with Google');
    expect(api.begun[0].client).toEqual({
      client_id: CLIENT_ID,
      client_secret: SECRET
    });
  });

  it('says at the file what is wrong with it', async () => {
    await open();
    await way('own_client');
    api.failing.set('client', apiError('client_invalid'));
    await pasteInto('{"web": {}}');
    const alert = view.node.querySelector('[role="alert"]')!;
    expect(alert.textContent).toContain('client_invalid happened.');
    expect(alert.textContent).toContain('Do so about client_invalid.');
    expect(view.button('Sign in with Google').disabled).toBe(true);
    expect(api.begun).toEqual([]);
    await pasteInto(CLIENT_FILE);
    expect(view.node.querySelector('[role="alert"]')).toBeNull();
    expect(view.text()).toContain('my-project');
  });

  it('says what follows from seeing less, and asks for it', async () => {
    await open();
    await way('own_client');
    expect(view.text()).toContain('stay invisible');
    await flush(() => view.field(/^Only files/).click());
    await pasteInto(CLIENT_FILE);
    await view.click('Sign in with Google');
    expect(api.begun[0].scope).toBe('drive.file');
  });

  it('shows the place for the address first where the browser is elsewhere', async () => {
    api.offer = { ...OFFER, local_browser: false };
    await open();
    await signInNow();
    const paste = view.node.querySelector('details')!;
    expect(paste.open).toBe(true);
    const link = view.node.querySelector<HTMLAnchorElement>(
      `a[href^="https://accounts.google.com"]`
    )!;
    expect(link.target).toBe('_blank');
    expect(link.rel).toContain('noopener');
    api.failing.set('address', apiError('address_of_another_sign_in'));
    await view.type(/^Address of/, 'http://127.0.0.1:53682/?state=x&code=y');
    await view.click('Finish signing in');
    await flush();
    expect(paste.textContent).toContain('address_of_another_sign_in happened.');
    await view.click('Finish signing in');
    await flush();
    expect(api.addresses).toEqual(['http://127.0.0.1:53682/?state=x&code=y']);
    expect(view.field(/^Address of/).value).toBe('');
  });

  it('gives a link where the browser refuses the tab', async () => {
    tabs.allowed = false;
    await open();
    await signInNow();
    expect(view.text()).toContain('Your browser did not open a tab');
    expect(
      view.node.querySelector('a[href^="https://accounts.google.com"]')
    ).not.toBeNull();
  });

  it('lets a refused sign-in be tried again, and a slow one too', async () => {
    await open();
    await signInNow();
    await after(() =>
      api.advance({
        step: 'failed',
        auth_url: null,
        error: { code: 'sign_in_refused', message: 'You said no.', hint: 'H.' }
      })
    );
    expect(view.text()).toContain('You said no.');
    api.state = { ...FLOW, id: 'f2' };
    await view.click('Try again');
    await flush();
    expect(view.text()).toContain('Waiting for you to finish');
    await after(() => api.advance({ step: 'expired', auth_url: null }));
    expect(view.text()).toContain('The time to sign in is over.');
    expect(view.has('Try again')).toBe(true);
  });

  it('moves the focus to the heading of each step, and says where one is', async () => {
    await open();
    await way('own_client');
    expect(document.activeElement).toBe(heading());
    await pasteInto(CLIENT_FILE);
    await view.click('Sign in with Google');
    await flush();
    expect(document.activeElement).toBe(heading());
    const current = view.node.querySelectorAll('[aria-current="step"]');
    expect([...current].map(node => node.textContent)).toEqual(['3Sign in']);
    expect(
      view.node.querySelector('[role="status"][aria-live="polite"]')
        ?.textContent
    ).toContain('Waiting');
    await connected();
    expect(document.activeElement).toBe(heading());
  });

  it('offers what is connected, to use, to renew and to end', async () => {
    api.offer = { ...OFFER, remotes: [{ ...GDRIVE, projects: 2 }] };
    actions.disconnect.mockResolvedValue('gdrive is disconnected.');
    await open();
    expect(view.text()).toContain('2 projects');
    await view.click('Disconnect gdrive');
    await flush();
    expect(actions.disconnect).toHaveBeenCalledWith({ ...GDRIVE, projects: 2 });
    expect(view.text()).toContain('gdrive is disconnected.');
    await view.click('Use gdrive');
    await flush();
    expect(api.calls).toContain('account gdrive');
    expect(heading().textContent).toBe('Choose the two folders');
  });

  it('does not offer to end what is in the rclone configuration of the person', async () => {
    api.offer = { ...OFFER, remotes: [{ ...GDRIVE, ours: false }] };
    await open();
    expect(view.has('Disconnect gdrive')).toBe(false);
    await way('existing');
    await view.click('Use gdrive');
    expect(model.remote?.name).toBe('gdrive');
  });

  it('shows the line for another computer, and takes what it prints masked', async () => {
    api.state = {
      ...FLOW,
      way: 'token',
      step: 'question',
      auth_url: null,
      command: 'rclone authorize "drive"',
      question: question({ name: 'token', label: 'Token', secret: true })
    };
    await open();
    await way('token');
    await view.click('Show what to type there');
    await flush();
    expect(view.node.querySelector('code')?.textContent).toBe(
      'rclone authorize "drive"'
    );
    expect(view.field('Token').type).toBe('password');
    expect(view.has('Copy')).toBe(true);
  });

  it('offers to leave out what is large, and counts anew', async () => {
    other.nextPlan = {
      ...PLAN,
      totals: { ...PLAN.totals, push: 900 },
      suggestions: [
        { pattern: '.venv/', reason: 'environment', files: 890, bytes: 9e8 }
      ]
    };
    const asked: unknown[] = [];
    other.previewLink = async request => {
      asked.push(request);
      return asked.length === 1 ? other.nextPlan : PLAN;
    };
    actions.link.mockResolvedValue(status('spam'));
    await open();
    await way('folder');
    await view.type(/^Whole path/, '/mnt/usb/spam');
    await view.click('Show what would happen');
    await flush();
    await flush(() => view.field(/^\.venv/).click());
    await flush();
    expect(asked[1]).toEqual({
      local: 'ml/spam',
      remote: '/mnt/usb/spam',
      ignore: ['.venv/']
    });
    expect(view.field(/^\.venv/).checked).toBe(true); // it can be put back
    await view.click('Link and sync');
    expect(actions.link).toHaveBeenCalledWith('ml/spam', '/mnt/usb/spam', [
      '.venv/'
    ]);
  });

  describe('after the first click on Link and sync', () => {
    const running = (revision: number, parts = {}) =>
      inState('spam', 'syncing', ['cancel'], {
        revision: revision as never,
        last_good_sync: null as never,
        progress: { ...PROGRESS, ...parts } as never
      });
    const now = async (is: IStatus) => {
      other.statuses = [is];
      await flush(() => void projects.refresh());
      await flush();
    };
    const start = async () => {
      await open();
      await now(running(1));
      await flush(() => model.finish(running(1)));
    };

    it('shows how far the first sync is', async () => {
      await start();
      expect(view.text()).toContain('The first sync runs');
      expect(view.text()).toContain('1 of 4 files');
      await now(running(2, { files: 3 }));
      expect(view.text()).toContain('3 of 4 files');
    });

    it('lets it be cancelled there, and says that it was', async () => {
      await start();
      await view.click('Cancel');
      expect(other.calls).toContain('cancel spam');
      await now(running(2, { cancelling: true }));
      expect(view.has('Cancelling…')).toBe(true);
      await now(
        inState('spam', 'needs_first_sync', ['sync'], {
          revision: 3 as never,
          last_good_sync: null as never
        })
      );
      expect(view.text()).toContain('The first sync has not ended yet');
      expect(view.text()).toContain('Ready for the first sync');
      expect(view.has('Cancel')).toBe(false);
    });

    it('says when it is done, and no more about it in a later run', async () => {
      await start();
      await now(status('spam', { revision: 2 as never }));
      expect(view.text()).toContain('The first sync is done');
      expect(view.text()).toContain('In step');
      expect(view.node.querySelector('[role="progressbar"]')).toBeNull();
      await now(
        inState('spam', 'syncing', ['cancel'], { revision: 3 as never })
      );
      expect(view.text()).toContain('The first sync is done');
      expect(view.text()).not.toContain('The first sync runs');
    });

    it('says what stopped it, and what to do', async () => {
      await start();
      await now(
        inState('spam', 'quota_full', ['sync'], {
          revision: 2 as never,
          last_good_sync: null as never,
          state: {
            cause: {
              code: 'quota_full',
              message: 'There is no space left on Drive.',
              hint: 'Free some space.'
            }
          }
        })
      );
      expect(view.text()).toContain('There is no space left on Drive.');
      expect(view.text()).toContain('Free some space.');
    });

    it('says so when it is not linked any more', async () => {
      await start();
      other.statuses = [];
      await flush(() => void projects.refresh());
      await flush();
      expect(view.text()).toContain('It is not linked any more.');
      expect(view.has('Link another folder')).toBe(true);
    });
  });

  it('keeps a failed link where it was, with what to do', async () => {
    actions.link.mockRejectedValue(apiError('already_linked', 409));
    await open();
    await way('folder');
    await view.type(/^Whole path/, '/mnt/usb/spam');
    await view.click('Show what would happen');
    await flush();
    await view.click('Link and sync');
    await flush();
    expect(view.text()).toContain('Do so about already_linked.');
    await view.click('Back');
    expect(view.field(/^Whole path/).value).toBe('/mnt/usb/spam');
  });

  it('finds and makes folders on the other side', async () => {
    api.offer = { ...OFFER, remotes: [GDRIVE] };
    other.found = [{ name: 'spam', path: 'ml/2026/spam' }];
    await open();
    await view.click('Use gdrive');
    await flush();
    const name = () =>
      view.node.querySelector<HTMLInputElement>(
        'input[aria-label="Name of a folder"]'
      )!;
    const type = (text: string) =>
      flush(() => {
        Object.getOwnPropertyDescriptor(
          HTMLInputElement.prototype,
          'value'
        )!.set!.call(name(), text);
        name().dispatchEvent(new Event('input', { bubbles: true }));
      });
    await type('spam');
    await view.click('Find');
    await flush();
    expect(other.calls).toContain('find gdrive: spam');
    await view.click('ml/2026/spam');
    await flush();
    await type('fresh');
    await view.click('New folder');
    await flush();
    expect(other.calls).toContain('create gdrive:ml/2026/spam/fresh');
    await view.click('Show what would happen');
    await flush();
    expect(other.calls).toContain('preview ml/spam gdrive:ml/2026/spam/fresh');
  });
});
