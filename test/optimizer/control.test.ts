import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TuningSettings } from '../../src/core/kind.js';
import { decide, type Target, type Times } from '../../src/optimizer/control.js';
import { policies } from '../../src/optimizer/policies.js';
import type { Steering } from '../../src/optimizer/policy.js';

const TUNING: TuningSettings = {
  bounds: { min: 0.1, max: 1 },
  smoothing: 0.2,
  deadBand: 0.02,
  maxStep: 0.1,
  coolDownMs: 180_000,
  maxAgeMs: 60_000,
};
/** Goes all the way at once: what the policy would like is what happens. */
const AT_ONCE: TuningSettings = { ...TUNING, smoothing: 1, deadBand: 0, maxStep: 9 };
const NOW: Times = { now: 1_000_000, observedAt: 1_000_000, movedAt: null };

function target(over: Partial<Target> = {}): Target {
  return {
    queue: 'Q',
    tier: 1,
    weight: 1,
    written: 1,
    capacity: 1000,
    load: { slots: 10, interacting: 5, waiting: 0 },
    ...over,
  };
}

/** Weights after a round with `headroom`, or why there are none. */
function after(
  targets: readonly Target[],
  tuning = TUNING,
  times = NOW,
): readonly number[] | string {
  const decision = decide(policies['headroom']!, targets, tuning, times);
  return decision.held ?? decision.targets.map(({ to }) => to);
}

const load = (slots: number, interacting: number, waiting = 0) => ({
  load: { slots, interacting, waiting },
});

describe('a weight', () => {
  it('goes a part of the way to what the policy would like', () => {
    // 10 of 20 against 20 of 20: 0.5 is liked, a fifth of the way there is 0.9.
    expect(after([target(load(10, 0)), target(load(10, 10))])).toEqual([1, 0.9]);
    const half = { ...TUNING, smoothing: 0.5, maxStep: 1 };
    expect(after([target(load(10, 0)), target(load(10, 10))], half)).toEqual([1, 0.75]);
  });

  it('makes no step that is greater than the greatest', () => {
    const pair = [target(load(20, 0)), target(load(2, 0))];
    expect(after(pair, { ...TUNING, maxStep: 0.05 })).toEqual([1, 0.95]);
    expect(after(pair, { ...AT_ONCE, maxStep: 0.3 })).toEqual([1, 0.7]);
  });

  it('stays where it would move by no more than the dead band', () => {
    const pair = [target(load(10, 0)), target(load(10, 2))];
    // A fifth of the way from 1 to 0.9 is 0.02.
    expect(after(pair)).toEqual([1, 1]);
    expect(after(pair, { ...TUNING, deadBand: 0.019 })).toEqual([1, 0.98]);
  });

  it('stays within its bounds', () => {
    const pair = [target(load(100, 0)), target({ ...load(1, 0), weight: 0.12 })];
    expect(after(pair, AT_ONCE)).toEqual([1, 0.1]);
    expect(after(pair, { ...AT_ONCE, bounds: { min: 0.3, max: 0.8 } })).toMatch(/outside/);
  });

  it('that was written outside the bounds is brought inside', () => {
    const bounds = { min: 0.2, max: 0.8 };
    const pair = [
      target({ ...load(10, 0), weight: 2, written: 2 }),
      target({ ...load(10, 0), weight: 0.05, written: 0.05 }),
    ];
    // 0.05 goes to 0.2 and then on towards 0.8.
    expect(after(pair, { ...TUNING, bounds })).toEqual([0.8, 0.3]);
  });

  it('is compared with those of its own tier alone', () => {
    const tiers = [
      target({ ...load(10, 5), tier: 1 }),
      target({ ...load(100, 0), tier: 2 }),
      target({ ...load(10, 9, 1), tier: 2 }),
    ];
    expect(after(tiers, AT_ONCE)).toEqual([1, 1, 0.1]);
  });

  it('is as fine as the shares of a data table', () => {
    const [, second] = after([target(load(7, 0)), target(load(3, 1))], AT_ONCE) as number[];
    expect(second).toBe(0.3571);
  });
});

