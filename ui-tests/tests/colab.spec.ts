import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, test } from '../fixtures';
import type { IJupyterLabPageFixture, IServerFacts } from '../fixtures';
import type { Emulator } from '../fixtures/emulator';
import { textOf, write } from '../fixtures/files';
import { openNotebook } from '../fixtures/notebook';
import { picture, setTheme } from '../fixtures/pictures';

/** What happens on the way to Colab and there; pictures by `UPDATE_SCREENSHOTS=1`. */
test.use({
  scenario: 'drive',
  viewport: { width: 1000, height: 760 },
  deviceScaleFactor: 1.5
});

const NOTEBOOK = 'train.ipynb';
const TAG = 'drive-sync';
/** The run of the golden pulses. */
const RUN = 'run-20261121-164000-ab12';
const REPOSITORY = path.resolve(__dirname, '..', '..');
const GOLDEN = path.join(REPOSITORY, 'tests', 'protocol');
const SIDEBAR = { x: 0, y: 0, width: 430, height: 760 };

interface ICell {
  source: string[] | string;
  metadata: { tags?: string[] };
  outputs?: unknown[];
}

/** The cells of the notebook on Drive that the product has put there. */
async function cellsOnDrive(
  drive: Emulator,
  server: IServerFacts
): Promise<{ at: number; source: string; outputs: unknown[] }[]> {
  const text = await drive.read(`${server.driveFolder}/${NOTEBOOK}`);
  const cells = JSON.parse(text).cells as ICell[];
  return cells.flatMap(({ metadata, source, outputs }, at) =>
    metadata.tags?.includes(TAG)
      ? [{ at, source: [source].flat().join(''), outputs: outputs ?? [] }]
      : []
  );
}

/** Open the notebook; it has the Colab cell afterwards. */
async function withCell(
  page: IJupyterLabPageFixture,
  drive: Emulator,
  server: IServerFacts
): Promise<void> {
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  if ((await cellsOnDrive(drive, server)).length === 0) {
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('jupyter-drive-sync:insert-cell')
    );
    await expect.poll(() => cellsOnDrive(drive, server)).toHaveLength(1);
  }
}

/** Let a runtime send a pulse: a golden one, changed in parts. */
async function pulse(
  drive: Emulator,
  server: IServerFacts,
  golden: string,
  parts: Record<string, unknown> = {}
): Promise<void> {
  const text = await fs.readFile(path.join(GOLDEN, golden), 'utf8');
  const content = { ...JSON.parse(text), ...parts };
  await drive.write(
    `${server.driveFolder}/.drive-sync/runtimes/${content.runtime}.json`,
    JSON.stringify(content)
  );
}

/** Put what a run has made on Drive, as a guard does: the file, then the manifest. */
async function output(
  drive: Emulator,
  server: IServerFacts,
  remote: string,
  text: string
): Promise<void> {
  const folder = `${server.driveFolder}/outputs/${RUN}`;
  await drive.write(`${folder}/${remote}`, text);
  const line = {
    v: 1,
    seq: 1,
    kind: 'file',
    path: remote,
    remote,
    size: text.length,
    md5: createHash('md5').update(text).digest('hex'),
    drive_id: await drive.id(`${folder}/${remote}`),
    mtime: ago(100),
    step: null,
    metrics: null,
    checkpoint: false,
    verified: ago(90)
  };
  await drive.write(`${folder}/manifest.jsonl`, `${JSON.stringify(line)}\n`);
}

const ago = (seconds: number) =>
  `${new Date(Date.now() - 1000 * seconds).toISOString().slice(0, 19)}Z`;

/** A run in the middle, with times of today. */
const TRAINING = () => ({
  seq: 31,
  at: ago(5),
  started: ago(41 * 60),
  checkpoint: {
    path: 'checkpoints/epoch-12.pt',
    step: 1200,
    metrics: { loss: 0.1837, accuracy: 0.962 },
    size: 4_812_340,
    verified: ago(130)
  },
  curve: {
    metric: 'loss',
    points: Array.from({ length: 40 }, (_, i) => [
      30 * (i + 1),
      0.16 + 0.6 * Math.exp(-i / 11) + 0.03 * Math.sin(i * 2.1)
    ])
  },
  error: null
});

test('a click puts the Colab cell first in the notebook on Drive, a second one changes nothing', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  const colab = sidebar.colab;
  const insert = colab.getByRole('button', { name: 'Insert Colab cell' });
  await expect(insert).toBeDisabled();
  await expect(colab).toContainText('Open a notebook of this project first.');

  await page.sidebar.setWidth(370, 'left');
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await expect(insert).toBeEnabled();
  await insert.click();
  await expect.poll(() => cellsOnDrive(drive, server)).toHaveLength(1);

  const [cell] = await cellsOnDrive(drive, server);
  const folder = await drive.id(server.driveFolder);
  const bundle = await drive.id(
    `${server.driveFolder}/.drive-sync/companion.zip`
  );
  expect(cell.at).toBe(0);
  expect(cell.outputs).toEqual([]);
  expect(cell.source).toContain(`connect(\n            "${folder}"`);
  expect(cell.source).toContain(bundle);
  expect(cell.source).toContain(`notebook="${NOTEBOOK}"`);
  await expect(page.locator('.jp-Notebook .jp-Cell').first()).toContainText(
    'drive_sync_colab import connect'
  );
  await expect(page.getByText('comes first now')).toBeVisible();
  await sidebar.stands('in_sync');
  await picture(page, 'colab-cell');

  await page.locator('.jp-DriveSync-toolbarCell jp-button').click();
  await expect(page.getByText('The Colab cell was up to date.')).toBeVisible();
  expect(await cellsOnDrive(drive, server)).toEqual([cell]);
});

