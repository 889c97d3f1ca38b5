/**
 * Raw object × field table → comparable fields.
 *
 * Terms: a *raw* object has the shape of a manifest's `spec`, whether a person wrote it or a wire
 * form was read into it. *Normal* means: known keys only, defaults filled in, sets sorted, lists in
 * the order that matters, references as the catalog labels them. Two normal objects are equal
 * exactly when the platform would treat them alike, so that comparing is plain equality and needs
 * no exceptions. What was tried and left: comparing raw values with per-field comparators puts the
 * difficulty into every comparison, of which there are many, where here it is met once.
 *
 * Some backends act on a list as it stands, whatever its numbers say. There a live list that is out
 * of order must not read as if it were in order: `order: 'as it stands'` leaves it.
 *
 * Absent keys at record level stay absent: they are unmanaged. Inside a list item absent keys take
 * their default, because a list is replaced as a whole.
 */
import type { Catalog, ReferenceTo } from './catalog.js';
import { elementKey, itemKey, ofEntries, rankOf } from './entries.js';
import { operationalIn } from './fields.js';
import type { Field, ListField, MapField, RecordField, SetField } from './fields.js';
import { byText } from './issue.js';
import { isObject, pointerKeys, pointerToken, type Json, type JsonObject } from './json.js';

export interface Unresolved {
  /** Into the raw object. */
  readonly pointer: string;
  readonly to: ReferenceTo;
  /** As it was written. */
  readonly reference: Json;
  readonly reason: string;
  readonly hint?: string;
}

export interface Normal {
  readonly fields: JsonObject;
  /** References that the catalog could not resolve; `fields` keeps them as written. */
  readonly unresolved: readonly Unresolved[];
  /** Pointer into `fields` → pointer into the raw object. */
  readonly origin: (pointer: string) => string;
}

/** Sets are sorted either way. */
export type Order = 'by number' | 'as it stands';

interface Walk {
  readonly catalog: Catalog;
  readonly unresolved: Unresolved[];
  readonly order: Order;
  /** Raw pointer of a list → raw index of each normal item. */
  readonly rawIndices: Map<string, readonly number[]>;
}

export function normalise(
  table: RecordField,
  raw: JsonObject,
  catalog: Catalog,
  order: Order = 'by number',
): Normal {
  const walk: Walk = { catalog, order, unresolved: [], rawIndices: new Map() };
  const fields = record(walk, table, raw, '');
  return {
    fields,
    unresolved: walk.unresolved,
    origin: (pointer) => origin(walk.rawIndices, pointer),
  };
}

function record(walk: Walk, table: RecordField, raw: JsonObject, rawAt: string): JsonObject {
  const out: JsonObject = {};
  for (const key in table.fields) {
    const field = table.fields[key];
    if (field === undefined) continue;
    const value = raw[key] ?? (key in raw ? null : defaultOf(field));
    if (value === undefined) continue;
    out[key] = normal(walk, field, value, rawAt, key);
  }
  return out;
}

/** `value` is at `key` of what is at `rawAt`. */
function normal(walk: Walk, field: Field, value: Json, rawAt: string, key: string): Json {
  switch (field.type) {
    case 'scalar':
      return field.canonical?.(value) ?? (Object.is(value, -0) ? 0 : value);
    case 'reference':
      return reference(walk, field.to, value, rawAt, key);
    case 'record':
      return isObject(value) ? record(walk, field, value, below(rawAt, key)) : value;
    case 'list':
      return listed(field, value, below(rawAt, key), (items, at) => list(walk, field, items, at));
    case 'set':
      return listed(field, value, below(rawAt, key), (items, at) => set(walk, field, items, at));
    case 'map':
      return isObject(value) ? map(walk, field, value, below(rawAt, key)) : value;
  }
}

/** All of them, or those that are to be among them. */
function listed(
  { modes }: ListField | SetField,
  value: Json,
  rawAt: string,
  each: (items: readonly Json[], rawAt: string) => Json[],
): Json {
  if (Array.isArray(value)) return each(value, rawAt);
  const included = modes === true ? includedIn(value) : null;
  return included === null ? value : { include: each(included, `${rawAt}/include`) };
}

/** What `{ include: […] }` asks for; `null` for anything else. */
function includedIn(value: Json | undefined): readonly Json[] | null {
  const included = isObject(value) ? value['include'] : undefined;
  return Array.isArray(included) ? included : null;
}

function below(rawAt: string, key: string): string {
  return `${rawAt}/${pointerToken(key)}`;
}

