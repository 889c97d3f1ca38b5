/** How long requests take where only so many a minute may be sent. */

/** What the platform's limit leaves to us. Its windows last a minute. */
export interface Budget {
  /** Requests of a whole window; `null` where the platform has not said. */
  readonly perMinute: number | null;
  /** Requests of the window that is running. */
  readonly left: number;
  /** Milliseconds since 1970 UTC. */
  readonly endsAtMs: number;
}

export interface Work {
  readonly requests: number;
  /** From one answer to the next while nothing waits for the limit. */
  readonly eachMs: number;
  /** `null` where nothing limits them. */
  readonly budget: Budget | null;
}

/** Requests in flight: enough to hide the round trip, few enough not to burst the rate limit. */
export const MOST_AT_ONCE = 10;

const WINDOW_MS = 60_000;

/**
 * Milliseconds until the last of so many requests is answered: what the running window still
 * allows, then a window after the other, the last of them only as far as it is needed.
 */
export function durationOf({ requests, eachMs, budget }: Work, nowMs: number): number {
  if (budget === null || requests <= budget.left) return requests * eachMs;
  const runningMs = Math.max(budget.endsAtMs - nowMs, budget.left * eachMs);
  const rest = requests - budget.left;
  if (budget.perMinute === null) return runningMs + rest * eachMs;
  const whole = Math.ceil(rest / budget.perMinute) - 1;
  const wholeMs = whole * Math.max(WINDOW_MS, budget.perMinute * eachMs);
  return runningMs + wholeMs + (rest - whole * budget.perMinute) * eachMs;
}

/** Whole minutes that so many requests take, about; `null` where one window has room for them. */
export function minutesFor(requests: number, perMinute: number | null): number | null {
  if (perMinute === null || requests <= perMinute) return null;
  return Math.max(1, Math.round(requests / perMinute));
}
