/** Verdicts → a plan. See `types.ts` for its shape and docs/plan.md for its promises. */
import { digestOf, same } from './canonical.js';
import { referenceKey, type Catalog, type ReferenceTo } from './catalog.js';
import { caused, type FieldDifference, type Verdict } from './compare.js';
import { addressOfDeclared } from './declared.js';
import { diff } from './edits.js';
import { entriesIn } from './entries.js';
import type { Field, RecordField } from './fields.js';
import { idsBehind } from './former.js';
import { lettingGo } from './halves.js';
import { isObject, pointerKeys, pointerToken, textOf, type Json, type JsonObject } from './json.js';
import { leaveLive, type Kind, type KindOf } from './kind.js';
import { overlay, referencesIn, type Reference } from './normalise.js';
import { readingOrder } from './order.js';
import { kindName } from './outcome.js';
import { placeText } from './place.js';
import { followingRemark, replacementRemark, withReplaced } from './replacing.js';
import type { Start } from './start.js';
import type {
  Action,
  Address,
  Blocked,
  Change,
  Counts,
  Desired,
  Digest,
  FieldChange,
  Hash,
  Live,
  Plan,
} from './types.js';

/** The changes that the verdicts call for: deletes first, then in the order of making them. */
export function changesOf(verdicts: readonly Verdict[], kindOf: KindOf, hash: Hash): Change[] {
  const drafts = verdicts.flatMap((verdict) => changeOf(verdict, kindOf, hash) ?? []);
  return readingOrder(waitForSuccessors(drafts, kindOf));
}

function changeOf(verdict: Verdict, kindOf: KindOf, hash: Hash): Change | null {
  const nothing = { operations: [], waitsFor: [], checks: [] };
  switch (verdict.is) {
    case 'create': {
      const { desired, after } = verdict;
      const exactly = exactlyOf(verdict);
      const fields = fieldChanges(null, verdict, kindOf(desired.kind), desired);
      const none = { id: null, precondition: null, before: null };
      return {
        action: 'create',
        address: desired.address,
        ...none,
        after,
        ...exactly,
        ...nothing,
        fields,
        ...(desired.remarks === undefined ? {} : { remarks: desired.remarks }),
      };
    }
    case 'replace':
    case 'update':
    case 'adopt': {
      const { desired, live, after } = verdict;
      const remarks = remarksOn(verdict);
      const fields = fieldChanges(live.fields, verdict, kindOf(desired.kind), desired);
      const operations = diff(live.fields, after);
      const written = { after, ...exactlyOf(verdict) };
      return {
        action: verdict.is,
        ...found(live, hash),
        ...renamedFrom(live),
        ...written,
        ...nothing,
        operations,
        fields: [...nameChange(live, desired), ...fields],
        ...(verdict.is === 'replace' || verdict.follows === undefined
          ? {}
          : { follows: verdict.follows }),
        ...(remarks.length === 0 ? {} : { remarks }),
      };
    }
    case 'delete': {
      const { live, applied } = verdict;
      const gone = { after: null, applied };
      const fields = fieldChanges(live.fields, gone, kindOf(live.kind), null);
      return { action: 'delete', ...found(live, hash), after: null, ...nothing, fields };
    }
    case 'unchanged':
    case 'unmanaged':
    case 'stranger':
    case 'foreign':
    case 'blocked':
      return null;
  }
}

function remarksOn(verdict: Extract<Verdict, { is: 'replace' | 'update' | 'adopt' }>): string[] {
  const own = verdict.desired.remarks ?? [];
  if (verdict.is === 'replace') return [replacementRemark(verdict.forced), ...own];
  return verdict.follows === undefined ? [...own] : [followingRemark(verdict.follows), ...own];
}

function exactlyOf({ exactly }: Extract<Verdict, { after: JsonObject }>): Pick<Change, 'exactly'> {
  return exactly === undefined ? {} : { exactly };
}

function renamedFrom({ previously }: Live): Pick<Change, 'previously'> {
  return previously === undefined ? {} : { previously };
}

/** A name is no field: it is shown as one where it changes. */
function nameChange({ previously, name }: Live, { manifest }: Desired): FieldChange[] {
  if (previously === undefined) return [];
  const { file, line } = manifest.positions.at('/metadata/previously');
  const at = { file, line };
  return [{ path: 'name', place: ['name'], before: previously, after: name, cause: 'git', at }];
}

/** The object that a change was planned for. */
function found(live: Live, hash: Hash): Pick<Change, 'address' | 'id' | 'precondition' | 'before'> {
  const { address, id, fields: before } = live;
  return { address, id, precondition: preconditionOf(live, hash), before };
}

