/** DataTable: columns as a map with an order, which only grows. */
import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Plan } from '../../src/core/types.js';
import { bundle, loadManifests, validateAll } from '../../src/manifest/load.js';
import { writeManifests } from '../support/written.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { planBack } from '../support/back.js';
import { faulty } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const TABLES = '/api/v2/flows/datatables';
const SITE = { name: 'site', type: 'string' };
const QUEUE = { name: 'queue', type: 'string' };
const AGENTS = { name: 'agents', type: 'integer', default: 2 };

const table = (spec: object, name = 'Sites'): Record<string, string> => ({
  'table.yaml': manifestOf('DataTable', name, spec),
});

const lines = (plan: Plan): string[] => plan.changes.map((one) => `${one.action} ${one.address}`);
const why = (plan: Plan): string[] =>
  (plan.blocked ?? []).flatMap(({ obstacles }) => obstacles.map(({ message }) => message));

function on(): Many {
  return many(bench(ORG), 'datatable');
}

/** The table of that name as the platform shows it. */
async function shown(place: Many, name = 'Sites'): Promise<JsonObject> {
  const all = await place.bench.reader('person').list(`${TABLES}?expand=schema`, 100);
  return all.find((one) => one['name'] === name) ?? {};
}

function properties(of: JsonObject): Record<string, JsonObject> {
  return (of['schema'] as unknown as { properties: Record<string, JsonObject> }).properties;
}

const property = (name: string, over: object = {}): JsonObject => ({
  $id: `/properties/${name}`,
  type: 'string',
  ...over,
});

/** As a person makes one, whose columns are listed in another order than they are shown. */
const BY_HAND = {
  name: 'Sites',
  description: 'by hand',
  schema: {
    $schema: 'http://json-schema.org/draft-04/schema#',
    type: 'object',
    required: ['key'],
    additionalProperties: false,
    properties: {
      agents: { ...property('agents', { type: 'integer', title: 'Agents', displayOrder: 2 }) },
      key: property('key', { title: 'Site', displayOrder: 0, maxLength: 36 }),
      queue: property('queue', { title: 'Queue', displayOrder: 1, maxLength: 36, tint: 'blue' }),
    },
  },
};

