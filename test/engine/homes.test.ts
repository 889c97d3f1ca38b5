/** Finding the tables that everything lives in, and making those that are missing. */
import { describe, expect, it } from 'vitest';
import { AppError, PlatformError } from '../../src/core/errors.js';
import { STATE_TABLE } from '../../src/core/state.js';
import { KEY, TABLES_PATH, type TableSpec } from '../../src/core/table.js';
import { buildHomes, findHomes, rootOf, type Homes } from '../../src/engine/homes.js';
import { bindingFor, type Backend } from '../support/binding.js';
import { Ledger } from '../../src/engine/ledger.js';
import { openWriter } from '../../src/genesys/sdk.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND, stateTable, tableLike } from '../support/owned.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const IN_TABLES: Backend = {
  name: 'datatable',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
};
const TABLES = /\/flows\/datatables$/;
const STATE_NAME = BACKEND.tables.state;

const found = (on: Bench, backend = BACKEND): Promise<Homes> =>
  findHomes(on.reader(), bindingFor(backend));

function building(on: Bench, faults: readonly Fault[] = []) {
  const { exchange, sent } = faulty(on.exchange, faults);
  const log = new MemoryLog();
  const ledger = new Ledger(openWriter(on.connection('demo', exchange)), log, on.connection());
  const build = (homes: Homes, backend = BACKEND): Promise<Homes> =>
    buildHomes(ledger, homes, bindingFor(backend));
  return { build, log, sent };
}

async function failure(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`no error of ours: ${String(error)}`);
  return error;
}

const tableNames = (on: Bench): string[] => [...on.org.tables.values()].map(({ name }) => name);

describe('an org that has never seen us', () => {
  it('lacks the table of records', async () => {
    const on = bench(ORG);
    const homes = await found(on);
    expect(homes).toMatchObject({ state: null, missing: [{ name: STATE_NAME }] });
    expect(rootOf(bindingFor(BACKEND).of('RoutingStrategy'), homes)).toBe(
      '/api/v2/routing/strategies',
    );
    expect(tableNames(on)).toEqual([]);
  });

  it('lacks the table of objects as well, where they are rows', async () => {
    const homes = await found(bench(ORG), IN_TABLES);
    expect(homes.missing.map(({ name }) => name)).toEqual([
      ...['Routing Strategies', 'Routing Strategies (strategos)'],
    ]);
    expect(rootOf(bindingFor(IN_TABLES).of('RoutingStrategy'), homes)).toBeNull();
  });
});

