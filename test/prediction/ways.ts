/** Ways of a strategy, and what becomes of them, as a prediction is asked of them. */
import type { Flow, Ways } from '../../src/prediction/measured.js';

export function waysOf(ids: readonly string[], weights: readonly number[]): Ways {
  const tier = ids.map((queue, index) => ({ queue, weight: weights[index] ?? 1, capacity: null }));
  return { tiers: [tier], fallback: null };
}

export function flowOf(before: Ways, after: Ways, over: Partial<Flow> = {}): Flow {
  const same = { changes: true, refused: null, notes: [], shares: null };
  return { address: 'RoutingStrategy/shared', before, after, ...same, ...over };
}
