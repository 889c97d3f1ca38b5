/**
 * Events → what is being done at the moment, how far it is and how long it will take. Knows no
 * clock: whoever tells or asks says what time it is.
 */
import { plural } from '../core/plural.js';
import { durationOf, MOST_AT_ONCE, type Budget } from '../core/rate-limit.js';
import type { Event } from '../engine/ports.js';

/** How things stand at one instant. */
export interface ActivityState {
  /** `reading the org` */
  readonly what: string;
  readonly unit: 'request' | 'change';
  readonly done: number;
  /** As far as is known: a listing has one page until its first page says how many. */
  readonly of: number;
  /** Milliseconds to the end, by the pace so far and the rate limit; `null` where none can say. */
  readonly leftMs: number | null;
  /** Milliseconds since it began. */
  readonly forMs: number;
  readonly wait: Wait | null;
  /** No request is open and nothing is waited for: what comes next, or whether, is not known. */
  readonly resting: boolean;
}

/** What nothing goes on without. */
export type Wait =
  /** Until more requests may be sent. */
  | { readonly for: 'limit'; readonly leftMs: number }
  | { readonly for: 'other'; readonly reason: string; readonly sinceMs: number };

/** Between one request and the next something is written to disk: that is no end. */
const GAP_MS = 500;
/** So long after a wait it is asked whether it is over. */
const LOOK_MS = 2000;
/** An end that is so long overdue was reckoned wrong. */
const OVERDUE_MS = 3000;
/** Part of the running mean that the newest answer has. */
const NEWS = 0.3;
const ANYTHING = 'asking the org';
const CHANGES = 'making changes';

/** Work of one kind: from a `doing` on, or from a request after a time without any. */
interface Stretch {
  readonly what: string;
  readonly beganMs: number;
  /** Requests, in it. */
  readonly answered: number;
  /** Requests that it will take in all, where that is known beforehand. */
  readonly expected: number;
  readonly changes: { readonly done: number; readonly of: number } | null;
}

interface Pause {
  readonly key: string;
  readonly reason: string;
  readonly beganMs: number;
  readonly untilMs: number;
}

export class Activity {
  private stretch: Stretch | null = null;
  /** Requests that were asked for and are not done with. */
  private open = 0;
  private lastMs = -Infinity;
  private answeredMs = -Infinity;
  /** What an answer takes, a running mean; 0 where that is not known. */
  private tookMs = 0;
  private budget: Budget | null = null;
  private pause: Pause | null = null;
  private readonly limit = new Waited();

  apply(event: Event, nowMs: number): void {
    switch (event.type) {
      case 'observing':
        return this.begin(nowMs, { what: 'reading the org' });
      case 'doing':
        return this.begin(nowMs, event);
      case 'observed':
        return this.turn({ what: ANYTHING });
      case 'importing':
        return this.turn({ what: `importing ${plural(event.rows, event.what)}` });
      case 'change-started':
        return this.turn({ what: CHANGES });
      case 'change-ended':
        return this.changed(nowMs);
      case 'asked':
        if (this.isIdle(nowMs)) this.begin(nowMs, { what: ANYTHING });
        this.open += 1;
        return;
      case 'answered':
        // Those of before this began to count are none of its own.
        this.open = Math.max(0, this.open - 1);
        this.lastMs = nowMs;
        this.answeredMs = nowMs;
        this.budget = event.budget;
        this.took(event.tookMs);
        return this.turn({ answered: (this.stretch?.answered ?? 0) + 1 });
      case 'waiting':
        return this.wait(event, nowMs);
      case 'request':
      case 'step':
      case 'checked':
      case 'not-imported':
      case 'circuit-open':
      case 'warning':
      case 'told':
        return;
    }
  }

  /** `null` where nothing is under way. */
  at(nowMs: number): ActivityState | null {
    const { stretch } = this;
    if (stretch === null || this.isIdle(nowMs)) return null;
    const { what, changes, beganMs } = stretch;
    const ofChanges = what === CHANGES && changes !== null && changes.of > 0;
    const requests = { done: stretch.answered, of: stretch.answered + this.left(stretch) };
    const resting = this.open === 0 && nowMs >= this.waitUntilMs();
    return {
      what,
      resting,
      unit: ofChanges ? 'change' : 'request',
      ...(ofChanges ? changes : requests),
      leftMs: this.leftMs(stretch, nowMs),
      forMs: nowMs - beganMs,
      wait: this.waitAt(nowMs),
    };
  }

