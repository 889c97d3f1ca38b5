/**
 * What follows from objects that refer to each other: what a change waits for, which deletes are
 * refused, and what cannot be made because what it names is not.
 */
import { folded } from './alike.js';
import { addTo, groupedBy } from './grouped.js';
import { addressOfDeclared } from './declared.js';
import { referenceKey, type Catalog } from './catalog.js';
import { addressOf, type Verdict } from './compare.js';
import type { JsonObject } from './json.js';
import type { CitationIn, KindOf } from './kind.js';
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

/** What an object with these fields names beside them, each with where it does. */
export type Beside = (of: Address, fields: JsonObject) => ReadonlyMap<Address, readonly string[]>;

const NOTHING_BESIDE: Beside = () => new Map();

/** What texts of an object with these fields name; none where no manifest says what they mean. */
export type Citations = (of: Address, fields: JsonObject) => readonly CitationIn[];

const NO_CITATIONS: Citations = () => [];

export function citationsOf(manifests: readonly Manifest[], kindOf: KindOf): Citations {
  const byAddress = new Map<Address, Manifest>();
  for (const one of manifests) {
    if (kindOf(one.kind).citing !== undefined) byAddress.set(`${one.kind}/${one.name}`, one);
  }
  if (byAddress.size === 0) return NO_CITATIONS;
  return (of, fields) => {
    const manifest = byAddress.get(of);
    return manifest === undefined ? [] : (kindOf(manifest.kind).citing?.in(manifest, fields) ?? []);
  };
}

/** What texts of objects name, as those of the manifests say that know what they mean. */
export function citedIn(
  manifests: readonly Manifest[],
  kindOf: KindOf,
  behind: KindBehind,
): Beside {
  const citations = citationsOf(manifests, kindOf);
  if (citations === NO_CITATIONS) return NOTHING_BESIDE;
  return (of, fields) => {
    const found = new Map<Address, string[]>();
    for (const { to, name, where } of citations(of, fields)) {
      const other = behind(to);
      if (other !== null) addTo<Address, string>(found, `${other}/${name}`, where);
    }
    return found;
  };
}

/** The same with what was looked at for that alone: of an object that goes along, what it names. */
export function besideOf({ everyManifest, referrers, kindOf, behind }: Surroundings): Beside {
  const cited = citedIn(everyManifest, kindOf, behind);
  const here = referrers.filter(({ apart }) => apart === undefined);
  if (here.length === 0) return cited;
  const own = groupedBy(here, ({ address }) => address);
  return (of, fields) => {
    // One object may have been looked at in several places: of none anything is lost.
    const all = new Map<Address, readonly string[]>(cited(of, fields));
    for (const { names } of own.get(of) ?? []) {
      for (const [named, places] of names) {
        all.set(named, [...new Set([...(all.get(named) ?? []), ...places])]);
      }
    }
    return all;
  };
}

/**
 * The same, and of an object of which no manifest says what its texts mean (`isMeant`) each text
 * that is the name of something that comes or goes with it: taken for that name it only waits, or
 * is waited for, which costs nothing where it means something else.
 */
export function withTexts(
  beside: Beside,
  changes: readonly Change[],
  kindOf: KindOf,
  isMeant: (of: Address) => boolean,
): Beside {
  const byName = new Map<string, Address[]>();
  for (const { address } of changes) {
    const { citing, refType } = kindOf(kindName(address));
    // Two tables whose texts are each the name of the other would wait for each other.
    if (citing === undefined && refType !== undefined) {
      addTo(byName, objectName(address), address);
    }
  }
  return (of, fields) => {
    const { citing } = kindOf(kindName(of));
    const known = beside(of, fields);
    if (citing === undefined || isMeant(of)) return known;
    const all = new Map<Address, readonly string[]>(known);
    for (const text of citing.texts(fields)) {
      for (const named of byName.get(text) ?? []) if (!all.has(named)) all.set(named, []);
    }
    return all;
  };
}

/** Something that was looked at for what it refers to, and for nothing else. */
export interface Referrer {
  readonly address: Address;
  /** For people, where it is; absent where it is one of the objects of the org as we see it. */
  readonly apart?: string;
  /** What it refers to, each with where in it; `[]` where that goes without saying. */
  readonly names: ReadonlyMap<Address, readonly string[]>;
}

