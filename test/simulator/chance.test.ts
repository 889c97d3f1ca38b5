import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';

function numbers(seed: string, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe('chance from a seed', () => {
  it('is the same for the same seed, and from 0 up to 1', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const drawn = numbers(seed, 50);
        expect(numbers(seed, 50)).toEqual(drawn);
        expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
      }),
    );
  });

  it('is even: every tenth gets its share, also as the first number of many seeds', () => {
    const tenths = (all: readonly number[]): number[] =>
      Array.from(
        { length: 10 },
        (_, tenth) => all.filter((one) => Math.floor(one * 10) === tenth).length,
      );
    const firsts = Array.from({ length: 20_000 }, (_, at) => numbers(`seed ${at}`, 1)[0] ?? 0);
    for (const all of [numbers('one seed', 20_000), firsts]) {
      // Each is 2,000 give or take 42; six times that happens by chance once in a billion.
      for (const share of tenths(all)) expect(Math.abs(share - 2000)).toBeLessThan(250);
    }
  });

  it('tells neighbouring seeds apart', () => {
    expect(new Set(Array.from({ length: 5000 }, (_, at) => numbers(`${at}`, 1)[0])).size).toBe(
      5000,
    );
  });

  it('draws whole numbers that include both ends', () => {
    const random = seededRandom('ends');
    const drawn = new Set(Array.from({ length: 200 }, () => wholeBetween(random, 3, 5)));
    expect([...drawn].sort()).toEqual([3, 4, 5]);
    expect(wholeBetween(random, 7, 7)).toBe(7);
  });
});
