/**
 * What somebody still refers to is neither deleted nor loses the name that he uses: held for every
 * field of every kind that refers to another, whoever has the object, and read only where
 * something goes.
 */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Field } from '../../src/core/fields.js';
import { textOf, without, type JsonObject } from '../../src/core/json.js';
import { innerOf } from '../../src/core/normalise.js';
import { tableBody, type Column } from '../../src/core/table.js';
import type { Plan } from '../../src/core/types.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { REFERRED } from '../../src/kinds/data-table/rows.js';
import { plainStyle } from '../../src/render/style.js';
import { driftText, planText } from '../../src/render/text.js';
import { faulty, refusal } from '../support/faults.js';
import { many, manifestOf, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { recordOf, remember } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';

const QUEUES = '/api/v2/routing/queues';
const GROUPS = '/api/v2/routing/skillgroups';
const SCHEDULE_GROUPS = '/api/v2/architect/schedulegroups';
const STRATEGIES = '/api/v2/routing/strategies';

const on = (backend: 'datatable' | 'strategies-api' = 'strategies-api'): Many =>
  many(bench(ORG), backend);

/** What goes, of each kind that others may refer to. */
const GOES: Readonly<Record<string, object>> = {
  Skill: {},
  Language: {},
  WrapupCode: {},
  Queue: {},
  Schedule: { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00' },
  DataTable: { columns: [{ name: 'site', type: 'string' }] },
  SkillGroup: {
    skillConditions: [
      {
        operation: 'And',
        routingSkillConditions: [{ routingSkill: 'Voice', comparator: 'EqualTo', proficiency: 5 }],
      },
    ],
  },
};

const term = (key: 'routingSkill' | 'languageSkill', named: string): JsonObject => ({
  operation: 'And',
  routingSkillConditions: [],
  languageSkillConditions: [],
  [`${key}Conditions`]: [
    { [key]: named, comparator: 'GreaterThan', proficiency: 1, childConditions: [] },
  ],
});
const group = (conditions: readonly JsonObject[]): JsonObject => ({
  name: 'Theirs',
  skillConditions: conditions as unknown as JsonObject[],
});
const condition = (id: string): JsonObject => ({
  conditions: [
    {
      simpleMetric: { metric: 'EstimatedWaitTime', queue: { id } },
      operator: 'GreaterThan',
      value: 1,
    },
  ],
  conditionExpression: 'C1',
});
const skillGroups = (id: string): JsonObject[] => [{ id, type: 'SKILLGROUP' }];
const schedules = (key: string) => (id: string) => ({ name: 'Theirs', [key]: [{ id }] });

/** `queue`: one that stays. */
const strategy = (queue: string, over: object): object => ({
  name: 'Theirs',
  status: 'draft',
  targets: [{ id: queue, priority: 1, weight: 1, capacity: 1 }],
  ...over,
});

type Holder = readonly [path: string, body: (id: string, name: string, queue: string) => object];

/** By kind and field, what a person makes that names it; one for every reference of every table. */
const HOLDERS: Readonly<Record<string, Holder>> = {
  'SkillGroup skillConditions.routingSkillConditions.routingSkill': [
    GROUPS,
    (_, name) => group([term('routingSkill', name)]),
  ],
  'SkillGroup skillConditions.languageSkillConditions.languageSkill': [
    GROUPS,
    (_, name) => group([term('languageSkill', name)]),
  ],
  'ScheduleGroup openSchedules': [SCHEDULE_GROUPS, schedules('openSchedules')],
  'ScheduleGroup closedSchedules': [SCHEDULE_GROUPS, schedules('closedSchedules')],
  'ScheduleGroup holidaySchedules': [SCHEDULE_GROUPS, schedules('holidaySchedules')],
  'RoutingStrategy selection.skills.skill': [
    STRATEGIES,
    (id, _, other) =>
      strategy(other, { selectionCriteria: { skills: [{ skillId: id, required: true }] } }),
  ],
  'RoutingStrategy targets.queue': [STRATEGIES, (id) => strategy(id, {})],
  'RoutingStrategy fallback.queue': [
    STRATEGIES,
    (id, _, other) => strategy(other, { fallback: { queue: { id, priority: 1, weight: 1 } } }),
  ],
  'Queue skillGroups': [QUEUES, (id) => ({ name: 'Theirs', memberGroups: skillGroups(id) })],
  'Queue rings.skillGroups': [
    QUEUES,
    (id) => ({ name: 'Theirs', bullseye: { rings: [{ memberGroups: skillGroups(id) }, {}] } }),
  ],
  'Queue rings.skillsToRemove': [
    QUEUES,
    (id) => ({
      name: 'Theirs',
      bullseye: { rings: [{ actions: { skillsToRemove: [{ id }] } }, {}] },
    }),
  ],
  'Queue conditionalGroupRouting.queue': [
    QUEUES,
    (id) => ({
      name: 'Theirs',
      conditionalGroupRouting: { rules: [{ operator: 'GreaterThan' }, { queue: { id } }] },
    }),
  ],
  'Queue conditionalGroupRouting.skillGroups': [
    QUEUES,
    (id) => ({
      name: 'Theirs',
      conditionalGroupRouting: { rules: [{ groups: skillGroups(id) }] },
    }),
  ],
  'Queue conditionalGroupActivation.pilotRule.conditions.simpleMetric.queue': [
    QUEUES,
    (id) => ({ name: 'Theirs', conditionalGroupActivation: { pilotRule: condition(id) } }),
  ],
  'Queue conditionalGroupActivation.rules.conditions.simpleMetric.queue': [
    QUEUES,
    (id) => ({ name: 'Theirs', conditionalGroupActivation: { rules: [condition(id)] } }),
  ],
  'Queue conditionalGroupActivation.rules.skillGroups': [
    QUEUES,
    (id) => ({
      name: 'Theirs',
      conditionalGroupActivation: { rules: [{ groups: skillGroups(id) }] },
    }),
  ],
  'Queue directRouting.backupQueue': [
    QUEUES,
    (id) => ({ name: 'Theirs', directRouting: { backupQueueId: id } }),
  ],
  // Its codes have an endpoint of their own.
  'Queue wrapupCodes': [QUEUES, () => ({ name: 'Theirs' })],
};

/** Where tables of kinds refer to kinds that are managed: each place once. */
function places(): { readonly key: string; readonly kind: string; readonly to: string }[] {
  const behind = new Map(reconciledKinds.map(({ refType, name }) => [refType, name]));
  return reconciledKinds.flatMap(({ name, fields }) =>
    referencesAt(fields, '', new Set()).flatMap(({ path, to }) => {
      const kind = behind.get(to);
      return kind === undefined ? [] : [{ key: `${name} ${path}`, kind: name, to: kind }];
    }),
  );
}

function referencesAt(
  field: Field,
  path: string,
  seen: Set<Field>,
): { readonly path: string; readonly to: string }[] {
  if (field.type === 'reference') return [{ path, to: field.to }];
  if (field.type !== 'record') {
    return innerOf(field).flatMap((one) => {
      // What has parts of its own sort leads back to itself.
      if (one.type === 'record' && seen.has(one)) return [];
      return referencesAt(one, path, new Set([...seen, one]));
    });
  }
  return Object.entries(field.fields).flatMap(([key, one]) =>
    seen.has(one)
      ? []
      : referencesAt(one, path === '' ? key : `${path}.${key}`, new Set([...seen, one])),
  );
}

const held = ({ blocked = [] }: Plan): string[] =>
  blocked.map(({ address, obstacles }) =>
    [address, ...obstacles.map(({ message }) => message)].join(': '),
  );

const queueId = ({ bench: { org } }: Many, called: string): string =>
  [...org.queues.values()].find(({ name }) => name === called)?.id ?? '';

async function idOf(place: Many, kind: string, name: string): Promise<string> {
  const { observation } = await place.plan({ 'a.yaml': manifestOf(kind, name, GOES[kind] ?? {}) });
  const found = observation.live.find(({ address }) => address === `${kind}/${name}`);
  if (found === undefined) throw new Error(`${kind}/${name} is not there`);
  return found.id;
}

describe('every field that refers to another kind', () => {
  const all = places();

  it('is one that this test knows of', () => {
    expect([...new Set(all.map(({ key }) => key))].sort()).toEqual(Object.keys(HOLDERS).sort());
  });

  it.each(all)('$key holds the delete of a $to', async ({ key, kind, to }) => {
    const place = on();
    await place.apply({ 'a.yaml': manifestOf(to, 'Refunds', GOES[to] ?? {}) });
    const id = await idOf(place, to, 'Refunds');
    const [path, body] = HOLDERS[key] ?? ['', () => ({})];
    await place.send('POST', path, body(id, 'Refunds', queueId(place, 'Alpha')));
    if (key === 'Queue wrapupCodes') {
      await place.send('POST', `${QUEUES}/${queueId(place, 'Theirs')}/wrapupcodes`, [{ id }]);
    }
    const { plan } = await place.plan({});
    expect([plan.changes.map(({ address }) => address), held(plan)]).toEqual([
      [],
      [
        `${to}/Refunds: no manifest declares it, and it is not deleted: ${kind}/Theirs (in the ` +
          'org) still refers to it',
      ],
    ]);
  });
});

describe('a listing of more than a page', () => {
  /** The first reading skips one, as it does where another went and a third came meanwhile. */
  const skipping = (place: Many, name: string, path: string): Exchange => {
    let isFirst = true;
    return async (request) => {
      const answer = await place.bench.exchange(request);
      const url = new URL(request.url);
      if (url.pathname !== path || request.method !== 'GET') return answer;
      const body = JSON.parse(answer.body) as { entities: { name: string }[]; total: number };
      const entities = body.entities.filter((one) => !isFirst || one.name !== name);
      isFirst = false;
      const total = entities.length;
      return { ...answer, body: JSON.stringify({ ...body, entities, total }) };
    };
  };
  const crowded = (): Many => many(bench({ ...ORG, generate: { queues: 120 } }), 'strategies-api');

  it('is read a second time before what a skipped one refers to is deleted', async () => {
    const place = crowded();
    await place.apply({ 'a.yaml': manifestOf('Queue', 'Backup', {}) });
    const id = await idOf(place, 'Queue', 'Backup');
    await place.send('POST', QUEUES, { name: 'Theirs', directRouting: { backupQueueId: id } });
    const { plan } = await place.plan({}, { exchange: skipping(place, 'Theirs', QUEUES) });
    expect([plan.changes.map(({ address }) => address), held(plan)]).toEqual([
      [],
      [
        'Queue/Backup: no manifest declares it, and it is not deleted: Queue/Theirs (in the ' +
          'org) still refers to it',
      ],
    ]);
  });

  it('is read once where nothing goes', async () => {
    const place = crowded();
    const files = { 'a.yaml': manifestOf('Queue', 'Backup', {}) };
    await place.apply(files);
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(files, { exchange });
    expect(sent.filter(({ path }) => path.startsWith(`${QUEUES}?`))).toHaveLength(1);
  });
});

const QUEUE = (name: string, spec: object = {}, metadata: object = {}): string =>
  stringify({ apiVersion: 'strategos/v1', kind: 'Queue', metadata: { name, ...metadata }, spec });
const SITES = (mode: string, items: readonly object[] | null, references = 'Queue'): string =>
  manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'to', type: 'string', references },
    ],
    rows: { mode, ...(items === null ? {} : { items }) },
  });
