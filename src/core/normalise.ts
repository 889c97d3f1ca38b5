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
import { referenceKey, type Catalog, type ReferenceTo } from './catalog.js';
import type { Field, ListField, RecordField } from './fields.js';
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
      return Array.isArray(value) ? list(walk, field, value, below(rawAt, key)) : value;
  }
}

function below(rawAt: string, key: string): string {
  return `${rawAt}/${pointerToken(key)}`;
}

function reference(walk: Walk, to: ReferenceTo, value: Json, rawAt: string, key: string): Json {
  const resolution = walk.catalog.resolve(to, value);
  if (resolution.found) return resolution.label;
  const { reason, hint } = resolution;
  const because = { reason, ...(hint === undefined ? {} : { hint }) };
  walk.unresolved.push({ pointer: below(rawAt, key), to, reference: value, ...because });
  return value;
}

function list(walk: Walk, field: ListField, items: readonly Json[], rawAt: string): Json {
  const sorted = items
    .map((item, rawIndex) => {
      // References are resolved before sorting, because a set is sorted by its labels.
      const value = isObject(item) ? record(walk, field.item, item, `${rawAt}/${rawIndex}`) : item;
      return { value, rawIndex };
    })
    .sort((a, b) => compareItems(walk, field, a.value, b.value) || a.rawIndex - b.rawIndex);
  walk.rawIndices.set(
    rawAt,
    sorted.map((item) => item.rawIndex),
  );
  return sorted.map((item) => item.value);
}

function compareItems({ order }: Walk, field: ListField, a: Json, b: Json): number {
  if (!isObject(a) || !isObject(b)) return 0;
  if (field.order === 'set') return byText(itemKey(field, a), itemKey(field, b));
  if (order === 'as it stands') return 0;
  return Number(a[field.order.by] ?? 0) - Number(b[field.order.by] ?? 0);
}

/** What tells an item of a list apart from the others. */
export function itemKey(field: ListField, item: JsonObject): string {
  return referenceKey(item[field.key] ?? null);
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
  const out: JsonObject = { ...raw };
  for (const [key, field] of Object.entries(table.fields)) {
    if (field.type === 'record' && out[key] === undefined && field.whenAbsent !== undefined) {
      out[key] = field.whenAbsent;
    }
  }
  return out;
}

/** `base` with every managed key of `managed` in its place: what the object is after an apply. */
export function overlay(table: RecordField, base: JsonObject, managed: JsonObject): JsonObject {
  const out: JsonObject = { ...base };
  for (const [key, field] of Object.entries(table.fields)) {
    const value = managed[key];
    if (value === undefined) continue;
    const below = out[key];
    if (field.type === 'record' && isObject(value) && isObject(below)) {
      out[key] = overlay(field, below, value);
    } else if (field.type === 'list' && Array.isArray(value) && Array.isArray(below)) {
      out[key] = overItems(field, below, value);
    } else out[key] = value;
  }
  return out;
}

function overItems(field: ListField, base: readonly Json[], managed: Json[]): Json[] {
  if (field.itemsLieOver !== true) return managed;
  const known = new Map(base.filter(isObject).map((item) => [itemKey(field, item), item]));
  return managed.map((item) => {
    const below = isObject(item) ? known.get(itemKey(field, item)) : undefined;
    return isObject(item) && below !== undefined ? overlay(field.item, below, item) : item;
  });
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
    if (field === undefined || value === null) continue;
    if (field.type === 'reference') found.push({ to: field.to, reference: value });
    else if (field.type === 'record' && isObject(value)) collect(field, value, found);
    else if (field.type === 'list' && Array.isArray(value)) {
      for (const item of value) if (isObject(item)) collect(field.item, item, found);
    }
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
    if (field.type !== 'list' || !Array.isArray(value)) return value;
    return value.map((item) => (isObject(item) ? withReferences(field.item, item, other) : item));
  };
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, inside(table[key], value)]),
  );
}

/** What the references of a table may be to, in order. */
export function referenceTypes(table: RecordField): readonly ReferenceTo[] {
  return [...new Set(typesIn(table))].sort(byText);
}

function typesIn(field: Field): ReferenceTo[] {
  switch (field.type) {
    case 'scalar':
      return [];
    case 'reference':
      return [field.to];
    case 'record':
      return Object.values(field.fields).flatMap(typesIn);
    case 'list':
      return typesIn(field.item);
  }
}
