/**
 * `headroom`: weight ∝ 2 · slots − interacting − waiting, and never below 0.
 *
 * Source: our own. It is how many interactions a queue could begin within one mean handle time:
 * the slots that are free now, and each slot once more as its call ends, less those who wait
 * already. The unit is interactions; the queue with most room gets the greatest weight. Most of it
 * is the number of slots, which our own weights do not move, so that little of it can swing; free
 * slots alone are nearly all swing. docs/optimizer.md has the figures.
 */
import { scaledTo, type Load, type Following } from './policy.js';

export const headroom: Following = {
  steers: false,
  formula: '2 x slots - interacting - waiting, relative to the greatest',
  unit: 'interactions',
  weights: (loads, max) => scaledTo(max, loads.map(room)),
};

function room({ slots, interacting, waiting }: Load): number {
  return Math.max(0, 2 * slots - interacting - waiting);
}
