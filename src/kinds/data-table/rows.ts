/**
 * Rows of a data table, as manifests have them and in comparable form.
 *
 * A manifest has a list of rows under the names of its columns. In comparable form they are a map
 * by key, each with every other cell: a cell that is left out has what its column has by default,
 * which is what the platform writes there.
 */
import {
  isObject,
  pointerKeys,
  pointerToken,
  textOf,
  type Json,
  type JsonObject,
} from '../../core/json.js';
import type { Citation, CitationIn, RenamedTo } from '../../core/kind.js';
import { KEY } from '../../core/table.js';
import { comparableColumns, emptyOf, keyNameOf } from './columns.js';

export type RowMode = 'owned' | 'seed' | 'ignore';

export function modeIn(spec: JsonObject): RowMode {
  const { rows } = spec;
  const mode = isObject(rows) ? rows['mode'] : null;
  return mode === 'owned' || mode === 'seed' ? mode : 'ignore';
}

/** The rows as written; an item that is no mapping is an empty row, so that places hold. */
export function itemsIn(spec: JsonObject): JsonObject[] {
  const { rows } = spec;
  const items = isObject(rows) ? rows['items'] : null;
  return Array.isArray(items) ? items.map((item) => (isObject(item) ? item : {})) : [];
}

/** The columns of a spec, each with the name that its rows have for it. */
export interface WrittenColumn {
  /** As manifests call it. */
  readonly name: string;
  /** As the platform calls it. */
  readonly property: string;
  readonly column: JsonObject;
}

const COLUMNS = new WeakMap<JsonObject, WrittenColumn[]>();

/** Found once for a spec: every cell of its rows asks. */
export function writtenColumnsIn(spec: JsonObject): readonly WrittenColumn[] {
  const known = COLUMNS.get(spec) ?? columnsWritten(spec);
  COLUMNS.set(spec, known);
  return known;
}

function columnsWritten(spec: JsonObject): WrittenColumn[] {
  const { columns } = spec;
  if (!Array.isArray(columns)) return [];
  const comparable = comparableColumns(columns);
  const all = Array.isArray(comparable) ? comparable : [];
  return columns.flatMap((column, index) => {
    const known = all[index];
    if (!isObject(column) || !isObject(known)) return [];
    const [name, property] = [column, known].map((one) => textOf(one['name']));
    return [{ name: name ?? '', property: property ?? '', column: known }];
  });
}

/** What the kinds are called by whom they are referred to. */
export const REFERRED: Readonly<Record<string, string>> = {
  Queue: 'queue',
  Skill: 'skill',
  Language: 'language',
  WrapupCode: 'wrap-up code',
  Schedule: 'schedule',
  DataTable: 'data table',
};

/** The columns whose cells name something, and what. */
export function referringIn(
  spec: JsonObject,
): readonly { readonly name: string; readonly property: string; readonly to: string }[] {
  return writtenColumnsIn(spec).flatMap(({ name, property, column }) => {
    const to = REFERRED[textOf(column['references'])];
    return to === undefined ? [] : [{ name, property, to }];
  });
}

/** What cells of rows in comparable form name, whoever has written them. */
export function citedByRows(spec: JsonObject, rows: Json | undefined): CitationIn[] {
  const columns = referringIn(spec);
  if (columns.length === 0 || !isObject(rows)) return [];
  return Object.entries(rows).flatMap(([key, cells]) =>
    columns.flatMap(({ property, to }): CitationIn[] => {
      const name = property === KEY ? key : textOf(isObject(cells) ? own(cells, property) : null);
      return name === '' ? [] : [{ to, name, where: `row ${JSON.stringify(key)}` }];
    }),
  );
}

/** Keys and cells of rows in comparable form that are texts, each once. */
export function textsOfRows(rows: Json | undefined): ReadonlySet<string> {
  if (!isObject(rows)) return new Set();
  const texts = new Set(Object.keys(rows));
  for (const cells of Object.values(rows)) {
    if (!isObject(cells)) continue;
    for (const cell of Object.values(cells)) if (typeof cell === 'string') texts.add(cell);
  }
  return texts;
}

/**
 * Rows that are there, in which what is renamed in the same plan has its new name where the seed
 * says so: a row that we have seeded is left to people, and a name that is gone is nobody's choice.
 */
