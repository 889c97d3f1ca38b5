/** Rows of data tables that are kept: made, changed, removed, left alone, and taken back. */
import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Plan } from '../../src/core/types.js';
import { faulty, type Fault } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const TABLES = '/api/v2/flows/datatables';
const COLUMNS = [
  { name: 'site', type: 'string' },
  { name: 'queue', type: 'string' },
  { name: 'agents', type: 'integer', default: 2 },
];

const table = (rows: object | null, columns: object[] = COLUMNS): Record<string, string> => ({
  'table.yaml': manifestOf('DataTable', 'Sites', { columns, ...(rows === null ? {} : { rows }) }),
});
const owned = (...items: object[]): object => ({ mode: 'owned', items });
const seed = (...items: object[]): object => ({ mode: 'seed', items });

const BONN = { site: 'Bonn', queue: 'Alpha', agents: 4 };
const KIEL = { site: 'Kiel', queue: 'Beta' };

const lines = (plan: Plan): string[] => plan.changes.map((one) => `${one.action} ${one.address}`);
const paths = (plan: Plan): string[] =>
  plan.changes.flatMap(({ fields }) => fields.map(({ path }) => path));

function on(): Many {
  return many(bench(ORG), 'datatable');
}

function rowsIn({ bench: { org } }: Many): Record<string, JsonObject> {
  const found = org.tables.get(org.tableNames.get('Sites') ?? '');
  return Object.fromEntries(
    [...(found?.rows ?? [])].map(([key, cells]) => {
      return [key, Object.fromEntries([...cells].filter(([name]) => name !== 'key'))];
    }),
  );
}

function idOf({ bench: { org } }: Many): string {
  return org.tableNames.get('Sites') ?? '';
}

async function person(
  place: Many,
  method: 'POST' | 'PUT' | 'DELETE',
  row: JsonObject,
): Promise<void> {
  const rows = `${TABLES}/${idOf(place)}/rows`;
  const path = method === 'POST' ? rows : `${rows}/${encodeURIComponent(textOf(row['key']))}`;
  await place.send(method, path, method === 'DELETE' ? undefined : row);
}

describe('owned rows', () => {
  it('are made with their table, and are then exactly these', async () => {
    const place = on();
    const files = table(owned(BONN, KIEL));
    const run = await place.apply(files);
    expect(run.outcomes.map(({ state, message }) => [state, message])).toEqual([['created', '']]);
    expect(rowsIn(place)).toEqual({
      Bonn: { queue: 'Alpha', agents: 4 },
      Kiel: { queue: 'Beta', agents: 2 },
    });
    expect(lines((await place.plan(files)).plan)).toEqual([]);
  });

  it('are changed, made and removed one by one, the table itself left alone', async () => {
    const place = on();
    await place.apply(table(owned(BONN, KIEL)));
    const files = table(owned({ ...BONN, agents: 5 }, { site: 'a/b %', queue: '' }));
    const { plan } = await place.plan(files);
    expect(paths(plan)).toEqual(['rows["Bonn"]["agents"]', 'rows["Kiel"]', 'rows["a/b %"]']);
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.apply(files, { exchange });
    expect(rowsIn(place)).toEqual({
      Bonn: { queue: 'Alpha', agents: 5 },
      'a/b %': { queue: '', agents: 2 },
    });
    const writes = sent.filter(
      ({ method, path }) => method !== 'GET' && path.includes(idOf(place)),
    );
    expect(writes.map(({ method }) => method)).toEqual(['POST', 'PUT', 'DELETE']);
    expect(lines((await place.plan(files)).plan)).toEqual([]);
  });

  it('that a person changed have drifted, and are put back', async () => {
    const place = on();
    await place.apply(table(owned(BONN, KIEL)));
    await person(place, 'PUT', { key: 'Bonn', queue: 'Beta', agents: 4 });
    await person(place, 'POST', { key: 'Ulm', queue: 'Beta', agents: 1 });
    const { plan } = await place.plan(table(owned(BONN, KIEL)));
    expect(plan.changes[0]?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      ['rows["Bonn"]["queue"]', 'drift'],
      ['rows["Ulm"]', 'drift'],
    ]);
    await place.apply(table(owned(BONN, KIEL)));
    expect(Object.keys(rowsIn(place))).toEqual(['Bonn', 'Kiel']);
  });

  it('an empty list means none', async () => {
    const place = on();
    await place.apply(table(owned(BONN)));
    await place.apply(table(owned()));
    expect(rowsIn(place)).toEqual({});
  });

  it('get a new column together with its cells', async () => {
    const place = on();
    await place.apply(table(owned(BONN)));
    const columns = [...COLUMNS, { name: 'open', type: 'boolean' }];
    await place.apply(table(owned({ ...BONN, open: true }), columns));
    expect(rowsIn(place)).toEqual({ Bonn: { queue: 'Alpha', agents: 4, open: true } });
  });

  it('are not overwritten where somebody was at them after the plan', async () => {
    const place = on();
    await place.apply(table(owned(BONN)));
    const planned = await place.plan(table(owned({ ...BONN, agents: 9 })));
    await person(place, 'PUT', { key: 'Bonn', queue: 'Beta', agents: 4 });
    const { outcomes } = await place.carryOut(planned);
    expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
    expect(rowsIn(place)).toEqual({ Bonn: { queue: 'Beta', agents: 4 } });
  });

  it('whose write got no answer are looked at, and not written twice', async () => {
    const place = on();
    await place.apply(table(owned()));
    const lost: Fault = { path: /rows$/, method: 'POST', does: { lost: 'after' } };
    const planned = await place.plan(table(owned(BONN)));
    const { exchange, sent } = faulty(place.bench.exchange, [lost]);
    const { outcomes } = await place.carryOut(planned, { exchange });
    expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
    const posts = sent.filter(
      ({ method, path }) => method === 'POST' && path.includes(idOf(place)),
    );
    expect(posts).toHaveLength(1);
  });
});

