/** Plan and apply strategies that are rows of a data table, against a simulated org. */
import type { JsonObject } from '../../src/core/json.js';
import { stateOfRows, type State } from '../../src/core/state.js';
import type { Backend } from './binding.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import type { CellValue, Table } from '../../src/simulator/model.js';
import type { Org } from '../../src/simulator/org.js';
import type { Bench } from './org.js';
import {
  carryOut,
  plan,
  type Applied,
  type ExecuteOptions,
  type PlanOptions,
} from './reconcile.js';

/** As an Environment with `backend: datatable` and nothing else has them. */
export const ROWS: Backend = {
  name: 'datatable',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
};

/** Nothing of the org becomes ours by itself. */
export async function planRows(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  options: PlanOptions = {},
): Promise<Planned> {
  return plan(bench, files, { ...options, backend: ROWS, owned: false });
}

/** Rows may go in files unless `bulk` says otherwise. */
export async function carryOutRows(
  bench: Bench,
  planned: Planned,
  options: ExecuteOptions = {},
): Promise<Applied> {
  return carryOut(bench, planned, { bulk: true, ...options, backend: ROWS });
}

/** Plan and execute in one go. */
export async function applyRows(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  options: ExecuteOptions = {},
): Promise<Applied> {
  return carryOutRows(bench, await planRows(bench, files), options);
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
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, { ...row, at: '' }]));
}

export function rememberedIn(org: Org): State {
  return stateOfRows(Object.values(rowsIn(tableIn(org, ROWS.tables.state))), sha256);
}

function rowsIn(table: Table): Record<string, JsonObject> {
  const entries = [...table.rows].map(([key, row]): [string, JsonObject] => [
    key,
    Object.fromEntries(row),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A person with a browser: changes cells of a row behind the back of whoever is at work. */
export function editRow(
  org: Org,
  name: string,
  cells: Readonly<Record<string, CellValue>>,
  of = ROWS.tables.objects,
): void {
  const { rows } = tableIn(org, of);
  const row = rows.get(name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  rows.set(name, new Map([...row, ...Object.entries(cells)]));
}

/** An admin adds a column to a table, that of strategies unless another is named. */
export function addColumn(
  org: Org,
  name: string,
  type: 'string' | 'integer' | 'boolean',
  fallback: CellValue,
  to = ROWS.tables.objects,
): void {
  const table = tableIn(org, to);
  const column = { type, title: name, displayOrder: 99, fallback, explicit: true };
  table.columns = new Map([...table.columns, [name, column]]);
}