export function followingRows(
  spec: JsonObject,
  seed: JsonObject,
  there: JsonObject,
  renamed: RenamedTo,
): JsonObject {
  const columns = referringIn(spec).filter(({ property }) => property !== KEY);
  if (columns.length === 0) return there;
  return Object.fromEntries(
    Object.entries(there).map(([key, cells]) => {
      const asked = own(seed, key);
      if (!isObject(cells) || !isObject(asked)) return [key, cells];
      const follow = columns.flatMap(({ property, to }) => {
        const is = textOf(own(cells, property));
        const says = textOf(own(asked, property));
        return is !== says && renamed(to, is) === says ? [[property, says]] : [];
      });
      return [key, { ...cells, ...Object.fromEntries(follow) }];
    }),
  );
}

/** Of rows that are there those that a seed has: the others are people's, and stay theirs. */
export function seededOf(spec: JsonObject, wanted: JsonObject): JsonObject {
  const seed = comparableRows(spec);
  if (modeIn(spec) !== 'seed' || seed === null || !isObject(wanted['rows'])) return wanted;
  const key = keyNameIn(wanted);
  const items = itemsIn(wanted).filter((item) => Object.hasOwn(seed, textOf(own(item, key))));
  return { ...wanted, rows: { mode: 'seed', items } };
}

function keyNameIn(spec: JsonObject): string {
  return writtenColumnsIn(spec).find(({ property }) => property === KEY)?.name ?? KEY;
}

/** What the cells of columns with `references` name; an empty one names nothing. */
export function citationsIn(spec: JsonObject): Citation[] {
  if (modeIn(spec) === 'ignore') return [];
  const columns = referringIn(spec);
  if (columns.length === 0) return [];
  return itemsIn(spec).flatMap((item, index) =>
    columns.flatMap(({ name: column, to }): Citation[] => {
      const name = textOf(own(item, column));
      const pointer = `/rows/items/${index}/${pointerToken(column)}`;
      return name === '' ? [] : [{ to, name, pointer }];
    }),
  );
}

/** The rows of a spec in comparable form; `null` where it asks for none. */
export function comparableRows(spec: JsonObject): JsonObject | null {
  if (modeIn(spec) === 'ignore') return null;
  const columns = writtenColumnsIn(spec);
  const key = keyNameIn(spec);
  const others = columns.filter(({ property }) => property !== KEY);
  return Object.fromEntries(
    itemsIn(spec).map((item): [string, JsonObject] => [
      textOf(own(item, key)),
      Object.fromEntries(
        others.map(({ name, property, column }) => [
          property,
          own(item, name) ?? column['default'] ?? emptyOf(column['type']),
        ]),
      ),
    ]),
  );
}

function own(from: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(from, name) ? from[name] : undefined;
}

/** A place in comparable form as a place in the spec: a row stands where its item does. */
export function placeInSpec(spec: JsonObject, pointer: string): string {
  const [field, key, property, ...rest] = pointerKeys(pointer);
  if (field !== 'rows' || key === undefined) return pointer;
  const index = indexesIn(spec).get(key);
  if (index === undefined) return '/rows';
  const name = writtenColumnsIn(spec).find((one) => one.property === property)?.name ?? property;
  const below = [name, ...rest].filter((one) => one !== undefined);
  return `/rows/items/${index}${below.map((one) => `/${pointerToken(one)}`).join('')}`;
}

const INDEXES = new WeakMap<JsonObject, ReadonlyMap<string, number>>();

/** Where the row of a key stands, found once. */
function indexesIn(spec: JsonObject): ReadonlyMap<string, number> {
  const known = INDEXES.get(spec);
  if (known !== undefined) return known;
  const key = writtenColumnsIn(spec)[0]?.name ?? KEY;
  const found = new Map(itemsIn(spec).map((item, index) => [textOf(own(item, key)), index]));
  INDEXES.set(spec, found);
  return found;
}

/** Numbers as JSON writes them. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** What the text of a cell of a file means in its column: where it is none of its type, a text. */
export function meaningIn(spec: JsonObject, heading: string, text: string): Json {
  const column = writtenColumnsIn(spec).find(({ name }) => name === heading)?.column;
  const type = column?.['type'];
  if (type === 'string' || type === undefined) return text;
  const bare = text.trim();
  if (bare === '') return null;
  if (type === 'boolean')
    return /^(true|false)$/i.test(bare) ? bare.toLowerCase() === 'true' : text;
  return NUMBER.test(bare) ? Number(bare) : text;
}

/** Rows as a manifest would own them, by the columns that a manifest would have for them. */
export function writtenRows(columns: readonly JsonObject[], rows: JsonObject): JsonObject {
  const key = keyNameOf(columns);
  const items = Object.entries(rows).map(([value, cells]) => ({
    [key]: value,
    ...(isObject(cells) ? cells : {}),
  }));
  return { mode: 'owned', items };
}
