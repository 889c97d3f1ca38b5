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

/** `work` is done with something of that size, again and again. */
export function expectGrowth(work: (size: number) => unknown, size: number): void {
  let least = Infinity;
  for (let look = 0; look < LOOKS && least > MOST_TIMES; look += 1) {
    const small = Math.min(...[1, 2, 3].map(() => cpuMs(() => work(size / 10))));
    const large = cpuMs(() => work(size));
    least = Math.min(least, large / Math.max(small, NOTHING_MS));
  }
  expect(least, 'times the work for ten times as much').toBeLessThanOrEqual(MOST_TIMES);
}

function cpuMs(act: () => unknown): number {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
