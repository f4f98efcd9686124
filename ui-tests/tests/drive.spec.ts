import { expect, test } from '../fixtures';
import { expectText, textOf, withFirstCell, write } from '../fixtures/files';
import { openNotebook, typeLine } from '../fixtures/notebook';

test.use({ scenario: 'drive' });

const NOTEBOOK = 'train.ipynb';

test('what is typed and saved in a notebook is on Drive, in the same file', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  await expect(
    sidebar.root.getByRole('link', { name: 'gdrive > ml > spam-detection' })
  ).toHaveAttribute(
    'href',
    `https://drive.google.com/drive/folders/${await drive.id(server.driveFolder)}`
  );
  const there = `${server.driveFolder}/${NOTEBOOK}`;
  const id = await drive.id(there);
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await typeLine(page, 'print("typed in JupyterLab")');
  await page.keyboard.press('Control+s');
  await expect.poll(() => drive.read(there)).toContain('typed in JupyterLab');
  expect(await drive.id(there)).toBe(id);
  await expect(
    sidebar.history.locator('li').filter({ hasText: NOTEBOOK }).first()
  ).toContainText('up');
});

test('Sync now brings what was changed on Drive, also into the open notebook', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  const there = `${server.driveFolder}/${NOTEBOOK}`;
  await drive.write(
    there,
    withFirstCell(await drive.read(there), '# Written in Colab')
  );
  await drive.write(`${server.driveFolder}/data/more.csv`, 'label,text\n');
  await sidebar.syncNow();
  await expect(
    page.getByRole('heading', { name: 'Written in Colab' })
  ).toBeVisible();
  expect(await textOf(server.local, 'data', 'more.csv')).toBe('label,text\n');
  await expect(
    sidebar.history.locator('li').filter({ hasText: 'more.csv' })
  ).toContainText('down');
});

test('Open in Colab puts the notebook on Drive first, then opens that very file', async ({
  context,
  drive,
  page,
  server
}) => {
  await context.route('https://colab.research.google.com/**', route =>
    route.fulfill({ contentType: 'text/html', body: 'Colab' })
  );
  const there = `${server.driveFolder}/${NOTEBOOK}`;
  await openNotebook(page, `${server.folder}/${NOTEBOOK}`);
  await typeLine(page, '# not saved by hand');
  const popup = page.waitForEvent('popup');
  await page.locator('.jp-DriveSync-toolbarColab jp-button').click();
  const tab = await popup;
  await tab.waitForURL('https://colab.research.google.com/**');
  expect(tab.url()).toBe(
    `https://colab.research.google.com/drive/${await drive.id(there)}`
  );
  expect(await drive.read(there)).toContain('not saved by hand');
});

test('a long run shows how far it is, can be cancelled, and goes on later', async ({
  drive,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  await drive.throttle(300_000);
  await write('x'.repeat(6_000_000), server.local, 'models', 'big.bin');
  await sidebar.stands('syncing');
  await expect(sidebar.progress).toHaveAttribute('aria-valuenow', /[1-9]/);
  await expect(sidebar.progress).toHaveAttribute('aria-valuetext', /of 6.0 MB/);
  await sidebar.button('Cancel').click();
  await sidebar.stands('pending');
  await expect(sidebar.waiting.locator('li')).toContainText('big.bin');
  expect(await drive.paths(server.driveFolder)).not.toContainEqual(
    expect.stringContaining('big.bin')
  );

  await drive.calm();
  await sidebar.syncNow();
  await sidebar.stands('in_sync');
  expect(await drive.read(`${server.driveFolder}/models/big.bin`)).toHaveLength(
    6_000_000
  );
});

test('a folder that was put into the trash on Drive is reported, and nothing is deleted', async ({
  drive,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  const id = await drive.trash(server.driveFolder);
  await sidebar.button('Sync now').click();
  await sidebar.stands('remote_missing');
  await expect(sidebar.state).toContainText('gone');
  await expect(sidebar.state).toContainText('undo that');
  expect(await textOf(server.local, NOTEBOOK)).not.toBeNull();
  await write('meanwhile', server.local, 'meanwhile.md');

  await drive.untrash(id);
  await sidebar.button('Try again').click();
  await sidebar.stands('in_sync');
  expect(await drive.read(`${server.driveFolder}/meanwhile.md`)).toBe(
    'meanwhile'
  );
});

test.describe('looking at Drive every few seconds', () => {
  test.use({ serverArguments: ['--DriveSyncApp.poll_seconds=3'] });

  test('what appears on Drive comes by itself', async ({
    drive,
    page,
    server,
    sidebar
  }) => {
    await sidebar.stands('in_sync');
    await drive.write(`${server.driveFolder}/from-colab.py`, 'print()\n');
    await expectText('print()', server.local, 'from-colab.py');
    await expect(
      sidebar.history.locator('li').filter({ hasText: 'from-colab.py' })
    ).toContainText('down');
    await page.sidebar.openTab('filebrowser');
    await expect(page.locator('.jp-DirListing')).toContainText('from-colab.py');
  });
});
