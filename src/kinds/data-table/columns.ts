/**
 * The columns of a data table: a map with an order. The platform has them as a JSON schema, the
 * order in `displayOrder`; the key is called `key` there, whatever people see above it. In a
 * manifest it is the first column, under the name that people see.
 *
 * In comparable form columns are a list, the key first and called `key`, told apart by their names.
 */
import {
  isObject,
  objectsIn,
  textOf,
  without,
  type Json,
  type JsonObject,
} from '../../core/json.js';
import type { ListField } from '../../core/fields.js';
import type { Lasting, ResourceProblem } from '../../core/resource.js';
import { KEY } from '../../core/table.js';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean';

/** What a cell holds of whose column nothing is said. */
export const EMPTY: Readonly<Record<ColumnType, Json>> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
};

/** Of a column, what may be left out of it for good. */
const BOUNDS = ['minimum', 'maximum', 'minLength', 'maxLength'] as const;

export const columnsField: ListField = {
  type: 'list',
  key: 'name',
  item: {
    type: 'record',
    fields: {
      name: { type: 'scalar' },
      type: { type: 'scalar' },
      title: { type: 'scalar' },
      default: { type: 'scalar' },
      minimum: { type: 'scalar' },
      maximum: { type: 'scalar' },
      minLength: { type: 'scalar' },
      maxLength: { type: 'scalar' },
    },
  },
  order: { by: '' },
  itemsLieOver: true,
};

export function emptyOf(type: Json | undefined): Json {
  return Object.hasOwn(EMPTY, textOf(type)) ? EMPTY[textOf(type) as ColumnType] : '';
}

/** Columns as a manifest has them, in comparable form: item by item in the same place. */
export function comparableColumns(columns: Json): Json {
  if (!Array.isArray(columns)) return columns;
  return columns.map((column, index) => {
    if (index > 0 || !isObject(column)) return column;
    const { name = null, ...rest } = column;
    return name === KEY ? column : { ...rest, name: KEY, title: name };
  });
}

/** The name that a manifest has for the key, by its columns in comparable form. */
export function keyNameOf(columns: readonly JsonObject[]): string {
  const [key, ...others] = columns;
  const title = textOf(key?.['title']);
  const isTaken = others.some(({ name }) => name === title);
  return title === '' || isTaken || !isWritable(title) ? KEY : title;
}

/** As `name` in the schema of manifests. */
function isWritable(title: string): boolean {
  return (
    title === title.trim() && title.length <= 256 && /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u.test(title)
  );
}

/** The columns that a manifest would have, with what is not said anyway. */
export function writtenColumns(columns: readonly JsonObject[]): JsonObject[] {
  const keyName = keyNameOf(columns);
  return columns.map((column, index) => {
    const { name = '', type = '', title = name, default: preset = emptyOf(type) } = column;
    const shown = index === 0 ? keyName : name;
    const bounds = BOUNDS.filter((bound) => Object.hasOwn(column, bound));
    return {
      name: shown,
      type,
      ...(title === shown || title === '' ? {} : { title }),
      ...(preset === emptyOf(type) ? {} : { default: preset }),
      ...Object.fromEntries(bounds.map((bound) => [bound, column[bound] ?? null])),
    };
  });
}

/** The columns of a table as the platform shows it; absent where it shows none. */
export function columnsOf(table: JsonObject): JsonObject[] | null {
  const properties = propertiesOf(table);
  if (properties === null) return null;
  const all = Object.entries(properties).flatMap(([name, column]) =>
    isObject(column) ? [{ name, column, at: orderOf(name, column) }] : [],
  );
  return all.sort((a, b) => a.at - b.at).map(({ name, column }) => columnAs(name, column));
}

/** What has no number comes last, in the order of the listing. */
function orderOf(name: string, { displayOrder }: JsonObject): number {
  if (name === KEY) return -Infinity;
  return typeof displayOrder === 'number' ? displayOrder : Number.MAX_SAFE_INTEGER;
}

function columnAs(name: string, column: JsonObject): JsonObject {
  const { type = '', title = name, default: preset = emptyOf(type) } = column;
  const bounds = BOUNDS.filter((bound) => Object.hasOwn(column, bound));
  return {
    name,
    type,
    title,
    default: preset,
    ...Object.fromEntries(bounds.map((bound) => [bound, column[bound] ?? null])),
  };
}

function propertiesOf(table: JsonObject): JsonObject | null {
  const { schema } = table;
  if (!isObject(schema)) return null;
  return isObject(schema['properties']) ? schema['properties'] : null;
}

/**
 * The schema of a table with these columns, laid over the one that it has: what nobody speaks of
 * travels along, and places move only where the order does.
 */
