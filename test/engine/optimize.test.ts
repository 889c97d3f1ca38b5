/** Rounds of the optimizer: what they see, what they write, and what they leave alone. */
import { beforeEach, describe, expect, it } from 'vitest';
import { updatesIn } from '../../src/core/audit.js';
import { drifted } from '../../src/core/drift.js';
import { PlatformError } from '../../src/core/errors.js';
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Backend } from '../support/binding.js';
import { Known } from '../../src/engine/optimize.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { planBack } from '../support/back.js';
import { faulty, type Fault } from '../support/faults.js';
import { many } from '../support/many.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND, OTHER, recordOf, remember, stateTable } from '../support/owned.js';
import { edit, plan, reweigh, strategy } from '../support/reconcile.js';
import { applied, round, weightsIn, type RoundOptions } from '../support/rounds.js';
import { editRow, ROWS, strategyRows } from '../support/rows.js';

/** Ten agents and two; nobody calls yet. */
const ORG: OrgFile = {
  clients: [
    { id: 'demo', secret: 'demo' },
    { id: 'person', secret: 'person' },
  ],
  skills: ['Voice'],
  generate: { users: 12, skills: 1, skillsPerUser: 1 },
  queues: [
    { name: 'Big', members: Array.from({ length: 10 }, (_, n) => user(n)) },
    { name: 'Small', members: [user(10), user(11)] },
    { name: 'Empty' },
  ],
};

function user(index: number): string {
  return `User ${String(index + 1).padStart(4, '0')}`;
}

/** What it would like follows from what is seen alone. */
const FOLLOWING = { policy: 'headroom', bounds: { min: 0.1 } };

function manifest(name: string, spec: JsonObject = {}): string {
  const targets = [
    { queue: 'Big', capacity: 50 },
    { queue: 'Small', capacity: 50 },
  ];
  const all = { targets, checks: { capacity: 'warn' }, optimizer: FOLLOWING };
  const document = {
    apiVersion: 'strategos/v1',
    kind: 'RoutingStrategy',
    metadata: { name },
    spec: { ...all, ...spec },
  };
  return JSON.stringify(document, null, 2);
}

const ONE = { 's.yaml': manifest('s') };

