/** Whose is a live object? Answered from the org's state table, and never by its name alone. */
import { same } from './canonical.js';
import type { RecordField } from './fields.js';
import { withoutNamed } from './halves.js';
import type { JsonObject } from './json.js';
import type { Kind } from './kind.js';
import { overlay } from './normalise.js';
import { objectName } from './outcome.js';
import { isNamedBefore, ownerText, remarkOn, sameOwner, type Us } from './owner.js';
import type { Start } from './start.js';
import type { StateRecord } from './state.js';
import type { Live } from './types.js';

export type Ownership =
  /** Ours. `applied`: what was last applied, `null` when that is not known; `start` the same. */
  | {
      readonly by: 'us';
      readonly applied: JsonObject | null;
      readonly upToDate: boolean;
      readonly start?: Start;
      /** It was nobody's, and the run that set out to take it over did not come to its end. */
      readonly isTakenUp?: true;
    }
  | { readonly by: 'nobody' }
  | { readonly by: 'other'; readonly owner: string; readonly run: string; readonly remark: string };

/** `live` is `null` where the org has no such object. */
export function ownershipOf(
  record: StateRecord | undefined,
  live: Pick<Live, 'id' | 'fields'> | null,
  us: Us,
  kind: Kind,
): Ownership {
  if (record === undefined) return { by: 'nobody' };
  if (!sameOwner(record.owner, us)) {
    const remark = remarkOn(record.owner, us);
    return { by: 'other', owner: ownerText(record.owner), run: record.run, remark };
  }
  // Somebody removed ours and made another of its name.
  if (record.id !== null && live !== null && record.id !== live.id) return { by: 'nobody' };
  if (record.id !== null || live === null) {
    // Without an id it was claimed but never made: nothing has been applied to it yet.
    const applied = record.id === null ? null : record.applied;
    // A name of an older version is brought up to date before others can be meant by it.
    const isCurrent = record.isMoved !== true && !isNamedBefore(record.owner, us);
    const upToDate = record.id !== null && isCurrent;
    const { start } = record;
    return { by: 'us', applied, upToDate, ...(start === undefined ? {} : { start }) };
  }
  const { adopts } = record;
  if (adopts !== undefined && adopts !== live.id) return { by: 'nobody' };
  // The run ended between the claim and its record: either it made this object, or somebody else.
  if (!isWhatWeSetOutToMake(record, live, kind)) return { by: 'nobody' };
  const taken = adopts === undefined ? {} : { isTakenUp: true as const };
  return { by: 'us', applied: record.applied, upToDate: false, ...taken };
}

function isWhatWeSetOutToMake(
  { address, applied, called }: StateRecord,
  live: Pick<Live, 'fields'>,
  kind: Kind,
): boolean {
  // A table keeps the names that were written, an endpoint has those of today.
  return [applied, called].some(
    (fields) => fields != null && isMadeOf(kind, live.fields, fields, objectName(address)),
  );
}

/** What a create made of these fields may look like that: it cannot say all of them at first. */
export function isMadeOf(kind: Kind, live: JsonObject, asked: JsonObject, name: string): boolean {
  if (isAsAsked(kind, live, asked)) return true;
  return kind.namesLater === true && isAsAsked(kind, live, withoutNamed(kind, asked, [name]));
}

/** Of what tells an object from another: what is not asked for is as the platform filled it in. */
function isAsAsked({ identity, fields }: Kind, live: JsonObject, asked: JsonObject): boolean {
  return isIn(fields, identity, live, asked);
}

/**
 * What a later write was to make of it: where nothing but its name tells an object from another, by
 * all that the write says. `asked`: the fields of the object itself.
 */
export function isWrittenAs(
  { identity, fields }: Kind,
  live: JsonObject,
  asked: JsonObject,
): boolean {
  return isIn(fields, identity.length > 0 ? identity : Object.keys(asked), live, asked);
}

/** The object has all that is asked for, and whatever else. */
export function holds(table: RecordField, live: JsonObject, asked: JsonObject): boolean {
  return isIn(table, Object.keys(asked), live, asked);
}

function isIn(
  table: RecordField,
  among: readonly string[],
  live: JsonObject,
  asked: JsonObject,
): boolean {
  const keys = among.filter((key) => asked[key] !== undefined);
  const said = Object.fromEntries(keys.map((key) => [key, asked[key] ?? null]));
  const laid = overlay(table, live, said);
  return keys.every((key) => same(laid[key], live[key]));
}