const rowsAt = ({ bench: { org } }: Many): string =>
  `/api/v2/flows/datatables/${org.tableNames.get('Sites')}/rows`;
const actions = ({ changes }: Plan): string[] =>
  changes.map(({ action, address, waitsFor }) => [action, address, ...waitsFor].join(' '));

describe('cells that somebody has written', () => {
  it.each(Object.keys(REFERRED))('hold the delete of a %s', async (kind) => {
    const place = on();
    const goes = { 'a.yaml': manifestOf(kind, 'Refunds', GOES[kind] ?? {}) };
    for (const mode of ['seed', 'ignore']) {
      const table = { 't.yaml': SITES(mode, mode === 'seed' ? [] : null, kind) };
      await place.apply({ ...goes, ...table });
      if (mode === 'seed') await place.send('POST', rowsAt(place), { key: 'Bonn', to: 'Refunds' });
      const { plan } = await place.plan(table);
      expect([plan.changes, held(plan)]).toEqual([
        [],
        [
          `${kind}/Refunds: no manifest declares it, and it is not deleted: DataTable/Sites, row ` +
            '"Bonn" (t.yaml:5) still refers to it',
        ],
      ]);
    }
  });

  it('hold a delete where the table is out of scope, too', async () => {
    const place = on();
    const table = { 't.yaml': SITES('owned', [{ site: 'Bonn', to: 'Refunds' }]) };
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...table });
    const emptied = { 't.yaml': SITES('owned', []) };
    const { plan } = await place.plan(emptied, { scope: ['Queue/Refunds'] });
    expect([plan.changes, held(plan)]).toEqual([
      [],
      [expect.stringContaining('row "Bonn" (t.yaml:5) still refers to it')],
    ]);
    // What lets go is waited for.
    expect(actions((await place.plan(emptied)).plan)).toEqual([
      'delete Queue/Refunds DataTable/Sites',
      'update DataTable/Sites',
    ]);
  });

  it('hold another name, and say which rows stay on the old one', async () => {
    const place = on();
    const table = { 't.yaml': SITES('seed', []) };
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...table });
    await place.send('POST', rowsAt(place), { key: 'Bonn', to: 'Refunds' });
    await place.send('POST', rowsAt(place), { key: 'Kiel', to: 'Alpha' });
    const after = { 'q.yaml': QUEUE('Returns', {}, { previously: 'Refunds' }), ...table };
    const { plan } = await place.plan(after);
    expect([plan.changes, held(plan)]).toEqual([
      [],
      [
        'Queue/Returns: it is not renamed from "Refunds": DataTable/Sites, row "Bonn" ' +
          '(t.yaml:5) goes on naming it so',
      ],
    ]);
  });
});