/** Both backends keep the same promises. */
describe.each<[string, Backend]>([
  ['datatable', ROWS],
  ['strategies-api', BACKEND],
])('a round on %s', (_, backend) => {
  let on: Bench;
  const go = (options: Partial<RoundOptions> = {}, files: Readonly<Record<string, string>> = ONE) =>
    round(on, files, { backend, ...options });
  /** A person gives every target of `s` these weights, past the optimizer. */
  const byHand = async (weight: number): Promise<void> => {
    if (backend.name !== 'datatable') return reweigh(on, 's', weight);
    const spec = JSON.parse(textOf(strategyRows(on.org)['s']?.['spec'])) as { targets: object[] };
    const targets = spec.targets.map((one) => ({ ...one, weight }));
    editRow(on.org, 's', { spec: JSON.stringify({ ...spec, targets }), target_01_share: 0.5 });
  };
  /** A person gives one target of `s` another capacity. */
  const byHandCapacity = async (queue: string, capacity: number): Promise<void> => {
    if (backend.name !== 'datatable') {
      const { id: wanted } = [...on.org.queues.values()].find(({ name }) => name === queue)!;
      const { targets } = strategy(on, 's').content;
      const other = targets.map((one) => ({
        ...one,
        capacity: one.id === wanted ? capacity : one.capacity,
      }));
      return edit(on, 's', { targets: other });
    }
    const spec = JSON.parse(textOf(strategyRows(on.org)['s']?.['spec'])) as {
      targets: { queue: string }[];
    };
    const targets = spec.targets.map((one) => (one.queue === queue ? { ...one, capacity } : one));
    editRow(on.org, 's', { spec: JSON.stringify({ ...spec, targets }) });
  };
  const held = async (
    options: Partial<RoundOptions> = {},
    files: Readonly<Record<string, string>> = ONE,
  ): Promise<string> => {
    const before = JSON.stringify([...on.org.strategies.values(), rowsOf()]);
    const { strategies, execution } = await go(options, files);
    expect(execution.outcomes).toEqual([]);
    expect(JSON.stringify([...on.org.strategies.values(), rowsOf()])).toBe(before);
    expect(strategies).toHaveLength(1);
    return strategies.map(({ state, reason }) => `${state}: ${reason}`).join();
  };
  const rowsOf = (): unknown => (backend.name === 'datatable' ? strategyRows(on.org) : null);
  const planned = async (files: Readonly<Record<string, string>> = ONE) =>
    (await plan(on, files, { backend, owned: false })).plan;

  beforeEach(async () => {
    on = bench(ORG);
    await applied(on, ONE, backend);
  });

  it('moves what should move, by a step, and says what it saw', async () => {
    const { strategies, execution, log } = await go();
    expect(strategies).toEqual([
      {
        address: 'RoutingStrategy/s',
        state: 'moved',
        reason: '',
        targets: [
          { queue: 'Big', from: 1, to: 1, aim: 1, slots: 10, interacting: 0, waiting: 0 },
          { queue: 'Small', from: 1, to: 0.9, aim: 0.2, slots: 2, interacting: 0, waiting: 0 },
        ],
      },
    ]);
    expect(execution.exitCode).toBe(0);
    expect(weightsIn(on, 's', backend)).toEqual([1, 0.9]);
    const [first] = log.records.filter(({ address }) => address !== null);
    expect([first?.type, first?.address, first?.outcome?.state]).toEqual([
      ...['checked', 'RoutingStrategy/s', 'planned'],
    ]);
    // The intent of every write is on record before its outcome is.
    const writes = log.records.filter(({ type, address }) => type === 'intent' && address !== null);
    expect(writes.map(({ detail }) => detail?.['step'])).toEqual(['update', 'record']);
    for (const { detail, seq } of writes) {
      const outcome = log.records.find(
        (one) => one.type === 'outcome' && one.detail?.['step'] === detail?.['step'],
      );
      expect(outcome?.seq).toBeGreaterThan(seq);
    }
  });

  it('comes to rest, and rests between its moves', async () => {
    const states: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      const { strategies } = await go();
      states.push(strategies[0]?.state ?? '');
      await on.clock.sleep(60_000);
    }
    expect(states.slice(0, 7)).toEqual([
      ...['moved', 'held', 'held', 'moved', 'held', 'held', 'moved'],
    ]);
    expect(states.at(-1)).toBe('steady');
    const [big, small] = weightsIn(on, 's', backend) as number[];
    // 0.2 is liked; a fifth of 0.15 is the dead band.
    expect([big, Math.abs(small! - 0.2) <= 0.15]).toEqual([1, true]);
  });

  it('counts the cool-down from the move of any other optimizer, and from no apply', async () => {
    await go({ run: '2026-weights-other' });
    expect(await held()).toBe('held: cooling down, 180 s left');
    await on.clock.sleep(179_000);
    expect(await held()).toBe('held: cooling down, 1 s left');
    await on.clock.sleep(1000);
    expect((await go()).strategies[0]?.state).toBe('moved');
  });

  /** What an act does to the records of the org has never been: its run was killed before. */
  const unrecorded = async <T>(act: () => Promise<T>): Promise<T> => {
    const { rows } = stateTable(on.org);
    const before = [...rows];
    const result = await act();
    rows.clear();
    for (const [key, row] of before) rows.set(key, row);
    return result;
  };

  it('counts the cool-down of a move whose run was killed before it was on record', async () => {
    await byHandCapacity('Big', 20);
    const run = '2026-optimize-killed';
    const { log } = await unrecorded(async () => go({ run }));
    const at = new Date(on.clock.now()).toISOString();
    const updates = updatesIn(log.records).map((one) => ({ ...one, run, at }));
    await on.clock.sleep(60_000);
    const { strategies, execution } = await go({ updates });
    expect(strategies[0]?.reason).toBe('cooling down, 120 s left');
    expect([execution.exitCode, weightsIn(on, 's', backend)]).toEqual([0, [1, 0.9]]);
    // From here on the org knows it as well: no log is needed.
    await on.clock.sleep(60_000);
    expect(await held()).toBe('held: cooling down, 120 s left');
    await on.clock.sleep(120_000);
    expect((await go({ updates })).strategies[0]?.state).toBe('moved');
    // What a person has edited beside the weights is theirs.
    expect((await planned()).changes[0]?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      ['targets["Big"].capacity', 'drift'],
    ]);
  });

  it('moves on where the log of a killed run has no date that anybody can read', async () => {
    await byHandCapacity('Big', 20);
    const run = '2026-optimize-killed';
    const { log } = await unrecorded(async () => go({ run }));
    const updates = updatesIn(log.records).map((one) => ({ ...one, run, at: 'on Friday' }));
    const { strategies } = await go({ updates });
    expect(strategies[0]?.reason).toBe('cooling down, 180 s left');
    await on.clock.sleep(180_000);
    expect((await go({ updates })).strategies[0]?.state).toBe('moved');
  });

  it('knows a start that is live for one that was made, though its run was killed before it said so', async () => {
    await go();
    const targets = [
      { queue: 'Big', capacity: 50, weight: 0.6 },
      { queue: 'Small', capacity: 50 },
    ];
    const edited = { 's.yaml': manifest('s', { targets }) };
    await unrecorded(async () => applied(on, edited, backend));
    expect(weightsIn(on, 's', backend)).toEqual([0.6, 1]);
    await on.clock.sleep(600_000);
    expect((await go({}, edited)).strategies[0]?.state).toBe('moved');
    expect((await planned(edited)).changes).toEqual([]);
  });

  it('leaves plan and drift silent', async () => {
    await go();
    const after = await planned();
    expect(after.changes).toEqual([]);
    expect(after.records).toBe(0);
  });

  it('is no excuse for a weight outside the bounds: that is drift, and nobody moves it', async () => {
    await go();
    await on.clock.sleep(600_000);
    await byHand(5);
    expect(await held()).toBe('held: the weight 5 of Big is outside the bounds, 0.1 to 1');
    const [change] = (await planned()).changes;
    expect(
      change?.fields.map(({ path, before, after, cause }) => [path, before, after, cause]),
    ).toEqual([
      ['targets["Big"].weight', 5, 1, 'drift'],
      ['targets["Small"].weight', 5, 1, 'drift'],
    ]);
    expect(drifted(change!)).toHaveLength(2);
  });

  it('is told from git, where the bounds are what moved', async () => {
    await go();
    const narrow = {
      's.yaml': manifest('s', { optimizer: { ...FOLLOWING, bounds: { min: 0.95 } } }),
    };
    const [change] = (await planned(narrow)).changes;
    expect(change?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      ['targets["Small"].weight', 'git'],
    ]);
  });

  it('moves nothing that a person touched between looking and writing', async () => {
    const { strategies, execution } = await go({ meanwhile: () => byHand(0.5) });
    expect(weightsIn(on, 's', backend)).toEqual([0.5, 0.5]);
    expect(execution.exitCode).toBe(4);
    const [{ state, reason, targets } = { state: '', reason: '', targets: [] }] = strategies;
    expect([state, targets.map(({ from, to }) => [from, to])]).toEqual([
      ...[
        'failed',
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ]);
    expect(reason).toMatch(/was changed in the org after the plan was made; nothing was over/);
    // The next round begins from what the person left.
    expect((await go()).strategies[0]?.targets[0]?.from).toBe(0.5);
  });

  it("leaves somebody's edit beside the weights on record as drift, round after round", async () => {
    const edited = [
      { queue: 'Big', capacity: 20 },
      { queue: 'Small', capacity: 50 },
    ];
    await byHandCapacity('Big', 20);
    const drift = async (): Promise<unknown[]> =>
      (await planned()).changes.flatMap(({ fields }) =>
        fields.map(({ path, before, after, cause }) => [path, before, after, cause]),
      );
    const expected = [['targets["Big"].capacity', 20, 50, 'drift']];
    expect(await drift()).toEqual(expected);
    for (let rounds = 0; rounds < 2; rounds += 1) {
      expect((await go()).strategies[0]?.state).toBe('moved');
      expect(await drift()).toEqual(expected);
      await on.clock.sleep(600_000);
    }
    // What git asks for now is git's, and nothing but what is on record beside it.
    expect((await planned({ 's.yaml': manifest('s', { targets: edited }) })).changes).toEqual([]);
  });

  it("is rolled back, and somebody's edit beside the weights is drift still", async () => {
    if (backend.name !== 'datatable') return;
    await byHandCapacity('Big', 20);
    const { log } = await go();
    expect(weightsIn(on, 's', backend)).toEqual([1, 0.9]);
    const place = many(on, 'datatable');
    await place.carryOut(await planBack(place, log));
    expect(weightsIn(on, 's', backend)).toEqual([1, 1]);
    const causes = (await planned()).changes.flatMap(({ fields }) =>
      fields.map(({ path, cause }) => [path, cause]),
    );
    expect(causes).toEqual([['targets["Big"].capacity', 'drift']]);
  });

  it('moves weights alone: what else differs from git stays as it is', async () => {
    const other = [
      { queue: 'Big', capacity: 99 },
      { queue: 'Small', capacity: 50 },
    ];
    await go({}, { 's.yaml': manifest('s', { targets: other }) });
    expect(weightsIn(on, 's', backend)).toEqual([1, 0.9]);
    const [change] = (await planned({ 's.yaml': manifest('s', { targets: other }) })).changes;
    expect(change?.fields.map(({ path }) => path)).toEqual(['targets["Big"].capacity']);
  });

  it.each<[string, JsonObject, string]>([
    ['is a draft', { status: 'draft' }, 'held: it is draft, not active'],
    [
      'has no target whose weight is not 0',
      {
        targets: [
          { queue: 'Big', weight: 1, capacity: 5 },
          { queue: 'Small', weight: 0, capacity: 5 },
        ],
      },
      'steady: ',
    ],
    [
      'leads to a queue that nobody works in',
      {
        targets: [
          { queue: 'Big', capacity: 5 },
          { queue: 'Empty', capacity: 5 },
        ],
      },
      'held: the platform reports nothing for Empty',
    ],
  ])('leaves alone what %s', async (_name, spec, why) => {
    const files = { 's.yaml': manifest('s', spec) };
    await applied(on, files, backend);
    expect(await held({}, files)).toBe(why);
  });

  it('leaves alone what is not in the org, is not ours, or names what is not there', async () => {
    const absent = { 'n.yaml': manifest('n') };
    expect(await held({}, absent)).toBe('held: it is not in the org: apply it first');
    const strange = { 's.yaml': manifest('s', { targets: [{ queue: 'Bih', capacity: 5 }] }) };
    expect(await held({}, strange)).toMatch(/^unknown: .*the org has no queue "Bih"/);
    const { strategies } = await go({ scope: ['s'] }, { ...ONE, ...absent });
    expect(strategies.map(({ address }) => address)).toEqual(['RoutingStrategy/s']);
  });

  it.each<[string, Fault['does'], RegExp]>([
    ['empty', answering('{"results":[]}'), /held: the platform reports nothing for Big/],
    ['absurd', counting(-3), /held: the numbers for Big cannot be: .* -3 interacting/],
    ['no number', counting('many'), /held: the numbers for Big cannot be: .* NaN interacting/],
  ])('changes nothing when the observations are %s', async (_name, does, why) => {
    const { exchange } = faulty(on.exchange, [{ path: /observations/, does }]);
    expect(await held({ exchange })).toMatch(why);
  });

  it('changes nothing on data that was a minute on its way', async () => {
    const { exchange } = faulty(on.exchange, [
      { path: /observations/, does: { meanwhile: () => on.clock.sleep(61_000) } },
    ]);
    expect(await held({ exchange })).toBe('held: the data is 61 s old');
  });

  it('changes nothing where agents may have no calls, and says so', async () => {
    const { exchange } = faulty(on.exchange, [
      { path: /utilization/, does: answering('{"utilization":{"chat":{"maximumCapacity":4}}}') },
    ]);
    expect(await held({ exchange })).toBe("held: the org's utilization settings have no calls");
  });

  it('names the permission that is missing, having changed nothing', async () => {
    const refused = {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        status: 403,
        code: 'missing.permissions',
        message: 'You are missing the following permission(s): analytics:queueObservation:view',
      }),
    };
    const { exchange, sent } = faulty(on.exchange, [
      { path: /observations/, does: { answer: refused } },
    ]);
    const failed = await go({ exchange }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PlatformError);
    expect((failed as PlatformError).message).toContain('analytics:queueObservation:view');
    expect((failed as PlatformError).exitCode).toBe(6);
    const writes = sent.filter(({ method, path }) => method !== 'GET' && !/oauth|query/.test(path));
    // The lock, taken and given back.
    expect(writes.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  it('asks nine times in a later round that moves nothing, whatever number of strategies', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_none, n) => [`${n}.yaml`, manifest(`s${n}`)]),
    );
    await applied(on, files, backend);
    const known = new Known();
    await go({ known }, files);
    const { exchange, sent } = faulty(on.exchange);
    await go({ known, exchange }, files);
    const asked = sent.filter(({ path }) => !path.includes('oauth'));
    const queries = asked.filter(({ path }) => path.includes('/analytics/'));
    // Tables, their lock taken and given back after a look, the head of the log read and left,
    // records, strategies, observations.
    expect([asked.length, queries.length]).toEqual([9, 1]);
  });
});

