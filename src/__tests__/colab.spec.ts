import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { nullTranslator } from '@jupyterlab/translation';

import { colabTarget, openInColab } from '../colab';
import { containing } from '../paths';
import { ApiError } from '../request';
import { FakeApi, status } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');

describe('a notebook can be opened in Colab', () => {
  const folder = status('box', {
    project: {
      remote: { kind: 'folder', name: null, display: '/mnt/box', url: null }
    }
  });
  const projects = [status('ml'), folder];
  const model = { containing: (path: string) => containing(projects, path) };

  it('when its project is on Drive', () => {
    expect(colabTarget(model, 'ml/nb/train.ipynb', trans)).toEqual({
      status: projects[0],
      path: 'nb/train.ipynb',
      reason: null
    });
  });

  it.each([
    [null, 'Choose a notebook first'],
    ['ml/train.py', 'Choose a notebook first'],
    ['elsewhere/train.ipynb', 'in no linked folder'],
    ['box/train.ipynb', 'not on Google Drive']
  ])('but not %s, and the reason is said', (path, reason) => {
    expect(colabTarget(model, path, trans).reason).toContain(reason);
  });
});

describe('opening in Colab', () => {
  let api: FakeApi;
  let tab: { opener: unknown; closed: boolean; location: { href: string } };
  let order: string[];
  const target = { status: status('ml'), path: 'train.ipynb' };

  beforeEach(() => {
    api = new FakeApi();
    order = [];
    tab = {
      opener: window,
      closed: false,
      location: { href: '' },
      document: document.implementation.createHTMLDocument(),
      close: () => {
        tab.closed = true;
      }
    } as never;
    jest.spyOn(window, 'open').mockImplementation(() => {
      order.push('tab');
      return tab as never;
    });
  });

  afterEach(() => jest.restoreAllMocks());

  function context(dirty: boolean): DocumentRegistry.Context {
    return {
      model: { dirty },
      save: async () => {
        order.push(`save before ${api.calls.length} calls`);
      }
    } as never;
  }

  it('opens the tab inside the click, saves, syncs, then goes there', async () => {
    const opening = openInColab({ api }, target, context(true), trans);
    expect(order[0]).toBe('tab');
    await opening;
    expect(order).toEqual(['tab', 'save before 0 calls']);
    expect(api.calls).toEqual(['colab ml train.ipynb']);
    expect(tab.location.href).toContain('colab.research.google.com/drive/');
    expect(tab.opener).toBeNull();
  });

  it('does not save a notebook without changes', async () => {
    await openInColab({ api }, target, context(false), trans);
    expect(order).toEqual(['tab']);
  });

  it('closes the tab again when it does not work', async () => {
    api.down = new ApiError({ code: 'offline', message: '', hint: '' }, 502);
    await expect(
      openInColab({ api }, target, null, trans)
    ).rejects.toMatchObject({ code: 'offline' });
    expect(tab.closed).toBe(true);
  });
});
