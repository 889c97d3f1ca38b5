/**
 * Objects that get another name: `metadata.previously` says what one was called. From the listing
 * on it is known by its new name, so that whatever refers to it does so by that, and so is what was
 * on record of it; the old name travels along until a write has changed it.
 */
import type { Catalog, ReferenceTo } from './catalog.js';
import { byText } from './issue.js';
import type { JsonObject } from './json.js';
import type { Kind, KindOf } from './kind.js';
import { formerNamesOf, type FormerName } from './manifest.js';
import { kindName } from './outcome.js';
import { sameOwner, type Owner } from './owner.js';
import type { Resource } from './resource.js';
import type { StateRecord } from './state.js';
import type { Address, Change, Live, Manifest, Obstacle } from './types.js';

/** A key that the platform has not. */
const FORMERLY = '$formerly';

export function withNewName(
  entity: JsonObject,
  { old, name }: { readonly old: string; readonly name: string },
): JsonObject {
  return { ...entity, name, [FORMERLY]: old };
}

/** The same of another look at the object. */
export function alsoRenamed(entity: JsonObject, seen: JsonObject): JsonObject {
  const [old, name] = [seen[FORMERLY], seen['name']];
  return old === undefined || name === undefined ? entity : { ...entity, name, [FORMERLY]: old };
}

export function formerNameOf(entity: JsonObject): string | null {
  const old = entity[FORMERLY];
  return typeof old === 'string' ? old : null;
}

/** The same catalog, which says of an old name what takes its place, not that nothing has it. */
export function withOldNames(catalog: Catalog, live: readonly Live[], kindOf: KindOf): Catalog {
  const renamed = live.filter(({ previously }) => previously !== undefined);
  if (renamed.length === 0) return catalog;
  const keyOf = (to: ReferenceTo, name: string): string => `${to} ${name}`;
  const anew = new Map(
    renamed.map((one) => [keyOf(kindOf(one.kind).refType ?? '', one.previously ?? ''), one]),
  );
  return {
    ...catalog,
    toBecome: (to, name) => anew.get(keyOf(to, name))?.name ?? null,
    resolve: (to, reference) => {
      const resolution = catalog.resolve(to, reference);
      const one = typeof reference === 'string' ? anew.get(keyOf(to, reference)) : undefined;
      if (
        resolution.found ||
        one === undefined ||
        catalog.named(to, one.previously ?? '').length > 0
      )
        return resolution;
      const [before, after] = [one.previously, one.name].map((name) => JSON.stringify(name));
      return {
        found: false,
        reason:
          `the ${to} ${before} is to be called ${after} by metadata.previously of ` + one.address,
        hint: `write ${after}`,
      };
    },
  };
}

/** Under which the org still has it; `null` where that is its address. */
export function formerAddress({
  address,
  previously,
}: Pick<Change, 'address' | 'previously'>): Address | null {
  return previously === undefined ? null : `${kindName(address)}/${previously}`;
}

/**
 * Records by the names of today: that of an object which is to be called otherwise, or which a
 * person has called as its manifest does, stands under the new one as well.
 */
export function recordsMoved(
  records: ReadonlyMap<string, StateRecord>,
  live: readonly Live[],
  manifests: readonly Manifest[],
): ReadonlyMap<string, StateRecord> {
  const old = new Map<string, readonly string[]>(
    manifests.flatMap((one) => {
      const former = formerNamesOf(one).map(({ name }) => `${one.kind}/${name}`);
      return former.length === 0 ? [] : [[`${one.kind}/${one.name}`, former] as const];
    }),
  );
  const out = new Map(records);
  for (const one of live) {
    const known = (old.get(one.address) ?? []).flatMap((address) => records.get(address) ?? []);
    const was = known.find(({ id }) => id === one.id);
    const now = records.get(one.address);
    if (was === undefined || was.id === '' || now?.id === one.id) continue;
    // Another's is the name, also where what they called so is gone.
    const isOurs = now === undefined || isOneOwner(now.owner, was.owner);
    if (!isOurs) continue;
    const record = { ...was, address: one.address, isMoved: true as const };
    // Rows that lie beside the old one are none of the new one.
    delete record.oldRow;
    delete record.moves;
    out.set(one.address, record);
  }
  return out;
}

