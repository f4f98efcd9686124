import { nullTranslator } from '@jupyterlab/translation';
import { readFileSync } from 'fs';
import { load } from 'js-yaml';
import { join } from 'path';
import * as React from 'react';

import type { IRuntime } from '../api';
import { RUNTIME_STATES } from '../api';
import type { ISidebarActions } from '../components/actions';
import { ColabSection } from '../components/colab/ColabSection';
import { curvePlaces } from '../components/colab/Curve';
import { HeldList } from '../components/HeldList';
import { ApiError } from '../request';
import { endedNews, pendingText, runtimeText } from '../words';
import { fakeColab, status } from './fakes';
import type { IView } from './react';
import { show } from './react';
import { quiet, runtime } from './runtimes';

const trans = nullTranslator.load('jupyter_drive_sync');
const NOW = Date.parse('2026-11-21T16:53:00Z');

it('speaks of runtimes in the words of api/openapi.yaml', () => {
  const file = join(__dirname, '..', '..', 'api', 'openapi.yaml');
  const { components } = load(readFileSync(file, 'utf8')) as {
    components: {
      schemas: {
        Runtime: {
          required: string[];
          properties: { state: { enum: string[] } };
        };
      };
    };
  };
  const { Runtime } = components.schemas;
  expect(Runtime.properties.state.enum).toEqual([...RUNTIME_STATES]);
  const known = new Set(Object.keys(runtime()));
  expect(Runtime.required.filter(name => !known.has(name))).toEqual([]);
});

describe("the sidebar's Colab section", () => {
  let view: IView;
  let colab: ReturnType<typeof fakeColab>;
  const openFile = jest.fn();
  const openFolder = jest.fn();

  async function open(...runtimes: IRuntime[]): Promise<void> {
    view = await show(
      <ColabSection
        status={status('spam', { runtimes })}
        model={{ now: NOW }}
        actions={{ colab, openFile, openFolder } as unknown as ISidebarActions}
        trans={trans}
      />
    );
  }

  beforeEach(() => {
    colab = fakeColab();
    openFile.mockReset();
    openFolder.mockReset();
  });

  afterEach(() => view.close());

  const row = (at = 0) =>
    view.node.querySelectorAll('.jp-DriveSync-runtimes > li')[at];

  it('teaches in a sentence while nothing runs there', async () => {
    await open();
    expect(view.text()).toContain('Put the Colab cell into a notebook');
    expect(view.text()).toContain('Open a notebook of this project first.');
    expect(view.button('Insert Colab cell').disabled).toBe(true);
    expect(view.button('Open in Colab').disabled).toBe(true);
  });

  it('inserts the cell into the notebook in front, and opens that in Colab', async () => {
    colab.notebook.mockReturnValue('nb/train.ipynb');
    await open();
    await view.click('Insert Colab cell');
    await view.click('Open in Colab');
    const project = expect.objectContaining({ revision: 1 });
    expect(colab.insertCell).toHaveBeenCalledWith(project, 'nb/train.ipynb');
    expect(colab.open).toHaveBeenCalledWith(project, 'nb/train.ipynb');
  });

  it('shows all that the golden pulse of a running machine tells', async () => {
    await open(
      runtime('running', {
        outputs: { files: 5, bytes: 4_200_000, here: 3, detail: 'Too large.' }
      })
    );
    const text = view.text();
    for (const part of [
      'Running for 13 min',
      'Tesla T4 at 71 %, 2.1 of 16.1 GB',
      '2 CPUs at 93 %',
      'RAM 4.3 of 13.6 GB',
      'disk 80.5 GB free',
      'train.ipynb',
      'Step 100 verified on Drive 2 min ago',
      'loss 0.25, accuracy 0.9',
      'checkpoints/step-100.pt',
      '1.0 MB',
      '2 files (3.1 MB) on the way to Drive, 1 still being written',
      'Drive asks to slow down.',
      'Wait some minutes',
      '1 package differs from home: torch 2.11.0+cu128',
      'Outputs: 5 files (4.2 MB), 3 of them here',
      'Too large.'
    ]) {
      expect(text).toContain(part);
    }
    expect(view.has(/^Forget/)).toBe(false);
  });

  it('says in words what the curve shows', async () => {
    await open(runtime());
    const picture = view.node.querySelector('svg[role="img"]');
    expect(picture?.getAttribute('aria-label')).toBe(
      'loss from 0.75 at step 50 to 0.25 at step 100; lowest 0.25, highest 0.75'
    );
    expect(picture?.querySelector('polyline')).not.toBeNull();
  });

  it('says that a machine fell silent, and what that means for the files', async () => {
    await open(runtime('silent', { error: null }));
    expect(row().getAttribute('data-stands')).toBe('silent');
    expect(view.text()).toContain(
      'Silent for 1 min: the machine is most likely gone, or cannot write to Drive.'
    );
    expect(view.text()).toContain('3 files were not on Drive at the last word');
    expect(row().querySelector('.jp-DriveSync-tone-person')).not.toBeNull();
  });

  it('says that a run ended with everything on Drive', async () => {
    await open(runtime('ended', { heard: '2026-11-21T15:53:00Z' }));
    expect(view.text()).toContain('Ended 1 h ago: everything is on Drive.');
    expect(view.text()).not.toContain('on the way');
  });

  it('claims no more than a mount can show', async () => {
    const { checkpoint } = runtime();
    await open(
      quiet('running', {
        checkpoint: checkpoint && { ...checkpoint, verified: null }
      })
    );
    expect(view.text()).toContain('handed to the Drive mount, not verified');
  });

  it('shows what little is known of a machine that tells little', async () => {
    await open(
      quiet('running', {
        run: null,
        started: null,
        notebook: null,
        host: null,
        checkpoint: null,
        curve: { metric: 'loss', points: [] }
      })
    );
    expect(view.text()).toContain('No checkpoint is on Drive yet.');
    expect(view.node.querySelector('svg[role="img"]')).toBeNull();
  });

  it('says why a pulse cannot be read', async () => {
    await open(quiet('silent', { problem: 'Its pulse is damaged.' }));
    expect(view.text()).toContain('Its pulse is damaged.');
    expect(view.text()).not.toContain('checkpoint');
  });

  it('says why outputs wait of which nothing is known yet', async () => {
    const detail = 'The database is locked.';
    await open(
      quiet('running', { outputs: { files: 0, bytes: 0, here: 0, detail } })
    );
    expect(view.text()).toContain(detail);
    expect(view.text()).not.toContain('Outputs:');
  });

  it('leads to notebook, Colab and outputs', async () => {
    await open(
      quiet('running', {
        outputs: { files: 2, bytes: 10, here: 2, detail: '' }
      })
    );
    const project = expect.objectContaining({ revision: 1 });
    await view.click('train.ipynb');
    expect(openFile).toHaveBeenCalledWith(project, 'train.ipynb');
    await view.click('Open in Colab: train.ipynb');
    expect(colab.open).toHaveBeenCalledWith(project, 'train.ipynb');
    await view.click('Outputs: 2 files (10 B), all here');
    expect(openFolder).toHaveBeenCalledWith(
      'spam/outputs/run-20261121-164000-ab12'
    );
  });

  it('names each notebook that is open there once, the latest first', async () => {
    const notebooks = [
      { path: 'b.ipynb', file_id: '1b' },
      { path: 'a.ipynb', file_id: '1a' },
      { path: null, file_id: '1c' }
    ];
    await open(runtime('running', { notebook: notebooks[0], notebooks }));
    const named = [...view.node.querySelectorAll('button')]
      .map(one => one.getAttribute('aria-label') ?? '')
      .filter(label => label.startsWith('Open in Colab: '));
    expect(named).toEqual(['Open in Colab: b.ipynb', 'Open in Colab: a.ipynb']);
  });

  it('forgets a runtime that is gone, and says when it cannot', async () => {
    await open(quiet('silent'));
    colab.forget.mockRejectedValueOnce(
      new ApiError({ code: 'offline', message: 'No network.', hint: '' }, 502)
    );
    await view.click(/^Forget: train.ipynb, begun/);
    expect(view.text()).toContain('No network.');
    await view.click(/^Forget: train.ipynb, begun/);
    expect(colab.forget).toHaveBeenCalledTimes(2);
    expect(colab.forget.mock.calls[1][1]).toBe('5f2b9c1d7e3a');
  });

  it('unfolds what lives and the newest, and folds what ended before', async () => {
    await open(
      quiet('ended', { runtime: 'c' }),
      quiet('running', { runtime: 'b' }),
      quiet('ended', { runtime: 'a' })
    );
    const unfolded = [
      ...view.node.querySelectorAll('.jp-DriveSync-runtime')
    ].map(node => (node as HTMLDetailsElement).open);
    expect(unfolded).toEqual([true, true, false]);
  });
});

