/** Rows of data tables: flat objects under their key, without version or date. */
import type platformClient from 'purecloud-platform-client-v2';
import { byText } from '../core/issue.js';
import { witness } from './audits.js';
import { bodyOf, field, NO_CONTENT, ok, param, type Call, type Reply } from './call.js';
import { FITS, KEY, rowProblem, tableOf } from './datatables.js';
import { countedPage, isListed } from './listing.js';
import type { CellValue, Row, Table } from './model.js';
import { badRequest, notFound, Refusal } from './refusal.js';

/** The SDK's type says that a cell is an object, which no cell is. */
type Cells = Record<string, CellValue>;
type RowListing = Omit<platformClient.Models.DataTableRowEntityListing, 'entities'> & {
  readonly entities: Cells[];
};

const MAX_PAGE = 500;
export const MAX_ROWS = 5000;
export const MAX_KEY = 256;

/** `GET …/rows`: by key; `showbrief`, true unless it is said to be false, shows keys only. */
export function listRows(call: Call): Reply {
  const table = tableOf(call);
  const direction = call.query.get('sortOrder')?.toLowerCase().startsWith('desc') ? -1 : 1;
  const keys = [...table.rows.keys()]
    .filter((key) => isListed(call, unlistedRow(table.id, key)))
    .sort((a, b) => direction * byText(a, b));
  const body: RowListing = countedPage(call, keys, MAX_PAGE, (key) => showRow(call, table, key));
  return ok(body);
}

/** `POST …/rows`: 409 `flows.datatables.not.unique` when the key is there already. */
export function createRow(call: Call): Reply {
  const table = tableOf(call);
  const [key, row] = readRow(call, table);
  if (table.rows.has(key)) {
    throw new Refusal(409, 'flows.datatables.not.unique', 'The row had a duplicate keyname.');
  }
  if (table.rows.size >= MAX_ROWS) {
    const message = `The limit of ${MAX_ROWS} rows is reached`;
    throw badRequest(message, 'flows.datatables.too.many.rows');
  }
  table.rows.set(key, row);
  witnessRow(call, table, key, 'Create', [new Map(), row]);
  return ok(showAll(table, row));
}

/** `GET …/rows/{rowId}` */
export function showOneRow(call: Call): Reply {
  const table = tableOf(call);
  return ok(showRow(call, table, existingKey(call, table)));
}

/** `PUT …/rows/{rowId}`: replaces; columns left out go to their defaults; the key stays. */
export function replaceRow(call: Call): Reply {
  const table = tableOf(call);
  const key = existingKey(call, table);
  const [written, row] = readRow(call, table);
  if (written !== key) throw rowProblem('The key of a row cannot be changed');
  const before = table.rows.get(key) ?? new Map<string, CellValue>();
  table.rows.set(key, row);
  witnessRow(call, table, key, 'Update', [before, row]);
  return ok(showAll(table, row));
}

/** `DELETE …/rows/{rowId}` */
export function deleteRow(call: Call): Reply {
  const table = tableOf(call);
  const key = existingKey(call, table);
  const before = table.rows.get(key) ?? new Map<string, CellValue>();
  table.rows.delete(key);
  witnessRow(call, table, key, 'Delete', [before, new Map()]);
  return NO_CONTENT;
}

/** How `org.unlisted` names a row. */
export function unlistedRow(tableId: string, key: string): string {
  return `${tableId}/${key}`;
}

function existingKey(call: Call, table: Table): string {
  const key = param(call, 'rowId');
  if (!table.rows.has(key)) throw notFound('Row', key, 'flows.datatables.row.not.found');
  return key;
}

/** The key and all cells, defaults filled in. */
function readRow(call: Call, table: Table): [string, Row] {
  const body = bodyOf(call);
  const key = field(body, KEY);
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY) {
    throw rowProblem(`key must be a text of 1 to ${MAX_KEY} characters`);
  }
  const unknown = Object.keys(body).find((name) => !table.columns.has(name));
  if (unknown !== undefined) throw rowProblem(`There is no column '${unknown}'`);
  const row = new Map<string, CellValue>();
  for (const [name, column] of table.columns) {
    const value = field(body, name);
    if (value === undefined) row.set(name, column.fallback);
    else if (FITS[column.type](value)) row.set(name, value);
    else throw rowProblem(`'${name}' must be of type ${column.type}`);
  }
  return [key, row];
}

function showRow(call: Call, table: Table, key: string): Cells {
  const row = table.rows.get(key);
  const brief = call.query.get('showbrief') !== 'false';
  return brief || row === undefined ? { [KEY]: key } : showAll(table, row);
}

/** A column that was added after the row was written shows its default. */
function showAll(table: Table, row: Row): Cells {
  return Object.fromEntries(
    [...table.columns].map(([name, column]) => [name, row.get(name) ?? column.fallback]),
  );
}

function witnessRow(
  call: Call,
  table: Table,
  key: string,
  action: 'Create' | 'Update' | 'Delete',
  [before, after]: readonly [Row, Row],
): void {
  const list = (value: CellValue | undefined): string[] =>
    value === undefined ? [] : [String(value)];
  const propertyChanges = [...table.columns.keys()]
    .filter((name) => before.get(name) !== after.get(name))
    .map((property) => ({
      property,
      oldValues: list(before.get(property)),
      newValues: list(after.get(property)),
    }));
  const uri = `/api/v2/flows/datatables/${table.id}/rows/${encodeURIComponent(key)}`;
  witness(call, {
    serviceName: 'Datatables',
    entityType: 'Row',
    action,
    entity: { id: table.id, name: key, selfUri: uri },
    propertyChanges,
    context: { datatableId: table.id, key },
  });
}
