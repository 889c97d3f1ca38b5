/** The claims of docs/optimizer.md on a few seeds: the bench has them all. */
import { describe, expect, it } from 'vitest';
import type { TuningSettings } from '../../src/core/kind.js';
import { policies } from '../../src/optimizer/policies.js';
import { controlled, day, swingsIn, type Control } from '../bench/centre.js';
import { bestShares, randomCentre, SCENARIOS, turningPoints } from '../bench/scenarios.js';

const TUNING: TuningSettings = {
  bounds: { min: 0.1, max: 1 },
  smoothing: 0.2,
  deadBand: 0.03,
  maxStep: 0.1,
  coolDownMs: 180_000,
  maxAgeMs: 60_000,
};
const scenario = (name: string) => SCENARIOS.find((one) => one.name === name)!;
const SEEDS = [1, 2, 3];

function waitS(name: string, control: (() => Control) | null): number {
  const days = SEEDS.map((seed) => day(scenario(name), seed, 300, control?.() ?? null));
  return days.reduce((sum, one) => sum + one.waitS, 0) / SEEDS.length;
}

const by = (name: string): (() => Control) => controlled(policies[name]!, TUNING);

describe('with data that is five minutes old', () => {
  it.each(['unequal', 'shift'])('the default makes waits a third of those before: %s', (name) => {
    expect(waitS(name, by('square-root')) * 3).toBeLessThan(waitS(name, null) * 1.3);
  });

  it.each(['always shared', 'uneven'])(
    'the default does no harm where headroom doubles waits: %s',
    (name) => {
      const still = waitS(name, null);
      expect(waitS(name, by('square-root'))).toBeLessThan(still * 1.2 + 0.5);
      expect(waitS(name, by('headroom'))).toBeGreaterThan(still * 1.5);
    },
  );
});

it('staffing that nobody sees is no scenario', () => {
  const [three] = SCENARIOS.filter(({ name }) => name === 'three');
  const late = { ...three!, staffing: [{ at: 1e9, queue: 0, off: 5 }] };
  expect(() => day(late, 1, 60, null)).toThrow('1 staffing events did not happen');
  // 2.2 hours are no whole number of seconds in doubles.
  for (const { staffing } of SCENARIOS) {
    for (const { at } of staffing) expect(Number.isInteger(at)).toBe(true);
  }
});

it('the best shares are those of the books', () => {
  const [first = 0, second = 0] = bestShares(scenario('always shared').plan, 0);
  expect([first, second]).toEqual([0.81, 0.19]);
  expect(turningPoints(scenario('three').plan)).toEqual([0, 3600, 7200, 7920, 11_520]);
  expect(randomCentre('a')).toEqual(randomCentre('a'));
});

it('the same seed is the same day', () => {
  const twice = [1, 2].map(() => day(scenario('three'), 5, 60, by('square-root')()));
  expect(twice[0]).toEqual(twice[1]);
});

describe('swings', () => {
  it.each<[string, readonly number[], number]>([
    ['a level line', [0.5, 0.5, 0.5], 0],
    ['noise below a swing', [0.5, 0.55, 0.47, 0.55], 0],
    ['a way there, however far', [0.1, 0.3, 0.5, 0.9], 0],
    ['there and back', [0.5, 0.7, 0.5], 1],
    ['there and half a swing back', [0.5, 0.7, 0.65], 0],
    ['back and forth', [0.5, 0.7, 0.5, 0.7, 0.5], 3],
  ])('%s', (_name, series, expected) => {
    expect(swingsIn(series)).toBe(expected);
  });
});
