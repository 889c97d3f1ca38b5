/** Rows behind their own endpoint: listed by pages, written one by one. */
import { same } from '../../core/canonical.js';
import { isObject, textOf, type JsonObject } from '../../core/json.js';
import { mapMoves } from '../../core/part.js';
import type { Part, PartChange, PartRequest } from '../../core/resource.js';
import { KEY, ROW_PAGE, rowPath, rowsPath } from '../../core/table.js';

export const rowPart: Part = {
  field: 'rows',
  entries: { one: 'row', many: 'rows' },
  page: (_root, id) => ({ path: `${rowsPath(id)}?showbrief=false`, pageSize: ROW_PAGE }),
  read: (items) => Object.fromEntries(items.map((row) => [textOf(row[KEY]), cellsOf(row)])),
  writes,
  isDone,
};

function cellsOf(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== KEY));
}

/** New rows first and rows that go last: whoever looks one up finds the old one or the new one. */
function writes({ at, before, after }: PartChange): PartRequest[] {
  const [old = {}, now = {}] = [before, after].map((rows) => (isObject(rows) ? rows : {}));
  const [item = ''] = at.split('?');
  const rows = `${item}/rows`;
  const { come, change, go } = mapMoves(old, now);
  const rowOf = (key: string): JsonObject => {
    const cells = now[key];
    return { [KEY]: key, ...(isObject(cells) ? cells : {}) };
  };
  return [
    ...come.map((key): PartRequest => ({ method: 'POST', path: rows, body: rowOf(key) })),
    ...change.map((key): PartRequest => {
      return { method: 'PUT', path: rowPath(rows, key), body: rowOf(key) };
    }),
    ...go.map((key): PartRequest => ({ method: 'DELETE', path: rowPath(rows, key) })),
  ];
}

function isDone({ method, path, body }: PartRequest, items: readonly JsonObject[]): boolean {
  if (method === 'DELETE') {
    const key = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    return items.every((row) => row[KEY] !== key);
  }
  return isObject(body) && items.some((row) => row[KEY] === body[KEY] && same(row, body));
}
