import { NotebookModel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import { colabTarget, openInColab } from '../colab';
import type { INotebookHere } from '../colabnotebook';
import { notebookHere } from '../colabnotebook';
import { containing } from '../paths';
import { ApiError } from '../request';
import { FakeApi, status } from './fakes';
import { runtime } from './runtimes';

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
  let model: NotebookModel;
  let shown: ReturnType<INotebookHere['show']>;
  const target = { status: status('ml'), path: 'train.ipynb' };
  const cell = (path: string, id: string) =>
    `drive_sync = connect("f1", notebook="${path}", notebook_id="${id}")`;

  beforeEach(() => {
    api = new FakeApi();
    order = [];
    jest.spyOn(console, 'warn').mockImplementation();
    model = new NotebookModel();
    shown = {
      ready: Promise.resolve(),
      model,
      contentsModel: { writable: true },
      save: async () => {
        order.push('save the new cell');
        model.dirty = false;
      }
    } as never;
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

  /** A notebook that is open, with changes or without, and what its Colab cell says. */
  function notebook(
    dirty: boolean | null,
    cell: string | null = null
  ): INotebookHere {
    return {
      context:
        dirty === null
          ? null
          : ({
              model: { dirty },
              save: async () => {
                order.push(`save before ${api.calls.length} calls`);
              }
            } as never),
      cell: async () => cell,
      show: () => shown
    };
  }

  it('opens the tab inside the click, saves, syncs, then goes there', async () => {
    const opening = openInColab({ api }, target, notebook(true), trans);
    expect(order[0]).toBe('tab');
    await opening;
    expect(order).toEqual(['tab', 'save before 0 calls']);
    expect(api.calls).toEqual(['colab ml train.ipynb']);
    expect(tab.location.href).toContain('colab.research.google.com/drive/');
    expect(tab.opener).toBeNull();
  });

  it('does not save a notebook without changes', async () => {
    await openInColab({ api }, target, notebook(false), trans);
    expect(order).toEqual(['tab']);
  });

  it('closes the tab again when it does not work', async () => {
    api.down = new ApiError({ code: 'offline', message: '', hint: '' }, 502);
    await expect(
      openInColab({ api }, target, notebook(null), trans)
    ).rejects.toMatchObject({ code: 'offline' });
    expect(tab.closed).toBe(true);
  });

  describe('a notebook whose Colab cell', () => {
    const put = (source: string) =>
      model.sharedModel.insertCell(0, {
        cell_type: 'code',
        source,
        metadata: { tags: ['drive-sync'] }
      });
    const open = async (source: string, status = target.status) => {
      put(source);
      model.dirty = false;
      api.cell = cell('train.ipynb', 'train.ipynb');
      await openInColab(
        { api },
        { ...target, status },
        notebook(null, source),
        trans
      );
      return model.sharedModel.getCell(0).getSource();
    };
    const renewed = [
      'colab ml train.ipynb',
      'cell ml train.ipynb',
      'colab ml train.ipynb'
    ];

    // The address of the fake server has the path for an id.
    it.each([
      ['is of an older name', cell('draft.ipynb', 'train.ipynb')],
      ['is that of which it is a copy', cell('train.ipynb', 'other')],
      ['tells no id', 'connect("f1", notebook="train.ipynb")']
    ])('%s gets another one before', async (_, source) => {
      const now = await open(source);
      expect(now).toContain('notebook="train.ipynb"');
      expect(now).toContain('notebook_id="train.ipynb"');
      expect(api.calls).toEqual(renewed);
      expect(order).toEqual(['tab', 'save the new cell']);
      expect(tab.location.href).toContain('/drive/');
    });

    it.each([
      ['is its own', cell('train.ipynb', 'train.ipynb')],
      ['tells no notebook', 'connect("f1", keep=3)'],
      ['is something else', 'print(1)']
    ])('%s is left alone', async (_, source) => {
      expect(await open(source)).toBe(source);
      expect(api.calls).toEqual(['colab ml train.ipynb']);
    });

    it('runs there now is left alone', async () => {
      const source = cell('draft.ipynb', 'train.ipynb');
      const there = { path: 'train.ipynb', file_id: 'train.ipynb' };
      const running = status('ml', {
        runtimes: [runtime('running', { notebooks: [there] })]
      });
      expect(await open(source, running)).toBe(source);
      expect(api.calls).toEqual(['colab ml train.ipynb']);
    });

    it('cannot be written is opened as it is', async () => {
      model.readOnly = true;
      const source = cell('draft.ipynb', 'train.ipynb');
      expect(await open(source)).toBe(source);
      expect(tab.location.href).toContain('/drive/');
    });
  });
});

describe('a notebook as JupyterLab has it', () => {
  const cells = [
    { cell_type: 'markdown', source: '# Title', metadata: {} },
    {
      cell_type: 'code',
      source: ['connect(\n', '"f1")'],
      metadata: { tags: ['mine', 'drive-sync'] }
    }
  ];
  const here = (content: unknown, open = true) =>
    notebookHere(
      {
        findWidget: () => (open ? 'widget' : undefined),
        contextForWidget: () => 'context',
        openOrReveal: () => (open ? { context: 'context' } : undefined)
      } as never,
      { get: async () => ({ content }) } as never,
      'ml/train.ipynb'
    );

  it('tells what its Colab cell says as it is saved', async () => {
    expect(await here({ cells }).cell()).toBe('connect(\n"f1")');
    expect(await here({ cells: cells.slice(0, 1) }).cell()).toBeNull();
    expect(await here(null).cell()).toBeNull();
  });

  it('tells whether it is open, and is shown', () => {
    expect(here({ cells }).context).toBe('context');
    expect(here({ cells }).show()).toBe('context');
    expect(here({ cells }, false).context).toBeNull();
    expect(here({ cells }, false).show()).toBeNull();
  });
});
