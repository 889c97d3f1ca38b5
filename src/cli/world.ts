/** The real world, in one place: the only reader of the environment and of the terminal. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowRunOf, type WorkflowRun } from '../core/workflow.js';
import type { Clock, Random } from '../engine/ports.js';
import { colourStyle, plainStyle, type Style } from '../render/style.js';
import { canRedraw, statusLine, type StatusLine } from './status-line.js';

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Standard input and standard error are terminals: a question can be asked and answered. */
  readonly interactive: boolean;
  /** A person reads standard output as it comes, and no other program. */
  readonly outIsTerminal: boolean;
  /** The last line of standard error, where it can be drawn again; `null` where it cannot. */
  readonly status: StatusLine | null;
  /** Calls `act` every so many milliseconds until it is told to stop; keeps no process alive. */
  readonly every: (ms: number, act: () => void) => () => void;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly outStyle: Style;
  readonly errStyle: Style;
  readonly ask: (question: string) => Promise<string>;
  /** Calls back on SIGINT and SIGTERM; the returned function stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  readonly actor: string;
  /** `null` outside GitHub Actions. */
  readonly workflow: WorkflowRun | null;
  /** Name of this machine. */
  readonly host: string;
  readonly version: string;
}

export function realWorld(): World {
  const { env, stdin, stdout, stderr } = process;
  const status = canRedraw(stderr.isTTY, env) ? statusLine(stderr) : null;
  if (status !== null) process.once('exit', status.clear);
  return {
    env,
    cwd: process.cwd(),
    clock: { now: Date.now, sleep: async (ms) => sleep(ms).then(() => undefined) },
    // The global loads no module of Node's before it is asked.
    random: { next: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 0x1_0000_0000 },
    interactive: stdin.isTTY && stderr.isTTY,
    outIsTerminal: stdout.isTTY,
    ...{ status, every },
    out: (text) => {
      status?.clear();
      stdout.write(text);
    },
    err: (text) => {
      status?.clear();
      stderr.write(text);
    },
    outStyle: styleFor(stdout.isTTY, env),
    errStyle: styleFor(stderr.isTTY, env),
    ask: async (question) =>
      status === null ? ask(question) : status.aside(async () => ask(question)),
    onInterrupt,
    actor: actorOf(env),
    workflow: workflowRunOf(env),
    host: hostname(),
    version: packageVersion(),
  };
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
}

function styleFor(terminal: boolean, env: World['env']): Style {
  const wanted = terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return wanted ? colourStyle : plainStyle;
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-D ends the input without an answer: that is a no.
    // In raw mode Ctrl-C is a key: it has to be made the signal that it would be elsewhere.
    lines.once('SIGINT', () => {
      lines.close();
      process.emit('SIGINT');
    });
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}

function onInterrupt(stop: () => void): () => void {
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/** Who is accountable: the person behind the workflow run, else the user of the machine. */
function actorOf(env: World['env']): string {
  const named = env['GITHUB_ACTOR'] ?? env['USER'] ?? env['USERNAME'];
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