describe('a target that is full', () => {
  it.each([
    ['its backlog is half as long as it has slots', load(10, 10, 5)],
    ['it holds what it may', { ...load(10, 3, 2), capacity: 5 }],
  ])('is aimed at its least weight: %s', (_, over) => {
    expect(after([target(), target(over)], AT_ONCE)).toEqual([1, 0.1]);
    expect(after([target(), target(over)])).toEqual([1, 0.9]);
  });

  it('gets its least weight at once where nobody is on queue', () => {
    expect(after([target(), target(load(0, 0))])).toEqual([1, 0.1]);
  });

  it('stays as it is where every other of its tier is full too', () => {
    const full = { ...load(10, 10, 9), weight: 0.7 };
    expect(after([target(full), target(full)], AT_ONCE)).toEqual([0.7, 0.7]);
  });

  it('is not one whose slots are merely all in use', () => {
    expect(after([target(load(10, 10)), target(load(10, 10))], AT_ONCE)).toEqual([1, 1]);
  });
});

describe('nothing moves, and why is said,', () => {
  const pair = [target({ ...load(10, 0), queue: 'A' }), target({ ...load(10, 10), queue: 'B' })];

  it.each<[string, Partial<Times>, string]>([
    ['a second after the last move', { movedAt: 999_000 }, 'cooling down, 179 s left'],
    ['at the end of the cool-down', { movedAt: 820_001 }, 'cooling down, 1 s left'],
    ['a little before the last move', { movedAt: 1_010_000 }, 'cooling down, 190 s left'],
    ['with old data', { observedAt: 939_999 }, 'the data is 61 s old'],
    ['with data of the future', { observedAt: 1_000_001 }, 'the clock went back while'],
  ])('%s', (_, times, why) => {
    expect(after(pair, TUNING, { ...NOW, ...times })).toContain(why);
  });

  it.each<[string, Partial<Times>]>([
    ['once it has cooled down', { movedAt: 820_000 }],
    ['where the last move is in a future that is no clock skew', { movedAt: 9_000_000 }],
    ['with data that is as old as it may be', { observedAt: 940_000 }],
  ])('but it does move %s', (_, times) => {
    expect(after(pair, TUNING, { ...NOW, ...times })).toEqual([1, 0.9]);
  });

  it.each<[string, Partial<Target>, string]>([
    ['missing', { load: null }, 'the platform reports nothing for B'],
    ['negative', load(10, -1), 'the numbers for B cannot be'],
    ['not a number', load(10, NaN), 'cannot be: 10 slots, NaN interacting'],
    ['endless', load(Infinity, 1), 'cannot be'],
    ['half a call', load(10, 1.5), 'cannot be'],
    ['a whole city', load(10, 1, 1_000_000), 'cannot be: 10 slots, 1 interacting, 1000000 waiting'],
  ])('with numbers that are %s', (_, over, why) => {
    expect(after([pair[0]!, target({ ...over, queue: 'B' })])).toContain(why);
  });

  it('with nobody on queue anywhere', () => {
    expect(after([target(load(0, 2)), target(load(0, 0))])).toBe('no target has an agent on queue');
  });

  it('with a weight that somebody put outside the bounds', () => {
    expect(after([pair[0]!, target({ queue: 'B', weight: 5 })])).toBe(
      'the weight 5 of B is outside the bounds, 0.1 to 1',
    );
    expect(after([pair[0]!, target({ queue: 'B', weight: NaN })])).toContain('outside');
  });

  it('without a target that may move', () => {
    expect(after([])).toBe('it has no target whose weight may move');
  });
});

