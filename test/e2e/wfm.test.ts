/** Workforce management: told of every change, whatever becomes of its endpoint, and told once. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultSource } from '../../src/simulator/faults.js';
import { printed, Workplace, type Ended, type RunOptions } from '../support/cli.js';
import {
  answering,
  hanging,
  SECRET,
  startEndpoint,
  type Arrived,
  type TestEndpoint,
} from '../support/endpoint.js';
import { expectGolden } from '../support/golden.js';
import { validatorOf } from '../support/schemas.js';

const validate = validatorOf('result');

let place: Workplace;
let endpoint: TestEndpoint;

beforeEach(async () => {
  endpoint = await startEndpoint();
});
afterEach(async () => {
  await place.close();
  await endpoint.close();
});

function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const wfm = { WFM_SYNC_URL: endpoint.url, WFM_SIGNING_SECRET: SECRET };
  return place.strategos(args, { ...options, env: { ...wfm, ...options.env } });
}

const apply = (options: RunOptions = {}, ...args: string[]): Promise<Ended> =>
  run(['apply', '--yes', ...args], options);

/** Names and states, in the order of arrival; every signature has to be sound. */
function told(arrived: readonly Arrived[] = endpoint.arrived): string[] {
  expect(arrived.map(({ objection }) => objection)).toEqual(arrived.map(() => null));
  return arrived.map(({ body }) => `${body.name} ${body.status}`);
}

const ids = (): string[] => endpoint.arrived.map(({ id }) => id);

async function outbox(): Promise<string[]> {
  const dir = path.join(place.dir, '.strategos/runs/outbox/demo');
  const names = (await readdir(dir, { recursive: true })).sort();
  return names.filter((name) => name.endsWith('.json'));
}

/** Everything that was printed or written in the folder of a workplace. */
async function everything(ended: readonly Ended[]): Promise<string> {
  const runs = path.join(place.dir, '.strategos');
  const entries = await readdir(runs, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(path.join(parentPath, name), 'utf8'));
  const output = ended.map(({ stdout, stderr }) => stdout + stderr);
  return [...output, ...(await Promise.all(texts))].join('\n');
}

const EXAMPLE = ['billing active', 'optimized-support active', 'sales active'];

const UNAVAILABLE = { fault: 'server-error', status: 503, page: false, nth: 1, times: 1 } as const;

it('an apply tells of rows that no listing shows yet', async () => {
  const manners = { row: { listedMs: 8000 } };
  place = await Workplace.open(undefined, { backend: 'datatable', manners });
  const ended = await apply();
  expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('not told')]);
  expect(told()).toEqual(EXAMPLE);
});

describe.each(['strategies-api', 'datatable'] as const)('an apply, %s', (backend) => {
  beforeEach(async () => {
    place = await Workplace.open(undefined, { backend });
  });

  it('tells of what it made, moved and deleted, as it is in the org, and of nothing else', async () => {
    expect((await apply()).code).toBe(0);
    expect(told()).toEqual(EXAMPLE);
    const queues = await place.entities('/api/v2/routing/queues?pageSize=100');
    const idOf = (queue: string) => queues.find(({ name }) => name === queue)?.id;
    const [billing] = endpoint.arrived;
    expect(billing?.body).toEqual({
      strategy_id: backend === 'datatable' ? 'billing' : (await place.strategies())['billing']?.id,
      name: 'billing',
      status: 'active',
      targets: [{ id: idOf('Billing'), priority: 1, weight: 1, capacity: 8 }],
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    });

    endpoint.arrived.length = 0;
    await apply();
    expect(told()).toEqual([]);

    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    await apply();
    expect(told()).toEqual(['sales active']);
    expect(endpoint.arrived[0]?.body.targets[0]).toMatchObject({ weight: 0.6 });

    endpoint.arrived.length = 0;
    await place.write('strategies/support.yaml', '');
    await apply({}, '--force');
    expect(told()).toEqual(['optimized-support deleted']);
    expect(endpoint.arrived[0]?.body.targets).toEqual([]);
    expect(await outbox()).toEqual([]);
  });

  it('tells of what it deleted also where nobody can look any more', async () => {
    await apply();
    endpoint.arrived.length = 0;
    await place.write('strategies/support.yaml', '');
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    let isDeleted = false;
    const faults: FaultSource = {
      decide: ({ method, path: asked }) => {
        isDeleted ||= method === 'DELETE' && /strategies\/|rows\/optimized/.test(asked);
        const isHit = isDeleted && method === 'GET' && asked.startsWith('/api/v2/routing/queues');
        return isHit ? [{ ...UNAVAILABLE, method, path: asked }] : [];
      },
    };
    Object.assign(place['wire'], { faults });
    const ended = await apply({}, '--force');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('workforce management was not told of 1 change: GET /api/v2/');
    expect(told()).toEqual(['optimized-support deleted']);
  });

  it('that is rolled back tells of that too', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    await apply();
    const id = (await place.runs()).filter((one) => one.includes('apply')).at(-1) ?? '';
    endpoint.arrived.length = 0;
    await run(['rollback', id, '--yes']);
    expect(told()).toEqual(['sales active']);
    expect(endpoint.arrived[0]?.body.targets[0]).toMatchObject({ weight: 0.7 });
  });
});

