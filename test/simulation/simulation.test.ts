/**
 * Histories from seeds: whatever goes wrong, what is promised holds. A failure prints its history;
 * `npm run simulate -- --seed N` shrinks it. docs/reliability.md says what is looked at.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawHistory } from './history.js';
import { play, type Played } from './play.js';
import { tell } from './tell.js';

const FIXED = 150;
const FRESH = 30;
/** Found by chance among those, each with a fault behind it that is mended. */
const ONCE_FAILED = [355_787_404, 600_005, 600_372, 701_169, 1_001_704, 2_000_264];
/** A case each would be noise: so many histories make one. */
const TOGETHER = 10;

/** What came of each, for whoever asks for more of it: a history takes a tenth of a second. */
const known = new Map<number, Promise<Played>>();

function playedOf(seed: number): Promise<Played> {
  const played = known.get(seed) ?? play(drawHistory(seed));
  known.set(seed, played);
  return played;
}

async function failuresOf(seeds: readonly number[]): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of seeds) {
    const played = await playedOf(seed);
    if (played.violations.length > 0) failures.push(tell(drawHistory(seed), played));
  }
  return failures;
}

function from(first: number): number[] {
  return Array.from({ length: TOGETHER }, (_, index) => first + index);
}

describe('every promise holds', () => {
  it.each(Array.from({ length: FIXED / TOGETHER }, (_, index) => 1 + index * TOGETHER))(
    'in the histories from seed %d',
    async (first) => {
      expect(await failuresOf(from(first))).toEqual([]);
    },
  );

  it.each(ONCE_FAILED)('in the history from seed %d, in which one did not once', async (seed) => {
    expect(await failuresOf([seed])).toEqual([]);
  });

  const begin = randomInt(1_000_000, 1_000_000_000);
  it.each(Array.from({ length: FRESH / TOGETHER }, (_, index) => begin + index * TOGETHER))(
    'in the histories from seed %d, which nobody has seen before',
    async (first) => {
      expect(await failuresOf(from(first))).toEqual([]);
    },
  );
});

describe('a seed', () => {
  it('gives the same history again, to the last record', async () => {
    for (const seed of [3, 57, 91]) {
      const [once, again] = [await playedOf(seed), await play(drawHistory(seed))];
      expect(again.digest).toBe(once.digest);
      expect(again.requests).toBe(once.requests);
    }
  });

  it('can be played back from the faults that hit, without dice', async () => {
    const seed = 20;
    const drawn = drawHistory(seed);
    const once = await playedOf(seed);
    const again = await play({ ...drawn, rules: [...once.hits] });
    expect(once.hits.length).toBeGreaterThan(0);
    expect(again.endings).toEqual(once.endings);
  });

  it('meets trouble of every kind, sooner or later', async () => {
    const kinds = [
      ...['drop-after', 'drop-before', 'failed-activation', 'full disk', 'killed', 'latency'],
      ...['listing-lag', 'lost head', 'neighbours', 'person-deletes', 'person-edits'],
      ...['renamed queue', 'server-error', 'short listing', 'slow-activation', 'stale-read'],
      ...['stopped', 'tokens-expire', 'too-many-requests', 'trickle'],
    ];
    const seen = new Set<string>();
    for (let seed = 1; seed <= 150 && seen.size < kinds.length; seed += 1) {
      const { hits, endings, around } = await playedOf(seed);
      for (const what of around) seen.add(what);
      for (const { fault } of hits) seen.add(fault);
      if (endings.some((ending) => ending.endsWith('killed'))) seen.add('killed');
      if (endings.some((ending) => ending.endsWith('the disk is full 1'))) seen.add('full disk');
      if (endings.some((ending) => ending.endsWith('130'))) seen.add('stopped');
    }
    expect([...seen].sort()).toEqual(kinds);
  });
});
