import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, test } from '../fixtures';
import type { IServerFacts, Sidebar } from '../fixtures';
import { expectText, textOf, write } from '../fixtures/files';

test.use({ scenario: 'folder' });

/** Let files be changed on both sides since they were alike. */
async function inConflict(
  server: IServerFacts,
  sidebar: Sidebar,
  ...names: string[]
): Promise<void> {
  for (const name of names) {
    await write(`${name} as it was\n`, server.local, name);
    await expectText('as it was', server.far, name);
  }
  await sidebar.stands('in_sync');
  await sidebar.menu('Pause');
  await sidebar.stands('paused');
  for (const name of names) {
    await write(`${name} changed here\n`, server.local, name);
    await write(`${name} changed over there\n`, server.far, name);
  }
  await sidebar.button('Resume').click();
  await sidebar.stands('conflict');
}

test('a choice does not count for a version that came after it was shown', async ({
  server,
  sidebar
}) => {
  await inConflict(server, sidebar, 'plan.md');
  const row = sidebar.needsYou.locator('li[data-path="plan.md"]');
  await expect(
    row.getByRole('button', { name: 'Keep the other' })
  ).toBeVisible();
  await write(
    'something newer over there, and longer\n',
    server.far,
    'plan.md'
  );
  await row.getByRole('button', { name: 'Keep mine' }).click();
  await expect(row).toContainText('changed after you chose');
  await expect(row).toContainText('39 B');
  expect(await textOf(server.local, 'plan.md')).toBe('plan.md changed here\n');
  expect(await textOf(server.far, 'plan.md')).toContain('something newer');

  await row.getByRole('button', { name: 'Keep the other' }).click();
  await sidebar.stands('in_sync');
  expect(await textOf(server.local, 'plan.md')).toContain('something newer');
});

test('all conflicts are settled at once, after one question', async ({
  page,
  server,
  sidebar
}) => {
  const names = ['one.md', 'two.md', 'three.md'];
  await inConflict(server, sidebar, ...names);
  const all = sidebar.needsYou.getByRole('group', { name: 'All 3 conflicts' });
  await all.getByRole('button', { name: 'Keep both' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Keep both of all 3?');
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(dialog).toBeHidden();
  await sidebar.stands('conflict');

  await all.getByRole('button', { name: 'Keep both' }).click();
  await dialog.getByRole('button', { name: 'Keep both' }).click();
  await sidebar.stands('in_sync');
  const found = await fs.readdir(server.far);
  for (const name of names) {
    expect(await textOf(server.far, name)).toBe(`${name} changed here\n`);
    const stem = path.parse(name).name;
    expect(
      found.filter(file => file.startsWith(`${stem} (other folder, `))
    ).toHaveLength(1);
  }
});

test('a file deleted here waits as a delete, not as an upload', async ({
  server,
  sidebar
}) => {
  await write('soon gone\n', server.local, 'soon.md');
  await expectText('soon gone', server.far, 'soon.md');
  await sidebar.stands('in_sync');
  await sidebar.autoSync(false);
  await fs.rm(path.join(server.local, 'soon.md'));
  const row = sidebar.waiting.locator('li').filter({ hasText: 'soon.md' });
  await expect(row).toHaveAttribute('data-kind', 'delete_remote');
  await expect(row).toContainText('delete in the other folder');
  await expect(row).toContainText('waits until you sync');
  await sidebar.autoSync(true);
  await sidebar.stands('in_sync');
  expect(await textOf(server.far, 'soon.md')).toBeNull();
});

test('an earlier version is restored from the history', async ({
  page,
  server,
  sidebar
}) => {
  await write('first words\n', server.local, 'essay.md');
  await expectText('first words', server.far, 'essay.md');
  await write('second thoughts, longer\n', server.local, 'essay.md');
  await expectText('second thoughts', server.far, 'essay.md');
  await sidebar.stands('in_sync');
  await sidebar.history
    .locator('li')
    .filter({ hasText: 'essay.md' })
    .first()
    .getByRole('button', { name: /restore/i })
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('12 B');
  await dialog
    .locator('li')
    .filter({ hasText: '12 B' })
    .getByRole('button', { name: 'Restore', exact: true })
    .click();
  await expect(dialog).toBeHidden();
  await expectText('first words', server.far, 'essay.md');
  expect(await textOf(server.local, 'essay.md')).toBe('first words\n');
});
