/** Ranges hold as often as they say, however few runs there were. */
import { expect, it } from 'vitest';
import type { Tally } from '../../src/prediction/centre.js';
import { chanceFrom, normal } from '../../src/prediction/chance.js';
import { comparedQueue } from '../../src/prediction/compared.js';
import { bookedQueue } from './booked.js';

const TRIES = 4000;
const OFFERED = 1000;

const tally = (inTime: number): Tally => ({
  offered: OFFERED,
  inTime: inTime * OFFERED,
  abandoned: 0,
  waitSeconds: 0,
  occupancy: 0,
});

it.each([8, 12, 40])('of %d runs, eight of ten others are within', (runs) => {
  const chance = chanceFrom('compared');
  const queue = bookedQueue('a', { perSecond: 0.03, quarters: 12 });
  const served = (): number => 0.5 + 0.05 * normal(chance);
  const pair = (after: number) => ({ before: [[tally(0.5)]], after: [[tally(after)]] });
  let [differences, hours] = [0, 0];
  for (let one = 0; one < TRIES; one += 1) {
    const pairs = Array.from({ length: runs }, () => pair(served()));
    const found = comparedQueue(queue, 0, pairs, 1)!.served;
    const next = served();
    if (next - 0.5 >= found.differenceLow && next - 0.5 <= found.differenceHigh) differences += 1;
    if (next >= found.hourLow && next <= found.hourHigh) hours += 1;
  }
  for (const held of [differences, hours]) {
    expect(held / TRIES).toBeGreaterThan(0.76);
    expect(held / TRIES).toBeLessThan(0.83);
  }
});

it.each([
  ['the same', {}, false],
  ['who gives up by 3 points', { abandoned: 30 }, true],
  ['who gives up by half a point', { abandoned: 5 }, false],
  ['waits by 8 minutes', { waitSeconds: 480 * OFFERED }, true],
  ['waits by 2 s', { waitSeconds: 2 * OFFERED }, false],
])('where all are in time before and after a queue moves by what else does: %s', (...row) => {
  const [, more, moves] = row;
  const queue = bookedQueue('a', { perSecond: 0.03, quarters: 12 });
  const pair = { before: [[tally(1)]], after: [[{ ...tally(1), ...more }]] };
  expect(comparedQueue(queue, 0, [pair, pair], 1)!.moves).toBe(moves);
});
