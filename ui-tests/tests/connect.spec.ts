import { ConnectPage, Google, googleTab } from '../fixtures/connect';
import { expect, test } from '../fixtures';
import { expectText, textOf, write } from '../fixtures/files';
import { takeTurns } from '../fixtures/turns';

test.use({ scenario: 'fresh' });
takeTurns();

// One person on her first days: the tests build on one another.
test.describe.configure({ mode: 'serial' });

test('a client that is no desktop client is refused where it is given', async ({
  page,
  server,
  sidebar
}) => {
  await sidebar.button('Connect Google Drive').click();
  const connect = new ConnectPage(page);
  await connect.stands('ways');
  await connect.way('own_client');
  const client = JSON.parse((await textOf(server.clientFile!))!).installed;

  await connect.give({ text: JSON.stringify({ web: client }) });
  await expect(connect.problem).toContainText('Desktop app');
  await expect(connect.button('Sign in with Google')).toBeDisabled();

  await connect.give({ text: '{"type": "service_account"}' });
  await expect(connect.problem).toContainText('service account');

  await connect.give({ text: 'not even JSON' });
  await expect(connect.problem).toBeVisible();

  await connect.give(server.clientFile!);
  await expect(connect.problem).toHaveCount(0);
  await expect(connect.root.getByText(client.client_id)).toBeVisible();
  expect(await page.content()).not.toContain(client.client_secret);
});

test('who refuses at Google can try again, and nothing is left behind', async ({
  context,
  drive,
  page,
  server
}) => {
  const google = new Google(context, server, drive);
  await google.open();
  const connect = new ConnectPage(page);
  await connect.open();
  await connect.prepare(server);
  const tab = await googleTab(page, () =>
    connect.button('Sign in with Google').click()
  );
  await connect.stands('sign_in');
  await expect(connect.root.getByRole('timer')).toContainText('Time left');
  await tab.getByRole('link', { name: 'Refuse' }).click();
  await expect(connect.problem).toContainText('not allowed');
  await tab.close();

  // Once more, and then think better of it.
  const again = await googleTab(page, () =>
    connect.button('Try again').click()
  );
  await again.close();
  await connect.button('Cancel the sign-in').click();
  await connect.stands('prepare');
  await connect.button('Back').click();
  await connect.stands('ways');
  await expect(connect.root).not.toContainText('Connected already');
});

test('the way from no account ends in a project that is in step', async ({
  context,
  drive,
  page,
  server,
  sidebar
}) => {
  const google = new Google(context, server, drive);
  await google.open();
  await drive.write('ml/older-project/notes.md', 'from long ago');
  await sidebar.button('Connect Google Drive').click();
  const connect = new ConnectPage(page);
  await connect.prepare(server);
  const tab = await googleTab(page, () =>
    connect.button('Sign in with Google').click()
  );
  await tab.getByRole('link', { name: 'Allow' }).click();
  await tab.waitForURL('http://127.0.0.1:53682/**');
  await tab.close();

  await connect.stands('folders');
  await expect(connect.root.getByText('all files')).toBeVisible();
  await expect(connect.root.getByText('your own Google client')).toBeVisible();
  const there = connect.root.getByRole('group', {
    name: /^Folder on (?!this)/
  });
  const name = there.getByLabel('Name of a folder');
  await name.fill('older');
  await there.getByRole('button', { name: 'Find' }).click();
  await expect(
    there.getByRole('button', { name: 'ml/older-project' })
  ).toBeVisible();
  await there.getByRole('button', { name: 'All folders' }).click();
  await there.getByRole('button', { name: 'ml', exact: true }).click();
  await expect(there.locator('output')).toHaveText('ml');
  await name.fill(server.folder);
  await there.getByRole('button', { name: 'New folder' }).click();
  await expect(there.locator('output')).toHaveText(server.driveFolder);

  await connect.button('Show what would happen').click();
  await connect.stands('first_sync');
  await expect(connect.root).toContainText('Nothing has moved yet');
  await expect(connect.root).toContainText('train.ipynb');
  expect(await drive.paths(server.driveFolder)).toEqual([]);
  await connect.button('Link and sync').click();
  await connect.stands('done');
  await sidebar.stands('in_sync');
  expect(await drive.read(`${server.driveFolder}/train.ipynb`)).toBe(
    await textOf(server.local, 'train.ipynb')
  );
});

test('the page is there again after it was loaded anew, at the same step', async ({
  context,
  drive,
  page,
  server
}) => {
  const google = new Google(context, server, drive);
  await google.open();
  const connect = new ConnectPage(page);
  await connect.open();
  await connect.prepare(server);
  const tab = await googleTab(page, () =>
    connect.button('Sign in with Google').click()
  );
  await connect.stands('sign_in');
  await page.goto(`${server.url}/lab`);
  await connect.stands('sign_in');
  await tab.getByRole('link', { name: 'Allow' }).click();
  await connect.stands('folders');
  await tab.close();
  const storage = await page.evaluate(() =>
    JSON.stringify([localStorage, sessionStorage])
  );
  const client = JSON.parse((await textOf(server.clientFile!))!).installed;
  expect(storage).not.toContain(client.client_secret);
});

test('a sign-in that lapsed is renewed with one button, and what waited goes up', async ({
  context,
  drive,
  page,
  server,
  sidebar
}) => {
  const google = new Google(context, server, drive);
  await google.open();
  await sidebar.stands('in_sync');
  await drive.ask('POST', 'tokens/revoke');
  await write('written without a sign-in', server.local, 'meanwhile.md');
  await drive.write(`${server.driveFolder}/over-there.md`, 'and over there');
  await sidebar.stands('sign_in');
  expect(await textOf(server.local, 'meanwhile.md')).not.toBeNull();

  const tab = await googleTab(page, () =>
    sidebar.button('Sign in again').click()
  );
  const connect = new ConnectPage(page);
  await connect.stands('sign_in');
  await tab.getByRole('link', { name: 'Allow' }).click();
  await connect.stands('done');
  await tab.close();
  await sidebar.stands('in_sync');
  expect(await drive.read(`${server.driveFolder}/meanwhile.md`)).toBe(
    'written without a sign-in'
  );
  await expectText('and over there', server.local, 'over-there.md');
});

test('disconnecting names the project that stops, and signing in again brings it back', async ({
  context,
  drive,
  page,
  server,
  sidebar
}) => {
  await sidebar.menu('Connect Google Drive…');
  const connect = new ConnectPage(page);
  await connect.stands('ways');
  const using = connect.root
    .locator('.jp-DriveSync-connections li')
    .filter({ hasText: '1 project' });
  await using.getByRole('button', { name: /^Disconnect/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(server.folder);
  await dialog.getByRole('button', { name: 'Keep connected' }).click();
  await using.getByRole('button', { name: /^Disconnect/ }).click();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await expect(connect.root.getByText('gdrive is disconnected.')).toBeVisible();
  await sidebar.stands('sign_in');
  expect(await textOf(server.local, 'train.ipynb')).not.toBeNull();

  const google = new Google(context, server, drive);
  await google.open();
  const tab = await googleTab(page, () =>
    using.getByRole('button', { name: /^Sign in again/ }).click()
  );
  await tab.getByRole('link', { name: 'Allow' }).click();
  await connect.stands('done');
  await tab.close();
  await sidebar.stands('in_sync');
});
