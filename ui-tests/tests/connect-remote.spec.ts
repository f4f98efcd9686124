import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { ConnectPage, Google, googleTab } from '../fixtures/connect';
import { textOf, write } from '../fixtures/files';
import { takeTurns } from '../fixtures/turns';

// Behind a proxy, as on a hub: the browser is on another machine than the server.
test.use({
  scenario: 'fresh',
  serverArguments: ['--ServerApp.trust_xheaders=True']
});
test.describe.configure({ mode: 'serial' });
takeTurns();

test.beforeEach(async ({ context, drive, server }) => {
  await context.setExtraHTTPHeaders({ 'X-Forwarded-For': '203.0.113.7' });
  const google = new Google(context, server, drive);
  google.reachable = false;
  await google.open();
  backs = google.back;
});

/** The addresses of the pages that did not load. */
let backs: string[] = [];

test('where the last page cannot load, its address brings the sign-in to its end', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await sidebar.button('Connect Google Drive').click();
  const connect = new ConnectPage(page);
  await connect.prepare(server);
  const tab = await googleTab(page, () =>
    connect.button('Sign in with Google').click()
  );
  const address = connect.root.getByLabel(/^Address of the page/);
  await expect(address).toBeVisible();
  const finish = connect.button('Finish signing in');

  await address.fill('https://example.org/');
  await finish.click();
  await expect(connect.problem).toBeVisible();
  await address.fill('http://127.0.0.1:53682/?state=another&code=4/0A');
  await finish.click();
  await expect(connect.problem).toContainText('another sign-in');
  await expect(connect.root.getByRole('timer')).toBeVisible();

  await tab.getByRole('link', { name: 'Allow' }).click();
  await expect.poll(() => backs).toHaveLength(1);
  await tab.close();
  await address.fill(backs[0]);
  await finish.click();
  await connect.stands('folders');
  await connect.button('Show what would happen').click();
  await expect(connect.root).toContainText('train.ipynb');
  await connect.button('Link and sync').click();
  await connect.stands('done');
  await sidebar.stands('in_sync');
  expect(await drive.read(`${server.folder}/train.ipynb`)).toBe(
    await textOf(server.local, 'train.ipynb')
  );
});

test('by keyboard alone, at twice the size, the same way leads to a second project', async ({
  drive,
  page,
  server,
  sidebar
}) => {
  await write('a thought', server.root, 'notes', 'idea.md');
  const client = JSON.parse((await textOf(server.clientFile!))!).installed;
  const connect = new ConnectPage(page);
  // 200 % of a window of 1280 x 800.
  await page.sidebar.close('left');
  await page.setViewportSize({ width: 640, height: 400 });

  await page.keyboard.press('Control+Shift+C');
  await expect(page.locator('#modal-command-palette input')).toBeFocused();
  await page.keyboard.type('Connect Google Drive');
  await page.keyboard.press('Enter');
  await connect.stands('ways');
  await fits(page, connect);
  await pressAt(page, connect.root.locator('[data-way="own_client"]'));

  await connect.stands('prepare');
  await expect(connect.heading).toBeFocused();
  await fits(page, connect);
  await pressAt(page, connect.root.getByText('Or type its two values'));
  await goTo(page, connect.root.getByLabel('Client ID'));
  await page.keyboard.type(client.client_id);
  await goTo(page, connect.root.getByLabel('Client secret'));
  await page.keyboard.type(client.client_secret);
  const tab = await googleTab(page, () =>
    pressAt(page, connect.button('Sign in with Google'))
  );
  await connect.stands('sign_in');
  await pressAt(tab, tab.getByRole('link', { name: 'Allow' }));
  await expect.poll(() => backs).toHaveLength(1);
  await tab.close();

  await page.bringToFront();
  await expect(connect.heading).toBeFocused();
  await fits(page, connect);
  await goTo(page, connect.root.getByLabel(/^Address of the page/));
  await page.keyboard.insertText(backs[0]);
  await page.keyboard.press('Enter');

  await connect.stands('folders');
  await expect(connect.heading).toBeFocused();
  await fits(page, connect);
  const here = connect.root.getByRole('group', {
    name: 'Folder on this server'
  });
  await expect(here.getByRole('button', { name: 'data' })).toBeVisible();
  await pressAt(page, here.getByRole('button', { name: 'Up' }));
  await expect(here.getByRole('button', { name: 'notes' })).toBeVisible();
  await pressAt(page, here.getByRole('button', { name: 'notes' }));
  await expect(here.locator('output')).toHaveText('notes');
  await pressAt(page, connect.button('Show what would happen'));

  await connect.stands('first_sync');
  await expect(connect.root).toContainText('idea.md');
  await fits(page, connect);
  await pressAt(page, connect.button('Link and sync'));
  await connect.stands('done');
  await expect.poll(() => drive.paths('notes')).toContain('idea.md');
  await page.setViewportSize({ width: 1280, height: 800 });
  await sidebar.stands('in_sync');
});

/** Go with the Tab key until something has the focus. */
async function goTo(page: Page, wanted: Locator): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Tab');
        return wanted.evaluate(node => node === document.activeElement);
      },
      { intervals: [20] }
    )
    .toBe(true);
}

/** Go to something with the Tab key, and press Enter. */
async function pressAt(page: Page, wanted: Locator): Promise<void> {
  await goTo(page, wanted);
  await page.keyboard.press('Enter');
}

/** Nothing of the page has to be scrolled to the side. */
async function fits(page: Page, connect: ConnectPage): Promise<void> {
  const wide = await connect.root.evaluate(node => {
    const around = node.closest('.jp-DriveSync-connectPage')!;
    return around.scrollWidth - around.clientWidth;
  });
  expect(wide).toBeLessThanOrEqual(0);
  expect(
    await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth
    )
  ).toBeLessThanOrEqual(0);
}
