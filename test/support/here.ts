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
}

export const REAL_CLOCK: Clock = {
  now: Date.now,
  sleep: async (ms) => sleep(ms).then(() => undefined),
};

/** What is no terminal, as a pipe is none. */
class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: unknown, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function strategosHere(args: readonly string[], around: Around): Promise<Ended> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await run(args, worldWith(around, { stdout, stderr }));
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export function worldWith(
  { cwd, env, clock = REAL_CLOCK }: Around,
  streams: { readonly stdout: Writable; readonly stderr: Writable },
): World {
  const stdin = Readable.from([]);
  return worldOf({ cwd, env, clock, stdin, ...streams, signals: new EventEmitter() });
}
