/** Full jitter: anywhere up to a bound that doubles. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fullJitterMs } from '../../src/core/backoff.js';

const BACKOFF = { firstMs: 500, mostMs: 20_000 };

it.each([
  [1, 0, 0],
  [1, 0.5, 250],
  [2, 0.5, 500],
  [6, 1, 16_000],
  [7, 1, 20_000],
  [60, 1, 20_000],
])('try %d with chance %d waits %d ms', (tries, chance, ms) => {
  expect(fullJitterMs(BACKOFF, tries, chance)).toBe(ms);
});

it('never waits longer than the bound, nor less than nothing', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), chance, (tries, at) => {
      const ms = fullJitterMs(BACKOFF, tries, at);
      return ms >= 0 && ms <= BACKOFF.mostMs;
    }),
  );
});