export function preconditionOf(
  live: Pick<Live, 'version' | 'fields'>,
  hash: Hash,
): { version: number | null; digest: Digest } {
  return { version: live.version, digest: digestOf(hash, live.fields) };
}

interface Written {
  readonly after: JsonObject | null;
  readonly applied: JsonObject | null;
  readonly start?: Start;
}

function fieldChanges(
  before: JsonObject | null,
  { after, applied, start }: Written,
  kind: Kind,
  desired: Desired | null,
): FieldChange[] {
  const asked = (from: JsonObject): JsonObject | null =>
    desired === null
      ? after
      : overlay(
          kind.fields,
          from,
          leaveLive(kind, desired.manifest, desired.fields, from, start, desired.renamed),
        );
  const placeIn = askedFor(kind.fields, desired?.fields ?? {});
  return caused(kind.fields, before, after, applied, asked).map((one): FieldChange => {
    const place = desired?.at(placeIn(one));
    return {
      path: placeText(one.place),
      place: one.place,
      ...(one.before === undefined ? {} : { before: one.before }),
      ...(one.after === undefined ? {} : { after: one.after }),
      cause: one.cause,
      ...(one.applied === undefined ? {} : { applied: one.applied }),
      at: place === undefined ? null : { file: place.file, line: place.line },
    };
  });
}

/** Where the manifest asks for it: what is to be among others has another place there. */
function askedFor(
  { fields: table }: RecordField,
  desired: JsonObject,
): (difference: FieldDifference) => string {
  const known = new Map<string, ReadonlyMap<string, number>>();
  // Once a field: of thousands that are among others each would be looked for among all of them.
  const placesIn = (name: string): ReadonlyMap<string, number> => {
    const found = known.get(name) ?? includedIn(table[name], desired[name]);
    known.set(name, found);
    return found;
  };
  return ({ place, pointer }) => {
    const [name, entry] = place;
    const key = typeof entry === 'object' && 'key' in entry ? entry.key : null;
    if (typeof name !== 'string' || key === null) return pointer;
    const index = placesIn(name).get(key);
    if (index === undefined) return pointer;
    const [, , ...rest] = pointerKeys(pointer);
    const below = [name, 'include', String(index), ...rest];
    return below.map((one) => `/${pointerToken(one)}`).join('');
  };
}

/** Of what is to be among others, the places by key. */
function includedIn(
  field: Field | undefined,
  asked: Json | undefined,
): ReadonlyMap<string, number> {
  const included = isObject(asked) ? asked['include'] : undefined;
  if (field === undefined || !Array.isArray(included)) return new Map();
  const entries = entriesIn(field, included) ?? new Map<string, Json>();
  return new Map([...entries.keys()].map((key, index) => [key, index]));
}

/**
 * A delete waits for every create and update that serves the same callers, so that a rename never
 * leaves them without a strategy: when the successor fails, the old one stays.
 */
function waitForSuccessors(changes: readonly Change[], kindOf: KindOf): Change[] {
  const successors = new Map<string, Address[]>();
  for (const change of changes) {
    if (change.after === null) continue;
    for (const service of served(kindOf(kindName(change.address)), change.after)) {
      const others = successors.get(service);
      if (others === undefined) successors.set(service, [change.address]);
      else others.push(change.address);
    }
  }
  return changes.map((change) => {
    if (change.action !== 'delete' || change.before === null) return change;
    const services = served(kindOf(kindName(change.address)), change.before);
    const waitsFor = new Set(services.flatMap((claim) => successors.get(claim) ?? []));
    return { ...change, waitsFor: [...waitsFor].sort() };
  });
}

function served({ succession }: Kind, fields: JsonObject): string[] {
  return succession?.serves(fields) ?? [];
}

/** What a manifest with unknown names would ask for, by what its names once stood for. */
export interface Meant {
  readonly fields: JsonObject;
  /** No name is left of which nobody knows what it is. */
  readonly isWhole: boolean;
}

/**
 * The same verdicts, with a delete blocked where what may take over its callers is: a rename whose
 * new manifest cannot be compared must not end with neither. `meant`: by address; `declared`: what
 * git asks for, also where a rollback deletes it.
 */