describe('a seeded table, where what it names gets another name', () => {
  const table = (queue: string): Record<string, string> => ({
    't.yaml': SITES('seed', [{ site: 'Bonn', to: queue }]),
  });
  const rows = ({ bench: { org } }: Many): Record<string, unknown> =>
    Object.fromEntries(
      [...(org.tables.get(org.tableNames.get('Sites') ?? '')?.rows ?? [])].map(([key, row]) => [
        key,
        row.get('to'),
      ]),
    );
  const after = {
    'q.yaml': QUEUE('Returns', {}, { previously: 'Refunds' }),
    ...table('Returns'),
  };

  it('follows in the rows that it has seeded', async () => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...table('Refunds') });
    await place.send('POST', rowsAt(place), { key: 'Kiel', to: 'Alpha' });
    const { plan } = await place.plan(after);
    expect(actions(plan)).toEqual(['update Queue/Returns', 'update DataTable/Sites Queue/Returns']);
    expect(plan.changes[1]?.fields.map(({ cause }) => cause)).toEqual(['git']);
    await place.apply(after);
    expect(rows(place)).toEqual({ Bonn: 'Returns', Kiel: 'Alpha' });
    expect(actions((await place.plan(after)).plan)).toEqual([]);
  });

  it('is told of rows whose queue a person has renamed, ours and others’', async () => {
    const place = on();
    const files = { 'q.yaml': QUEUE('Refunds'), ...table('Refunds') };
    await place.apply(files);
    await place.send('POST', rowsAt(place), { key: 'Kiel', to: 'Beta' });
    for (const name of ['Refunds', 'Beta']) {
      await place.send('PUT', `${QUEUES}/${queueId(place, name)}`, { name: `${name} 2` });
    }
    const { plan } = await place.plan(files);
    expect([actions(plan), plan.blocked?.map(({ address }) => address)]).toEqual([
      [],
      ['Queue/Refunds'],
    ]);
    expect(plan.dangling).toEqual([
      'DataTable/Sites, row "Bonn": the org has no queue "Refunds", and none is made now: look at ' +
        'what is said of Queue/Refunds',
      'DataTable/Sites, row "Kiel": the org has no queue "Beta"',
    ]);
    expect(planText(plan, plainStyle)).toContain('names nothing: DataTable/Sites, row "Bonn"');
    const report = { plan, drifts: [], pending: [] };
    expect(driftText(report, plainStyle)).toContain('names nothing: DataTable/Sites, row "Kiel"');
  });

  it.each(['owned', 'seed'] as const)(
    'is told what it is called now, where another record knows: rows %s',
    async (mode) => {
      const place = on('datatable');
      const files = {
        's.yaml': STRATEGY('support', 'Voice'),
        't.yaml': SITES(mode, [{ site: 'Bonn', to: 'Beta' }]),
      };
      await place.apply(files);
      const id = queueId(place, 'Beta');
      await place.send('PUT', `${QUEUES}/${id}`, { name: 'Beta 2' });
      const { plan } = await place.plan(files);
      const said = `the org has no queue "Beta"; the one that it was (id ${id}) is called "Beta 2" now`;
      expect(plan.blocked?.map(({ address, obstacles }) => [address, obstacles])).toEqual(
        ['DataTable/Sites', 'RoutingStrategy/support'].map((address) => [
          address,
          [
            {
              message: said,
              hint: 'write "Beta 2" in the manifest, or rename the queue back to "Beta" in the org',
              at: expect.anything(),
            },
          ],
        ]),
      );
      expect(plan.dangling).toEqual([`DataTable/Sites, row "Bonn": ${said}`]);
    },
  );

  it('an owned one as well: nothing is written that names what is not there', async () => {
    const place = on();
    const owned = (...sites: string[]): Record<string, string> => ({
      'q.yaml': QUEUE('Refunds'),
      't.yaml': SITES(
        'owned',
        sites.map((site) => ({ site, to: 'Refunds' })),
      ),
    });
    await place.apply(owned('Bonn'));
    await place.send('PUT', `${QUEUES}/${queueId(place, 'Refunds')}`, { name: 'Refunds 2' });
    const { plan } = await place.plan(owned('Bonn'));
    expect(plan.dangling).toHaveLength(1);
    const more = (await place.plan(owned('Bonn', 'Kiel'))).plan;
    expect([actions(more), held(more)]).toEqual([
      [],
      [
        expect.stringContaining(
          'DataTable/Sites: it names Queue/Refunds ("Refunds"), which is not',
        ),
        expect.stringContaining('Queue/Refunds: somebody has renamed it'),
      ],
    ]);
  });
});