describe('more rows than a record has room for', () => {
  const many600 = (agents: number): object[] =>
    Array.from({ length: 600 }, (_, n) => ({
      site: `Site ${n}`,
      queue: 'A queue with a long name',
      agents,
    }));

  it('are known by their digest: what moved, and on which side, is told all the same', async () => {
    const place = on();
    await place.apply(table(owned(...many600(1))));
    expect(Object.keys(rowsIn(place))).toHaveLength(600);
    const { plan, chores } = await place.plan(table(owned(...many600(1))));
    expect([lines(plan), chores]).toEqual([[], []]);
    await person(place, 'PUT', { key: 'Site 7', queue: 'Alpha', agents: 1 });
    const drift = (await place.plan(table(owned(...many600(1))))).plan;
    expect(drift.changes[0]?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      ['rows["Site 7"]["queue"]', 'drift'],
    ]);
    await place.apply(table(owned(...many600(1))));
    const git = (await place.plan(table(owned(...many600(1), BONN)))).plan;
    expect(git.changes[0]?.fields.map(({ path, cause }) => [path, cause])).toEqual([
      ['rows["Bonn"]', 'git'],
    ]);
  });
});

describe('seeded rows', () => {
  it('are made where they are missing, and then left to whoever works on them', async () => {
    const place = on();
    await place.apply(table(seed(BONN)));
    await person(place, 'PUT', { key: 'Bonn', queue: 'Beta', agents: 9 });
    await person(place, 'POST', { key: 'Ulm', queue: 'Beta', agents: 1 });
    expect(lines((await place.plan(table(seed(BONN)))).plan)).toEqual([]);
    await place.apply(table(seed(BONN, KIEL)));
    expect(rowsIn(place)).toEqual({
      Bonn: { queue: 'Beta', agents: 9 },
      Ulm: { queue: 'Beta', agents: 1 },
      Kiel: { queue: 'Beta', agents: 2 },
    });
  });
});

describe('rows of which no manifest speaks', () => {
  it.each([
    ['not named', null],
    ['ignored', { mode: 'ignore' }],
  ])('%s: are neither read nor written', async (_, rows) => {
    const place = on();
    await place.apply(table(rows));
    await person(place, 'POST', { key: 'Ulm', queue: 'Beta', agents: 1 });
    const { exchange, sent } = faulty(place.bench.exchange);
    const grown = table(rows, [...COLUMNS, { name: 'open', type: 'boolean' }]);
    await place.apply(grown, { exchange });
    expect(sent.filter(({ path }) => path.includes(`${idOf(place)}/rows`))).toEqual([]);
    expect(Object.keys(rowsIn(place))).toEqual(['Ulm']);
  });

  it('stay when a manifest speaks of them no more', async () => {
    const place = on();
    await place.apply(table(owned(BONN)));
    expect(lines((await place.plan(table(null))).plan)).toEqual([]);
    await place.apply(table(null));
    expect(Object.keys(rowsIn(place))).toEqual(['Bonn']);
  });
});

