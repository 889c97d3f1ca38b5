/**
 * The body of a PUT: the queue as it was just read, with what is to change laid over it. A PUT
 * wipes what it leaves out, so that everything nobody asked about travels along as it is.
 */
import { same } from '../../core/canonical.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { IdOf } from '../../core/resource.js';
import { idInRaw } from '../platform-entity.js';
import { GROUP_SORTS, platformForm, rawOf } from './forms.js';

export function laidOver(entity: JsonObject, after: JsonObject, idOf: IdOf): JsonObject {
  const asked = platformForm(after, idOf);
  const now = platformForm(rawOf(entity), idInRaw);
  // What is as it should be stays as the platform wrote it, and so does what a PUT does not move.
  const moved = Object.entries(asked).filter(
    ([key, value]) => key !== 'division' && !same(value, now[key]),
  );
  const gone = new Set(moved.flatMap(([key, value]) => (value === null ? [key] : [])));
  const kept = Object.entries(entity).filter(([key]) => !gone.has(key));
  const laid = moved.flatMap(([key, value]): [string, Json][] =>
    value === null ? [] : [[key, merged(entity[key], value, key)]],
  );
  return Object.fromEntries([...kept, ...laid]);
}

/** Without the settings that are no more to be there: a PUT takes away what it leaves out. */
export function withoutTaken(body: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const [was, is] = [before, after].map((one) => platformForm(one, () => ''));
  return cut(body, was ?? {}, is ?? {});
}

function cut(body: JsonObject, was: JsonObject, is: JsonObject): JsonObject {
  const kept = Object.entries(body).flatMap(([key, value]): [string, Json][] => {
    const [then, now] = [was[key], is[key]];
    if (then !== undefined && now === undefined) return [];
    return [[key, cutInside(value, then, now)]];
  });
  return Object.fromEntries(kept);
}

/** Items stand for one another by their places, which are their numbers. */
function cutInside(value: Json, was: Json | undefined, is: Json | undefined): Json {
  if (isObject(value) && isObject(was) && isObject(is)) return cut(value, was, is);
  if (!Array.isArray(value) || !Array.isArray(was) || !Array.isArray(is)) return value;
  if (hasIds(value) || value.length !== is.length) return value;
  return value.map((item, index) => cutInside(item, was[index], is[index]));
}

/** What is sent of a new queue, or compared of one: nothing stands where there is nothing. */
export function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, isObject(one) ? withoutNulls(one) : strippedItems(one)]),
  );
}

function strippedItems(value: Json): Json {
  if (!Array.isArray(value)) return value;
  return value.map((one) => (isObject(one) ? withoutNulls(one) : one));
}

function merged(base: Json | undefined, value: Json, key: string): Json {
  if (key === 'memberGroups' || key === 'groups') return withOtherGroups(base, value);
  if (Array.isArray(value)) {
    const there = objectsIn(base);
    return value.map((item, index) => (isObject(item) ? mergedRecord(there[index], item) : item));
  }
  return isObject(value) ? mergedRecord(base, value) : value;
}

function mergedRecord(base: Json | undefined, value: JsonObject): JsonObject {
  const there = isObject(base) ? base : {};
  const kept = Object.entries(there).filter(([key]) => value[key] !== null);
  const laid = Object.entries(value).flatMap(([key, one]): [string, Json][] => {
    if (one === null) return [];
    // A list of ids, or of what has one, is what it is: its items have no places.
    const isWhole = hasIds(one) && !isGroups(key);
    return [[key, isWhole ? one : merged(there[key], one, key)]];
  });
  return Object.fromEntries([...kept, ...laid]);
}

function isGroups(key: string): boolean {
  return key === 'memberGroups' || key === 'groups';
}

function hasIds(value: Json): boolean {
  return Array.isArray(value) && value.every((one) => !isObject(one) || 'id' in one);
}

/** What else may stand in the same list stays there. */
function withOtherGroups(base: Json | undefined, groups: Json): JsonObject[] {
  const others = objectsIn(base).filter(({ type }) => !GROUP_SORTS.includes(textOf(type)));
  return [...objectsIn(groups), ...others];
}
