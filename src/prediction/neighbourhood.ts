/** Queues and strategies that hang together, and what one run of them came to. */
import type { Tally } from './centre.js';
import type { Traits } from './fit.js';
import type { Groups } from './groups.js';
import type { Flow, MeasuredQueue } from './measured.js';

export interface Neighbourhood {
  readonly flows: readonly Flow[];
  readonly queues: readonly MeasuredQueue[];
  readonly traits: readonly Traits[];
  /** Calls of each of the flows, and of others in each queue. */
  readonly own: readonly number[];
  readonly others: readonly number[];
  readonly agents: Groups;
  /** The same as `agents` unless there are to be more or fewer. */
  readonly agentsAfter: Groups;
  /** Of each queue: the calls that are to come, as a factor of those that do. */
  readonly factors: readonly number[];
  /** Quarters of an hour that count. */
  readonly parts: number;
  /** Those before them had no call. */
  readonly isOpening: boolean;
}

/** By hour, then by queue. */
export interface Pair {
  readonly before: readonly (readonly Tally[])[];
  readonly after: readonly (readonly Tally[])[];
}
