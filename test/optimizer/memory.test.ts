import { describe, expect, it } from 'vitest';
import {
  broughtUp,
  knownOf,
  meanShares,
  memoryIn,
  memoryJson,
  NO_MEMORY,
  remembering,
} from '../../src/optimizer/memory.js';

const HOUR = 3_600_000;
const NOW = 10 * HOUR;
const span = [NOW - HOUR, NOW] as const;
const move = (minutesAgo: number, before: object, after: object) => ({
  nowMs: NOW - minutesAgo * 60_000,
  slots: { a: 3, b: 1.5 },
  before: before as Record<string, number>,
  after: after as Record<string, number>,
});

describe('the memory of a strategy', () => {
  it('tells the mean share of an hour', () => {
    const once = remembering(NO_MEMORY, move(30, { a: 1, b: 1 }, { a: 1, b: 0.25 }));
    expect(meanShares(once, { a: 1, b: 0.25 }, ['a', 'b'], span)).toEqual([0.65, 0.35]);
    const twice = remembering(once, move(15, { a: 1, b: 0.25 }, { a: 1, b: 0 }));
    expect(meanShares(twice, { a: 1, b: 0 }, ['a', 'b'], span)).toEqual([0.7, 0.3]);
    expect(meanShares(NO_MEMORY, { a: 3, b: 1 }, ['a', 'b'], span)).toEqual([0.75, 0.25]);
    expect(meanShares(once, { a: 1 }, ['a'], span)).toEqual([1]);
    expect(meanShares(once, { a: 0, b: 0 }, ['x', 'y'], span)).toEqual([0.5, 0.5]);
  });

  it('forgets what is older, but for what the hour began with', () => {
    let memory = NO_MEMORY;
    for (let ago = 300; ago >= 0; ago -= 5) {
      memory = remembering(memory, move(ago, { a: 1, b: 1 }, { a: 1, b: ago / 300 }));
    }
    expect(memory.moves).toHaveLength(13);
    const [first] = memory.moves;
    expect(first!.at * 1000).toBeLessThanOrEqual(NOW - HOUR);
    for (let more = 0; more < 100; more += 1) {
      memory = remembering(memory, move(0, { a: 1, b: 1 }, { a: 1, b: 1 }));
    }
    expect(memory.moves).toHaveLength(40);
  });

  it('is small, comes back as it was, and is none where a person has typed', () => {
    const memory = remembering(NO_MEMORY, move(30, { a: 1, b: 1 }, { a: 1, b: 0.25 }));
    const written = memoryJson(memory);
    expect(memoryIn(JSON.parse(JSON.stringify(written)))).toEqual(memory);
    for (const odd of [null, 'x', {}, { ...written, moves: 3 }, { ...written, queues: null }]) {
      expect(memoryIn(odd as never)).toEqual(NO_MEMORY);
    }
    const torn = { queues: ['a', 7], slots: ['x', 2], moves: ['x', [null], [5, -1, 2]] };
    expect(memoryIn(torn as never)).toEqual({ slots: {}, moves: [{ at: 5, weights: {} }] });
  });

  it('remembers that a queue had nobody, and nothing of one that it does not know', () => {
    const nobody = { ...move(30, { a: 1, b: 1 }, { a: 1, b: 0 }), slots: { a: 3, b: 0 } };
    const back = memoryIn(memoryJson(remembering(NO_MEMORY, nobody)));
    expect(back.slots).toEqual({ a: 3, b: 0 });
    expect(back.moves.at(-1)?.weights).toEqual({ a: 1, b: 0 });
    for (const name of ['c', 'constructor', '__proto__']) {
      expect(knownOf(back.slots, name)).toBeUndefined();
      const shares = meanShares(back, { a: 1, b: 0 }, ['a', name], span);
      expect(shares).toEqual([1, 0]);
    }
  });

  it('takes what somebody else has set since for a move, of when the record says', () => {
    const once = remembering(NO_MEMORY, move(60, { a: 1, b: 1 }, { a: 1, b: 0.25 }));
    const said = { saidAtMs: NOW - 15 * 60_000, nowMs: NOW };
    expect(broughtUp(once, { a: 1, b: 0.25 }, said)).toBe(once);
    const edited = broughtUp(once, { a: 1, b: 1 }, said);
    expect(meanShares(edited, { a: 1, b: 1 }, ['a', 'b'], span)).toEqual([0.725, 0.275]);
    const nobodySays = broughtUp(once, { a: 1, b: 1 }, { saidAtMs: NaN, nowMs: NOW });
    expect(meanShares(nobodySays, { a: 1, b: 1 }, ['a', 'b'], span)).toEqual([0.8, 0.2]);
  });

  it('knows that a queue that came since had no calls before, also once it is written', () => {
    const once = remembering(NO_MEMORY, move(60, { a: 1, b: 1 }, { a: 1, b: 1 }));
    const weights = { a: 1, b: 1, c: 2 };
    const said = { saidAtMs: NOW - 30 * 60_000, nowMs: NOW };
    const grown = broughtUp(once, weights, said);
    const shares = [0.375, 0.375, 0.25];
    expect(meanShares(grown, weights, ['a', 'b', 'c'], span)).toEqual(shares);
    const moved = { nowMs: NOW, slots: { a: 3, b: 3, c: 3 }, before: weights, after: weights };
    const back = memoryIn(memoryJson(remembering(grown, moved)));
    expect(meanShares(back, weights, ['a', 'b', 'c'], span)).toEqual(shares);
    // Under another name it may be the one that is gone.
    const renamed = broughtUp(once, { a: 1, x: 1 }, said);
    expect(meanShares(renamed, { a: 1, x: 1 }, ['a', 'x'], span)).toEqual([0.5, 0.5]);
  });
});
