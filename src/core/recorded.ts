/**
 * What the record of an object is to say was applied, where a write is not all that was: a round of
 * the optimizer moves weights, a rollback takes back what one run did. Whatever such a write leaves
 * as it is stays on record as it was. Else what somebody had edited there would pass for ours, and
 * be no drift any more.
 */
import { same } from './canonical.js';
import { entriesIn } from './entries.js';
import type { Field, RecordField } from './fields.js';
import { isObject, type Json, type JsonObject } from './json.js';

/** `applied`, with what is not in `to` as it is in `from` put as it is in `to`. */
export function laidOn(
  { fields: table }: RecordField,
  applied: JsonObject,
  { from, to }: { readonly from: JsonObject; readonly to: JsonObject },
): JsonObject {
  const out = new Map(Object.entries(applied));
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [was, is] = [from[key], to[key]];
    if (same(was, is)) continue;
    if (is === undefined) out.delete(key);
    else out.set(key, laid(table[key], applied[key], was, is));
  }
  return Object.fromEntries(out);
}

function laid(
  field: Field | undefined,
  applied: Json | undefined,
  from: Json | undefined,
  to: Json,
): Json {
  if (field?.type === 'record') {
    if (!isObject(applied) || !isObject(from) || !isObject(to)) return to;
    return laidOn(field, applied, { from, to });
  }
  if (field === undefined) return to;
  const [then, was, is] = [applied, from, to].map((one) => entriesIn(field, one));
  if (!then || !was || !is || !isInOrder(was, is)) return to;
  const inner = field.type === 'list' ? field.item : field.type === 'map' ? field.of : undefined;
  const out = new Map(then);
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(key), is.get(key)];
    if (same(old, now)) continue;
    if (now === undefined) out.delete(key);
    else out.set(key, laid(inner, then.get(key), old, now));
  }
  return field.type === 'map' ? Object.fromEntries(out) : [...out.values()];
}

/** What is in both stands in the same order. */
function isInOrder(a: ReadonlyMap<string, Json>, b: ReadonlyMap<string, Json>): boolean {
  const common = (one: ReadonlyMap<string, Json>, other: ReadonlyMap<string, Json>): string[] =>
    [...one.keys()].filter((key) => other.has(key));
  return same(common(a, b), common(b, a));
}