export function schemaWith(columns: readonly JsonObject[], table: JsonObject = {}): JsonObject {
  const before = isObject(table['schema']) ? table['schema'] : {};
  const there = propertiesOf(table) ?? {};
  const order = (columnsOf(table) ?? []).map(({ name }) => textOf(name));
  const names = columns.map(({ name }) => textOf(name));
  const isKept = order.every((name, index) => names[index] === name);
  const last = Math.max(-1, ...Object.values(there).map(orderIn));
  const properties = columns.map((column, index): [string, JsonObject] => {
    const name = textOf(column['name']);
    const own = Object.hasOwn(there, name) ? there[name] : null;
    const known = isObject(own) ? own : null;
    const place = !isKept ? index : known === null ? last + 1 + index - order.length : null;
    return [name, propertyWith(column, known, place)];
  });
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    type: 'object',
    required: [KEY],
    additionalProperties: false,
    ...before,
    properties: Object.fromEntries(properties),
  };
}

function orderIn(column: Json): number {
  const order = isObject(column) ? column['displayOrder'] : null;
  return typeof order === 'number' ? order : -1;
}

/** What says no more than is so anyway is not sent where it is not there already. */
function propertyWith(
  column: JsonObject,
  known: JsonObject | null,
  place: number | null,
): JsonObject {
  const { name = '', type = '', title = name, default: preset = emptyOf(type) } = column;
  const says = (key: string, isPlain: boolean): boolean =>
    !isPlain || (known !== null && Object.hasOwn(known, key));
  const bounds = BOUNDS.filter((bound) => Object.hasOwn(column, bound));
  // All bounds that there are to be are said: one that is not goes.
  const others = known === null ? {} : without(known, ...BOUNDS);
  return {
    ...others,
    $id: known?.['$id'] ?? `/properties/${textOf(name)}`,
    type,
    ...(known === null || says('title', title === name) ? { title } : {}),
    ...(says('default', preset === emptyOf(type)) ? { default: preset } : {}),
    ...Object.fromEntries(bounds.map((bound) => [bound, column[bound] ?? null])),
    ...(place === null ? {} : { displayOrder: place }),
  };
}

/** Columns that have come since, put into those that are asked for: each behind the one before. */
export function lastingColumns(live: JsonObject, asked: JsonObject): Lasting | null {
  if (asked['columns'] === undefined) return null;
  const columns = objectsIn(asked['columns']);
  const isIn = ({ name }: JsonObject): boolean => columns.some((one) => one['name'] === name);
  const stays: JsonObject[] = [];
  let previous: Json | undefined;
  for (const column of objectsIn(live['columns'])) {
    const { name = '' } = column;
    if (!isIn(column)) {
      const at = columns.findIndex((one) => one['name'] === previous);
      columns.splice(at === -1 ? columns.length : at + 1, 0, column);
      stays.push(column);
    }
    previous = name;
  }
  if (stays.length === 0) return null;
  const { rows } = asked;
  const filled = isObject(rows) ? { rows: withCellsOf(stays, rows) } : {};
  return {
    fields: { ...asked, columns, ...filled },
    stays: stays.map(
      ({ name = '' }) => `the column ${JSON.stringify(name)} stays: the platform removes none`,
    ),
  };
}

/** Every row has a cell of every column: of those by default that nothing is said of. */
function withCellsOf(columns: readonly JsonObject[], rows: JsonObject): JsonObject {
  const cells = Object.fromEntries(
    columns.map(({ name = '', type = '', default: preset = emptyOf(type) }) => [
      textOf(name),
      preset,
    ]),
  );
  return Object.fromEntries(
    Object.entries(rows).map(([key, row]) => [key, isObject(row) ? { ...cells, ...row } : row]),
  );
}

const RECIPE =
  'the platform removes no column and changes no type, and making the table anew would lose its ' +
  'rows: docs/manifests.md of strategos says how it is done by hand';

/** What the platform does not make of the columns that are there. */
export function columnProblems(before: JsonObject, after: JsonObject): ResourceProblem[] {
  const now = objectsIn(after['columns']);
  if (after['columns'] === undefined) return [];
  return objectsIn(before['columns']).flatMap(({ name = '', type = '' }): ResourceProblem[] => {
    const index = now.findIndex((column) => column['name'] === name);
    const other = now[index]?.['type'];
    if (other === type) return [];
    const what = `the column ${JSON.stringify(name)}`;
    if (index !== -1) {
      const types = [type, other].map(textOf);
      const message = `${what} is of type ${types[0]} in the org, and cannot become ${types[1]}`;
      const hint = `write type: ${textOf(type)}, or add a column of another name; ${RECIPE}`;
      return [{ pointer: `/columns/${index}/type`, message, hint }];
    }
    const message = `${what} is in the org, and not in the manifest: it cannot be removed`;
    const hint = `declare it again (type: ${textOf(type)}); ${RECIPE}`;
    return [{ pointer: '/columns', message, hint }];
  });
}