describe('a notebook that a runtime has open', () => {
  const here = { size: 1, modified: '2026-11-21T16:00:00Z' };

  it.each([
    ['pushed', here, 'Push anyway: train.ipynb'],
    ['deleted, where it is gone here,', null, 'Delete anyway: train.ipynb']
  ])('can be %s anyway', async (_, local, label) => {
    const colab = fakeColab();
    const held = {
      path: 'train.ipynb',
      reason: 'open_in_runtime' as const,
      message: 'It is open in Colab.',
      hint: '',
      local,
      remote: here,
      versions: null
    };
    const view = await show(
      <HeldList
        status={status('spam', { held: [held] as never })}
        actions={{ colab } as unknown as ISidebarActions}
        trans={trans}
      />
    );
    await view.click(label);
    expect(colab.pushAnyway.mock.calls[0][1]).toBe('train.ipynb');
    view.close();
  });
});

describe('a run that ended with a file that was not whole', () => {
  const text = 'Not whole at the end, so only copied: step-2.pt.unfinished.';
  const ended = quiet('ended', {
    end: 'finished',
    unverified: 1,
    error: { code: 'unfinished', text, hint: '', since: null }
  });

  it('does not say that everything is on Drive', () => {
    expect(runtimeText(ended, NOW, trans).sentence).toContain(
      'what was whole is on Drive'
    );
    expect(pendingText(ended, trans)).toBe('');
    expect(endedNews('spam', ended, trans).hint).toBe(text);
  });
});

describe('the tone of a runtime', () => {
  const tone = (one: IRuntime) => runtimeText(one, NOW, trans).tone;

  it.each([
    ['all is well', quiet(), 'ok'],
    ['trouble that passes', runtime(), 'waiting'],
    [
      'trouble for a person',
      quiet('running', {
        error: { code: 'quota_full', text: '', hint: '', since: null }
      }),
      'person'
    ],
    ['silent, all safe', quiet('silent'), 'waiting'],
    ['silent, not all safe', quiet('silent', { unverified: 1 }), 'person'],
    ['ended', quiet('ended'), 'resting']
  ])('for %s', (_, one, expected) => {
    expect(tone(one)).toBe(expected);
  });
});

describe('the curve', () => {
  it('runs from left to right, with larger values higher', () => {
    const [[x1, y1], [x2, y2]] = curvePlaces([
      [50, 0.75],
      [100, 0.25]
    ]);
    expect(x1).toBeLessThan(x2);
    expect(y1).toBeLessThan(y2);
  });

  it('is in the middle for a single point', () => {
    expect(curvePlaces([[7, 1]])).toEqual([[80, 18]]);
  });
});
