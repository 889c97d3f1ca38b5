/**
 * Parts: fields of an object behind endpoints of their own, as the members of a queue. A part is
 * read only where a manifest names it. What is not read is not known: it is neither written nor
 * wiped.
 *
 * What was read of a part travels in the object, under a key that the platform has not, so that
 * whoever looks at the object looks at its parts as well.
 */
import { same } from './canonical.js';
import { byText } from './issue.js';
import { isObject, objectsIn, type Json, type JsonObject } from './json.js';
import type { Mention, Part, Resource } from './resource.js';

/** Begins the steps of parts in audit logs: `part members`. */
const STEP = 'part ';

export function stepOf(part: Pick<Part, 'field'>): string {
  return STEP + part.field;
}

/** The field whose step that is; `null` for a step of the object itself. */
export function partOfStep(step: string): string | null {
  return step.startsWith(STEP) ? step.slice(STEP.length) : null;
}

const PARTS = '$parts';

/** The object with what was read of its parts, by their fields. */
export function withParts(
  entity: JsonObject,
  items: Readonly<Record<string, readonly JsonObject[]>>,
): JsonObject {
  const all = Object.entries(items).map(([field, own]): [string, Json] => [field, [...own]]);
  return { ...entity, [PARTS]: Object.fromEntries(all) };
}

/** The object as the platform has it. */
export function withoutParts(entity: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(entity).filter(([key]) => key !== PARTS));
}

/** The items of a part that was read; `null` where it was not. */
export function itemsIn(entity: JsonObject, field: string): readonly JsonObject[] | null {
  const parts = entity[PARTS];
  const items = isObject(parts) ? parts[field] : undefined;
  return items === undefined ? null : objectsIn(items);
}

/** What the parts say that were read, in the shape of a manifest. */
export function rawParts({ parts = [] }: Pick<Resource, 'parts'>, entity: JsonObject): JsonObject {
  const raw: JsonObject = {};
  for (const part of parts) {
    const items = itemsIn(entity, part.field);
    if (items !== null) raw[part.field] = part.read(items);
  }
  return raw;
}

export function partMentions(
  { parts = [] }: Pick<Resource, 'parts'>,
  entity: JsonObject,
): readonly Mention[] {
  return parts.flatMap((part) => part.mentions?.(itemsIn(entity, part.field) ?? []) ?? []);
}

/** Fields split into those of the object itself and those of its parts. */
export function partedFields(
  { parts = [] }: Pick<Resource, 'parts'>,
  fields: JsonObject,
): { readonly own: JsonObject; readonly ofParts: JsonObject } {
  const names = new Set(parts.map(({ field }) => field));
  const pick = (isPart: boolean): JsonObject =>
    Object.fromEntries(Object.entries(fields).filter(([key]) => names.has(key) === isPart));
  return parts.length === 0
    ? { own: fields, ofParts: {} }
    : { own: pick(false), ofParts: pick(true) };
}

/** Keys of a map that come, change and go from one to the other, each in code-unit order. */
export function mapMoves(
  before: JsonObject,
  after: JsonObject,
): { readonly come: string[]; readonly change: string[]; readonly go: string[] } {
  const own = (of: JsonObject, key: string): Json | undefined =>
    Object.hasOwn(of, key) ? of[key] : undefined;
  const [old, now] = [before, after].map((of) => Object.keys(of).sort(byText));
  const come = (now ?? []).filter((key) => own(before, key) === undefined);
  const go = (old ?? []).filter((key) => own(after, key) === undefined);
  const change = (now ?? []).filter((key) => {
    const was = own(before, key);
    return was !== undefined && !same(was, own(after, key));
  });
  return { come, change, go };
}
