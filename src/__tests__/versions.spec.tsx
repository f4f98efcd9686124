import { readFileSync } from 'fs';
import { join } from 'path';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { load } from 'js-yaml';

import type { IOldVersion } from '../api';
import { DriveSyncApi, ORIGINS } from '../api';
import { HistoryList } from '../components/HistoryList';
import { originText, VersionsView } from '../components/VersionsView';
import { ApiError } from '../request';
import { FakeApi, settingsWith, status, T0 } from './fakes';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('test');

interface IApiFile {
  components: {
    schemas: {
      Versions: {
        properties: {
          versions: { items: { properties: { origin: { enum: string[] } } } };
        };
      };
    };
  };
}

const OLD: IOldVersion = { id: 'base:1', origin: 'base', time: T0, size: 1200 };

describe('the earlier versions of a file', () => {
  let api: FakeApi;
  let view: IView;
  let done: jest.Mock;

  beforeEach(() => {
    api = new FakeApi();
    api.statuses = [status('spam')];
    done = jest.fn();
  });

  afterEach(() => view.close());

  async function open(): Promise<void> {
    view = await show(
      <VersionsView
        project="spam"
        path="train.ipynb"
        api={api}
        trans={trans}
        done={done}
      />
    );
    await flush();
  }

  it('tell when, how large and from where', async () => {
    api.oldVersions = [OLD];
    await open();
    expect(view.text()).toContain(new Date(T0).toLocaleString());
    expect(view.text()).toContain('1.2 kB');
    expect(view.text()).toContain('copy on the computer of the server');
  });

  it('are restored in place, and the dialog is done', async () => {
    api.oldVersions = [OLD];
    await open();
    await view.click('Restore');
    expect(api.count('restore spam train.ipynb base:1 false')).toBe(1);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('are restored as a copy', async () => {
    api.oldVersions = [OLD];
    await open();
    await view.click('Restore as a copy');
    expect(api.count('restore spam train.ipynb base:1 true')).toBe(1);
  });

  it('stay on screen with the reason when one cannot be restored', async () => {
    api.oldVersions = [OLD];
    await open();
    api.down = new ApiError(
      { code: 'version_gone', message: 'It is gone.', hint: 'Look again.' },
      404
    );
    await view.click('Restore');
    expect(view.text()).toContain('It is gone.');
    expect(done).not.toHaveBeenCalled();
    expect(view.has('Restore')).toBe(true);
  });

  it('may be none, and may be more than could be asked for', async () => {
    api.problem = { code: 'offline', message: 'No Drive.', hint: '' };
    await open();
    expect(view.text()).toContain('No earlier version is kept.');
    expect(view.text()).toContain('There may be more:');
  });

  it('are offered in the history where a version was replaced or deleted', async () => {
    const versions = jest.fn((..._: unknown[]) => Promise.resolve());
    const row = (id: number, action: 'created' | 'updated' | 'deleted') => ({
      id,
      time: T0,
      path: `${action}.py`,
      direction: 'up' as const,
      action,
      trigger: 'save' as const,
      size: 1,
      detail: ''
    });
    api.rows = [row(3, 'created'), row(2, 'updated'), row(1, 'deleted')];
    view = await show(
      <HistoryList
        status={api.statuses[0]}
        model={{ api, now: Date.parse(T0) }}
        actions={{ versions, openFile: jest.fn() } as never}
        trans={trans}
      />
    );
    await flush();
    expect(view.has('Restore an earlier created.py')).toBe(false);
    await view.click('Restore an earlier deleted.py');
    expect(versions).toHaveBeenCalledWith(api.statuses[0], 'deleted.py');
    expect(view.has('Restore an earlier updated.py')).toBe(true);
  });
});

describe('the interface to earlier versions', () => {
  it('knows the words of the server', () => {
    const file = join(__dirname, '..', '..', 'api', 'openapi.yaml');
    const { components } = load(readFileSync(file, 'utf-8')) as IApiFile;
    const { items } = components.schemas.Versions.properties.versions;
    expect([...ORIGINS]).toEqual(items.properties.origin.enum);
    const texts = ORIGINS.map(word => originText(word, trans));
    expect(new Set(texts).size).toBe(ORIGINS.length);
  });

  it('asks for a path and sends what was chosen', async () => {
    const asked: [string, string, string][] = [];
    const settings = settingsWith(async sent => {
      asked.push([sent.method, sent.url, await sent.text()]);
      return new Response(JSON.stringify({ versions: [] }));
    });
    const api = new DriveSyncApi(settings);
    await api.versions('p', 'a b&c.py');
    await api.restore('p', 'a.py', 'base:1', true);
    expect(asked[0][1]).toContain('/projects/p/versions?path=a%20b%26c.py');
    expect(asked[1][0]).toBe('POST');
    expect(JSON.parse(asked[1][2])).toEqual({
      path: 'a.py',
      version: 'base:1',
      as_copy: true
    });
  });
});
