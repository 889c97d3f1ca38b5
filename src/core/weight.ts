/** How fine weights are, and the shares that a data table has of them. */

/** So many make up the whole. */
export const STEPS = 10_000;

/** As a weight is written: two that differ by less are one. */
export function rounded(weight: number): number {
  return Math.round(weight * STEPS) / STEPS;
}
