/**
 * `strategos demo`: a day with strategos in half a minute. It starts the simulator in this process
 * and runs the built command line against it over HTTP, as a person would.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, EXIT, type ExitCode } from '../../core/errors.js';
import { isObject, objectsIn, textOf, type JsonObject } from '../../core/json.js';
import { temporaryFolder } from '../../files/temporary.js';
import { DEMO_ORG } from '../../simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../simulator/http.js';
import type { TrafficRule } from '../../simulator/org-file-types.js';
import { createOrg } from '../../simulator/org.js';
import { startWfmEndpoint, type WfmEndpoint } from '../../simulator/wfm-endpoint.js';
import type { DemoOptions } from '../options.js';
import { packageFile } from '../package-files.js';
import type { World } from '../world.js';

const MAIN = fileURLToPath(packageFile('dist/cli/main.js'));
const EXAMPLE = fileURLToPath(packageFile('strategies'));
/** The part of it that comes later in the story. */
const LATER = 'returns.yaml';

export async function demo(options: DemoOptions, world: World): Promise<ExitCode> {
  // Drawn for this demo: it signs what a process on this machine tells another.
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const wfm = await startWfmEndpoint(secret);
  try {
    const told = { WFM_SYNC_URL: wfm.url, WFM_SIGNING_SECRET: secret };
    return await demoWith(options, options.full ? { wfm, env: told } : null, world);
  } finally {
    await wfm.close();
  }
}

/** The other end of `sync`, and what names it. */
interface Listener {
  readonly wfm: WfmEndpoint;
  readonly env: Readonly<Record<string, string>>;
}

async function demoWith(
  options: DemoOptions,
  listener: Listener | null,
  world: World,
): Promise<ExitCode> {
  const startedAt = world.clock.now();
  const dir = await temporaryFolder('strategos-demo-');
  const traffic = listener === null ? [fast('returns', 7200)] : FAST_TRAFFIC;
  const org = createOrg({ ...DEMO_ORG, traffic });
  const simulator = await startSimulator({ org });
  try {
    const filter = (file: string): boolean => path.basename(file) !== LATER;
    await cp(EXAMPLE, path.join(dir, 'strategies'), { recursive: true, filter });
    const stage = new Stage(dir, simulator, listener?.env ?? {}, world);
    await stage.choose(options.backend);
    const requests = await (listener === null ? play(stage) : playCycle(stage, listener));
    const seconds = ((world.clock.now() - startedAt) / 1000).toFixed(1);
    world.out(
      `\nThe demo took ${seconds} s and ${requests} requests; nothing left this machine.\n`,
    );
    if (options.keep) world.out(`Manifests, plans and audit logs are in ${dir}\n`);
    return EXIT.done;
  } finally {
    await simulator.close();
    if (!options.keep) await rm(dir, { recursive: true, force: true });
  }
}

/** Calls of seconds, so that half a minute has something to show. */
function fast(strategy: string, arrivalsPerHour: number): TrafficRule {
  return { strategy, arrivalsPerHour, handleSeconds: 1, patienceSeconds: 3 };
}

const FAST_TRAFFIC: readonly TrafficRule[] = [
  fast('optimized-support', 10_800),
  fast('billing', 3600),
  fast('sales', 3600),
];

/** The whole operating cycle: one command, and what arrived at the other end of it. */
async function playCycle(stage: Stage, { wfm }: Listener): Promise<number> {
  await stage.strategos(['cycle', '--yes'], EXIT.done);
  stage.say('What workforce management has received, each message signed:');
  for (const { name, status, timestamp } of wfm.received()) {
    stage.tell(`  ${textOf(timestamp)}  ${textOf(name)} is ${textOf(status)}`);
  }
  return stage.requests();
}

async function play(stage: Stage): Promise<number> {
  stage.say('1. The worked example in strategies/ is checked, offline.');
  await stage.strategos(['validate'], EXIT.done);

  stage.say('2. The plan: what an apply would do in an org that has no strategies yet.');
  await stage.strategos(['plan', '--out', 'plan.json'], EXIT.done);

  stage.say('3. That plan is applied: checked, made, active, and recorded as ours.');
  await stage.strategos(['apply', 'plan.json', '--yes'], EXIT.done);

  stage.say('4. A second plan is empty.');
  await stage.strategos(['plan', '--detailed-exitcode'], EXIT.done);

  stage.say('5. A person in the admin UI moves sales calls by hand. drift says what, and who.');
  await stage.editInOrg('sales', 'Sales', 0.2);
  await stage.strategos(['drift'], EXIT.changes);

  stage.say(
    '6. Billing gets room for two more calls: one line of YAML. The plan shows it beside drift.',
  );
  await stage.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10');
  await stage.strategos(['plan', '--detailed-exitcode'], EXIT.changes);
  await stage.strategos(['apply', '--yes', '--quiet'], EXIT.done);
  await stage.strategos(['drift'], EXIT.done);

  stage.say(
    `7. From nothing: strategies/${LATER} has two queues, three skills, a wrap-up code, a\n` +
      '   schedule and the strategy over them. One apply makes them, in order, and calls come.',
  );
  await stage.bring(LATER);
  await stage.strategos(['apply', '--yes'], EXIT.done);
  await stage.pass(SOME_CALLS_MS);
  await stage.strategos(['metrics', '--since', '1m', '--target', 'returns'], EXIT.done);

  stage.say('8. Every run has left an audit log. Their hash chains are intact.');
  await stage.strategos(['audit', 'show'], EXIT.done);
  await stage.strategos(['audit', 'verify'], EXIT.done);
  return stage.requests();
}

