/**
 * Changes that are carried out in two halves. What is made again is deleted first, and nothing
 * comes between. What names each other cannot be made one after the other, nor deleted: one of a
 * circle is made without the reference that closes it, and names it once the other is there; one
 * that goes lets go of the other before it goes itself.
 */
import { without, type Json, type JsonObject } from './json.js';
import type { Kind } from './kind.js';
import { withReferences } from './normalise.js';
import { objectName } from './outcome.js';
import { partedFields } from './part.js';
import type { Resource } from './resource.js';
import type { Address, Change } from './types.js';

/** A change as its steps are asked for. */
export type Half = Change & { readonly action: Exclude<Change['action'], 'replace'> };

type Of = { readonly kind: Pick<Kind, 'fields' | 'refType'> } & {
  readonly resource: Pick<Resource, 'parts'>;
};

export function halvesOf(change: Change, of: Of): readonly [Half] | readonly [Half, Half] {
  const { action, closes } = change;
  if (closes !== undefined) return apart(change, closes, of);
  if (action !== 'replace') return [{ ...change, action }];
  return [
    { ...without(change, 'exactly'), action: 'delete', after: null },
    {
      ...without(change, 'consumers', 'found'),
      action: 'create',
      id: null,
      precondition: null,
      before: null,
    },
  ];
}

/** What the second half finds is what the first has left, which nobody knows before. */
function apart(
  change: Change,
  closes: readonly Address[],
  { kind, resource }: Of,
): readonly [Half, Half] {
  const { after } = change;
  const whole = { ...without(change, 'closes'), precondition: null };
  if (after === null) {
    const less = lettingGo(change, kind);
    return [
      { ...without(change, 'closes', 'consumers'), action: 'update', after: less },
      { ...without(whole, 'found'), action: 'delete', before: less },
    ];
  }
  const less = withoutNamed(kind, after, closes.map(objectName));
  // Parts go with the first half: they name nothing that is not there.
  const own = (fields: JsonObject): JsonObject => partedFields(resource, fields).own;
  return [
    { ...without(change, 'closes'), action: 'create', after: less },
    { ...whole, action: 'update', before: own(less), after: own(after) },
  ];
}

/** What is written of an object before it is deleted; `null` where nothing is. */
export function lettingGo(
  { before, closes }: Pick<Change, 'before' | 'closes'>,
  kind: Pick<Kind, 'fields' | 'refType'>,
): JsonObject | null {
  if (before === null || closes === undefined) return null;
  return withoutNamed(kind, before, closes.map(objectName));
}

/** The same fields where nothing in them names these objects of the same kind. */
export function withoutNamed(
  { fields: table, refType }: Pick<Kind, 'fields' | 'refType'>,
  fields: JsonObject,
  names: readonly string[],
): JsonObject {
  const isOne = (reference: Json): boolean =>
    typeof reference === 'string' && names.includes(reference);
  return withReferences(table, fields, (to, reference) =>
    to === refType && isOne(reference) ? null : reference,
  );
}

/** What is to be known of such a change beside its fields. */
export function closingRemark(
  { action }: Pick<Change, 'action'>,
  closes: readonly Address[],
): string {
  const others = closes.join(' and ');
  return action === 'delete'
    ? `it is written before it is deleted: it lets go of ${others}, as they name each other`
    : `it is written twice: first without naming ${others}, as they name each other, and once ` +
        `more when ${closes.length === 1 ? 'that is' : 'those are'} there`;
}

/** What a first half has left, where the second was not made. */
export function halfwayText({ action, closes = [] }: Pick<Change, 'action' | 'closes'>): string {
  const others = closes.join(' and ');
  return action === 'delete'
    ? `it has let go of ${others}, and is not deleted`
    : `created, but it does not name ${others} yet`;
}

export const HALFWAY_HINT = 'plan again: it shows what is left, and apply takes up there';
