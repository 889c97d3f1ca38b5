/** Values of cells by the type of their column, and how what is wrong with one is told. */
import type { Issue } from '../../core/issue.js';
import type { Json } from '../../core/json.js';
import type { Manifest } from '../../core/types.js';
import type { ColumnType } from './columns.js';

type Told = Pick<Issue, 'message' | 'hint'>;

/** `pointer`, here and below, is into the spec. */
export function issueAt(manifest: Manifest, code: string, pointer: string, said: Told): Issue {
  return { code, severity: 'error', at: manifest.positions.at(`/spec${pointer}`), ...said };
}

/** What stands there, as it is written: `1.10` is not read as the number that JSON makes of it. */
export function foundAt(manifest: Manifest, pointer: string, value: Json): string {
  const written = manifest.positions.written?.(`/spec${pointer}`);
  return typeof value === 'string' ? JSON.stringify(value) : (written ?? JSON.stringify(value));
}

/** In quotes, for a hint: a text of the same signs as the value that stands there without them. */
export function inQuotes(manifest: Manifest, pointer: string, value: number | boolean): string {
  return `put it in quotes: ${JSON.stringify(foundAt(manifest, pointer, value))}`;
}

const IN_YAML: Readonly<Record<ColumnType, string>> = {
  string: 'write a text, in quotes where it looks like a number',
  integer: 'write a whole number without quotes',
  number: 'write a number without quotes',
  boolean: 'write true or false',
};

/** A file has no quotes to leave out: every cell is text. */
const IN_CSV: Readonly<Record<ColumnType, string>> = {
  string: 'write a text',
  integer: 'write a whole number in digits alone, without zeros before it',
  number: 'write a number in digits with a point, such as 0.5, without zeros before it',
  boolean: 'write true or false',
};

/** What would be right in place of the value, which does not fit the type. */
export function rightFor(type: ColumnType, manifest: Manifest, pointer: string, is: Json): string {
  if (type === 'string' && (typeof is === 'number' || typeof is === 'boolean')) {
    return inQuotes(manifest, pointer, is);
  }
  if (type === 'integer' && typeof is === 'number') {
    const isWhole = Number.isInteger(is) || !Number.isFinite(is);
    const most = Number.MAX_SAFE_INTEGER;
    return isWhole ? `write one from -${most} to ${most}` : 'write a number without a fraction';
  }
  if (type === 'number' && typeof is === 'number') return 'write a number nearer to 0';
  return (isInCsv(manifest, pointer) ? IN_CSV : IN_YAML)[type];
}

/** Manifests are YAML, whose files have other endings. */
function isInCsv(manifest: Manifest, pointer: string): boolean {
  return manifest.positions.at(`/spec${pointer}`).file.endsWith('.csv');
}

export function isColumnType(type: Json | undefined): type is ColumnType {
  return typeof type === 'string' && Object.hasOwn(IN_YAML, type);
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