describe('a new name', () => {
  const strategy = (queue: string): string => STRATEGY('support', 'Voice').replace('Alpha', queue);
  const files = (queue: string, metadata: object = {}): Record<string, string> => ({
    'q.yaml': QUEUE(queue, {}, metadata),
    's.yaml': strategy(queue),
    't.yaml': SITES('owned', [{ site: 'Bonn', to: queue }]),
  });
  const after = files('Returns', { previously: 'Refunds' });

  it.each([['RoutingStrategy/support'], ['DataTable/Sites']])(
    'is not written into the row of a %s before what has it, and is out of scope',
    async (address) => {
      const place = on('datatable');
      await place.apply(files('Refunds'));
      const { plan } = await place.plan(after, { scope: [address] });
      expect([actions(plan), held(plan)]).toEqual([
        [],
        [
          `${address}: it names Queue/Returns, which the org calls "Refunds", and is not renamed ` +
            'now',
        ],
      ]);
    },
  );

  it('that is held leaves rows right that name the old one: nothing is told of them', async () => {
    const place = on('datatable');
    const table = { 't.yaml': SITES('seed', [{ site: 'Bonn', to: 'Alpha' }]) };
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...table });
    await place.send('POST', rowsAt(place), { key: 'Kiel', to: 'Refunds' });
    const { plan } = await place.plan({
      'q.yaml': QUEUE('Returns', {}, { previously: 'Refunds' }),
      ...table,
    });
    expect([held(plan), plan.dangling]).toEqual([
      [expect.stringContaining('row "Kiel" (t.yaml:5) goes on naming it so')],
      undefined,
    ]);
  });

  it('is not written, where the rename is held', async () => {
    const place = on('datatable');
    await place.apply(files('Refunds'));
    const other = many(place.bench, 'datatable', 'Theirs (strategos)', 'Theirs');
    await other.apply({ 's.yaml': strategy('Refunds') }, { owner: 'another' });
    const { plan } = await place.plan(after);
    expect([actions(plan), plan.blocked?.map((one) => one.address)]).toEqual([
      [],
      ['DataTable/Sites', 'Queue/Returns', 'RoutingStrategy/support'],
    ]);
  });

  it('follows by its id, where objects hold that', async () => {
    const place = on('strategies-api');
    const both = (queue: string, metadata: object = {}): Record<string, string> =>
      without(files(queue, metadata), 't.yaml');
    await place.apply(both('Refunds'));
    const { plan } = await place.plan(both('Returns', { previously: 'Refunds' }), {
      scope: ['RoutingStrategy/support'],
    });
    expect([actions(plan), held(plan)]).toEqual([[], []]);
  });
});