describe('DataTable', () => {
  it('is made with its columns as the platform wants them', async () => {
    const place = on();
    await place.apply(table({ description: 'by site', columns: [SITE, QUEUE, AGENTS] }));
    const made = await shown(place);
    expect(made['description']).toBe('by site');
    expect(made['schema']).toMatchObject({ required: ['key'], additionalProperties: false });
    expect(properties(made)).toEqual({
      key: { $id: '/properties/key', type: 'string', title: 'site', displayOrder: 0 },
      queue: { $id: '/properties/queue', type: 'string', title: 'queue', displayOrder: 1 },
      agents: {
        $id: '/properties/agents',
        type: 'integer',
        title: 'agents',
        default: 2,
        displayOrder: 2,
      },
    });
    const { plan } = await place.plan(table({ columns: [SITE, QUEUE, AGENTS] }));
    expect(lines(plan)).toEqual([]);
  });

  it('gets a column, and every row of it stays', async () => {
    const place = on();
    await place.apply(table({ columns: [SITE, QUEUE] }));
    const id = textOf((await shown(place))['id']);
    await place.send('POST', `${TABLES}/${id}/rows`, { key: 'Bonn', queue: 'Alpha' });
    const grown = table({ columns: [SITE, AGENTS, QUEUE] });
    expect(lines((await place.plan(grown)).plan)).toEqual(['update DataTable/Sites']);
    await place.apply(grown);
    const rows = await place.bench
      .reader('person')
      .list(`${TABLES}/${id}/rows?showbrief=false`, 100);
    expect(rows).toEqual([{ key: 'Bonn', queue: 'Alpha', agents: 2 }]);
    expect((await shown(place))['id']).toBe(id);
    expect(lines((await place.plan(grown)).plan)).toEqual([]);
  });

  it('is changed as a whole, with what no manifest speaks of carried along', async () => {
    const place = on();
    await place.send('POST', TABLES, BY_HAND);
    const files = table({ columns: [{ ...SITE, name: 'Site' }, QUEUE, AGENTS] });
    await place.apply(files, { adopt: true });
    const after = await shown(place);
    expect(after['description']).toBe('by hand');
    expect(properties(after)['queue']).toEqual({ ...BY_HAND.schema.properties.queue });
    expect(properties(after)['agents']).toMatchObject({ default: 2, title: 'Agents' });
    expect(lines((await place.plan(files)).plan)).toEqual([]);
  });

  it('with another order is told by one line, and no column is renamed', async () => {
    const place = on();
    await place.apply(table({ columns: [SITE, QUEUE, AGENTS] }));
    const { plan } = await place.plan(table({ columns: [SITE, AGENTS, QUEUE] }));
    expect(plan.changes[0]?.fields.map(({ path }) => path)).toEqual(['columns (order)']);
    await place.apply(table({ columns: [SITE, AGENTS, QUEUE] }));
    const order = Object.entries(properties(await shown(place)));
    expect(order.map(([name, { displayOrder }]) => [name, displayOrder])).toEqual(
      expect.arrayContaining([
        ['key', 0],
        ['agents', 1],
        ['queue', 2],
      ]),
    );
  });

  it('loses no column and changes no type: the plan says what can be done', async () => {
    const place = on();
    await place.apply(table({ columns: [SITE, QUEUE, AGENTS] }));
    const without = (await place.plan(table({ columns: [SITE, QUEUE] }))).plan;
    expect([lines(without), why(without)]).toEqual([
      [],
      ['the column "agents" is in the org, and not in the manifest: it cannot be removed'],
    ]);
    expect(without.blocked?.[0]?.obstacles[0]?.hint).toContain('docs/manifests.md');
    const text = { ...AGENTS, type: 'string', default: '2' };
    const retyped = (await place.plan(table({ columns: [SITE, QUEUE, text] }))).plan;
    expect(why(retyped)).toEqual([
      'the column "agents" is of type integer in the org, and cannot become string',
    ]);
    expect(planText(retyped, plainStyle)).toContain('table.yaml:5');
  });

  it('is labelled anew without a column being taken for another', async () => {
    const place = on();
    await place.apply(table({ columns: [SITE, QUEUE] }));
    const files = table({
      columns: [
        { ...SITE, name: 'Place' },
        { ...QUEUE, title: 'Line' },
      ],
    });
    const { plan } = await place.plan(files);
    expect(plan.changes[0]?.fields.map(({ path }) => path)).toEqual([
      'columns["key"].title',
      'columns["queue"].title',
    ]);
    await place.apply(files);
    expect(properties(await shown(place))['key']).toMatchObject({ title: 'Place' });
  });

  it('is exported as it is: the plan on that is empty', async () => {
    const place = on();
    await place.send('POST', TABLES, BY_HAND);
    const { observation } = await place.plan(table({}));
    const { manifests } = writeManifests(observation.live, 'datatable');
    expect(manifests.map(({ body }) => body['spec'])).toEqual([
      {
        description: 'by hand',
        division: 'Home',
        columns: [
          { name: 'Site', type: 'string', maxLength: 36 },
          { name: 'queue', type: 'string', title: 'Queue', maxLength: 36 },
          { name: 'agents', type: 'integer', title: 'Agents' },
        ],
      },
    ]);
    const files = Object.fromEntries(manifests.map(({ file, text }) => [file, text]));
    const { plan } = await place.plan(files);
    expect([lines(plan), plan.counts.unchanged]).toEqual([[], 1]);
  });

  it('is listed once, our own tables left out, whatever they are called', async () => {
    const place = on();
    await place.apply({
      ...table({}),
      'skill.yaml': manifestOf('Skill', 'Refunds', {}),
    });
    const { exchange, sent } = faulty(place.bench.exchange);
    const { observation } = await place.plan(table({}), { exchange });
    const tables = observation.live.filter(({ kind }) => kind === 'DataTable');
    expect(tables.map(({ name }) => name)).toEqual(['Sites']);
    const listings = sent.filter(({ path }) => path.includes(`${TABLES}?`));
    expect(listings).toHaveLength(1);
  });

  it('that is to be called like a table of ours is not made', async () => {
    const place = on();
    await place.apply({ 'skill.yaml': manifestOf('Skill', 'Refunds', {}) });
    // In a folder that knows nothing of it, so that only the org can tell.
    const id = place.bench.org.tableNames.get('Routing Strategies (strategos)') ?? '';
    const records = place.bench.org.tables.get(id);
    if (records === undefined) throw new Error('no table of records');
    records.name = 'Records of others';
    const { plan } = await place.plan(table({}, 'Records of others'), {
      adopt: true,
      prune: false,
    });
    expect([lines(plan), why(plan)]).toEqual([
      [],
      ['strategos keeps its strategies or its records in the table of this name'],
    ]);
  });

  it('never asks for a delete by force', async () => {
    const place = on();
    await place.apply(table({ columns: [SITE] }));
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.apply({}, { exchange });
    const deletes = sent.filter(({ method, path }) => method === 'DELETE' && !/rows/.test(path));
    expect(deletes.map(({ path }) => path)).toEqual([expect.stringMatching(/datatables\/[^?]+$/)]);
    expect(await shown(place)).toEqual({});
  });
});

