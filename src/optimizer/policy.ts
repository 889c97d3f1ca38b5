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

/** What came to a queue of late, by whichever strategy. */
export interface Past {
  /** Calls offered a second, counted over so many seconds: the last hour. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Calls whose handling ended, and the seconds that it took, all together: of three hours. */
  readonly handled: number;
  readonly handledSeconds: number;
  /** The same of the rest of a day before them; absent where nobody knows. */
  readonly earlier?: { readonly handled: number; readonly handledSeconds: number };
  /** How long calls have come for, where that is less than those hours. */
  readonly openSeconds: number | null;
}

/** A queue as a policy with a memory needs it. */
export interface Situation extends Load {
  readonly weight: number;
  /** `null` where nobody knows. */
  readonly past: Past | null;
  /** Its mean share of the weights of its tier over the time that `past` is about. */
  readonly meanShare: number;
  /** Slots when its weight was last moved. */
  readonly slotsBefore: number;
}

interface Described {
  /** In plain characters, for people. */
  readonly formula: string;
  /** What the formula is measured in before it is scaled. */
  readonly unit: string;
}

/** Follows what is seen at the moment: the control around it keeps it from swinging. */
export interface Following extends Described {
  readonly steers: false;
  readonly wantsPast?: never;
  /**
   * One weight for each queue of a tier, finite and not negative; bounds come afterwards. Every
   * queue has a slot at least. `max` is the greatest weight that will be allowed.
   */
  weights(loads: readonly Load[], max: number): number[];
}

/** Knows where to go, and goes there: its numbers are means, or its steps are small. */
export interface Steering extends Described {
  readonly steers: true;
  /** It cannot do without `past`. */
  readonly wantsPast: boolean;
  /**
   * As above. `gain` is how much of what is seen at the moment counts. A text where nothing can be
   * said: why.
   */
  weights(queues: readonly Situation[], max: number, gain: number): number[] | string;
}

export type Policy = Following | Steering;

/** What agents have and what waits for them, in slots: above 1 where calls wait. */
export function strainOf({ slots, interacting, waiting }: Load): number {
  return (interacting + waiting) / slots;
}

/** Scaled so that the largest is `max`; all are `max` where nothing tells them apart. */
export function scaledTo(max: number, values: readonly number[]): number[] {
  const largest = Math.max(...values);
  return values.map((value) => (largest > 0 ? (value / largest) * max : max));
}
