/**
 * A run that is to end. The first signal gives what is under way a moment to come to its own end;
 * what would take longer is given up: waits at once, requests when the moment is over. Then the
 * lock is given back and the log closed, in a moment more. A second signal leaves out both.
 */
import { Interrupted } from '../core/errors.js';
import { steadyMs, type Clock, type Stopping } from '../engine/ports.js';
import type { World } from './world.js';

export interface Moments {
  /** For what is under way. */
  readonly workMs: number;
  /** For the lock, and for what else has to be given back. */
  readonly closingMs: number;
  /** For whoever was given up to say so. */
  readonly partingMs: number;
}

/** Together less than five seconds. */
const MOMENTS: Moments = { workMs: 2500, closingMs: 1500, partingMs: 300 };

const stops = new WeakMap<World, Stop>();

/** The one of this world: its runs follow one another, and a signal is for all of them. */
export function stopOf(world: World): Stop {
  const known = stops.get(world);
  if (known !== undefined) return known;
  const stop = new Stop(world);
  stops.set(world, stop);
  return stop;
}

export class Stop implements Stopping {
  private signals = 0;
  private cutAtMs = Infinity;
  private cut = false;
  private isClosing = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly giveUps = new Set<() => void>();
  private readonly sleepers = new Set<() => void>();
  private unhear: () => void = () => undefined;

  constructor(
    private readonly world: Pick<World, 'clock' | 'onInterrupt'>,
    private readonly moments: Moments = MOMENTS,
  ) {}

  /** Calls back on every signal; signals do what they usually do while nobody listens. */
  onSignal(listener: () => void): () => void {
    if (this.listeners.size === 0) this.unhear = this.world.onInterrupt(() => this.signalled());
    this.listeners.add(listener);
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.unhear();
    };
  }

  asked(): boolean {
    return this.signals > 0;
  }

  isCut(): boolean {
    return this.cut;
  }

  onCut(giveUp: () => void): () => void {
    this.giveUps.add(giveUp);
    return () => this.giveUps.delete(giveUp);
  }

  /** The work is over, or given up: requests may be sent again, for what has to be given back. */
  closing(): void {
    if (this.signals !== 1 || this.isClosing) return;
    this.isClosing = true;
    this.cut = false;
    const { closingMs } = this.moments;
    this.cutIn(Math.max(0, this.cutAtMs - steadyMs(this.world.clock)) + closingMs);
  }

  /** The world's clock, whose waits end with the run. */
  clock(): Clock {
    const { clock } = this.world;
    return {
      now: () => clock.now(),
      steady: () => steadyMs(clock),
      sleep: async (ms) => this.sleep(ms),
    };
  }

  /** What `act` gives; rejects when it has not ended by itself a moment after it was given up. */
  async inTime<T>(act: Promise<T>): Promise<T> {
    let part: () => void = () => undefined;
    const parted = new Promise<never>((_resolve, reject) => {
      part = (): void => {
        setTimeout(() => reject(stopped()), this.moments.partingMs).unref();
      };
    });
    parted.catch(() => undefined);
    const forget = this.onCut(part);
    if (this.cut) part();
    try {
      return await Promise.race([act, parted]);
    } finally {
      forget();
    }
  }

  private async sleep(ms: number): Promise<void> {
    const { clock } = this.world;
    const endsMs = steadyMs(clock) + ms;
    let wake: () => void = () => undefined;
    const woken = new Promise<never>((_resolve, reject) => {
      wake = (): void => {
        if (this.signals > 0 && (this.cut || endsMs > this.cutAtMs)) reject(stopped());
      };
    });
    woken.catch(() => undefined);
    wake();
    this.sleepers.add(wake);
    try {
      await Promise.race([woken, clock.sleep(ms)]);
    } finally {
      this.sleepers.delete(wake);
    }
  }

  private signalled(): void {
    this.signals += 1;
    if (this.signals === 1) this.cutIn(this.moments.workMs);
    else this.cutNow();
    for (const listener of [...this.listeners]) listener();
  }

  private cutIn(ms: number): void {
    clearTimeout(this.timer);
    this.cutAtMs = steadyMs(this.world.clock) + ms;
    this.timer = setTimeout(() => this.cutNow(), ms);
    this.timer.unref();
    for (const wake of [...this.sleepers]) wake();
  }

  private cutNow(): void {
    clearTimeout(this.timer);
    this.cut = true;
    for (const giveUp of [...this.giveUps]) giveUp();
    for (const wake of [...this.sleepers]) wake();
  }
}

function stopped(): Interrupted {
  return new Interrupted('stopped before it had come to its end; what was sent is on record');
}
