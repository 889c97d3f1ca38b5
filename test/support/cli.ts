/**
 * The command line as a user runs it: a folder, an org behind HTTP. It runs in the process of the
 * test, unless the test is about what only a process of the built command line can show.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/http.js';
import type { OrgObserved } from '../../src/generated/types.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { createOrg } from '../../src/simulator/org.js';
import { isOfStrategies } from './example.js';
import { Asked } from './asked.js';
import { watchExchange } from './fidelity.js';
import { HurriedClock } from './hurried.js';
import { strategosHere, type Around, type Ended } from './here.js';
import { GONE } from './gone.js';

export type { Ended } from './here.js';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../strategies', import.meta.url));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Of the command line; the one that was built here unless said. */
  readonly main?: string;
  /** Called with the process once it has started, to signal it: there is one, then. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void, seen: () => string) => void;
}

export interface NamedThing {
  readonly id: string;
  readonly name: string;
}

/** A strategy as the org has it: see docs/plan.md for what is done with it. */
export interface LiveStrategy extends NamedThing {
  readonly status: string;
  readonly version: number;
  readonly targets: readonly {
    readonly id: string;
    readonly priority: number;
    readonly weight: number;
    readonly capacity: number;
  }[];
}

export interface OpenOptions {
  /** Of the environment of the example; `strategies-api` unless said. */
  readonly backend?: 'datatable' | 'strategies-api';
  readonly activationMs?: number;
  readonly latencyMs?: number;
  /** As another org was seen to behave; its answers are not held against the platform's types. */
  readonly manners?: OrgObserved;
}

/** A folder with the worked example, and a simulated org to reconcile it into. */
export class Workplace {
  private constructor(
    readonly dir: string,
    readonly simulator: Simulator,
    /** Of the org and of every command line of this place. */
    readonly clock: HurriedClock,
    private readonly wire: { latencyMs: number },
    private readonly asked: Asked,
  ) {}

  static async open(file: OrgFile = DEMO_ORG, options: OpenOptions = {}): Promise<Workplace> {
    const dir = await mkdtemp(path.join(tmpdir(), 'strategos-test-'));
    await cp(EXAMPLE, path.join(dir, 'strategies'), { recursive: true, filter: isOfStrategies });
    await chooseBackend(dir, options.backend ?? 'strategies-api');
    // Activation is quick unless a test is about waiting for it.
    const { latencyMs = 0, activationMs = 20, manners } = options;
    const org = createOrg(file, { activationMs, ...(manners === undefined ? {} : { manners }) });
    const clock = new HurriedClock();
    const { now } = clock;
    const asked = new Asked();
    const tap: NonNullable<SimulatorOptions['tap']> = (request, response) => {
      asked.note(request);
      if (manners === undefined) watchExchange(request, response);
    };
    const wire = { org, latencyMs, now, tap };
    const simulator = await startSimulator(wire);
    return new Workplace(dir, simulator, clock, wire, asked);
  }

  /** From here on every answer takes so long. */
  answerAfter(latencyMs: number): void {
    this.wire.latencyMs = latencyMs;
  }

  async close(): Promise<void> {
    await this.simulator.close();
    await rm(this.dir, GONE);
    this.asked.verify();
  }

  /** Environment of the child: nothing of the machine's but the path, and the demo client. */
  environment(extra: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.dir,
      USER: 'tester',
      GENESYS_DOMAIN: this.simulator.url,
      GENESYS_CLIENT_ID: 'demo',
      GENESYS_CLIENT_SECRET: 'demo',
      ...extra,
    };
  }

  async strategos(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    if (options.onStart !== undefined) return this.process(args, options);
    const env = this.environment(options.env ?? {});
    return strategosHere(args, { cwd: this.dir, env, clock: this.clock });
  }

  /** The same as a process of the built command line: signals, pipes, the end of a process. */
  async process(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const env = { ...this.environment(options.env ?? {}), ...aheadBy(this.clock.skippedMs()) };
    return processOf(args, { ...options, cwd: this.dir, env });
  }

  /** Ids of the runs so far, oldest first. */
  async runs(): Promise<string[]> {
    return (await readdir(path.join(this.dir, '.strategos', 'runs'))).sort();
  }

  read(file: string): Promise<string> {
    return readFile(path.join(this.dir, file), 'utf8');
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(path.join(this.dir, file), text);
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await this.read(file);
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    await this.write(file, text.replace(from, to));
  }

  /** One request with a client's own token: what the admin UI does, or the world outside. */
  async request(
    method: string,
    route: string,
    body?: object,
    client = 'admin-ui',
  ): Promise<unknown> {
    const token = await fetch(`${this.simulator.url}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client}:${client}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const { access_token: bearer } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${this.simulator.url}${route}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** Every strategy of the org by name, without what changes from run to run. */
  async strategies(): Promise<Record<string, LiveStrategy>> {
    const entities = await this.entities<LiveStrategy>('/api/v2/routing/strategies?pageSize=100');
    return Object.fromEntries(entities.map((one) => [one.name, one]));
  }

  async entities<T = NamedThing>(route: string): Promise<T[]> {
    const { entities } = (await this.request('GET', route)) as { entities: T[] };
    return entities;
  }
}

/** A process of the built command line, from its start to its end. */
export async function processOf(
  args: readonly string[],
  { cwd, env, input = '', main = MAIN, onStart }: RunOptions & Around,
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  onStart?.(
    (signal) => child.kill(signal),
    () => stdout + stderr,
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** Environment of a process whose clock is so much ahead, or behind where it is below 0. */
export function aheadBy(ms: number): Readonly<Record<string, string>> {
  const ahead = `const{now}=Date;Date.now=()=>now()+${ms}`;
  const script = encodeURIComponent(ahead);
  return ms === 0 ? {} : { NODE_OPTIONS: `--import=data:text/javascript,${script}` };
}

/** Sends the signal to the process once it has printed this. */
export function signalAt(text: string, signal: NodeJS.Signals): Pick<RunOptions, 'onStart'> {
  return { onStart: (kill, seen) => void printed(seen, text).then(() => kill(signal)) };
}

/** Resolves once the process has printed this, or after two minutes without it. */
export async function printed(seen: () => string, text: string): Promise<void> {
  for (let tries = 0; tries < 24_000 && !seen().includes(text); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function chooseBackend(dir: string, backend: string): Promise<void> {
  const file = path.join(dir, 'strategies', 'environment.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^ {2}backend: .*$/m, `  backend: ${backend}`));
}