function reference(walk: Walk, to: ReferenceTo, value: Json, rawAt: string, key: string): Json {
  // No reference at all, which is something that can be asked for.
  if (value === null) return null;
  const resolution = walk.catalog.resolve(to, value);
  if (resolution.found) return resolution.label;
  const { reason, hint } = resolution;
  const because = { reason, ...(hint === undefined ? {} : { hint }) };
  walk.unresolved.push({ pointer: below(rawAt, key), to, reference: value, ...because });
  return value;
}

function list(walk: Walk, field: ListField, items: readonly Json[], rawAt: string): Json[] {
  const values: Json[] = [];
  let isInOrder = true;
  for (const [rawIndex, item] of items.entries()) {
    // References are resolved before sorting, because a set is sorted by its labels.
    const value = isObject(item) ? record(walk, field.item, item, `${rawAt}/${rawIndex}`) : item;
    const before = values.at(-1);
    if (before !== undefined && compareItems(walk, field, before, value) > 0) isInOrder = false;
    values.push(value);
  }
  // Then it goes by the raw indices as they are.
  if (isInOrder) return values;
  const sorted = values
    .map((value, rawIndex) => ({ value, rawIndex }))
    .sort((a, b) => compareItems(walk, field, a.value, b.value) || a.rawIndex - b.rawIndex);
  walk.rawIndices.set(
    rawAt,
    sorted.map((item) => item.rawIndex),
  );
  return sorted.map((item) => item.value);
}

function set(walk: Walk, field: SetField, items: readonly Json[], rawAt: string): Json[] {
  const all = items.map((item, rawIndex) => {
    const value = normal(walk, field.of, item, rawAt, String(rawIndex));
    return { value, key: elementKey(value), rawIndex };
  });
  const once = [...new Map([...all].reverse().map((one) => [one.key, one])).values()].reverse();
  const sorted = field.asWritten === true ? once : once.sort((a, b) => byText(a.key, b.key));
  walk.rawIndices.set(
    rawAt,
    sorted.map(({ rawIndex }) => rawIndex),
  );
  return sorted.map(({ value }) => value);
}

function map(walk: Walk, field: MapField, value: JsonObject, rawAt: string): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, normal(walk, field.of, one, rawAt, key)]),
  );
}

function compareItems({ order }: Walk, field: ListField, a: Json, b: Json): number {
  if (!isObject(a) || !isObject(b)) return 0;
  if (field.order === 'set') return byText(itemKey(field, a), itemKey(field, b));
  if (order === 'as it stands') return 0;
  return rankOf(field, a) - rankOf(field, b);
}

function defaultOf(field: Field): Json | undefined {
  return field.type === 'scalar' ? field.default : undefined;
}

function origin(rawIndices: ReadonlyMap<string, readonly number[]>, pointer: string): string {
  let rawAt = '';
  for (const key of pointerKeys(pointer)) {
    const rawIndex = rawIndices.get(rawAt)?.[Number(key)];
    rawAt += `/${rawIndex === undefined ? pointerToken(key) : rawIndex}`;
  }
  return rawAt;
}

/** The live object in full: what is missing in the org as the table says it reads when absent. */
export function complete(table: RecordField, raw: JsonObject): JsonObject {
  let out = raw;
  for (const key in table.fields) {
    const field = table.fields[key];
    if (field?.type !== 'record' || field.whenAbsent === undefined) continue;
    if (out[key] === undefined) out = { ...out, [key]: field.whenAbsent };
  }
  return out;
}

/** What lasts of an object: without what people switch from hour to hour. */
export function lasting(table: RecordField, fields: JsonObject): JsonObject {
  const operational = operationalIn(table);
  if (operational.size === 0) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !operational.has(key)));
}

/** `base` with every managed key of `managed` in its place: what the object is after an apply. */
export function overlay(table: RecordField, base: JsonObject, managed: JsonObject): JsonObject {
  const out: JsonObject = { ...base };
  for (const [key, field] of Object.entries(table.fields)) {
    const value = managed[key];
    if (value === undefined) continue;
    out[key] = overlaid(field, out[key], value);
  }
  return out;
}

function overlaid(field: Field, base: Json | undefined, value: Json): Json {
  switch (field.type) {
    case 'scalar':
    case 'reference':
      return value;
    case 'record':
      return isObject(value) && isObject(base) ? overlay(field, base, value) : value;
    case 'list':
      return overlaidList(field, base, value);
    case 'set': {
      const included = includedIn(value);
      if (included === null) return value;
      const all = [...(Array.isArray(base) ? base : []), ...included];
      return ofEntries(field, new Map(all.map((one) => [elementKey(one), one])));
    }
    case 'map': {
      if (!isObject(value) || !isObject(base)) return value;
      const laid = Object.entries(value).map(([key, one]): [string, Json] => [
        key,
        overlaid(field.of, Object.hasOwn(base, key) ? base[key] : undefined, one),
      ]);
      const kept = field.entriesKeep === true ? Object.entries(base) : [];
      return Object.fromEntries([...kept, ...laid]);
    }
  }
}