const anyTarget = fc.record({
  queue: fc.constant('Q'),
  tier: fc.integer({ min: 1, max: 3 }),
  weight: fc.double({ min: 0, max: 2, noNaN: true }),
  written: fc.double({ min: 0, max: 2, noNaN: true }),
  capacity: fc.option(fc.integer({ min: 1, max: 50 })),
  load: fc.option(
    fc.record({
      slots: fc.integer({ min: -1, max: 60 }),
      interacting: fc.integer({ min: -1, max: 60 }),
      waiting: fc.integer({ min: -1, max: 60 }),
    }),
    { freq: 20 },
  ),
});
const anyTuning = fc
  .record({
    bounds: fc.tuple(fc.double({ min: 0, max: 1 }), fc.double({ min: 1, max: 2 })),
    smoothing: fc.double({ min: 0.01, max: 1, noNaN: true }),
    deadBand: fc.double({ min: 0, max: 0.2, noNaN: true }),
    maxStep: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  .map(({ bounds: [min, max], ...rest }) => ({
    ...rest,
    bounds: { min, max },
    coolDownMs: 0,
    maxAgeMs: 1,
  }));

describe('a policy that steers', () => {
  const saying = (said: number[] | string): Steering => {
    return { steers: true, wantsPast: false, formula: '', unit: '', weights: () => said };
  };
  /** Weights after a round of it, or why there are none. */
  const steered = (
    said: number[] | string,
    targets: readonly Target[],
    times = NOW,
  ): readonly number[] | string => {
    const decision = decide(saying(said), targets, TUNING, times);
    return decision.held ?? decision.targets.map(({ to }) => to);
  };
  const COOLING: Times = { ...NOW, movedAt: NOW.now };
  const busy = (over: Partial<Target> = {}): Target =>
    target({ weight: 0.5, written: 0.5, ...over });

  it('goes where it says, by the greatest step, up as well as down', () => {
    expect(steered([1, 0.1], [busy(), busy()])).toEqual([0.6, 0.4]);
    expect(steered([0.55, 0.45], [busy(), busy()])).toEqual([0.55, 0.45]);
  });

  it('stays where that is no further than the dead band', () => {
    expect(steered([0.52, 0.48], [busy(), busy()])).toEqual([0.5, 0.5]);
    expect(steered([0.53, 0.47], [busy(), busy()])).toEqual([0.53, 0.47]);
  });

  it('takes away from a target that holds what it may, whatever it says', () => {
    const full = busy({ capacity: 5 });
    expect(steered([1, 1], [full, busy()])).toEqual([0.4, 0.6]);
    expect(steered([1, 1], [full, full])).toEqual([0.5, 0.5]);
  });

  it('gives its least to who has nobody on queue at once, also while it cools down', () => {
    const empty = busy(load(0, 0));
    expect(steered([0.5], [empty, busy()])).toEqual([0.1, 0.5]);
    expect(steered([0.5], [empty, busy()], COOLING)).toEqual([0.1, 0.5]);
  });

  it('rests while it cools down, but for slots that came or went since', () => {
    expect(steered([0.9, 0.1], [busy(), busy()], COOLING)).toBe('cooling down, 180 s left');
    const grown = busy({ slotsBefore: 5 });
    expect(steered([0.9, 0.1], [grown, busy()], COOLING)).toEqual([0.9, 0.1]);
    expect(steered([0.9, 0.1], [grown, busy()])).toEqual([0.9, 0.1]);
  });

  it('says why it says nothing', () => {
    expect(steered('too few calls', [busy(), busy()])).toBe('too few calls');
    expect(steered('too few calls', [busy(), busy(load(0, 0))])).toEqual([0.5, 0.1]);
  });
});

it('a bound of more decimals than a weight has is kept', () => {
  const nobody = target(load(0, 0));
  const targets = [{ ...nobody, weight: 0.00005 }, target({ weight: 0.5 })];
  const { targets: found } = decide(
    policies['level']!,
    targets,
    { ...TUNING, deadBand: 0, bounds: { min: 0.00001, max: 1 } },
    NOW,
  );
  found?.forEach(({ to }) => expect(to).toBeGreaterThanOrEqual(0.00001));
});

describe.each(Object.entries(policies))('%s, whatever is seen', (_, policy) => {
  it('keeps bounds, step and dead band', () => {
    fc.assert(
      fc.property(
        fc.array(anyTarget, { minLength: 1, maxLength: 8 }),
        anyTuning,
        (targets, tuning) => {
          const { min, max } = tuning.bounds;
          const decision = decide(policy, targets, tuning, NOW);
          decision.targets?.forEach(({ to }, index) => {
            const { weight, load: seen } = targets[index]!;
            if (to === weight) return;
            expect(to >= min && to <= max).toBe(true);
            expect(Math.abs(to - weight)).toBeGreaterThan(tuning.deadBand - 0.0001);
            const inside = Math.min(Math.max(weight, min), max);
            // Rounded to four decimals; where nobody is on queue there is no step.
            if (seen?.slots === 0) expect(to).toBe(min);
            else expect(Math.abs(to - inside)).toBeLessThanOrEqual(tuning.maxStep + 0.0001);
          });
        },
      ),
    );
  });

  it('comes to rest where the queues stay as they are', () => {
    fc.assert(
      fc.property(fc.array(anyTarget, { minLength: 1, maxLength: 8 }), (drawn) => {
        const bounds = { min: 0.1, max: 1 };
        let targets: Target[] = drawn.map((one) => ({ ...one, weight: 0.5, written: 0.5 }));
        for (let round = 0; round < 200; round += 1) {
          const { targets: next } = decide(policy, targets, { ...TUNING, bounds }, NOW);
          if (next === null || next.every(({ to }, index) => to === targets[index]!.weight)) return;
          targets = targets.map((one, index) => ({ ...one, weight: next[index]!.to }));
        }
        throw new Error('it still moves after 200 rounds');
      }),
    );
  });
});
