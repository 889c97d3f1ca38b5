/** From a CSV file to the rows of a data table: which column is meant, and what a cell says. */
import type { Json } from '../core/json.js';
import { parseCsv, syntaxError } from './csv.js';
import { MAX_KEY } from './datatable-rows.js';
import type { OrgObserved } from '../generated/types.js';
import { EMPTY, FITS, KEY } from './datatables.js';
import { keptAs } from './manners.js';
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
export function readRows(
  table: Table,
  file: string,
  failKeys: ReadonlySet<string>,
  manners: Manners = {},
): ImportedRows {
  const text = manners.mark === 'taken' ? file.replace(/^\ufeff/, '') : file;
  if (manners.lineFeed === 'refused' && /[^\r]\n/.test(text.replace(/"[^"]*"/g, ''))) {
    throw syntaxError('Lines end in a carriage return and a line feed');
  }
  const [header = [], ...all] = parseCsv(text);
  const isEmpty = (record: readonly string[]): boolean => record.length === 1 && record[0] === '';
  const records = manners.emptyLine === 'ignored' ? all.filter((one) => !isEmpty(one)) : all;
  const names = readHeader(table, header, manners);
  const keyAt = names.indexOf(KEY);
  const rows = new Map<string, Row>();
  const seen = new Set<string>();
  for (const record of records) {
    const key = record[keyAt] ?? '';
    const isWhole =
      record.length === names.length || (manners.short === 'taken' && !isEmpty(record));
    const row = isWhole ? readRecord(table, names, record, manners) : null;
    const isFirst = !seen.has(key) || manners.duplicate === 'last';
    const good = key !== '' && key.length <= MAX_KEY && isFirst && !failKeys.has(key);
    if (good && row !== null) rows.set(key, row);
    else if (manners.badRecord === 'fails the job') throw syntaxError('A record is wrong');
    if (seen.has(key) && manners.duplicate === 'neither') rows.delete(key);
    seen.add(key);
  }
  return { rows, failed: records.length - rows.size };
}

type Manners = NonNullable<OrgObserved['imports']>;

/** The names of the columns that the header means, in its order. */
function readHeader(table: Table, header: readonly string[], manners: Manners): string[] {
  const names = header.map((label) => {
    const name = columnOf(table, label, manners);
    if (name === null && manners.unknownColumn === 'taken') return label;
    if (name === null) throw syntaxError(`There is no column '${label}'`);
    return name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined && manners.doubleColumn !== 'taken')
    throw syntaxError(`The column '${twice}' is there twice`);
  if (!names.includes(KEY) && manners.noKey !== 'taken')
    throw syntaxError(`The column '${KEY}' is missing`);
  return names;
}

/** By name, else by a title that no other column has. */
function columnOf(table: Table, label: string, { title: named }: Manners): string | null {
  if (table.columns.has(label)) return label;
  if (named === 'refused') return null;
  const [found, ...others] = [...table.columns].filter(([, { title }]) => title === label);
  return found === undefined || others.length > 0 ? null : found[0];
}

/** All cells; `null` when one is not of its column's type. */
function readRecord(
  table: Table,
  names: readonly string[],
  record: readonly string[],
  manners: Manners,
): Row | null {
  const before = table.rows.get(record[names.indexOf(KEY)] ?? '');
  const texts = new Map(names.map((name, index) => [name, record[index] ?? '']));
  const row = new Map<string, CellValue>();
  for (const [name, column] of table.columns) {
    const value = readCell(column, texts.get(name), before?.get(name), manners);
    if (value === null) return null;
    row.set(name, name === KEY ? value : keptAs(manners.cells, value));
  }
  return row;
}

/** `before`: what the row has that is there already. */
function readCell(
  { type, fallback }: Column,
  text: string | undefined,
  before: CellValue | undefined,
  manners: Manners,
): CellValue | null {
  if (text === undefined) {
    if (before === undefined || manners.omitted === undefined) return fallback;
    const { omitted } = manners;
    return omitted === 'kept' ? before : omitted === 'empty' ? EMPTY[type] : fallback;
  }
  const ofEmpty = type === 'string' ? manners.emptyText : manners.emptyNumber;
  if (text === '' && ofEmpty === 'left out') return null;
  if (text === '' && (type !== 'string' || ofEmpty === 'default')) return fallback;
  const value = MEANING[type](manners.spaces === 'trimmed' ? text.trim() : text);
  const fits = FITS[type];
  if (!fits(value) && manners.wrongType === 'taken') return fallback;
  return fits(value) ? value : null;
}
