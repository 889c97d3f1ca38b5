/** What a list, a set or a map is made of, by what tells its entries apart, and their order. */
import { referenceKey } from './catalog.js';
import type { Field, ListField } from './fields.js';
import { byText } from './issue.js';
import { isObject, objectsIn, type Json, type JsonObject } from './json.js';

/** What tells an element of a set from the others. */
export function elementKey(value: Json): string {
  if (typeof value === 'string') return value;
  return isObject(value) ? referenceKey(value) : JSON.stringify(value);
}

/** What tells an item of a list apart from the others. */
export function itemKey(field: ListField, item: JsonObject): string {
  return referenceKey(item[field.key] ?? null);
}

/** The number by which the items of a list are in order; the same for all that are in none. */
export function rankOf({ order }: ListField, item: Json | undefined): number {
  return order === 'set' || !isObject(item) ? 0 : Number(item[order.by] ?? 0);
}

/** `null` for what has no entries, or two of one key. */
export function entriesIn(field: Field, value: Json | undefined): ReadonlyMap<string, Json> | null {
  if (field.type === 'map') return isObject(value) ? new Map(Object.entries(value)) : null;
  if (!Array.isArray(value)) return null;
  const keys = field.type === 'set' ? value.map(elementKey) : keysIn(field, value);
  if (keys === null || new Set(keys).size < value.length) return null;
  return new Map(keys.map((key, index) => [key, value[index] ?? null]));
}

function keysIn(field: Field, value: Json[]): string[] | null {
  const items = objectsIn(value);
  if (field.type !== 'list' || items.length < value.length) return null;
  return items.map((one) => itemKey(field, one));
}

/** The value of a field that has these entries. */
export function ofEntries(field: Field, entries: ReadonlyMap<string, Json>): Json {
  if (field.type === 'map') return Object.fromEntries(entries);
  const rank = (item: Json): number => (field.type === 'list' ? rankOf(field, item) : 0);
  return [...entries]
    .sort(([a, one], [b, other]) => rank(one) - rank(other) || byText(a, b))
    .map(([, one]) => one);
}
