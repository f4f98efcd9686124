import type { INotebookModel } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import { insertCell, placeCell, renewCell } from '../colabcell';
import { ApiError } from '../request';
import { FakeApi, status } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');

const call = (text: string) => `        drive_sync = connect(\n${text})`;
const OURS = `            "f1", name="ml", notebook="train.ipynb",
            outputs=["checkpoints/", "runs/"]`;
const cell = (way: string, text = OURS) =>
  `# Drive Sync\ntry:\n    fetch("${way}")  # (\nelse:\n${call(text)}`;
const FRESH = cell('new');

describe('an older cell that is renewed', () => {
  it('gets the new way to the companion', () => {
    expect(renewCell(cell('old'), FRESH)).toBe(FRESH);
  });

  it('stays what it is when it is up to date', () => {
    expect(renewCell(FRESH, FRESH)).toBe(FRESH);
  });

  it.each([
    ['other outputs', OURS.replace('"runs/"', '"models/"')],
    [
      'more arguments, and a comment with brackets',
      `${OURS},  # mine :)\n            keep=5, best=("loss", "min")`
    ],
    [
      'strings that hold brackets, quotes and signs',
      '"f1", name="ml", notebook="train.ipynb", include=["a)b", \'#"\', """x\n)"""]'
    ],
    ['the folder between other quotes', OURS.replace('"f1"', "'f1'")],
    ['the folder by its name', OURS.replace('"f1"', 'folder_id="f1"')],
    ['fewer arguments', '"f1"']
  ])('keeps %s', (_, text) => {
    expect(renewCell(cell('old', text), FRESH)).toBe(cell('new', text));
  });

  it('keeps whatever a person may write there', () => {
    // A small generator of numbers, so that a failure is the same the next time.
    let seed = 20261121;
    const pick = <T>(list: readonly T[]): T => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return list[Math.floor((seed / 2147483648) * list.length)];
    };
    const text = (quote: string) =>
      quote +
      Array.from({ length: pick([0, 1, 3]) }, () =>
        pick(['a', '(', ')', ']', ',', '#', ' = ', '\\' + quote[0], 'é'])
      ).join('') +
      quote;
    const value = (depth: number): string =>
      depth === 0 || pick([true, false])
        ? pick([
            () => text('"'),
            () => text("'"),
            () => text('"""'),
            () => '3'
          ])()
        : pick(['[', '(', 'dict(a=']) === '['
          ? `[${value(depth - 1)}, ${value(depth - 1)}]`
          : `f(a=${value(depth - 1)},\n ${value(depth - 1)})`;
    const space = () => pick(['', ' ', '\n    ', "  # it's (mine)\n  "]);
    for (let round = 0; round < 300; round += 1) {
      const more = Array.from(
        { length: pick([0, 1, 2, 4]) },
        (_, i) =>
          `${space()}extra${i}${pick(['=', ' = '])}${value(2)}${space()}`
      );
      const written = ['"f1"', 'name="ml"', ...more].join(',');
      const kept = renewCell(
        cell('old', written + pick(['', ',', '\n'])),
        FRESH
      );
      expect(kept).toContain(written);
      expect(kept).toMatch(/^# Drive Sync[^]*fetch\("new"\)/);
    }
  });

  it('learns that the notebook or the project got another name', () => {
    const before =
      '"f1", keep=2,  # two\n notebook="draft.ipynb"  # first\n, name="old"';
    expect(renewCell(cell('old', before), FRESH)).toBe(
      cell(
        'new',
        '"f1", keep=2,  # two\n notebook="train.ipynb"  # first\n, name="ml"'
      )
    );
  });

  it.each([
    [
      'gets the id of its notebook beside its name',
      '"f1", notebook="draft.ipynb",  # mine\n keep=2',
      '"f1", notebook="train.ipynb", notebook_id="1a",  # mine\n keep=2'
    ],
    [
      'gets the id that its notebook has now',
      '"f1", notebook_id = "1b"  # copied\n, notebook="train.ipynb"',
      '"f1", notebook_id="1a"  # copied\n, notebook="train.ipynb"'
    ],
    ['keeps out what somebody left out', '"f1", keep=2', '"f1", keep=2']
  ])('%s', (_, before, after) => {
    const fresh = cell('new', OURS.replace(',\n', ', notebook_id="1a",\n'));
    expect(renewCell(cell('old', before), fresh)).toBe(cell('new', after));
  });

  it('does not keep the id of another notebook while its own is not known', () => {
    const before = OURS.replace(',\n', ', notebook_id="1b",\n');
    expect(renewCell(cell('old', before), FRESH)).toBe(
      cell('new', before.replace('"1b"', 'None'))
    );
  });

  it('keeps the lines that somebody has put below', () => {
    const below = '\n\ndrive_sync.pull()\n';
    expect(renewCell(cell('old') + below, FRESH)).toBe(FRESH + below);
  });

  it('takes the new call when it was for another folder', () => {
    const other = cell('old', '"f2", keep=9');
    expect(renewCell(other, FRESH)).toBe(FRESH);
  });

  it('fills an empty cell', () => {
    expect(renewCell(' \n', FRESH)).toBe(FRESH);
  });

  it.each([
    ['print("mine")'],
    ['# connect("f1")'],
    ['connect("f1", keep=5'],
    ['connect("f1, keep=5)\nprint(1)']
  ])('is left alone when it is something else: %s', text => {
    expect(renewCell(text, FRESH)).toBeNull();
  });
});

