/** Values of cells by the type of their column, and how what is wrong with one is told. */
import type { Issue } from '../../core/issue.js';
import type { Json } from '../../core/json.js';
import type { Manifest } from '../../core/types.js';
import type { ColumnType } from './columns.js';

type Told = Pick<Issue, 'message' | 'hint'>;

/** `pointer` is into the spec. */

export function issueAt(manifest: Manifest, code: string, pointer: string, said: Told): Issue {
  return { code, severity: 'error', at: manifest.positions.at(`/spec${pointer}`), ...said };
}

/** What is right, for a hint. */
export const EXAMPLES: Readonly<Record<ColumnType, string>> = {
  string: 'a text, in quotes where it looks like a number',
  integer: 'a whole number without quotes',
  number: 'a number without quotes',
  boolean: 'true or false',
};

export function isColumnType(type: Json | undefined): type is ColumnType {
  return typeof type === 'string' && Object.hasOwn(EXAMPLES, type);
}

/** Integers beyond 2^53 do not survive JSON. */
export function fits(type: ColumnType, value: Json): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
  }
}
