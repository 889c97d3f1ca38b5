/**
 * `least-wait`: weight ∝ slots / (1 + estimated wait), the wait in mean handle times.
 *
 * Source: H. Sakasegawa, "An approximation formula Lq ≃ α·ρ^β/(1−ρ)", Annals of the Institute of
 * Statistical Mathematics 29 (1977): with c slots and ρ of them in use a call waits
 * ρ^(√(2(c+1))−1) / (c(1−ρ)) handle times. ρ is taken as 0.95 at most; what is beyond the slots
 * adds its own time. The greatest quotient gets the greatest weight. Waits rise steeply near full
 * queues, which makes this the quickest of the policies, and the first to swing on old data.
 */
import { scaledTo, strainOf, type Load, type Following } from './policy.js';

export const leastWait: Following = {
  steers: false,
  formula: 'slots / (1 + wait), relative to the greatest',
  unit: 'mean handle times',
  weights: (loads, max) =>
    scaledTo(
      max,
      loads.map((load) => load.slots / (1 + estimatedWait(load))),
    ),
};

/** The formula has no answer at 1. */
const BUSIEST = 0.95;

/** How long one more call would wait, in mean handle times. */
export function estimatedWait(load: Load): number {
  const { slots, interacting, waiting } = load;
  const busy = Math.min(strainOf(load), BUSIEST);
  const queueing = busy ** (Math.sqrt(2 * (slots + 1)) - 1) / (slots * (1 - busy));
  return queueing + Math.max(0, interacting + waiting - slots) / slots;
}