describe('what is not there yet', () => {
  it('holds what it is to refer to', async () => {
    const place = on();
    const skill = { 'a.yaml': manifestOf('Skill', 'Refunds', {}) };
    await place.apply({ ...skill, 's.yaml': STRATEGY('one', 'Refunds') });
    const { plan } = await place.plan({ 's.yaml': STRATEGY('two', 'Refunds') });
    expect(held(plan)).toEqual([
      'Skill/Refunds: no manifest declares it, and it is not deleted: RoutingStrategy/two ' +
        '(s.yaml:5) still refers to it',
    ]);
  });
});

describe('a queue that a person has renamed', () => {
  const hand = async (place: Many): Promise<void> =>
    place.send('PUT', `${QUEUES}/${queueId(place, 'Refunds')}`, { name: 'Hand' });

  it('is not made anew under a third name, which would leave it to nobody', async () => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Refunds') });
    await hand(place);
    const { plan } = await place.plan({
      'q.yaml': QUEUE('Returns', {}, { previously: 'Refunds' }),
    });
    expect([actions(plan), held(plan)]).toEqual([
      [],
      [expect.stringContaining('Queue/Returns: somebody has renamed it: the org calls it "Hand"')],
    ]);
    const follows = { 'q.yaml': QUEUE('Hand', {}, { previously: 'Refunds' }) };
    expect(held((await place.plan(follows)).plan)).toEqual([]);
  });

  it('is told of the rows of strategies that go on naming it as it was', async () => {
    const place = on('datatable');
    const files = {
      'q.yaml': QUEUE('Refunds'),
      's.yaml': STRATEGY('support', 'Voice').replace('Alpha', 'Refunds'),
    };
    await place.apply(files);
    await hand(place);
    expect((await place.plan(files)).plan.dangling).toEqual([
      'RoutingStrategy/support: the org has no queue "Refunds", and none is made now: look at ' +
        'what is said of Queue/Refunds',
    ]);
  });
});

