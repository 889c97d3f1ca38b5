/**
 * A clock for a command line and an org that share a process: it goes as the machine's does, but
 * whoever sleeps is woken at once, in order, and the time that was to pass has passed.
 */
import type { Clock } from '../../src/engine/ports.js';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class HurriedClock implements Clock {
  private skipped = 0;
  private sleepers: Sleeper[] = [];

  /** By how much this clock is ahead of the machine's. */
  skippedMs(): number {
    return this.skipped;
  }

  readonly now = (): number => Date.now() + this.skipped;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.sleepers.push({ atMs: this.now() + Math.max(0, ms), wake });
      if (this.sleepers.length === 1) this.wakeSoon();
    });

  /** After what else can go on by itself has begun, such as to send its request. */
  private wakeSoon(): void {
    setTimeout(() => {
      const next = Math.min(...this.sleepers.map(({ atMs }) => atMs));
      this.skipped += Math.max(0, next - this.now());
      const due = this.sleepers.filter(({ atMs }) => atMs <= this.now());
      this.sleepers = this.sleepers.filter((one) => !due.includes(one));
      due.sort((a, b) => a.atMs - b.atMs).forEach(({ wake }) => wake());
      if (this.sleepers.length > 0) this.wakeSoon();
    }, 1);
  }
}
