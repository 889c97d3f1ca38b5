/**
 * Architect data tables: the columns that we ask for, the platform's limits, and whether a table
 * that is there is the one that we mean.
 */
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import { someOf } from './some.js';

/** A data table as we want it. `columns` leaves out the key, which every table has. */
export interface TableSpec {
  readonly name: string;
  readonly description: string;
  readonly keyTitle: string;
  readonly columns: readonly Column[];
}

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly title: string;
}

/**
 * The platform's limits, in one place. Source unless noted: help.mypurecloud.com, "Work with data
 * tables" and "Create a data table". Rows and tables can be raised by a support case.
 */
export const TABLE_LIMITS = {
  tables: 200,
  rows: 5000,
  /** Without the key. */
  columns: 50,
  keyCharacters: 256,
  tableNameCharacters: 256,
  /** Assumed: nothing published says how long the text of a cell may be. */
  cellCharacters: 32_000,
} as const;

/** The name of the key column, in every table. */
export const KEY = 'key';

/** The largest page of tables that the Terraform provider asks for. */
export const TABLE_PAGE = 100;
/**
 * The largest page of rows that a public client asks for (documentation of genesys-admin-app).
 * Where an org refuses it, pages of 100 are read.
 */
export const ROW_PAGE = 500;

export const TABLES_PATH = '/api/v2/flows/datatables';

/** The path of the rows of a table. */
export function rowsPath(tableId: string): string {
  return `${TABLES_PATH}/${encodeURIComponent(tableId)}/rows`;
}

/** In a path these two mean the table itself and all tables, escaped or not: no row is reached. */
export function isUnreachableKey(key: string): boolean {
  return key === '.' || key === '..';
}

/** The path of one row below the path of its rows. */
export function rowPath(rows: string, key: string): string {
  return `${rows}/${encodeURIComponent(key)}`;
}

/** The path of the import jobs of CSV files into the rows at `rows`. */
export function importsPath(rows: string): string {
  return rows.replace(/\/rows$/, '/import/csv/jobs');
}

/** The path of one import job, of whichever kind of file. */
export function importPath(rows: string, job: string): string {
  return rows.replace(/\/rows$/, `/import/jobs/${encodeURIComponent(job)}`);
}

/** The body that makes a table. Form: developer.genesys.cloud, "Data tables". */
export function tableBody(spec: TableSpec): JsonObject {
  const columns = [{ name: KEY, type: 'string', title: spec.keyTitle }, ...spec.columns];
  const properties = Object.fromEntries(
    columns.map(({ name, type, title }, displayOrder): [string, JsonObject] => [
      name,
      { $id: `/properties/${name}`, type, title, displayOrder },
    ]),
  );
  return {
    name: spec.name,
    description: spec.description,
    schema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      required: [KEY],
      additionalProperties: false,
      properties,
    },
  };
}

/** The table of this name among those of a listing with `expand=schema`. */
export function tableNamed(tables: readonly JsonObject[], name: string): JsonObject | null {
  return tables.find((table) => table['name'] === name) ?? null;
}

/**
 * What keeps the table from being the one of `spec`; `null` when every column is there with its
 * type. Columns that somebody added are no problem: they are carried along.
 */
export function schemaProblem(spec: TableSpec, table: JsonObject): string | null {
  const properties = columnsIn(table);
  const typeOf = (name: string): Json => {
    const column = Object.hasOwn(properties, name) ? properties[name] : null;
    return isObject(column) ? (column['type'] ?? null) : null;
  };
  const missing = spec.columns.filter(({ name }) => typeOf(name) === null);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    return `it has no column ${someOf(names, 3)}`;
  }
  const other = spec.columns.find(({ name, type }) => typeOf(name) !== type);
  if (other === undefined) return null;
  return `its column ${other.name} is of type ${textOf(typeOf(other.name))}, not ${other.type}`;
}

/** The row with every column, for a file: where one is missing there, an import empties it. */
export function wholeRow(
  { columns, defaults }: { readonly columns: readonly string[]; readonly defaults: JsonObject },
  row: JsonObject,
): JsonObject {
  const own = (from: JsonObject, name: string): Json =>
    Object.hasOwn(from, name) ? (from[name] ?? null) : null;
  return Object.fromEntries(
    columns.map((name) => [name, own(row, name) ?? own(defaults, name) ?? '']),
  );
}

/**
 * The text of a CSV file (RFC 4180) with one line a row, in the order of the columns. Nothing ends
 * the last one: an import may take what follows for an empty row (help, imports of contact lists).
 */
export function csvOf(columns: readonly string[], rows: readonly JsonObject[]): string {
  const line = (cells: readonly string[]): string => cells.map(csvCell).join(',');
  const cell = (value: Json | undefined): string =>
    typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
  return [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))]
    .map(line)
    .join('\r\n');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The names of all columns of a table as the platform shows it, the key first. */
export function columnNames(table: JsonObject): string[] {
  return [KEY, ...Object.keys(columnsIn(table)).filter((name) => name !== KEY)];
}

/** What a cell holds that nothing is said of, by column, where the table says so. */
export function columnDefaults(table: JsonObject): JsonObject {
  const defaults = Object.entries(columnsIn(table)).map(([name, column]): [string, Json] => [
    name,
    isObject(column) ? (column['default'] ?? null) : null,
  ]);
  return Object.fromEntries(defaults.filter(([, value]) => value !== null));
}

function columnsIn(table: JsonObject): JsonObject {
  const schema = isObject(table['schema']) ? table['schema'] : {};
  return isObject(schema['properties']) ? schema['properties'] : {};
}
