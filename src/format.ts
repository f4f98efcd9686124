/** Numbers and times as people read them. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds between an ISO time and `now` (ms since the epoch); never negative. */
export function secondsSince(time: string, now: number): number {
  return Math.max(0, (now - Date.parse(time)) / 1000);
}

/** For instance "12 s ago". */
export function ago(seconds: number, trans: TranslationBundle): string {
  if (seconds < 1) {
    return trans.__('just now');
  }
  if (seconds < MINUTE) {
    return trans.__('%1 s ago', Math.floor(seconds));
  }
  if (seconds < HOUR) {
    return trans.__('%1 min ago', Math.floor(seconds / MINUTE));
  }
  if (seconds < 2 * DAY) {
    return trans.__('%1 h ago', Math.floor(seconds / HOUR));
  }
  return trans._n('%1 day ago', '%1 days ago', Math.floor(seconds / DAY));
}

/** For instance "3 min" or "1 h 20 min". */
export function duration(seconds: number, trans: TranslationBundle): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) {
    return trans.__('%1 s', whole);
  }
  if (whole < HOUR) {
    return trans.__('%1 min', Math.round(whole / MINUTE));
  }
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  return minutes === 0
    ? trans.__('%1 h', hours)
    : trans.__('%1 h %2 min', hours, minutes);
}

/** When a wait ends, for instance "in 25 s"; "now" once it is over. */
export function until(
  time: string,
  now: number,
  trans: TranslationBundle
): string {
  const seconds = (Date.parse(time) - now) / 1000;
  return seconds < 1
    ? trans.__('now')
    : trans.__('in %1', duration(seconds, trans));
}

/** Bytes with a decimal unit, for instance "1.2 MB". */
export function bytes(size: number, trans: TranslationBundle): string {
  if (size < 1000) {
    return trans.__('%1 B', size);
  }
  if (size < 999_950) {
    return trans.__('%1 kB', short(size / 1e3));
  }
  if (size < 999_950_000) {
    return trans.__('%1 MB', short(size / 1e6));
  }
  return trans.__('%1 GB', short(size / 1e9));
}

/** Bytes a second. */
export function speed(rate: number, trans: TranslationBundle): string {
  return trans.__('%1/s', bytes(Math.round(rate), trans));
}

/** A number of files. */
export function files(count: number, trans: TranslationBundle): string {
  return trans._n('%1 file', '%1 files', count);
}

/** The time of day for today, else the date, in the person's own way. */
export function clock(time: string, now: number, locale?: string): string {
  const date = new Date(time);
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return sameDay
    ? date.toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' })
    : date.toLocaleDateString(locale, { month: 'short', day: 'numeric' });
}

/** Whole percent from 0 to 100; null while there is nothing to measure. */
export function percent(done: number, total: number): number | null {
  return total > 0
    ? Math.min(100, Math.max(0, Math.floor((100 * done) / total)))
    : null;
}

function short(value: number): string {
  return value < 99.95 ? value.toFixed(1) : Math.round(value).toString();
}