describe('the Colab cell in a notebook', () => {
  const made = { source: FRESH, tag: 'drive-sync', version: '1' };
  let model: NotebookModel;

  beforeEach(() => {
    // The shared model of a notebook complains about its own way of making cells.
    jest.spyOn(console, 'warn').mockImplementation();
    model = new NotebookModel();
    add('import torch');
  });

  afterEach(() => {
    model.dispose();
    jest.restoreAllMocks();
  });

  function add(source: string, tags?: string[]): void {
    model.sharedModel.insertCell(model.sharedModel.cells.length, {
      cell_type: 'code',
      source,
      metadata: tags ? { tags } : {}
    });
  }

  const sources = () =>
    model.sharedModel.cells.map(one => one.getSource().slice(0, 40));
  const tags = (at: number) =>
    model.sharedModel.getCell(at).getMetadata('tags');

  it('comes first, tagged, without an output', () => {
    expect(placeCell(model.sharedModel, made)).toBe('inserted');
    expect(sources()).toEqual([FRESH.slice(0, 40), 'import torch']);
    expect(tags(0)).toEqual(['drive-sync']);
    expect(model.sharedModel.getCell(0).toJSON()).toMatchObject({
      execution_count: null,
      outputs: []
    });
  });

  it('is renewed where it stands, and there is never a second one', () => {
    add(cell('old'), ['mine', 'drive-sync']);
    expect(placeCell(model.sharedModel, made)).toBe('updated');
    expect(placeCell(model.sharedModel, made)).toBe('unchanged');
    expect(sources()).toEqual(['import torch', FRESH.slice(0, 40)]);
    expect(tags(1)).toEqual(['mine', 'drive-sync']);
  });

  it("leaves a tagged cell that is somebody's own, and takes its tag", () => {
    add('my_training()', ['mine', 'drive-sync']);
    expect(placeCell(model.sharedModel, made)).toBe('inserted');
    expect(sources()).toEqual([
      FRESH.slice(0, 40),
      'import torch',
      'my_training()'
    ]);
    expect(tags(2)).toEqual(['mine']);
  });

  describe('put in by a person', () => {
    const target = { status: status('ml'), path: 'nb/train.ipynb' };
    let api: FakeApi;
    let saved: number;

    beforeEach(() => {
      api = new FakeApi();
      api.cell = FRESH;
      saved = 0;
      model.dirty = false;
    });

    const insert = (writable = true) =>
      insertCell(
        { api },
        target,
        {
          ready: Promise.resolve(),
          model,
          contentsModel: { writable },
          save: async () => {
            saved += 1;
            model.dirty = false;
          }
        } as unknown as Parameters<typeof insertCell>[2] & {
          model: INotebookModel;
        },
        trans
      );

    it('is asked of the server, placed and saved', async () => {
      await expect(insert()).resolves.toBe('inserted');
      expect(api.calls).toEqual(['cell ml nb/train.ipynb']);
      expect(saved).toBe(1);
    });

    it('is not saved again when nothing changed', async () => {
      await insert();
      await expect(insert()).resolves.toBe('unchanged');
      expect(saved).toBe(1);
    });

    it('is refused where nothing can be written, before anything is asked', async () => {
      await expect(insert(false)).rejects.toMatchObject({ code: 'read_only' });
      expect(api.calls).toEqual([]);
    });

    it('changes nothing when the server cannot make it', async () => {
      api.down = new ApiError({ code: 'offline', message: '', hint: '' }, 502);
      await expect(insert()).rejects.toMatchObject({ code: 'offline' });
      expect(sources()).toEqual(['import torch']);
      expect(saved).toBe(0);
    });
  });
});
