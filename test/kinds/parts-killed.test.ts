/**
 * Runs that are killed between the writes of parts: members, wrap-up codes and rows. Whatever the
 * write at which one dies, the next run knows what became of it, and ends where it was to end:
 * nothing is lost, nothing is there twice, and what is not ours stays.
 */
import { describe, expect, it } from 'vitest';
import { openRunOf } from '../../src/core/audit.js';
import { IntentCloser } from '../../src/engine/open-intents.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { unlistedRow } from '../../src/simulator/datatable-rows.js';
import { bindingFor } from '../support/binding.js';
import { faulty, silentAfter } from '../support/faults.js';
import { killedAt, type Killed } from '../support/killed.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const USERS = ['Ann', 'Bob', 'Cid', 'Dan', 'Eve'];
const mail = (name: string): string => `${name.toLowerCase()}@example.com`;
const BACKEND = {
  name: 'datatable',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
} as const;
const CODES = '/api/v2/routing/wrapupcodes';

interface Case {
  readonly before: Files;
  readonly after: Files;
  /** Somebody else's work between the two. */
  readonly meanwhile?: (place: Many) => Promise<void>;
  /** What is there in the end. */
  readonly world: (place: Many) => unknown;
  readonly expected: unknown;
}

function queueIn({ bench: { org } }: Many) {
  const all = [...org.queues.values()].filter(({ name }) => name === 'Bills');
  const [queue] = all;
  if (queue === undefined || all.length > 1) throw new Error(`${all.length} queues Bills`);
  return queue;
}

function queueWorld(place: Many): unknown {
  const { memberIds, ringOf, wrapupCodeIds } = queueIn(place);
  const { users, things } = place.bench.org;
  const members = memberIds.map((id) => `${users.get(id)?.name ?? ''} ${ringOf.get(id) ?? 1}`);
  const codes = [...wrapupCodeIds].map((id) => things.get(CODES)?.get(id)?.name);
  return { members: members.sort(), codes: codes.sort() };
}

function rowsWorld({ bench: { org } }: Many): unknown {
  const table = org.tables.get(org.tableNames.get('Sites') ?? '');
  return Object.fromEntries(
    [...(table?.rows ?? [])].map(([key, cells]) => [key, cells.get('agents')] as const).sort(),
  );
}

