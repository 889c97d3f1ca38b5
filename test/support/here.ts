/**
 * The command line in the process of the test: the same `run()` that `main.ts` calls, in a world
 * made by the same code, with streams, signals, folder, environment and clock of its own.
 */
import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/cli/program.js';
import { worldOf, type World } from '../../src/cli/world.js';
import type { Clock } from '../../src/engine/ports.js';

export interface Ended {
  /** `null` for a process that was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Around {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Once this has been printed, the one who started it presses Ctrl-C. */
  readonly until?: string;
}

export const REAL_CLOCK: Clock = {
  now: Date.now,
  sleep: async (ms) => sleep(ms).then(() => undefined),
};

/** What is no terminal, as a pipe is none. */
class Sink extends Writable {
  text = '';

  constructor(private readonly seen: (text: string) => void = () => undefined) {
    super();
  }

  override _write(chunk: Buffer | string, _encoding: unknown, done: () => void): void {
    this.text += chunk.toString();
    this.seen(this.text);
    done();
  }
}

export async function strategosHere(args: readonly string[], around: Around): Promise<Ended> {
  const signals = new EventEmitter();
  const seen = (text: string): void => {
    if (around.until === undefined || !text.includes(around.until)) return;
    // What has printed it may not listen yet.
    setTimeout(() => signals.emit('SIGINT'), 50);
  };
  const [stdout, stderr] = [new Sink(seen), new Sink(seen)];
  const code = await run(args, worldWith(around, { stdout, stderr }, signals));
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export function worldWith(
  { cwd, env, clock = REAL_CLOCK }: Around,
  streams: { readonly stdout: Writable; readonly stderr: Writable },
  signals = new EventEmitter(),
): World {
  const stdin = Readable.from([]);
  return worldOf({ cwd, env, clock, stdin, ...streams, signals });
}