describe('cells that name something', () => {
  const naming = (column: string, kind: string): object[] => [
    { name: 'site', type: 'string' },
    { name: column, type: 'string', references: kind },
  ];

  it('are checked against the org: file, line and what is near', async () => {
    const place = on();
    const columns = naming('queue', 'Queue');
    const wrong = table(owned({ site: 'Bonn', queue: 'Alpa' }), columns);
    const { plan } = await place.plan(wrong);
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles).toEqual([
      {
        message: 'the org has no queue "Alpa"',
        hint: expect.stringContaining('"Alpha"'),
        at: { file: 'table.yaml', line: 5 },
      },
    ]);
    const right = [
      { site: 'Bonn', queue: 'Alpha' },
      { site: 'Kiel', queue: '' },
    ];
    await place.apply(table(owned(...right), columns));
    expect(Object.keys(rowsIn(place))).toEqual(['Bonn', 'Kiel']);
  });

  it('wait for what is made in the same plan, and keep it from being deleted', async () => {
    const place = on();
    const own = table(owned({ site: 'Bonn', skill: 'Refunds' }), naming('skill', 'Skill'));
    const both = { ...own, 'skill.yaml': manifestOf('Skill', 'Refunds', {}) };
    const { plan } = await place.plan(both);
    expect(plan.changes.map(({ address, waitsFor }) => [address, waitsFor])).toEqual([
      ['Skill/Refunds', []],
      ['DataTable/Sites', ['Skill/Refunds']],
    ]);
    await place.apply(both);
    const without = (await place.plan(own)).plan;
    expect(lines(without)).toEqual([]);
    expect(without.blocked?.map(({ address, obstacles }) => [address, obstacles.length])).toEqual([
      ['Skill/Refunds', 1],
    ]);
  });

  it.each(['owned', 'seed'])(
    'that are %s are told what is called otherwise now, and what was deleted',
    async (mode) => {
      const place = on();
      const items = [
        { site: 'Bonn', queue: 'Mine' },
        { site: 'Kiel', queue: 'Theirs' },
      ];
      const files = table({ mode, items }, naming('queue', 'Queue'));
      for (const name of ['Mine', 'Theirs']) {
        await place.send('POST', '/api/v2/routing/queues', { name });
      }
      await place.apply(files);
      const ids = ['Mine', 'Theirs'].map(
        (name) => [...place.bench.org.queues.values()].find((one) => one.name === name)?.id ?? '',
      );
      const [mine = '', theirs = ''] = ids;
      await place.send('PUT', `/api/v2/routing/queues/${mine}`, { name: 'Ours' });
      await place.send('DELETE', `/api/v2/routing/queues/${theirs}`);
      const { plan } = await place.plan(files);
      const renamed = `the org has no queue "Mine"; the one that it was (id ${mine}) is called "Ours" now`;
      const deleted = expect.stringContaining(`(id ${theirs}) was deleted`) as string;
      expect(plan.blocked?.[0]?.obstacles.map(({ message, hint }) => [message, hint])).toEqual([
        [renamed, 'write "Ours" in the manifest, or rename the queue back to "Mine" in the org'],
        [deleted, expect.stringContaining('name another queue in the manifest')],
      ]);
      expect(plan.dangling).toEqual([
        `DataTable/Sites, row "Bonn": ${renamed}`,
        expect.stringContaining(
          `DataTable/Sites, row "Kiel": the org has no queue "Theirs"; the one`,
        ),
      ]);
    },
  );

  it('in a file are told there, and a row that goes by where its manifest names the file', async () => {
    const place = on();
    const files = (rows: string): Record<string, string> => ({
      ...table({ mode: 'owned', from: 'rows.csv' }),
      'rows.csv': `site,queue,agents\n${rows}`,
    });
    await place.apply(files('Bonn,Alpha,4\nKiel,Beta,2\n'));
    const { plan } = await place.plan(files('Kiel,Beta,3\n'));
    const lines = plan.changes[0]?.fields.map(({ path, at }) => [path, at?.file, at?.line]);
    expect(lines).toEqual([
      ['rows["Bonn"]', 'table.yaml', 5],
      ['rows["Kiel"]["agents"]', 'rows.csv', 2],
    ]);
  });

  it('list what they name only where a manifest has such a column', async () => {
    const place = on();
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(table(owned(BONN)), { exchange });
    expect(sent.filter(({ path }) => /routing.queues/.test(path))).toEqual([]);
  });
});
