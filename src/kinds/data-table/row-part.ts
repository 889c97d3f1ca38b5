/** Rows behind their own endpoint: listed by pages, written one by one or in a file. */
import { same } from '../../core/canonical.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import { rowKeyOf } from '../../core/audited-row.js';
import { mapMoves } from '../../core/part.js';
import type { Part, PartChange, PartRequest } from '../../core/resource.js';
import { KEY, ROW_PAGE, rowPath, rowsPath } from '../../core/table.js';

export const rowPart: Part = {
  field: 'rows',
  entries: { one: 'row', many: 'rows' },
  page: (_root, id) => ({ path: `${rowsPath(id)}?showbrief=false`, pageSize: ROW_PAGE }),
  blank: ({ columns = [] }) =>
    Object.fromEntries(
      objectsIn(columns).flatMap(({ name = '', default: preset = null }): [string, Json][] =>
        preset === null ? [] : [[textOf(name), preset]],
      ),
    ),
  read: (items) => Object.fromEntries(items.map((row) => [textOf(row[KEY]), cellsOf(row)])),
  writes,
  isDone,
  audit: {
    service: 'Datatables',
    entityType: 'Row',
    keyOf: (record, id) => rowKeyOf(record, rowsPath(id)),
  },
  rows: {
    path: rowsAt,
    keyOf: (row) => textOf(row[KEY]),
    madeBy: ({ body }) => (isObject(body) ? body : null),
    write,
  },
};

function cellsOf(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== KEY));
}

function rowsAt(at: string): string {
  const [item = ''] = at.split('?');
  return `${item}/rows`;
}

function write(at: string, row: JsonObject, isThere: boolean): PartRequest {
  const rows = rowsAt(at);
  const key = textOf(row[KEY]);
  return isThere
    ? { method: 'PUT', path: rowPath(rows, key), body: row }
    : { method: 'POST', path: rows, body: row };
}

/** New rows first and rows that go last: whoever looks one up finds the old one or the new one. */
function writes({ at, before, after }: PartChange): PartRequest[] {
  const [old = {}, now = {}] = [before, after].map((rows) => (isObject(rows) ? rows : {}));
  const { come, change, go } = mapMoves(old, now);
  const rowOf = (key: string): JsonObject => {
    const cells = now[key];
    return { [KEY]: key, ...(isObject(cells) ? cells : {}) };
  };
  return [
    ...come.map((key) => write(at, rowOf(key), false)),
    ...change.map((key) => write(at, rowOf(key), true)),
    ...go.map((key): PartRequest => ({ method: 'DELETE', path: rowPath(rowsAt(at), key) })),
  ];
}

const BY_KEY = new WeakMap<readonly JsonObject[], ReadonlyMap<string, JsonObject>>();

/** Found once for a listing: every row of a file is looked for in it. */
function byKey(items: readonly JsonObject[]): ReadonlyMap<string, JsonObject> {
  const known = BY_KEY.get(items) ?? new Map(items.map((row) => [textOf(row[KEY]), row]));
  BY_KEY.set(items, known);
  return known;
}

/** A list of rows is what went in a file. */
function isDone({ method, path, body }: PartRequest, items: readonly JsonObject[]): boolean {
  const there = byKey(items);
  if (method === 'DELETE') {
    return !there.has(decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)));
  }
  const rows = body === undefined ? [] : isObject(body) ? [body] : body;
  return rows.length > 0 && rows.every((row) => same(there.get(textOf(row[KEY])), row));
}
