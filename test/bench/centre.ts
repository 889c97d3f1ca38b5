/**
 * A contact centre in virtual time: the simulator with traffic, and somebody who moves the weights
 * of one strategy from observations that are some seconds old. Every policy meets the same callers.
 */
import type { TuningSettings } from '../../src/core/kind.js';
import { decide, type Target } from '../../src/optimizer/control.js';
import {
  HANDLING_MS,
  meanShares,
  NO_MEMORY,
  remembering,
  WINDOW_MS,
  type ByQueue,
} from '../../src/optimizer/memory.js';
import type { Load, Past, Policy } from '../../src/optimizer/policy.js';
import { lanes } from '../../src/simulator/ids.js';
import { createOrg, advance, type Org } from '../../src/simulator/org.js';
import type { Queue, Strategy } from '../../src/simulator/model.js';
import { bestShares, ratesAt, turningPoints, type Scenario } from './scenarios.js';

const START_MS = Date.UTC(2026, 10, 2, 8);
export const HOURS = 4;
const HOUR = 3600;
/** What the first callers meet is an empty centre: they are not counted. */
const COUNTED_FROM = HOUR / 2;
/** Seconds between looks at the queues: how finely old data is known. */
const LOOK = 10;
/** Seconds between two rounds of the optimizer: its default. */
const ROUND = 60;
/** Seconds between two questions for what came of late, and how old the answer is. */
const ASK = 300;
const TOLD_LATE = 60;

/** New weights from the present ones and what was seen, `atS` seconds after the start. */
export type Control = (now: readonly Target[], atS: number) => readonly number[];

/** The reference formula as it stands, at every look. */
export const bare: Control = (targets) =>
  targets.map(({ load }) =>
    load === null || load.slots === 0 ? 0.5 : 1 / (1 + load.interacting / load.slots),
  );

/** What no policy can know: the best shares of chance, at once. */
export function clairvoyant({ plan }: Scenario): () => Control {
  const turns = turningPoints(plan);
  const known = new Map(turns.map((at) => [at, bestShares(plan, at)]));
  return () => (targets, atS) => {
    const last = Math.max(...turns.filter((at) => at <= atS));
    return known.get(last) ?? targets.map(({ weight }) => weight);
  };
}

/** What is so of a queue at that second, as if it had been counted without end. */
type Truth = (index: number, atS: number, share: number) => Past;

/** The same as `controlled`, but what came and how long it takes is known for certain, and at once. */
export function toldTruth(policy: Policy, tuning: TuningSettings): (of: Scenario) => () => Control {
  return ({ plan }) => {
    const truth: Truth = (index, atS, share) => {
      const { ours, others, handleSeconds } = ratesAt(plan, atS);
      const [seconds, handled] = [1e9, 1e9];
      const perSecond = (others[index] ?? 0) + ours * share;
      const handledSeconds = handled * (handleSeconds[index] ?? 0);
      return { perSecond, seconds, handled, handledSeconds, openSeconds: null };
    };
    return controlled(policy, tuning, truth);
  };
}

/** A policy as the command runs it: it does not know how old the data is. */
export function controlled(policy: Policy, tuning: TuningSettings, truth?: Truth): () => Control {
  return () => {
    let movedAt: number | null = null;
    let memory = NO_MEMORY;
    return (targets, atS) => {
      const now = START_MS + atS * 1000;
      const names = targets.map(({ queue }) => queue);
      const byQueue = (of: (target: Target, index: number) => number): ByQueue =>
        Object.fromEntries(targets.map((one, index) => [one.queue, of(one, index)]));
      const weights = byQueue(({ weight }) => weight);
      const asked = now - (atS % ASK) * 1000 - TOLD_LATE * 1000;
      const span = [Math.max(START_MS, asked - WINDOW_MS), asked] as const;
      const shares = meanShares(memory, weights, names, span);
      const slots = byQueue(({ load, part = 1 }) => (load?.slots ?? 0) * part);
      const sum = targets.reduce((total, { weight }) => total + weight, 0);
      const seen = targets.map((one, index) => {
        const known = { ...one, slotsBefore: memory.slots[one.queue] };
        if (truth === undefined) return { ...known, meanShare: shares[index] };
        const meanShare = one.weight / sum;
        return { ...known, meanShare, past: truth(index, atS, meanShare) };
      });
      const decision = decide(policy, seen, tuning, { now, observedAt: now, movedAt });
      const next = targets.map(({ weight }, index) => decision.targets?.[index]?.to ?? weight);
      if (memory.moves.length === 0) {
        memory = { slots, moves: [{ at: now / 1000, weights }] };
      }
      if (next.some((weight, index) => weight !== targets[index]?.weight)) {
        movedAt = now;
        const after = byQueue((_, index) => next[index] ?? 1);
        memory = remembering(memory, { nowMs: now, before: weights, after, slots });
      }
      return next;
    };
  };
}

