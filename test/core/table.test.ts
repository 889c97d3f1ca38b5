/** Data tables: what we ask for, whether what is there is it, and rows as CSV. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { STATE_TABLE } from '../../src/core/state.js';
import {
  columnDefaults,
  columnNames,
  csvOf,
  isUnreachableKey,
  KEY,
  rowPath,
  rowsPath,
  schemaProblem,
  tableBody,
  TABLE_LIMITS,
  tableNamed,
  TABLES_PATH,
  type TableSpec,
} from '../../src/core/table.js';
import { parseCsv } from '../../src/simulator/csv.js';
import { hostile } from '../property/generators.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const SPEC: TableSpec = {
  name: 'Routes',
  description: 'Rows for flows',
  keyTitle: 'Strategy',
  columns: [
    { name: 'status', type: 'string', title: 'Status' },
    { name: 'share', type: 'number', title: 'Share' },
    { name: 'priority', type: 'integer', title: 'Priority' },
    { name: 'enabled', type: 'boolean', title: 'Enabled' },
  ],
};
const LISTING = `${TABLES_PATH}?expand=schema`;

/** The table that a platform makes of a specification, as its listing shows it. */
async function made(spec: TableSpec): Promise<JsonObject> {
  const on = bench(ORG);
  await on.writer().send({ method: 'POST', path: TABLES_PATH, body: tableBody(spec) });
  const found = tableNamed(await on.reader().list(LISTING, 100), spec.name);
  if (found === null) throw new Error('the table is not there');
  return found;
}

describe('the body that makes a table', () => {
  it.each([['of four types', SPEC] as const, ['of our records', { name: 'S', ...STATE_TABLE }]])(
    'is taken by the platform, and what it makes is what we meant: %s',
    async (_name, spec) => {
      const table = await made(spec);
      expect(table).toMatchObject({ name: spec.name, description: spec.description });
      expect(schemaProblem(spec, table)).toBeNull();
      expect(columnNames(table)).toEqual([KEY, ...spec.columns.map(({ name }) => name)]);
    },
  );

  it('gives every column its title and its place', async () => {
    const { schema } = await made(SPEC);
    const { properties } = schema as { properties: JsonObject };
    expect(properties).toMatchObject({
      key: { type: 'string', title: 'Strategy', displayOrder: 0 },
      status: { type: 'string', title: 'Status', displayOrder: 1 },
      share: { type: 'number', title: 'Share', displayOrder: 2 },
      priority: { type: 'integer', title: 'Priority', displayOrder: 3 },
      enabled: { type: 'boolean', title: 'Enabled', displayOrder: 4 },
    });
  });

  it('stays within the limits of the platform', () => {
    expect(STATE_TABLE.columns.length).toBeLessThanOrEqual(TABLE_LIMITS.columns);
  });
});

describe('a table that is there', () => {
  const column = (name: string, type: string): JsonObject => ({
    [name]: { $id: `/properties/${name}`, type },
  });
  const columns = {
    ...column('key', 'string'),
    ...column('status', 'string'),
    ...column('share', 'number'),
    ...column('priority', 'integer'),
    ...column('enabled', 'boolean'),
  };
  const table = (properties: JsonObject): JsonObject => ({
    id: 't',
    name: 'Routes',
    schema: { properties },
  });
  const without = (...names: string[]): JsonObject =>
    Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)));

  it.each<[string, JsonObject, string | null]>([
    ['as we would make it', table(columns), null],
    ['in another order', table(Object.fromEntries(Object.entries(columns).reverse())), null],
    ['with columns that somebody added', table({ ...columns, ...column('note', 'string') }), null],
    ['without a column', table(without('share')), 'it has no column share'],
    [
      'without any of ours',
      table(column('key', 'string')),
      'it has no column status, share, priority and 1 more',
    ],
    ['without a schema', { id: 't', name: 'Routes' }, /^it has no column status, share, priority/],
    ['with a schema that is none', { ...table({}), schema: [] }, /^it has no column status/],
    [
      'with a column of another type',
      table({ ...columns, ...column('share', 'string') }),
      'its column share is of type string, not number',
    ],
    [
      'with a number that may have decimals',
      table({ ...columns, ...column('priority', 'number') }),
      'its column priority is of type number, not integer',
    ],
    ['with a column without a type', table({ ...columns, share: {} }), 'it has no column share'],
    ['with a column that is none', table({ ...columns, share: 'x' }), 'it has no column share'],
    [
      'with one missing and one of another type: what is missing is said',
      table({ ...without('share'), ...column('status', 'integer') }),
      'it has no column share',
    ],
  ] as [string, JsonObject, string][])('%s', (_name, found, problem) => {
    const said = schemaProblem(SPEC, found);
    if (problem !== null && typeof problem === 'object') expect(said).toMatch(problem);
    else expect(said).toBe(problem);
  });

  it.each(['toString', '__proto__', 'constructor'])(
    'does not have a column %s by nature',
    (name) => {
      const spec = { ...SPEC, columns: [{ name, type: 'string' as const, title: '' }] };
      expect(schemaProblem(spec, table(columns))).toBe(`it has no column ${name}`);
    },
  );

  it('is found by its very name', () => {
    const tables = [table({}), { ...table({}), name: 'Routes (strategos)', id: 'u' }];
    expect(tableNamed(tables, 'Routes (strategos)')).toMatchObject({ id: 'u' });
    expect(tableNamed(tables, 'routes')).toBeNull();
    expect(tableNamed([], 'Routes')).toBeNull();
  });

  it('shows its columns with the key first, whatever the order on the wire', () => {
    const { key, ...others } = columns;
    expect(columnNames(table({ ...others, key: key ?? null }))).toEqual([
      ...['key', 'status', 'share', 'priority', 'enabled'],
    ]);
    expect(columnNames({})).toEqual(['key']);
  });
});

