/**
 * Desired × live → verdicts: the heart. Every view of a difference (plan, drift, apply, comment)
 * is made from what this file returns; there is no second comparison.
 *
 * Premise: both sides are normal (see `normalise.ts`), so equality is equality and all that is left
 * is set subtraction by address. The *result* of a change is the live object with the managed keys
 * laid over it; a verdict is `unchanged` exactly when the result equals the live object.
 *
 * A third side, what was last applied, decides nothing about the result. It tells why a field
 * moves: because git says something else now, or because somebody changed the org (`causes`).
 */
import { same } from './canonical.js';
import { referenceKey } from './catalog.js';
import { elementKey, itemKey, rankOf } from './entries.js';
import type { Field, ListField, MapField, RecordField } from './fields.js';
import { byText } from './issue.js';
import { isObject, objectsIn, pointerToken, type Json, type JsonObject } from './json.js';
import { leaveLive, type Kind, type KindOf } from './kind.js';
import { asksForAdoption } from './manifest.js';
import { overlay } from './normalise.js';
import { kindName } from './outcome.js';
import { ownershipOf, type Ownership } from './ownership.js';
import { isSamePlace, overlaps, type Place } from './place.js';
import type { Us } from './owner.js';
import { isInScope, type Scope } from './scope.js';
import { startJson, type Start } from './start.js';
import type { State } from './state.js';
import type { Address, Cause, Desired, Live, Obstacle } from './types.js';

export interface ComparePolicy {
  /** Delete objects of ours that no manifest declares. */
  readonly prune: boolean;
  readonly scope: Scope;
  /** Also what is as the manifests say becomes ours, where it is nobody's. */
  readonly adopt: boolean;
  readonly owner: Us;
  /** What the org's state table says, by address. */
  readonly records: State['records'];
  /** Objects of which nobody can say what should become of them, and why. */
  readonly obstacles?: ReadonlyMap<Address, readonly Obstacle[]> | undefined;
  /** Of these, what somebody asks for by name although it is not there under that. */
  readonly sought?: Pick<ReadonlySet<Address>, 'has'> | undefined;
}

/**
 * `exactly` is what is to be written where `after` does not say all of it: see `Change`.
 * `applied` is what an apply of ours last made of the object; `null` where that is not known.
 */
export type Verdict =
  | {
      readonly is: 'create';
      readonly desired: Desired;
      readonly after: JsonObject;
      readonly exactly?: JsonObject;
      readonly applied: JsonObject | null;
    }
  /** `adopt`: nobody has said so far whose the object is. */
  | {
      readonly is: 'update' | 'adopt';
      readonly desired: Desired;
      readonly live: Live;
      readonly after: JsonObject;
      readonly exactly?: JsonObject;
      readonly applied: JsonObject | null;
      /** Of an optimizer, as it was last applied. */
      readonly start?: Start;
      /** What it refers to is made again: it is written, also where its fields are the same. */
      readonly follows?: readonly Address[];
    }
  /** Deleted and made again: see `replacing.ts`. */
  | {
      readonly is: 'replace';
      readonly desired: Desired;
      readonly live: Live;
      readonly after: JsonObject;
      readonly exactly?: JsonObject;
      readonly applied: JsonObject | null;
      /** What cannot be changed. */
      readonly forced: readonly Place[];
    }
  | { readonly is: 'delete'; readonly live: Live; readonly applied: JsonObject | null }
  /**
   * `owned` is false for what is as its manifest says, and nobody's; `recorded` for what the org's
   * record of it does not say: a run ended before it was written, or git and the org came to agree.
   */
  | {
      readonly is: 'unchanged';
      readonly desired: Desired;
      readonly live: Live;
      readonly owned: boolean;
      readonly recorded: boolean;
    }
  /** Ours, declared by no manifest, and kept because prune is off. */
  | { readonly is: 'unmanaged'; readonly live: Live }
  /** Nobody's or another's, and declared by no manifest: none of our business. */
  | { readonly is: 'stranger'; readonly live: Live }
  /** Declared by a manifest, and another's. */
  | {
      readonly is: 'foreign';
      readonly desired: Desired;
      readonly owner: string;
      readonly remark: string;
    }
  /** Left as it is, whatever git and the org say. `desired` is `null` where no manifest has it. */
  | {
      readonly is: 'blocked';
      readonly address: Address;
      readonly desired: Desired | null;
      readonly live: Live | null;
      readonly obstacles: readonly Obstacle[];
      /** It would be deleted, but for them. */
      readonly held?: 'delete';
    };

