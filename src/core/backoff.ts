/** How long to wait before a request is sent again. */

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Full jitter: anything from nothing to a bound that doubles with every try, so that clients that
 * failed together do not come back together (Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015). `tries` counts from 1, `chance` is uniform in [0, 1).
 */
export function fullJitterMs({ firstMs, mostMs }: Backoff, tries: number, chance: number): number {
  return chance * Math.min(mostMs, firstMs * 2 ** (tries - 1));
}
