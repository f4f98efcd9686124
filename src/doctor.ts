/**
 * The doctor, over REST: `Doctor` of api/openapi.yaml. A test holds the words against it.
 */
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { request } from './request';
import type { Tone } from './words';

export const LEVELS = ['ok', 'warning', 'failure', 'skipped'] as const;
/** How something stands. */
export type Level = (typeof LEVELS)[number];

export interface ICheck {
  /** A stable word. */
  check: string;
  level: Level;
  title: string;
  text: string;
  hint: string | null;
}

export interface IDoctor {
  checks: ICheck[];
  versions: Record<string, string>;
  made: string;
}

/** Look at everything; with `project` at that one and what it needs. */
export function examine(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<IDoctor> {
  return request(settings, ['doctor'], {
    query: { project: project ?? undefined }
  });
}

/** What a level is called, and which icon and colour go with it. */
export function levelText(
  level: Level,
  trans: TranslationBundle
): { word: string; tone: Tone } {
  switch (level) {
    case 'ok':
      return { word: trans.__('All right'), tone: 'ok' };
    case 'warning':
      return { word: trans.__('Warning'), tone: 'waiting' };
    case 'failure':
      return { word: trans.__('Failure'), tone: 'person' };
    case 'skipped':
      return { word: trans.__('Not looked at'), tone: 'resting' };
  }
}

/** One sentence about all of it. */
export function summary(report: IDoctor, trans: TranslationBundle): string {
  const count = (level: Level) =>
    report.checks.filter(check => check.level === level).length;
  const failures = count('failure');
  const warnings = count('warning');
  if (failures > 0) {
    return trans._n(
      '%1 thing does not work: see what to do about it.',
      '%1 things do not work: see what to do about each.',
      failures
    );
  }
  if (warnings > 0) {
    return trans._n(
      'It works. %1 thing is worth a look.',
      'It works. %1 things are worth a look.',
      warnings
    );
  }
  return count('skipped') > 0
    ? trans.__('What was looked at is well, but not everything was.')
    : trans.__('All is well.');
}

/** The report as text, for a bug report: in English, as who reads it needs it. */
export function reportText(report: IDoctor): string {
  const lines = report.checks.map(({ level, title, text, hint }) => {
    const line = `[${level}] ${title}: ${text}`;
    return hint !== null && level !== 'ok' ? `${line}\n  -> ${hint}` : line;
  });
  const versions = Object.entries(report.versions).map(
    ([name, version]) => `${name} ${version}`
  );
  return [...lines, '', versions.join(', '), report.made, ''].join('\n');
}
