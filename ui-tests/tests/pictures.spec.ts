import * as path from 'node:path';

import { expect, test } from '../fixtures';
import type { IJupyterLabPageFixture } from '../fixtures';
import { textOf, write } from '../fixtures/files';
import { openNotebook } from '../fixtures/notebook';
import { picture, setTheme, TAKING } from '../fixtures/pictures';

/** The pictures of the documentation; `make screenshots` takes them anew. */
test.skip(!TAKING, 'pictures are taken by make screenshots');
test.use({
  scenario: 'drive',
  viewport: { width: 1000, height: 640 },
  deviceScaleFactor: 1.5
});

const NARROW = { x: 0, y: 0, width: 430, height: 560 };

/** The example's notebook beside a sidebar that is wide enough. */
async function arrange(
  page: IJupyterLabPageFixture,
  folder: string
): Promise<void> {
  await page.sidebar.setWidth(370, 'left');
  await openNotebook(page, `${folder}/train.ipynb`);
  await expect(page.getByText('| Idle')).toBeVisible();
}

test('in step, light and dark', async ({ drive, page, server, sidebar }) => {
  await sidebar.stands('in_sync');
  await write('epoch,loss\n1,0.61\n', server.local, 'runs', 'loss.csv');
  await expect
    .poll(() => drive.paths(server.driveFolder))
    .toContain('runs/loss.csv');
  await drive.write(`${server.driveFolder}/notes-from-colab.md`, '# T4\n');
  await arrange(page, server.folder);
  // The kernel has written its version into the notebook.
  await page.keyboard.press('Control+s');
  await expect(page.locator('.jp-mod-dirty')).toHaveCount(0);
  await expect(
    sidebar.history.locator('li').filter({ hasText: 'train.ipynb' })
  ).toHaveCount(2);
  await sidebar.syncNow();
  await sidebar.stands('in_sync');
  await picture(page, 'sidebar-in-step-light');
  await setTheme(page, 'Dark');
  await picture(page, 'sidebar-in-step-dark');
  await setTheme(page, 'Light');
});

test('in the middle of a sync', async ({ drive, page, server, sidebar }) => {
  await arrange(page, server.folder);
  await sidebar.stands('in_sync');
  await drive.throttle(600_000);
  await write('w'.repeat(9_400_000), server.local, 'models', 'weights.bin');
  await write('v'.repeat(3_100_000), server.local, 'models', 'vocabulary.bin');
  await sidebar.stands('syncing');
  await expect(sidebar.progress).toHaveAttribute('aria-valuenow', /[3-9]\d/);
  await picture(page, 'sidebar-syncing', NARROW);
  await drive.calm();
  await sidebar.stands('in_sync');
});

test('a file needs a person', async ({ drive, page, server, sidebar }) => {
  await arrange(page, server.folder);
  await sidebar.stands('in_sync');
  await sidebar.menu('Pause');
  await sidebar.stands('paused');
  const code = await textOf(server.local, 'features.py');
  await write(`${code}\nSMALLEST = 2\n`, server.local, 'features.py');
  await drive.write(
    `${server.driveFolder}/features.py`,
    `${code}\nSMALLEST = 3  # better on the test set\n`
  );
  await sidebar.button('Resume').click();
  await sidebar.stands('conflict');
  await expect(sidebar.needsYou.locator('li')).toContainText('features.py');
  await picture(page, 'sidebar-held', NARROW);
  await sidebar.button('Keep mine').click();
  await sidebar.stands('in_sync');
});

test('the last step of linking', async ({ drive, page, server, sidebar }) => {
  const folder = path.join(server.root, 'churn-model');
  await write('print("churn")\n'.repeat(130), folder, 'train.py');
  await write('{"cells": []}\n'.repeat(990), folder, 'explore.ipynb');
  await write('month,left\n'.repeat(16_000), folder, 'data', 'customers.csv');
  await drive.write(
    'ml/churn-model/data/customers-2025.csv',
    'month,left\n'.repeat(9_000)
  );
  await drive.write('ml/churn-model/README.md', '# Who leaves?\n'.repeat(60));
  await sidebar.menu('Link a Folder…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Up' }).click();
  await dialog.getByRole('button', { name: 'churn-model' }).click();
  await dialog.getByRole('button', { name: 'Next' }).click();
  await dialog.getByRole('radio', { name: /gdrive/ }).check();
  const there = dialog.getByRole('group', { name: 'Folder on gdrive' });
  await there.getByRole('button', { name: 'ml' }).click();
  await there.getByRole('button', { name: 'churn-model' }).click();
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog).toContainText('customers-2025.csv');
  // Without the page behind it at edges that fall between two pixels.
  const box = await dialog.locator('.jp-Dialog-content').boundingBox();
  await picture(page, 'link-dialog', {
    x: Math.ceil(box!.x) + 1,
    y: Math.ceil(box!.y) + 1,
    width: Math.floor(box!.width) - 3,
    height: Math.floor(box!.height) - 3
  });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('the folder on Drive is gone', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await arrange(page, server.folder);
  await sidebar.stands('in_sync');
  const id = await drive.trash(server.driveFolder);
  await sidebar.button('Sync now').click();
  await sidebar.stands('remote_missing');
  await picture(page, 'sidebar-error', NARROW);
  await drive.untrash(id);
  await sidebar.button('Try again').click();
  await sidebar.stands('in_sync');
});
