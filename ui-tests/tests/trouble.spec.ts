import * as fs from 'node:fs/promises';
import * as path from 'node:path';

import { expect, test } from '../fixtures';
import { textOf, write } from '../fixtures/files';

// The administrator named an rclone that is not there yet.
test.use({
  scenario: 'folder',
  serverArguments: ['--DriveSyncApp.rclone={home}/bin/rclone']
});

test('without rclone the sidebar says so and what to do, and works once it is there', async ({
  server,
  sidebar
}) => {
  await sidebar.stands('rclone_missing');
  await expect(sidebar.state).toContainText('rclone is missing');
  await expect(sidebar.state).toContainText('Correct the setting');
  await write('meanwhile', server.local, 'meanwhile.md');

  await fs.mkdir(path.join(server.home, 'bin'));
  await fs.symlink(server.rclone, path.join(server.home, 'bin', 'rclone'));
  await sidebar.button('Try again').click();
  await sidebar.stands('in_sync');
  expect(await textOf(server.far, 'meanwhile.md')).toBe('meanwhile');
});

test('without the other folder nothing is deleted, and it goes on when that is back', async ({
  server,
  sidebar
}) => {
  await sidebar.stands('in_sync');
  await fs.rename(server.far, `${server.far}-away`);
  await sidebar.button('Sync now').click();
  await sidebar.stands('remote_missing');
  await expect(sidebar.state).toContainText('missing');
  expect(await textOf(server.local, 'train.ipynb')).not.toBeNull();
  expect(await fs.readdir(path.dirname(server.far))).toEqual([
    `${path.basename(server.far)}-away`
  ]);

  await fs.rename(`${server.far}-away`, server.far);
  await write('back', server.far, 'back.md');
  await sidebar.button('Try again').click();
  await sidebar.stands('in_sync');
  expect(await textOf(server.local, 'back.md')).toBe('back');
});
