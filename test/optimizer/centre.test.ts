/** The claims of docs/optimizer.md on a few seeds: the bench has them all. */
import { describe, expect, it } from 'vitest';
import type { TuningSettings } from '../../src/core/kind.js';
import { headroom } from '../../src/optimizer/headroom.js';
import { bare, controlled, day, SCENARIOS, swingsIn, type Control } from '../bench/centre.js';

const TUNING: TuningSettings = {
  bounds: { min: 0.1, max: 1 },
  ...{ smoothing: 0.2, deadBand: 0.03, maxStep: 0.1 },
  ...{ coolDownMs: 180_000, maxAgeMs: 60_000 },
};
const scenario = (name: string) => SCENARIOS.find((one) => one.name === name)!;
const SEEDS = [1, 2, 3];

function means(name: string, age: number, control: (() => Control) | null) {
  const days = SEEDS.map((seed) => day(scenario(name), seed, age, control?.() ?? null));
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / values.length;
  return {
    waitS: mean(days.map(({ waitS }) => waitS)),
    abandoned: mean(days.map(({ abandoned }) => abandoned)),
    swings: mean(days.map(({ swings }) => swings)),
  };
}

const ours = controlled(headroom, TUNING);

describe('with data that is five minutes old, headroom', () => {
  it.each(['leaving', 'unequal'])('loses fewer callers than weights that stay: %s', (name) => {
    const [moved, still] = [means(name, 300, ours), means(name, 300, null)];
    expect(moved.waitS).toBeLessThan(still.waitS);
    expect(moved.abandoned).toBeLessThan(still.abandoned);
  });

  it('loses fewer callers than the bare formula where weights were right', () => {
    expect(means('planned', 300, ours).abandoned * 2).toBeLessThan(
      means('planned', 300, () => bare).abandoned,
    );
  });

  it('does not swing where nothing happens, and what follows free slots at once does', () => {
    expect(means('steady', 300, ours).swings).toBeLessThan(0.1);
    const naive = controlled(headroom, {
      ...{ ...TUNING, smoothing: 1, deadBand: 0, maxStep: 1, coolDownMs: 0 },
    });
    const herd = means('steady', 300, naive);
    expect(herd.swings).toBeGreaterThan(1);
    expect(herd.waitS).toBeGreaterThan(means('steady', 300, null).waitS);
  });
});

it('the same seed is the same day', () => {
  const twice = [1, 2].map(() => day(scenario('three'), 5, 60, ours()));
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
