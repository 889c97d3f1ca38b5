/** What a policy is: from what happens in the queues of a tier, the weights that it would like. */

/** A queue as it was observed: counts. */
export interface Load {
  /** Interactions that its agents on queue can have at once. */
  readonly slots: number;
  /** Interactions with an agent. */
  readonly interacting: number;
  /** Interactions that wait for one. */
  readonly waiting: number;
}

export interface Policy {
  /** In plain characters, for people. */
  readonly formula: string;
  /** What the formula is measured in before it is scaled. */
  readonly unit: string;
  /**
   * One weight for each queue of a tier, finite and not negative; bounds come afterwards. Every
   * queue has a slot at least. `max` is the greatest weight that will be allowed.
   */
  weights(loads: readonly Load[], max: number): number[];
}

/** What agents have and what waits for them, in slots: above 1 where calls wait. */
export function strainOf({ slots, interacting, waiting }: Load): number {
  return (interacting + waiting) / slots;
}

/** Scaled so that the largest is `max`; all are `max` where nothing tells them apart. */
export function scaledTo(max: number, values: readonly number[]): number[] {
  const largest = Math.max(...values);
  return values.map((value) => (largest > 0 ? (value / largest) * max : max));
}
