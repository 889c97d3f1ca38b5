/** What the org remembers of us, as rows: what was written is read back, what was broken is not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Head } from '../../src/core/head.js';
import { textOf, type JsonObject } from '../../src/core/json.js';
import {
  headIn,
  headKey,
  headRow,
  lockOf,
  LOCK_KEY,
  lockRow,
  NO_STATE,
  oldHeadKey,
  recordRow,
  rowOfToday,
  STATE_TABLE,
  stateOfRows,
  type LockRecord,
  type StateRecord,
} from '../../src/core/state.js';
import { sameOwner } from '../../src/core/owner.js';
import { isShortened } from '../../src/core/shortened.js';
import { KEY, TABLE_LIMITS } from '../../src/core/table.js';
import { sha256 } from '../../src/files/digest.js';
import { hostile, json } from '../property/generators.js';
import { OTHER, OWNER, recordOf } from '../support/owned.js';

const RECORD = recordOf('RoutingStrategy/billing', {
  id: '42',
  run: '20260302T090000000Z-apply-1',
  at: '2026-03-02T09:00:01.000Z',
  applied: { status: 'active', targets: [{ queue: 'Billing', weight: 0.5 }] },
});
const LOCK: LockRecord = {
  holder: 'ada',
  host: 'ci-7',
  command: 'apply',
  run: '20260302T090000000Z-apply-1',
  at: '2026-03-02T09:00:00.000Z',
};

const rowOf = (record: StateRecord): JsonObject => recordRow(record, sha256);
/** The only record that these rows hold. */
function read(...rows: readonly JsonObject[]): StateRecord | undefined {
  const [record, ...others] = [...stateOfRows(rows, sha256).records.values()];
  expect(others).toEqual([]);
  return record;
}

describe('a record', () => {
  it('is a row that a person can read', () => {
    expect(rowOf(RECORD)).toEqual({
      key: 'RoutingStrategy~billing',
      owner: 'test',
      environment: 'test',
      object: '42',
      applied: '{"status":"active","targets":[{"queue":"Billing","weight":0.5}]}',
      digest: sha256('{"status":"active","targets":[{"queue":"Billing","weight":0.5}]}'),
      run: '20260302T090000000Z-apply-1',
      at: '2026-03-02T09:00:01.000Z',
      holder: '',
      host: '',
      command: '',
    });
  });

  it('has every cell of the table, so that no other record shines through', () => {
    const columns = [KEY, ...STATE_TABLE.columns.map(({ name }) => name)].sort();
    expect(Object.keys(rowOf(RECORD)).sort()).toEqual(columns);
    expect(Object.keys(lockRow(LOCK)).sort()).toEqual(columns);
    expect(columns.length).toBeLessThanOrEqual(TABLE_LIMITS.columns);
  });

  it.each<[string, Partial<StateRecord>]>([
    ['a claim', { id: null }],
    ['nobody knows what was applied', { applied: null }],
    ['an object without a field', { applied: {} }],
    ['another owner', { owner: OTHER }],
    ['a name with a slash, and one that looks like a lock', { address: 'RoutingStrategy/lock/a' }],
  ])('is read back as it was: %s', (_name, over) => {
    const record = { ...RECORD, ...over };
    expect(read(rowOf(record))).toEqual(record);
  });

  it('is read back whatever is in it', () => {
    const text = hostile.map((one) => one.toWellFormed());
    const record = fc.record({
      address: text.map((name) => `RoutingStrategy/${name}` as const),
      owner: fc.record({ name: text, environment: text }),
      id: fc.option(text.filter((one) => one !== '')),
      applied: fc.option(fc.dictionary(text, json)),
      run: text,
      at: text,
    });
    fc.assert(
      fc.property(record, (written) => {
        // As the wire does: through JSON, the order of keys another.
        const entries = Object.entries(rowOf(written)).reverse();
        const row = JSON.parse(JSON.stringify(Object.fromEntries(entries))) as JsonObject;
        expect(read(row)).toEqual(written);
      }),
    );
  });
});

