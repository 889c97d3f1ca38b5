/** Times that predictions are asked for: of a day to come, in UTC. */
import { describe, expect, it } from 'vitest';
import { atTime, refusePast } from '../../src/cli/at-time.js';

/** A Thursday. */
const NOW = Date.UTC(2026, 10, 26, 12, 20);
const said = (text: string): string => new Date(atTime(text)(NOW)).toISOString().slice(0, 16);

describe('a time to predict for', () => {
  it.each([
    ['tomorrow 10:00', '2026-11-27T10:00'],
    ['Today 13:30', '2026-11-26T13:30'],
    ['friday 00:00', '2026-11-27T00:00'],
    ['thursday 12:30', '2026-11-26T12:30'],
    ['thursday 12:00', '2026-12-03T12:00'],
    ['2026-12-01 09:05', '2026-12-01T09:05'],
    ['2026-12-01T09:05Z', '2026-12-01T09:05'],
    ['tomorrow 10:00 UTC', '2026-11-27T10:00'],
    ['2028-02-29 09:05', '2028-02-29T09:05'],
  ])('%s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  it.each([
    ...['2026-02-30 10:00', '2026-13-01 10:00', '2027-02-29 10:00', '2026-00-10 10:00'],
    ...['tomorrow', '10:00', 'yesterday 10:00', 'someday 10:00', '', 'now', 'tomorrow 10'],
    ...['tomorrow 24:00', 'tomorrow 9:00', 'tomorrow 10:60', 'tomorrow 10:00+01:00'],
    ...['tomorrow 10:00 CET', 'tomorrow 10:00 Europe/Berlin', '12026-01-01 10:00'],
  ])('is no %s', (text) => {
    expect(() => atTime(text)).toThrow(/in UTC/);
  });

  it.each(['today 11:00', '2020-01-01 10:00', '0000-01-01 10:00'])('is not past: %s', (text) => {
    expect(() => refusePast(atTime(text), NOW)).toThrow(/is over, and cannot be predicted/);
  });

  it('may have begun', () => {
    expect(() => refusePast(atTime('today 11:30'), NOW)).not.toThrow();
    expect(() => refusePast(undefined, NOW)).not.toThrow();
  });
});
