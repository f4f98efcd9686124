import * as path from 'node:path';

import { expect, test } from '../fixtures';
import { expectText, textOf, write } from '../fixtures/files';

test.use({ scenario: 'none' });

test('a folder is linked with one on Drive through the dialog, after a look at what will happen', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await drive.write('ml/spam-detection/only-there.md', 'from Drive');
  await drive.write('photos/cat.txt', 'meow');
  await sidebar.button('Link a folder').click();
  const dialog = page.getByRole('dialog');

  const here = dialog.getByRole('group', { name: 'Folder on this server' });
  await expect(here.locator('output')).toHaveText(server.folder);
  await dialog.getByRole('button', { name: 'Next' }).click();

  await dialog.getByRole('radio', { name: /gdrive/ }).check();
  const there = dialog.getByRole('group', { name: 'Folder on gdrive' });
  await expect(there.getByRole('button', { name: 'photos' })).toBeVisible();
  await there.getByRole('button', { name: 'ml' }).click();
  await there.getByRole('button', { name: 'spam-detection' }).click();
  await expect(there.locator('output')).toHaveText('ml/spam-detection');
  await dialog.getByRole('button', { name: 'Preview' }).click();

  await expect(dialog).toContainText('Nothing has moved yet');
  await expect(dialog).toContainText('gdrive:ml/spam-detection');
  await expect(dialog).toContainText('train.ipynb');
  await expect(dialog).toContainText('only-there.md');
  expect(await textOf(server.local, 'only-there.md')).toBeNull();
  expect(await drive.paths(server.driveFolder)).toEqual(['only-there.md']);

  await dialog.getByRole('button', { name: 'Link and sync' }).click();
  await expect(dialog).toBeHidden();
  await sidebar.stands('in_sync');
  expect(await textOf(server.local, 'only-there.md')).toBe('from Drive');
  expect(await drive.read('ml/spam-detection/train.ipynb')).toBe(
    await textOf(server.local, 'train.ipynb')
  );
});

test('a new folder is linked with a plain folder; what cannot be is refused in place', async ({
  page,
  server,
  sidebar
}) => {
  const other = path.join(server.home, 'Drive', 'notes');
  await write('already there', other, 'old.md');
  await sidebar.menu('Link a Folder…');
  const dialog = page.getByRole('dialog');
  const problem = dialog.getByRole('alert');
  const here = dialog
    .getByRole('group', { name: 'Folder on this server' })
    .locator('output');
  const next = dialog.getByRole('button', { name: 'Next' });
  const preview = dialog.getByRole('button', { name: 'Preview' });
  const whole = dialog.getByLabel(/^Whole path of the folder/);

  // The folder that is linked already.
  await next.click();
  await dialog
    .getByRole('radio', { name: 'A folder of this computer' })
    .check();
  await whole.fill(other);
  await preview.click();
  await expect(problem).toContainText('linked');
  await expect(problem).toContainText('Unlink');

  // A new one beside it.
  await dialog.getByRole('button', { name: 'Back' }).click();
  await dialog.getByRole('button', { name: 'Up' }).click();
  await expect(here).toHaveText('The folder in which Jupyter was started');
  await dialog.getByLabel(/^New folder in it/).fill('notes');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(here).toHaveText('notes');
  await next.click();

  // Remotes that are none.
  await whole.fill('nowhere:notes');
  await preview.click();
  await expect(problem).toContainText('no remote named nowhere');
  await expect(problem).toContainText('rclone config');
  await whole.fill('-notes');
  await preview.click();
  await expect(problem).toContainText('cannot begin with -');

  // A plain folder, by clicking.
  const folders = dialog.getByRole('group', {
    name: 'Folder of this computer'
  });
  await folders.getByRole('button', { name: 'Drive' }).click();
  await folders.getByRole('button', { name: 'notes' }).click();
  await expect(whole).toHaveValue(other);
  await preview.click();
  await expect(dialog).toContainText('old.md');
  await dialog.getByRole('button', { name: 'Link and sync' }).click();
  await expect(dialog).toBeHidden();

  await expect(
    sidebar.root.getByRole('heading', { name: 'notes' })
  ).toBeVisible();
  await sidebar.stands('in_sync');
  expect(await textOf(server.root, 'notes', 'old.md')).toBe('already there');
  await write('new here', server.root, 'notes', 'new.md');
  await expectText('new here', other, 'new.md');
});
