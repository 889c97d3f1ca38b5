/** --since and --until: a span of time that the platform can be asked about. */
import { describe, expect, it } from 'vitest';
import { refuseSpan, spanOf, when } from '../../src/cli/span.js';

const NOW = Date.parse('2026-11-27T02:00:00Z');
const spanAt = (since: string, until?: string): string[] => {
  const { fromMs, toMs } = spanOf(
    { since: when(since), ...(until === undefined ? {} : { until: when(until) }) },
    NOW,
  );
  return [fromMs, toMs].map((ms) => new Date(ms).toISOString());
};

describe('a span of time', () => {
  it.each([
    [['1h'], ['2026-11-27T01:00:00.000Z', '2026-11-27T02:00:00.000Z']],
    [
      ['2d', '1d'],
      ['2026-11-25T02:00:00.000Z', '2026-11-26T02:00:00.000Z'],
    ],
    [
      ['2026-11-25', '2026-11-25T09:30+01:00'],
      ['2026-11-25T00:00:00.000Z', '2026-11-25T08:30:00.000Z'],
    ],
    [['3653d'], ['2016-11-26T02:00:00.000Z', '2026-11-27T02:00:00.000Z']],
  ] as const)('%j is %j', ([since, until], span) => {
    expect(spanAt(since, until)).toEqual(span);
  });

  it.each([
    ['1d', '2d', 'begins at 2026-11-26T02:00:00.000Z and ends at 2026-11-25T02:00:00.000Z'],
    ['2050-01-01', undefined, 'begins at 2050'],
    // A month of it is a request: nobody would see their end.
    ['999999d', undefined, 'is 999999 days long, and 3653 are the most'],
    ['1900-01-01', '2025-01-01', 'days long'],
  ])('from %s to %s is refused', (since, until, why) => {
    expect(() => spanAt(since, until)).toThrow(why);
  });

  it.each(['2026-02-30', '2027-02-29T10:00:00Z', '2026-13-01', '2026-04-31T10:00+02:00'])(
    'has no end at %s',
    (text) => {
      expect(() => when(text)).toThrow('Expected such as');
    },
  );

  const refused = (since: string, until?: string) => () =>
    refuseSpan({ since: when(since), ...(until === undefined ? {} : { until: when(until) }) }, NOW);

  it('is refused early only for what is wrong by every clock', () => {
    expect(refused('1d', '2d')).toThrow('begins at');
    expect(refused('2026-11-25', '2026-11-24')).toThrow('begins at');
    expect(refused('999999d')).toThrow('days long');
    // By the platform's clock it may be over.
    expect(refused('2026-11-27T02:30:00Z')).not.toThrow();
    expect(refused('2026-11-27T02:30:00Z', '1m')).not.toThrow();
  });
});
