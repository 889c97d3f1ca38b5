/**
 * A list of a manifest that stands in a CSV file beside it: taken in before anything is made of the
 * manifest, with the places of its cells, so that whatever is wrong is told by its line there.
 */
import { csvRecords, type CsvCell } from '../core/csv.js';
import type { Issue } from '../core/issue.js';
import {
  isObject,
  pointerKeys,
  textOf,
  valueAt,
  type Json,
  type JsonObject,
} from '../core/json.js';
import type { Tabular } from '../core/kind.js';
import { specOf } from '../core/manifest.js';
import { suggestion } from '../core/nearest.js';
import type { SourceFile } from '../core/source.js';
import type { Manifest, Positions } from '../core/types.js';
import { decode } from './decode.js';
import type { Lines } from './positions.js';

export interface Taken {
  readonly manifest: Manifest;
  /** What is wrong with the file as such; with its records, the rules of the kind say. */
  readonly issues: readonly Issue[];
}

/** The manifest with the list in place of the name of its file; as it is where it names none. */
export function takenIn(
  manifest: Manifest,
  tabular: Tabular,
  files: ReadonlyMap<string, SourceFile>,
): Taken {
  const spec = specOf(manifest);
  const named = textOf(valueAt(spec, tabular.path));
  if (named === '' || valueAt(spec, tabular.list) !== undefined) return { manifest, issues: [] };
  const at = manifest.positions.at(`/spec${tabular.path}`);
  const wrong = (code: string, message: string, hint: string): Taken => ({
    manifest,
    issues: [
      { code, severity: 'error', at, message: `spec${dotted(tabular.path)}: ${message}`, hint },
    ],
  });
  const path = pathBeside(manifest.positions.at('').file, named);
  const source = path === null ? undefined : files.get(path);
  if (path === null || (source === undefined && path.startsWith('../') && !isAbove(manifest))) {
    const message = `${JSON.stringify(named)} is no path from the folder of this manifest`;
    const higher = 'or run where both are below: a folder is read, and nothing above it';
    const hint = `put the file beside the manifest, and write sites.csv; ${higher}`;
    return wrong('file-outside', message, hint);
  }
  if (source === undefined) {
    const hint =
      suggestion(path, files.keys()) ?? 'put the file there, inside the folder of manifests';
    return wrong('missing-file', `no file ${path} was read in the folder of manifests`, hint);
  }
  if (source.unread !== undefined) {
    const hint = 'mend that: its rows are part of this manifest';
    return wrong('unreadable', `${path} cannot be read: ${source.unread}`, hint);
  }
  return read(manifest, tabular, source);
}

function dotted(pointer: string): string {
  return pointerKeys(pointer)
    .map((key) => `.${key}`)
    .join('');
}

function isAbove({ positions }: Manifest): boolean {
  return positions.at('').file.startsWith('../');
}

