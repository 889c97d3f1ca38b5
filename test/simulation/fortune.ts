/** What befalls one run from outside: it is killed, told to stop, or finds its disk full. */

/** By the number of the moment at which it happens, from 1; absent: it does not. */
export interface Misfortune {
  readonly killAt?: number;
  readonly stopAt?: number;
  /** Only so many moments see a full disk; then there is room again. */
  readonly fullDiskAt?: number;
}

const FULL_FOR_MOMENTS = 20;

/** Promises of a run that was killed never settle: nothing of it goes on. */
const NEVER = new Promise<never>(() => undefined);

/** Counts the moments of a run: a request leaves, arrives or is answered, a record is written. */
export class Fortune {
  moments = 0;
  /** The moment at which the run was killed, in words. */
  killedAt: string | null = null;
  /** Resolves when the run is killed. */
  readonly killed: Promise<'killed'>;
  /** Rejects never: resolves when the run is told to stop. */
  readonly stopped: Promise<'stopped'>;
  private kill: () => void = () => undefined;
  private stop: () => void = () => undefined;

  constructor(private readonly misfortune: Misfortune) {
    this.killed = new Promise((resolve) => (this.kill = () => resolve('killed')));
    this.stopped = new Promise((resolve) => (this.stop = () => resolve('stopped')));
  }

  /** `last` is done when the run is killed at this very moment. */
  moment(name: string, last?: () => void): Promise<void> {
    if (this.killedAt !== null) return NEVER;
    this.moments += 1;
    if (this.moments === this.misfortune.stopAt) this.stop();
    if (this.moments !== this.misfortune.killAt) return Promise.resolve();
    this.killedAt = name;
    last?.();
    this.kill();
    return NEVER;
  }

  isStopped(): boolean {
    return this.moments >= (this.misfortune.stopAt ?? Infinity);
  }

  /** From here on something could not be recorded. */
  hasFoundDiskFull(): boolean {
    return this.moments >= (this.misfortune.fullDiskAt ?? Infinity);
  }

  diskIsFull(): boolean {
    const from = this.misfortune.fullDiskAt ?? Infinity;
    return this.moments >= from && this.moments < from + FULL_FOR_MOMENTS;
  }

  /** The process is gone, whatever it still wanted. */
  over(): void {
    this.killedAt ??= 'its end';
  }
}
