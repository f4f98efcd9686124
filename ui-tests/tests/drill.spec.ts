import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, test } from '../fixtures';
import type { IServerFacts } from '../fixtures';
import { Drill, type ICheckpoint } from '../fixtures/drill';
import { openNotebook } from '../fixtures/notebook';
import { putForward } from '../fixtures/server';

/**
 * The whole way in one piece: the cell is inserted in JupyterLab, runs as it is on Drive, and
 * machines end under the training at random moments.
 *
 * `DRIVE_SYNC_SOAK=1` ends 50 machines, `DRIVE_SYNC_ENDS=n` as many as that. The first line that the
 * drill says has its seed; `DRIVE_SYNC_SEED=n` plays it again, with the same number of ends.
 */
test.use({
  scenario: 'drive',
  // Nobody presses anything after the cell is in: what is on Drive is seen by looking there.
  serverArguments: ['--DriveSyncApp.poll_seconds=3']
});

const NOTEBOOK = 'train_epochs.ipynb';
const SOAK = process.env.DRIVE_SYNC_SOAK === '1';
const ENDS = Number(process.env.DRIVE_SYNC_ENDS ?? (SOAK ? 50 : 1));
/** Between these many seconds of training a machine ends. */
const MOMENTS = ENDS > 1 ? ['1', '30'] : ['8', '14'];
/** Seconds after which a machine that said nothing counts as silent, and more. */
const SILENCE = 600;

/** The md5 of an output at home; null while it is not there. */
async function md5AtHome(
  server: IServerFacts,
  { run, remote }: ICheckpoint
): Promise<string | null> {
  try {
    const content = await fs.readFile(
      path.join(server.local, 'outputs', run, remote)
    );
    return createHash('md5').update(content).digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

test('machines end at random moments under a training that the inserted cell began, nothing finished is lost, and it is at home', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  test.setTimeout(240_000 + ENDS * 180_000);
  await sidebar.stands('in_sync');
  await page.sidebar.setWidth(370, 'left');
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await sidebar.colab
    .getByRole('button', { name: 'Insert Colab cell' })
    .click();
  await expect(page.getByText('comes first now')).toBeVisible();
  await page.keyboard.press('Control+s');
  await expect
    .poll(() => drive.read(`${server.driveFolder}/${NOTEBOOK}`))
    .toContain('drive_sync_colab import connect');
  await sidebar.stands('in_sync');

  const row = (runtime: string) =>
    sidebar.colab.locator(`li[data-runtime="${runtime}"]`);
  const isHome = (newest: ICheckpoint) =>
    expect
      .poll(() => md5AtHome(server, newest), { timeout: 120_000 })
      .toBe(newest.md5);
  const drill = new Drill([
    ...['--controls', server.emulator!, '--project', server.driveFolder],
    ...['--notebook', NOTEBOOK, '--ends', String(ENDS)],
    ...['--shortest', MOMENTS[0], '--longest', MOMENTS[1]]
  ]);
  try {
    for (let end = 0; end < ENDS; end++) {
      const { runtime } = await drill.next('connected');
      await expect(row(runtime)).toHaveAttribute('data-stands', 'running');
      drill.goOn();
      const { run, torn, lost, newest } = await drill.next('ended');
      expect.soft(torn, 'torn').toEqual([]);
      expect.soft(lost, 'lost').toBe('');
      // More than once, for a last word of the machine that is heard here only after its end.
      await expect
        .poll(
          async () => {
            await putForward(server, SILENCE);
            return row(runtime).getAttribute('data-stands');
          },
          { intervals: [2_000] }
        )
        .toBe('silent');
      if (newest) {
        await isHome(newest);
      }
      // The drill removes it from Drive, as soon as it is not needed there.
      const others = await fs
        .readdir(path.join(server.local, 'outputs'))
        .catch(() => []);
      for (const other of others.filter(name => name !== run)) {
        await fs.rm(path.join(server.local, 'outputs', other), {
          recursive: true
        });
      }
      drill.goOn();
    }
    const { runtime } = await drill.next('connected');
    await expect(row(runtime)).toHaveAttribute('data-stands', 'running');
    drill.goOn();
    const { torn, lost, newest } = await drill.next('finished');
    expect.soft(torn, 'torn').toEqual([]);
    expect.soft(lost, 'lost').toEqual([]);
    await expect(row(runtime)).toHaveAttribute('data-stands', 'ended');
    await isHome(newest);
    drill.goOn();
    expect(await drill.next('summary')).toMatchObject({
      ends: ENDS,
      torn: 0,
      lost: 0
    });
  } finally {
    await drill.stop();
  }
});