describe('paths', () => {
  it('escape what an address may hold', () => {
    expect(rowsPath('a/b')).toBe('/api/v2/flows/datatables/a%2Fb/rows');
    expect(rowPath(rowsPath('t'), 'RoutingStrategy/ü?#')).toBe(
      '/api/v2/flows/datatables/t/rows/RoutingStrategy%2F%C3%BC%3F%23',
    );
  });
});

describe('rows as CSV', () => {
  it.each<[string, JsonObject, string]>([
    ['text', { a: 'x', b: 'y z' }, 'x,y z'],
    ['a comma, a quote, a line', { a: 'x,y', b: 'say "x"\r\nagain' }, '"x,y","say ""x""\r\nagain"'],
    ['numbers and truth', { a: 0.5, b: true }, '0.5,true'],
    ['what is null, and nothing else that is empty', { a: null, b: 0 }, ',0'],
    ['a column that is not said', { b: 'y' }, ',y'],
    ['a column that is not asked for', { a: 'x', b: 'y', c: 'z' }, 'x,y'],
    ['nothing', { a: '', b: '' }, ','],
  ])('%s', (_name, row, line) => {
    expect(csvOf(['a', 'b'], [row])).toBe(`a,b\r\n${line}`);
  });

  it('has its head also without a row', () => {
    expect(csvOf(['a', 'b'], [])).toBe('a,b');
  });

  it('is read back as it was, whatever is in a cell', () => {
    const columns = ['key', 'b', 'c'];
    const row = fc.record({ key: hostile, b: hostile, c: hostile });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        expect(parseCsv(csvOf(columns, rows))).toEqual([
          columns,
          ...rows.map(({ key, b, c }) => [key, b, c]),
        ]);
      }),
    );
  });
});

describe('the path of a row', () => {
  it('has no character of a name that means something in a path, whatever the name is', () => {
    const names = fc.oneof(
      hostile.map((text) => text.toWellFormed()),
      fc.string({ unit: fc.constantFrom(...'/\\%#?;.~ a') }),
    );
    fc.assert(
      fc.property(names, (name) => {
        const path = rowPath('/rows', name);
        expect(path).toMatch(/^\/rows\/(?:[\w.~!'()*-]|%[\dA-F]{2})*$/);
        expect(decodeURIComponent(path.slice('/rows/'.length))).toBe(name);
      }),
    );
  });
});

describe('a table', () => {
  it('says what a cell holds of which nothing is said, where it says so', () => {
    const properties = {
      key: { type: 'string' },
      text: { type: 'string', default: '' },
      share: { type: 'number', default: 0.5 },
      flag: { type: 'boolean', default: null },
      odd: 'what is no column',
    };
    expect(columnDefaults({ schema: { properties } })).toEqual({ text: '', share: 0.5 });
    expect(columnDefaults({})).toEqual({});
  });

  it.each<[string, boolean]>([
    ['.', true],
    ['..', true],
    ['...', false],
    ['', false],
    ['a.b', false],
  ])('has a row of key "%s" that no path reaches: %s', (key, is) => {
    expect(isUnreachableKey(key)).toBe(is);
  });
});