describe('a row that an older version wrote', () => {
  const LONG: StateRecord = { ...RECORD, address: `RoutingStrategy/${'夜'.repeat(100)}` };
  const old = (record: StateRecord, cells: JsonObject = {}): JsonObject => ({
    ...rowOf({ ...record, address: 'RoutingStrategy/x' }),
    key: record.address,
    ...cells,
  });

  it('is read as long as it is the only one', () => {
    expect(read(old(RECORD))).toEqual({ ...RECORD, oldRow: 'only' });
  });

  it('is passed over beside the one of today, in whatever order they come', () => {
    const rows = [old({ ...RECORD, owner: OTHER }), rowOf(RECORD)];
    for (const both of [rows, rows.toReversed()]) {
      expect(read(...both)).toEqual({ ...RECORD, oldRow: 'left' });
    }
  });

  it.each([RECORD, LONG])('is moved as it is, to the last cell', (record) => {
    const odd = { note: 'ours', run: 'x', digest: 'broken' };
    for (const cells of [{}, { note: 'ours' }, odd]) {
      const moved = read(rowOfToday(old(record, cells), record.address, sha256))!;
      expect({ ...moved, oldRow: 'only' }).toEqual(read(old(record, cells)));
    }
  });

  it('of a name that is too long for a key is known in spite of a broken cell', () => {
    const row = rowOf(LONG);
    const applied = textOf(row['applied']).slice(0, -1);
    expect(read({ ...row, applied })).toEqual({ ...LONG, applied: null });
    expect(stateOfRows([{ ...row, applied: '{}' }], sha256).records.size).toBe(0);
    const other = textOf(row['applied']).replace('夜', '昼');
    expect(stateOfRows([{ ...row, applied: other }], sha256).records.size).toBe(0);
  });
});

describe('the head of an owner', () => {
  const key = headKey(OWNER, sha256);
  const head = (run: string): Head => ({
    chain: 'c',
    number: 3,
    run,
    seq: 9,
    digest: sha256(run),
    owner: OWNER,
    at: 'now',
  });
  const find = (...rows: JsonObject[]) => headIn(stateOfRows(rows, sha256), OWNER, sha256);

  it('has a key that a path takes as it is', () => {
    expect(key).toMatch(/^head-[\da-f]{32}$/);
    expect(find(headRow(key, head('r')))).toEqual({ key, head: head('r') });
  });

  it('is found where an older version has left it, unless there is one of today', () => {
    const old = { ...headRow(key, head('old')), key: oldHeadKey(key) };
    expect(oldHeadKey(key)).toMatch(/^head [\da-f]{32}$/);
    expect(find(old)).toEqual({ key, head: head('old'), oldRow: 'only' });
    expect(find(headRow(key, head('r')), old)).toEqual({ key, head: head('r'), oldRow: 'left' });
    expect(find()).toBeUndefined();
  });
});

describe('what a person made of a record', () => {
  it.each<[string, JsonObject]>([
    ['text that is no JSON', { applied: '{"status":"active"' }],
    ['JSON that is no object', { applied: '[]', digest: sha256('[]') }],
    ['another value', { applied: JSON.stringify(RECORD.applied).replace('0.5', '0.6') }],
    ['a digest of something else', { digest: sha256('{}') }],
    ['no digest', { digest: '' }],
    ['nothing at all', { applied: '', digest: '' }],
    ['null where a text was', { applied: null }],
    ['a number where a text was', { applied: 7 }],
  ])('is not believed: %s', (_name, cells) => {
    expect(read({ ...rowOf(RECORD), ...cells })).toEqual({ ...RECORD, applied: null });
  });

  it('is believed where it says the same in another layout', () => {
    const applied = JSON.stringify(RECORD.applied, ['targets', 'weight', 'queue', 'status'], 2);
    expect(read({ ...rowOf(RECORD), applied })?.applied).toEqual(RECORD.applied);
  });

  it('says of a row that is almost empty that it is not ours', () => {
    const record = read({ key: 'RoutingStrategy/a' });
    expect(record).toMatchObject({ id: null, applied: null });
    expect(sameOwner(record!.owner, OWNER)).toBe(false);
  });

  it('may bring other columns and rows along', () => {
    const rows = [{ ...rowOf(RECORD), note: 'ours' }, { key: 'note to all' }, { key: 5 }, {}];
    expect(stateOfRows(rows, sha256)).toEqual({
      records: new Map([[RECORD.address, { ...RECORD, beside: { note: 'ours' } }]]),
      lock: null,
      heads: new Map(),
    });
  });

  it('is written back with what other columns held', () => {
    const row = { ...rowOf(RECORD), note: 'ours' };
    const record = stateOfRows([row], sha256).records.get(RECORD.address);
    expect(record && recordRow(record, sha256)).toEqual(row);
  });
});

