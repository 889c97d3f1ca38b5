/**
 * Names that an org no longer has. Records keep the id behind every name that an apply wrote, so a
 * queue that was renamed is known by what it is called now, and one that was deleted is not taken
 * for a typing error. Nothing is ever resolved by it: what a person meant, a person has to say.
 */
import { hiddenDifference } from './alike.js';
import { same } from './canonical.js';
import { addressOfDeclared } from './declared.js';
import { referenceKey, type Catalog, type ReferenceTo } from './catalog.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { RecordField } from './fields.js';
import type { Kind, KindOf } from './kind.js';
import {
  normalise,
  referencesIn,
  referenceTypes,
  withReferences,
  type Unresolved,
} from './normalise.js';
import { kindName } from './outcome.js';
import type { Citations } from './references.js';
import type { Ids, State } from './state.js';
import type { Address, Blocked, Live, Obstacle } from './types.js';

/** The id that a name once stood for; `null` where no record says. */
export type Former = (to: ReferenceTo, name: string, of: Address) => string | null;

export const NO_FORMER: Former = () => null;

/** The record of the object itself is asked first, then every other, as long as they agree. */
export function formerIn(records: State['records'], more: Ids = {}): Former {
  // Made for who asks first: many names may be gone, and each would look through all records.
  let everywhere: ReadonlyMap<string, string | null> | null = null;
  return (to, name, of) => {
    const own = idIn(records.get(of)?.ids, to, name) ?? idIn(more, to, name);
    if (own !== null) return own;
    everywhere ??= agreedIn(records);
    return everywhere.get(keyOf(to, name)) ?? null;
  };
}

/** The id behind each name; `null` where records disagree. */
function agreedIn(records: State['records']): ReadonlyMap<string, string | null> {
  const agreed = new Map<string, string | null>();
  for (const { ids } of records.values()) {
    for (const [to, known] of Object.entries(ids ?? {})) {
      if (!isObject(known)) continue;
      for (const [name, id] of Object.entries(known)) {
        if (typeof id !== 'string') continue;
        const key = keyOf(to, name);
        const before = agreed.get(key);
        agreed.set(key, before === undefined || before === id ? id : null);
      }
    }
  }
  return agreed;
}

function keyOf(to: string, name: string): string {
  return `${to} ${name}`;
}

function idIn(ids: Ids | undefined, to: string, name: string): string | null {
  const known = ids !== undefined && Object.hasOwn(ids, to) ? ids[to] : undefined;
  if (known === undefined || !Object.hasOwn(known, name)) return null;
  return typeof known[name] === 'string' ? known[name] : null;
}

/**
 * The ids behind the names in normal fields, as the org has them now; what is only declared is
 * left out where `ofOrg` is set.
 */
export function idsBehind(
  objects: readonly { readonly table: RecordField; readonly fields: JsonObject }[],
  catalog: Catalog,
  { types = catalog.types, ofOrg = false }: { types?: readonly string[]; ofOrg?: boolean } = {},
): Record<ReferenceTo, Record<string, string>> {
  // Names come from the org, and an org may well have a queue named `__proto__`.
  const ids = new Map(types.map((to) => [to, new Map<string, string>()]));
  for (const { table, fields } of objects) {
    for (const { to, reference } of referencesIn(table, fields)) {
      const resolution = catalog.resolve(to, reference);
      if (typeof reference !== 'string' || !resolution.found) continue;
      if (ofOrg && addressOfDeclared(resolution.id) !== null) continue;
      ids.get(to)?.set(reference, resolution.id);
    }
  }
  return Object.fromEntries([...ids].map(([to, known]) => [to, Object.fromEntries(known)]));
}

/**
 * The same, and of names that stand for nothing any more what they stood for: a rollback has to
 * tell them from texts that never stood for anything.
 */
export function idsEver(
  objects: readonly {
    readonly address: Address;
    readonly table: RecordField;
    readonly fields: JsonObject;
  }[],
  catalog: Catalog,
  former: Former,
): Record<ReferenceTo, Record<string, string>> {
  const ids = new Map(catalog.types.map((to) => [to, new Map<string, string>()]));
  for (const { address, table, fields } of objects) {
    for (const { to, reference } of referencesIn(table, fields)) {
      if (typeof reference !== 'string') continue;
      const names = ids.get(to);
      // Of what is declared alone the org has nothing of the name: what it had goes before.
      const was = isUnknown(to, reference, catalog) ? former(to, reference, address) : null;
      if (was !== null) names?.set(reference, was);
      if (names?.has(reference) !== false) continue;
      const now = catalog.resolve(to, reference);
      if (now.found) names.set(reference, now.id);
    }
  }
  return Object.fromEntries([...ids].map(([to, all]) => [to, Object.fromEntries(all)]));
}

