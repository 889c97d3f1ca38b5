/**
 * Desired × live → verdicts: the heart. Every view of a difference (plan, drift, apply, comment)
 * is made from what this file returns; there is no second comparison.
 *
 * Premise: both sides are normal (see `normalise.ts`), so equality is equality and all that is left
 * is set subtraction by address. The *result* of a change is the live object with the managed keys
 * laid over it; a verdict is `unchanged` exactly when the result equals the live object.
 */
import { same } from './canonical.js';
import { referenceKey } from './catalog.js';
import type { Field, ListField, RecordField } from './fields.js';
import { byText } from './issue.js';
import { isObject, pointerToken, type Json, type JsonObject } from './json.js';
import type { KindOf } from './kind.js';
import { itemKey, overlay } from './normalise.js';
import type { Desired, Live } from './types.js';

export interface ComparePolicy {
  /** Delete live objects that no manifest declares. */
  readonly prune: boolean;
  /** Only these names; `null` is everything. */
  readonly scope: ReadonlySet<string> | null;
}

export type Verdict =
  | { readonly is: 'create'; readonly desired: Desired; readonly after: JsonObject }
  | {
      readonly is: 'update';
      readonly desired: Desired;
      readonly live: Live;
      readonly after: JsonObject;
    }
  | { readonly is: 'delete'; readonly live: Live }
  | { readonly is: 'unchanged'; readonly desired: Desired; readonly live: Live }
  | { readonly is: 'unmanaged'; readonly live: Live };

/** One verdict for every address that either side has within scope, sorted by address. */
export function compare(
  desired: readonly Desired[],
  live: readonly Live[],
  policy: ComparePolicy,
  kindOf: KindOf,
): Verdict[] {
  const inScope = (item: { name: string }): boolean => policy.scope?.has(item.name) ?? true;
  const liveByAddress = new Map(live.filter(inScope).map((item) => [item.address, item]));
  const declared = new Set(desired.map((item) => item.address));
  const verdicts: Verdict[] = desired.filter(inScope).map((item) => {
    const counterpart = liveByAddress.get(item.address);
    return counterpart === undefined
      ? { is: 'create', desired: item, after: item.fields }
      : judge(item, counterpart, kindOf);
  });
  for (const item of liveByAddress.values()) {
    if (declared.has(item.address)) continue;
    verdicts.push({ is: policy.prune ? 'delete' : 'unmanaged', live: item });
  }
  return verdicts.sort((a, b) => byText(addressOf(a), addressOf(b)));
}

function judge(desired: Desired, live: Live, kindOf: KindOf): Verdict {
  const kind = kindOf(desired.kind);
  const managed = kind.concede(desired.manifest, desired.fields, live.fields);
  const after = overlay(kind.fields, live.fields, managed);
  return same(after, live.fields)
    ? { is: 'unchanged', desired, live }
    : { is: 'update', desired, live, after };
}

export function addressOf(verdict: Verdict): string {
  return 'desired' in verdict ? verdict.desired.address : verdict.live.address;
}

/** A place where two normal objects differ, for people. */
export interface FieldDifference {
  /** `targets["Support Tier 1"].weight` */
  readonly path: string;
  /** Into `after` where the field is there, else into `before`. */
  readonly pointer: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * The fields in which two normal objects differ, in the order of the table. An item that comes or
 * goes is one difference; items that change places for no other reason are one, named `(order)`.
 */
export function differences(
  table: RecordField,
  before: JsonObject | null,
  after: JsonObject | null,
): FieldDifference[] {
  return Object.entries(table.fields).flatMap(([key, field]) => {
    const at = { path: key, pointer: `/${pointerToken(key)}` };
    return difference(field, before?.[key], after?.[key], at);
  });
}

interface Place {
  readonly path: string;
  readonly pointer: string;
}

function difference(
  field: Field,
  before: Json | undefined,
  after: Json | undefined,
  at: Place,
): FieldDifference[] {
  if (same(before, after)) return [];
  if (field.type === 'record' && isObject(before) && isObject(after)) {
    return differences(field, before, after).map((inner) => ({
      ...inner,
      path: `${at.path}.${inner.path}`,
      pointer: at.pointer + inner.pointer,
    }));
  }
  if (field.type === 'record' && (before === undefined || after === undefined)) {
    const present = isObject(before) ? before : isObject(after) ? after : null;
    // A record of lists is shown item by item, also when it comes or goes as a whole.
    if (present !== null && Object.values(field.fields).some((inner) => inner.type === 'list')) {
      return difference(field, before ?? {}, after ?? {}, at);
    }
  }
  if (field.type === 'list' && (Array.isArray(before) || Array.isArray(after))) {
    return listDifferences(
      field,
      Array.isArray(before) ? before : [],
      Array.isArray(after) ? after : [],
      at,
    );
  }
  return [
    {
      ...at,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function listDifferences(
  field: ListField,
  before: readonly Json[],
  after: readonly Json[],
  at: Place,
): FieldDifference[] {
  const old = keyed(field, before);
  const now = keyed(field, after);
  const found: FieldDifference[] = [];
  for (const [key, item] of old) {
    if (now.has(key)) continue;
    const path = place(field, at, item);
    found.push({ path, pointer: at.pointer, before: withoutKey(field, item.value) });
  }
  for (const [key, item] of now) {
    const path = place(field, at, item);
    const pointer = `${at.pointer}/${item.index}`;
    const previous = old.get(key);
    if (previous === undefined) found.push({ path, pointer, after: withoutKey(field, item.value) });
    else found.push(...difference(field.item, previous.value, item.value, { path, pointer }));
  }
  const kept = [...now.keys()].filter((key) => old.has(key));
  const keptBefore = [...old.keys()].filter((key) => now.has(key));
  const { order } = field;
  const rank = (key: string): number =>
    order === 'set' ? 0 : Number(now.get(key)?.value[order.by] ?? 0);
  // A new priority is told by its own line; told here is what it does not explain.
  const explained = [...keptBefore].sort((a, b) => rank(a) - rank(b));
  if (kept.some((key, index) => key !== explained[index])) {
    found.push({
      path: `${at.path} (order)`,
      pointer: at.pointer,
      before: keptBefore.map((key) => old.get(key)?.value[field.key] ?? null),
      after: kept.map((key) => now.get(key)?.value[field.key] ?? null),
    });
  }
  return found;
}

interface Keyed {
  readonly value: JsonObject;
  readonly index: number;
  /** 1 for the first item with its key. A platform may hold a key twice; a manifest may not. */
  readonly nth: number;
}

function keyed(field: ListField, items: readonly Json[]): Map<string, Keyed> {
  const out = new Map<string, Keyed>();
  const seen = new Map<string, number>();
  items.forEach((value, index) => {
    if (!isObject(value)) return;
    const key = itemKey(field, value);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    out.set(JSON.stringify([key, nth]), { value, index, nth });
  });
  return out;
}

/** The path of an item names its key already. */
function withoutKey(field: ListField, item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== field.key));
}

function place(field: ListField, at: Place, { value, nth }: Keyed): string {
  const reference = referenceKey(value[field.key] ?? null);
  return `${at.path}[${JSON.stringify(reference)}]${nth === 1 ? '' : ` #${nth}`}`;
}
