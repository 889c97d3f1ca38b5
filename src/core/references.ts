/**
 * What follows from objects that refer to each other: what a change waits for, which deletes are
 * refused, and what cannot be made because what it names is not.
 */
import { addTo } from './grouped.js';
import { addressOfDeclared } from './declared.js';
import { referenceKey, type Catalog } from './catalog.js';
import { addressOf, type Verdict } from './compare.js';
import type { JsonObject } from './json.js';
import type { KindOf } from './kind.js';
import { referencesIn } from './normalise.js';
import { formerAddress } from './moved.js';
import { kindName, objectName } from './outcome.js';
import type { Address, Change, Live, Manifest, Obstacle } from './types.js';

/** The kind behind what references call it; `null` for what is not ours to manage. */
export type KindBehind = (to: string) => string | null;

/** Addresses that fields refer to by name, of kinds that are managed. */
export function addressesIn(
  kind: string,
  fields: JsonObject,
  kindOf: KindOf,
  behind: KindBehind,
): ReadonlySet<Address> {
  const out = new Set<Address>();
  for (const { to, reference } of referencesIn(kindOf(kind).fields, fields)) {
    const other = behind(to);
    if (other !== null && typeof reference === 'string') out.add(`${other}/${reference}`);
  }
  return out;
}

/** By address of a manifest, the addresses of what it cites, of kinds that are managed. */
export type Cited = ReadonlyMap<Address, ReadonlySet<Address>>;

export function citedBy(manifests: readonly Manifest[], kindOf: KindOf, behind: KindBehind): Cited {
  const out = new Map<Address, ReadonlySet<Address>>();
  for (const manifest of manifests) {
    const found = new Set<Address>();
    for (const { to, name } of kindOf(manifest.kind).cites?.(manifest) ?? []) {
      const other = behind(to);
      if (other !== null) found.add(`${other}/${name}`);
    }
    if (found.size > 0) out.set(`${manifest.kind}/${manifest.name}`, found);
  }
  return out;
}

/** Creates are waited for by what names them, deletes wait for whoever lets go. */
export function waitForReferences(
  changes: readonly Change[],
  kindOf: KindOf,
  behind: KindBehind,
  cited: Cited = new Map(),
): Change[] {
  const created = new Set<Address>(
    changes
      // What is called otherwise is not there under that name until it is.
      .filter(
        ({ action, previously }) =>
          action === 'create' || action === 'replace' || previously !== undefined,
      )
      .map(({ address }) => address),
  );
  const deleted = new Set<Address>(
    changes.filter(({ action }) => action === 'delete').map(({ address }) => address),
  );
  if (created.size === 0 && deleted.size === 0) return [...changes];
  const named = ({ address }: Change, fields: JsonObject | null): ReadonlySet<Address> =>
    fields === null ? NONE : addressesIn(kindName(address), fields, kindOf, behind);
  const lettingGo = new Map<Address, Address[]>();
  const waiting = changes.map((change): Change => {
    const [before, after] = [named(change, change.before), named(change, change.after)];
    for (const one of before) {
      if (!deleted.has(one) || after.has(one) || one === change.address) continue;
      addTo(lettingGo, one, change.address);
    }
    const all = [...after, ...(cited.get(change.address) ?? [])];
    const makers = all.filter((one) => created.has(one) && one !== change.address);
    return makers.length === 0 ? change : withWaits(change, makers);
  });
  return waiting.map((change) => {
    const others = change.action === 'delete' ? (lettingGo.get(change.address) ?? []) : [];
    return others.length === 0 ? change : withWaits(change, others);
  });
}

const NONE: ReadonlySet<Address> = new Set();

function withWaits(change: Change, others: readonly Address[]): Change {
  return { ...change, waitsFor: [...new Set([...change.waitsFor, ...others])].sort() };
}

/** What is known beside the verdicts. */
export interface Surroundings {
  readonly live: readonly Live[];
  readonly manifests: readonly Manifest[];
  readonly catalog: Catalog;
  readonly kindOf: KindOf;
  readonly behind: KindBehind;
}

/**
 * The same verdicts with a delete blocked where an object still refers to what would go, and a
 * change blocked where what it names will not be made.
 */
export function heldByReferences(
  verdicts: readonly Verdict[],
  surroundings: Surroundings,
): Verdict[] {
  let current = [...verdicts];
  // What is blocked does not let go, and is not made: that may block others in turn.
  for (let round = 0; round <= verdicts.length; round += 1) {
    const kept = heldOnce(current, surroundings);
    if (kept.every((one, index) => one === current[index])) return kept;
    current = kept;
  }
  return current;
}

