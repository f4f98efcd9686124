/** The words for Colab's runtimes. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICheckpoint, ICurve, IGpu, IHost, IRuntime } from '../colabwire';
import { ago, bytes, duration, files, secondsSince } from '../format';
import type { Tone } from './states';

/** Errors that end by themselves, so nobody has to be called. */
const PASSING: ReadonlySet<string> = new Set(['offline', 'rate_limited']);

/** Whether something is wrong in a living runtime that a person should see to. */
export function needsPerson(runtime: IRuntime): boolean {
  return (
    runtime.state === 'running' &&
    runtime.error !== null &&
    !PASSING.has(runtime.error.code)
  );
}

/** What people know a runtime by: its notebook, or else its run. */
export function runtimeName(runtime: IRuntime): string {
  return runtime.notebook?.path ?? runtime.run ?? runtime.runtime;
}

export interface IRuntimeText {
  /** One word, or two. */
  title: string;
  /** Since when, and what that means. */
  sentence: string;
  tone: Tone;
}

/**
 * How a runtime stands.
 *
 * @param now - The server's time in ms.
 */
export function runtimeText(
  runtime: IRuntime,
  now: number,
  trans: TranslationBundle
): IRuntimeText {
  const heard = secondsSince(runtime.heard, now);
  switch (runtime.state) {
    case 'running':
      return {
        title: trans.__('Running'),
        sentence: runningSentence(runtime, now, trans),
        tone: needsPerson(runtime) ? 'person' : runtime.error ? 'waiting' : 'ok'
      };
    case 'silent':
      return {
        title: trans.__('Silent'),
        sentence: trans.__(
          'for %1: the machine is most likely gone, or cannot write to Drive.',
          duration(heard, trans)
        ),
        tone: runtime.unverified > 0 ? 'person' : 'waiting'
      };
    case 'ended':
      return {
        title: trans.__('Ended'),
        sentence:
          runtime.end !== 'finished'
            ? ago(heard, trans)
            : runtime.unverified > 0
              ? trans.__('%1: what was whole is on Drive.', ago(heard, trans))
              : trans.__('%1: everything is on Drive.', ago(heard, trans)),
        tone: runtime.unverified > 0 ? 'person' : 'resting'
      };
  }
}

function runningSentence(
  runtime: IRuntime,
  now: number,
  trans: TranslationBundle
): string {
  const { started } = runtime;
  if (started === null) {
    return needsPerson(runtime) ? trans.__('but needs you') : '';
  }
  const time = duration(secondsSince(started, now), trans);
  return needsPerson(runtime)
    ? trans.__('for %1, but needs you', time)
    : trans.__('for %1', time);
}

/** What is not on Drive yet, or never came there; empty where nothing is. */
export function pendingText(
  runtime: IRuntime,
  trans: TranslationBundle
): string {
  const { pending, unverified, state } = runtime;
  if (unverified === 0 && pending.files === 0) {
    return '';
  }
  if (runtime.end === 'finished' && runtime.error !== null) {
    return ''; // the error names what is not whole, and what was left
  }
  if (state !== 'running') {
    return trans._n(
      '%1 file was not on Drive at the last word; what is verified is safe.',
      '%1 files were not on Drive at the last word; what is verified is safe.',
      Math.max(unverified, pending.files)
    );
  }
  const parts: string[] = [];
  if (pending.files > 0) {
    parts.push(
      trans.__(
        '%1 (%2) on the way to Drive',
        files(pending.files, trans),
        bytes(pending.bytes, trans)
      )
    );
  }
  const open = unverified - pending.files;
  if (open > 0) {
    parts.push(
      trans._n('%1 still being written', '%1 still being written', open)
    );
  }
  return parts.join(', ');
}

/** What a machine has and uses, each in a few words; nothing for what is not known. */
export function hostTexts(host: IHost, trans: TranslationBundle): string[] {
  const texts: string[] = [];
  if (host.gpu) {
    texts.push(gpuText(host.gpu, trans));
  }
  if (host.cpus !== null) {
    const cores = trans._n('%1 CPU', '%1 CPUs', host.cpus);
    texts.push(
      host.cpu_percent === null
        ? cores
        : trans.__('%1 at %2 %', cores, Math.round(host.cpu_percent))
    );
  }
  if (host.ram_total !== null) {
    texts.push(trans.__('RAM %1', used(host.ram_used, host.ram_total, trans)));
  }
  if (host.disk_free !== null) {
    texts.push(trans.__('disk %1 free', bytes(host.disk_free, trans)));
  }
  return texts;
}

function gpuText(gpu: IGpu, trans: TranslationBundle): string {
  const name = gpu.name ?? trans.__('GPU');
  const parts = [
    gpu.percent === null ? '' : trans.__('%1 %', Math.round(gpu.percent)),
    gpu.memory_total === null
      ? ''
      : used(gpu.memory_used, gpu.memory_total, trans)
  ].filter(text => text !== '');
  return parts.length > 0 ? trans.__('%1 at %2', name, parts.join(', ')) : name;
}

