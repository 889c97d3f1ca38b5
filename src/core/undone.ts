/**
 * What a run did to a part of an object, taken back entry by entry: members, codes and rows are
 * others' as well, and what they have given, changed or taken since is theirs. An entry goes back
 * to what the run found where it is still as the run left it, and stays as it is anywhere else.
 */
import { same } from './canonical.js';
import { entriesIn, itemKey, ofEntries } from './entries.js';
import type { Field, ListField, RecordField } from './fields.js';
import { isObject, type Json, type JsonObject } from './json.js';
import type { Part } from './resource.js';
import { someOf } from './some.js';

/** What a run found, and what it was to become. */
export interface RunEffect<T extends Json | undefined = Json> {
  readonly before: T;
  readonly after: T;
}

export interface Undone {
  readonly value: Json;
  /** Keys of entries that the run wrote, and that somebody has changed since: they stay. */
  readonly left: readonly string[];
}

/**
 * The value of a field with what a run made of it taken back. `live`: as it is now. `fresh`: what
 * entries have that have just come, and that a run which was killed may have left so. `blank`: what
 * they have of which nobody has said anything, where that is not empty.
 */
export function undone(
  field: Field,
  live: Json,
  { before, after }: RunEffect,
  fresh: JsonObject = {},
  blank: JsonObject = {},
): Undone {
  const [is, was, became] = [live, before, after].map((one) => entriesIn(field, one));
  if (!is || !was || !became) {
    return same(live, after) ? { value: before, left: [] } : { value: live, left: [] };
  }
  const entries = new Map<string, Json>();
  const left: string[] = [];
  for (const key of new Set([...is.keys(), ...was.keys()])) {
    const effect = { before: was.get(key), after: became.get(key) };
    const { value, isLeft } = entry(is.get(key), effect, fresh, blank);
    if (value !== undefined) entries.set(key, value);
    if (isLeft) left.push(key);
  }
  return { value: ofEntries(field, entries), left };
}

/** What is asked for of an object, where it is to be as a run found it, and `left` by field. */
export interface TakenBack {
  readonly fields: JsonObject;
  readonly left: Readonly<Record<string, readonly string[]>>;
}

/** `fields`: as the run found them. What it did not change of parts stays as it is in `live`. */
export function takenBack(
  { fields: table }: RecordField,
  fields: JsonObject,
  live: JsonObject,
  effect: RunEffect<JsonObject>,
  parts: readonly Pick<Part, 'field' | 'fresh' | 'blank'>[] = [],
): TakenBack {
  const left: Record<string, readonly string[]> = {};
  const entries = Object.entries(fields).map(([key, value]): [string, Json] => {
    const [field, is] = [table[key], live[key]];
    const [before, after] = [effect.before[key], effect.after[key]];
    const part = parts.find((one) => one.field === key);
    if (field === undefined || is === undefined || part === undefined) return [key, value];
    if (before === undefined || after === undefined) return [key, value];
    const found = undone(field, is, { before, after }, part.fresh, part.blank?.(live));
    if (found.left.length > 0) left[key] = found.left;
    return [key, found.value];
  });
  return { fields: Object.fromEntries(entries), left };
}

/**
 * The fields without those that the run has given an object which had none of them: a medium, a
 * time to wrap up. No manifest can ask for what is not there. `except`: fields that are left.
 */
export function takenOut(
  { fields: table }: RecordField,
  fields: JsonObject,
  { before, after }: RunEffect<JsonObject>,
  except: ReadonlySet<string> = new Set(),
): JsonObject {
  const left = Object.entries(fields).flatMap(([key, value]): [string, Json][] => {
    const [field, was, became] = [table[key], before[key], after[key]];
    if (except.has(key) || became === undefined) return [[key, value]];
    if (was === undefined) return [];
    if (field?.type === 'list' && Array.isArray(value)) {
      return [[key, takenOutOfItems(field, value, { before: was, after: became })]];
    }
    const inner = field === undefined ? null : innerOf(field, value);
    if (inner === null || !isObject(value) || !isObject(was) || !isObject(became)) {
      return [[key, value]];
    }
    return [[key, takenOut(inner, value, { before: was, after: became })]];
  });
  return Object.fromEntries(left);
}

/** Of an object as it is `now`: something that a write was to take out of it. */
export function isStillThere(
  { fields: table }: RecordField,
  now: JsonObject,
  { before, after }: RunEffect<JsonObject>,
): boolean {
  return Object.entries(before).some(([key, was]) => {
    const [field, is, asked] = [table[key], now[key], after[key]];
    if (asked === undefined) return is !== undefined;
    if (field === undefined || is === undefined) return false;
    if (field.type === 'list') {
      const [items, then, to] = [is, was, asked].map((one) => entriesIn(field, one));
      return [...(items ?? [])].some(([at, item]) =>
        isInside(field.item, item, { before: then?.get(at), after: to?.get(at) }),
      );
    }
    const inner = innerOf(field, is);
    return inner !== null && isInside(inner, is, { before: was, after: asked });
  });
}