/** The ids behind the names in the fields of one object, by its address, and in texts of it. */
export function idsFor(
  kindOf: KindOf,
  catalog: Catalog,
  citations: Citations = () => [],
): (of: Address, fields: JsonObject) => Ids {
  const known = new Map<RecordField, readonly string[]>();
  return (of, fields) => {
    const table = kindOf(kindName(of)).fields;
    const types = known.get(table) ?? referenceTypes(table);
    known.set(table, types);
    const ids = idsBehind([{ table, fields }], catalog, { types, ofOrg: true });
    const cited = new Map<ReferenceTo, Map<string, string>>();
    for (const { to, name } of citations(of, fields)) {
      const found = cited.get(to) ?? new Map<string, string>();
      cited.set(to, found);
      if (found.has(name) || !catalog.types.includes(to)) continue;
      const resolution = catalog.resolve(to, name);
      if (!resolution.found || addressOfDeclared(resolution.id) !== null) continue;
      found.set(name, resolution.id);
    }
    const more = [...cited].map(([to, all]) => [to, { ...ids[to], ...Object.fromEntries(all) }]);
    return { ...ids, ...Object.fromEntries(more) } as Ids;
  };
}

/**
 * Claims with what they set out to make in the names of today as well: whoever renames a queue, or
 * deletes a skill, between a create and its record has not made the strategy that is there.
 */
export function withNamesOfToday(
  records: State['records'],
  catalog: Catalog,
  kinds: readonly Pick<Kind, 'name' | 'fields'>[],
): State['records'] {
  const tables = new Map(kinds.map(({ name, fields }) => [name, fields]));
  const out = new Map(records);
  for (const [address, record] of records) {
    const { id, applied, ids } = record;
    const table = tables.get(kindName(record.address));
    if (id !== null || applied === null || ids === undefined || table === undefined) continue;
    const now = (to: ReferenceTo, reference: Json): Json => {
      const known = typeof reference === 'string' ? idIn(ids, to, reference) : null;
      if (known === null || !catalog.types.includes(to)) return reference;
      // What was deleted since is known by its id alone, as in whatever refers to it.
      return catalog.label(to, known);
    };
    const renamed = withReferences(table, applied, now);
    // Sets are in the order of names.
    const called = normalise(table, renamed, catalog, 'as it stands').fields;
    if (!same(called, applied)) out.set(address, { ...record, called });
  }
  return out;
}

/** Where whoever wrote the name is to mend it: `the manifest`; empty where nobody writes any. */
export interface Writing {
  readonly of: Address;
  readonly where: string;
}

/** What is wrong with a reference and both ways to mend it, in the org's present words. */
export function explained(
  { to, reference, reason, hint }: Unresolved,
  { of, where }: Writing,
  catalog: Catalog,
  former: Former,
): Pick<Obstacle, 'message' | 'hint'> {
  const id = typeof reference === 'string' ? former(to, reference, of) : null;
  const otherwise = { message: reason, ...(hint === undefined ? {} : { hint }) };
  if (id === null || !isUnknown(to, reference, catalog)) return otherwise;
  const was = referenceKey(reference);
  // Of what the org calls so yet, and a manifest otherwise, the reason says it all.
  if ((catalog.toBecome?.(to, was) ?? null) !== null) return otherwise;
  const mended = (how: string): string => (where === '' ? '' : `${how} in ${where}, or `);
  const known = catalog.resolve(to, { id });
  const now = catalog.nameOf(to, id);
  // What something still names by its id, and no listing has, is no more there for that.
  if (!known.found || now === id) {
    return {
      message:
        `${reason}; the one that it was (id ${id}) was deleted, or this client no longer sees ` +
        'its division',
      hint: `${mended(`name another ${to}`)}make a ${to} "${was}" in the org again`,
    };
  }
  const written = typeof known.label === 'string' ? `"${now}"` : `{ id: ${id} }`;
  const hidden = hiddenDifference(was, now);
  return {
    message:
      `${reason}; the one that it was (id ${id}) is called "${now}" now` +
      (hidden === '' ? '' : ` (${hidden})`),
    hint: `${mended(`write ${written}`)}rename the ${to} back to "${was}" in the org`,
  };
}

/** A live object with references that stand for nothing, as people are told of it. */
export function blockedLive(
  { address, dangling = [] }: Live,
  catalog: Catalog,
  former: Former,
): Blocked {
  const writing = { of: address, where: 'the manifest' };
  const obstacles = dangling.map((one) => ({
    ...explained(one, writing, catalog, former),
    at: null,
  }));
  return { address, obstacles };
}

/** A reference of a live object: the id that it has or had, and what is wrong with its name. */
export function sought(
  to: ReferenceTo,
  reference: Json,
  of: Address,
  catalog: Catalog,
  former: Former,
): { readonly id: string | null; readonly remark: Pick<Obstacle, 'message' | 'hint'> | null } {
  const resolution = catalog.resolve(to, reference);
  if (resolution.found) return { id: resolution.id, remark: null };
  const { reason, hint } = resolution;
  const unresolved = {
    pointer: '',
    to,
    reference,
    reason,
    ...(hint === undefined ? {} : { hint }),
  };
  const remark = explained(unresolved, { of, where: 'the manifest' }, catalog, former);
  if (isObject(reference)) return { id: textOf(reference['id']) || null, remark };
  const id = isUnknown(to, reference, catalog) ? former(to, textOf(reference), of) : null;
  return { id, remark };
}

/** Several of a name are another trouble than none. */
function isUnknown(to: ReferenceTo, reference: Json, catalog: Catalog): boolean {
  return typeof reference === 'string' && catalog.named(to, reference).length === 0;
}
