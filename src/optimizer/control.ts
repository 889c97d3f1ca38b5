/**
 * From the weights that a policy would like to those that are written, or to why none is.
 *
 * Premise: what was observed is old by the time that it acts, and how old nobody knows. A weight
 * that follows old numbers sends everybody to the queue that was empty, then everybody away from
 * it. So a weight goes a part of the way, by a small step, and then rests until what it did can be
 * seen. The memory of all this is kept in the org: the weight itself, when it was moved, and what
 * `memory.ts` says. A round knows no earlier round, and two watchers are as good as one.
 *
 * A policy that steers has means of an hour, or makes small steps of its own: nothing is smoothed a
 * second time. Slots that were added or taken away are followed at once, by either kind of it: they
 * do not depend on our weights, so that nothing can swing.
 */
import type { TuningSettings } from '../core/kind.js';
import { rounded } from '../core/weight.js';
import { followingSlots } from './level.js';
import {
  scaledTo,
  strainOf,
  type Following,
  type Load,
  type Past,
  type Policy,
  type Situation,
  type Steering,
} from './policy.js';

/** One target of a strategy. */
export interface Target {
  /** For people. */
  readonly queue: string;
  /** Targets of one tier share what arrives; weights compare within it. */
  readonly tier: number;
  readonly weight: number;
  /** The weight that the manifest says. */
  readonly written: number;
  /** Most interactions that it may hold; `null` for no limit. */
  readonly capacity: number | null;
  /** `null` where the platform said nothing. */
  readonly load: Load | null;
  /** Part of its slots that counts here: an agent of two targets is half in each. Default 1. */
  readonly part?: number;
  /** What came of late; `null` where nobody knows. */
  readonly past?: Past | null;
  /** Its mean share of the weights of its tier over that time; absent: as it is now. */
  readonly meanShare?: number | undefined;
  /** Slots that counted when its weight was last moved; absent: those of now. */
  readonly slotsBefore?: number | undefined;
}

/** All instants are milliseconds since 1970. */
export interface Times {
  readonly now: number;
  readonly observedAt: number;
  /** When an optimizer last moved a weight of this strategy; `null` for never. */
  readonly movedAt: number | null;
}

export interface Aimed {
  /** The policy's weight, within bounds. */
  readonly aim: number;
  /** The weight to write; the present one where it does not move. */
  readonly to: number;
}

/** `held` says why nothing may move; else one for each target. */
export type Decision =
  | { readonly held: string; readonly targets: null }
  | { readonly held: null; readonly targets: readonly Aimed[] };

/** What to do about the targets of one active strategy. Total: absurd numbers are a reason. */
export function decide(
  policy: Policy,
  targets: readonly Target[],
  tuning: TuningSettings,
  times: Times,
): Decision {
  const rest = resting(tuning, times);
  const held =
    (policy.steers ? null : rest) ??
    outdated(tuning, times) ??
    doubtful(targets) ??
    strayed(targets, tuning);
  if (held !== null) return { held, targets: null };
  const seen = targets.map((target) => ({ ...target, load: target.load ?? NOBODY }));
  return policy.steers ? steered(policy, seen, tuning, rest) : followed(policy, seen, tuning);
}

const NOBODY: Load = { slots: 0, interacting: 0, waiting: 0 };

function followed(policy: Following, seen: readonly Seen[], tuning: TuningSettings): Decision {
  const aims = aimsOf(policy, seen, tuning);
  return {
    held: null,
    targets: seen.map((target, index) => {
      const aim = aims[index] ?? null;
      if (aim === null) return { aim: target.weight, to: target.weight };
      return { aim, to: moved(target, aim, tuning) };
    }),
  };
}

function steered(
  policy: Steering,
  seen: readonly Seen[],
  tuning: TuningSettings,
  rest: string | null,
): Decision {
  const moves = new Map<Seen, Aimed>();
  const reasons = new Set<string>();
  for (const tier of tiersOf(seen)) {
    for (const one of tier) {
      // Whether anybody is there does not depend on our weights either.
      if (one.load.slots === 0) moves.set(one, aimed(one, tuning.bounds.min, tuning));
    }
    const staffed = tier.filter(({ load }) => load.slots > 0);
    const queues = situationsOf(staffed);
    const hasRoom = staffed.some((one) => !isAtCapacity(one));
    if (staffed.length === 0 || !hasRoom) continue;
    const slotsMoved = hasOtherSlots(queues, tuning);
    if (rest !== null && !slotsMoved) reasons.add(rest);
    const said = policy.weights(queues, tuning.bounds.max, tuning.smoothing);
    if (typeof said === 'string') reasons.add(said);
    else if (rest === null || slotsMoved) {
      staffed.forEach((one, index) => {
        const aim = isAtCapacity(one) ? tuning.bounds.min : (said[index] ?? one.weight);
        moves.set(one, aimed(one, aim, tuning, slotsMoved ? Infinity : tuning.maxStep));
      });
    }
  }
  const [reason] = reasons;
  const targets = seen.map((one) => moves.get(one) ?? { aim: one.weight, to: one.weight });
  const isStill = targets.every(({ to }, index) => to === seen[index]?.weight);
  return isStill && reason !== undefined
    ? { held: reason, targets: null }
    : { held: null, targets };
}

function aimed(target: Seen, wanted: number, tuning: TuningSettings, maxStep = Infinity): Aimed {
  // A bound of more decimals than a weight has may lie beyond what it is rounded to.
  const aim = within(tuning, rounded(within(tuning, wanted)));
  const from = within(tuning, target.weight);
  const to = within(tuning, rounded(from + Math.max(-maxStep, Math.min(aim - from, maxStep))));
  const isWorthIt = rounded(Math.abs(to - target.weight)) > tuning.deadBand;
  return { aim, to: isWorthIt ? to : target.weight };
}

