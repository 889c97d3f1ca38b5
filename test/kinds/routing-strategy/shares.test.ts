/** Weights as the cumulative shares by which a call flow picks. The way back: datatable. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharesOf, weightsOf } from '../../../src/kinds/routing-strategy/shares.js';

/** The weights of one tier. */
const shares = (weights: readonly number[]): number[] =>
  sharesOf(weights.map((weight) => ({ priority: 1, weight })));

describe('the shares of a tier', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['nobody', [], []],
    ['one target', [0.2], [1]],
    ['two', [1, 3], [0.25, 1]],
    ['thirds', [1, 1, 1], [0.3333, 0.6667, 1]],
    ['weight 0 first', [0, 2], [0, 1]],
    ['weight 0 between', [1, 0, 1], [0.5, 0.5, 1]],
    ['weight 0 last: never reached', [1, 1, 0], [0.5, 1, 1]],
    ['nothing but weight 0', [0, 0], [0, 0]],
    ['too small to show, first', [1e-9, 1], [0.0001, 1]],
    ['too small to show, between', [1, 1e-9, 1], [0.5, 0.5001, 1]],
    ['too small to show, last', [1, 1e-9, 1e-9], [0.9998, 0.9999, 1]],
    ['too great to add up', [1e308, 1e308], [0.5, 1]],
    ['too small to divide', [5e-324, 1e308], [0.0001, 1]],
  ])('%s', (_name, weights, expected) => {
    expect(shares(weights)).toEqual(expected);
  });

  it('start anew where the priority changes, as a flow takes the slots', () => {
    const targets = [1, 2, 1, 2].map((priority, index) => ({ priority, weight: index + 1 }));
    expect(sharesOf(targets)).toEqual([1, 1, 1, 1]);
  });
});

describe('the weights behind shares that somebody has edited', () => {
  const back = (shares: readonly number[], written: readonly number[]): (number | null)[] =>
    weightsOf(
      shares.map((share) => ({ priority: 1, share })),
      written.map((weight) => ({ priority: 1, weight })),
    );

  it.each<[string, readonly number[], readonly number[], readonly (number | null)[]]>([
    ['nothing was touched', [0.25, 1], [1, 3], [1, 3]],
    ['scaled to what they had together', [0.5, 1], [1, 3], [2, 2]],
    ['to 1 where that cannot be added up', [0.25, 1], [1.7e308, 1.7e308], [0.25, 0.75]],
    ['to 1 where they had nothing', [0.25, 1], [0, 0], [0.25, 0.75]],
    ['none of a tier that ends early', [0.25, 0.5], [1, 3], [1, null]],
    ['none below the one before it', [0.5, 0.25, 1], [1, 1, 1], [1.5, null, 2.25]],
    ['none at all', [0, 0], [1, 3], [0, 0]],
  ])('%s', (_what, shares, written, weights) => {
    expect(back(shares, written)).toEqual(weights);
  });
});

const rises = (list: readonly number[]): number[] =>
  list.map((share, index) => share - (list[index - 1] ?? 0));
const tierOf = (weight: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.constant(0), weight), { minLength: 1, maxLength: 10 });

describe('shares', () => {
  it('rise where there is weight, stand where there is none, and end at 1', () => {
    const weight = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(tierOf(weight), (weights) => {
        const found = shares(weights);
        rises(found).forEach((rise, index) => {
          if (weights[index] === 0) expect(rise).toBe(0);
          else expect(rise).toBeGreaterThan(0);
        });
        expect(found.at(-1)).toBe(weights.every((one) => one === 0) ? 0 : 1);
      }),
    );
  });

  it('have four decimals', () => {
    const weight = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(tierOf(weight), (weights) => {
        for (const share of shares(weights)) expect(Number(share.toFixed(4))).toBe(share);
      }),
    );
  });

  it('give every target its part of the weight, within 0.0001', () => {
    // At least a step of its tier: a smaller weight gets a step all the same.
    const weight = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(tierOf(weight), (weights) => {
        const sum = weights.reduce((a, b) => a + b, 0);
        fc.pre(sum > 0);
        rises(shares(weights)).forEach((rise, index) => {
          expect(Math.abs(rise - (weights[index] ?? 0) / sum)).toBeLessThanOrEqual(1e-4 + 1e-12);
        });
      }),
    );
  });
});
