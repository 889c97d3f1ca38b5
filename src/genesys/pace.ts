/**
 * The platform's rate-limit protocol. Answers carry `inin-ratelimit-count` (requests of this token
 * in the window that is running), `inin-ratelimit-allowed` and `inin-ratelimit-reset` (seconds to
 * the end of the window, rounded up); a 429 has `retry-after` in seconds. Limits differ by
 * endpoint, so what counts is what the answers say, never a constant: BEHAVIOUR.md has the sources.
 *
 * A run sends what it may as fast as it can and then waits for the next window. Spreading requests
 * evenly would make every short run longer, and no other integration happier.
 */

import type { Budget } from '../core/rate-limit.js';

/** Two answers of one window may differ by this much in when they say that it ends. */
const SAME_WINDOW_MS = 1500;

interface Window {
  readonly allowed: number;
  /** As the last answers say; what is in flight is not in it yet. */
  readonly used: number;
  readonly endsAtMs: number;
}

export class Pace {
  private window: Window | null = null;
  private inFlight = 0;
  private heldUntilMs = 0;
  /** As last heard of: a 429 ends a window, and the limit stays. */
  private allowed: number | null = null;

  /** `leave`: the share of the limit that is left to others, from 0 to below 1. */
  constructor(private readonly leave: number) {}

  /** Milliseconds until the next request may go; 0 for now. */
  waitMs(nowMs: number): number {
    if (nowMs < this.heldUntilMs) return this.heldUntilMs - nowMs;
    const { window } = this;
    if (window === null || nowMs >= window.endsAtMs) return 0;
    return window.used + this.inFlight < this.shareOf(window.allowed) ? 0 : window.endsAtMs - nowMs;
  }

  /** Why a request has to wait. */
  reason(): string {
    if (this.window === null) return 'the platform asked to wait';
    const { allowed } = this.window;
    const share = this.shareOf(allowed);
    return `${share} of ${allowed} requests a minute are used; the rest is for others`;
  }

  left(): void {
    this.inFlight += 1;
  }

  /** `headers` are absent where no answer came; names in lower case. */
  returned(headers: Readonly<Record<string, string>> | null, nowMs: number): void {
    this.inFlight -= 1;
    const allowed = count(headers?.['inin-ratelimit-allowed']);
    const used = count(headers?.['inin-ratelimit-count']);
    const seconds = count(headers?.['inin-ratelimit-reset']);
    if (allowed === null || allowed === 0 || used === null || seconds === null) return;
    this.allowed = allowed;
    const endsAtMs = nowMs + seconds * 1000;
    const { window } = this;
    const isNew = window === null || nowMs >= window.endsAtMs;
    if (isNew || endsAtMs > window.endsAtMs + SAME_WINDOW_MS) {
      this.window = { allowed, used, endsAtMs };
      return;
    }
    // Answers overtake each other: what is used up never becomes less within a window.
    const most = Math.max(used, window.used);
    this.window = { allowed, used: most, endsAtMs: Math.max(endsAtMs, window.endsAtMs) };
  }

  /** A 429: nothing is sent before then, and what was counted until then counts no more. */
  hold(untilMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, untilMs);
    this.window = null;
  }

  /** Requests a minute; `null` until an answer has said. */
  perMinute(): number | null {
    return this.allowed === null ? null : this.shareOf(this.allowed);
  }

  /** What is in flight is not deducted yet. `null` where nothing was said that limits anything. */
  budget(nowMs: number): Budget | null {
    const perMinute = this.perMinute();
    if (nowMs < this.heldUntilMs) return { perMinute, left: 0, endsAtMs: this.heldUntilMs };
    if (perMinute === null) return null;
    const { window } = this;
    if (window === null || nowMs >= window.endsAtMs) {
      return { perMinute, left: perMinute, endsAtMs: nowMs };
    }
    const share = this.shareOf(window.allowed);
    return { perMinute, left: Math.max(0, share - window.used), endsAtMs: window.endsAtMs };
  }

  /** At least one: a share that rounds to nothing must not stop a run for good. */
  private shareOf(allowed: number): number {
    return Math.max(1, Math.floor(allowed * (1 - this.leave)));
  }
}

/** A whole number of a header; `null` for anything else. */
function count(header: string | undefined): number | null {
  return header !== undefined && /^\s*\d{1,9}\s*$/.test(header) ? Number(header) : null;
}
