/** From a CSV file to the rows of a data table: which column is meant, and what a cell says. */
import type { Json } from '../core/json.js';
import { parseCsv, syntaxError } from './csv.js';
import { MAX_KEY } from './datatable-rows.js';
import { FITS, KEY } from './datatables.js';
import type { CellValue, Column, ColumnType, Row, Table } from './model.js';

export interface ImportedRows {
  /** In the order of the file. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Records that make no row. */
  readonly failed: number;
}

/** Numbers as JSON writes them. */
const INTEGER = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** What the text of a cell means; a text that cannot be of the type stays a text. */
const MEANING: Readonly<Record<ColumnType, (text: string) => Json>> = {
  string: (text) => text,
  integer: (text) => (INTEGER.test(text) ? Number(text) : text),
  number: (text) => (NUMBER.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
};

/**
 * Reads all records. 400 `flows.datatables.syntax.error` for what concerns the whole file: no CSV,
 * no `key` column, or a column that the table does not have or that is there twice. A record that
 * is wrong in itself, or named in `failKeys`, is counted; of two with one key the first is taken.
 */
export function readRows(table: Table, text: string, failKeys: ReadonlySet<string>): ImportedRows {
  const [header = [], ...records] = parseCsv(text);
  const names = readHeader(table, header);
  const keyAt = names.indexOf(KEY);
  const rows = new Map<string, Row>();
  const seen = new Set<string>();
  for (const record of records) {
    const key = record[keyAt] ?? '';
    const row = record.length === names.length ? readRecord(table, names, record) : null;
    const good = key !== '' && key.length <= MAX_KEY && !seen.has(key) && !failKeys.has(key);
    if (good && row !== null) rows.set(key, row);
    seen.add(key);
  }
  return { rows, failed: records.length - rows.size };
}

/** The names of the columns that the header means, in its order. */
function readHeader(table: Table, header: readonly string[]): string[] {
  const names = header.map((label) => {
    const name = columnOf(table, label);
    if (name === null) throw syntaxError(`There is no column '${label}'`);
    return name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw syntaxError(`The column '${twice}' is there twice`);
  if (!names.includes(KEY)) throw syntaxError(`The column '${KEY}' is missing`);
  return names;
}

/** By name, else by a title that no other column has. */
function columnOf(table: Table, label: string): string | null {
  if (table.columns.has(label)) return label;
  const [found, ...others] = [...table.columns].filter(([, { title }]) => title === label);
  return found === undefined || others.length > 0 ? null : found[0];
}

/** All cells; `null` when one is not of its column's type. */
function readRecord(table: Table, names: readonly string[], record: readonly string[]): Row | null {
  const texts = new Map(names.map((name, index) => [name, record[index] ?? '']));
  const row = new Map<string, CellValue>();
  for (const [name, column] of table.columns) {
    const value = readCell(column, texts.get(name));
    if (value === null) return null;
    row.set(name, value);
  }
  return row;
}

function readCell({ type, fallback }: Column, text: string | undefined): CellValue | null {
  if (text === undefined || (text === '' && type !== 'string')) return fallback;
  const value = MEANING[type](text);
  const fits = FITS[type];
  return fits(value) ? value : null;
}
