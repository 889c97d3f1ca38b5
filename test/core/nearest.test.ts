import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { allNearest, distance, Hints, nearest, suggestion } from '../../src/core/nearest.js';
import { expectGrowth } from '../support/growth.js';

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

describe('allNearest', () => {
  it('has those that are equally near, each once, and no other', () => {
    const hosts = ['x.jp', 'x.ie', 'x.com', 'x.de', 'x.ie'];
    expect(allNearest('x.xx', hosts)).toEqual([]);
    expect(allNearest('weigh', ['weight', 'weighs', 'weights', 'weight'])).toEqual([
      ...['weighs', 'weight'],
    ]);
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

  it('is not told beyond what is asked for, and told up to it', () => {
    const word = fc.stringMatching(/^[abc]{0,8}$/);
    fc.assert(
      fc.property(word, word, fc.nat(8), (a, b, most) => {
        const all = distance(a, b);
        expect(distance(a, b, most)).toBeOneOf(all > most ? [all, Infinity] : [all]);
      }),
    );
  });
});

describe('hints for many unknown names', () => {
  const shown = (name: string): string => `"${name}"`;
  const numbered = (count: number, name: string): string[] =>
    Array.from({ length: count }, (_, n) => `${name}.${n}@example.com`);

  it('are those of each by itself, as long as there are few', () => {
    const known = numbered(40, 'agent');
    const hints = new Hints(known, shown);
    for (const word of numbered(20, 'agnet')) {
      expect(hints.of(word)).toBe(suggestion(word, known, shown));
      expect(hints.of(word)).toBe(suggestion(word, known, shown));
    }
  });

  it('are given for the first ones, and for whatever only looks the same', () => {
    const known = numbered(10_000, 'agent');
    const hints = new Hints(known, shown);
    const told = numbered(50, 'agnet').map((word) => hints.of(word) !== undefined);
    expect(told).toEqual([...Array<boolean>(3).fill(true), ...Array<boolean>(47).fill(false)]);
    expect(hints.of('AGENT.7@example.com')).toContain('"agent.7@example.com"');
  });

  it('take no more than the names are many', () => {
    expectGrowth((size) => {
      const users = numbered(size, 'agent').map((name) => ({ id: name, name }));
      const catalog = catalogOf({ user: users });
      for (const name of numbered(size, 'agentt.numberr')) {
        expect(catalog.resolve('user', name).found).toBe(false);
      }
    }, 20_000);
  });
});