describe('making what is missing', () => {
  it.each([BACKEND, IN_TABLES])('makes it as it is looked for: $name', async (backend) => {
    const on = bench(ORG);
    const { build } = building(on);
    const built = await build(await found(on, backend), backend);
    expect(built.missing).toEqual([]);
    expect(await found(on, backend)).toEqual(built);
    const { tables, tableNames: names } = on.org;
    const state = tables.get(names.get(backend.tables.state) ?? '');
    expect(built.state).toMatchObject({
      id: state?.id,
      rows: `${TABLES_PATH}/${state?.id ?? ''}/rows`,
      columns: [KEY, ...STATE_TABLE.columns.map(({ name }) => name)],
    });
    const objects = tables.get(names.get(backend.tables.objects) ?? '');
    expect(rootOf(bindingFor(backend).of('RoutingStrategy'), built)).toBe(
      backend === BACKEND
        ? '/api/v2/routing/strategies'
        : `${TABLES_PATH}/${objects?.id ?? ''}/rows`,
    );
  });

  it('makes nothing that is there, and does not even look', async () => {
    const on = bench(ORG);
    stateTable(on.org);
    const homes = await found(on);
    const { build, sent } = building(on);
    expect(await build(homes)).toBe(homes);
    expect(sent).toEqual([]);
  });

  it('makes only what is missing', async () => {
    const on = bench(ORG);
    const { build } = building(on);
    await build(await found(on, IN_TABLES), IN_TABLES);
    const { id } = (await found(on, IN_TABLES)).state!;
    on.org.tables.delete(id);
    on.org.tableNames.delete(IN_TABLES.tables.state);
    const before = [...on.org.tables.keys()];
    const again = await build(await found(on, IN_TABLES), IN_TABLES);
    expect(again.missing).toEqual([]);
    expect([...on.org.tables.keys()].slice(0, 1)).toEqual(before);
    expect(tableNames(on)).toEqual(['Routing Strategies', 'Routing Strategies (strategos)']);
  });

  it('is on record before it is sent, and after', async () => {
    const on = bench(ORG);
    const { build, log } = building(on);
    await build(await found(on));
    const told = log.records.map(({ type, detail, request }) => [
      ...[type, detail?.['step'], detail?.['table'], request?.method, request?.status],
    ]);
    expect(told).toEqual([
      ['intent', 'table', STATE_NAME, 'POST', null],
      ['outcome', 'table', STATE_NAME, 'POST', 200],
    ]);
  });

  it('ends in one table where two runs make it at once', async () => {
    const on = bench(ORG);
    const homes = await found(on);
    const [one, two] = await Promise.all([building(on).build(homes), building(on).build(homes)]);
    expect(one.state).toEqual(two.state);
    expect(tableNames(on)).toEqual([STATE_NAME]);
  });

  it('takes the table that another run has made meanwhile, with what is in it', async () => {
    const on = bench(ORG);
    const homes = await found(on);
    const { id } = stateTable(on.org);
    expect((await building(on).build(homes)).state?.id).toBe(id);
  });

  it('refuses one that somebody has made meanwhile in another form', async () => {
    const on = bench(ORG);
    const homes = await found(on);
    const theirs = tableLike(on.org, { ...STATE_TABLE, name: STATE_NAME, columns: [] });
    expect(await failure(building(on).build(homes))).toMatchObject({ code: 'foreign-table' });
    expect([...theirs.columns.keys()]).toEqual([KEY]);
  });

  it('is not believed when the table is gone again at once', async () => {
    const on = bench(ORG);
    const homes = await found(on);
    const { build } = building(on, [
      {
        method: 'GET',
        path: TABLES,
        does: {
          meanwhile: () => {
            on.org.tables.clear();
            on.org.tableNames.clear();
          },
        },
      },
    ]);
    const error = await failure(build(homes));
    expect(error).toMatchObject({ code: 'table-vanished', exitCode: 4 });
    expect(String(error)).toContain(`"${STATE_NAME}" was just made and is not in the listing`);
  });

  it.each(['before', 'after'] as const)('whose answer is lost %s is looked for', async (lost) => {
    const on = bench(ORG);
    const { build } = building(on, [{ method: 'POST', path: TABLES, does: { lost } }]);
    expect((await build(await found(on))).missing).toEqual([]);
    expect(tableNames(on)).toHaveLength(new Set(tableNames(on)).size);
  });

  it('whose answer is lost, and silence after it, is found by the next run', async () => {
    const on = bench(ORG);
    const { build } = building(on, [
      { method: 'POST', path: TABLES, does: { lost: 'after' } },
      { method: 'GET', path: TABLES, nth: 1, times: 99, does: { lost: 'before' } },
    ]);
    const error = await failure(build(await found(on)));
    expect(error).toMatchObject({ fault: 'unavailable', exitCode: 7 });
    expect(error.message).toContain('got no answer');
    expect((await found(on)).missing).toEqual([]);
  });

  it('says which permission is missing', async () => {
    const on = bench(ORG);
    const answer = refusal(403, 'missing.permissions', 'architect:datatable:add');
    const { build } = building(on, [{ method: 'POST', path: TABLES, does: { answer } }]);
    const error = await failure(build(await found(on)));
    expect(error).toBeInstanceOf(PlatformError);
    expect([error.exitCode, error.message]).toEqual([6, expect.stringContaining('datatable:add')]);
    expect(tableNames(on)).toEqual([]);
  });
});

describe('a table of our name', () => {
  const like = (columns: TableSpec['columns']): TableSpec => ({
    ...STATE_TABLE,
    name: STATE_NAME,
    columns,
  });
  const { columns } = STATE_TABLE;

  it.each<[string, TableSpec['columns'], string]>([
    [
      'without a column',
      columns.filter(({ name }) => name !== 'digest'),
      'it has no column digest',
    ],
    [
      'with a column of another type',
      columns.map((one) => (one.name === 'at' ? { ...one, type: 'integer' as const } : one)),
      'its column at is of type integer, not string',
    ],
  ])('%s is not ours: refused, and not changed', async (_name, theirs, problem) => {
    const on = bench(ORG);
    tableLike(on.org, like(theirs));
    const before = structuredClone(on.org.tables);
    const error = await failure(found(on));
    expect([error.code, error.exitCode]).toEqual(['foreign-table', 4]);
    expect(error.message).toBe(
      `the data table "${STATE_NAME}" is not as strategos makes it: ${problem}; ` +
        'nothing was changed',
    );
    expect(error.hint).toContain('spec.datatable.table');
    expect(on.org.tables).toEqual(before);
  });

  it('may have columns that somebody added', async () => {
    const on = bench(ORG);
    const note = { name: 'note', type: 'string' as const, title: 'Note' };
    const { id } = tableLike(on.org, like([note, ...columns]));
    const { state } = await found(on);
    expect(state?.id).toBe(id);
    expect([...(state?.columns ?? [])].sort()).toEqual(
      [KEY, 'note', ...columns.map(({ name }) => name)].sort(),
    );
  });

  it('is found behind more than a page of others, and by its whole name', async () => {
    const on = bench(ORG);
    for (let n = 0; n < 150; n += 1) {
      tableLike(on.org, { ...like([]), name: `${STATE_NAME} ${n}` });
    }
    expect((await found(on)).state).toBeNull();
    const { id } = stateTable(on.org);
    expect((await found(on)).state?.id).toBe(id);
  });
});