/** For instance "4.3 of 13.6 GB". */
function used(
  part: number | null,
  whole: number,
  trans: TranslationBundle
): string {
  const all = bytes(whole, trans);
  if (part === null) {
    return all;
  }
  const some = bytes(part, trans);
  const unit = all.slice(all.indexOf(' '));
  const short = some.endsWith(unit) ? some.slice(0, -unit.length) : some;
  return trans.__('%1 of %2', short, all);
}

/** A number as people write it: four digits that count. */
export function figure(value: number): string {
  return Number.isInteger(value)
    ? value.toString()
    : Number(value.toPrecision(4)).toString();
}

/** For instance "loss 0.25, accuracy 0.9". */
export function metricsText(
  metrics: Record<string, number> | null,
  trans: TranslationBundle
): string {
  return Object.entries(metrics ?? {})
    .map(([name, value]) => trans.__('%1 %2', name, figure(value)))
    .join(', ');
}

/** For instance "Step 100, verified 2 min ago". */
export function checkpointText(
  checkpoint: ICheckpoint,
  now: number,
  trans: TranslationBundle
): string {
  const when =
    checkpoint.verified === null
      ? trans.__('handed to the Drive mount, not verified')
      : trans.__(
          'verified on Drive %1',
          ago(secondsSince(checkpoint.verified, now), trans)
        );
  return checkpoint.step === null
    ? trans.__('Checkpoint %1', when)
    : trans.__('Step %1 %2', checkpoint.step.toLocaleString(), when);
}

/** What came of inserting the cell. */
export function placedText(
  placed: 'inserted' | 'updated' | 'unchanged',
  trans: TranslationBundle
): string {
  switch (placed) {
    case 'inserted':
      return trans.__(
        'The Colab cell comes first now. In Colab, run it first.'
      );
    case 'updated':
      return trans.__('The Colab cell is up to date now.');
    case 'unchanged':
      return trans.__('The Colab cell was up to date.');
  }
}

/** What a curve shows, for those who do not see it. */
export function curveText(curve: ICurve, trans: TranslationBundle): string {
  const first = curve.points[0];
  const last = curve.points[curve.points.length - 1];
  const values = curve.points.map(([, value]) => value);
  return trans.__(
    '%1 from %2 at step %3 to %4 at step %5; lowest %6, highest %7',
    curve.metric,
    figure(first[1]),
    first[0],
    figure(last[1]),
    last[0],
    figure(Math.min(...values)),
    figure(Math.max(...values))
  );
}

/** How many outputs of a run came home; empty where there are none. */
export function outputsText(
  { outputs }: IRuntime,
  trans: TranslationBundle
): string {
  if (outputs.files === 0) {
    return '';
  }
  const all = trans.__(
    '%1 (%2)',
    files(outputs.files, trans),
    bytes(outputs.bytes, trans)
  );
  if (outputs.here >= outputs.files) {
    return trans.__('Outputs: %1, all here', all);
  }
  return outputs.here === 0
    ? trans.__('Outputs: %1, on Drive', all)
    : trans.__('Outputs: %1, %2 of them here', all, outputs.here);
}

export interface IRuntimeNews {
  message: string;
  hint: string;
}

/** What to say when a runtime fell silent with something that is not on Drive. */
export function silentNews(
  project: string,
  runtime: IRuntime,
  trans: TranslationBundle
): IRuntimeNews {
  return {
    message: trans.__(
      '%1: the Colab runtime of %2 fell silent.',
      project,
      runtimeName(runtime)
    ),
    hint: trans._n(
      '%1 file was not on Drive yet.',
      '%1 files were not on Drive yet.',
      runtime.unverified
    )
  };
}

/** What to say when something goes wrong in a runtime. */
export function errorNews(
  project: string,
  runtime: IRuntime,
  error: { text: string; hint: string },
  trans: TranslationBundle
): IRuntimeNews {
  return {
    message: trans.__(
      '%1, %2 in Colab: %3',
      project,
      runtimeName(runtime),
      error.text
    ),
    hint: error.hint
  };
}

/** What to say when a run ended by itself. */
export function endedNews(
  project: string,
  runtime: IRuntime,
  trans: TranslationBundle
): IRuntimeNews {
  const step = runtime.checkpoint?.step ?? null;
  const safe =
    step === null
      ? trans.__('Everything is on Drive.')
      : trans.__('Step %1 and all else is on Drive.', step.toLocaleString());
  return {
    message: trans.__(
      '%1: the run of %2 in Colab ended.',
      project,
      runtimeName(runtime)
    ),
    hint:
      runtime.unverified > 0
        ? (runtime.end === 'finished' && runtime.error?.text) ||
          silentNews(project, runtime, trans).hint
        : runtime.end === 'finished'
          ? safe
          : ''
  };
}
