/** Rows of data tables: flat objects under their key, without version or date. */
import type platformClient from 'purecloud-platform-client-v2';
import { byText } from '../core/issue.js';
import { witness } from './audits.js';
import { bodyOf, field, NO_CONTENT, ok, param, type Call, type Reply } from './call.js';
import { EMPTY, FITS, KEY, rowProblem, tableOf } from './datatables.js';
import { countedPage, isListed } from './listing.js';
import { fitted, heed, keptAs, lagMs, longestKey, refuseAs, shownSingly } from './manners.js';
import type { CellValue, Column, Row, Table } from './model.js';
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
  const body: RowListing = countedPage(call, keys, MAX_PAGE, (key) =>
    showRow(call, table, key, listedRow(call, table, key)),
  );
  return ok(body);
}

/** `POST …/rows`: 409 `flows.datatables.not.unique` when the key is there already. */
export function createRow(call: Call): Reply {
  const table = tableOf(call);
  const [key, row] = readRow(call, table);
  if (!isInserted(call, table, key)) {
    throw new Refusal(409, 'flows.datatables.not.unique', 'The row had a duplicate keyname.');
  }
  if (table.rows.size >= MAX_ROWS) {
    const message = `The limit of ${MAX_ROWS} rows is reached`;
    throw badRequest(message, 'flows.datatables.too.many.rows');
  }
  table.rows.set(key, row);
  linger(call, table, key);
  witnessRow(call, table, key, 'Create', [new Map(), row]);
  return ok(showAll(table, row));
}

/** `GET …/rows/{rowId}` */
export function showOneRow(call: Call): Reply {
  const table = tableOf(call);
  const key = existingKey(call, table);
  const { lately } = call.org;
  if ((lately.unread.get(unlistedRow(table.id, key)) ?? -Infinity) > call.at) throw absent(key);
  return ok(shownSingly(call, 'row', showRow(call, table, key)));
}

/** `PUT …/rows/{rowId}`: replaces; columns left out go to their defaults; the key stays. */
export function replaceRow(call: Call): Reply {
  const table = tableOf(call);
  const key = existingKey(call, table);
  const before = table.rows.get(key) ?? new Map<string, CellValue>();
  const [written, row] = readRow(call, table, before);
  if (written !== key) throw rowProblem('The key of a row cannot be changed');
  const staleMs = lagMs(call.org.manners.row?.changedMs);
  const shown = { until: call.at + staleMs, row: before };
  if (staleMs > 0) call.org.lately.stale.set(unlistedRow(table.id, key), shown);
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
  call.org.lately.deleted.add(unlistedRow(table.id, key));
  witnessRow(call, table, key, 'Delete', [before, new Map()]);
  return NO_CONTENT;
}

/** How `org.unlisted` names a row. */
export function unlistedRow(tableId: string, key: string): string {
  return `${tableId}/${key}`;
}

function existingKey(call: Call, table: Table): string {
  const key = param(call, 'rowId');
  if (table.rows.has(key)) return key;
  const { lately, manners } = call.org;
  const seen = manners.row?.gone;
  if (seen !== undefined && lately.deleted.has(unlistedRow(table.id, key))) throw refuseAs(seen);
  throw absent(key);
}

function absent(key: string): Refusal {
  return notFound('Row', key, 'flows.datatables.row.not.found');
}

/** What an org shows late that is there. */
export function linger({ org, at }: Pick<Call, 'org' | 'at'>, table: Table, key: string): void {
  const id = unlistedRow(table.id, key);
  const { readMs, listedMs } = org.manners.row ?? {};
  if (lagMs(readMs) > 0) org.lately.unread.set(id, at + lagMs(readMs));
  if (lagMs(listedMs) > 0) org.unlisted.set(id, at + lagMs(listedMs));
}

function listedRow({ org, at }: Call, table: Table, key: string): Row | undefined {
  const stale = org.lately.stale.get(unlistedRow(table.id, key));
  return stale !== undefined && stale.until > at ? stale.row : table.rows.get(key);
}

/** Insertions of one key within this time came at once. */
const AT_ONCE_MS = 1000;

/** Whether a row of this key may be made; where an org lets several through, of one there too. */
function isInserted({ org, at }: Call, table: Table, key: string): boolean {
  const { race, duplicate } = org.manners.row ?? {};
  const isThere = table.rows.has(key);
  const id = unlistedRow(table.id, key);
  const known = org.lately.inserted.get(id);
  const first = { at, accepted: 0, refused: 0 };
  const round = known === undefined || at > known.at + AT_ONCE_MS ? first : known;
  if (race !== undefined && (race.accepted > 1 || race.others > 0)) {
    org.lately.inserted.set(id, round);
    const isNew = !isThere && round === first;
    if (isNew || (round !== first && round.accepted < race.accepted)) {
      round.accepted += 1;
      return true;
    }
    if (round !== first) {
      round.refused += 1;
      if (round.refused > race.conflicts) throw badRequest('As the org of the profile answered');
      return false;
    }
  }
  if (isThere) heed(duplicate);
  return !isThere || (duplicate !== undefined && duplicate.status < 300);
}

/** The key and all cells, defaults filled in. */
function readRow(call: Call, table: Table, before: Row | null = null): [string, Row] {
  const body = bodyOf(call);
  const key = field(body, KEY);
  const most = longestKey(call.org.manners, MAX_KEY);
  if (typeof key !== 'string' || key === '' || key.length > most) {
    throw rowProblem(`key must be a text of 1 to ${most} characters`);
  }
  const unknown = Object.keys(body).find((name) => !table.columns.has(name));
  if (unknown !== undefined) throw rowProblem(`There is no column '${unknown}'`);
  const row = new Map<string, CellValue>();
  for (const [name, column] of table.columns) {
    const value = field(body, name);
    if (value === undefined) row.set(name, omitted(call, column, before?.get(name)));
    else if (FITS[column.type](value)) row.set(name, name === KEY ? value : kept(call, value));
    else throw rowProblem(`'${name}' must be of type ${column.type}`);
  }
  return [key, row];
}

/** A column that a row leaves out, whose cell was `before`; `undefined` in a new row. */
function omitted(
  { org: { manners } }: Call,
  { type, fallback }: Column,
  before: CellValue | undefined,
): CellValue {
  const how = before === undefined ? undefined : manners.row?.omitted;
  if (how === 'refused') throw rowProblem('Every column is needed');
  if (how === 'kept') return before ?? fallback;
  return how === 'empty' ? EMPTY[type] : fallback;
}

function kept({ org: { manners } }: Call, value: CellValue): CellValue {
  const whole = typeof value === 'string' ? fitted(manners, value) : value;
  if (whole === null) throw rowProblem('The text is too long');
  return keptAs(manners.row?.cells, whole);
}

function showRow(call: Call, table: Table, key: string, row = table.rows.get(key)): Cells {
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
  const seen = call.org.manners.auditOfRows;
  if (seen?.events === 'none') return;
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
  const place = seen?.key ?? 'context';
  const isNamed = place === 'context' || place === 'name';
  witness(call, {
    serviceName: 'Datatables',
    entityType: 'Row',
    action,
    entity: {
      id: table.id,
      ...(isNamed ? { name: key } : {}),
      ...(place === 'nowhere' || place === 'name' ? {} : { selfUri: uri }),
    },
    propertyChanges: seen?.events === 'without columns' ? [] : propertyChanges,
    context: place === 'context' ? { datatableId: table.id, key } : {},
  });
}
