/** The real world, in one place: the only reader of the environment and of the terminal. */
import type { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowRunOf, type WorkflowRun } from '../core/workflow.js';
import type { Clock, Random } from '../engine/ports.js';
import { fitted } from '../render/fit.js';
import { colourStyle, plainStyle, type Style } from '../render/style.js';
import { packageFile } from './package-files.js';
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
  /** Whether lines of `out` that are wider than its terminal are broken between words. */
  readonly paper: { wraps: boolean };
  readonly outStyle: Style;
  readonly errStyle: Style;
  readonly ask: (question: string) => Promise<string>;
  /** Calls back on SIGINT, SIGTERM and SIGHUP; the returned function stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  readonly actor: string;
  /** `null` outside GitHub Actions. */
  readonly workflow: WorkflowRun | null;
  /** Name of this machine. */
  readonly host: string;
  readonly version: string;
}

/** What a process gives the command line that runs in it. */
export interface Surroundings {
  readonly env: World['env'];
  readonly cwd: string;
  readonly clock: Clock;
  readonly stdin: NodeJS.ReadableStream & Tty;
  readonly stdout: NodeJS.WritableStream & Tty;
  readonly stderr: NodeJS.WritableStream & Tty;
  /** Where signals arrive, and where the end of the process is told. */
  readonly signals: Pick<EventEmitter, 'on' | 'off' | 'once' | 'emit'>;
}

interface Tty {
  /** Node leaves it out where the stream is no terminal. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number;
}

export function realWorld(): World {
  const { env, stdout, stderr } = process;
  const clock = {
    now: Date.now,
    steady: (): number => performance.now(),
    sleep: async (ms: number) => sleep(ms).then(() => undefined),
  };
  return worldOf({
    env,
    cwd: process.cwd(),
    clock,
    // Node makes it when it is looked at, which takes as long as a file of manifests.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    signals: process,
  });
}

/** The world of a command line in these surroundings; reads nothing else of the process. */
export function worldOf(around: Surroundings): World {
  const { env, cwd, clock, stdout, stderr, signals } = around;
  const status = canRedraw(stderr.isTTY === true, env) ? statusLine(stderr) : null;
  if (status !== null) signals.once('exit', status.clear);
  const paper = { wraps: false };
  return {
    env,
    cwd,
    clock,
    // The global loads no module of Node's before it is asked.
    random: { next: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 0x1_0000_0000 },
    get interactive() {
      return stderr.isTTY === true && around.stdin.isTTY === true;
    },
    outIsTerminal: stdout.isTTY === true,
    status,
    every,
    paper,
    out: (text) => {
      status?.clear();
      stdout.write(paper.wraps ? onTerminal(text, stdout) : text);
    },
    err: (text) => {
      status?.clear();
      stderr.write(onTerminal(text, stderr));
    },
    outStyle: styleFor(stdout, env),
    errStyle: styleFor(stderr, env),
    ask: async (question) =>
      status === null ? ask(question, around) : status.aside(async () => ask(question, around)),
    onInterrupt: (stop) => onInterrupt(signals, stop),
    actor: actorOf(env),
    workflow: workflowRunOf(env),
    get host() {
      return hostname();
    },
    get version() {
      return packageVersion();
    },
  };
}

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** What is no terminal has no width: a log, a pipe, a file. */
function onTerminal(text: string, { isTTY, columns }: Tty): string {
  return isTTY === true && columns ? fitted(text, columns) : text;
}

/** A window may become wider or narrower while a command runs: its width is asked for each time. */
function styleFor(stream: Tty, env: World['env']): Style {
  const wanted = stream.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const paints = wanted ? colourStyle : plainStyle;
  return Object.defineProperty({ ...paints }, 'columns', {
    get: () => (stream.isTTY === true ? stream.columns || undefined : undefined),
  });
}

async function ask(question: string, { stdin, stderr }: Surroundings): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  // The terminal has the line until it is whole: Ctrl-C stays a signal, and one that is closed
  // meanwhile is not asked for anything more.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    // Ctrl-D ends the input without an answer, as a terminal that is gone does: that is a no.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    lines.once('error', () => lines.close());
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}

/** A terminal that is closed, or a connection that breaks, ends a run as Ctrl-C does. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function onInterrupt(signals: Surroundings['signals'], stop: () => void): () => void {
  for (const signal of ENDINGS) signals.on(signal, stop);
  return () => {
    for (const signal of ENDINGS) signals.off(signal, stop);
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
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
