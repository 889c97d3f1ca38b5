import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, nearest } from '../../src/core/nearest.js';

describe('nearest', () => {
  const KEYS = ['queue', 'priority', 'weight', 'capacity'];

  it.each<[string, string | undefined]>([
    ['wieght', 'weight'],
    ['weigth', 'weight'],
    ['Weight', 'weight'],
    ['queu', 'queue'],
    ['queues', 'queue'],
    ['prioritie', 'priority'],
    ['capcity', 'capacity'],
    ['name', undefined],
    ['', undefined],
    ['q', undefined],
    ['x'.repeat(1_000_000), undefined],
  ])('%.10s', (word, expected) => {
    expect(nearest(word, KEYS)).toBe(expected);
  });

  it('does not depend on the order of the candidates', () => {
    const words = fc.array(fc.stringMatching(/^[abAB]{1,4}$/), { maxLength: 6 });
    fc.assert(
      fc.property(fc.stringMatching(/^[ab]{1,4}$/), words, (word, candidates) => {
        expect(nearest(word, candidates)).toBe(nearest(word, candidates.toReversed()));
      }),
    );
  });
});

describe('distance', () => {
  it.each<[string, string, number]>([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%s, %s', (a, b, expected) => {
    expect(distance(a, b)).toBe(expected);
    expect(distance(b, a)).toBe(expected);
  });

  it('is nought for equals only, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
