/** Plan and apply strategies that are rows of a data table, against a simulated org. */
import type { JsonObject } from '../../src/core/json.js';
import { stateOf, type State } from '../../src/core/state.js';
import type { ImportTargets } from '../../src/engine/bulk.js';
import { execute } from '../../src/engine/execute.js';
import { buildHomes, rootOf, type Backend, type Homes } from '../../src/engine/homes.js';
import { TableKeeper } from '../../src/engine/keeper.js';
import { Ledger } from '../../src/engine/ledger.js';
import { kindsByName, makePlan, type Planned } from '../../src/engine/plan.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader, openWriter } from '../../src/genesys/sdk.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import type { CellValue, Table } from '../../src/simulator/model.js';
import type { Org } from '../../src/simulator/org.js';
import { load } from './manifests.js';
import type { Bench } from './org.js';
import { OWNER } from './owned.js';
import { MemoryLog, type Applied, type ExecuteOptions, type PlanOptions } from './reconcile.js';

const KINDS = [routingStrategy];
/** As an Environment with `backend: datatable` and nothing else has them. */
export const ROWS: Backend = {
  name: 'datatable',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
};

export async function planRows(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  { scope, prune = true, exchange, client, owner = OWNER }: PlanOptions = {},
): Promise<Planned> {
  const environmentText = JSON.stringify({
    ...{ apiVersion: 'strategos/v1', kind: 'Environment', metadata: { name: 'test' } },
    spec: { host: 'http://127.0.0.1:9', backend: ROWS.name },
  });
  const { environment, manifests } = load({ ...files, 'environment.yaml': environmentText });
  const reader = openReader(bench.connection(client, exchange));
  return makePlan(
    { reader, events: bench.events, clock: bench.clock, hash: sha256 },
    {
      manifests,
      ...{ kinds: KINDS, tables: ROWS.tables, owner },
      environment: { name: 'test', backend: ROWS.name, host: 'http://127.0.0.1:9' },
      prune,
      guards: { ...environment.guards, at: () => environment.at('/spec') },
      scope: scope ?? null,
      ...{ commit: null, version: '0.0.0' },
    },
  );
}

export interface RowOptions extends ExecuteOptions {
  /** Whether rows may go in files; true unless said. */
  readonly bulk?: boolean;
}

/** Executes a plan, as `strategos apply` would once it has its lock. */
export async function carryOutRows(
  bench: Bench,
  planned: Planned,
  options: RowOptions = {},
): Promise<Applied> {
  const { exchange, client, interrupted = () => false, activationTimeoutMs = 30_000 } = options;
  const { owner = OWNER, run = 'run', bulk = true } = options;
  const { observation, chores } = planned;
  const { clock, events } = bench;
  const log = new MemoryLog();
  const audit = options.audit ?? log;
  const writer = openWriter(bench.connection(client, exchange));
  const ledger = new Ledger(writer, audit);
  const homes = await buildHomes(ledger, observation.homes, KINDS, ROWS);
  if (homes.state === null) throw new Error('the state table was made and is not there');
  const context = { rows: homes.state.rows, records: observation.state.records, owner, run };
  const keeper = new TableKeeper(ledger, context, clock, sha256);
  for (const chore of chores) {
    if (chore.do === 'release') await keeper.release(chore.address);
    else await keeper.settle(chore.address, chore.id, chore.fields);
  }
  const execution = await execute(
    { writer, audit, keeper, events, clock, hash: sha256 },
    {
      ...{ plan: planned.plan, kindOf: kindsByName(KINDS), catalog: observation.catalog },
      ...{ recheck: planned.recheck, activationTimeoutMs, interrupted },
      rootOf: (kind) => rootOf(kind, ROWS.name, homes) ?? '',
      ...(bulk ? { imports: targetsOf(homes, planned) } : {}),
    },
  );
  return { ...execution, log };
}

function targetsOf(homes: Homes, { observation }: Planned): ImportTargets {
  return {
    tableOf: (kind) => homes.tables.get(kind.name) ?? null,
    rowCount: ({ name }) => observation.live.filter((one) => one.kind === name).length,
  };
}

/** Plan and execute in one go. */
export async function applyRows(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  options: RowOptions = {},
): Promise<Applied> {
  const { owner } = options;
  const planned = await planRows(bench, files, owner === undefined ? {} : { owner });
  return carryOutRows(bench, planned, options);
}

export function tableIn(org: Org, name: string): Table {
  const table = org.tables.get(org.tableNames.get(name) ?? '');
  if (table === undefined) throw new Error(`the org has no data table ${name}`);
  return table;
}

/** The rows of strategies by name, every cell. */
export function strategyRows(org: Org): Record<string, JsonObject> {
  return rowsIn(tableIn(org, ROWS.tables.objects));
}

/** The rows of the state table by key, without the time at which they were written. */
export function stateRows(org: Org): Record<string, JsonObject> {
  const rows = rowsIn(tableIn(org, ROWS.tables.state));
  return Object.fromEntries(
    Object.entries(rows).map(([key, row]) => [key, { ...row, at: '' }]),
  );
}

export function rememberedIn(org: Org): State {
  return stateOf(Object.values(rowsIn(tableIn(org, ROWS.tables.state))), sha256);
}

function rowsIn(table: Table): Record<string, JsonObject> {
  const entries = [...table.rows].map(([key, row]): [string, JsonObject] => [
    key,
    Object.fromEntries(row),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A person with a browser: changes cells of a row behind the back of whoever is at work. */
export function editRow(org: Org, name: string, cells: Readonly<Record<string, CellValue>>): void {
  const { rows } = tableIn(org, ROWS.tables.objects);
  const row = rows.get(name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  rows.set(name, new Map([...row, ...Object.entries(cells)]));
}

/** An admin adds a column to the table of strategies. */
export function addColumn(
  org: Org,
  name: string,
  type: 'string' | 'integer' | 'boolean',
  fallback: CellValue,
): void {
  const table = tableIn(org, ROWS.tables.objects);
  const column = { type, title: name, displayOrder: 99, fallback, explicit: true };
  table.columns = new Map([...table.columns, [name, column]]);
}
