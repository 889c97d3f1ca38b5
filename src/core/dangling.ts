/**
 * Texts of live objects that name what the org has not: rows of a seeded table whose queue a person
 * has renamed or deleted. They are others' as well and are left, so that nothing but this tells.
 */
import type { Catalog } from './catalog.js';
import { addressOf, type Verdict } from './compare.js';
import { addressOfDeclared } from './declared.js';
import { explained, type Former } from './former.js';
import { addTo } from './grouped.js';
import { textOf } from './json.js';
import type { KindOf } from './kind.js';
import { referencesIn } from './normalise.js';
import { placesText } from './references.js';
import type { Address, Live, Manifest } from './types.js';

export interface Seen {
  readonly manifests: readonly Manifest[];
  readonly live: readonly Live[];
  readonly catalog: Catalog;
  readonly former: Former;
  readonly kindOf: KindOf;
  /** Objects of the kind hold names where others hold ids: they are rows. */
  readonly holdsNames: (kind: string) => boolean;
}

/** For people: one text for each name that an object has in vain. */
export function danglingIn(
  { manifests, live, catalog, former, kindOf, holdsNames }: Seen,
  verdicts: readonly Verdict[],
): string[] {
  const citing = manifests.filter(
    ({ kind }) => kindOf(kind).citing !== undefined || holdsNames(kind),
  );
  if (citing.length === 0) return [];
  const there = new Map<Address, Live>(live.map((one) => [one.address, one]));
  const byAddress = new Map(verdicts.map((one) => [addressOf(one), one]));
  const kept = heldNames(live, byAddress, kindOf);
  return citing.flatMap((manifest): string[] => {
    const address: Address = `${manifest.kind}/${manifest.name}`;
    const now = there.get(address);
    const verdict = byAddress.get(address);
    // What a write of this plan puts right is told by it.
    const isWritten = verdict !== undefined && 'after' in verdict;
    const fields = isWritten ? verdict.after : now?.fields;
    if (fields === undefined || verdict?.is === 'delete') return [];
    const places = new Map<string, string[]>();
    const kind = kindOf(manifest.kind);
    const named = holdsNames(manifest.kind) ? referencesIn(kind.fields, fields) : [];
    const all = [
      ...(kind.citing?.in(manifest, fields) ?? []),
      ...named.map(({ to, reference }) => ({ to, name: textOf(reference), where: '' })),
    ];
    for (const { to, name, where } of all) {
      if (name === '' || !catalog.types.includes(to)) continue;
      if (kept.has(`${to} ${name}`)) continue;
      const why = missing(to, name, { of: address, catalog, former, byAddress });
      if (why !== null) addTo(places, why, where);
    }
    // What could not be compared says so by itself, and why.
    if (verdict?.is === 'blocked' && kind.citing === undefined) return [];
    return [...places].map(
      ([why, at]) => `${address}${placesText(at.filter((one) => one !== ''))}: ${why}`,
    );
  });
}

/** Names that the org still has, of what a manifest calls otherwise and is not renamed now. */
function heldNames(
  live: readonly Live[],
  byAddress: ReadonlyMap<Address, Verdict>,
  kindOf: KindOf,
): ReadonlySet<string> {
  return new Set(
    live.flatMap(({ address, kind, previously }) => {
      const verdict = byAddress.get(address);
      const isRenamed = verdict !== undefined && 'after' in verdict;
      return previously === undefined || isRenamed ? [] : `${kindOf(kind).refType} ${previously}`;
    }),
  );
}

interface Naming extends Pick<Seen, 'catalog' | 'former'> {
  readonly of: Address;
  readonly byAddress: ReadonlyMap<Address, Verdict>;
}

/** Why a name stands for nothing; `null` where it stands for something, or will. */
function missing(
  to: string,
  name: string,
  { of, catalog, former, byAddress }: Naming,
): string | null {
  const resolution = catalog.resolve(to, name);
  if (!resolution.found) {
    const unresolved = { pointer: '', to, reference: name, reason: resolution.reason };
    return explained(unresolved, { of, where: '' }, catalog, former).message;
  }
  const declared = addressOfDeclared(resolution.id);
  if (declared === null || byAddress.get(declared)?.is === 'create') return null;
  const none = `the org has no ${to} "${name}", and none is made now`;
  return `${none}: look at what is said of ${declared}`;
}