/** One verdict for every address that either side has within scope, sorted by address. */
export function compare(
  desired: readonly Desired[],
  live: readonly Live[],
  policy: ComparePolicy,
  kindOf: KindOf,
): Verdict[] {
  const inScope = ({ address }: { readonly address: Address }): boolean =>
    isInScope(policy.scope, address);
  const liveByAddress = new Map(live.filter(inScope).map((item) => [item.address, item]));
  const declared = new Set(desired.map((item) => item.address));
  const hold = (address: Address, kind: string): Ownership =>
    ownershipOf(
      policy.records.get(address),
      liveByAddress.get(address) ?? null,
      policy.owner,
      kindOf(kind),
    );
  const verdicts: Verdict[] = desired.filter(inScope).map((item) => {
    const counterpart = liveByAddress.get(item.address) ?? null;
    const whose = hold(item.address, item.kind);
    const obstacles = policy.obstacles?.get(item.address);
    if (obstacles !== undefined && whose.by !== 'other') {
      const { address } = item;
      return { is: 'blocked', address, desired: item, live: counterpart, obstacles };
    }
    return declaredVerdict(item, counterpart, whose, policy.adopt, kindOf(item.kind));
  });
  for (const item of liveByAddress.values()) {
    if (declared.has(item.address)) continue;
    const whose = hold(item.address, item.kind);
    const obstacles = policy.obstacles?.get(item.address);
    verdicts.push(
      obstacles !== undefined && whose.by === 'us'
        ? { is: 'blocked', address: item.address, desired: null, live: item, obstacles }
        : undeclaredVerdict(item, whose, policy.prune),
    );
  }
  for (const [address, obstacles] of policy.obstacles ?? []) {
    // There, and not among `live`: two of a name, or one without an id.
    if (declared.has(address) || liveByAddress.has(address)) continue;
    if (!inScope({ address })) continue;
    const isMeant = policy.sought?.has(address) === true;
    if (!isMeant && hold(address, kindName(address)).by !== 'us') continue;
    verdicts.push({ is: 'blocked', address, desired: null, live: null, obstacles });
  }
  return verdicts.sort((a, b) => byText(addressOf(a), addressOf(b)));
}

function declaredVerdict(
  desired: Desired,
  live: Live | null,
  hold: Ownership,
  adopt: boolean,
  kind: Kind,
): Verdict {
  if (hold.by === 'other') {
    return { is: 'foreign', desired, owner: hold.owner, remark: hold.remark };
  }
  const applied = hold.by === 'us' ? hold.applied : null;
  if (live === null) {
    return { is: 'create', desired, after: overlay(kind.fields, {}, desired.fields), applied };
  }
  const start = hold.by === 'us' ? hold.start : undefined;
  const managed = leaveLive(
    kind,
    desired.manifest,
    desired.fields,
    live.fields,
    start,
    desired.renamed,
  );
  const known = start === undefined ? {} : { start };
  const after = overlay(kind.fields, live.fields, managed);
  const equal = same(after, live.fields) && live.previously === undefined;
  if (hold.by === 'us') {
    return equal
      ? { is: 'unchanged', desired, live, owned: true, recorded: isRecorded(desired, hold, kind) }
      : { is: 'update', desired, live, after, applied, ...known };
  }
  // Nothing has to be written into what is as it should be, unless somebody asks for it.
  return equal && !adopt && !asksForAdoption(desired.manifest)
    ? { is: 'unchanged', desired, live, owned: false, recorded: false }
    : { is: 'adopt', desired, live, after, applied };
}

/** What was last applied is what the manifest asks for, as far as it asks. */
function isRecorded(
  { manifest, fields }: Desired,
  { applied, upToDate, start }: Extract<Ownership, { by: 'us' }>,
  kind: Kind,
): boolean {
  if (applied === null || !upToDate) return false;
  if (!isRemembered(kind.tuning?.start(manifest, fields) ?? null, start)) return false;
  const asked = leaveLive(kind, manifest, fields, applied, start);
  return same(overlay(kind.fields, applied, asked), applied);
}

function isRemembered(start: Start | null, remembered: Start | undefined): boolean {
  if (start === null || remembered === undefined) return start === null;
  return same(startJson(start), startJson(remembered));
}

function undeclaredVerdict(live: Live, hold: Ownership, prune: boolean): Verdict {
  // What was to be taken over, and is asked for no more, somebody else has made.
  if (hold.by !== 'us' || hold.isTakenUp === true) return { is: 'stranger', live };
  return prune ? { is: 'delete', live, applied: hold.applied } : { is: 'unmanaged', live };
}

