/** The same plan by what a user would pick instead: see README.md for the scope of each row. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Exchange } from '../../src/genesys/transport.js';
import { answer, createOrg, type Org } from '../../src/simulator/org.js';
import { VirtualTime } from '../simulation/time.js';
import { arriving, half, Recorder, START_MS } from '../support/org.js';
import { carryOut, plan, type Place } from '../support/reconcile.js';
import { ROWS } from '../support/rows.js';
import { Scene, TARGETS } from '../support/scene.js';
import type { Figure } from './figures.js';
import { Client, pool, referenceProcedure, terraformRefresh } from './rivals.js';
import { wholeOrgFigures } from './whole-org.js';

const PART =
  'A plan of 100 strategies, 300 targets, 200 queues of 30, 2,000 agents, 20 skills; ' +
  '40 ms a request, 300 requests a minute';
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const STRATEGIES = 100;
const CENTRE = { queues: 200, users: 2000, skills: 20, membersPerQueue: 30, skillsPerUser: 3 };
const LATENCY_MS = 40;
const LIMIT = 300;

interface Taken {
  readonly requests: number;
  readonly seconds: number;
}

export async function sideBySideFigures(): Promise<Figure[]> {
  const reference = await replay(async (org, time) => {
    const client = new Client(org, time, LATENCY_MS);
    await referenceProcedure(client, namedQueues(org));
    return client.sent;
  });
  const checked = await strategos('error');
  const unchecked = await strategos('off');
  const measured = await wholeProcess();
  return [
    ...rows('strategos: rows, names, skills and capacity of every target', checked),
    ...rows('strategos without checks: rows and names', unchecked),
    {
      part: PART,
      name: 'strategos as a process, all new: start to end',
      unit: 's',
      value: measured,
      note: 'measured, over HTTP',
    },
    ...rows('reference procedure: skills and capacity alone', reference, checked, 100),
    ...rows('Terraform: rows, queues with members, skills', await terraform(true), checked, 10),
    ...rows('Terraform: rows, queues by name', await terraform(false), unchecked, 10),
    ...(await wholeOrgFigures()),
  ];
}

/** Requests and time, beside ours of the same scope. */
function rows(name: string, taken: Taken, ours?: Taken, goal?: number): Figure[] {
  const requests = { part: PART, name, value: taken.requests, unit: 'requests' as const };
  const seconds = { part: PART, name, value: taken.seconds, unit: 's' as const };
  if (ours === undefined || goal === undefined) return [requests, seconds];
  const met = taken.requests >= goal * ours.requests;
  return [
    {
      ...requests,
      against: { name: 'strategos', value: ours.requests },
      goal: `≥ ${goal} ×`,
      met,
    },
    { ...seconds, against: { name: 'strategos', value: ours.seconds } },
  ];
}

/** Seconds that a user waits: node started, manifests read, the plan printed. */
async function wholeProcess(): Promise<number> {
  const scene = await Scene.open({ ...CENTRE, strategies: STRATEGIES }, LATENCY_MS);
  try {
    const walls: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const startedAt = performance.now();
      const child = spawn(process.execPath, [MAIN, 'plan', '--quiet'], {
        cwd: scene.dir,
        stdio: 'ignore',
        env: { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' },
      });
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`plan ended with ${String(code)}`);
      walls.push((performance.now() - startedAt) / 1000);
    }
    return walls.sort((a, b) => a - b)[2] ?? 0;
  } finally {
    await scene.close();
  }
}

async function replay(work: (org: Org, time: VirtualTime) => Promise<number>): Promise<Taken> {
  const org = createOrg({ generate: CENTRE }, { rateLimitPerMinute: LIMIT });
  const time = new VirtualTime(START_MS);
  const requests = await time.until(work(org, time));
  return { requests, seconds: (time.now() - START_MS) / 1000 };
}

function terraform(queuesManaged: boolean): Promise<Taken> {
  return replay(async (org, time) => {
    const clients = pool(() => new Client(org, time, LATENCY_MS));
    await terraformRefresh(clients, {
      queueIds: queuesManaged ? [...org.queues.keys()] : [],
      membersEach: CENTRE.membersPerQueue,
      skillIds: queuesManaged ? [...org.skills.keys()] : [],
      tables: 1,
      rows: STRATEGIES,
    });
    return clients.reduce((sum, { sent }) => sum + sent, 0);
  });
}

/** All in the org and all changed, so that every target is checked. */
async function strategos(level: 'error' | 'off'): Promise<Taken> {
  const org = createOrg({ generate: CENTRE }, { rateLimitPerMinute: 0 });
  const time = new VirtualTime(START_MS);
  const before = placeOf(org, time, 0);
  const options = { backend: ROWS, owned: false };
  await time.until(
    plan(before.place, manifests(level, 10), options).then(async (planned) =>
      carryOut(before.place, planned, { backend: ROWS, bulk: true }),
    ),
  );
  org.rateLimitPerMinute = LIMIT;
  const startedAt = time.now();
  const { place, sent } = placeOf(org, time, LATENCY_MS);
  const { plan: made } = await time.until(plan(place, manifests(level, 11), options));
  const changed = made.changes.filter(({ action }) => action === 'update');
  const passed = made.changes.flatMap(({ checks }) => checks).filter((one) => one.passed);
  const checks = level === 'off' ? 0 : 2 * TARGETS * STRATEGIES;
  if (changed.length !== STRATEGIES || passed.length !== checks) {
    throw new Error(`${changed.length} strategies changed, ${passed.length} checks passed`);
  }
  return { requests: sent(), seconds: (time.now() - startedAt) / 1000 };
}

function placeOf(
  org: Org,
  time: VirtualTime,
  latencyMs: number,
): { readonly place: Place; readonly sent: () => number } {
  const exchange: Exchange = async (request) => {
    const response = answer(org, arriving(request), time.now());
    if (latencyMs > 0) await time.sleep(latencyMs);
    return response;
  };
  const events = new Recorder();
  const connection = {
    host: 'http://127.0.0.1:9',
    clientId: 'demo',
    clientSecret: 'demo',
    exchange,
    userAgent: 'strategos/bench',
    clock: time,
    random: half,
    events,
  };
  return {
    place: { connection: () => connection, events, clock: time },
    sent: () => events.events.filter(({ type }) => type === 'request').length,
  };
}

function namedQueues(org: Org): string[] {
  const ids = [...org.queues.keys()];
  return Array.from({ length: STRATEGIES * TARGETS }, (_, index) => ids[index % ids.length] ?? '');
}

function manifests(level: 'error' | 'off', capacity: number): Record<string, string> {
  const files = Array.from({ length: STRATEGIES }, (_, index): [string, string] => {
    const queue = (at: number): string =>
      `Queue ${String(((index * TARGETS + at) % CENTRE.queues) + 1).padStart(4, '0')}`;
    const skill = `Skill ${String((index % CENTRE.skills) + 1).padStart(3, '0')}`;
    const name = `s${String(index).padStart(3, '0')}`;
    const document = {
      apiVersion: 'strategos/v1',
      kind: 'RoutingStrategy',
      metadata: { name },
      spec: {
        selection: { skills: [{ skill, required: true }] },
        targets: [0, 1, 2].map((at) => ({
          queue: queue(at),
          priority: 1,
          weight: 1,
          capacity,
        })),
        checks: { skills: level, capacity: level },
      },
    };
    return [`${name}.yaml`, JSON.stringify(document)];
  });
  return Object.fromEntries(files);
}
