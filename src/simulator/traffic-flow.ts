/** What is under way in an org that has traffic: callers, agents, and what happens next. */
import type { Queue } from './queue.js';

export interface Conversation {
  /** `null` for one that was there before the traffic began, which nobody counts. */
  readonly strategy: string | null;
  readonly queueId: string;
  readonly skillIds: readonly string[];
  readonly offeredAt: number;
  readonly handleMs: number;
  /** When an agent took it, or the caller gave up; `null` while it waits. */
  waitedUntil: number | null;
}

/** Turns of bursts have chance of their own: they are the same whoever arrives. */
export interface Turns {
  readonly chance: () => number;
  /** Which of the turns it is, and when it ends; milliseconds since the epoch. */
  current: number;
  endsAt: number;
}

export type Event =
  | { readonly is: 'arrival'; readonly rule: number }
  | { readonly is: 'end'; readonly agentId: string; readonly conversation: Conversation | null }
  | { readonly is: 'leave'; readonly conversation: Conversation };

export type Dated = Event & { readonly at: number; readonly turn: number };

/** What is under way. */
export interface TrafficFlow {
  /** When the traffic began, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly chances: readonly (() => number)[];
  /** Of each rule: the turn of its bursts that its last arrival fell into, and what came after. */
  readonly turnsOf: readonly Turns[];
  /** Offered to a queue, and not over. */
  readonly underWay: Set<Conversation>;
  /** A binary heap: the first is the next to happen. */
  readonly events: Dated[];
  /** Events so far; breaks ties. */
  turns: number;
  /** Who waits, by queue, in the order in which they came. */
  readonly lines: Map<string, Conversation[]>;
  /** Conversations that each agent has now. */
  readonly loads: Map<string, number>;
  /** Since when each agent has had nothing to do. */
  readonly idleSince: Map<string, number>;
  /** Interactions of a strategy in a queue: what a target's capacity limits. */
  readonly held: Map<string, number>;
  readonly queuesOf: ReadonlyMap<string, readonly Queue[]>;
}
