/** What a change will do to callers, as it is shown, and as a plan keeps it beside its digest. */

/**
 * One figure before and after. The range of the difference is that of the same callers met twice;
 * an hour by itself varies by more, by chance alone, and has a range of its own. Both hold eight
 * times of ten.
 */
export interface Compared {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  readonly differenceLow: number;
  readonly differenceHigh: number;
  /** Of a single hour after the change. */
  readonly hourLow: number;
  readonly hourHigh: number;
}

export interface PredictedQueue {
  readonly queue: string;
  readonly queueId: string;
  /** The promise of the queue: answered within so long. */
  readonly withinSeconds: number;
  /** Parts of all who are offered to it, 0 to 1; the second in seconds. */
  readonly served: Compared;
  readonly waitSeconds: Compared;
  readonly abandoned: Compared;
  readonly occupancy: Compared;
  /**
   * Whether what moves is more than chance: the range of the difference in calls in time leaves 0
   * out, or all of that in calls given up is over a point, or all of that in waits over 5 s.
   */
  readonly moves: boolean;
}

export interface Predicted {
  readonly address: string;
  /** Why there are no numbers; `null` where there are. */
  readonly refused: string | null;
  /** What a reader has to know of the change beside the numbers. */
  readonly notes: readonly string[];
  /** Calls of the window in its queues, and how far the model is from what they met; a part. */
  readonly calls: number;
  readonly fit: number | null;
  readonly queues: readonly PredictedQueue[];
  /** Said by formulae alone, because there was too much to play. */
  readonly byBooks?: true;
}

export interface Prediction {
  /** What it is made from; RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
  /** Of data: those of four weeks together, where another hour was asked for. */
  readonly hours: number;
  /** Whatever is asked for in the place of now: `tomorrow 10:00`. */
  readonly at?: string;
  /** By what the range of an hour was widened, where the environment says it. */
  readonly widen?: number;
  readonly strategies: readonly Predicted[];
}
