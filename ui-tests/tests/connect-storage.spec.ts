import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from '../fixtures';
import type { IServerFacts } from '../fixtures';
import { ConnectPage } from '../fixtures/connect';
import { expectText, textOf } from '../fixtures/files';

test.use({ scenario: 'fresh' });

const PASSWORD = 'planted password of the storage';

/** A WebDAV server for a folder, played by rclone itself. */
async function serve(
  server: IServerFacts,
  folder: string
): Promise<{ url: string; stop: () => void }> {
  await fs.mkdir(folder, { recursive: true });
  const child = spawn(
    server.rclone,
    [
      ...['serve', 'webdav', folder, '--addr', '127.0.0.1:0'],
      ...['--config', '/dev/null']
    ],
    {
      env: { RCLONE_USER: 'ann', RCLONE_PASS: PASSWORD },
      stdio: ['ignore', 'ignore', 'pipe']
    }
  );
  const lines = createInterface(child.stderr);
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', line => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) {
        resolve(found[0]);
      }
    });
    child.once('close', () => reject(new Error('rclone serve ended')));
  });
  return { url, stop: () => child.kill() };
}

test("another storage is set up by rclone's own questions", async ({
  page,
  server,
  sidebar
}) => {
  const folder = path.join(server.home, 'served');
  const storage = await serve(server, folder);
  const given: Record<string, string> = {
    url: storage.url,
    user: 'ann',
    pass: PASSWORD
  };
  try {
    await sidebar.button('Connect Google Drive').click();
    const connect = new ConnectPage(page);
    await connect.way('other');
    await connect.root.getByLabel('Find a storage').fill('webdav');
    await connect.root.getByRole('radio', { name: /webdav/i }).check();
    await connect.button('Next').click();
    await connect.stands('sign_in');

    const form = connect.root.locator('[data-question]');
    const asked: string[] = [];
    await expect(async () => {
      if ((await connect.root.getAttribute('data-stage')) === 'sign_in') {
        const name = (await form.getAttribute('data-question', {
          timeout: 1000
        }))!;
        expect(asked).not.toContain(name);
        if (name in given) {
          const field = form.locator('input:not([type="radio"])').first();
          expect(await field.getAttribute('type')).toBe(
            name === 'pass' ? 'password' : 'text'
          );
          await field.fill(given[name]);
        }
        asked.push(name);
        await form.getByRole('button', { name: 'Next' }).click();
      }
      await expect(connect.root).toHaveAttribute('data-stage', 'folders', {
        timeout: 500
      });
    }).toPass({ intervals: [100] });
    expect(asked).toEqual(expect.arrayContaining(['url', 'user', 'pass']));

    await connect.button('Show what would happen').click();
    await expect(connect.root).toContainText('train.ipynb');
    await connect.button('Link and sync').click();
    await connect.stands('done');
    await sidebar.stands('in_sync');
    const there = path.join(folder, server.folder);
    await expectText('cells', there, 'train.ipynb');
    expect(await textOf(there, 'train.ipynb')).toBe(
      await textOf(server.local, 'train.ipynb')
    );
    expect(await textOf(server.log)).not.toContain(PASSWORD);
  } finally {
    storage.stop();
  }
});
