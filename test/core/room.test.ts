/** A plan that adds more rows than a data table has room for is refused before it writes any. */
import { expect, it } from 'vitest';
import { guardText } from '../../src/core/guard.js';
import { objectsFilled, recordsFilled, roomGuard, rowsFilled } from '../../src/core/room.js';
import { NO_STATE, type StateRecord } from '../../src/core/state.js';
import type { Address } from '../../src/core/types.js';
import { recordOf } from '../support/owned.js';

const created = (count: number, kind = 'Skill') =>
  Array.from({ length: count }, (_, index) => ({
    action: 'create' as const,
    address: `${kind}/n${index}` as Address,
    after: {},
  }));
const records = (count: number): ReadonlyMap<string, StateRecord> =>
  new Map(
    Array.from({ length: count }, (_, index): [string, StateRecord] => {
      const address: Address = `Skill/s${index}`;
      return [address, recordOf(address)];
    }),
  );
const texts = (of: Parameters<typeof roomGuard>[0]): string[] =>
  roomGuard(of).map((one) => guardText(one));

it('of records: those of others, heads and the lock are there as well', () => {
  const state = { ...NO_STATE, records: records(4990) };
  expect(texts([recordsFilled(created(8), state, 'R')])).toEqual([]);
  expect(texts([recordsFilled(created(9), state, 'R')])).toEqual([
    'the data table of records "R" has 4992 rows and would get 9 more; there is room for 5000; ' +
      'pass --force or keep what is new in an environment with a data table of its own ' +
      '(spec.datatable.table), or ask Genesys Cloud for a higher limit',
  ]);
});

it('what is on record already, and what goes, needs no room', () => {
  const state = { ...NO_STATE, records: records(4998) };
  const known = { action: 'create' as const, address: 'Skill/s7' as Address, after: {} };
  const gone = { action: 'delete' as const, address: 'Skill/s8' as Address, after: null };
  expect(texts([recordsFilled([known, gone], state, 'R')])).toEqual([]);
});

it('of strategies that are rows: those of every owner count', () => {
  const live = Array.from({ length: 4999 }, () => ({ kind: 'RoutingStrategy' }));
  const of = { kind: 'RoutingStrategy', table: 'Strategies' };
  expect(texts([objectsFilled(created(1, 'RoutingStrategy'), live, of)])).toEqual([]);
  expect(texts([objectsFilled(created(2, 'RoutingStrategy'), live, of)])).toEqual([
    expect.stringContaining('the data table "Strategies" has 4999 rows and would get 2 more'),
  ]);
});

it('of rows of a manifest: new ones come before old ones go', () => {
  const rows = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, {}]));
  const change = (before: object, after: object) => ({
    address: 'DataTable/Hours' as Address,
    before: { rows: before } as never,
    after: { rows: after } as never,
  });
  expect(texts(rowsFilled([change(rows(0, 5000), rows(0, 4000))], 'rows'))).toEqual([]);
  expect(texts(rowsFilled([change(rows(0, 3000), rows(2000, 4000))], 'rows'))).toEqual([
    expect.stringContaining('DataTable/Hours has 3000 rows and would get 3000 more'),
  ]);
});

it('a table that is too full already is none of a plan that adds nothing to it', () => {
  const tables = (more: number) => [{ what: 'T', there: 5001, more, way: 'wait' }];
  expect(roomGuard(tables(0))).toEqual([]);
  expect(roomGuard(tables(1))).toMatchObject([{ guard: 'room', passed: false }]);
});

it('of records: those that are apart, and every head, take a row each', () => {
  const head = { chain: 'a', number: 1, run: 'r', seq: 1, digest: 'd' };
  const heads = new Map([1, 2, 3].map((one) => [String(one), head])) as never;
  const state = { ...NO_STATE, records: records(10), heads, apart: [{}, {}] as never };
  expect(recordsFilled(created(1), state, 'R')).toMatchObject({ there: 10 + 2 + 3 + 1, more: 1 });
});

it('of objects: what is changed is there already', () => {
  const of = { kind: 'Skill', table: 'T' };
  const changed = created(2).map((one) => ({ ...one, action: 'update' as const }));
  const filled = objectsFilled([...changed, ...created(1)], [{ kind: 'Skill' }], of);
  expect(filled).toMatchObject({ there: 1, more: 1 });
});