export function withheld(
  verdicts: readonly Verdict[],
  meant: ReadonlyMap<Address, Meant>,
  kindOf: KindOf,
  declared: ReadonlySet<Address> = new Set(),
): Verdict[] {
  const successors = verdicts.filter((one) => one.is === 'blocked' && one.desired !== null);
  if (successors.length === 0) return [...verdicts];
  const takers = new Map<string, Address>();
  let anything: Address | null = null;
  for (const { desired, live, address } of successors as Extract<Verdict, { is: 'blocked' }>[]) {
    if (desired === null) continue;
    const kind = kindOf(desired.kind);
    const { fields, isWhole } = meant.get(address) ?? { fields: desired.fields, isWhole: true };
    const both = [...served(kind, desired.fields), ...served(kind, fields)];
    for (const service of both) takers.set(service, address);
    // New, and whose callers it takes is not known either: it may be the new name of any.
    if (live === null && !isWhole) anything = address;
  }
  return verdicts.map((verdict): Verdict => {
    if (verdict.is !== 'delete') return verdict;
    const { live } = verdict;
    const service = served(kindOf(live.kind), live.fields).find((one) => takers.has(one));
    const successor = service === undefined ? anything : (takers.get(service) ?? null);
    if (successor === null) return verdict;
    const { address } = live;
    const why = declared.has(address) ? '' : 'no manifest declares it, and ';
    const message =
      `${why}it is not deleted: ${successor} may be what takes over its ` +
      'calls, and could not be compared';
    const obstacles = [{ message, hint: `mend ${successor} first`, at: null }];
    return { is: 'blocked', address, desired: null, live, obstacles, held: 'delete' };
  });
}

/** What the verdicts leave as it is for want of an answer, by address. */
export function blockedIn(verdicts: readonly Verdict[]): Blocked[] {
  return verdicts.flatMap((one) => {
    if (one.is !== 'blocked') return [];
    const { address, obstacles, held } = one;
    return [{ address, obstacles, ...(held === undefined ? {} : { held }) }];
  });
}

export function countsOf(verdicts: readonly Verdict[]): Counts {
  const count = (is: Verdict['is']): number =>
    verdicts.filter((verdict) => verdict.is === is).length;
  return {
    create: count('create'),
    update: count('update'),
    delete: count('delete'),
    adopt: count('adopt'),
    ...(count('replace') === 0 ? {} : { replace: count('replace') }),
    unchanged: count('unchanged'),
    ...(count('blocked') === 0 ? {} : { blocked: count('blocked') }),
    ...(count('foreign') === 0 ? {} : { foreign: count('foreign') }),
  };
}

/** Names that the changes will write, with the ids that they stand for now. */
export function referencesOf(
  changes: readonly Change[],
  kindOf: KindOf,
  catalog: Catalog,
): Plan['references'] {
  const written = changes.flatMap((change) => {
    const kind = kindOf(kindName(change.address));
    const fields = change.after ?? lettingGo(change, kind);
    return fields === null ? [] : [{ table: kind.fields, fields }];
  });
  return withReplaced(idsBehind(written, catalog), changes, kindOf);
}

/** The id behind a reference, as the plan pinned it. */
export function idIn(plan: Pick<Plan, 'references'>, to: ReferenceTo, reference: Json): string {
  if (isObject(reference)) return textOf(reference['id']);
  const name = textOf(reference);
  const id = pinned(plan, to, name);
  if (id === undefined) throw new Error(`the plan has no id for ${to} "${name}"`);
  return id;
}

function pinned(plan: Pick<Plan, 'references'>, to: ReferenceTo, name: string): string | undefined {
  const ids = plan.references[to] ?? {};
  return Object.hasOwn(ids, name) ? ids[name] : undefined;
}

/** All of a plan but its digest. */
export type PlanBody = Omit<Plan, 'digest'>;

export function sealed(body: PlanBody, hash: Hash): Plan {
  return { ...body, digest: planDigest(body, hash) };
}

/**
 * Over what an apply acts on. Left out: the commit and line numbers (a merge moves both without
 * changing what will happen), live head-counts and request counts (they change by the minute).
 */
export function planDigest(body: PlanBody, hash: Hash): Digest {
  return digestOf(hash, {
    format: body.format,
    environment: body.environment.name,
    backend: body.environment.backend,
    homes: { ...body.environment.tables },
    organization: body.organization.id,
    scope: body.scope === null ? null : [...body.scope],
    references: body.references as unknown as JsonObject,
    tables: [...body.tables],
    changes: body.changes.map(substance),
    // What is not compared is a part of what is agreed to. Lines move with a merge: not they.
    ...(body.blocked === undefined
      ? {}
      : {
          blocked: body.blocked.map(({ address, obstacles }) => ({
            address,
            because: obstacles.map(({ message }) => message),
          })),
        }),
  });
}