describe('strategies in another place than the one of the environment', () => {
  const spec = { checks: { skills: 'warn', capacity: 'warn' } };
  const strategy = (queue: string): string =>
    manifestOf('RoutingStrategy', 'support', { ...spec, targets: [{ queue, capacity: 5 }] });
  const before = { 'q.yaml': QUEUE('Refunds'), 's.yaml': strategy('Refunds') };
  const renamed = { 'q.yaml': QUEUE('Returns', {}, { previously: 'Refunds' }) };

  it('hold what they refer to, once the environment has the endpoint', async () => {
    const place = on('datatable');
    await place.apply(before);
    const moved = many(place.bench, 'strategies-api');
    expect(held((await moved.plan({})).plan)).toEqual([
      'Queue/Refunds: no manifest declares it, and it is not deleted: RoutingStrategy/support ' +
        '(in the data table "Routing Strategies") still refers to it',
    ]);
    expect(held((await moved.plan(renamed)).plan)).toEqual([
      'Queue/Returns: it is not renamed from "Refunds": RoutingStrategy/support (in the data ' +
        'table "Routing Strategies") goes on naming it so',
    ]);
  });

  it('hold it once the environment has a table; another name they follow by their ids', async () => {
    const place = on('strategies-api');
    await place.apply(before);
    const moved = many(place.bench, 'datatable');
    expect(held((await moved.plan({})).plan)).toEqual([
      'Queue/Refunds: no manifest declares it, and it is not deleted: RoutingStrategy/support ' +
        '(at /api/v2/routing/strategies) still refers to it',
    ]);
    expect(held((await moved.plan(renamed)).plan)).toEqual([]);
  });

  it('hold it whoever has them: another environment keeps a table of its own', async () => {
    const place = on('datatable');
    await place.apply({ 'q.yaml': QUEUE('Refunds') });
    const other = many(place.bench, 'datatable', 'Theirs (strategos)', 'Theirs');
    await other.apply({ 's.yaml': strategy('Refunds') }, { owner: 'another' });
    expect(held((await place.plan({})).plan)).toEqual([
      'Queue/Refunds: no manifest declares it, and it is not deleted: RoutingStrategy/support ' +
        '(in the data table "Theirs") still refers to it',
    ]);
  });
});

describe('a name that is written otherwise', () => {
  const theirs = async (place: Many, columns: readonly string[], row: object): Promise<void> => {
    const spec = {
      name: 'Theirs',
      description: '',
      keyTitle: 'Name',
      columns: columns.map((name): Column => {
        return { name, title: name, type: name === 'targets' ? 'integer' : 'string' };
      }),
    };
    await place.send('POST', '/api/v2/flows/datatables', tableBody(spec));
    const id = place.bench.org.tableNames.get('Theirs');
    await place.send('POST', `/api/v2/flows/datatables/${id}/rows`, row);
  };
  const NEEDED = ['status', 'skills', 'targets', 'fallback_queue', 'target_01_queue'];
  const row = (queue: string): object => ({
    key: 'support',
    status: 'active',
    skills: '',
    targets: 1,
    fallback_queue: '',
    target_01_queue: queue,
  });

  it.each(['refunds', 'Refunds ', 'Refunds'])(
    'holds a delete, in a table of strategies that lacks our own column: "%s"',
    async (name) => {
      const place = on('datatable');
      await place.apply({ 'q.yaml': QUEUE('Refunds') });
      await theirs(place, NEEDED, row(name));
      const as = name === 'Refunds' ? '' : `, as "${name}"`;
      expect(held((await place.plan({})).plan)).toEqual([
        'Queue/Refunds: no manifest declares it, and it is not deleted: RoutingStrategy/support' +
          `${as} (in the data table "Theirs") still refers to it`,
      ]);
    },
  );

  it('holds none where another object is called so', async () => {
    const place = on('datatable');
    await place.apply({ 'q.yaml': QUEUE('Refunds') });
    await place.send('POST', QUEUES, { name: 'refunds' });
    await theirs(place, NEEDED, row('refunds'));
    const { plan } = await place.plan({});
    expect([actions(plan), held(plan)]).toEqual([['delete Queue/Refunds'], []]);
  });

  it('holds each of two that differ in case where a row may mean either', async () => {
    const place = on('datatable');
    await place.apply({ 'q.yaml': QUEUE('Refunds') });
    await place.send('POST', QUEUES, { name: 'REFUNDS' });
    const [id] = [...place.bench.org.queues].find(([, { name }]) => name === 'REFUNDS') ?? [];
    // As an earlier version made it, which took both.
    remember(place.bench.org, recordOf('Queue/REFUNDS', { id: id ?? '', applied: {} }));
    await theirs(place, NEEDED, row('refunds'));
    expect(held((await place.plan({})).plan)).toEqual([
      expect.stringMatching(/^Queue\/REFUNDS: .*RoutingStrategy\/support, as "refunds" /),
      expect.stringMatching(/^Queue\/Refunds: .*RoutingStrategy\/support, as "refunds" /),
    ]);
  });

  it.each(['seed', 'ignore'])('holds it in a row of a table of mode %s', async (mode) => {
    const place = on();
    const table = { 't.yaml': SITES(mode, mode === 'seed' ? [] : null) };
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...table });
    await place.send('POST', rowsAt(place), { key: 'Bonn', to: 'REFUNDS' });
    expect(held((await place.plan(table)).plan)).toEqual([
      expect.stringMatching(/^Queue\/Refunds: .*row "Bonn",? as "REFUNDS" .*still refers to it$/),
    ]);
  });

  it('holds it in a row of our own table that a person has written', async () => {
    const place = on('datatable');
    const other = { 's.yaml': STRATEGY('support', 'Voice') };
    await place.apply({ 'q.yaml': QUEUE('Refunds'), ...other });
    const id = place.bench.org.tableNames.get('Routing Strategies') ?? '';
    const rows = place.bench.org.tables.get(id)?.rows;
    const own = Object.fromEntries(rows?.get('support') ?? []);
    const path = `/api/v2/flows/datatables/${id}/rows/support`;
    await place.send('PUT', path, { ...own, target_01_queue: 'refunds' });
    place.forget('RoutingStrategy/support');
    expect(held((await place.plan({})).plan)).toEqual([
      expect.stringMatching(/^Queue\/Refunds: .*RoutingStrategy\/support, as "refunds" /),
    ]);
  });
});

