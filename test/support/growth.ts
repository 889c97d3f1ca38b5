/**
 * How work grows with what is worked on. Ten times the text takes ten times the work, on any machine,
 * whatever else it does, and the collector of garbage something more: both are measured in this
 * process, in processor time, and looked at again when they seem to be too far apart. What grows
 * with the square takes a hundred times.
 */
import { expect } from 'vitest';

/** For ten times as much. */
const MOST_TIMES = 35;
/** Work below this is as good as none. */
const NOTHING_MS = 10;
const LOOKS = 5;
/** So many times its price may work have that meets a machine which is not warm. */
const COLD = 5;

/** `work` is done with something of that size, again and again. */
export function expectGrowth(work: (size: number) => unknown, size: number): void {
  let least = Infinity;
  for (let look = 0; look < LOOKS && least > MOST_TIMES; look += 1) {
    const first = cpuMs(() => work(size / 10));
    const large = cpuMs(() => work(size));
    // So far below the bound that it does not matter what the first look has met.
    const isFarBelow = COLD * large <= MOST_TIMES * Math.max(first, NOTHING_MS);
    const more = isFarBelow ? [] : [1, 2].map(() => cpuMs(() => work(size / 10)));
    least = Math.min(least, large / Math.max(Math.min(first, ...more), NOTHING_MS));
  }
  expect(least, 'times the work for ten times as much').toBeLessThanOrEqual(MOST_TIMES);
}

function cpuMs(act: () => unknown): number {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
