/** What the platform has counted of queues and strategies, as a prediction needs it. */
import type { Figures } from '../core/metrics.js';

export interface MeasuredQueue {
  readonly id: string;
  readonly name: string;
  readonly withinSeconds: number;
  /** By quarters of an hour, oldest first; one without calls is there, and empty. */
  readonly parts: readonly Figures[];
  /** Calls that its agents on queue can have at once; `null` where the platform does not say. */
  readonly slots: number | null;
  /** Nobody knows who is there then: so many as the callers of `parts` must have met. */
  readonly isGuessed?: true;
  /** How many agents are on queue; absent where that was not counted. */
  readonly onQueue?: number;
  /** Who is in it; `null` where nobody asked. */
  readonly members: readonly string[] | null;
}

/** Ways by the ids of queues, of fields as they are before or after a change. */
export interface Ways {
  readonly tiers: readonly (readonly {
    readonly queue: string;
    readonly weight: number;
    readonly capacity: number | null;
  }[])[];
  readonly fallback: string | null;
}

export interface Flow {
  readonly address: string;
  readonly before: Ways;
  /** The same as `before` where nothing changes. */
  readonly after: Ways;
  readonly changes: boolean;
  /** Why nothing can be said of it, whatever the numbers are; `null` where it can. */
  readonly refused: string | null;
  readonly notes: readonly string[];
  /** Mean shares of the weights of its first tier over the window, where they have moved. */
  readonly shares: Readonly<Record<string, number>> | null;
  /** So many of the newest parts were counted under the ways of `before`; absent: all of them. */
  readonly settledParts?: number;
}

/** What if, though nothing of the routing changes: by the ids of queues. */
export interface WhatIf {
  /** Calls that the agents on queue could have at once. */
  readonly slots: ReadonlyMap<string, number>;
  /** Calls that come, as a factor of those that do now. */
  readonly calls: ReadonlyMap<string, number>;
}

export interface Asked {
  readonly queues: readonly MeasuredQueue[];
  /** Every active strategy that leads to one of the queues. */
  readonly flows: readonly Flow[];
  /** Whatever is in it, the same seed and numbers are the same prediction. */
  readonly seed: string;
  /** Then every flow that `changes` is shown whole, moved or not. */
  readonly whatIf?: WhatIf;
  /** The ranges of an hour are wider by this: what earlier ones have shown to be needed. */
  readonly widen?: number;
  /** Most times that a neighbourhood is played; fewer is quicker, and its ranges are rougher. */
  readonly mostRuns?: number;
}

export const PART_SECONDS = 900;

/** Every queue that calls may be sent to. */
export function queuesIn({ tiers, fallback }: Ways): string[] {
  const ids = [...tiers.flat().map(({ queue }) => queue), ...(fallback === null ? [] : [fallback])];
  return [...new Set(ids)];
}

/** Shares of the tier that takes the calls, as long as it has room. */
export function sharesIn({ tiers, fallback }: Ways): ReadonlyMap<string, number> {
  for (const tier of tiers) {
    const sum = tier.reduce((total, { weight }) => total + weight, 0);
    if (sum > 0) return new Map(tier.map(({ queue, weight }) => [queue, weight / sum]));
  }
  return new Map(fallback === null ? [] : [[fallback, 1]]);
}

/** A target with so many times as many calls as agents would have a line that nobody stays in. */
const OUT_OF_REACH = 3;

/** The same without the capacities that no target comes to: those keep no call from it. */
export function withinReach(asked: Asked): Asked {
  const slots = new Map(asked.queues.map((one) => [one.id, one.slots]));
  const reached = (queue: string, capacity: number): boolean => {
    const now = slots.get(queue) ?? null;
    const most = Math.max(now ?? 0, asked.whatIf?.slots.get(queue) ?? 0);
    return now === null || capacity < OUT_OF_REACH * most;
  };
  const within = ({ tiers, fallback }: Ways): Ways => ({
    tiers: tiers.map((tier) =>
      tier.map((one) =>
        one.capacity === null || reached(one.queue, one.capacity)
          ? one
          : { ...one, capacity: null },
      ),
    ),
    fallback,
  });
  const flows = asked.flows.map((flow) => ({
    ...flow,
    before: within(flow.before),
    after: within(flow.after),
  }));
  return { ...asked, flows };
}

/** Whether calls may go past the first tier: one of its targets may be full. */
export function overflows({ tiers, fallback }: Ways): boolean {
  const [first = [], ...rest] = tiers.filter((tier) => tier.some(({ weight }) => weight > 0));
  const hasMore = rest.length > 0 || fallback !== null || first.length > 1;
  return hasMore && first.some(({ weight, capacity }) => weight > 0 && capacity !== null);
}

/** Every queue that calls come to: no later tier, and no fallback, while the first has room. */
export function reachedIn(ways: Ways): string[] {
  if (overflows(ways)) return queuesIn(ways);
  return [...sharesIn(ways)].flatMap(([id, share]) => (share > 0 ? [id] : []));
}
