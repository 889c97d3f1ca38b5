/**
 * Virtual time: whoever sleeps is woken in order, and nobody waits. Time passes only when all that
 * could go on without it has gone on, so a seed gives the same history on every machine.
 */
import type { Clock } from '../../src/engine/ports.js';

interface Sleeper {
  readonly atMs: number;
  /** Who lay down first is woken first. */
  readonly turn: number;
  readonly wake: () => void;
}

/** Far more than any history takes: a loop that never ends must not look like patience. */
const MOST_WAKES = 200_000;

export class VirtualTime implements Clock {
  private sleepers: Sleeper[] = [];
  private turns = 0;

  constructor(private ms: number) {}

  now(): number {
    return this.ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.turns += 1;
      this.sleepers.push({ atMs: this.ms + Math.max(0, ms), turn: this.turns, wake });
    });
  }

  /** Between histories nobody sleeps, and time may pass by itself. */
  pass(ms: number): void {
    this.ms += ms;
  }

  /** Lets time pass until `work` has settled. Whoever sleeps then is forgotten. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { settled: false };
    const noted = work.finally(() => (state.settled = true));
    noted.catch(() => undefined);
    for (let wakes = 0; ; wakes += 1) {
      await quiet();
      if (state.settled) break;
      const next = this.earliest();
      if (next === undefined) throw new Error('everybody waits, and nobody for time to pass');
      if (wakes > MOST_WAKES) throw new Error(`no end after ${MOST_WAKES} waits`);
      this.ms = Math.max(this.ms, next.atMs);
      next.wake();
    }
    this.sleepers = [];
    return noted;
  }

  private earliest(): Sleeper | undefined {
    let best: Sleeper | undefined;
    for (const one of this.sleepers) {
      const isFirst =
        best === undefined ||
        one.atMs < best.atMs ||
        (one.atMs === best.atMs && one.turn < best.turn);
      if (isFirst) best = one;
    }
    this.sleepers = this.sleepers.filter((one) => one !== best);
    return best;
  }
}

/** Resolves once every promise that can settle has. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