it("leaves alone another owner's strategy", async () => {
  const on = bench(ORG);
  await applied(on, ONE, BACKEND);
  const [strategy] = on.org.strategies.values();
  remember(on.org, recordOf('RoutingStrategy/s', { owner: OTHER, id: strategy!.id }));
  const { strategies } = await round(on, ONE, { backend: BACKEND });
  expect(strategies[0]?.reason).toMatch(/^it belongs to github.com\/acme\/elsewhere/);
});

function answering(body: string): Fault['does'] {
  return { mangle: (one) => ({ ...one, body }) };
}

/** Every queue has so many interactions. */
function counting(count: unknown): Fault['does'] {
  return {
    mangle: (one) => {
      const { results } = JSON.parse(one.body) as { results: { group: { queueId: string } }[] };
      const calls = results.map(({ group }) => ({
        group: { ...group, mediaType: 'voice' },
        data: [{ metric: 'oInteracting', stats: { count } }],
      }));
      return { ...one, body: JSON.stringify({ results: [...results, ...calls] }) };
    },
  };
}

describe('what is remembered by the name of a queue', () => {
  it.each(['Small', 'constructor', '__proto__', 'toString'])('is of no other: %s', async (name) => {
    const [big] = ORG.queues ?? [];
    const queues = [
      { ...big, name: 'Big', interacting: 8 },
      { name, members: [user(10), user(11)] },
    ];
    const on = bench({ ...ORG, queues });
    const targets = [
      { queue: 'Big', capacity: 50 },
      { queue: name, capacity: 50 },
    ];
    const files = { 's.yaml': manifest('s', { targets, optimizer: { policy: 'level' } }) };
    await applied(on, files, BACKEND);
    const { strategies } = await round(on, files, { backend: BACKEND });
    expect(strategies).toMatchObject([{ state: 'moved', targets: [{ to: 0.9124 }, { to: 1 }] }]);
  });
});