describe('what is not asked, or not answered', () => {
  const paths = async (place: Many, files: Record<string, string>): Promise<readonly string[]> => {
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(files, { exchange });
    return sent
      .map(({ path }) => path)
      .filter((one) => /skillgroups|queues.*wrapupcodes/.test(one));
  };

  it('a plan that deletes nothing asks for none of it', async () => {
    const place = on();
    const files = { 'a.yaml': manifestOf('Skill', 'Refunds', {}), 'q.yaml': QUEUE('Bills') };
    await place.apply(files);
    expect(await paths(place, files)).toEqual([]);
    await place.send('POST', GROUPS, group([term('routingSkill', 'Voice')]));
    // The listing, and each group by itself.
    expect(await paths(place, { 'q.yaml': files['q.yaml'] })).toHaveLength(2);
    // Codes are none of the business of a skill.
    expect(await paths(place, { 'a.yaml': files['a.yaml'] })).toEqual([]);
  });

  it.each([
    ['Skill', GROUPS, 403],
    ['Skill', `${GROUPS}/`, 403],
    ['WrapupCode', '/queues/.*/wrapupcodes', 403],
    ['Queue', '/api/v2/routing/strategies', 403],
  ])('a %s is held while nobody can tell who refers to it', async (kind, path, status) => {
    const place = on(kind === 'Queue' ? 'datatable' : 'strategies-api');
    const files = { 'a.yaml': manifestOf(kind, 'Refunds', {}) };
    await place.apply(files);
    await place.send('POST', GROUPS, group([term('routingSkill', 'Voice')]));
    const answer = refusal(status, 'missing', 'no');
    const fault = { path: new RegExp(path), times: 99, does: { answer } };
    const { exchange } = faulty(place.bench.exchange, [fault]);
    const { plan } = await place.plan({}, { exchange });
    const [guard] = plan.guards.filter(({ guard: one }) => one === 'consumers');
    expect(guard?.passed).toBe(false);
    expect(guard?.message).toContain(`what uses ${kind}/Refunds cannot be told: `);
  });

  it.each([
    ['that the platform has not (404) holds nothing', 404, 0],
    ['that it keeps from us (403) may have something', 403, 1],
  ])('an endpoint %s', async (_, status, many_) => {
    const place = on('datatable');
    await place.apply({ 'a.yaml': QUEUE('Refunds') });
    const answer = refusal(status, 'not.found', 'no');
    const fault = { path: /routing\/strategies/, times: 99, does: { answer } };
    const { exchange } = faulty(place.bench.exchange, [fault]);
    const { plan } = await place.plan({}, { exchange });
    const unknown = plan.guards.filter(({ guard }) => guard === 'consumers');
    expect([actions(plan), unknown.length]).toEqual([['delete Queue/Refunds'], many_]);
  });
});

