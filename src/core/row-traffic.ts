/**
 * How rows of a data table travel in the fewest requests: singly, by pages or in a file. The rule
 * is here, and nowhere else.
 *
 * | rows to write | singly | in a file |
 * | ------------- | ------ | --------- |
 * | 1             | 1      | 6         |
 * | 6             | 6      | 6         |
 * | 7             | 7      | 6         |
 * | 5,000         | 5,000  | 6         |
 *
 * In a file with a look at the longest row, and with one more for each thing that a file may lose
 * and that this row has not: an empty text, spaces at its ends, line breaks, quotes, other letters.
 * Looks at the rows before are the same either way, and left out. Rows that go are deleted singly:
 * the one import that removes rows removes all that are not in its file.
 */
import { textOf, type JsonObject } from './json.js';
import { ROW_PAGE } from './table.js';

/** An import: its POST, its file, and three looks at it, after 0.25, 0.75 and 1.75 s. */
export const IMPORT_REQUESTS = 5;

/** So many rows are listed in so many requests. */
export function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / ROW_PAGE));
}

/** Rows of one file; more go in several: what is on record of each is one line of the log. */
export function rowsInFile(columns: number): number {
  return Math.max(1, Math.floor(MOST_CELLS / Math.max(1, columns)));
}

const MOST_CELLS = 200_000;

/** Requests that these new or changed rows of one table take. */
export function requestsToWrite(rows: readonly JsonObject[]): {
  readonly singly: number;
  readonly inFile: number;
} {
  const columns = Object.keys(rows[0] ?? {}).length;
  const files = Math.ceil(rows.length / rowsInFile(columns));
  return { singly: rows.length, inFile: files * (IMPORT_REQUESTS + witnessesOf(rows).length) };
}

/** Whether a file takes fewer; rows that have other columns than the first go in none. */
export function fileWrites(rows: readonly JsonObject[]): boolean {
  const [first = {}] = rows;
  const columns = Object.keys(first).length;
  const isAlike = (row: JsonObject): boolean =>
    Object.keys(row).length === columns &&
    Object.keys(row).every((name) => Object.hasOwn(first, name));
  if (rows.length <= IMPORT_REQUESTS || !rows.every(isAlike)) return false;
  const { singly, inFile } = requestsToWrite(rows);
  return inFile < singly;
}

/** What a file may say otherwise than it was meant, each a matter of its own. */
const TRAITS: readonly RegExp[] = [/^$/, /^\s|\s$/, /[\r\n]/, /["]/, /[\u0080-\u{10ffff}]/u];

/**
 * Rows that are looked at once an import counts all of them as written: the longest, as a file that
 * is taken for something else or cut shows there, and one for whatever else a cell may have lost.
 */
export function witnessesOf(rows: readonly JsonObject[]): JsonObject[] {
  const found = new Set<JsonObject>();
  const longest = longestOf(rows, (row) => row);
  if (longest !== undefined) found.add(longest);
  for (const trait of TRAITS) {
    const has = (row: JsonObject): boolean =>
      Object.values(row).some((cell) => typeof cell === 'string' && trait.test(cell));
    if ([...found].some(has)) continue;
    const first = rows.find(has);
    if (first !== undefined) found.add(first);
  }
  return [...found];
}

/** Of all its texts: whatever else is in a row is as long in every other. */
export function longestOf<T>(all: readonly T[], rowOf: (one: T) => JsonObject): T | undefined {
  let longest: T | undefined;
  let most = -1;
  for (const one of all) {
    let length = 0;
    for (const value of Object.values(rowOf(one))) length += textOf(value).length;
    if (length > most) [longest, most] = [one, length];
  }
  return longest;
}