/** Creates are waited for by what names them, deletes wait for whoever lets go. */
export function waitForReferences(
  changes: readonly Change[],
  { kindOf, behind, holdsNames }: Pick<Surroundings, 'kindOf' | 'behind' | 'holdsNames'>,
  cited: Cited = new Map(),
  beside: Beside = NOTHING_BESIDE,
): Change[] {
  const those = (is: (change: Change) => boolean): ReadonlySet<Address> =>
    new Set(changes.filter(is).map(({ address }) => address));
  const created = those(({ action }) => action === 'create' || action === 'replace');
  // What is called otherwise is not there under that name until it is; its id is.
  const renamed = those(({ previously }) => previously !== undefined);
  const deleted = those(({ action }) => action === 'delete');
  if (created.size + renamed.size + deleted.size === 0) return [...changes];
  const named = ({ address }: Change, fields: JsonObject | null): ReadonlySet<Address> => {
    if (fields === null) return NONE;
    const own = addressesIn(kindName(address), fields, kindOf, behind);
    const more = beside(address, fields);
    return more.size === 0 ? own : new Set([...own, ...more.keys()]);
  };
  const lettingGo = new Map<Address, Address[]>();
  const waiting = changes.map((change): Change => {
    const [before, after] = [named(change, change.before), named(change, change.after)];
    for (const one of before) {
      if (!deleted.has(one) || after.has(one) || one === change.address) continue;
      addTo(lettingGo, one, change.address);
    }
    const texts = cited.get(change.address) ?? NONE;
    const { address } = change;
    const byName = holdsNames(kindName(address))
      ? after
      : new Set(change.after === null ? [] : beside(address, change.after).keys());
    const makers = [...after, ...texts].filter(
      (one) =>
        one !== address &&
        (created.has(one) || (renamed.has(one) && (byName.has(one) || texts.has(one)))),
    );
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
  /** Those in scope. */
  readonly manifests: readonly Manifest[];
  /** Those out of it as well. */
  readonly everyManifest: readonly Manifest[];
  /** What else refers to something that would go. */
  readonly referrers: readonly Referrer[];
  readonly catalog: Catalog;
  readonly kindOf: KindOf;
  readonly behind: KindBehind;
  /** Objects of the kind hold names where others hold ids: they are rows. */
  readonly holdsNames: (kind: string) => boolean;
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
  const anew = new Map(
    surroundings.live.flatMap(({ address, previously }) =>
      previously === undefined ? [] : [[address, previously] as const],
    ),
  );
  return verdicts.map((verdict): Verdict => {
    if (verdict.is === 'delete') {
      const obstacles = referrers.get(verdict.live.address) ?? [];
      const { live } = verdict;
      if (obstacles.length === 0) return verdict;
      const { address } = live;
      return { is: 'blocked', address, desired: null, live, obstacles, held: 'delete' };
    }
    if (!('after' in verdict)) return verdict;
    const left = referrers.get(verdict.desired.address) ?? [];
    const obstacles = [
      ...left,
      ...unmade(verdict, byAddress, surroundings),
      ...tooEarly(verdict, byAddress, anew, surroundings),
    ];
    if (obstacles.length === 0) return verdict;
    const { desired } = verdict;
    const live = 'live' in verdict ? verdict.live : null;
    return { is: 'blocked', address: desired.address, desired, live, obstacles };
  });
}

/** What a plan takes from whoever refers to it. */
interface Leaving {
  readonly going: ReadonlySet<Address>;
  readonly replaced: ReadonlySet<Address>;
  /** Old address → new. */
  readonly renamed: ReadonlyMap<Address, Address>;
  /** All that an address which nothing has to the letter may be taken for; else itself. */
  readonly alike: (address: Address) => readonly Address[];
}

interface Undeclared extends Leaving {
  /** Of a rollback, what git goes on asking for. */
  readonly declared: ReadonlySet<Address>;
}

function leavingIn(
  verdicts: readonly Verdict[],
  live: readonly Live[],
  isThere: (address: Address) => boolean,
): Leaving {
  const going = new Set(verdicts.flatMap((one) => (one.is === 'delete' ? [one.live.address] : [])));
  const replaced = new Set(
    verdicts.flatMap((one) => (one.is === 'replace' ? [one.desired.address] : [])),
  );
  const renamed = new Map(
    live.flatMap((one) => {
      const old = formerAddress(one);
      return old === null ? [] : [[old, one.address] as const];
    }),
  );
  const leaving = [...going, ...replaced, ...renamed.keys()];
  const byFolded = new Map<string, Address[]>();
  for (const one of leaving) addTo(byFolded, folded(one), one);
  const known = new Set<Address>(leaving);
  const alike = (address: Address): readonly Address[] => {
    if (known.has(address)) return [address];
    const others = byFolded.get(folded(address));
    return others === undefined || isThere(address) ? [address] : others;
  };
  return { going, replaced, renamed, alike };
}

/**
 * Of everything that would be deleted: who refers to it, and goes on doing so. Of what is made
 * again: who has its id, and is not ours to write. Of what gets another name: who goes on using the
 * old one, as a row of a data table does, which has names and no ids.
 */
function referrersOf(
  verdicts: readonly Verdict[],
  byAddress: ReadonlyMap<Address, Verdict>,
  { live, manifests, everyManifest, referrers, kindOf, behind }: Surroundings,
): ReadonlyMap<Address, readonly Obstacle[]> {
  const there = new Set<Address>(live.map(({ address }) => address));
  const made = (address: Address): boolean => byAddress.get(address)?.is === 'create';
  const leaving = leavingIn(verdicts, live, (one) => there.has(one) || made(one));
  const { going, replaced, renamed } = leaving;
  const found = new Map<Address, Obstacle[]>();
  if (going.size + replaced.size + renamed.size === 0) return found;
  const declared = new Set(everyManifest.map(({ kind, name }): Address => `${kind}/${name}`));
  const all = { ...leaving, declared };
  const cited = citedBy(manifests, kindOf, behind);
  const beside = citedIn(everyManifest, kindOf, behind);
  // Of what is out of scope, manifests say no more than what cells mean.
  const citing = everyManifest.filter(({ kind }) => kindOf(kind).citing !== undefined);
  const places = new Map<Address, Manifest>(
    [...citing, ...manifests].map((one) => [`${one.kind}/${one.name}`, one]),
  );
  for (const one of live) {
    const verdict = byAddress.get(one.address);
    if (verdict?.is === 'delete') continue;
    const after = verdict !== undefined && 'after' in verdict ? verdict.after : one.fields;
    const names = new Map<Address, readonly string[]>(beside(one.address, after));
    const plain = [
      ...addressesIn(one.kind, after, kindOf, behind),
      ...(cited.get(one.address) ?? []),
    ];
    for (const address of plain) if (!names.has(address)) names.set(address, []);
    const manifest = places.get(one.address);
    const by = { address: one.address, names, isWritten: isWritten(verdict), manifest };
    hold(found, all, by);
  }
  // What is about to be made refers to things as well.
  for (const one of verdicts) {
    if (one.is !== 'create') continue;
    const { address, kind, manifest } = one.desired;
    const names = new Map<Address, readonly string[]>(beside(address, one.after));
    for (const named of addressesIn(kind, one.after, kindOf, behind)) names.set(named, []);
    for (const named of cited.get(address) ?? []) names.set(named, []);
    hold(found, all, { address, names, isWritten: true, manifest });
  }
  for (const { address, names, apart } of referrers) {
    if (apart === undefined && byAddress.get(address)?.is === 'delete') continue;
    const manifest = apart === undefined ? places.get(address) : undefined;
    hold(found, all, { address, names, apart, isWritten: false, manifest });
  }
  return found;
}

/** Who refers to something, for people and for what is to be said of it. */
interface By {
  readonly address: Address;
  readonly names: Referrer['names'];
  readonly isWritten: boolean;
  readonly manifest: Manifest | undefined;
  readonly apart?: string | undefined;
}

function hold(
  found: Map<Address, Obstacle[]>,
  { going, replaced, renamed, alike, declared }: Undeclared,
  by: By,
): void {
  const meant = [...by.names].flatMap(([named, all]) =>
    alike(named).map((address) => ({ named, all, address })),
  );
  for (const { named, all, address } of meant) {
    const isOther = address !== named;
    const places = isOther ? [...all, `as ${JSON.stringify(objectName(named))}`] : all;
    const anew = renamed.get(address);
    if (anew !== undefined && !going.has(address)) {
      addTo(found, anew, namesOld(address, anew, by, places));
    }
    const isLeft = replaced.has(address) && !by.isWritten;
    if ((!going.has(address) && !isLeft) || (address === by.address && by.apart === undefined)) {
      continue;
    }
    const isAsked = declared.has(address);
    const held = isLeft ? hasItsId(address, by, places) : stillNamed(address, by, places, isAsked);
    addTo(found, address, held);
  }
}

function isWritten(verdict: Verdict | undefined): boolean {
  if (verdict === undefined) return false;
  return 'after' in verdict || (verdict.is === 'unchanged' && verdict.owned);
}

function hasItsId(address: Address, by: By, places: readonly string[]): Obstacle {
  const { at, text } = standing(by, places);
  return {
    message: `it is not made again: ${text} has its id, and is not written by this plan`,
    hint: `make ${by.address} ours and plan without a scope, or take ${address} out of it first`,
    at,
  };
}

function namesOld(old: Address, now: Address, by: By, places: readonly string[]): Obstacle {
  const { at, text } = standing(by, places);
  const [before, after] = [objectName(old), objectName(now)];
  const way =
    places.length === 0
      ? `have ${by.address} name "${after}" in the same plan, without a scope that leaves it out`
      : `have ${by.address} own its rows and name "${after}" there, or write it in the org`;
  return {
    message: `it is not renamed from "${before}": ${text} goes on naming it so`,
    hint: `${way}; or keep the name`,
    at,
  };
}

/** `isAsked`: git goes on declaring it, and a rollback takes it back. */
function stillNamed(
  address: Address,
  by: By,
  places: readonly string[],
  isAsked: boolean,
): Obstacle {
  const { at, text } = standing(by, places);
  const why = isAsked ? '' : 'no manifest declares it, and ';
  return {
    message: `${why}it is not deleted: ${text} still refers to it`,
    hint: `take it out of ${by.address} first${isAsked ? '' : `, or declare ${address} again`}`,
    at,
  };
}

/** Of so many places in an object each is said. */
const MOST_PLACES = 3;

/** `, row "Bonn", row "Kiel"`, to stand behind an address; empty for no places. */
export function placesText(places: readonly string[]): string {
  const shown = places.slice(0, MOST_PLACES).map((one) => `, ${one}`);
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
  return `${shown.join('')}${more}`;
}

/** `DataTable/Sites, row "Bonn" (sites.yaml:5)` */
function standing(
  { address, manifest, apart }: By,
  places: readonly string[],
): Pick<Obstacle, 'at'> & { text: string } {
  const of = `${address}${placesText(places)}`;
  const at = manifest?.positions.at('/spec');
  if (at === undefined) return { at: null, text: `${of} (${apart ?? 'in the org'})` };
  return { at: { file: at.file, line: at.line }, text: `${of} (${at.file}:${at.line})` };
}

/** New names in rows, of what is called otherwise in the org and is not renamed by this plan. */
function tooEarly(
  { desired, after }: Extract<Verdict, { after: JsonObject }>,
  byAddress: ReadonlyMap<Address, Verdict>,
  anew: ReadonlyMap<Address, string>,
  { kindOf, behind, holdsNames }: Surroundings,
): Obstacle[] {
  if (anew.size === 0) return [];
  const { kind, address, manifest } = desired;
  const cited = citedBy([manifest], kindOf, behind).get(address) ?? [];
  const own = holdsNames(kind) ? addressesIn(kind, after, kindOf, behind) : [];
  return [...new Set([...own, ...cited])].flatMap((named): Obstacle[] => {
    const [old, verdict] = [anew.get(named), byAddress.get(named)];
    if (old === undefined || (verdict !== undefined && 'after' in verdict)) return [];
    const { file, line } = manifest.positions.at('/spec');
    const message = `it names ${named}, which the org calls "${old}", and is not renamed now`;
    const hint = `look at what is said of ${named}, and plan without a scope that leaves it out`;
    return [{ message, hint, at: { file, line } }];
  });
}

/** Objects that the verdict's result names, that are not there and will not be made. */
function unmade(
  { desired, after }: Extract<Verdict, { after: JsonObject }>,
  byAddress: ReadonlyMap<Address, Verdict>,
  { catalog, kindOf }: Surroundings,
): Obstacle[] {
  const kind = kindOf(desired.kind);
  const cited = (kind.cites?.(desired.manifest) ?? []).map(({ to, name }) => ({
    to,
    reference: name,
  }));
  const names = [...referencesIn(kind.fields, after), ...cited];
  const seen = new Set<Address>();
  return names.flatMap(({ to, reference }) => {
    const resolution = catalog.resolve(to, reference);
    const address = resolution.found ? addressOfDeclared(resolution.id) : null;
    if (address === null || byAddress.get(address)?.is === 'create') return [];
    if (seen.has(address)) return [];
    seen.add(address);
    const { file, line } = desired.manifest.positions.at('/spec');
    const message = `it names ${address} ("${referenceKey(reference)}"), which is not made now`;
    return [{ message, hint: `look at what is said of ${address}`, at: { file, line } }];
  });
}