describe('what goes along', () => {
  it('is no referrer: a code goes once the queue is gone that had it', async () => {
    const place = on();
    const files = {
      'a.yaml': manifestOf('WrapupCode', 'Refunds', {}),
      'q.yaml': QUEUE('Bills'),
    };
    await place.apply(files);
    const id = await idOf(place, 'WrapupCode', 'Refunds');
    await place.send('POST', `${QUEUES}/${queueId(place, 'Bills')}/wrapupcodes`, [{ id }]);
    expect(held((await place.plan({ 'q.yaml': files['q.yaml'] })).plan)).toHaveLength(1);
    const { plan } = await place.plan({});
    expect([actions(plan), held(plan)]).toEqual([
      ['delete Queue/Bills', 'delete WrapupCode/Refunds Queue/Bills'],
      [],
    ]);
  });

  it('is one where two are called alike: neither can be told apart, and both refer', async () => {
    const place = on();
    const bills = manifestOf('Schedule', 'Refunds', GOES['Schedule'] ?? {});
    await place.apply({ 'a.yaml': bills });
    const id = await idOf(place, 'Schedule', 'Refunds');
    for (const name of ['Theirs', 'Others']) {
      await place.send('POST', SCHEDULE_GROUPS, { name, openSchedules: [{ id }] });
    }
    const { exchange } = alike(place, 'Others', 'Theirs');
    const { plan } = await place.plan({}, { exchange });
    expect([actions(plan), held(plan).length]).toEqual([[], 1]);
  });
});

describe('what is on record and in no listing', () => {
  const EXPERTS = manifestOf('SkillGroup', 'Experts', GOES['SkillGroup'] ?? {});
  const files = (count: number): Record<string, string> => ({
    'g.yaml': EXPERTS,
    ...Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `${n}.yaml`,
        manifestOf('Queue', `Q${n}`, { skillGroups: n === 0 ? ['Experts'] : [] }),
      ]),
    ),
  });
  /** Less of them, and no word of it: as to a client that does not see a division. */
  const hiding = (place: Many, hidden: (name: string) => boolean) =>
    faulty(place.bench.exchange, [
      {
        method: 'GET',
        path: /routing\/queues$/,
        times: 99,
        does: {
          mangle: (response) => {
            const body = JSON.parse(response.body) as JsonObject & { entities: JsonObject[] };
            const entities = body.entities.filter(({ name }) => !hidden(textOf(name ?? null)));
            return {
              ...response,
              body: JSON.stringify({ ...body, entities, total: entities.length }),
            };
          },
        },
      },
    ]);

  it('is asked for by itself before something goes that it may refer to', async () => {
    const place = on();
    await place.apply(files(3));
    const { exchange } = hiding(place, (name) => name === 'Q0');
    const { plan } = await place.plan({}, { exchange });
    expect([actions(plan), held(plan)]).toEqual([
      ['delete Queue/Q1', 'delete Queue/Q2'],
      [expect.stringContaining('Queue/Q0 (in the org) still refers to it')],
    ]);
  });

  it('and is gone, holds nothing', async () => {
    const place = on();
    await place.apply(files(3));
    await place.send('DELETE', `${QUEUES}/${queueId(place, 'Q0')}`);
    const { plan } = await place.plan({});
    expect([actions(plan), held(plan)]).toEqual([
      ['delete Queue/Q1', 'delete Queue/Q2', 'delete SkillGroup/Experts'],
      [],
    ]);
  });

  it('is too much to be asked for one by one: that it is not known is said', async () => {
    const place = on();
    await place.apply(files(23));
    const { exchange, sent } = hiding(place, (name) => name.startsWith('Q') && name !== 'Q0');
    const { plan } = await place.plan(
      { '0.yaml': manifestOf('Queue', 'Q0', { skillGroups: [] }) },
      { exchange },
    );
    expect(actions(plan)).toEqual(['delete SkillGroup/Experts Queue/Q0', 'update Queue/Q0']);
    expect(sent.filter(({ path }) => /routing\/queues\/[^?]/.test(path))).toHaveLength(20);
    const guard = plan.guards.find(({ guard: one }) => one === 'consumers');
    expect([guard?.passed, guard?.message]).toEqual([
      false,
      expect.stringContaining('2 queues more on record and in no listing'),
    ]);
  });
});

/** An org that shows both under one name. */
function alike(place: Many, name: string, as: string): { exchange: Many['bench']['exchange'] } {
  return {
    exchange: async (sent) => {
      const answer = await place.bench.exchange(sent);
      return { ...answer, body: answer.body.replaceAll(`"${name}"`, `"${as}"`) };
    },
  };
}
