/**
 * From the weights that a policy would like to those that are written, or to why none is.
 *
 * Premise: what was observed is old by the time that it acts, and how old nobody knows. A weight
 * that follows old numbers sends everybody to the queue that was empty, then everybody away from
 * it. So a weight goes a part of the way, by a small step, and then rests until what it did can be
 * seen. The memory of all this is the weight itself and the time of its last move, both kept in the
 * org: a round knows no earlier round, and two watchers are as good as one.
 */
import type { TuningSettings } from '../core/kind.js';
import { strainOf, type Load, type Policy } from './policy.js';

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
  const held =
    resting(tuning, times) ??
    outdated(tuning, times) ??
    doubtful(targets) ??
    strayed(targets, tuning);
  if (held !== null) return { held, targets: null };
  const seen = targets.map((target) => ({ ...target, load: target.load ?? NOBODY }));
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

const NOBODY: Load = { slots: 0, interacting: 0, waiting: 0 };

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
  policy: Policy,
  targets: readonly Seen[],
  tuning: TuningSettings,
): (number | null)[] {
  const { bounds } = tuning;
  const aims = new Map<Seen, number>();
  for (const tier of new Set(targets.map((one) => one.tier))) {
    const inTier = targets.filter((one) => one.tier === tier);
    if (inTier.every(isFull)) continue;
    const staffed = inTier.filter(({ load }) => load.slots > 0);
    const liked = policy.weights(
      staffed.map(({ load }) => load),
      bounds.max,
    );
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
  const { slots, interacting, waiting } = load;
  if (slots === 0 || strainOf(load) >= OVERFULL) return true;
  return capacity !== null && interacting + waiting >= capacity;
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

/** As fine as the shares of a data table are. */
function rounded(weight: number): number {
  return Math.round(weight * 10_000) / 10_000;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