/** Until then a few calls have been answered. */
const SOME_CALLS_MS = 4000;

class Stage {
  private backend: DemoOptions['backend'] = 'datatable';

  constructor(
    private readonly dir: string,
    private readonly simulator: Simulator,
    private readonly env: Readonly<Record<string, string>>,
    private readonly world: World,
  ) {}

  requests(): number {
    return this.simulator.requests();
  }

  tell(line: string): void {
    this.world.out(`${line}\n`);
  }

  say(line: string): void {
    this.world.out(`\n${this.world.outStyle.strong(line)}\n`);
  }

  /** Runs the built command line; throws when it does not end as the story goes. */
  async strategos(args: readonly string[], expected: ExitCode): Promise<void> {
    this.world.out(`${this.world.outStyle.faint(`$ strategos ${args.join(' ')}`)}\n`);
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.dir,
      env: {
        ...this.world.env,
        GENESYS_DOMAIN: this.simulator.url,
        GENESYS_CLIENT_ID: 'demo',
        GENESYS_CLIENT_SECRET: 'demo',
        ...this.env,
      },
      // The simulator lives in this process, so output has to flow while the child runs.
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code === expected) return;
    throw new AppError(
      'demo-failed',
      EXIT.unexpected,
      'us',
      `strategos ${args.join(' ')} ended with ${String(code)}, expected ${expected}`,
    );
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const full = path.join(this.dir, file);
    const text = await readFile(full, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    await writeFile(full, text.replace(from, to));
    this.world.out(`${this.world.outStyle.faint(`  ${file}: ${from} → ${to}`)}\n`);
  }

  /** A file of the example that was not there before. */
  async bring(file: string): Promise<void> {
    await cp(path.join(EXAMPLE, file), path.join(this.dir, 'strategies', file));
    this.world.out(`${this.world.outStyle.faint(`  strategies/${file}`)}\n`);
  }

  async pass(ms: number): Promise<void> {
    await this.world.clock.sleep(ms);
  }

  /** The backend of the example, in the copy that the demo works on. */
  async choose(backend: DemoOptions['backend']): Promise<void> {
    const file = path.join(this.dir, 'strategies', 'environment.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^ {2}backend: .*$/m, `  backend: ${backend}`));
    this.backend = backend;
  }

  /** What the admin UI does: the same API, with a person's credentials. */
  async editInOrg(strategy: string, queue: string, weight: number): Promise<void> {
    const token = await this.personToken();
    const api = `${this.simulator.url}/api/v2`;
    if (this.backend === 'datatable') await editRow(api, token, strategy, weight);
    else await editStrategy(api, token, strategy, queue, weight);
    const done = `  in the org: ${strategy}: share of ${queue} → ${weight}`;
    this.world.out(`${this.world.outStyle.faint(done)}\n`);
  }

  private async personToken(): Promise<string> {
    const answer = await fetch(`${this.simulator.url}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('admin-ui:admin-ui').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const body: unknown = await answer.json();
    return isObject(body) ? textOf(body['access_token']) : '';
  }
}

/** The share of the first target, in the table that call flows read. */
async function editRow(api: string, token: string, key: string, share: number): Promise<void> {
  const tables = await fetchJson(`${api}/flows/datatables?pageSize=100`, token);
  const table = objectsIn(tables['entities']).find((one) => one['name'] === 'Routing Strategies');
  const row = `${api}/flows/datatables/${textOf(table?.['id'])}/rows/${key}`;
  const cells = await fetchJson(`${row}?showbrief=false`, token);
  await fetchJson(row, token, { ...cells, target_01_share: share });
}

async function editStrategy(
  api: string,
  token: string,
  name: string,
  queue: string,
  weight: number,
): Promise<void> {
  const strategies = await fetchJson(`${api}/routing/strategies`, token);
  const queues = await fetchJson(`${api}/routing/queues?pageSize=500`, token);
  const found = objectsIn(strategies['entities']).find((one) => one['name'] === name);
  const queueId = objectsIn(queues['entities']).find((one) => one['name'] === queue)?.['id'];
  const targets = objectsIn(found?.['targets']).map((target) =>
    target['id'] === queueId ? { ...target, weight } : target,
  );
  await fetchJson(`${api}/routing/strategies/${textOf(found?.['id'])}`, token, { targets });
}

async function fetchJson(url: string, token: string, body?: JsonObject): Promise<JsonObject> {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const value: unknown = await answer.json();
  if (!answer.ok || !isObject(value)) throw new Error(`${url} answered ${answer.status}`);
  return value;
}