function heldOnce(verdicts: readonly Verdict[], surroundings: Surroundings): Verdict[] {
  const byAddress = new Map(verdicts.map((one) => [addressOf(one), one]));
  const referrers = referrersOf(verdicts, byAddress, surroundings);
  return verdicts.map((verdict): Verdict => {
    if (verdict.is === 'delete') {
      const obstacles = referrers.get(verdict.live.address) ?? [];
      const { live } = verdict;
      if (obstacles.length === 0) return verdict;
      return { is: 'blocked', address: live.address, desired: null, live, obstacles };
    }
    if (!('after' in verdict)) return verdict;
    const left = referrers.get(verdict.desired.address) ?? [];
    const obstacles = [...left, ...unmade(verdict, byAddress, surroundings)];
    if (obstacles.length === 0) return verdict;
    const { desired } = verdict;
    const live = 'live' in verdict ? verdict.live : null;
    return { is: 'blocked', address: desired.address, desired, live, obstacles };
  });
}

/**
 * Of everything that would be deleted: who refers to it, and goes on doing so. Of what is made
 * again: who has its id, and is not ours to write. Of what gets another name: who goes on using the
 * old one, as a row of a data table does, which has names and no ids.
 */
function referrersOf(
  verdicts: readonly Verdict[],
  byAddress: ReadonlyMap<Address, Verdict>,
  { live, manifests, kindOf, behind }: Surroundings,
): ReadonlyMap<Address, readonly Obstacle[]> {
  const cited = citedBy(manifests, kindOf, behind);
  const going = new Set(verdicts.flatMap((one) => (one.is === 'delete' ? [one.live.address] : [])));
  const found = new Map<Address, Obstacle[]>();
  const replaced = new Set(
    verdicts.flatMap((one) => (one.is === 'replace' ? [one.desired.address] : [])),
  );
  const renamed = new Map<Address, Address>(
    live.flatMap((one) => {
      const old = formerAddress(one);
      return old === null ? [] : [[old, one.address] as const];
    }),
  );
  if (going.size + replaced.size + renamed.size === 0) return found;
  const places = new Map<Address, Manifest>(
    manifests.map((one) => [`${one.kind}/${one.name}`, one]),
  );
  for (const one of live) {
    const verdict = byAddress.get(one.address);
    if (verdict?.is === 'delete') continue;
    const after = verdict !== undefined && 'after' in verdict ? verdict.after : one.fields;
    const all = [
      ...addressesIn(one.kind, after, kindOf, behind),
      ...(cited.get(one.address) ?? []),
    ];
    for (const address of new Set(all)) {
      const anew = renamed.get(address);
      if (anew !== undefined && !going.has(address)) {
        addTo(found, anew, namesOld(address, anew, one.address, places.get(one.address)));
      }
      const isLeft = replaced.has(address) && !isWritten(verdict);
      if ((!going.has(address) && !isLeft) || address === one.address) continue;
      const still = isLeft ? hasItsId : stillNamed;
      addTo(found, address, still(address, one.address, places.get(one.address)));
    }
  }
  return found;
}

function isWritten(verdict: Verdict | undefined): boolean {
  if (verdict === undefined) return false;
  return 'after' in verdict || (verdict.is === 'unchanged' && verdict.owned);
}

function hasItsId(address: Address, by: Address, manifest: Manifest | undefined): Obstacle {
  const { at, where } = standing(manifest);
  return {
    message: `it is not made again: ${by} (${where}) has its id, and is not written by this plan`,
    hint: `make ${by} ours and plan without a scope, or take ${address} out of it first`,
    at,
  };
}

function namesOld(
  old: Address,
  now: Address,
  by: Address,
  manifest: Manifest | undefined,
): Obstacle {
  const { at, where } = standing(manifest);
  const [before, after] = [objectName(old), objectName(now)];
  return {
    message: `it is not renamed from "${before}": ${by} (${where}) goes on naming it so`,
    hint:
      `have ${by} name "${after}" in the same plan, without a scope that leaves it out; ` +
      'or keep the name',
    at,
  };
}

function standing(manifest: Manifest | undefined): Pick<Obstacle, 'at'> & { where: string } {
  const at = manifest?.positions.at('/spec');
  if (at === undefined) return { at: null, where: 'in the org' };
  return { at: { file: at.file, line: at.line }, where: `${at.file}:${at.line}` };
}

function stillNamed(address: Address, by: Address, manifest: Manifest | undefined): Obstacle {
  const { at, where } = standing(manifest);
  return {
    message: `no manifest declares it, and it is not deleted: ${by} (${where}) still refers to it`,
    hint: `take it out of ${by} first, or declare ${address} again`,
    at,
  };
}

/** Objects that the verdict's result names, that are not there and will not be made. */
function unmade(
  { desired, after }: Extract<Verdict, { after: JsonObject }>,
  byAddress: ReadonlyMap<Address, Verdict>,
  { catalog, kindOf }: Surroundings,
): Obstacle[] {
  return referencesIn(kindOf(desired.kind).fields, after).flatMap(({ to, reference }) => {
    const resolution = catalog.resolve(to, reference);
    const address = resolution.found ? addressOfDeclared(resolution.id) : null;
    if (address === null || byAddress.get(address)?.is === 'create') return [];
    const { file, line } = desired.manifest.positions.at('/spec');
    const message = `it names ${address} ("${referenceKey(reference)}"), which is not made now`;
    return [{ message, hint: `look at what is said of ${address}`, at: { file, line } }];
  });
}
