/** How well predictions did, by pairs that are known. */
import { describe, expect, it } from 'vitest';
import type { Pair } from '../../src/core/calibration.js';
import { seededRandom } from '../../src/simulator/chance.js';
import { NO_FIGURES } from '../../src/core/metrics.js';
import { calibrationOf, partServed, replayed } from '../../src/prediction/check.js';
import { roomFor } from '../../src/prediction/fit.js';
import { scenario } from '../bench/scenarios.js';
import { flowOf, waysOf } from './ways.js';
import { askedOf, opened, playTo } from './world.js';

const pair = (realised: number, over: Partial<Pair> = {}): Pair => ({
  predicted: 0.7,
  low: 0.6,
  high: 0.8,
  before: 0.5,
  realised,
  ...over,
});

describe('a calibration', () => {
  it('of nothing is none, and of few says no widening', () => {
    expect(calibrationOf([])).toBeNull();
    expect(calibrationOf(Array.from({ length: 19 }, () => pair(0.7)))?.widen).toBeNull();
    expect(calibrationOf(Array.from({ length: 20 }, () => pair(0.9)))?.widen).toBe(2);
  });

  it('counts what held, how far it was off, to which side, and against doing nothing', () => {
    const found = calibrationOf([pair(0.6), pair(0.8), pair(0.9), pair(0.4), pair(0.7)])!;
    expect([found.pairs, found.coverage]).toEqual([5, 0.6]);
    expect(found.bias).toBeCloseTo(0.02, 10);
    expect(found.error).toBeCloseTo(0.14, 10);
    expect(found.nothing).toBeCloseTo(0.22, 10);
    expect(found.width).toBeCloseTo(0.2, 10);
    expect(found.directions).toEqual({ right: 4, of: 5 });
    // Wilson, by hand: 3 of 5.
    expect([found.coverageLow, found.coverageHigh].map((one) => one.toFixed(3))).toEqual([
      ...['0.231', '0.882'],
    ]);
  });

  it('has no direction where none was said', () => {
    const still = calibrationOf([pair(0.9, { before: 0.68 })]);
    expect(still?.directions).toEqual({ right: 0, of: 0 });
  });

  it.each([
    [0.05, 0.5],
    [0.1, 1],
    [0.2, 2],
  ])('ranges of ±0.1 where hours vary evenly by %d: the widening is found', (spread, half) => {
    const random = seededRandom('hours');
    // Evenly spread over ±spread/0.8: eight of ten are within ±spread.
    const pairs = Array.from({ length: 4000 }, () =>
      pair(0.7 + ((2 * random.next() - 1) * spread) / 0.8),
    );
    expect(calibrationOf(pairs)?.widen).toBeCloseTo(half, 1);
    // Ranges that were widened already have to be by so much more.
    const wide = pairs.map((one) => ({ ...one, widen: 1.5 }));
    expect(calibrationOf(wide)?.widen).toBeCloseTo(half * 1.5, 0);
  });

  it('asks for the same widening while ranges of before and after it was set are there', () => {
    // Wrong by 0.2 each time: ranges of ±0.1 ask for 2, and those of ±0.2 were widened by as much.
    const before = Array.from({ length: 30 }, () => pair(0.9));
    const after = Array.from({ length: 30 }, () => pair(0.9, { low: 0.5, high: 0.9, widen: 2 }));
    expect(calibrationOf(before)?.widen).toBe(2);
    expect(calibrationOf([...before, ...after])?.widen).toBe(2);
  });
});

describe('hours that are over', () => {
  it('are predicted from the three before them, and held against what happened', () => {
    const centre = scenario('two', '', {
      agents: [12, 8],
      weights: [1, 0.7],
      ours: [{ perSecond: 16 / 240 }],
    });
    const played = opened(centre, 4);
    playTo(played, 25);
    const ways = waysOf(played.ids, centre.plan.weights);
    const { queues } = askedOf(played, [], [1, 25]);
    const past = { queues, flows: [flowOf(ways, ways)], seed: 'x' };
    const pairs = replayed(past);
    expect(pairs.length).toBeGreaterThan(30);
    const found = calibrationOf(pairs)!;
    expect(found.coverage).toBeGreaterThan(0.6);
    expect(Math.abs(found.bias)).toBeLessThan(0.05);
    expect(replayed(past)).toEqual(pairs);
  });

  it('with too few calls are none', () => {
    const centre = scenario('calm', '', {
      agents: [3],
      weights: [1],
      ours: [{ perSecond: 0.002 }],
    });
    const played = opened(centre, 3);
    playTo(played, 9);
    const ways = waysOf(played.ids, [1]);
    const { queues } = askedOf(played, [], [1, 9]);
    expect(replayed({ queues, flows: [flowOf(ways, ways)], seed: 'x' })).toEqual([]);
  });
});

it('weeks in which nobody called make no room smaller', () => {
  const busy = { ...NO_FIGURES, offered: 30, handled: 30, handleMs: 30 * 240_000 };
  const week = [busy, busy, busy, busy];
  const closed = week.map(() => NO_FIGURES);
  expect(roomFor([...closed, ...closed, ...week])).toBe(roomFor(week));
  expect([roomFor(closed), roomFor([])]).toEqual([2, 2]);
});

it('who gave up was offered and not answered in time, whatever the platform judges', () => {
  const hour = { ...NO_FIGURES, offered: 40, answered: 30, abandoned: 10, inTime: 24 };
  expect(partServed({ ...hour, judged: 40 })).toBe(0.6);
  expect(partServed({ ...hour, judged: 30 })).toBe(0.6);
  expect(partServed({ ...hour, judged: 0, inTime: 0 })).toBeNull();
});
