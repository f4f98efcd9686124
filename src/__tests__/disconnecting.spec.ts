import { Dialog } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { disconnect } from '../disconnecting';
import { FakeConnectApi, GDRIVE } from './fakeconnect';
import { settle, status } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');

/** Answer the dialog that opens; resolves with its text. */
async function answer(button: 'accept' | 'reject'): Promise<string> {
  for (let round = 0; round < 20 && !Dialog.tracker.currentWidget; round++) {
    await settle();
  }
  const dialog = Dialog.tracker.currentWidget!;
  const text = dialog.node.textContent ?? '';
  if (button === 'accept') {
    dialog.resolve();
  } else {
    dialog.reject();
  }
  return text;
}

describe('disconnecting', () => {
  let api: FakeConnectApi;
  beforeEach(() => {
    api = new FakeConnectApi();
  });

  it('names the projects that stop, and stops only then', async () => {
    const projects = [
      status('spam'),
      status('box', {
        project: {
          remote: { kind: 'folder', name: null, display: '/box', url: null }
        }
      })
    ];
    const told = disconnect(api, GDRIVE, projects, trans);
    const text = await answer('accept');
    expect(text).toContain('spam');
    expect(text).not.toContain('box');
    expect(await told).toBe('gdrive is disconnected.');
    expect(api.calls).toEqual(['disconnect gdrive true']);
  });

  it('stops no project that was not named', async () => {
    const told = disconnect(api, GDRIVE, [], trans);
    await answer('accept');
    await told;
    expect(api.calls).toEqual(['disconnect gdrive false']);
  });

  it('does nothing when the person thinks better of it', async () => {
    const told = disconnect(api, GDRIVE, [], trans);
    await answer('reject');
    expect(await told).toBeNull();
    expect(api.calls).toEqual([]);
  });

  it('says where to end it when Google could not be told', async () => {
    api.revoked = { revoked: false, reason: 'there is no connection' };
    const told = disconnect(api, GDRIVE, [], trans);
    await answer('accept');
    expect(await told).toContain('there is no connection');
    expect(await told).toContain('https://myaccount.google.com/connections');
  });
});