describe('bad input', () => {
  const issuesOf = (spec: object): string[] => {
    const bytes = new TextEncoder().encode(
      JSON.stringify(
        { apiVersion: 'strategos/v1', kind: 'DataTable', metadata: { name: 'Sites' }, spec },
        null,
        1,
      ),
    );
    return loadManifests([{ path: 't.yaml', bytes }]).issues.map(
      ({ message, at, hint }) => `${at?.line}: ${message} | ${hint}`,
    );
  };

  it.each([
    [
      [{ name: 'site', type: 'integer' }],
      '11: spec.columns[0].type: the first column is the key, and a key is a string, not integer | ' +
        'write type: string, or put the key first',
    ],
    [
      [SITE, { name: 'key', type: 'string' }],
      '14: spec.columns[1]: "key" is what the platform calls the first column | ' +
        'choose another name',
    ],
    [
      [SITE, QUEUE, { name: 'Queue', type: 'string' }],
      '18: spec.columns[2]: the name "Queue" is used in another writing already, in line 14 | ' +
        'rename one of the two, or remove it',
    ],
    [
      [SITE, { ...AGENTS, default: '2' }],
      '16: spec.columns[1].default: the column is of type integer; found "2" | ' +
        'write a whole number without quotes',
    ],
    [
      [SITE, { ...QUEUE, maximum: 3 }],
      '16: spec.columns[1].maximum: only numbers have one, and the column is of type string | ' +
        'leave it out',
    ],
    [
      [SITE, { ...AGENTS, minimum: 3, maximum: 1 }],
      '17: spec.columns[1].minimum: 3 is greater than maximum 1 | swap the two',
    ],
    [
      [{ name: 'a/b', type: 'string' }],
      '10: spec.columns[0].name: the platform takes no label of a key with / or \\ | ' +
        'write it without them',
    ],
  ])('%j', (columns, issue) => {
    expect(issuesOf({ columns })).toEqual([issue]);
  });

  it('a table of an environment of the folder, this one or another', () => {
    const environment = (name: string, datatable: object): string =>
      JSON.stringify({
        apiVersion: 'strategos/v1',
        kind: 'Environment',
        metadata: { name },
        spec: { host: 'http://127.0.0.1:9', backend: 'datatable', datatable },
      });
    const files = {
      'prod.yaml': environment('prod', {}),
      'test.yaml': environment('test', { table: 'Test Strategies' }),
      'a.yaml': manifestOf('DataTable', 'Routing Strategies', {}),
      'b.yaml': manifestOf('DataTable', 'test strategies (strategos)', {}),
    };
    const loaded = loadManifests(
      Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    );
    const expected = [
      'DataTable/Routing Strategies: environment prod keeps its strategies or its records in the ' +
        'data table of this name',
      'DataTable/test strategies (strategos): environment test keeps its strategies or its ' +
        'records in the data table of this name',
    ];
    expect(validateAll(loaded).map(({ message }) => message)).toEqual(expected);
    expect(bundle(loaded, 'prod').issues.map(({ message }) => message)).toEqual(expected);
  });
});

describe('a rollback of a run that has added a column', () => {
  const ZONE = { name: 'zone', type: 'string' };
  const of = (columns: readonly object[], description: string, items: readonly object[]) =>
    table({ description, columns, rows: { mode: 'owned', items } });

  it('leaves the column, and gives back everything else', async () => {
    const place = on();
    const bonn = { site: 'Bonn', agents: 1 };
    await place.apply(of([SITE, AGENTS], 'a', [bonn, { site: 'Kiel', agents: 2 }]));
    const after = [{ ...bonn, agents: 9, zone: 'west' }, { site: 'Ulm' }];
    const log = new MemoryLog();
    await place.carryOut(await place.plan(of([SITE, ZONE, AGENTS], 'b', after)), { audit: log });
    const back = await planBack(place, log);
    expect(back.plan.blocked).toBeUndefined();
    expect(back.plan.changes.map(({ remarks }) => remarks)).toEqual([
      ['the column "zone" stays: the platform removes none'],
    ]);
    // Its cells are not gone either.
    const zones = back.plan.changes[0]?.fields.filter(({ path }) => path.includes('zone'));
    expect(zones?.map(({ path, before, after: now }) => [path, before, now])).toEqual([
      ['rows["Bonn"]["zone"]', 'west', ''],
    ]);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
    const found = place.bench.org.tables.get(place.bench.org.tableNames.get('Sites') ?? '');
    const rows = [...(found?.rows ?? [])].map(([key, cells]) => [key, cells.get('agents')]);
    expect([found?.description, [...(found?.columns.keys() ?? [])], rows.sort()]).toEqual([
      'a',
      ['key', 'zone', 'agents'],
      [
        ['Bonn', 1],
        ['Kiel', 2],
      ],
    ]);
    const again = await planBack(place, log);
    expect([again.plan.changes, again.chores]).toEqual([[], []]);
  });
});

it('a rollback takes out a bound that its run has given a column', async () => {
  const place = on();
  await place.apply(table({ columns: [SITE, AGENTS] }));
  const log = new MemoryLog();
  const bounded = table({ columns: [SITE, { ...AGENTS, minimum: 1, maximum: 9 }] });
  await place.carryOut(await place.plan(bounded), { audit: log });
  const lost = { method: 'PUT', path: /datatables\/[^/]+$/, does: { lost: 'before' } } as const;
  const { exchange } = faulty(place.bench.exchange, [lost]);
  await place.carryOut(await planBack(place, log), { exchange });
  const { agents = {} } = properties(await shown(place));
  expect(Object.keys(agents)).not.toEqual(expect.arrayContaining(['maximum']));
  const again = await planBack(place, log);
  expect([again.plan.changes, again.chores]).toEqual([[], []]);
});