function isInside(
  table: RecordField,
  now: Json,
  { before, after }: RunEffect<Json | undefined>,
): boolean {
  if (!isObject(now) || !isObject(before) || !isObject(after)) return false;
  return isStillThere(table, now, { before, after });
}

/** The same of items that were there before, each by its key. */
function takenOutOfItems(field: ListField, items: Json[], { before, after }: RunEffect): Json {
  const [was, became] = [before, after].map((one) => entriesIn(field, one));
  return items.map((item) => {
    if (!isObject(item)) return item;
    const key = itemKey(field, item);
    const [then, since] = [was?.get(key), became?.get(key)];
    if (!isObject(then) || !isObject(since)) return item;
    return takenOut(field.item, item, { before: then, after: since });
  });
}

/** What stands in a field by keys, as a record; `null` where nothing does. */
function innerOf(field: Field, value: Json): RecordField | null {
  if (field.type === 'record') return field;
  if (field.type !== 'map' || !isObject(value)) return null;
  const fields = Object.keys(value).map((key) => [key, field.of] as const);
  return { type: 'record', fields: Object.fromEntries(fields) };
}

/** For people, what a rollback leaves to whoever has changed it. */
export function leftRemarks({ left }: Pick<TakenBack, 'left'>): string[] {
  return Object.entries(left).map(([field, keys]) => {
    const names = keys.map((key) => JSON.stringify(key));
    return `${field}: somebody has changed ${someOf(names, 5)} since, which stays so`;
  });
}

interface Entry {
  /** Absent where there is to be none. */
  readonly value: Json | undefined;
  readonly isLeft: boolean;
}

function entry(
  is: Json | undefined,
  { before, after }: RunEffect<Json | undefined>,
  fresh: JsonObject = {},
  blank: JsonObject = {},
): Entry {
  if (same(before, after)) return { value: is, isLeft: false };
  // What it took away is given back where it is still missing, or has just come.
  if (after === undefined) {
    if (is === undefined || isFresh(is, before, fresh)) return { value: before, isLeft: false };
    return { value: is, isLeft: !same(is, before) };
  }
  if (is === undefined) return { value: is, isLeft: false };
  if (before === undefined) {
    const isOurs = holds(is, after, blank) || isFresh(is, after, fresh);
    return isOurs ? { value: undefined, isLeft: false } : { value: is, isLeft: true };
  }
  if (isObject(is) && isObject(before) && isObject(after)) return cells(is, before, after);
  return same(is, after)
    ? { value: before, isLeft: false }
    : { value: is, isLeft: !same(is, before) };
}

function cells(is: JsonObject, before: JsonObject, after: JsonObject): Entry {
  const keys = [...new Set([...Object.keys(is), ...Object.keys(before)])];
  const own = (of: JsonObject, key: string): Json | undefined =>
    Object.hasOwn(of, key) ? of[key] : undefined;
  const all = keys.map((key) => {
    const found = entry(own(is, key), { before: own(before, key), after: own(after, key) });
    return { key, ...found };
  });
  const said = all.flatMap(({ key, value }): [string, Json][] =>
    value === undefined ? [] : [[key, value]],
  );
  return { value: Object.fromEntries(said), isLeft: all.some(({ isLeft }) => isLeft) };
}

/** It has come, and what was to be said of it has not been. */
function isFresh(is: Json, asked: Json | undefined, fresh: JsonObject): boolean {
  if (!isObject(is) || !isObject(asked) || Object.keys(fresh).length === 0) return false;
  return same(is, { ...asked, ...fresh });
}

/**
 * As it was left, but for what has come since and holds nothing: a new column, in which nobody has
 * written yet. `blank`: what such a one has at first, where that is not empty.
 */
function holds(is: Json, after: Json, blank: JsonObject): boolean {
  if (!isObject(is) || !isObject(after)) return same(is, after);
  const isBlank = (key: string, value: Json): boolean =>
    EMPTY.has(value) || (Object.hasOwn(blank, key) && same(value, blank[key]));
  return (
    Object.entries(after).every(([key, value]) => same(is[key], value)) &&
    Object.entries(is).every(([key, value]) => Object.hasOwn(after, key) || isBlank(key, value))
  );
}

/** Cells of which nobody has said anything, by the types of columns. */
const EMPTY: ReadonlySet<Json> = new Set<Json>(['', 0, false, null]);