/** Calls that were handled in a queue, and the seconds that it took. */
type Handled = NonNullable<Past['earlier']>;

export interface Day {
  /** Mean seconds in line, of all callers, whichever strategy they came by. */
  readonly waitS: number;
  /** Part of the callers who gave up. */
  readonly abandoned: number;
  /** Swings of a share by 10 points one way after as many the other way, an hour; the worst queue. */
  readonly swings: number;
  /** Rounds that wrote a weight, an hour. */
  readonly moves: number;
  /** By queue: what the next day knows of this one. */
  readonly handled: readonly Handled[];
}

/**
 * Some hours of a scenario. `control` is `null` where the weights stay as they were written. `before`
 * is another day of it, of which a policy may know how long calls took.
 */
export function day(
  scenario: Scenario,
  seed: number | string,
  ageS: number,
  control: Control | null,
  before: readonly Handled[] = [],
): Day {
  const org = createOrg(scenario.org, { seed: typeof seed === 'number' ? seed : lanes(seed)[0] });
  const queues = [...org.queues.values()];
  const parts = partsOf(queues);
  const written = weightsIn(shared(org));
  const looks: Load[][] = [];
  const shares: number[][] = [];
  const due = new Set(scenario.staffing);
  let pasts: readonly (Past | null)[] = queues.map(() => null);
  let moves = 0;
  for (let atS = 0; atS <= HOURS * HOUR; atS += LOOK) {
    for (const event of due) {
      if (atS < event.at) continue;
      staff(org, queues[event.queue], event.off);
      due.delete(event);
    }
    advance(org, START_MS + atS * 1000);
    looks.push(queues.map((queue) => loadOf(org, queue)));
    if (control !== null && atS % ASK === 0) {
      pasts = queues.map((queue, index) => pastOf(org, queue, atS, before[index]));
    }
    const seen = looks.at(-1 - ageS / LOOK);
    if (control !== null && seen !== undefined && atS % ROUND === 0) {
      const strategy = shared(org);
      const targets = strategy.content.targets.map(
        ({ weight, capacity, priority }, index): Target => ({
          queue: `Queue ${index}`,
          tier: priority,
          weight,
          capacity,
          written: written[index] ?? 1,
          load: seen[index] ?? null,
          part: parts[index] ?? 1,
          past: pasts[index] ?? null,
        }),
      );
      const next = control(targets, atS);
      if (next.some((weight, index) => weight !== targets[index]?.weight)) moves += 1;
      weigh(org, strategy, next);
    }
    const weights = weightsIn(shared(org));
    const sum = weights.reduce((a, b) => a + b, 0);
    shares.push(weights.map((weight) => weight / sum));
  }
  // An instant that is compared with another never comes when it is a hair beside it.
  if (due.size > 0) throw new Error(`${scenario.name}: ${due.size} staffing events did not happen`);
  const since = START_MS + COUNTED_FROM * 1000;
  const over = org.conversations.filter(({ offeredAt }) => offeredAt >= since);
  const swings = queues.map((_, queue) => swingsIn(shares.map((one) => one[queue] ?? 0)));
  return {
    waitS: over.reduce((sum, { waitMs }) => sum + waitMs, 0) / over.length / 1000,
    abandoned: over.filter((one) => one.end === 'abandoned').length / over.length,
    swings: Math.max(...swings) / HOURS,
    moves: moves / HOURS,
    handled: queues.map(({ id }) =>
      handledIn(org.conversations.filter(({ queueId }) => queueId === id)),
    ),
  };
}

