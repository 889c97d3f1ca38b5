/**
 * What a queue is like, from what was counted of it; and how many agents it really has. Agents on
 * queue are in breaks, in wrap-up and in other calls too: their number is the one with which the
 * model says what the callers of the window met, half to six fifths of those who are there.
 */
import { sumOf, type Figures } from '../core/metrics.js';
import { erlangA, type Expected } from './erlang.js';
import { PART_SECONDS, type MeasuredQueue } from './measured.js';

export interface Fitted {
  /** In tenths: one more is there for a part of the time. */
  readonly agents: number;
  /** How far the model is off in calls answered in time, and in calls lost; parts. */
  readonly off: number;
  readonly lostOff: number;
}

export interface Traits {
  readonly offered: number;
  readonly handled: number;
  readonly abandoned: number;
  readonly callsPerSecond: number;
  readonly handleSeconds: number;
  readonly patienceSeconds: number;
  /** Of those who were answered or gave up; `null` where nobody was judged. */
  readonly served: number | null;
  readonly lost: number;
  /** Arrivals of each part as a factor of the mean; `[1]` where they are as even as chance is. */
  readonly shape: readonly number[];
}

/** With less waiting than this nobody can tell how patient callers are. */
const UNKNOWN_PATIENCE = 3600;
const MOST_PATIENT = 36_000;
/** Nobody gives up sooner and no call is shorter: what was counted as no time has no rate. */
const SHORTEST = 1;

export function traitsOf({ parts }: Pick<MeasuredQueue, 'parts'>): Traits {
  const all = sumOf(parts);
  const { offered, handled, abandoned, answered } = all;
  const waited = (all.waitMs + all.gaveUpMs) / 1000;
  return {
    offered,
    handled,
    abandoned,
    shape: shapeOf(parts),
    callsPerSecond: offered / (Math.max(1, parts.length) * PART_SECONDS),
    handleSeconds: handled === 0 ? 0 : Math.max(SHORTEST, all.handleMs / handled / 1000),
    // All the waiting there was, that of those who were answered too: the likeliest rate.
    patienceSeconds:
      abandoned === 0
        ? Math.max(UNKNOWN_PATIENCE, Math.min(2 * waited, MOST_PATIENT))
        : Math.max(SHORTEST, Math.min(waited / abandoned, MOST_PATIENT)),
    served: servedIn(all),
    lost: answered + abandoned === 0 ? 0 : abandoned / (answered + abandoned),
  };
}

/**
 * Of what the platform judges an org may leave out those who gave up, all or soon: a prediction is
 * about everybody who was offered, and so is this. `null` where nobody was judged.
 */
export function servedIn({ inTime, judged, answered, abandoned }: Figures): number | null {
  const left = answered + abandoned;
  return judged === 0 || left === 0 ? null : Math.min(1, inTime / left);
}

const [LEAST_WARM_UP, MOST_WARM_UP] = [1800, 6 * 3600];
const HANDLE_TIMES = 7.5;

/**
 * How long a centre that begins empty is played before it counts, in seconds: until its agents have
 * as many calls as they are to have, which takes the longer the longer calls take.
 */
export function warmUpFor(traits: readonly Traits[]): number {
  const longest = Math.max(...traits.map(({ handleSeconds }) => handleSeconds));
  return Math.min(MOST_WARM_UP, Math.max(LEAST_WARM_UP, Math.ceil(HANDLE_TIMES * longest)));
}

/** By the index of dispersion: a variance that is no more than chance's is chance. */
export function shapeOf(parts: readonly Pick<Figures, 'offered'>[]): readonly number[] {
  const counts = parts.map(({ offered }) => offered);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  if (counts.length < 4 || mean === 0) return [1];
  const spread = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
  const isChance = spread / mean <= 1 + 2 * Math.sqrt(2 / (counts.length - 1));
  return isChance ? [1] : counts.map((count) => count / mean);
}

/** Of what comes in its shape, each part by itself. */
export function expectedIn(traits: Traits, agents: number, withinSeconds: number): Expected {
  const { callsPerSecond, handleSeconds, patienceSeconds, shape } = traits;
  const each = shape.map((factor) => ({
    factor,
    of: erlangA(
      { agents, handleSeconds, callsPerSecond: callsPerSecond * factor },
      patienceSeconds,
      withinSeconds,
    ),
  }));
  const whole = each.reduce((sum, { factor }) => sum + factor, 0);
  const byCalls = (pick: (one: Expected) => number): number =>
    each.reduce((sum, { factor, of }) => sum + factor * pick(of), 0) / whole;
  const byTime = (pick: (one: Expected) => number): number =>
    each.reduce((sum, { of }) => sum + pick(of), 0) / each.length;
  return {
    waits: byCalls((one) => one.waits),
    waitSeconds: byCalls((one) => one.waitSeconds),
    abandoned: byCalls((one) => one.abandoned),
    served: byCalls((one) => one.served),
    occupancy: byTime((one) => one.occupancy),
    inLine: byTime((one) => one.inLine),
  };
}

export function fitted(traits: Traits, slots: number, withinSeconds: number): Fitted {
  const [least, most] = [Math.max(1, Math.ceil(slots * 0.5)), Math.max(1, Math.floor(slots * 1.2))];
  let best: Fitted = { agents: slots, off: Infinity, lostOff: Infinity };
  let next = expectedIn(traits, least, withinSeconds);
  for (let agents = least; agents <= Math.max(least, most); agents += 1) {
    const here = next;
    next = expectedIn(traits, agents + 1, withinSeconds);
    for (let tenth = 0; tenth < (agents < most ? 10 : 1); tenth += 1) {
      const between = (a: number, b: number): number => a + (tenth / 10) * (b - a);
      const served = between(here.served, next.served);
      const off = Math.abs(served - (traits.served ?? served));
      const lostOff = Math.abs(between(here.abandoned, next.abandoned) - traits.lost);
      const isBetter = off + lostOff < best.off + best.lostOff;
      if (isBetter) best = { agents: agents + tenth / 10, off, lostOff };
    }
  }
  return best;
}

/**
 * Agents from whom half to six fifths are tried: from hardly enough to more than enough. Parts in
 * which nobody called, of a week in which the queue was closed, say nothing of the others.
 */
export function roomFor(parts: readonly Figures[]): number {
  const busy = parts.filter(({ offered }) => offered > 0);
  const { offered, handled, handleMs } = sumOf(busy);
  const load = handled === 0 ? 0 : (offered * (handleMs / handled)) / (busy.length * PART_MS);
  return Math.ceil(1.3 * load + 2);
}

const PART_MS = PART_SECONDS * 1000;

/** How far a share of so many calls may be from its mean by chance alone. */
export function byChance(share: number, calls: number): number {
  return DEVIATIONS * Math.sqrt((share * (1 - share)) / Math.max(1, calls));
}
const DEVIATIONS = 2;