/** What a change does, without how it is shown. */
export function substance(change: Change): JsonObject {
  return {
    action: change.action,
    address: change.address,
    id: change.id,
    ...(change.previously === undefined ? {} : { previously: change.previously }),
    precondition: change.precondition === null ? null : { ...change.precondition },
    before: change.before,
    after: change.after,
    ...(change.found === undefined ? {} : { found: { ...change.found } as unknown as Json }),
    ...(change.exactly === undefined ? {} : { exactly: change.exactly }),
    ...(change.follows === undefined ? {} : { follows: [...change.follows] }),
    ...(change.closes === undefined ? {} : { closes: [...change.closes] }),
    operations: change.operations as unknown as Json,
    waitsFor: [...change.waitsFor],
    // Which checks hold an activation back is part of what happens; today's head-counts are not.
    checks: change.checks.map(({ check, level, subject }) => ({ check, level, subject })),
  };
}

/** What an earlier run of a plan has come to, as the org shows it. */
export interface Reached {
  /** What the change would bring about is so already, and ours. */
  readonly isInPlace: (change: Change) => boolean;
  /** What is left of a create that came half-way, and of which nobody has moved anything since. */
  readonly restOf: (change: Change) => Change | null;
}

export const NOTHING_REACHED: Reached = { isInPlace: () => false, restOf: () => null };

/**
 * Addresses of planned changes that `fresh`, made from the org as it is now, does not confirm. What
 * waited for one that an earlier run of the same plan has made, or begun to make, waits no more,
 * and finds an id where none was.
 */
export function movedSince(
  planned: Plan,
  fresh: Plan,
  kindOf: KindOf,
  reached: Reached = NOTHING_REACHED,
): Address[] {
  const now = new Map(fresh.changes.map((change) => [change.address, change]));
  const begun = new Set(
    planned.changes
      .filter((change) => reached.restOf(change) !== null)
      .map(({ address }) => address),
  );
  const made = new Set([
    ...begun,
    ...planned.changes
      .filter((change) => !now.has(change.address) && reached.isInPlace(change))
      .map(({ address }) => address),
  ]);
  const still = (change: Change): Change =>
    made.size === 0
      ? change
      : { ...change, waitsFor: change.waitsFor.filter((address) => !made.has(address)) };
  const isMoved = movedNames(planned, fresh, made);
  return planned.changes
    .filter((change) => {
      if (begun.has(change.address)) return false;
      const counterpart = now.get(change.address);
      if (counterpart === undefined) return !made.has(change.address);
      if (!same(substance(still(change)), substance(still(counterpart)))) return true;
      if (isMoved === null) return false;
      const names = referencesIn(kindOf(kindName(change.address)).fields, change.after ?? {});
      return names.some(isMoved);
    })
    .map((change) => change.address);
}

/** Whether a name stands for something else in the other plan; `null` where none does. */
function movedNames(
  planned: Plan,
  fresh: Plan,
  made: ReadonlySet<Address>,
): ((of: Reference) => boolean) | null {
  if (same(planned.references, fresh.references)) return null;
  return ({ to, reference }) => {
    const name = referenceKey(reference);
    const then = pinned(planned, to, name);
    const address = then === undefined ? null : addressOfDeclared(then);
    if (address !== null && made.has(address)) return false;
    return then !== pinned(fresh, to, name);
  };
}

/**
 * The changes of a plan that are left to be made, with the ids that its names have by now: another
 * plan, where an earlier run of it has come to something.
 */
export function remaining(
  planned: Plan,
  fresh: Plan,
  hash: Hash,
  { restOf }: Pick<Reached, 'restOf'> = NOTHING_REACHED,
): Plan {
  const now = new Map(fresh.changes.map((change) => [change.address, change]));
  const rests = new Map(planned.changes.map((change) => [change.address, restOf(change)]));
  const isWhole = planned.changes.every(
    ({ address }) => now.has(address) && (rests.get(address) ?? null) === null,
  );
  if (isWhole) return planned;
  const changes = planned.changes.flatMap((change): Change[] => {
    const rest = rests.get(change.address) ?? (now.has(change.address) ? change : null);
    if (rest === null) return [];
    return [{ ...rest, waitsFor: rest.waitsFor.filter((address) => now.has(address)) }];
  });
  const { references } = fresh;
  return sealed({ ...planned, changes, references, counts: countsLeft(planned, changes) }, hash);
}

/** What is made already is as it should be. */
function countsLeft({ changes: all, counts }: Plan, left: readonly Change[]): Counts {
  const of = (changes: readonly Change[], action: Action): number =>
    changes.filter((change) => change.action === action).length;
  const count = (action: Action): number =>
    (counts[action] ?? 0) - of(all, action) + of(left, action);
  return {
    ...counts,
    create: count('create'),
    update: count('update'),
    delete: count('delete'),
    adopt: count('adopt'),
    ...(counts.replace === undefined ? {} : { replace: count('replace') }),
    unchanged: counts.unchanged + all.length - left.length,
  };
}
