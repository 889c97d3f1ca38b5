/** How well predictions did, as it is shown. */

/** One queue and hour: calls answered in time, as parts of all that were judged. */
export interface Pair {
  readonly predicted: number;
  /** Of a single hour. */
  readonly low: number;
  readonly high: number;
  /** What "nothing changes" would have said. */
  readonly before: number;
  readonly realised: number;
  /** By what its range was widened when it was said; 1 unless said. */
  readonly widen?: number;
}

export interface Calibration {
  readonly pairs: number;
  /** How often the range of an hour held, and between what that is known. */
  readonly coverage: number;
  readonly coverageLow: number;
  readonly coverageHigh: number;
  /** Mean width of that range. */
  readonly width: number;
  /** Above 0: predicted better than it was. */
  readonly bias: number;
  /** Mean error, and that of "nothing changes". */
  readonly error: number;
  readonly nothing: number;
  /** Where it was said to move by more than 5 points: moved that way. */
  readonly directions: { readonly right: number; readonly of: number };
  /** By what half-widths are to be multiplied from now on; `null`: too few pairs to say. */
  readonly widen: number | null;
}