describe('an endpoint that fails', () => {
  beforeEach(async () => {
    place = await Workplace.open();
  });

  it.each([
    ['500', answering(500, 'no database'), 'answered 500: no database'],
    [
      'a page in the place of an answer',
      answering(200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }),
      'answered 200: Sign in',
    ],
    ['a redirect', answering(302, '', { location: '/login' }), 'answered 302'],
  ])('with %s fails no apply: it is told, and sync delivers later', async (_what, fails, said) => {
    endpoint.behave(fails);
    const applied = await apply();
    expect(applied.code).toBe(0);
    expect(applied.stdout).toContain('Applied: 3 created');
    expect(applied.stderr).toContain('warning: 3 messages for workforce management not delivered');
    expect(applied.stderr).toContain(said);
    expect(applied.stderr).toContain('strategos sync delivers what waits');
    // Every message that waits is named, on the terminal and on record.
    const names = EXAMPLE.map((one) => `RoutingStrategy/${one.split(' ')[0]}`);
    const waits = [...applied.stderr.matchAll(/^ {4}(RoutingStrategy\/\S+) {2}msg_\S+$/gm)];
    expect(waits.map(([, name]) => name)).toEqual(names);
    const [id = ''] = await place.runs();
    const { records } = JSON.parse(
      (await run(['audit', 'show', id, '--format', 'json'])).stdout,
    ) as { records: { type: string; detail?: { left?: { address: string }[] } }[] };
    const record = records.find(({ type }) => type === 'notified');
    expect(record?.detail?.left?.map(({ address }) => address)).toEqual(names);
    expect(ids()).toHaveLength(1);
    expect(await outbox()).toHaveLength(3);
    expect(Object.keys(await place.strategies())).toHaveLength(3);

    const [first] = ids();
    endpoint.arrived.length = 0;
    endpoint.behave(answering(204));
    const synced = await run(['sync']);
    expect(synced.code).toBe(0);
    // What waited comes first, under the ids that it had, then what is live now.
    expect(told()).toEqual([...EXAMPLE, ...EXAMPLE]);
    expect(ids()[0]).toBe(first);
    expect(await outbox()).toEqual([]);
  });

  it('by hanging costs an apply one timeout, and the lock is free meanwhile', async () => {
    endpoint.behave(hanging);
    await place.edit(
      'strategies/environment.yaml',
      '  prune: true',
      `  wfm: { url: '${endpoint.url}', secretEnv: WFM_SIGNING_SECRET, timeoutSeconds: 2 }\n` +
        '  prune: true',
    );
    const meanwhile: Promise<Ended>[] = [];
    const applied = await apply({
      env: { WFM_SYNC_URL: '' },
      onStart: (_kill, seen) =>
        void printed(seen, 'Applied: 3 created').then(async () => {
          while (ids().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          meanwhile.push(run(['unlock', '--yes']));
        }),
    });
    expect(applied.code).toBe(0);
    expect(applied.stderr).toContain('gave no answer within 2 s');
    // It was asked once, and once was waited for.
    expect(ids()).toHaveLength(1);
    expect((await Promise.all(meanwhile)).map(({ stdout }) => stdout)).toEqual([
      'No run holds the lock.\n',
    ]);
    expect(await outbox()).toHaveLength(3);
  });

  it.each([[[]], [['--pending']]])('ends a sync %j that is told to stop: 130', async (args) => {
    endpoint.behave(answering(503));
    await apply();
    const before = (await outbox()).length;
    const stopped = await run(['sync', ...args], {
      onStart: (kill) => {
        const seen = endpoint.arrived.length;
        const timer = setInterval(() => {
          if (endpoint.arrived.length === seen) return;
          clearInterval(timer);
          kill('SIGINT');
        }, 5);
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain('not delivered');
    // Nothing is lost, and nobody is taken to be delivering still.
    expect((await outbox()).length).toBeGreaterThanOrEqual(before);
    endpoint.behave(answering(204));
    expect((await run(['sync', '--pending'])).code).toBe(0);
    expect(await outbox()).toEqual([]);
  });

  it('is repeated by sync, and what it does not take stays: exit 7', async () => {
    await apply({ env: { WFM_SYNC_URL: '' } });
    expect(ids()).toEqual([]);
    endpoint.behave((response, count) => {
      response.writeHead(count === 2 ? 503 : count > 3 ? 400 : 204, { 'retry-after': '0' });
      response.end(count > 3 ? 'unknown strategy' : '');
    });
    const ended = await run(['sync', '--format', 'json']);
    const result = JSON.parse(ended.stdout) as { delivered: unknown[]; failure: object };
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect(ended.code).toBe(7);
    expect(result).toMatchObject({
      endpoint: new URL(endpoint.url).origin,
      queued: 3,
      waiting: 1,
      exitCode: 7,
      failure: { status: 400, attempts: 1, message: ids().at(-1) },
      left: [{ message: ids().at(-1), address: 'RoutingStrategy/sales' }],
    });
    expect(result.delivered).toHaveLength(2);
    expect(await outbox()).toHaveLength(1);
  });

  it('gets no longer line of messages by being asked again and again', async () => {
    endpoint.behave(answering(500));
    const applied = await apply();
    expect(applied.stderr).toContain('→ npx --no -- strategos sync delivers what waits\n');
    const waiting = await outbox();
    expect(waiting).toHaveLength(3);
    for (let again = 0; again < 2; again += 1) {
      const ended = await run(['sync', '--format', 'json']);
      expect(ended.code).toBe(7);
      expect(JSON.parse(ended.stdout)).toMatchObject({ queued: 0, waiting: 3 });
    }
    expect(await outbox()).toEqual(waiting);
    endpoint.behave(answering(204));
    expect((await run(['sync'])).stdout).toContain('6 messages delivered, 0 waiting.');
  });

  it('is shown with what it said, for people', async () => {
    endpoint.behave(answering(500, '{"error":"the importer is down"}'));
    await apply();
    endpoint.behave((response, count) => {
      response.writeHead(count > 2 ? 422 : 204).end(count > 2 ? 'unknown strategy' : '');
    });
    const ended = await run(['sync']);
    expectGolden('sync-failed.txt', steady(ended.stdout));
    endpoint.behave(answering(204));
    expectGolden('sync.txt', steady((await run(['sync', '--target', 'sales'])).stdout));
  });
});

/** What differs from run to run, taken out. */
function steady(text: string): string {
  return text
    .replaceAll(new URL(endpoint.url).host, 'wfm.example.com')
    .replace(/msg_\d{8}T\d{9}Z-(\w+)-[0-9a-f]{8}/g, 'msg_TIME-$1-RANDOM');
}

describe('a process that is killed', () => {
  beforeEach(async () => {
    place = await Workplace.open();
  });

  /** Kills the process once the endpoint has been asked this many times. */
  const killAt = (count: number): RunOptions => ({
    onStart: (kill) => {
      const watch = setInterval(() => {
        if (ids().length < count) return;
        clearInterval(watch);
        kill('SIGKILL');
      }, 5);
    },
  });

  it('while an apply delivers loses nothing: sync sends what was not taken', async () => {
    endpoint.behave((response, count) => {
      if (count < 2) response.writeHead(204).end();
    });
    const killed = await apply(killAt(2));
    expect(killed.code).toBeNull();
    const [, second] = ids();
    endpoint.behave(answering(204));
    const ended = await run(['sync', '--pending']);
    expect(ended.code).toBe(0);
    expect(told()).toEqual([EXAMPLE[0], EXAMPLE[1], EXAMPLE[1], EXAMPLE[2]]);
    // A repetition is told by its id.
    expect(ids()[2]).toBe(second);
    expect(new Set(ids()).size).toBe(3);
    expect(await outbox()).toEqual([]);
  });

  it('before an apply could queue anything is made good by sync: it sends all that is live', async () => {
    endpoint.behave(answering(500));
    await apply({ env: { WFM_SYNC_URL: '' } });
    endpoint.behave(answering(204));
    await run(['sync']);
    expect(told()).toEqual(EXAMPLE);
  });
});

describe('settings', () => {
  beforeEach(async () => {
    place = await Workplace.open();
  });

  const refusals: [string, Record<string, string>, string][] = [
    ['nothing', { WFM_SYNC_URL: '', WFM_SIGNING_SECRET: '' }, 'not set: WFM_SYNC_URL'],
    ['no secret', { WFM_SIGNING_SECRET: '' }, 'not set: WFM_SIGNING_SECRET'],
    ['a password for a secret', { WFM_SIGNING_SECRET: 'hunter2hunter2' }, 'no signing secret'],
    ['plain http', { WFM_SYNC_URL: 'http://wfm.example.com/hunter2' }, 'no address that is safe'],
    ['a password in it', { WFM_SYNC_URL: 'https://a:hunter2@wfm.example.com/' }, 'no address'],
    ['what is no address', { WFM_SYNC_URL: 'hunter2' }, 'no address that is safe'],
  ];

  it.each(refusals)('with %s stop sync before any request, exit 3', async (_what, env, said) => {
    const ended = await run(['sync'], { env });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toContain('hunter2');
    expect(place.simulator.requests()).toBe(0);
  });

  it.each(refusals.slice(1))('with %s fail no apply, and what is to tell waits', async (...one) => {
    const [, env, said] = one;
    const ended = await apply({ env });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toContain('hunter2');
    expect(await outbox()).toHaveLength(3);
  });

  it('come from the Environment before they come from a variable', async () => {
    await place.edit(
      'strategies/environment.yaml',
      '  prune: true',
      `  wfm: { url: '${endpoint.url}', secretEnv: WFM_OTHER_SECRET }\n  prune: true`,
    );
    const env = { WFM_SYNC_URL: 'http://127.0.0.1:1/', WFM_OTHER_SECRET: SECRET };
    expect((await apply({ env })).code).toBe(0);
    expect(told()).toEqual(EXAMPLE);
  });

  it('never come from a strategy', async () => {
    await place.edit(
      'strategies/billing.yaml',
      '  fallback: { queue: Billing Overflow }',
      "  fallback: { queue: Billing Overflow }\n  wfm: { url: 'http://127.0.0.1:1/' }",
    );
    const ended = await apply();
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('wfm');
    expect(ids()).toEqual([]);
  });

  it('are not needed where nobody asks for workforce management', async () => {
    const ended = await place.strategos(['apply', '--yes']);
    expect([ended.code, ended.stderr.includes('workforce')]).toEqual([0, false]);
  });
});

describe('what is written down', () => {
  beforeEach(async () => {
    place = await Workplace.open();
  });

  it('has every delivery, verifies, and no secret is in it', async () => {
    const url = `${endpoint.url}?key=topsecretvalue`;
    endpoint.behave(answering(500, `failed: ${url}`));
    const ended = [await apply({ env: { WFM_SYNC_URL: url } })];
    endpoint.behave(answering(204));
    ended.push(await run(['sync', '--verbose'], { env: { WFM_SYNC_URL: url } }));
    ended.push(await run(['audit', 'verify']));
    expect(ended.at(-1)?.code).toBe(0);
    const all = await everything(ended);
    for (const secret of [SECRET, SECRET.slice(6), 'topsecretvalue', 'v1,']) {
      expect(all).not.toContain(secret);
    }
    const records = all
      .split('\n')
      .filter((line) => line.includes('"type":"notified"'))
      .map((line) => JSON.parse(line) as { address: string; outcome: { state: string } });
    const states = records.map(({ address, outcome }) => `${address} ${outcome.state}`);
    const names = [...EXAMPLE, ...EXAMPLE].map((one) => one.split(' ')[0]);
    expect(states.sort()).toEqual(
      [
        'RoutingStrategy/billing waiting',
        ...names.map((name) => `RoutingStrategy/${name} delivered`),
      ].sort(),
    );
  });

  it('needs no credentials to be delivered from the outbox', async () => {
    endpoint.behave(answering(500));
    await apply();
    const before = place.simulator.requests();
    endpoint.behave(answering(204));
    endpoint.arrived.length = 0;
    const env = { GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: '', GENESYS_DOMAIN: '' };
    expect((await run(['sync', '--pending'], { env })).code).toBe(0);
    expect(told()).toEqual(EXAMPLE);
    expect(place.simulator.requests()).toBe(before);
  });
});