describe('the lock', () => {
  it('is a row beside the records, and no record', () => {
    const row = lockRow(LOCK);
    expect(row[KEY]).toBe(LOCK_KEY);
    expect(lockOf(row)).toEqual(LOCK);
    expect(stateOfRows([row], sha256)).toEqual({
      records: new Map(),
      lock: LOCK,
      heads: new Map(),
    });
    expect(stateOfRows([rowOf(RECORD), row], sha256).lock).toEqual(LOCK);
  });

  it('is held also by somebody who filled nothing in', () => {
    const { lock } = stateOfRows([{ key: LOCK_KEY }], sha256);
    expect(lock).toEqual({ holder: '', host: '', command: '', run: '', at: '' });
  });

  it('is held by nobody where there is no row', () => {
    expect(stateOfRows([], sha256)).toEqual(NO_STATE);
  });
});

describe('a lock of a workflow run', () => {
  const attempt = {
    server: 'https://github.com',
    repository: 'acme/routing',
    id: '7',
    attempt: 2,
    job: 'apply (prod)',
  };

  it('says where it runs in the cell that people read, and is read back', () => {
    const row = lockRow({ ...LOCK, attempt });
    expect(row['host']).toBe(
      `${LOCK.host} (https://github.com/acme/routing/actions/runs/7/attempts/2, job apply (prod))`,
    );
    expect(lockOf(row)).toEqual({ ...LOCK, attempt });
  });

  it.each([
    'ci-7 (https://github.com/acme/routing/actions/runs/7)',
    'ci-7 (http:nonsense)',
    'ci-7 (https://github.com/acme/routing/../x/actions/runs/7/attempts/2, job a)',
    'ci-7 (https://github.com/acme/routing/actions/runs/7/attempts/, job a)',
  ])('names none where the cell says something else: %s', (host) => {
    expect(lockOf({ ...lockRow(LOCK), host })).toEqual({ ...LOCK, host });
  });
});

describe('the record of a strategy that fills its cell', () => {
  const texts = (length: number): JsonObject => ({ description: 'd'.repeat(length), more: 'm' });
  const start = {
    restart: true,
    weights: Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`queue of a long name ${index}`, 0.25]),
    ),
  };
  const long = 'a'.repeat(300);

  it.each([0, 200, 399, 400, 401, 1000, 5000])('has its start, with %i characters left', (left) => {
    const applied = texts(TABLE_LIMITS.cellCharacters - left - 40);
    for (const address of [RECORD.address, `RoutingStrategy/${long}` as const]) {
      const record: StateRecord = {
        ...RECORD,
        address,
        applied,
        start,
        ids: { queue: { a: long } },
      };
      const row = recordRow(record, sha256);
      expect(textOf(row['applied']).length).toBeLessThanOrEqual(TABLE_LIMITS.cellCharacters);
      const [read] = [...stateOfRows([row], sha256).records.values()];
      expect(read?.start).toEqual(start);
      if (left < 1000) expect(isShortened(read?.applied ?? null)).toBe(true);
    }
  });
});