/** One of them may be spelt as an older version did. */
function isOneOwner(one: Owner, other: Owner): boolean {
  return sameOwner(one, other) || sameOwner(other, one);
}

/**
 * What cannot be called otherwise, by the platform or because the name is taken: neither made anew
 * under its new name nor deleted. `isBack`: a rollback is to give the old name back.
 */
export function unmovable(
  manifests: readonly Manifest[],
  live: readonly Live[],
  of: (kind: string) => { readonly kind: Kind; readonly resource: Resource },
  records: ReadonlyMap<string, StateRecord>,
  isBack = false,
): ReadonlyMap<Address, readonly Obstacle[]> {
  const there = new Map<string, Live>(live.map((one) => [one.address, one]));
  const declared = new Set(manifests.map(({ kind, name }) => `${kind}/${name}`));
  const found = new Map<Address, readonly Obstacle[]>();
  for (const manifest of manifests) {
    const { kind: name } = manifest;
    const isTaken = there.has(`${name}/${manifest.name}`);
    const olds = formerNamesOf(manifest).filter((old) => {
      const was = there.get(`${name}/${old.name}`);
      // Once it is renamed, whatever gets the old name is another's.
      return was !== undefined && (!isTaken || records.get(was.address)?.id === was.id);
    });
    const [first, second] = olds;
    if (first === undefined) continue;
    const isMeant = ({ name: old }: FormerName): boolean => declared.has(`${name}/${old}`);
    const isOne = second === undefined;
    const { kind, resource } = of(name);
    if (isOne && !isTaken && resource.renames === true && !isMeant(first)) continue;
    const other = olds.find(isMeant);
    const obstacle =
      isOne || other !== undefined || isTaken
        ? keptName(manifest, other ?? first, {
            kind,
            isTaken,
            isMeant: other !== undefined,
            isBack,
          })
        : ambiguous(manifest, olds);
    found.set(`${name}/${manifest.name}`, [obstacle]);
    for (const old of olds) if (!isMeant(old)) found.set(`${name}/${old.name}`, [obstacle]);
  }
  return found;
}

interface Held {
  readonly kind: Kind;
  readonly isTaken: boolean;
  /** Another manifest declares the old name. */
  readonly isMeant: boolean;
  readonly isBack: boolean;
}

function keptName(
  { kind: name, name: now, positions }: Manifest,
  { name: old, pointer }: FormerName,
  { kind, isTaken, isMeant, isBack }: Held,
): Obstacle {
  const { file, line } = positions.at(pointer);
  const why = isMeant
    ? `another manifest declares ${name}/${old}`
    : isTaken
      ? `${name}/${now} is there already, and is another`
      : `the platform gives no ${kind.noun.one} another name, and one that is made anew is ` +
        `another: whoever has or names "${old}" would lose it`;
  const hint = isBack
    ? `give the other ${name}/${now} another name in the org, or delete it there, ` +
      'and roll back again'
    : `leave previously out to have "${now}" beside "${old}", and take "${old}" away ` +
      'once nothing names it; or keep the name';
  return { message: `it is not renamed from "${old}": ${why}`, hint, at: { file, line } };
}

/** Of objects that have each a name which it had, one is another. */
function ambiguous({ name: now, positions }: Manifest, olds: readonly FormerName[]): Obstacle {
  const { file, line } = positions.at('/metadata/previously');
  const names = olds.map(({ name }) => JSON.stringify(name));
  const all = `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  return {
    message: `it is not renamed: the org has ${all}, and each may be what it was called`,
    hint: `leave in previously the one that is to be called "${now}", and no other`,
    at: { file, line },
  };
}

/** Addresses under which the org still has what is known by another name here, in order. */
export function formerAddresses(live: readonly Live[]): ReadonlySet<string> {
  const all = live.flatMap((one) => formerAddress(one) ?? []);
  return new Set(all.sort(byText));
}
