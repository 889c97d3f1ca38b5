/**
 * What was applied, where it does not fit a record: of a field that is too long the digest is kept,
 * which tells whether it has moved since, and not what it was.
 */
import { digestOf } from './canonical.js';
import { isObject, type Json, type JsonObject } from './json.js';
import type { Hash } from './types.js';

const DIGEST = '$digest';

/** The same fields within so many characters, the longest given up first. */
export function shortened(fields: JsonObject, mostCharacters: number, hash: Hash): JsonObject {
  const lengths = new Map(
    Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value).length]),
  );
  let short = fields;
  const longestFirst = [...lengths].sort(([, a], [, b]) => b - a);
  for (const [name] of longestFirst) {
    if (JSON.stringify(short).length <= mostCharacters) break;
    const value = short[name];
    if (value !== undefined) short = { ...short, [name]: { [DIGEST]: digestOf(hash, value) } };
  }
  return short;
}

function isShort(value: Json | undefined): value is { [DIGEST]: string } {
  return isObject(value) && typeof value[DIGEST] === 'string' && Object.keys(value).length === 1;
}

export function isShortened(fields: JsonObject | null): boolean {
  return fields !== null && Object.values(fields).some(isShort);
}

/**
 * The fields as they were, each that is known by its digest alone taken from the first of `from`
 * that has it; `null` where none has: it has moved on every side.
 */
export function lengthened(
  fields: JsonObject,
  from: readonly (JsonObject | undefined)[],
  hash: Hash,
): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]): [string, Json] => {
      if (!isShort(value)) return [name, value];
      const candidates = from.flatMap((one): Json[] => {
        const known = one !== undefined && Object.hasOwn(one, name) ? one[name] : undefined;
        return known === undefined ? [] : [known];
      });
      const found = candidates.find((one) => digestOf(hash, one) === value[DIGEST]);
      return [name, found ?? null];
    }),
  );
}
