/** What a list, a set or a map is made of, by what tells its entries apart. */
import type { Field, ListField } from './fields.js';
import { byText } from './issue.js';
import { isObject, objectsIn, type Json } from './json.js';
import { elementKey, itemKey } from './normalise.js';

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
  const rank = field.type === 'list' ? rankIn(field) : () => 0;
  return [...entries]
    .sort(([a, one], [b, other]) => rank(one) - rank(other) || byText(a, b))
    .map(([, one]) => one);
}

function rankIn({ order }: ListField): (item: Json) => number {
  return (item) => (order === 'set' || !isObject(item) ? 0 : Number(item[order.by] ?? 0));
}
