import { nullTranslator } from '@jupyterlab/translation';

import {
  ago,
  bytes,
  clock,
  duration,
  files,
  percent,
  secondsSince,
  speed,
  until
} from '../format';
import { T0 } from './fakes';

const trans = nullTranslator.load('jupyter_drive_sync');
const NOW = Date.parse(T0);

describe('ages', () => {
  it.each([
    [0.4, 'just now'],
    [1, '1 s ago'],
    [12.9, '12 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [3600, '1 h ago'],
    [47 * 3600, '47 h ago'],
    [48 * 3600, '2 days ago']
  ])('%d seconds read as "%s"', (seconds, text) => {
    expect(ago(seconds, trans)).toBe(text);
  });

  it('are never negative, even if the clocks disagree', () => {
    expect(secondsSince('2026-03-01T12:00:05.000Z', NOW)).toBe(0);
    expect(secondsSince(T0, NOW + 3500)).toBe(3.5);
  });
});

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [90, '2 min'],
    [3600, '1 h'],
    [4800, '1 h 20 min']
  ])('%d seconds read as "%s"', (seconds, text) => {
    expect(duration(seconds, trans)).toBe(text);
  });

  it('until a time that has passed is now', () => {
    expect(until(T0, NOW, trans)).toBe('now');
    expect(until('2026-03-01T12:00:25.000Z', NOW, trans)).toBe('in 25 s');
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_960, '100 kB'],
    [999_949, '1000 kB'],
    [999_950, '1.0 MB'],
    [1_234_567, '1.2 MB'],
    [2_500_000_000, '2.5 GB']
  ])('%d bytes read as "%s"', (size, text) => {
    expect(bytes(size, trans)).toBe(text);
  });

  it('have a rate', () => {
    expect(speed(1_500_000.4, trans)).toBe('1.5 MB/s');
  });
});

describe('counts', () => {
  it('agree with their noun', () => {
    expect(files(1, trans)).toBe('1 file');
    expect(files(2, trans)).toBe('2 files');
  });

  it('of a whole are whole percent, or unknown', () => {
    expect(percent(1, 3)).toBe(33);
    expect(percent(4, 3)).toBe(100);
    expect(percent(0, 0)).toBeNull();
  });
});

describe('the clock', () => {
  it('shows the time for today and the date for other days', () => {
    const today = clock(T0, NOW, 'en-GB');
    expect(today).toMatch(/^\d?\d:\d\d$/);
    expect(clock('2026-02-20T12:00:00.000Z', NOW, 'en-GB')).toBe('20 Feb');
  });
});