function overlaidList(field: ListField, base: Json | undefined, value: Json): Json {
  const included = includedIn(value);
  const asked = included ?? (Array.isArray(value) ? value : null);
  if (asked === null) return value;
  // The list in whole takes the place of the one that is there.
  if (included === null && field.itemsLieOver !== true) return value;
  const there = new Map(
    (Array.isArray(base) ? base : []).filter(isObject).map((one) => [itemKey(field, one), one]),
  );
  const laid = asked.map((item) => {
    const known = isObject(item) ? there.get(itemKey(field, item)) : undefined;
    const keeps = field.itemsLieOver === true && known !== undefined && isObject(item);
    return keeps ? overlay(field.item, known, item) : item;
  });
  if (included === null) return laid;
  const all = new Map<string, Json>(there);
  for (const item of laid) if (isObject(item)) all.set(itemKey(field, item), item);
  return ofEntries(field, all);
}

/** A name or an id of something else in the org. */
export interface Reference {
  readonly to: ReferenceTo;
  readonly reference: Json;
}

/** Every reference in normal fields, in the order of the table. */
export function referencesIn(table: RecordField, fields: JsonObject): Reference[] {
  const found: Reference[] = [];
  collect(table, fields, found);
  return found;
}

function collect({ fields: table }: RecordField, fields: JsonObject, found: Reference[]): void {
  for (const key in table) {
    const field = table[key];
    const value = fields[key] ?? null;
    if (field !== undefined) collectIn(field, value, found);
  }
}

function collectIn(field: Field, value: Json, found: Reference[]): void {
  if (value === null) return;
  switch (field.type) {
    case 'scalar':
      return;
    case 'reference':
      found.push({ to: field.to, reference: value });
      return;
    case 'record':
      if (isObject(value)) collect(field, value, found);
      return;
    case 'list':
    case 'set': {
      const of = field.type === 'list' ? field.item : field.of;
      const items = Array.isArray(value) ? value : (includedIn(value) ?? []);
      for (const item of items) collectIn(of, item, found);
      return;
    }
    case 'map':
      if (isObject(value)) for (const one of Object.values(value)) collectIn(field.of, one, found);
  }
}

/** The same fields with other references. */
export function withReferences(
  { fields: table }: RecordField,
  fields: JsonObject,
  other: (to: ReferenceTo, reference: Json) => Json,
): JsonObject {
  const inside = (field: Field | undefined, value: Json): Json => {
    if (field === undefined || value === null) return value;
    if (field.type === 'reference') return other(field.to, value);
    if (field.type === 'record' && isObject(value)) return withReferences(field, value, other);
    if (field.type === 'map' && isObject(value)) {
      const entries = Object.entries(value);
      return Object.fromEntries(entries.map(([key, one]) => [key, inside(field.of, one)]));
    }
    if ((field.type !== 'list' && field.type !== 'set') || !Array.isArray(value)) return value;
    return value.map((item) => inside(field.type === 'list' ? field.item : field.of, item));
  };
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, inside(table[key], value)]),
  );
}

/** What the references of a table may be to, in order. */
export function referenceTypes(table: RecordField): readonly ReferenceTo[] {
  return [...new Set([...fieldsIn(table)].flatMap((one) => targetOf(one)))].sort(byText);
}

function targetOf(field: Field): ReferenceTo[] {
  return field.type === 'reference' ? [field.to] : [];
}

/** Every field of a table, each once: what has parts of its own sort leads back to itself. */
export function fieldsIn(table: RecordField): ReadonlySet<Field> {
  const seen = new Set<Field>();
  const left: Field[] = [table];
  for (let field = left.pop(); field !== undefined; field = left.pop()) {
    if (seen.has(field)) continue;
    seen.add(field);
    left.push(...innerOf(field));
  }
  return seen;
}

/** The fields that a field is made of. */
export function innerOf(field: Field): readonly Field[] {
  switch (field.type) {
    case 'record':
      return Object.values(field.fields);
    case 'list':
      return [field.item];
    case 'set':
    case 'map':
      return [field.of];
    case 'scalar':
    case 'reference':
      return [];
  }
}
