/**
 * Runs before and after a change → the figures of a queue, with their ranges: of the difference,
 * which is of the same callers, and of a single hour.
 */
import type { Compared, PredictedQueue } from '../core/prediction.js';
import type { Tally } from './centre.js';
import type { MeasuredQueue } from './measured.js';
import type { Pair } from './neighbourhood.js';

/** Less is no news where calls in time stay the same: a part, and seconds. */
const LEAST_ABANDONED = 0.01;
const LEAST_WAIT_SECONDS = 5;

/** Ends of a range that holds eight times of ten. */
const [LOW, HIGH] = [0.1, 0.9];

/** `null` where nobody is offered to it any more: what is asked of callers has no answer there. */
export function comparedQueue(
  queue: MeasuredQueue,
  index: number,
  pairs: readonly Pair[],
  widen: number,
): PredictedQueue | null {
  const { id: queueId, name, withinSeconds } = queue;
  const own = pairs.map(({ before, after }) => ({
    before: before.flatMap((hour) => hour[index] ?? []),
    after: after.flatMap((hour) => hour[index] ?? []),
  }));
  const met = own.filter((pair) => hasCalls(pair.before) && hasCalls(pair.after));
  if (met.length === 0) return null;
  const part = (of: (one: Tally) => number): Compared =>
    comparedOf(met, (tallies) => sumOf(tallies, of) / sumOf(tallies, offeredIn), widen);
  const served = part((one) => one.inTime);
  const waitSeconds = part((one) => one.waitSeconds);
  const abandoned = part((one) => one.abandoned);
  const busy = (tallies: readonly Tally[]): number =>
    sumOf(tallies, (one) => one.occupancy) / tallies.length;
  const occupancy = comparedOf(met, busy, widen);
  // Where everybody is answered in time, or nobody, that does not tell what callers notice.
  const moves =
    isBeyond(served, 0) ||
    isBeyond(abandoned, LEAST_ABANDONED) ||
    isBeyond(waitSeconds, LEAST_WAIT_SECONDS);
  return { queue: name, queueId, withinSeconds, served, waitSeconds, abandoned, occupancy, moves };
}

function isBeyond({ differenceLow, differenceHigh }: Compared, least: number): boolean {
  return differenceLow > least || differenceHigh < -least;
}

function offeredIn({ offered }: Tally): number {
  return offered;
}

function hasCalls(tallies: readonly Tally[]): boolean {
  return tallies.some(({ offered }) => offered > 0);
}

function sumOf(tallies: readonly Tally[], of: (one: Tally) => number): number {
  return tallies.reduce((sum, one) => sum + of(one), 0);
}

function comparedOf(
  pairs: readonly { readonly before: readonly Tally[]; readonly after: readonly Tally[] }[],
  of: (tallies: readonly Tally[]) => number,
  widen: number,
): Compared {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const before = pairs.map((pair) => of(pair.before));
  const after = pairs.map((pair) => of(pair.after));
  const differences = after.map((value, at) => value - (before[at] ?? 0));
  // An hour without calls answers none of them late.
  const hours = pairs.flatMap(({ after: all }) =>
    all.filter(({ offered }) => offered > 0).map((hour) => of([hour])),
  );
  const [differenceLow, differenceHigh] = rangeOf(differences);
  const [was, will] = [mean(before), mean(after)].map(rounded) as [number, number];
  const [low, high] = rangeOf(hours);
  // No part is above 1 or below 0, no wait below 0: what hours have been bounds them.
  const most = Math.max(1, ...hours);
  const hourLow = rounded(Math.max(0, will - widen * Math.max(0, will - low)));
  const hourHigh = rounded(Math.min(most, will + widen * Math.max(0, high - will)));
  return {
    before: was,
    after: will,
    difference: rounded(will - was),
    differenceLow,
    differenceHigh,
    hourLow,
    hourHigh,
  };
}

/** Of n values n + 1 places are as likely for one more: with few of them that tells. */
function rangeOf(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.length - 1;
  const at = (part: number): number => {
    const place = Math.min(Math.max(0, part * (sorted.length + 1) - 1), last);
    const below = Math.floor(place);
    const [low = 0, high = low] = [sorted[below], sorted[below + 1]];
    return low + (high - low) * (place - below);
  };
  return [rounded(at(LOW)), rounded(at(HIGH))];
}

/** Nobody believes more digits, and a plan is no longer for them. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
