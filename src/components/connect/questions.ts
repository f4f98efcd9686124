/** Looking at an answer before it is sent. Pure; the server half has the last word. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IQuestion } from '../../connect';

const SIZE = /^(off|-1|\d+(\.\d+)?\s*([kmgtpe]i?)?b?)$/i;
const DURATION =
  /^(off|0|-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w|M|y))+|\d+(\.\d+)?)$/;

/** What is wrong with an answer; null when it may be sent. */
export function questionFault(
  question: IQuestion,
  value: string,
  trans: TranslationBundle
): string | null {
  const given = value.trim();
  if (given === '') {
    return question.required ? trans.__('This is needed to go on.') : null;
  }
  switch (question.type) {
    case 'int':
      return /^[-+]?\d+$/.test(given)
        ? null
        : trans.__('This has to be a whole number.');
    case 'size':
      return SIZE.test(given)
        ? null
        : trans.__('This has to be a size, for instance 64M or 1.5G.');
    case 'duration':
      return DURATION.test(given)
        ? null
        : trans.__('This has to be a time, for instance 30s or 1h15m.');
    case 'choice':
      return !question.exclusive ||
        question.choices.some(choice => choice.value === given)
        ? null
        : trans.__('This has to be one of the choices.');
    default:
      return null;
  }
}
