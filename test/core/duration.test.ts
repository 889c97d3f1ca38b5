/** Spans of time as people read them. */
import { expect, it } from 'vitest';
import { durationText } from '../../src/core/duration.js';

it.each([
  [0, '0 s'],
  [90_000, '90 s'],
  [5_400_000, '90 min'],
  [3_600_000, '1 h'],
  [7 * 86_400_000, '7 d'],
  [129_600_000, '36 h'],
  [52_885_000, '14 h 41 min'],
  [7_199_600, '2 h'],
  [4 * 86_400_000 + 1000, '4 d'],
  [4 * 86_400_000 + 7_300_000, '98 h'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
