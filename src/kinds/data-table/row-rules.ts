/** What a schema cannot say of the rows of a DataTable: each by its place, in a file too. */
import type { Issue } from '../../core/issue.js';
import { isObject, pointerToken, textOf, type Json, type JsonObject } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import { suggestion } from '../../core/nearest.js';
import { isUnreachableKey, KEY, TABLE_LIMITS } from '../../core/table.js';
import type { Manifest } from '../../core/types.js';
import { itemsIn, modeIn, writtenColumnsIn, type WrittenColumn } from './rows.js';
import { fits, foundAt, inQuotes, isColumnType, issueAt, rightFor } from './value.js';

/** Of one table so many are said. */
const MOST_ISSUES = 20;

export function rowRules(manifest: Manifest): Issue[] {
  const spec = specOf(manifest);
  const { rows } = spec;
  if (!isObject(rows)) return [];
  const shape = shapeIssues(manifest, spec, rows);
  if (shape.length > 0) return shape;
  const columns = writtenColumnsIn(spec);
  const found = [...sizeIssues(manifest, itemsIn(spec)), ...cellIssues(manifest, spec, columns)];
  if (found.length <= MOST_ISSUES) return found;
  const left = found.length - MOST_ISSUES;
  const message = `spec.rows: ${left} further problems in these rows are not shown`;
  return [...found.slice(0, MOST_ISSUES), issueAt(manifest, 'more-problems', '/rows', { message })];
}

function shapeIssues(manifest: Manifest, spec: JsonObject, rows: JsonObject): Issue[] {
  const said = (code: string, at: string, message: string, hint: string): Issue =>
    issueAt(manifest, code, `/rows${at}`, { message: `spec.rows${message}`, hint });
  const names = ['items', 'from'].filter((name) => rows[name] !== undefined);
  if (rows['mode'] === 'ignore' && names.length > 0) {
    const hint = `leave ${names.join(' and ')} out, or choose owned or seed`;
    return [said('rows-ignored', `/${names[0]}`, ': mode ignore touches no row', hint)];
  }
  if (modeIn(spec) === 'ignore') return [];
  if (names.length === 2) {
    return [said('rows-twice', '/from', ': items and from both say the rows', 'keep one of them')];
  }
  if (names.length === 0) {
    const message = `.mode: ${textOf(rows['mode'])} needs the rows`;
    const hint = 'write items: […] (an empty list for no row at all), or from: FILE.csv';
    return [said('rows-missing', '/mode', message, hint)];
  }
  if (!Array.isArray(spec['columns'])) {
    const hint = 'write spec.columns: the first is the key of the rows';
    return [said('rows-without-columns', '', ': rows need columns to be read by', hint)];
  }
  return [];
}

function sizeIssues(manifest: Manifest, items: readonly JsonObject[]): Issue[] {
  const most = TABLE_LIMITS.rows;
  if (items.length <= most) return [];
  const message = `spec.rows: ${items.length} rows, and a data table has room for ${most}`;
  const hint = 'split the table, or ask Genesys Cloud for a higher limit';
  return [issueAt(manifest, 'too-many-rows', `/rows/items/${most}`, { message, hint })];
}

function cellIssues(
  manifest: Manifest,
  spec: JsonObject,
  columns: readonly WrittenColumn[],
): Issue[] {
  // What the cells of a column are called that has no name, its own issue has to be mended to tell.
  if (columns.some(({ name }) => name === '')) return [];
  const byName = new Map(columns.map((one) => [one.name, one]));
  const key = columns.find(({ property }) => property === KEY)?.name ?? KEY;
  const firsts = new Map<string, number>();
  const found: Issue[] = [];
  itemsIn(spec).forEach((item, index) => {
    if (found.length > MOST_ISSUES * 2) return;
    const at = `/rows/items/${index}`;
    const value = Object.hasOwn(item, key) ? item[key] : undefined;
    found.push(...keyIssues(manifest, at, key, value));
    if (typeof value === 'string') {
      const first = firsts.get(value);
      if (first === undefined) firsts.set(value, index);
      else found.push(twice(manifest, `${at}/${pointerToken(key)}`, value, first));
    }
    for (const [name, cell] of Object.entries(item)) {
      const column = byName.get(name);
      if (column === undefined) found.push(stranger(manifest, at, name, [...byName.keys()]));
      else if (column.property !== KEY) found.push(...wrong(manifest, at, column, cell));
    }
  });
  return found;
}