test('what a person changed in the cell stays when it is renewed', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await withCell(page, drive, server);
  await sidebar.stands('in_sync');
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('application:close-all')
  );
  await expect(page.locator('.jp-Notebook')).toHaveCount(0);
  const text = await textOf(server.local, NOTEBOOK);
  const content = JSON.parse(text!) as { cells: ICell[] };
  const [first] = content.cells;
  first.source = [first.source]
    .flat()
    .join('')
    .replace('# Drive Sync:', '# An older cell:')
    .replace('"runs/"]', '"runs/"], keep=7');
  await write(JSON.stringify(content, null, 1), server.local, NOTEBOOK);
  await expect
    .poll(async () => (await cellsOnDrive(drive, server))[0].source)
    .toContain('# An older cell:');

  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await page.locator('.jp-DriveSync-toolbarCell jp-button').click();
  await expect(page.getByText('The Colab cell is up to date')).toBeVisible();
  await expect
    .poll(async () => (await cellsOnDrive(drive, server))[0].source)
    .toMatch(/^# Drive Sync:[^]*"runs\/"\], keep=7\)/);
  await sidebar.stands('in_sync');
});

test('the sidebar tells how training stands in Colab, and holds the notebook that is open there', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await page.sidebar.setWidth(370, 'left');
  await withCell(page, drive, server);
  await sidebar.stands('in_sync');
  await output(drive, server, 'runs/loss.csv', 'epoch,loss\n1,0.61\n');
  await pulse(drive, server, 'pulse-running.json', TRAINING());
  await sidebar.syncNow();
  const row = sidebar.colab.locator('li[data-runtime]');
  await expect(row).toHaveAttribute('data-stands', 'running');
  for (const text of [
    'Running for 41 min',
    'Tesla T4 at 71 %',
    'Step 1,200 verified on Drive 2 min ago',
    'loss 0.1837, accuracy 0.962',
    'checkpoints/epoch-12.pt',
    '2 files (3.1 MB) on the way to Drive',
    '1 package differs from home',
    'Outputs: 1 file (18 B), all here'
  ]) {
    await expect(row).toContainText(text);
  }
  await expect(row.getByRole('img', { name: /^loss from/ })).toBeVisible();
  expect(
    await textOf(server.local, 'outputs', RUN, 'runs', 'loss.csv')
  ).toContain('0.61');
  await row.scrollIntoViewIfNeeded();
  await picture(page, 'colab-running-light');
  await setTheme(page, 'Dark');
  await picture(page, 'colab-running-dark');
  await setTheme(page, 'Light');

  // Colab would not save over it any more: it waits, until the person says otherwise.
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('notebook:insert-cell-below')
  );
  const there = await drive.read(`${server.driveFolder}/${NOTEBOOK}`);
  await page.keyboard.press('Control+s');
  const held = sidebar.needsYou.locator(`li[data-path="${NOTEBOOK}"]`);
  await expect(held).toContainText('open in a Colab runtime');
  expect(await drive.read(`${server.driveFolder}/${NOTEBOOK}`)).toBe(there);
  await picture(page, 'colab-held', SIDEBAR);
  await held.getByRole('button', { name: /^Push anyway/ }).click();
  await expect
    .poll(() => drive.read(`${server.driveFolder}/${NOTEBOOK}`))
    .not.toBe(there);
  await expect(held).toHaveCount(0);
});

test('trouble in a runtime and the end of training are said once', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await page.sidebar.setWidth(370, 'left');
  await withCell(page, drive, server);
  await output(drive, server, 'runs/loss.csv', 'epoch,loss\n1,0.61\n');
  await sidebar.stands('in_sync');
  const error = {
    code: 'quota_full',
    text: 'Google Drive is full.',
    hint: 'Make room at drive.google.com (the trash counts too).',
    since: ago(20)
  };
  await pulse(drive, server, 'pulse-running.json', {
    ...TRAINING(),
    seq: 32,
    at: ago(2),
    error
  });
  await sidebar.syncNow();
  const row = sidebar.colab.locator('li[data-runtime]');
  await expect(row).toContainText('Running for 41 min, but needs you');
  await expect(row).toContainText('Make room at drive.google.com');
  const notice = page.locator('.jp-toast-message');
  await expect(
    notice.filter({ hasText: 'in Colab: Google Drive is full.' })
  ).toHaveCount(1);
  await row.scrollIntoViewIfNeeded();
  await picture(page, 'colab-error', SIDEBAR);

  await pulse(drive, server, 'pulse-ended.json', {
    started: ago(60 * 60),
    at: ago(1),
    checkpoint: TRAINING().checkpoint
  });
  await sidebar.syncNow();
  await expect(row).toHaveAttribute('data-stands', 'ended');
  await expect(row).toContainText('everything is on Drive');
  await expect(notice.filter({ hasText: 'in Colab ended' })).toHaveCount(1);
  await expect(notice.filter({ hasText: 'Google Drive is full.' })).toHaveCount(
    0
  );
  await row.scrollIntoViewIfNeeded();
  await picture(page, 'colab-ended', SIDEBAR);

  await row.getByRole('button', { name: /^Outputs: 1 file/ }).click();
  await expect(
    page.locator('.jp-BreadCrumbs-item', { hasText: RUN })
  ).toBeVisible();
  await sidebar.open();

  await row.getByRole('button', { name: /^Forget/ }).click();
  await expect(row).toHaveCount(0);
  await expect
    .poll(() => drive.paths(`${server.driveFolder}/.drive-sync`))
    .not.toContain('runtimes/5f2b9c1d7e3a.json');
});
