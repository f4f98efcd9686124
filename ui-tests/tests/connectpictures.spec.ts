import { expect, test } from '../fixtures';
import { ConnectPage, Google, googleTab } from '../fixtures/connect';
import { write } from '../fixtures/files';
import { picture, setTheme, TAKING } from '../fixtures/pictures';

/** The pictures of docs/users/connect.md; `make screenshots` takes them anew. */
test.skip(!TAKING, 'pictures are taken by make screenshots');
test.use({
  scenario: 'fresh',
  viewport: { width: 1000, height: 760 },
  deviceScaleFactor: 1.5,
  // The browser on another machine than the server, so that all of the sign-in is shown.
  serverArguments: ['--ServerApp.trust_xheaders=True']
});

test('the way from a way in to the first sync', async ({
  context,
  drive,
  page,
  server,
  sidebar
}) => {
  await context.setExtraHTTPHeaders({ 'X-Forwarded-For': '203.0.113.7' });
  const google = new Google(context, server, drive);
  google.reachable = false;
  await google.open();
  for (let part = 0; part < 40; part++) {
    const file = `wandb/run-${part}/media.bin`;
    await write('#'.repeat(400_000), server.local, file);
  }
  await drive.ask('POST', 'quota', { bytes: '15000000000' });
  await drive.write('ml/churn-model/README.md', '# Who leaves?\n');
  await drive.write(`ml/${server.folder}/notes-from-colab.md`, '# T4\n');
  await drive.write('photos/cat.txt', 'meow');

  await sidebar.button('Connect Google Drive').click();
  const connect = new ConnectPage(page);
  await connect.stands('ways');
  await picture(page, 'connect-ways-light');
  await setTheme(page, 'Dark');
  await picture(page, 'connect-ways-dark');
  await setTheme(page, 'Light');

  await page.sidebar.close('left');
  await connect.way('own_client');
  await connect.stands('prepare');
  await picture(page, 'connect-guide');
  await connect.give(server.clientFile!);
  await expect(connect.root.getByText('A desktop client')).toBeVisible();
  const tab = await googleTab(page, () =>
    connect.button('Sign in with Google').click()
  );
  await expect(connect.root.getByRole('timer')).toBeVisible();
  await page.bringToFront();
  await picture(page, 'connect-sign-in');
  await tab.getByRole('link', { name: 'Allow' }).click();
  await expect.poll(() => google.back).toHaveLength(1);
  await tab.close();
  await connect.root.getByLabel(/^Address of the page/).fill(google.back[0]);
  await connect.button('Finish signing in').click();

  await connect.stands('folders');
  const there = connect.root.getByRole('group', {
    name: /^Folder on (?!this)/
  });
  await there.getByRole('button', { name: 'ml', exact: true }).click();
  await there.getByRole('button', { name: server.folder }).click();
  await expect(there.locator('output')).toHaveText(`ml/${server.folder}`);
  await expect(there).toContainText('No folders in here.');
  await picture(page, 'connect-folders');

  await connect.button('Show what would happen').click();
  await connect.stands('first_sync');
  await expect(connect.root).toContainText('notes-from-colab.md');
  await expect(connect.root.getByRole('checkbox').first()).toBeVisible();
  await picture(page, 'connect-first-sync');
});
