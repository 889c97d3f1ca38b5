/** What a round of the optimizer came to, as it is shown and recorded. */
import type { Address } from './types.js';

/**
 * `planned`: weights move, and nobody has written them yet. `moved`, `failed`: what became of that.
 * `steady`: none would move by more than the dead band. `held`: none may move, for `reason`.
 * `unknown`: the manifest names what the org does not have.
 */
export type RoundState = 'planned' | 'moved' | 'failed' | 'steady' | 'held' | 'unknown';

export interface RoundTarget {
  readonly queue: string;
  readonly from: number;
  readonly to: number;
  /** What the policy would like, within bounds; `null` where nobody asked it. */
  readonly aim: number | null;
  /** Counts of the queue; `null` where the platform reported none. */
  readonly slots: number | null;
  readonly interacting: number | null;
  readonly waiting: number | null;
}

export interface StrategyRound {
  readonly address: Address;
  readonly state: RoundState;
  /** Empty where there is nothing to say. */
  readonly reason: string;
  readonly targets: readonly RoundTarget[];
}

/** `skipped`: another run holds the lock. `failed`: it could not be carried out, for `reason`. */
export interface RoundReport {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** From 1. */
  readonly round: number;
  readonly run: string | null;
  readonly state: 'done' | 'dry-run' | 'skipped' | 'failed';
  readonly reason: string;
  readonly strategies: readonly StrategyRound[];
  /** Requests that the round took. */
  readonly requests: number;
}
