import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, test } from '../fixtures';
import { expectText, textOf, withFirstCell, write } from '../fixtures/files';
import { openNotebook, typeLine } from '../fixtures/notebook';

test.use({
  scenario: 'folder',
  serverArguments: ['--DriveSyncApp.poll_seconds=3']
});

const NOTEBOOK = 'train.ipynb';

test('what is typed and saved in a notebook is in the other folder', async ({
  page,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await typeLine(page, 'print("typed in JupyterLab")');
  await page.keyboard.press('Control+s');
  await expectText('typed in JupyterLab', server.far, NOTEBOOK);
  await expect(
    sidebar.history.locator('li').filter({ hasText: NOTEBOOK }).first()
  ).toContainText('up');
});

test('a file that appears in the other folder shows up in the file browser and the history', async ({
  page,
  server,
  sidebar
}) => {
  await write('from over there', server.far, 'data', 'notes.txt');
  await write('from over there', server.far, 'plan.md');
  await expectText('from over there', server.local, 'data', 'notes.txt');
  const row = sidebar.history.locator('li').filter({ hasText: 'plan.md' });
  await expect(row).toContainText('down');
  await expect(row).toContainText('new');
  await page.sidebar.openTab('filebrowser');
  await expect(
    page.getByRole('listitem', { name: /^Name: plan\.md/ })
  ).toBeVisible();
});

test('an open notebook without unsaved changes follows the other folder', async ({
  page,
  server
}) => {
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  const there = await textOf(server.far, NOTEBOOK);
  await write(
    withFirstCell(there!, '# Written over there'),
    server.far,
    NOTEBOOK
  );
  await expect(
    page.getByRole('heading', { name: 'Written over there' })
  ).toBeVisible();
});

test('an open notebook with unsaved changes is left alone', async ({
  page,
  server
}) => {
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await typeLine(page, '# not saved yet');
  const there = await textOf(server.far, NOTEBOOK);
  await write(withFirstCell(there!, '# A later one'), server.far, NOTEBOOK);
  await expectText('# A later one', server.local, NOTEBOOK);
  // A clean tab is read anew at the end of a run; wait until a further run has ended too.
  await write('x', server.far, 'later.txt');
  await expect(page.locator('.jp-DirListing')).toContainText('later.txt');
  await expect(page.locator('.jp-CodeCell').first()).toContainText(
    '# not saved yet'
  );
  await expect(page.getByRole('heading', { name: 'A later one' })).toHaveCount(
    0
  );
});

test('a file deleted in the other folder goes here too, and the history says so', async ({
  page,
  server,
  sidebar
}) => {
  await write('short-lived', server.local, 'scratch.txt');
  await expectText('short-lived', server.far, 'scratch.txt');
  await fs.rm(path.join(server.far, 'scratch.txt'));
  await expect
    .poll(() => textOf(server.local, 'scratch.txt'), { message: 'deleted' })
    .toBeNull();
  await expect(
    sidebar.history
      .locator('li')
      .filter({ hasText: 'scratch.txt' })
      .filter({ hasText: 'deleted' })
  ).toBeVisible();
  await page.sidebar.openTab('filebrowser');
  await expect(page.locator('.jp-DirListing')).not.toContainText('scratch.txt');
});

test('Open in Colab is off for a plain folder, and says why', async ({
  page,
  server
}) => {
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  const button = page.locator('.jp-DriveSync-toolbarColab jp-button');
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAttribute('title', /not on Google Drive/);
});
