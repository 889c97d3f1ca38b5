/** What workforce management is told of one strategy: the metadata of the strategies API. */
import type { JsonObject } from '../core/json.js';

/** Kept in the outbox until an endpoint has taken it; every attempt sends the same id and body. */
export interface Message {
  /** Sent as `webhook-id`: receivers tell a repetition by it. No dot may be in it. */
  readonly id: string;
  /** Of the strategy, `RoutingStrategy/billing`. */
  readonly address: string;
  readonly run: string;
  /** RFC 3339, UTC. */
  readonly queuedAt: string;
  /** JSON, byte for byte as it is signed and sent. */
  readonly body: string;
}

/** A strategy as it is in the org now; `deleted` once it is not there any more. */
export interface StrategyState {
  readonly address: string;
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** `{ id, priority, weight, capacity }`, `id` a queue's; none for a deleted strategy. */
  readonly targets: JsonObject['targets'];
}

/** One message a standing, in their order. `atMs`: when it was so, in milliseconds since 1970. */
export function messagesOf(
  run: string,
  standings: readonly StrategyState[],
  atMs: number,
): Message[] {
  const timestamp = new Date(atMs).toISOString();
  return standings.map(({ address, id, name, status, targets }, index) => ({
    id: `msg_${run}_${String(index + 1).padStart(5, '0')}`,
    address,
    run,
    queuedAt: timestamp,
    body: JSON.stringify({ strategy_id: id, name, status, targets, timestamp }),
  }));
}
