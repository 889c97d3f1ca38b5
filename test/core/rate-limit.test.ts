/** How long requests take under a rate limit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationOf, minutesFor, type Budget } from '../../src/core/rate-limit.js';

const budget = (left: number, endsAtMs: number, perMinute: number | null = 210): Budget => ({
  left,
  endsAtMs,
  perMinute,
});

describe('requests take', () => {
  it.each<[string, number, number, Budget | null, number]>([
    ['no time where there are none', 0, 100, null, 0],
    ['what each takes where nothing limits them', 50, 100, null, 5000],
    ['what each takes while the window has room', 50, 100, budget(50, 30_000), 5000],
    ['the rest of the window, and what is over', 51, 100, budget(50, 30_000), 30_100],
    ['the rest of the window before the first of them', 10, 100, budget(0, 30_000), 31_000],
    ['the time of their answers where that is longer', 60, 1000, budget(50, 30_000), 60_000],
    ['no whole window where the next one has room', 210, 100, budget(0, 30_000), 51_000],
    ['a window more for each that is used up', 211, 100, budget(0, 30_000), 90_100],
    ['windows without an end', 1000, 0, budget(100, 30_000), 30_000 + 4 * 60_000],
    ['as long as they take where a window is longer', 420, 500, budget(0, 0), 210_000],
    ['the time after a 429 where nothing else was said', 10, 100, budget(0, 5000, null), 6000],
    ['a window of the past as one that is free', 100, 10, budget(210, -5000), 1000],
  ])('%s', (_name, requests, eachMs, within, ms) => {
    expect(durationOf({ requests, eachMs, budget: within }, 0)).toBe(ms);
  });

  it('never less for more of them, and never less than without a limit', () => {
    const numbers = fc.record({
      requests: fc.nat(5000),
      eachMs: fc.nat(5000),
      left: fc.nat(300),
      endsAtMs: fc.nat(60_000),
      perMinute: fc.option(fc.integer({ min: 1, max: 300 })),
    });
    fc.assert(
      fc.property(numbers, ({ requests, eachMs, ...within }) => {
        const take = (count: number, under: Budget | null): number =>
          durationOf({ requests: count, eachMs, budget: under }, 0);
        expect(take(requests + 1, within)).toBeGreaterThanOrEqual(take(requests, within));
        expect(take(requests, within)).toBeGreaterThanOrEqual(take(requests, null));
      }),
    );
  });
});

describe('minutes are said', () => {
  it.each<[number, number | null, number | null]>([
    [19, 210, null],
    [210, 210, null],
    [211, 210, 1],
    [420, 210, 2],
    [1000, 210, 5],
    [19, null, null],
    [5, 1, 5],
  ])('for %d requests, %s a minute: %s', (requests, perMinute, minutes) => {
    expect(minutesFor(requests, perMinute)).toBe(minutes);
  });
});