/** Paths are as sources have them; `null` for what leads nowhere a source can be. */
function pathBeside(manifest: string, named: string): string | null {
  if (/^\/|^[a-z]:|\\/i.test(named)) return null;
  const parts = manifest.split('/').slice(0, -1);
  for (const part of named.split('/')) {
    const isUp = part === '..';
    if (isUp && (parts.at(-1) ?? '..') !== '..') parts.pop();
    else if (isUp) parts.push(part);
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

type IssueAt = (code: string, at: number, message: string, hint?: string) => Issue;

function read(manifest: Manifest, tabular: Tabular, { path, bytes }: SourceFile): Taken {
  const decoded = decode(path, bytes);
  if ('issue' in decoded) return { manifest, issues: [decoded.issue] };
  const { text, lines } = decoded;
  const { records, problem } = csvRecords(text);
  const issueAt: IssueAt = (code, at, message, hint) => ({
    code,
    severity: 'error',
    at: lines.locate(at),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const other = otherDelimiter(text, tabular.headings(specOf(manifest)));
  if (other !== null) {
    const message = `cells are parted by commas; the first line has ${other.name} and no comma`;
    const hint = 'save the file as CSV with commas; a text that holds a comma stands in quotes';
    return { manifest, issues: [issueAt('csv-delimiter', other.at, message, hint)] };
  }
  if (problem !== null) {
    const hint = 'a text with a comma, a quote or a line end stands in quotes; a quote is doubled';
    return { manifest, issues: [issueAt('csv-syntax', problem.at, problem.message, hint)] };
  }
  const [header = [], ...all] = records;
  const issues = headerIssues(specOf(manifest), tabular, header, issueAt);
  const isHeaded = issues.length === 0;
  issues.push(...unevenIssues(all, header.length, issueAt));
  if (!isHeaded) return { manifest, issues };
  // What is wrong with the others is told as well.
  const rows = all.filter(({ length }) => length === header.length);
  const spec = specOf(manifest);
  const items = rows.map((row) => itemOf(spec, tabular, header, row));
  const positions = positionsOf(manifest.positions, tabular, lines, header, rows);
  const body = { ...manifest.body, spec: withList(spec, tabular, items) };
  return { manifest: { ...manifest, body, positions }, issues };
}

/** Of one file so many lines are said: a column that its first line alone has is wrong in all. */
const MOST_UNEVEN = 20;

function unevenIssues(
  rows: readonly (readonly CsvCell[])[],
  columns: number,
  issueAt: IssueAt,
): Issue[] {
  const uneven = rows.filter(({ length }) => length !== columns);
  const said = uneven.slice(0, MOST_UNEVEN).map((row) => {
    const message = `a line of ${row.length} cells, where the first line names ${columns}`;
    const hint = 'write a cell for every column; an empty one between commas';
    return issueAt('csv-cells', row[0]?.at ?? 0, message, hint);
  });
  const [next] = uneven.slice(MOST_UNEVEN);
  if (next === undefined) return said;
  const message = `${uneven.length - said.length} further lines of too few or too many cells`;
  return [...said, issueAt('more-problems', next[0]?.at ?? 0, `${message} are not shown`)];
}

const DELIMITERS: Readonly<Record<string, string>> = {
  ';': 'a semicolon',
  '\t': 'a tab',
  '|': 'a bar',
};

/** What parts the names of the first line, as spreadsheets write it, where that is no comma. */
function otherDelimiter(
  text: string,
  known: readonly string[],
): { readonly name: string; readonly at: number } | null {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  // What stands in quotes parts nothing; its length keeps the places.
  const bare = line.replace(/"(?:[^"]|"")*"/g, (quoted) => ' '.repeat(quoted.length));
  if (bare.includes(',') || known.includes(line.trim())) return null;
  const at = bare.search(/[;\t|]/);
  const name = DELIMITERS[bare[at] ?? ''];
  return name === undefined ? null : { name, at };
}

function headerIssues(
  spec: JsonObject,
  tabular: Tabular,
  header: readonly CsvCell[],
  issueAt: IssueAt,
): Issue[] {
  const known = tabular.headings(spec);
  const seen = new Set<string>();
  const issues = header.flatMap(({ text, at }): Issue[] => {
    const isTwice = seen.has(text);
    seen.add(text);
    if (isTwice) {
      const message = `the column ${JSON.stringify(text)} is there twice`;
      return [issueAt('csv-heading', at, message, 'remove one of the two')];
    }
    if (known.length === 0 || known.includes(text)) return [];
    const message = `the manifest has no column ${JSON.stringify(text)}`;
    const hint = suggestion(text, known) ?? `the columns are: ${known.join(', ')}`;
    return [issueAt('unknown-column', at, message, hint)];
  });
  const [first] = known;
  if (first !== undefined && !seen.has(first)) {
    const message = `the first line lacks the column ${JSON.stringify(first)}`;
    issues.push(issueAt('csv-heading', header[0]?.at ?? 0, message, `add it: it is the key`));
  }
  return issues;
}

function itemOf(
  spec: JsonObject,
  tabular: Tabular,
  header: readonly CsvCell[],
  row: readonly CsvCell[],
): JsonObject {
  return Object.fromEntries(
    header.flatMap(({ text: heading }, index): [string, Json][] => {
      const value = tabular.cell(spec, heading, row[index]?.text ?? '');
      return value === null ? [] : [[heading, value]];
    }),
  );
}

function withList(spec: JsonObject, { path, list }: Tabular, items: JsonObject[]): JsonObject {
  const place = (value: Json, keys: readonly string[], item: Json | undefined): Json => {
    const [key, ...rest] = keys;
    if (key === undefined) return item ?? null;
    const record = isObject(value) ? value : {};
    const others = Object.entries(record).filter(([name]) => name !== key);
    if (rest.length === 0 && item === undefined) return Object.fromEntries(others);
    return Object.fromEntries([...others, [key, place(record[key] ?? null, rest, item)]]);
  };
  const without = place(spec, pointerKeys(path), undefined);
  const whole = place(without, pointerKeys(list), items);
  return isObject(whole) ? whole : spec;
}

function positionsOf(
  around: Positions,
  { path, list }: Tabular,
  lines: Lines,
  header: readonly CsvCell[],
  rows: readonly (readonly CsvCell[])[],
): Positions {
  const columns = new Map(header.map(({ text }, index) => [text, index]));
  const depth = pointerKeys(list).length;
  const placeIn = (pointer: string): { row: readonly CsvCell[]; cell: CsvCell | undefined } => {
    const [index = '', heading = ''] = pointerKeys(pointer).slice(depth + 1);
    const row = rows[Number(index)] ?? [];
    return { row, cell: row[columns.get(heading) ?? -1] };
  };
  return {
    isOfOneFile: false,
    at: (pointer) => {
      if (pointer === `/spec${list}`) return around.at(`/spec${path}`);
      if (!pointer.startsWith(`/spec${list}/`)) return around.at(pointer);
      const { row, cell } = placeIn(pointer);
      return lines.locate((cell ?? row[0])?.at ?? 0);
    },
    written: (pointer) => {
      if (!pointer.startsWith(`/spec${list}/`)) return around.written?.(pointer) ?? null;
      return placeIn(pointer).cell?.text ?? null;
    },
  };
}