function handledIn(conversations: Org['conversations']): Handled {
  const answered = conversations.filter(({ end }) => end === 'answered');
  const ms = answered.reduce((sum, { handleMs }) => sum + handleMs, 0);
  return { handled: answered.length, handledSeconds: ms / 1000 };
}

/** An agent of several queues is a part of one in each. */
function partsOf(queues: readonly Queue[]): number[] {
  const queuesOf = new Map<string, number>();
  for (const id of queues.flatMap(({ memberIds }) => memberIds)) {
    queuesOf.set(id, (queuesOf.get(id) ?? 0) + 1);
  }
  return queues.map(({ memberIds }) => {
    const counted = memberIds.reduce((sum, id) => sum + 1 / (queuesOf.get(id) ?? 1), 0);
    return counted / memberIds.length;
  });
}

/** Of the hour that ended a while ago, or of as much as there has been; of calls that ended, three. */
function pastOf(org: Org, { id }: Queue, atS: number, earlier?: Handled): Past | null {
  const toS = atS - TOLD_LATE;
  const fromS = Math.max(0, toS - WINDOW_MS / 1000);
  if (toS <= fromS) return null;
  const openS = toS - HANDLING_MS / 1000;
  const [from, to] = [START_MS + fromS * 1000, START_MS + toS * 1000];
  const isIn = (at: number): boolean => at >= from && at < to;
  const ended = START_MS + Math.max(0, openS) * 1000;
  const ours = org.conversations.filter(({ queueId }) => queueId === id);
  const pending = [...(org.flow?.underWay ?? [])].filter(({ queueId }) => queueId === id);
  const offered = [...ours, ...pending].filter(({ offeredAt }) => isIn(offeredAt)).length;
  return {
    perSecond: offered / (toS - fromS),
    seconds: toS - fromS,
    ...handledIn(ours.filter(({ at }) => at >= ended && at < to)),
    ...(earlier === undefined ? {} : { earlier }),
    openSeconds: openS < 0 ? toS : null,
  };
}

function shared(org: Org): Strategy {
  const found = org.strategies.get(org.strategyNames.get('shared') ?? '');
  if (found === undefined) throw new Error('the centre has no strategy "shared"');
  return found;
}

function weightsIn({ content }: Strategy): number[] {
  return content.targets.map(({ weight }) => weight);
}

function weigh(org: Org, strategy: Strategy, weights: readonly number[]): void {
  const targets = strategy.content.targets.map((target, index) => ({
    ...target,
    weight: weights[index] ?? target.weight,
  }));
  org.strategies.set(strategy.id, { ...strategy, content: { ...strategy.content, targets } });
}

function staff(org: Org, queue: Queue | undefined, off: number): void {
  (queue?.memberIds ?? []).forEach((id, place) => {
    const user = org.users.get(id);
    if (user === undefined) return;
    if (place < off) user.status = 'offQueue';
    else if (user.status === 'offQueue') user.status = 'idle';
  });
}

function loadOf(org: Org, { memberIds, interacting, waiting }: Queue): Load {
  const slots = memberIds.filter((id) => org.users.get(id)?.status !== 'offQueue').length;
  return { slots, interacting, waiting };
}

const SWING = 0.1;

/** How often a series turns back by a swing after it went as far the other way. */
export function swingsIn(series: readonly number[]): number {
  let [extreme = 0] = series;
  let direction = 0;
  let turns = 0;
  for (const value of series) {
    const away = value - extreme;
    if (direction === 0 ? Math.abs(away) >= SWING : away * direction <= -SWING) {
      turns += direction === 0 ? 0 : 1;
      direction = Math.sign(away);
      extreme = value;
    } else if (away * direction > 0) extreme = value;
  }
  return turns;
}
