/**
 * Writes of a resource that takes only so many a minute, whatever the rate limit allows. A write is
 * waited for before its object is looked at: between the look and the write nobody's edit has time.
 */
import type { Bound } from './bind.js';
import { steadyMs, type Clock, type Events } from './ports.js';

const WINDOW_MS = 60_000;

/** When writes of one resource may go: in no minute more than `perMinute`. */
export class WritePace {
  /** When the last of them went, the oldest first; no more than a minute has room for. */
  private readonly sentAtMs: number[] = [];

  constructor(
    private readonly ports: { readonly clock: Clock; readonly events: Events },
    private readonly perMinute: number,
    private readonly what: string,
  ) {}

  /** Waits until one more may go. */
  async turn(): Promise<void> {
    const { clock, events } = this.ports;
    for (;;) {
      const first = this.sentAtMs.length < this.perMinute ? undefined : this.sentAtMs[0];
      const ms = first === undefined ? 0 : first + WINDOW_MS - steadyMs(clock);
      if (ms <= 0) return;
      const reason = `${this.what} are written ${this.perMinute} times a minute at most`;
      events.emit({ type: 'waiting', reason, ms, limit: true });
      await clock.sleep(ms);
    }
  }

  sent(): void {
    this.sentAtMs.push(steadyMs(this.ports.clock));
    while (this.sentAtMs.length > this.perMinute) this.sentAtMs.shift();
  }
}

/** The paces of one run: changes of one resource share theirs. */
export class WritePaces {
  private readonly all = new Map<string, WritePace>();

  constructor(private readonly ports: { readonly clock: Clock; readonly events: Events }) {}

  /** `undefined` where nothing but the rate limit counts. */
  of({ kind, writesPerMinute }: Bound): WritePace | undefined {
    if (writesPerMinute === undefined) return undefined;
    const known = this.all.get(kind.name);
    const pace = known ?? new WritePace(this.ports, writesPerMinute, kind.noun.many);
    this.all.set(kind.name, pace);
    return pace;
  }
}