  private begin(
    nowMs: number,
    { what, changes, requests = 0 }: Omit<Extract<Event, { type: 'doing' }>, 'type'>,
  ): void {
    this.stretch = {
      what,
      beganMs: nowMs,
      answered: 0,
      expected: requests,
      changes: changes === undefined ? null : { done: 0, of: changes },
    };
    this.lastMs = nowMs;
    this.pause = null;
    this.limit.restart(nowMs);
  }

  private took(ms: number): void {
    this.tookMs = this.tookMs === 0 ? ms : this.tookMs + NEWS * (ms - this.tookMs);
  }

  private turn(into: Partial<Stretch>): void {
    if (this.stretch !== null) this.stretch = { ...this.stretch, ...into };
  }

  private changed(nowMs: number): void {
    const { changes = null } = this.stretch ?? {};
    if (changes === null) return;
    this.lastMs = nowMs;
    if (changes.done + 1 >= changes.of) this.begin(nowMs, { what: ANYTHING });
    else this.turn({ changes: { ...changes, done: changes.done + 1 } });
  }

  private wait({ reason, ms, limit }: Extract<Event, { type: 'waiting' }>, nowMs: number): void {
    if (this.isIdle(nowMs)) this.begin(nowMs, { what: ANYTHING });
    const untilMs = nowMs + ms;
    if (limit) return this.limit.wait(nowMs, untilMs);
    // Who holds a lock is said with how long it has been held.
    const key = reason.replace(/, \d+ (?:min|h)\b/, '');
    const before = this.pause;
    const isSame = before?.key === key && nowMs < before.untilMs + LOOK_MS;
    this.pause = { key, reason, beganMs: isSame ? before.beganMs : nowMs, untilMs };
  }

  private isIdle(nowMs: number): boolean {
    return this.open === 0 && nowMs >= Math.max(this.lastMs, this.waitUntilMs()) + GAP_MS;
  }

  private waitUntilMs(): number {
    return Math.max(this.pause?.untilMs ?? -Infinity, this.limit.untilMs);
  }

  /** Requests that are to be answered, as far as is known. */
  private left({ what, answered, expected, changes }: Stretch): number {
    const unmade = what === CHANGES && changes !== null ? changes.of - changes.done : 0;
    return Math.max(this.open, expected - answered, unmade);
  }

  /** Reckoned at the last answer, so that it counts down until the next one. */
  private leftMs(stretch: Stretch, nowMs: number): number | null {
    const { answered, beganMs } = stretch;
    const requests = this.left(stretch);
    if (answered === 0 || requests === 0) return null;
    const atMs = this.answeredMs;
    const meanMs = (atMs - beganMs - this.limit.upTo(atMs)) / answered;
    // One after the other there is more to a request than its answer; side by side there is not,
    // and how many are will have changed: a login is alone, and a listing's pages come together.
    const isAlone = this.open <= 1 || this.tookMs === 0;
    const eachMs = isAlone ? meanMs : this.tookMs / Math.min(this.open, MOST_AT_ONCE);
    const leftMs = durationOf({ requests, eachMs, budget: this.budget }, atMs) - (nowMs - atMs);
    return leftMs < -OVERDUE_MS ? null : Math.max(0, leftMs);
  }

  private waitAt(nowMs: number): Wait | null {
    const { pause, limit } = this;
    if (nowMs < limit.untilMs) return { for: 'limit', leftMs: limit.untilMs - nowMs };
    if (pause === null || nowMs >= pause.untilMs + LOOK_MS) return null;
    return { for: 'other', reason: pause.reason, sinceMs: pause.beganMs };
  }
}

/** Time that was, and is to be, spent waiting for the rate limit. */
class Waited {
  untilMs = -Infinity;
  private totalMs = 0;

  wait(fromMs: number, untilMs: number): void {
    this.totalMs += Math.max(0, untilMs - Math.max(fromMs, this.untilMs));
    this.untilMs = Math.max(this.untilMs, untilMs);
  }

  /** What is still to be waited counts for what begins now. */
  restart(nowMs: number): void {
    this.totalMs = Math.max(0, this.untilMs - nowMs);
  }

  upTo(nowMs: number): number {
    return this.totalMs - Math.max(0, this.untilMs - nowMs);
  }
}