function situationsOf(tier: readonly Seen[]): Situation[] {
  const weights = tier.reduce((sum, { weight }) => sum + weight, 0);
  return tier.map(({ load, weight, part = 1, past = null, ...more }) => {
    const slots = load.slots * part;
    const { meanShare = weights > 0 ? weight / weights : 1 / tier.length } = more;
    return { ...load, slots, weight, past, meanShare, slotsBefore: more.slotsBefore ?? slots };
  });
}

/** Whether slots have come or gone since the last move, by more than is left as it is. */
function hasOtherSlots(
  queues: readonly Situation[],
  { bounds, deadBand }: TuningSettings,
): boolean {
  const weights = scaledTo(
    bounds.max,
    queues.map(({ weight }) => weight),
  );
  const after = scaledTo(bounds.max, followingSlots(queues));
  return after.some(
    (weight, index) => rounded(Math.abs(weight - (weights[index] ?? 0))) > deadBand,
  );
}

function tiersOf(seen: readonly Seen[]): Seen[][] {
  const tiers = [...new Set(seen.map(({ tier }) => tier))];
  return tiers.map((tier) => seen.filter((one) => one.tier === tier));
}

function resting({ coolDownMs }: TuningSettings, { now, movedAt }: Times): string | null {
  const leftMs = movedAt === null ? 0 : movedAt + coolDownMs - now;
  // A move that lies further ahead than a cool-down is some other clock's mistake.
  if (leftMs <= 0 || leftMs > 2 * coolDownMs) return null;
  return `cooling down, ${seconds(leftMs)} left`;
}

function outdated({ maxAgeMs }: TuningSettings, { now, observedAt }: Times): string | null {
  const ageMs = now - observedAt;
  if (ageMs < 0) return 'the clock went back while the queues were observed';
  return ageMs > maxAgeMs ? `the data is ${seconds(ageMs)} old` : null;
}

/** More than this in one queue is no count. */
const ABSURD = 100_000;

function doubtful(targets: readonly Target[]): string | null {
  if (targets.length === 0) return 'it has no target whose weight may move';
  for (const { queue, load } of targets) {
    if (load === null) return `the platform reports nothing for ${queue}`;
    const counts = [load.slots, load.interacting, load.waiting];
    if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count <= ABSURD)) {
      const [slots, interacting, waiting] = counts.map(String);
      const numbers = `${slots} slots, ${interacting} interacting, ${waiting} waiting`;
      return `the numbers for ${queue} cannot be: ${numbers}`;
    }
  }
  return targets.every(({ load }) => load?.slots === 0) ? 'no target has an agent on queue' : null;
}

/** A weight that somebody else put outside the bounds is theirs: plan shows it. */
function strayed(targets: readonly Target[], { bounds }: TuningSettings): string | null {
  const { min, max } = bounds;
  const stray = targets.find(
    ({ weight, written }) => weight !== written && !(weight >= min && weight <= max),
  );
  if (stray === undefined) return null;
  const { queue, weight } = stray;
  return `the weight ${weight} of ${queue} is outside the bounds, ${min} to ${max}`;
}

type Seen = Target & { readonly load: Load };

/** Tier by tier; `null` for those of a tier in which no target could take more. */
function aimsOf(
  policy: Following,
  targets: readonly Seen[],
  tuning: TuningSettings,
): (number | null)[] {
  const { bounds } = tuning;
  const aims = new Map<Seen, number>();
  for (const inTier of tiersOf(targets)) {
    if (inTier.every(isFull)) continue;
    const staffed = inTier.filter(({ load }) => load.slots > 0);
    const loads = staffed.map(({ load, part = 1 }) => ({ ...load, slots: load.slots * part }));
    const liked = policy.weights(loads, bounds.max);
    for (const target of inTier) aims.set(target, bounds.min);
    staffed.forEach((target, index) => {
      if (!isFull(target)) aims.set(target, within(tuning, liked[index] ?? bounds.min));
    });
  }
  return targets.map((target) => aims.get(target) ?? null);
}

/** So many more wait than its agents have: half as many as there are slots. */
const OVERFULL = 1.5;

/**
 * Nothing more fits: nobody is there, the target holds what it may, or a backlog waits. Slots that
 * are merely all in use are the everyday of a well-run queue: taking them for full makes weights
 * swing (docs/optimizer.md).
 */
export function isFull({ load, capacity }: Pick<Seen, 'load' | 'capacity'>): boolean {
  const { slots } = load;
  return slots === 0 || strainOf(load) >= OVERFULL || isAtCapacity({ load, capacity });
}

/** Its calls alone do not fill it: those of others count as well, as they do for its agents. */
function isAtCapacity({ load, capacity }: Pick<Seen, 'load' | 'capacity'>): boolean {
  return capacity !== null && load.interacting + load.waiting >= capacity;
}

function moved({ weight, load }: Seen, aim: number, tuning: TuningSettings): number {
  const from = within(tuning, weight);
  const way = tuning.smoothing * (aim - from);
  const step = Math.sign(way) * Math.min(Math.abs(way), tuning.maxStep);
  // Whether anybody is there does not depend on our weights: nothing can swing.
  const to = within(tuning, load.slots === 0 ? aim : rounded(from + step));
  return rounded(Math.abs(to - weight)) > tuning.deadBand ? to : weight;
}

function within({ bounds }: TuningSettings, weight: number): number {
  return Math.min(Math.max(weight, bounds.min), bounds.max);
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
