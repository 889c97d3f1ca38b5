/**
 * A circuit breaker: when the platform has answered nothing but errors for a while, it is left
 * alone for a while. Closed, requests pass; open, none does; after a pause one may try, and what
 * becomes of it decides.
 */

/** So many failures in a row, */
const LEAST_FAILURES = 5;
/** over so long a time: a moment's trouble is what retries are for. */
const SUSTAINED_MS = 10_000;
const PAUSE_MS = 30_000;

interface Failing {
  readonly sinceMs: number;
  readonly failures: number;
}

export class Breaker {
  private failing: Failing | null = null;
  private openedAtMs: number | null = null;
  /** The one request that may try while the circuit is half open has left. */
  private trying = false;

  /** Milliseconds until a request may try; `null` when the circuit lets this one through. */
  refusesForMs(nowMs: number): number | null {
    if (this.openedAtMs === null) return null;
    const left = this.openedAtMs + PAUSE_MS - nowMs;
    if (left > 0) return left;
    return this.trying ? PAUSE_MS : null;
  }

  left(): void {
    if (this.openedAtMs !== null) this.trying = true;
  }

  succeeded(): void {
    this.failing = null;
    this.openedAtMs = null;
    this.trying = false;
  }

  /** An answer that tells neither way: the next request may try. */
  undecided(): void {
    this.trying = false;
  }

  /** True when this failure has opened the circuit, or kept it open. */
  failed(nowMs: number): boolean {
    const { sinceMs, failures } = this.failing ?? { sinceMs: nowMs, failures: 0 };
    this.failing = { sinceMs, failures: failures + 1 };
    const isSustained = failures + 1 >= LEAST_FAILURES && nowMs - sinceMs >= SUSTAINED_MS;
    const isOpen = this.openedAtMs !== null || isSustained;
    this.trying = false;
    if (isOpen) this.openedAtMs = nowMs;
    return isOpen;
  }

  /** `12 s` of nothing but errors. */
  failingForMs(nowMs: number): number {
    return this.failing === null ? 0 : nowMs - this.failing.sinceMs;
  }
}
