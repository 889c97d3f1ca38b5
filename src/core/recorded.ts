/**
 * What the record of an object is to say was applied, where a write is not all that was: a round of
 * the optimizer moves weights, a rollback takes back what one run did. Whatever such a write leaves
 * as it is stays on record as it was. Else what somebody had edited there would pass for ours, and
 * be no drift any more.
 */
import { same } from './canonical.js';
import { entriesIn, ofEntries } from './entries.js';
import type { Field, RecordField } from './fields.js';
import { isObject, type Json, type JsonObject } from './json.js';
import type { RunEffect } from './undone.js';

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

/** An object before and after a rollback, and what that asked for. */
export interface Back {
  /** What is on record before it. */
  readonly applied: JsonObject;
  readonly live: JsonObject;
  readonly fields: JsonObject;
  readonly after: JsonObject;
}

/**
 * What the record is to say after it. Of the object itself what its run had changed, as that found
 * it, and what the rollback writes; of `parts` only what went back to what the run found. What
 * others have made, and what nobody asked for, stays on record as it was applied: drift as before.
 */
export function onRecord(
  table: RecordField,
  { applied, live, fields, after }: Back,
  effect: RunEffect<JsonObject>,
  parts: readonly string[],
): JsonObject {
  const asked = (of: JsonObject, isPart: boolean): JsonObject => {
    const isAsked = (key: string): boolean =>
      parts.includes(key) === isPart && Object.hasOwn(fields, key);
    return Object.fromEntries(Object.entries(of).filter(([key]) => isAsked(key)));
  };
  const own = (from: JsonObject, to: JsonObject): { from: JsonObject; to: JsonObject } => ({
    from: asked(from, false),
    to: asked(to, false),
  });
  const undone = laidOn(table, applied, own(effect.after, effect.before));
  const written = laidOn(table, undone, own(live, after));
  const entries = Object.entries(asked(after, true)).map(([key, value]): [string, Json] => {
    const [field, known] = [table.fields[key], applied[key]];
    const [was, became] = [effect.before[key], effect.after[key]];
    if (field === undefined || known === undefined) return [key, value];
    if (was === undefined || became === undefined) return [key, value];
    return [key, entriesOnRecord(field, known, value, { before: was, after: became })];
  });
  return Object.fromEntries([...Object.entries({ ...after, ...written }), ...entries]);
}

function entriesOnRecord(field: Field, known: Json, value: Json, effect: RunEffect): Json {
  const { before, after } = effect;
  const [then, is, was, became] = [known, value, before, after].map((one) => entriesIn(field, one));
  if (!then || !is || !was || !became) return value;
  return ofEntries(field, eachOnRecord(then, is, { before: was, after: became }));
}

type Entries = ReadonlyMap<string, Json>;

function eachOnRecord(
  known: Entries,
  value: Entries,
  { before, after }: Readonly<Record<keyof RunEffect, Entries>>,
): Entries {
  const entries = new Map<string, Json>();
  for (const key of new Set([...known.keys(), ...before.keys()])) {
    const effect = { before: before.get(key), after: after.get(key) };
    const one = entryOnRecord(known.get(key), value.get(key), effect);
    if (one !== undefined) entries.set(key, one);
  }
  return entries;
}

/** Of a row by its cells. */
function entryOnRecord(
  known: Json | undefined,
  value: Json | undefined,
  { before, after }: RunEffect<Json | undefined>,
): Json | undefined {
  if (same(before, after)) return known;
  if (!isObject(known) || !isObject(value) || !isObject(before) || !isObject(after)) {
    return same(value, before) ? before : known;
  }
  const cells = (of: JsonObject): Entries => new Map(Object.entries(of));
  const effect = { before: cells(before), after: cells(after) };
  return Object.fromEntries(eachOnRecord(cells(known), cells(value), effect));
}
