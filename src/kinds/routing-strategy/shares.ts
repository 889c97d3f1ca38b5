/**
 * Weights ↔ cumulative shares, which is what a call flow can pick by: with one random number r
 * from 0 to below 1, a tier's first target with r < share gets the interaction.
 *
 * A *tier* is neighbours of one priority: a flow takes them as they stand. A *share* is the part of
 * the tier's weight that a target and those before it have, in steps of 0.0001, so that a person
 * can read and type it. Rounding takes nothing away: a weight above 0 rises by one step at least,
 * however small it is, and the last of them ends at exactly 1. A weight of 0 does not rise and is
 * never picked. Where every weight is 0 or at least 0.0001 of its tier, no target is off by more
 * than 0.0001.
 *
 * Shares say less than weights: 1 and 1 have the shares of 2 and 2, and thirds are rounded. So
 * the way back takes the weights that were written for whatever still is as they made it.
 */

import { STEPS } from '../../core/weight.js';

export interface Weighted {
  readonly priority: number;
  /** Finite, not negative. */
  readonly weight: number;
}

export interface Shared {
  readonly priority: number;
  /** Any number: a person may have typed it. */
  readonly share: number;
}

/** The share of every target: ascending within a tier. */
export function sharesOf(targets: readonly Weighted[]): number[] {
  return perTier(targets, (tier) => sharesInTier(tier.map(({ of }) => of.weight)));
}

function sharesInTier(weights: readonly number[]): number[] {
  const parts = cumulative(weights);
  let left = weights.filter((weight) => weight > 0).length;
  let steps = 0;
  return weights.map((weight, place) => {
    if (weight > 0) {
      left -= 1;
      // One step up at least, and one step left for everyone who is still to come.
      steps = Math.min(Math.max(rounded(parts[place] ?? 0), steps + 1), STEPS - left);
    }
    return steps / STEPS;
  });
}

function rounded(part: number): number {
  return Math.round(part * STEPS);
}

/** Up to and with each weight, the part of them all; from 0 to 1, not rounded. */
function cumulative(weights: readonly number[]): number[] {
  // Divided by the largest, so that no sum overflows.
  const largest = Math.max(...weights);
  let sum = 0;
  const sums = weights.map((weight) => (sum += largest > 0 ? weight / largest : 0));
  return sums.map((part) => (sum > 0 ? part / sum : 0));
}

/**
 * The weight of every target, given those that were `written` in the same places. What nobody
 * touched has the weight that was written; a tier with an edited share is scaled to the weight that
 * its targets had together (to 1 where that is not known). `null` where no weight gives the share:
 * below the one before it, above 1, or the last of its tier and not 1.
 */
export function weightsOf(
  targets: readonly Shared[],
  written: readonly Weighted[],
): (number | null)[] {
  const origins = originsOf(written);
  return perTier(targets, (tier) => weightsInTier(tier, origins));
}

/** A target as it was written. */
interface Origin {
  readonly weight: number;
  readonly share: number;
  /** The share before it was rounded; the share itself where that was not all. */
  readonly part: number;
  /** Place of the one before it in its tier. */
  readonly previous: number | undefined;
}

function originsOf(written: readonly Weighted[]): Origin[] {
  return perTier(written, (tier) => {
    const weights = tier.map(({ of }) => of.weight);
    const [shares, parts] = [sharesInTier(weights), cumulative(weights)];
    return weights.map((weight, place) => {
      const [share, part] = [shares[place] ?? 0, parts[place] ?? 0];
      const isRounded = rounded(part) / STEPS === share;
      return { weight, share, part: isRounded ? part : share, previous: tier[place - 1]?.index };
    });
  });
}

function weightsInTier(
  tier: readonly Placed<Shared>[],
  origins: readonly Origin[],
): (number | null)[] {
  const known = tier.map(({ index }) => origins[index]?.weight ?? 0);
  const given = sharesInTier(known);
  if (tier.every(({ of }, place) => of.share === given[place])) return known;
  if (tier.every(({ of }) => of.share === 0)) return tier.map(() => 0);
  const sum = known.reduce((a, b) => a + b, 0);
  const total = sum > 0 && Number.isFinite(sum) ? sum : 1;
  const slots = tier.map(({ of: { share }, index }) => {
    const origin = origins[index];
    const touched = { share, index, origin: null, part: share };
    return origin?.share === share ? { share, index, origin, part: origin.part } : touched;
  });
  return slots.map(({ share, part, origin }, place) => {
    const before = slots[place - 1];
    const start = Math.max(0, before?.share ?? 0);
    const isLast = place === slots.length - 1;
    if (share < start || share > 1 || (isLast && share !== 1)) return null;
    if (share === start) return 0;
    const follows = origin?.previous === before?.index && before?.origin !== null;
    if (origin !== null && follows) return origin.weight;
    return legible(Math.max(0, part - Math.max(0, before?.part ?? 0)) * total);
  });
}

/** Two shares subtracted leave digits that nobody typed. */
function legible(weight: number): number {
  return Number(weight.toPrecision(6));
}

/** A target and its place among all. */
interface Placed<T> {
  readonly of: T;
  readonly index: number;
}

/** Answers tier by tier, put back into the order of the targets. */
function perTier<T extends { readonly priority: number }, R>(
  targets: readonly T[],
  answer: (tier: readonly Placed<T>[]) => readonly R[],
): R[] {
  const answers: R[] = [];
  let tier: Placed<T>[] = [];
  for (const [index, target] of targets.entries()) {
    // A tier is a run of neighbours, so the answers come in order.
    if (tier[0] !== undefined && tier[0].of.priority !== target.priority) {
      answers.push(...answer(tier));
      tier = [];
    }
    tier.push({ of: target, index });
  }
  if (tier.length > 0) answers.push(...answer(tier));
  return answers;
}