export function addressOf(verdict: Verdict): Address {
  if (verdict.is === 'blocked') return verdict.address;
  return 'desired' in verdict ? verdict.desired.address : verdict.live.address;
}

/** One place where two normal objects differ. */
export interface FieldDifference {
  readonly place: Place;
  /** Into `after` where the field is there, else into `before`. */
  readonly pointer: string;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * The fields in which two normal objects differ, in the order of the table. An item that comes or
 * goes is one difference; items that change places for no other reason are one, of their order.
 */
export function differences(
  table: RecordField,
  before: JsonObject | null,
  after: JsonObject | null,
): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const key in table.fields) {
    const field = table.fields[key];
    // Most of two objects is alike, and needs no place.
    if (field === undefined || same(before?.[key], after?.[key])) continue;
    const at = { place: [key], pointer: `/${pointerToken(key)}` };
    found.push(...difference(field, before?.[key], after?.[key], at));
  }
  return found;
}

type At = Pick<FieldDifference, 'place' | 'pointer'>;

function difference(
  field: Field,
  before: Json | undefined,
  after: Json | undefined,
  at: At,
): FieldDifference[] {
  if (same(before, after)) return [];
  if (field.type === 'record' && isObject(before) && isObject(after)) {
    return differences(field, before, after).map((inner) => ({
      ...inner,
      place: [...at.place, ...inner.place],
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
  // That something is empty, and not unknown, is said of the whole.
  const isBare = [before, after].some((one) => one === undefined) && isEmpty(before ?? after);
  if (field.type === 'set' && !isBare && (Array.isArray(before) || Array.isArray(after))) {
    return setDifferences(
      Array.isArray(before) ? before : [],
      Array.isArray(after) ? after : [],
      at,
    );
  }
  if (field.type === 'map' && !isBare && (isObject(before) || isObject(after))) {
    return mapDifferences(field, isObject(before) ? before : {}, isObject(after) ? after : {}, at);
  }
  return [
    {
      ...at,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function isEmpty(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function setDifferences(
  before: readonly Json[],
  after: readonly Json[],
  { place, pointer }: At,
): FieldDifference[] {
  const [old, now] = [before, after].map((all) => new Set(all.map(elementKey)));
  const at = (value: Json): Place => [...place, { key: elementKey(value) }];
  return [
    ...before
      .filter((value) => now?.has(elementKey(value)) !== true)
      .map((value) => ({ place: at(value), pointer, before: value })),
    ...after.flatMap((value, index) =>
      old?.has(elementKey(value)) === true
        ? []
        : [{ place: at(value), pointer: `${pointer}/${index}`, after: value }],
    ),
  ];
}

function mapDifferences(
  { of }: MapField,
  before: JsonObject,
  after: JsonObject,
  at: At,
): FieldDifference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byText);
  const own = (values: JsonObject, key: string): Json | undefined =>
    Object.hasOwn(values, key) ? values[key] : undefined;
  return keys.flatMap((key): FieldDifference[] => {
    const [was, is] = [own(before, key), own(after, key)];
    const place = [...at.place, { key }];
    const pointer = `${at.pointer}/${pointerToken(key)}`;
    // What comes or goes as a whole is one difference.
    if (of.type !== 'map' || (was !== undefined && is !== undefined)) {
      return difference(of, was, is, { place, pointer });
    }
    const sides = { ...(was === undefined ? {} : { before: was }) };
    return [{ place, pointer, ...sides, ...(is === undefined ? {} : { after: is }) }];
  });
}

function listDifferences(
  field: ListField,
  before: readonly Json[],
  after: readonly Json[],
  at: At,
): FieldDifference[] {
  const old = keyed(field, before);
  const now = keyed(field, after);
  const found: FieldDifference[] = [];
  for (const [key, item] of old) {
    if (now.has(key)) continue;
    const place = placeOf(field, at, item);
    found.push({ place, pointer: at.pointer, before: withoutKey(field, item.value) });
  }
  for (const [key, item] of now) {
    const place = placeOf(field, at, item);
    const pointer = `${at.pointer}/${item.index}`;
    const previous = old.get(key);
    if (previous === undefined)
      found.push({ place, pointer, after: withoutKey(field, item.value) });
    else found.push(...difference(field.item, previous.value, item.value, { place, pointer }));
  }
  const moved = movedOrder(field, old, now);
  if (moved !== null) {
    found.push({ place: [...at.place, { order: true }], pointer: at.pointer, ...moved });
  }
  return found;
}

/** The keys of a list in both orders, where items that are in both changed places by themselves. */
function movedOrder(
  field: ListField,
  old: ReadonlyMap<string, Keyed>,
  now: ReadonlyMap<string, Keyed>,
): { readonly before: Json; readonly after: Json } | null {
  const kept = [...now.keys()].filter((key) => old.has(key));
  const keptBefore = [...old.keys()].filter((key) => now.has(key));
  if (kept.every((key, index) => key === keptBefore[index])) return null;
  const rank = (key: string): number => rankOf(field, now.get(key)?.value);
  // A new priority is told by its own line; told here is what it does not explain.
  const explained = [...keptBefore].sort((a, b) => rank(a) - rank(b));
  const isExplained = kept.every((key, index) => key === explained[index]);
  // Where numbers were out of order before, the same numbers may stand in another order after.
  const wasInOrder = isAscending(keptBefore.map((key) => rankOf(field, old.get(key)?.value)));
  if (isExplained && wasInOrder) return null;
  return {
    before: keptBefore.map((key) => old.get(key)?.value[field.key] ?? null),
    after: kept.map((key) => now.get(key)?.value[field.key] ?? null),
  };
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number >= (numbers[index - 1] ?? -Infinity));
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
    out.set(`${nth} ${key}`, { value, index, nth });
  });
  return out;
}

/** The place of an item names its key already. */
function withoutKey(field: ListField, item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== field.key));
}

function placeOf(field: ListField, { place }: At, { value, nth }: Keyed): Place {
  const key = referenceKey(value[field.key] ?? null);
  return [...place, nth === 1 ? { key } : { key, nth }];
}

/**
 * What was applied, with what was not said of its items taken from what is there: the ring that the
 * platform gives a member is nobody's change.
 */
function withUnsaid(
  { fields: table }: RecordField,
  live: JsonObject,
  applied: JsonObject,
): JsonObject {
  return Object.fromEntries(
    Object.entries(applied).map(([key, value]) => {
      const [field, is] = [table[key], live[key]];
      if (field?.type === 'record' && isObject(is) && isObject(value)) {
        return [key, withUnsaid(field, is, value)];
      }
      const isList = field?.type === 'list' && field.itemsLieOver === true;
      if (!isList || !Array.isArray(is) || !Array.isArray(value)) return [key, value];
      const there = new Map(objectsIn(is).map((one) => [itemKey(field, one), one]));
      const items = value.map((item) => {
        const known = isObject(item) ? there.get(itemKey(field, item)) : undefined;
        if (known === undefined || !isObject(item)) return item;
        return { ...known, ...withUnsaid(field.item, known, item) };
      });
      return [key, items];
    }),
  );
}

/** Why each of the differences between `live` and `after` is there. */
export interface Caused extends FieldDifference {
  readonly cause: Cause | null;
  /** What was last applied there, where neither side still has it. */
  readonly applied?: Json;
}

/**
 * The differences from `live` to `after`, each with what moved away from `applied`: the manifest,
 * the org, or both. Without `applied` nobody can say. `asked`: what the manifest would make of an
 * object; where that leaves what was applied as it is, git has not moved.
 */
export function caused(
  table: RecordField,
  live: JsonObject | null,
  after: JsonObject | null,
  applied: JsonObject | null,
  asked: (from: JsonObject) => JsonObject | null = () => after,
): Caused[] {
  const found = differences(table, live, after);
  if (applied === null) return found.map((one) => ({ ...one, cause: null }));
  // What was never applied, because no manifest asked for it, nobody can have moved away from.
  const isAsApplied =
    live !== null && Object.entries(applied).every(([key, value]) => same(value, live[key]));
  const base = isAsApplied ? live : { ...live, ...withUnsaid(table, live ?? {}, applied) };
  const wanted = asked(base);
  // Mostly nobody has touched it, and git asks for what it will be: the same difference each time.
  const fromBase = isAsApplied ? found : differences(table, base, after);
  const isAsAsked = same(wanted ?? undefined, after ?? undefined);
  const conceded = isAsAsked ? fromBase : differences(table, base, wanted);
  const inGit = isAsAsked
    ? fromBase
    : fromBase.filter(({ place }) => conceded.some((other) => overlaps(place, other.place)));
  const inOrg = isAsApplied ? [] : differences(table, base, live);
  return found.map((one) => {
    const git = inGit.some((other) => overlaps(one.place, other.place));
    const org = inOrg.find((other) => overlaps(one.place, other.place));
    if (git && org !== undefined) {
      const { before, place } = org;
      return {
        ...one,
        cause: 'both',
        ...(isSamePlace(place, one.place) && before !== undefined ? { applied: before } : {}),
      };
    }
    return { ...one, cause: git ? 'git' : org !== undefined ? 'drift' : null };
  });
}
