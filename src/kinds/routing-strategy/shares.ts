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
  return perTier(targets, (from, to) => sharesInTier(weightsIn(targets, from, to)).shares);
}

function weightsIn(targets: readonly Weighted[], from: number, to: number): number[] {
  return targets.slice(from, to).map(({ weight }) => weight);
}

interface Shares {
  readonly shares: readonly number[];
  /** Up to and with each weight, the part of them all; from 0 to 1, not rounded. */
  readonly parts: readonly number[];
}

/** In loops: a function for each step takes the compiler longer than all tiers of an org. */
function sharesInTier(weights: readonly number[]): Shares {
  let largest = 0;
  let left = 0;
  for (const weight of weights) {
    largest = Math.max(largest, weight);
    if (weight > 0) left += 1;
  }
  // Divided by the largest, so that no sum overflows.
  let sum = 0;
  for (const weight of weights) sum += largest > 0 ? weight / largest : 0;
  const shares: number[] = [];
  const parts: number[] = [];
  let soFar = 0;
  let steps = 0;
  for (const weight of weights) {
    soFar += largest > 0 ? weight / largest : 0;
    const part = sum > 0 ? soFar / sum : 0;
    if (weight > 0) {
      left -= 1;
      // One step up at least, and one step left for everyone who is still to come.
      steps = Math.min(Math.max(rounded(part), steps + 1), STEPS - left);
    }
    parts.push(part);
    shares.push(steps / STEPS);
  }
  return { shares, parts };
}

function rounded(part: number): number {
  return Math.round(part * STEPS);
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
  return perTier(targets, (from, to) => weightsInTier(targets, from, to, written));
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
  return perTier(written, (from, to) => {
    const weights = weightsIn(written, from, to);
    const { shares, parts } = sharesInTier(weights);
    return weights.map((weight, place) => {
      const [share, part] = [shares[place] ?? 0, parts[place] ?? 0];
      const isRounded = rounded(part) / STEPS === share;
      const previous = place === 0 ? undefined : from + place - 1;
      return { weight, share, part: isRounded ? part : share, previous };
    });
  });
}

function weightsInTier(
  targets: readonly Shared[],
  from: number,
  to: number,
  written: readonly Weighted[],
): readonly (number | null)[] {
  const known: number[] = [];
  for (let index = from; index < to; index += 1) known.push(written[index]?.weight ?? 0);
  const given = sharesInTier(known).shares;
  const tier = targets.slice(from, to);
  if (tier.every(({ share }, place) => share === given[place])) return known;
  const origins = originsOf(written);
  if (tier.every(({ share }) => share === 0)) return tier.map(() => 0);
  const sum = known.reduce((a, b) => a + b, 0);
  const total = sum > 0 && Number.isFinite(sum) ? sum : 1;
  const slots = tier.map(({ share }, place) => {
    const index = from + place;
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

/** Answers tier by tier, each from one place to before another, in the order of the targets. */
function perTier<R>(
  targets: readonly { readonly priority: number }[],
  answer: (from: number, to: number) => readonly R[],
): R[] {
  const answers: R[] = [];
  let from = 0;
  for (let to = 1; to <= targets.length; to += 1) {
    // A tier is a run of neighbours, so the answers come in order.
    if (to < targets.length && targets[to]?.priority === targets[from]?.priority) continue;
    answers.push(...answer(from, to));
    from = to;
  }
  return answers;
}
