/**
 * Shows what takes long, while it does: a bar on a terminal, a line every few seconds elsewhere.
 * Looks at the clock of the world and is woken by it; only what is under way keeps it awake.
 */
import type { Event } from '../engine/ports.js';
import { Activity } from './activity.js';
import { progressBar, progressLine } from './progress-text.js';
import type { World } from './world.js';

/** What is over sooner shows nothing. */
const LONG_MS = 2000;
const EVERY_MS = { bar: 200, lines: 500 } as const;
/** From one line to the next, for the first of them and for all others: logs stay short. */
const FIRST = { lines: 3, pauseMs: 5000 };
const PAUSE_MS = 15_000;

/** The parts of the world that it needs. */
export type Screen = Pick<World, 'clock' | 'every' | 'status' | 'err' | 'errStyle'>;

export class ProgressDisplay {
  private activity = new Activity();
  private sleep: (() => void) | null = null;
  /** Since when something has been under way without a pause. */
  private sinceMs = 0;
  private lines = 0;
  private nextLineMs = -Infinity;

  constructor(private readonly screen: Screen) {}

  apply(event: Event): void {
    const { clock, status, every } = this.screen;
    const now = clock.now();
    this.activity.apply(event, now);
    if (this.sleep !== null || this.activity.at(now) === null) return;
    this.sinceMs = now;
    this.sleep = every(status === null ? EVERY_MS.lines : EVERY_MS.bar, () => this.show());
  }

  /** Whatever was under way is no longer of interest. */
  end(): void {
    this.sleep?.();
    this.sleep = null;
    this.activity = new Activity();
    this.screen.status?.clear();
  }

  private show(): void {
    const { clock, status, err, errStyle } = this.screen;
    const now = clock.now();
    const standing = this.activity.at(now);
    if (standing === null) return this.end();
    if (standing.resting || now - this.sinceMs < LONG_MS) return;
    if (status !== null) {
      return status.draw(errStyle.faint(progressBar(standing, now, status.columns())));
    }
    if (now < this.nextLineMs) return;
    this.lines += 1;
    this.nextLineMs = now + (this.lines <= FIRST.lines ? FIRST.pauseMs : PAUSE_MS);
    err(`${errStyle.faint(progressLine(standing, now))}\n`);
  }
}
