/** Names that are written twice where each counts once: in sets, whatever kind they belong to. */
import { twinText, folded } from './alike.js';
import type { Field, RecordField } from './fields.js';
import { isObject, pointerToken, textOf, type Json, type JsonObject } from './json.js';

export interface Repeated {
  /** Into the spec: of the second, and of the first. */
  readonly pointer: string;
  readonly first: string;
  readonly name: string;
  /** What tells the two apart, for people; empty where nothing does. */
  readonly how: string;
}

/** In a spec as it is written; what does not fit the table is passed over. */
export function repeatedIn({ fields }: RecordField, spec: JsonObject, at = ''): Repeated[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const value = Object.hasOwn(spec, key) ? (spec[key] ?? null) : null;
    return value === null ? [] : repeatedBelow(field, value, `${at}/${pointerToken(key)}`);
  });
}

function repeatedBelow(field: Field, value: Json, at: string): Repeated[] {
  switch (field.type) {
    case 'scalar':
    case 'reference':
      return [];
    case 'record':
      return isObject(value) ? repeatedIn(field, value, at) : [];
    case 'map':
      if (!isObject(value)) return [];
      return Object.entries(value).flatMap(([key, one]) =>
        repeatedBelow(field.of, one, `${at}/${pointerToken(key)}`),
      );
    case 'list':
      return listed(value, at).flatMap(({ item, pointer }) =>
        isObject(item) ? repeatedIn(field.item, item, pointer) : [],
      );
    case 'set':
      return repeatedAmong(listed(value, at));
  }
}

interface Listed {
  readonly item: Json;
  readonly pointer: string;
}

/** A list, or what is to be among others. */
function listed(value: Json, at: string): Listed[] {
  const included = isObject(value) ? (value['include'] ?? null) : value;
  const below = isObject(value) ? `${at}/include` : at;
  if (!Array.isArray(included)) return [];
  return included.map((item, index) => ({ item, pointer: `${below}/${index}` }));
}

function repeatedAmong(all: readonly Listed[]): Repeated[] {
  const seen = new Map<string, { readonly pointer: string; readonly name: string }>();
  return all.flatMap(({ item, pointer }): Repeated[] => {
    const id = isObject(item) ? textOf(item['id']) : null;
    const name = id ?? textOf(item);
    if (name === '') return [];
    const key = id === null ? folded(name) : `{ id: ${id} }`;
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, { pointer, name });
      return [];
    }
    const how = before.name === name ? '' : twinText(before.name, name);
    return [{ pointer, first: before.pointer, name: id === null ? name : key, how }];
  });
}
