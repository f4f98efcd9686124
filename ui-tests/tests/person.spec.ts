import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, Sidebar, test } from '../fixtures';
import { expectText, textOf, write } from '../fixtures/files';

// The server looks at the other folder once a minute only: what happens here was asked for.
test.use({ scenario: 'folder' });

test('Sync now brings what is new over there at once', async ({
  page,
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  await write('hello', server.far, 'hello.md');
  await sidebar.syncNow();
  expect(await textOf(server.local, 'hello.md')).toBe('hello');
  await expect(
    sidebar.history.locator('li').filter({ hasText: 'hello.md' })
  ).toContainText('down');
  await page.sidebar.openTab('filebrowser');
  await expect(page.locator('.jp-DirListing')).toContainText('hello.md');
});

test('with auto-sync off, a save waits, is shown, and goes up with Sync now', async ({
  server,
  sidebar
}) => {
  await sidebar.autoSync(false);
  await write('patience', server.local, 'patience.md');
  await expect(sidebar.waiting.locator('li')).toContainText('patience.md');
  await sidebar.stands('pending');
  expect(await textOf(server.far, 'patience.md')).toBeNull();
  await sidebar.syncNow();
  expect(await textOf(server.far, 'patience.md')).toBe('patience');
  await expect(sidebar.waiting).toHaveCount(0);
  await sidebar.autoSync(true);
});

test('two tabs agree on pause, resume and history', async ({
  openTab,
  server,
  sidebar
}) => {
  const other = new Sidebar(await openTab());
  await other.open();
  await sidebar.stands('in_sync');
  await other.stands('in_sync');

  await sidebar.menu('Pause');
  await sidebar.stands('paused');
  await other.stands('paused');
  await other.button('Resume').click();
  await other.stands('in_sync');
  await sidebar.stands('in_sync');

  await write('for both', server.far, 'both.md');
  await other.syncNow();
  for (const one of [sidebar, other]) {
    await expect(
      one.history.locator('li').filter({ hasText: 'both.md' })
    ).toBeVisible();
  }
});

test('a file changed on both sides waits for a person, and Keep both keeps both', async ({
  server,
  sidebar
}) => {
  await write('first\n', server.local, 'report.md');
  await expectText('first', server.far, 'report.md');
  await sidebar.stands('in_sync');
  await sidebar.menu('Pause');
  await sidebar.stands('paused');
  await write('changed here\n', server.local, 'report.md');
  await write('changed over there\n', server.far, 'report.md');
  await sidebar.button('Resume').click();

  await sidebar.stands('conflict');
  const row = sidebar.needsYou.locator('li[data-path="report.md"]');
  await expect(row).toContainText('changed here and in the other folder');
  expect(await textOf(server.local, 'report.md')).toBe('changed here\n');
  expect(await textOf(server.far, 'report.md')).toBe('changed over there\n');

  await row.getByRole('button', { name: 'Keep both' }).click();
  await sidebar.stands('in_sync');
  await expect(sidebar.needsYou).toHaveCount(0);
  for (const side of [server.local, server.far]) {
    expect(await textOf(side, 'report.md')).toBe('changed here\n');
    const copies = (await fs.readdir(side)).filter(name =>
      /^report \(.*\)\.md$/.test(name)
    );
    expect(copies).toHaveLength(1);
    expect(await textOf(side, copies[0])).toBe('changed over there\n');
  }
});

test('many deletes wait until a person has agreed to them', async ({
  page,
  server,
  sidebar
}) => {
  const names = Array.from({ length: 12 }, (_, i) => `part-${i + 10}.csv`);
  for (const name of names) {
    await write(name, server.local, name);
  }
  for (const name of names) {
    await expectText(name, server.far, name);
  }
  await sidebar.stands('in_sync');
  for (const name of names) {
    await fs.rm(path.join(server.far, name));
  }
  await sidebar.button('Sync now').click();
  await sidebar.stands('too_many_deletes');
  await expect(sidebar.state).toContainText('12 of');

  const dialog = page.getByRole('dialog');
  await sidebar.button('Review and agree…').click();
  await expect(dialog).toContainText(names[0]);
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(dialog).toBeHidden();
  await sidebar.stands('too_many_deletes');
  for (const name of names) {
    expect(await textOf(server.local, name)).toBe(name);
  }

  await sidebar.button('Review and agree…').click();
  await dialog
    .getByRole('button', { name: 'Agree to these 12 deletes' })
    .click();
  await sidebar.stands('in_sync');
  for (const name of names) {
    expect(await textOf(server.local, name)).toBeNull();
  }
});

test('the sidebar and Sync now are reached by keyboard alone', async ({
  page,
  server,
  sidebar
}) => {
  await page.sidebar.openTab('filebrowser');
  await expect(sidebar.root).toBeHidden();

  await page.keyboard.press('Control+Shift+C');
  await expect(page.locator('#modal-command-palette input')).toBeFocused();
  await page.keyboard.type('Show Drive Sync');
  await page.keyboard.press('Enter');
  await expect(sidebar.root).toBeVisible();

  // The palette gives the focus back to the main area, which stands behind the sidebar.
  await write('by key', server.far, 'key.md');
  const button = sidebar.button('Sync now');
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Shift+Tab');
        return button.evaluate(node => node === document.activeElement);
      },
      { intervals: [50] }
    )
    .toBe(true);
  await page.keyboard.press('Enter');
  await expectText('by key', server.local, 'key.md');
  await sidebar.stands('in_sync');

  await write('by shortcut', server.far, 'shortcut.md');
  await page.keyboard.press('Control+Alt+s');
  await expectText('by shortcut', server.local, 'shortcut.md');
});

test('the status bar shows the state, opens the sidebar, and can be switched off', async ({
  page,
  sidebar
}) => {
  await page.sidebar.openTab('filebrowser');
  const item = page.locator('.jp-DriveSync-statusButton');
  await expect(item).toHaveText('In step');
  await item.click();
  await expect(sidebar.root).toBeFocused();

  await page.evaluate(() =>
    window.jupyterapp.commands.execute('settingeditor:open', {
      query: 'Drive Sync'
    })
  );
  await page.getByLabel('Show in the status bar').uncheck();
  await expect(item).toBeHidden();
  await page.getByLabel('Show in the status bar').check();
  await expect(item).toBeVisible();
});
