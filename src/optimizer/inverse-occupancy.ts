/**
 * `inverse-occupancy`: weight = 1 / (1 + occupancy), with occupancy = interacting ÷ slots.
 *
 * Source: the reference formula of the strategies API. It is a number as it stands, 1 for an idle
 * queue and 0.5 for one whose agents are all busy, and is not scaled. It does not see size: a queue
 * of four agents gets as much as one of sixteen, and overflows.
 */
import type { Following } from './policy.js';

export const inverseOccupancy: Following = {
  steers: false,
  formula: '1 / (1 + interacting / slots)',
  unit: 'none',
  weights: (loads) => loads.map(({ slots, interacting }) => 1 / (1 + interacting / slots)),
};