const codes: Files = {
  'a.yaml': manifestOf('WrapupCode', 'Solved', {}),
  'b.yaml': manifestOf('WrapupCode', 'Called back', {}),
};
const RINGS = [{ expandAfterSeconds: 5 }, { expandAfterSeconds: 9 }];
const queue = (spec: object): Files => ({
  ...codes,
  'q.yaml': manifestOf('Queue', 'Bills', { rings: RINGS, ...spec }),
});
const table = (mode: string, rows: Readonly<Record<string, number>>): Files => ({
  't.yaml': manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'agents', type: 'integer' },
    ],
    rows: { mode, items: Object.entries(rows).map(([site, agents]) => ({ site, agents })) },
  }),
});
const sites = (count: number, from = 0): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n + from}`, n]));

const someoneJoins = async (place: Many): Promise<void> => {
  const eve = [...place.bench.org.users.values()].find(({ name }) => name === 'Eve');
  const at = `/api/v2/routing/queues/${queueIn(place).id}/members`;
  await place.send('POST', at, [{ id: eve?.id ?? '' }]);
};
const someoneAddsARow = async (place: Many): Promise<void> => {
  const id = place.bench.org.tableNames.get('Sites') ?? '';
  await place.send('POST', `/api/v2/flows/datatables/${id}/rows`, { key: 'theirs', agents: 9 });
};

const CASES: Readonly<Record<string, Case>> = {
  'a queue with members and codes is made': {
    before: codes,
    after: queue({
      members: [{ user: mail('Ann'), ring: 2 }, mail('Bob')],
      wrapupCodes: ['Solved'],
    }),
    world: queueWorld,
    expected: { members: ['Ann 2', 'Bob 1'], codes: ['Solved'] },
  },
  'members and codes are exchanged': {
    before: queue({ members: [mail('Ann'), mail('Cid')], wrapupCodes: ['Solved'] }),
    after: queue({
      members: [{ user: mail('Bob'), ring: 2 }, mail('Cid')],
      wrapupCodes: ['Called back'],
    }),
    world: queueWorld,
    expected: { members: ['Bob 2', 'Cid 1'], codes: ['Called back'] },
  },
  'members are included, beside one who is not ours': {
    before: queue({ members: { include: [mail('Ann')] } }),
    after: queue({
      members: { include: [mail('Ann'), { user: mail('Dan'), ring: 2 }] },
      wrapupCodes: { include: ['Solved'] },
    }),
    meanwhile: someoneJoins,
    world: queueWorld,
    expected: { members: ['Ann 1', 'Dan 2', 'Eve 1'], codes: ['Solved'] },
  },
  'owned rows go one by one': {
    before: table('owned', { a: 1, b: 2, c: 3 }),
    after: table('owned', { a: 1, b: 5, d: 4 }),
    world: rowsWorld,
    expected: { a: 1, b: 5, d: 4 },
  },
  'owned rows go in a file': {
    before: table('owned', { a: 1, b: 2, c: 3 }),
    after: table('owned', { b: 5, ...sites(8) }),
    world: rowsWorld,
    expected: { b: 5, ...sites(8) },
  },
  'seeded rows are made beside those that are not ours': {
    before: table('seed', { a: 1 }),
    after: table('seed', { a: 7, ...sites(8) }),
    meanwhile: someoneAddsARow,
    world: rowsWorld,
    expected: { a: 1, theirs: 9, ...sites(8) },
  },
};

async function started(one: Case): Promise<Many> {
  const place = many(
    bench({ ...ORG, users: [...(ORG.users ?? []), ...USERS.map((name) => ({ name }))] }),
    'datatable',
  );
  await place.apply(one.before);
  await one.meanwhile?.(place);
  return place;
}

/** What the next run says of what was left open, and what it makes of the org. */
async function takenUp(place: Many, one: Case): Promise<unknown> {
  await place.carryOut(await place.plan(one.after), { bulk: true });
  const { plan, chores } = await place.plan(one.after);
  expect([plan.changes, plan.blocked ?? [], chores]).toEqual([[], [], []]);
  return one.world(place);
}

/** Numbers of the requests of a run that nobody kills which write something, from 1. */
async function writesOf(one: Case): Promise<number[]> {
  const place = await started(one);
  const { exchange, sent } = faulty(place.bench.exchange);
  await place.carryOut(await place.plan(one.after), { bulk: true, exchange });
  expect(await takenUp(place, one)).toEqual(one.expected);
  return sent.flatMap(({ method, path }, index) =>
    method === 'GET' || path === '/oauth/token' ? [] : [index + 1],
  );
}

/** What the closer says of each write of a part that was left open. */
async function told(place: Many, { after }: Case, open: Killed['open']): Promise<string[]> {
  const { observation } = await place.plan(after);
  const binding = bindingFor(BACKEND, reconciledKinds, { uses: ['Queue', 'DataTable'] });
  const { clock } = place.bench;
  const closer = new IntentCloser(place.bench.reader(), observation, binding, clock.now());
  const ofParts = open.filter(({ step }) => step.startsWith('part '));
  return Promise.all(ofParts.map(async (one) => (await closer.effectOf(one, 'run')).state));
}

describe.each(Object.entries(CASES))('%s', (_, one) => {
  // Before a read it is as after the write before it.
  it('whatever the write at which the run is killed', async () => {
    const writes = await writesOf(one);
    expect(writes.length).toBeGreaterThanOrEqual(3);
    for (const at of writes) {
      for (const when of ['before', 'after'] as const) {
        const place = await started(one);
        const planned = await place.plan(one.after);
        const killed = await killedAt(place, planned, { at, when }, { bulk: true });
        const { died, open, request } = killed;
        expect(died).toBe(true);
        // Whatever was under way has ended, and what was new is in listings.
        await place.bench.clock.sleep(300_000);
        const states = await told(place, one, open);
        const expected = when === 'after' ? 'took effect' : 'did not';
        expect([request, states]).toEqual([request, states.map(() => expected)]);
        expect([request, await takenUp(place, one)]).toEqual([request, one.expected]);
      }
    }
  });
});

describe('members that are seen only a while after they were written', () => {
  const LAG_MS = 8000;
  const files = queue({
    members: [{ user: mail('Ann'), ring: 2 }, mail('Bob')],
    wrapupCodes: ['Solved'],
  });
  const world = { members: ['Ann 2', 'Bob 1'], codes: ['Solved'] };

  async function lagging(): Promise<Many> {
    const one = CASES['members and codes are exchanged'];
    if (one === undefined) throw new Error('there is no such case');
    const place = await started(one);
    place.bench.org.memberLagMs = LAG_MS;
    return place;
  }

  it('are waited for by what is said of them, and are no drift', async () => {
    const place = await lagging();
    const { outcomes } = await place.apply(files);
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
    const { exchange, sent } = faulty(place.bench.exchange);
    const { plan } = await place.plan(files, { exchange });
    expect(plan.changes).toEqual([]);
    expect(sent.filter(({ method, path }) => method !== 'GET' && /members/.test(path))).toEqual([]);
    await place.bench.clock.sleep(LAG_MS);
    expect(queueWorld(place)).toEqual(world);
  });

  it('cost nothing once they are seen, and a person at them is drift all the same', async () => {
    const place = await lagging();
    await place.apply(files);
    await place.bench.clock.sleep(LAG_MS);
    const startMs = place.bench.clock.now();
    expect((await place.plan(files)).plan.changes).toEqual([]);
    expect(place.bench.clock.now()).toBe(startMs);
    place.bench.org.memberLagMs = 0;
    await someoneJoins(place);
    const { plan } = await place.plan(files);
    expect(plan.changes[0]?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      [`members["${mail('Eve')}"]`, 'drift'],
    ]);
  });

  it('are no write that did not take effect, where a run is killed at them', async () => {
    const place = await lagging();
    place.bench.org.memberLagMs = 60_000;
    const planned = await place.plan(files);
    const { exchange } = place.bench;
    const log = new MemoryLog();
    const lost = silentAfter(exchange, { method: 'POST', path: /\/members$/ }, 'after');
    await place.carryOut(planned, { exchange: lost, audit: log });
    const open = openRunOf(log.records, true)?.intents ?? [];
    const mine = { before: codes, after: files, world: queueWorld, expected: world };
    expect(await told(place, mine, open)).toEqual(['unknown']);
    await place.apply(files);
    expect(queueWorld(place)).toEqual(world);
  });
});

describe('a row that is in no listing yet', () => {
  it('is asked for by its key, where a run is killed at it', async () => {
    const files = table('owned', { a: 1, b: 2 });
    const one: Case = {
      before: table('owned', { a: 1 }),
      after: files,
      world: rowsWorld,
      expected: { a: 1, b: 2 },
    };
    const place = await started(one);
    const { exchange } = place.bench;
    const log = new MemoryLog();
    const lost = silentAfter(exchange, { method: 'POST', path: /\/rows$/ }, 'after');
    await place.carryOut(await place.plan(files), { exchange: lost, audit: log });
    const open = openRunOf(log.records, true)?.intents ?? [];
    const { org } = place.bench;
    const id = unlistedRow(org.tableNames.get('Sites') ?? '', 'b');
    org.unlisted.set(id, place.bench.clock.now() + 5000);
    expect(await told(place, one, open)).toEqual(['took effect']);
    await place.bench.clock.sleep(5000);
    expect(await takenUp(place, one)).toEqual(one.expected);
  });
});
