import { readFileSync } from 'fs';
import { join } from 'path';

import { Clipboard } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { load } from 'js-yaml';
import * as React from 'react';

import { DoctorView } from '../components/DoctorView';
import type { ICheck, IDoctor } from '../doctor';
import { examine, LEVELS, levelText, reportText, summary } from '../doctor';
import { ApiError } from '../request';
import { settingsWith, T0 } from './fakes';
import type { IView } from './react';
import { flush, show } from './react';

const trans = nullTranslator.load('test');

const RCLONE = 'rclone';
const FILE = 'Configuration file';

const OK: ICheck = {
  check: 'rclone',
  level: 'ok',
  title: RCLONE,
  text: 'Version 1.75.2.',
  hint: null
};
const WARNING: ICheck = {
  check: 'config',
  level: 'warning',
  title: FILE,
  text: 'Others may open it.',
  hint: 'Run `chmod 600 it`.'
};
const FAILURE: ICheck = { ...WARNING, check: 'sign_in', level: 'failure' };

const SKIPPED: ICheck = {
  check: 'remote_space',
  level: 'skipped',
  title: 'Space on gdrive',
  text: 'Not looked at, because there was no answer.',
  hint: null
};

const report = (...checks: ICheck[]): IDoctor => ({
  checks,
  versions: { rclone: '1.75.2', python: '3.12.1' },
  made: T0
});

describe('the view of the doctor', () => {
  let view: IView;
  let copied: jest.SpyInstance;

  beforeEach(() => {
    copied = jest.spyOn(Clipboard, 'copyToSystem').mockReturnValue();
  });

  afterEach(() => {
    view.close();
    copied.mockRestore();
  });

  async function open(look: () => Promise<IDoctor>): Promise<void> {
    view = await show(<DoctorView examine={look} trans={trans} />);
    await flush();
  }

  it('names each thing with how it stands, in words too, and what to do', async () => {
    await open(async () => report(OK, WARNING, FAILURE));
    const lines = [...view.node.querySelectorAll('li')].map(
      line => line.textContent
    );
    expect(lines[0]).toContain('All right: rclone');
    expect(lines[1]).toContain('Warning: Configuration file');
    expect(lines[1]).toContain('chmod 600 it');
    expect(lines[2]).toContain('Failure: ');
    expect(view.text()).toContain('1 thing does not work');
    expect(view.text()).toContain('rclone 1.75.2, python 3.12.1');
  });

  it('shows what was not looked at apart from warnings', async () => {
    await open(async () => report(OK, SKIPPED));
    const line = view.node.querySelector('[data-level="skipped"]')!;
    expect(line.textContent).toContain('Not looked at: Space on gdrive');
    expect(line.className).toContain('resting');
    expect(view.text()).not.toContain('worth a look');
    expect(view.text()).not.toContain('All is well.');
  });

  it('copies the report as text', async () => {
    await open(async () => report(OK, WARNING));
    await view.click('Copy');
    expect(copied).toHaveBeenCalledWith(reportText(report(OK, WARNING)));
    expect(view.text()).toContain('It holds no secret');
  });

  it('looks again when asked, and says why when it cannot', async () => {
    let down = true;
    await open(async () => {
      if (down) {
        throw new ApiError(
          { code: 'unreachable', message: 'No server.', hint: '' },
          0
        );
      }
      return report(OK);
    });
    expect(view.text()).toContain('No server.');
    expect(view.has('Copy')).toBe(false);
    down = false;
    await view.click('Look again');
    await flush();
    expect(view.text()).toContain('All is well.');
    expect(view.text()).not.toContain('No server.');
  });
});

describe('the words of the doctor', () => {
  it('count failures before warnings', () => {
    expect(summary(report(OK), trans)).toBe('All is well.');
    expect(summary(report(OK, WARNING), trans)).toContain('worth a look');
    expect(summary(report(FAILURE, WARNING), trans)).toContain('does not work');
  });

  it('are a text that can be pasted', () => {
    expect(reportText(report(OK, WARNING))).toBe(
      [
        '[ok] rclone: Version 1.75.2.',
        '[warning] Configuration file: Others may open it.',
        '  -> Run `chmod 600 it`.',
        '',
        'rclone 1.75.2, python 3.12.1',
        T0,
        ''
      ].join('\n')
    );
  });

  it('are those of the server', () => {
    const file = join(__dirname, '..', '..', 'api', 'openapi.yaml');
    const { components } = load(readFileSync(file, 'utf-8')) as {
      components: {
        schemas: {
          Doctor: {
            properties: {
              checks: { items: { properties: { level: { enum: string[] } } } };
            };
          };
        };
      };
    };
    const { level } =
      components.schemas.Doctor.properties.checks.items.properties;
    expect([...LEVELS]).toEqual(level.enum);
    const words = LEVELS.map(one => levelText(one, trans).word);
    expect(new Set(words).size).toBe(LEVELS.length);
  });
});

describe('asking the doctor', () => {
  it('names the project, or none', async () => {
    const asked: string[] = [];
    const settings = settingsWith(async sent => {
      asked.push(sent.url);
      return new Response(JSON.stringify(report(OK)));
    });
    await examine(settings, null);
    await examine(settings, 'p 1');
    expect(asked[0]).toMatch(/\/doctor(\?\d+)?$/);
    expect(asked[1]).toContain('/doctor?project=p%201');
  });
});
