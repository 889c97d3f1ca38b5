/**
 * Whose the calls of a queue are. The platform counts by queue and knows no strategies; a strategy
 * whose weights are known leaves a pattern, though: the same calls in the shares of its weights.
 * What fits no pattern is others' and stays where it is, whatever the change.
 *
 * The greatest streams that the counts admit are looked for: first as if everything were of some
 * strategy (Poisson likelihood, by the multiplicative steps of Richardson and Lucy), then each is
 * cut back to what is there. A count may miss its stream by chance, which is no sign of others.
 */
export interface Counted {
  /** Calls of the window by queue. */
  readonly calls: ReadonlyMap<string, number>;
  /** Shares of each strategy by queue. */
  readonly shares: readonly ReadonlyMap<string, number>[];
}

export interface Told {
  /** Calls of each strategy. */
  readonly own: readonly number[];
  /** Calls of nobody known, by queue. */
  readonly others: ReadonlyMap<string, number>;
}

const STEPS = 200;
/** Deviations within which a count is one that happens. */
const BY_CHANCE = 2;

export function toldApart({ calls, shares }: Counted): Told {
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
  let own = shares.map(() => all / Math.max(1, shares.length));
  const modelled = (id: string): number =>
    shares.reduce((sum, share, index) => sum + (own[index] ?? 0) * (share.get(id) ?? 0), 0);
  const known = (share: ReadonlyMap<string, number>): [string, number][] =>
    [...share].filter(([id, part]) => part > 0 && calls.has(id));
  for (let step = 0; step < STEPS; step += 1) {
    own = shares.map((share, index) => {
      const parts = known(share);
      const whole = parts.reduce((sum, [, part]) => sum + part, 0);
      if (whole === 0) return 0;
      const ratio = parts.reduce((sum, [id, part]) => {
        const model = modelled(id);
        return model === 0 ? sum : sum + (part * (calls.get(id) ?? 0)) / model;
      }, 0);
      return ((own[index] ?? 0) * ratio) / whole;
    });
  }
  const fits = [...calls].every(([id, count]) => {
    const model = modelled(id);
    return Math.abs(count - model) <= BY_CHANCE * Math.sqrt(Math.max(count, model, 1));
  });
  if (fits) return { own, others: new Map([...calls.keys()].map((id) => [id, 0])) };
  const cut = shares.map((share) => {
    const room = known(share).map(([id]) => (calls.get(id) ?? 0) / modelled(id));
    return Math.min(1, ...room);
  });
  own = own.map((count, index) => count * (cut[index] ?? 1));
  // Cut back for one queue, a strategy may have room again in all of its own.
  own = own.map((count, index) => count + roomFor(index));
  return {
    own,
    others: new Map([...calls].map(([id, count]) => [id, Math.max(0, count - modelled(id))])),
  };

  function roomFor(index: number): number {
    const parts = known(shares[index] ?? new Map<string, number>());
    const room = parts.map(([id, part]) => ((calls.get(id) ?? 0) - modelled(id)) / part);
    return parts.length === 0 ? 0 : Math.max(0, Math.min(...room));
  }
}
