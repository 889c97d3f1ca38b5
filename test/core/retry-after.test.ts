/** How long an answer asks to be left alone, and what is made of nonsense. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { httpDateMs, retryAfterMs } from '../../src/core/retry-after.js';

const NOW_MS = Date.parse('2026-03-02T09:00:00Z');
const NOW = 'Mon, 02 Mar 2026 09:00:00 GMT';

const TABLE: [string, Record<string, string>, number | null][] = [
  ['seconds', { 'retry-after': '3' }, 3000],
  ['seconds with space around', { 'retry-after': ' 3 ' }, 3000],
  ['fractions', { 'retry-after': '0.5' }, 500],
  ['fractions of a millisecond, rounded up', { 'retry-after': '1.0001' }, 1001],
  ['ten hours', { 'retry-after': '36000' }, 36_000_000],
  ['more digits than a year has seconds', { 'retry-after': '9'.repeat(15) }, (1e15 - 1) * 1000],
  ['a date', { 'retry-after': 'Mon, 02 Mar 2026 09:00:30 GMT' }, 30_000],
  ['a date of RFC 850', { 'retry-after': 'Monday, 02-Mar-26 09:00:30 GMT' }, 30_000],
  ['a date of asctime', { 'retry-after': 'Mon Mar  2 09:00:30 2026' }, 30_000],
  ['a date by the clock of the answer', dated('09:30:30', '09:30:00'), 30_000],
  ['a date by the clock of the answer, ours is behind', dated('08:00:30', '08:00:00'), 30_000],
  ['a date where that of the answer is nonsense', dated('09:00:30', 'x'), 30_000],
  ['a date that is now', { 'retry-after': NOW }, null],
  ['a date in the past', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, null],
  ['nothing', {}, null],
  ['an empty text', { 'retry-after': ' ' }, null],
  ['zero', { 'retry-after': '0' }, null],
  ['below zero', { 'retry-after': '-1' }, null],
  ['words', { 'retry-after': 'soon' }, null],
  ['not a number', { 'retry-after': 'NaN' }, null],
  ['infinity', { 'retry-after': 'Infinity' }, null],
  ['an exponent', { 'retry-after': '1e3' }, null],
  ['hexadecimal', { 'retry-after': '0x10' }, null],
  ['two of them, joined: the longer', { 'retry-after': '3, 4' }, 4000],
  ['two of them, one empty', { 'retry-after': ', 3' }, 3000],
  ['a number and a word', { 'retry-after': '3, soon' }, null],
  ['a date of ISO 8601', { 'retry-after': '2026-03-02T09:00:30Z' }, null],
  ['a day that is none', { 'retry-after': 'Mon, 42 Mar 2026 09:00:30 GMT' }, null],
  ['an hour that is none', { 'retry-after': 'Mon, 02 Mar 2026 25:00:30 GMT' }, null],
];

function dated(until: string, date: string): Record<string, string> {
  const at = (time: string): string => `Mon, 02 Mar 2026 ${time} GMT`;
  return { 'retry-after': at(until), date: at(date) };
}

describe('Retry-After', () => {
  it.each(TABLE)('of %s', (_name, headers, ms) => {
    expect(retryAfterMs(headers, NOW_MS)).toBe(ms);
  });

  it('is never below zero, never NaN, and takes no time, whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = retryAfterMs({ 'retry-after': text }, NOW_MS);
        expect(ms === null || ms > 0).toBe(true);
      }),
    );
    expect(retryAfterMs({ 'retry-after': ' '.repeat(1_000_000) + 'x' }, NOW_MS)).toBeNull();
  });
});

describe('a date of HTTP', () => {
  it('is read as the calendar has it', () => {
    const seconds = fc.integer({ min: 0, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(httpDateMs(new Date(second * 1000).toUTCString())).toBe(second * 1000);
      }),
    );
  });
});
