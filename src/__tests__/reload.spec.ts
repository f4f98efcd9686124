import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import { Signal } from '@lumino/signaling';

import { Pristine } from '../pristine';
import { Reloader, runEnded } from '../reload';
import type { IStatusChange } from '../tokens';
import { inState, settle, status, T0 } from './fakes';

const LATER = '2026-03-01T12:00:09.000Z';

class FakeDocument {
  node = document.createElement('div');
  content = { activeCellIndex: 3 };
  isDisposed = false;
  reverted = 0;
  context;

  constructor(path: string, dirty = false) {
    this.context = {
      path,
      localPath: path,
      isReady: true,
      isDisposed: false,
      contentsModel: { last_modified: T0 },
      model: { dirty },
      revert: async () => {
        this.content.activeCellIndex = 0;
        this.typed = this.tryToType();
        this.reverted += 1;
      }
    };
  }

  /** Whether a key reached the document while it was read anew. */
  typed: boolean | null = null;

  tryToType(): boolean {
    return this.node.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'x', cancelable: true })
    );
  }
}

describe('after a run, an open document', () => {
  const emitter = {};
  let statusChanged: Signal<object, IStatusChange>;
  let documents: FakeDocument[];
  let onDisk: Record<string, string>;
  let remembered: string[];
  let refreshBrowsers: jest.Mock;
  let reloader: Reloader;

  beforeEach(() => {
    statusChanged = new Signal(emitter);
    documents = [];
    onDisk = {};
    remembered = [];
    refreshBrowsers = jest.fn();
    reloader = new Reloader({
      model: { statusChanged } as never,
      contents: {
        get: async (path: string) => {
          if (!(path in onDisk)) {
            throw new Error('404');
          }
          return { last_modified: onDisk[path] };
        }
      } as never,
      pristine: {
        holds: context => !context.model.dirty,
        remember: context => {
          remembered.push(context.path);
        }
      },
      documents: () => documents as unknown as IDocumentWidget[],
      refreshBrowsers
    });
  });

  afterEach(() => reloader.dispose());

  const run = async () => {
    statusChanged.emit({
      before: status('ml'),
      after: status('ml', { last_good_sync: LATER as never })
    });
    await settle();
  };

  it('is read anew when its file changed, and keeps its place', async () => {
    const open = new FakeDocument('ml/train.ipynb');
    documents = [open];
    onDisk['ml/train.ipynb'] = LATER;
    await run();
    expect(open.reverted).toBe(1);
    expect(open.content.activeCellIndex).toBe(3);
    expect(remembered).toEqual(['ml/train.ipynb']);
    expect(refreshBrowsers).toHaveBeenCalledTimes(1);
  });

  it('takes no keys while it is read anew, and takes them again after', async () => {
    const open = new FakeDocument('ml/train.ipynb');
    documents = [open];
    onDisk['ml/train.ipynb'] = LATER;
    await run();
    expect(open.typed).toBe(false);
    expect(open.tryToType()).toBe(true);
  });

  it('with unsaved changes is left alone', async () => {
    const open = new FakeDocument('ml/train.ipynb', true);
    documents = [open];
    onDisk['ml/train.ipynb'] = LATER;
    await run();
    expect(open.reverted).toBe(0);
  });

  it('that became dirty during the look is left alone', async () => {
    const open = new FakeDocument('ml/train.ipynb');
    documents = [open];
    onDisk['ml/train.ipynb'] = LATER;
    statusChanged.emit({
      before: status('ml'),
      after: status('ml', { last_good_sync: LATER as never })
    });
    open.context.model.dirty = true;
    await settle();
    expect(open.reverted).toBe(0);
  });

  it('is left alone when its file is the same, gone, or of no project', async () => {
    const same = new FakeDocument('ml/same.py');
    const gone = new FakeDocument('ml/gone.py');
    const other = new FakeDocument('elsewhere/a.py');
    documents = [same, gone, other];
    onDisk['ml/same.py'] = T0;
    onDisk['elsewhere/a.py'] = LATER;
    await run();
    expect([same, gone, other].map(({ reverted }) => reverted)).toEqual([
      0, 0, 0
    ]);
  });
});

describe('a run has ended', () => {
  it('when the last good sync is another, or syncing stops', () => {
    const synced = status('a', { last_good_sync: LATER as never });
    const syncing = inState('a', 'syncing', ['cancel']);
    expect(runEnded({ before: status('a'), after: synced })).toBe(true);
    expect(runEnded({ before: syncing, after: status('a') })).toBe(true);
    expect(runEnded({ before: status('a'), after: syncing })).toBe(false);
    expect(runEnded({ before: null, after: synced })).toBe(false);
  });
});

describe('a document is as on the disk', () => {
  const NOTEBOOK = {
    cells: [{ source: 'a = 1' }],
    metadata: { kernelspec: { name: 'python3' }, tags: ['t'] }
  };
  let content: unknown;
  let dirty: boolean;
  let saveState: Signal<object, string>;
  let context: DocumentRegistry.Context;
  let pristine: Pristine;

  beforeEach(async () => {
    content = NOTEBOOK;
    dirty = false;
    saveState = new Signal({});
    context = {
      isDisposed: false,
      ready: Promise.resolve(),
      saveState,
      model: {
        toJSON: () => content,
        get dirty() {
          return dirty;
        }
      }
    } as unknown as DocumentRegistry.Context;
    pristine = new Pristine();
    pristine.follow(context);
    await settle();
  });

  const edit = (source: string) => {
    content = { ...NOTEBOOK, cells: [{ source }] };
    dirty = true;
  };

  it('although its kernel wrote its language into it', () => {
    content = {
      ...NOTEBOOK,
      metadata: { ...NOTEBOOK.metadata, language_info: { name: 'python' } }
    };
    dirty = true;
    expect(pristine.holds(context)).toBe(true);
  });

  it('until something is typed, and again when it is saved', () => {
    edit('a = 2');
    expect(pristine.holds(context)).toBe(false);
    saveState.emit('started');
    saveState.emit('completed');
    expect(pristine.holds(context)).toBe(true);
  });

  it('not when something was typed while it was being saved', () => {
    edit('a = 2');
    saveState.emit('started');
    edit('a = 23');
    saveState.emit('completed');
    dirty = false; // as JupyterLab has it
    expect(pristine.holds(context)).toBe(false);
  });

  it('not when the save failed', () => {
    edit('a = 2');
    saveState.emit('started');
    saveState.emit('failed');
    expect(pristine.holds(context)).toBe(false);
  });

  it('before it is loaded: nobody knows, so no', () => {
    const loading = { ...context, ready: new Promise<void>(() => undefined) };
    const other = loading as unknown as DocumentRegistry.Context;
    pristine.follow(other);
    expect(pristine.holds(other)).toBe(false);
  });

  it('when it is not followed, by the word of JupyterLab', () => {
    expect(new Pristine().holds(context)).toBe(true);
    dirty = true;
    expect(new Pristine().holds(context)).toBe(false);
  });
});