function keyIssues(manifest: Manifest, at: string, key: string, value: Json | undefined): Issue[] {
  const most = TABLE_LIMITS.keyCharacters;
  const pointer = value === undefined ? at : `${at}/${pointerToken(key)}`;
  const say = (message: string, hint: string): Issue[] => [
    issueAt(manifest, 'row-key', pointer, { message: `spec.rows: ${message}`, hint }),
  ];
  if (value === undefined || value === '') {
    return say(`a row without its key, ${JSON.stringify(key)}`, `give it a ${key}`);
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    const message = `the key ${foundAt(manifest, pointer, value)} is no text`;
    return say(message, inQuotes(manifest, pointer, value));
  }
  if (typeof value !== 'string') {
    return say(`the key ${JSON.stringify(value)} is no text`, `write a text as its ${key}`);
  }
  if (isUnreachableKey(value)) {
    const why = 'cannot be part of a path, as that of a row is';
    return say(`the key ${JSON.stringify(value)} ${why}`, 'choose another key');
  }
  if (value.length <= most) return [];
  return say(`a key of ${value.length} characters, and ${most} are the most`, 'shorten it');
}

function twice(manifest: Manifest, at: string, value: string, first: number): Issue {
  const { file, line } = manifest.positions.at(`/spec/rows/items/${first}`);
  const message = `spec.rows: the key ${JSON.stringify(value)} is used already, in ${file}:${line}`;
  const hint = 'remove one of the two rows, or give it another key';
  return issueAt(manifest, 'duplicate-key', at, { message, hint });
}

function stranger(manifest: Manifest, at: string, name: string, known: readonly string[]): Issue {
  const message = `spec.rows: the table has no column ${JSON.stringify(name)}`;
  const hint = suggestion(name, known) ?? `the columns are: ${known.join(', ')}`;
  return issueAt(manifest, 'unknown-column', `${at}/${pointerToken(name)}`, { message, hint });
}

function wrong(
  manifest: Manifest,
  at: string,
  { name, column }: WrittenColumn,
  cell: Json,
): Issue[] {
  const { type, minimum, maximum, minLength, maxLength } = column;
  if (!isColumnType(type)) return [];
  const pointer = `${at}/${pointerToken(name)}`;
  const say = (code: string, what: string, hint: string): Issue[] => [
    issueAt(manifest, code, pointer, {
      message: `spec.rows: ${JSON.stringify(name)} ${what}`,
      hint,
    }),
  ];
  if (!fits(type, cell)) {
    const there = foundAt(manifest, pointer, cell);
    const hint = rightFor(type, manifest, pointer, cell);
    return say('cell-type', `is of type ${type}; found ${there}`, hint);
  }
  if (typeof cell === 'number') {
    const there = foundAt(manifest, pointer, cell);
    if (typeof minimum === 'number' && cell < minimum) {
      return say('cell-bound', `is at least ${minimum}; found ${there}`, 'write a greater number');
    }
    if (typeof maximum === 'number' && cell > maximum) {
      return say('cell-bound', `is at most ${maximum}; found ${there}`, 'write a smaller number');
    }
  }
  if (typeof cell !== 'string') return [];
  const most = Math.min(
    typeof maxLength === 'number' ? maxLength : Infinity,
    TABLE_LIMITS.cellCharacters,
  );
  if (cell.length > most) {
    return say('cell-bound', `has at most ${most} characters; found ${cell.length}`, 'shorten it');
  }
  if (typeof minLength === 'number' && cell.length < minLength) {
    return say(
      'cell-bound',
      `has at least ${minLength} characters; found ${cell.length}`,
      'lengthen it',
    );
  }
  return [];
}
