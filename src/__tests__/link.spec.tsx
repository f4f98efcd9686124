import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlan } from '../api';
import { ConsentView } from '../components/ConsentView';
import { LinkSteps } from '../components/link/LinkSteps';
import { PlanView } from '../components/PlanView';
import { ApiError } from '../request';
import { serverFolders } from '../serverfolders';
import { FakeApi, PLAN, status } from './fakes';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('jupyter_drive_sync');

const FIRST: IPlan = {
  ...PLAN,
  first: true,
  steps: [
    { kind: 'push', path: 'train.ipynb', size: 1000, detail: '' },
    { kind: 'pull', path: 'data/labels.csv', size: 2000, detail: '' }
  ],
  totals: {
    ...PLAN.totals,
    push: 121,
    pull: 1,
    hold: 1,
    equal: 3,
    bytes_up: 1_200_000,
    bytes_down: 2000
  },
  held: [
    {
      path: 'notes.md',
      reason: 'conflict',
      message: 'The two sides have different versions.',
      hint: 'Both stay as they are.',
      local: null,
      remote: null,
      versions: null
    }
  ]
};

describe('linking a folder', () => {
  let api: FakeApi;
  let view: IView;
  const done = jest.fn();
  const link = jest.fn();

  beforeEach(async () => {
    api = new FakeApi();
    api.nextPlan = FIRST;
    done.mockReset();
    link.mockReset();
    link.mockImplementation(async (local: string) => status(local));
    view = await show(
      <LinkSteps
        api={api}
        start="ml"
        folders={{
          list: async path => ({
            path,
            parent: path === '' ? null : '',
            folders: path === 'ml' ? [{ name: 'spam', path: 'ml/spam' }] : []
          }),
          create: async (parent, name) => `${parent}/${name}`
        }}
        link={link}
        done={done}
        trans={trans}
      />
    );
    await flush();
  });

  afterEach(() => view.close());

  const toRemote = async () => {
    await view.click('Next');
    await flush();
  };
  const chooseDrive = async () => {
    await flush(() => view.field(/^gdrive/).click());
    await flush();
  };

  it('goes from here to there, shows the plan, and only then links', async () => {
    await view.click('spam');
    await toRemote();
    expect(view.button('Preview').disabled).toBe(true);
    await chooseDrive();
    expect(view.field(/^Folder in it/).value).toBe('spam');
    await view.click('ml');
    await flush();
    await view.type(/^Folder in it/, 'box');
    await view.click('Preview');
    expect(api.calls).toContain('preview ml/spam gdrive:ml/box');
    expect(link).not.toHaveBeenCalled();
    expect(view.text()).toContain('To Drive: 121 files, 1.2 MB');
    expect(view.text()).toContain('and 120 more');
    expect(view.text()).toContain('To here: 1 file, 2.0 kB');
    expect(view.text()).toContain('1 file differs and is left alone');
    await view.click('Link and sync');
    expect(link).toHaveBeenCalledWith('ml/spam', 'gdrive:ml/box', []);
    expect(done).toHaveBeenCalledWith(status('ml/spam'));
  });

  it('says when the folder there will be made', async () => {
    api.nextPlan = { ...FIRST, creates_remote: true };
    await toRemote();
    await chooseDrive();
    await view.click('Preview');
    expect(view.text()).toContain('it will be made');
  });

  it('offers to leave out what takes long, and links without what is ticked', async () => {
    const asked: (string[] | undefined)[] = [];
    const suggestions = [
      { pattern: '/env/', reason: 'environment', files: 9000, bytes: 3e9 },
      { pattern: '*.pt', reason: 'checkpoints', files: 2, bytes: 2e8 }
    ];
    api.previewLink = async request => {
      asked.push(request.ignore);
      const lines = request.ignore ?? [];
      return {
        ...FIRST,
        estimate_seconds: lines.includes('/env/') ? 30 : 4500,
        ignored: { files: 50_000, folders: 2, bytes: 4e9, more: true },
        suggestions: suggestions.filter(one => !lines.includes(one.pattern))
      };
    };
    await toRemote();
    await chooseDrive();
    await view.click('Preview');
    await flush();
    expect(view.text()).toContain('goes on later where it stopped');
    expect(view.text()).toContain('more than 50000 files and 2 folders');
    expect(view.field(/^\/env\//).checked).toBe(false);
    await flush(() => view.field(/^\/env\//).click());
    await flush();
    // What is ticked stays on the page, so that it can be taken back.
    expect(view.field(/^\/env\//).checked).toBe(true);
    await flush(() => view.field(/^\*\.pt/).click());
    await flush();
    await flush(() => view.field(/^\*\.pt/).click());
    await flush();
    expect(asked).toEqual([undefined, ['/env/'], ['/env/', '*.pt'], ['/env/']]);
    await view.click('Link and sync');
    expect(link).toHaveBeenCalledWith('ml', expect.anything(), ['/env/']);
  });

  it('offers no plain folder where the administrator forbids it', async () => {
    api.plainFoldersAllowed = false;
    await toRemote();
    expect(view.text()).toContain('gdrive');
    expect(view.text()).not.toContain('A folder of this computer');
  });

  it('makes a new folder here when asked to', async () => {
    await view.type(/^New folder in it/, 'fresh');
    await view.click('Create');
    expect(view.node.querySelector('output')?.textContent).toBe('ml/fresh');
  });

  it('takes a plain folder by its whole path', async () => {
    await toRemote();
    await flush(() => view.field('A folder of this computer').click());
    await view.type(/^Whole path/, '/mnt/drive/ml');
    await view.click('Preview');
    expect(api.calls).toContain('preview ml /mnt/drive/ml');
    expect(view.text()).toContain('To the other folder: 121 files');
  });

  it('shows what went wrong in its place, and lets the person go on', async () => {
    await toRemote();
    await chooseDrive();
    api.down = new ApiError(
      { code: 'already_linked', message: 'ml is linked.', hint: 'Unlink it.' },
      409
    );
    await view.click('Preview');
    expect(view.node.querySelector('[role="alert"]')?.textContent).toBe(
      'ml is linked.Unlink it.'
    );
    api.down = null;
    await view.click('Preview');
    expect(view.has('Link and sync')).toBe(true);
  });

  it('does not link while the first sync would stop', async () => {
    api.nextPlan = {
      ...FIRST,
      problem: { code: 'disk_full', message: 'No space.', hint: 'Free some.' }
    };
    await toRemote();
    await chooseDrive();
    await view.click('Preview');
    expect(view.text()).toContain('No space.');
    expect(view.button('Link and sync').disabled).toBe(true);
    await view.click('Back');
    expect(view.has('Preview')).toBe(true);
  });

  it('can be left at any time', async () => {
    await view.click('Cancel');
    expect(done).toHaveBeenCalledWith(null);
  });
});

describe('a plan', () => {
  it('without steps says that there is nothing to do', async () => {
    const view = await show(
      <PlanView
        plan={{ ...PLAN, totals: { ...PLAN.totals, equal: 4 } }}
        kind="drive"
        trans={trans}
      />
    );
    expect(view.text()).toBe('Both sides are alike: nothing to move.');
    view.close();
  });

  it('with many deletes names them and asks about exactly those', async () => {
    const view = await show(
      <ConsentView
        plan={{
          ...PLAN,
          steps: [
            { kind: 'delete_remote', path: 'a.csv', size: 1, detail: '' },
            { kind: 'delete_remote', path: 'b.csv', size: 1, detail: '' }
          ],
          totals: { ...PLAN.totals, delete_remote: 40 },
          needs_consent: true,
          problem: { code: 'too_many_deletes', message: 'Many.', hint: '' }
        }}
        kind="drive"
        trans={trans}
      />
    );
    expect(view.text()).toContain('would delete 40 files');
    expect(view.text()).toContain('Deleted on Drive: 40 files');
    expect(view.text()).toContain('and 38 more');
    expect(view.node.querySelector('[role="alert"]')).toBeNull();
    view.close();
  });
});

describe("the server's folders", () => {
  it('are the directories of the contents API, by name', async () => {
    const get = jest.fn(async () => ({
      content: [
        { type: 'directory', name: 'b', path: 'ml/b' },
        { type: 'file', name: 'a.py', path: 'ml/a.py' },
        { type: 'directory', name: 'a', path: 'ml/a' }
      ]
    }));
    const folders = serverFolders({ get, save: jest.fn() } as never);
    await expect(folders.list('ml')).resolves.toEqual({
      path: 'ml',
      parent: '',
      folders: [
        { name: 'a', path: 'ml/a' },
        { name: 'b', path: 'ml/b' }
      ]
    });
  });
});
