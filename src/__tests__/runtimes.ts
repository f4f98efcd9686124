/** Runtimes as the server tells of them, from the golden pulses that the companion writes. */
import { readFileSync } from 'fs';
import { join } from 'path';

import type { IRuntime, RuntimeState } from '../api';

const GOLDEN = join(__dirname, '..', '..', 'tests', 'protocol');

/** The pulse of a golden file, with what the server adds to it. */
function golden(name: string): IRuntime {
  const pulse = JSON.parse(readFileSync(join(GOLDEN, name), 'utf8'));
  return {
    ...pulse,
    heard: pulse.at,
    outputs: { files: 0, bytes: 0, here: 0, detail: '' },
    problem: null
  };
}

/** The golden pulse of a running runtime, changed in parts. */
export function runtime(
  state: RuntimeState = 'running',
  parts: Partial<IRuntime> = {}
): IRuntime {
  const file = state === 'ended' ? 'pulse-ended.json' : 'pulse-running.json';
  return { ...golden(file), state, ...parts };
}

/** The same without anything that is wrong or on its way. */
export function quiet(
  state: RuntimeState = 'running',
  parts: Partial<IRuntime> = {}
): IRuntime {
  return runtime(state, {
    error: null,
    environment: null,
    pending: { files: 0, bytes: 0 },
    unverified: 0,
    ...parts
  });
}
