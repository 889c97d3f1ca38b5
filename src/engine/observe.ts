/** Pages → live objects, the catalog of queues and skills, and what the org remembers of us. */
import { catalogOf, referenceKey, type Catalog, type ReferenceTo } from '../core/catalog.js';
import { PlatformError, UnknownName, saysGone } from '../core/errors.js';
import { withNamesOfToday } from '../core/former.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import { alsoRenamed, formerNameOf } from '../core/moved.js';
import type { IdOf, Resource } from '../core/resource.js';
import { complete, normalise, referenceTypes } from '../core/normalise.js';
import { kindName, objectName } from '../core/outcome.js';
import { withRecordsElsewhere } from '../core/records-elsewhere.js';
import { rawParts } from '../core/part.js';
import {
  ENDPOINT_SUBJECT,
  NO_STATE,
  stateOfRows,
  stateTableOf,
  UNMARKED,
  type MarkOf,
  type Marks,
  type State,
  type StateRecord,
} from '../core/state.js';
import { rowPath, ROW_PAGE } from '../core/table.js';
import type { Address, Hash, Live, Obstacle } from '../core/types.js';
import type { Staff } from './staffing.js';
import type { Binding, Bound } from './bind.js';
import { findHomes, rootOf, tablesIn, type Beside, type Homes, type Table } from './homes.js';
import { isGone, Listings } from './listings.js';
import { withPartsRead } from './parts.js';
import type { Organization, Reader } from './ports.js';

export interface Observation {
  readonly organization: Organization;
  readonly live: readonly Live[];
  /** Objects that are there and not among `live`, because they cannot be told apart; and why. */
  readonly unclear: ReadonlyMap<Address, readonly Obstacle[]>;
  /** Those objects; absent where there are none. What they refer to, they refer to. */
  readonly namesakes?: readonly Live[];
  /** Addresses that no manifest may have, as what is there is ours to keep records in; and why. */
  readonly reserved?: ReadonlyMap<Address, readonly Obstacle[]>;
  readonly catalog: Catalog;
  readonly homes: Homes;
  readonly state: State;
  /** Names of the kinds whose objects were looked at; absent where all were. */
  readonly kinds?: ReadonlySet<string>;
  /** The other tables of records that the org has; empty where they were not asked for. */
  readonly others: readonly OtherRecords[];
}

export interface OtherRecords {
  readonly table: Beside;
  /** `null` where this client may not read it. */
  readonly state: State | null;
}

/** What a run has read already, and does not ask for again when it plans a second time. */
export interface Seen {
  readonly homes?: Homes | undefined;
  readonly organization?: Organization;
  readonly catalog?: Catalog;
  readonly staff?: Staff;
  /** Names of kinds of which the listing may leave out objects that are asked for: `apart.ts`. */
  readonly apart?: ReadonlySet<string>;
  /** When all of it but `homes` began to be read, on the clock that nobody sets. */
  readonly atMs?: number;
}

/**
 * Records: of what has an endpoint some may be in other tables than ours. `former`: of
 * those no more than the one in which versions before this one kept what is ours.
 */
type Which = 'own' | 'former' | 'every';

/**
 * One listing for every kind that is used, all in parallel: what manifests ask for at once, what
 * only records name once they are read, and what objects refer to. Nothing is asked for twice, nor
 * what was seen already.
 */
export async function observe(
  reader: Reader,
  binding: Binding,
  hash: Hash,
  seen: Seen = {},
  which: Which = 'own',
): Promise<Observation> {
  const tables = seen.homes === undefined ? tablesIn(reader) : null;
  const homesFound =
    seen.homes === undefined
      ? findHomes(reader, binding, tables ?? undefined)
      : Promise.resolve(seen.homes);
  const everyState = homesFound.then(async (found) =>
    recordsIn(reader, found, binding, hash, which),
  );
  const stateFound = everyState.then(({ state }) => state);
  // Only what lives in a table has to wait until the table is found.
  const rootIn = async (bound: Bound): Promise<string | null> =>
    'path' in bound.resource.home ? bound.resource.home.path : rootOf(bound, await homesFound);
  const listings = new Listings(reader, binding, rootIn, seen.catalog, tables, seen.apart);
  listings.need(binding.uses);
  const [organization, homes, state, ...entities] = await Promise.all([
    seen.organization ?? reader.organization(),
    homesFound,
    stateFound,
    ...binding.all.map(async (bound) => {
      const { name } = bound.kind;
      if (!binding.uses.has(name) && !usedIn(await stateFound, binding).has(name)) return null;
      listings.need([name]);
      const listed = await listings.of(bound);
      const root = await rootIn(bound);
      const { parts, isListedBriefly } = bound.resource;
      const isAll = parts === undefined && isListedBriefly === undefined;
      if (isAll || root === null) return { bound, entities: listed };
      const { records } = await stateFound;
      const place = { bound, root, binding };
      const whole = await inFull(reader, place, records, listed);
      const isThere = async (id: string): Promise<boolean> =>
        (await entityAt(reader, bound.resource, root, id)) !== null;
      return { bound, entities: await withPartsRead(reader, place, records, whole, isThere) };
    }),
  ]);
  const used = entities.filter((one) => one !== null);
  const catalog = await listings.catalog(used);
  const found = used.flatMap(({ bound, entities: listed }) =>
    listed.map((entity) => liveOf(bound, entity, catalog)),
  );
  const records = withNamesOfToday(
    state.records,
    catalog,
    binding.all.map(({ kind }) => kind),
  );
  const reserved = new Map(obstaclesOf(listings.kept));
  const named = { ...state, records };
  const { others } = await everyState;
  const kinds = new Set(used.map(({ bound: { kind } }) => kind.name));
  const told = { ...toldApart(found), reserved, kinds };
  return { organization, ...told, catalog, homes, state: named, others };
}

/** Of what is listed briefly, the objects that a manifest or a record names are read one by one. */
async function inFull(
  reader: Reader,
  { bound, root, binding }: { bound: Bound; root: string; binding: Binding },
  records: State['records'],
  entities: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const { resource } = bound;
  if (resource.isListedBriefly === undefined) return entities;
  const found = await Promise.all(
    entities.map(async (entity) => {
      const { id, name } = resource.read(entity);
      // What has gone since it was listed is not there.
      if (!isReadInFull(bound, binding, { records }, name) || id === '') return entity;
      const whole = await entityAt(reader, resource, root, id);
      return whole === null ? null : alsoRenamed(whole, entity);
    }),
  );
  return found.filter((entity) => entity !== null);
}

/** Nothing of it is left out by the listing, or is read where somebody names the object. */
export function isReadInFull(
  { kind, resource }: Bound,
  { partsNamed, inFull: everything }: Binding,
  { records }: Pick<State, 'records'>,
  name: string,
): boolean {
  const address: Address = `${kind.name}/${name}`;
  const isNamed = partsNamed.has(address) || records.has(address);
  return resource.isListedBriefly !== true || isNamed || everything !== null;
}

/** What is called like a table of ours is not made, adopted or changed. */
function obstaclesOf(kept: Listings['kept']): [Address, readonly Obstacle[]][] {
  const message = 'strategos keeps its strategies or its records in the table of this name';
  const hint = 'choose another name; what is in that table follows from other manifests';
  return [...kept].flatMap(([kind, names]) =>
    names.map((name): [Address, readonly Obstacle[]] => [
      `${kind}/${name}`,
      [{ message, hint, at: null }],
    ]),
  );
}

/** What our table of records says, with what is ours in others, where those are asked for. */
export async function recordsIn(
  reader: Reader,
  { state: table, beside }: Homes,
  binding: Binding,
  hash: Hash,
  which: Which,
): Promise<{ readonly state: State; readonly others: readonly OtherRecords[] }> {
  const { markOf } = binding;
  const isAsked = ({ holds, name }: Beside): boolean =>
    holds === null && (which === 'every' || (which === 'former' && isFormer(name, binding)));
  const [own, others] = await Promise.all([
    stateIn(reader, table, hash, { here: markOf }),
    Promise.all(
      beside.filter(isAsked).map(async (one): Promise<OtherRecords> => {
        const marks = { here: markOf, plain: plainIn(one, binding) };
        return { table: one, state: await stateIn(reader, one, hash, marks).catch(hiddenState) };
      }),
    ),
  ]);
  const readable = others.flatMap(({ table: one, state }) => {
    if (state === null) return [];
    const isOld = plainIn(one, binding) !== UNMARKED;
    return [{ rows: one.rows, state, markOf: isOld ? UNMARKED : markOf }];
  });
  const state = withRecordsElsewhere(own, readable, hasEndpoint(binding), hash);
  // A chain goes on from where an older version has left it.
  const former = others.flatMap((one) => (isFormer(one.table.name, binding) ? one.state : []));
  const heads = former.flatMap((one) => (one === null ? [] : [...one.heads]));
  return { state: { ...state, heads: new Map([...heads, ...state.heads]) }, others };
}

/** In the table of versions before this one keys have no marks, and mean what has an endpoint. */
function plainIn({ name }: Beside, { endpointMarkOf }: Binding): MarkOf {
  return name === FORMER_TABLE ? endpointMarkOf : UNMARKED;
}

const FORMER_TABLE = stateTableOf(ENDPOINT_SUBJECT);

/** Something of this environment was kept in it by versions before this one. */
function isFormer(name: string, { all, markOf }: Binding): boolean {
  return name === FORMER_TABLE && all.some(({ kind }) => markOf(kind.name) !== '');
}

/** What this client may not see, or what was deleted a moment ago. */
function hiddenState(error: unknown): null {
  if (error instanceof PlatformError && ['denied', 'gone'].includes(error.fault)) return null;
  throw error;
}

/** Of an address: where it is does not depend on what a table of the environment is called. */
export function hasEndpoint({ all }: Binding): (address: Address) => boolean {
  const kinds = all.filter(({ resource: { home } }) => 'path' in home);
  const names = new Set(kinds.map(({ kind }) => kind.name));
  return (address) => names.has(kindName(address));
}

/**
 * Kinds that records name; and those whose objects may refer to something on record that nobody
 * asks for any more: before it is deleted they have to be looked at.
 */
function usedIn({ records }: State, { all, uses, kindOf }: Binding): ReadonlySet<string> {
  const named = new Set([...records.values()].map(({ address }) => kindName(address)));
  const known = new Set(all.map(({ kind }) => kind.name));
  const referred = new Set(
    [...named, ...uses].flatMap((name) => (known.has(name) ? (kindOf(name).refType ?? []) : [])),
  );
  const referrers = all
    .filter(
      ({ kind, resource }) =>
        named.size > 0 &&
        // A brief listing does not say what its objects refer to.
        resource.isListedBriefly === undefined &&
        referenceTypes(kind.fields).some((to) => referred.has(to)),
    )
    .map(({ kind }) => kind.name);
  return new Set([...named, ...referrers]);
}

/** The names and ids of queues and skills. */
export async function catalogIn(reader: Reader): Promise<Catalog> {
  const [queue, skill] = await Promise.all([reader.queues(), reader.skills()]);
  return catalogOf({ queue, skill });
}

/** The object of that id; `null` where there is none, or the platform only remembers it. */
export async function entityAt(
  reader: Reader,
  resource: Resource,
  root: string,
  id: string,
): Promise<JsonObject | null> {
  const entity = await itemOrNull(reader, resource.itemPath(root, id));
  return entity === null || isGone(resource, entity) ? null : entity;
}

export async function stateIn(
  reader: Reader,
  table: Pick<Table, 'rows'> | null,
  hash: Hash,
  marks?: Marks,
): Promise<State> {
  if (table === null) return NO_STATE;
  return stateOfRows(await reader.list(`${table.rows}?showbrief=false`, ROW_PAGE), hash, marks);
}

/** One row of a data table; `null` where there is none of that key. */
export async function rowAt(reader: Reader, rows: string, key: string): Promise<JsonObject | null> {
  return itemOrNull(reader, `${rowPath(rows, key)}?showbrief=false`);
}

/** What was created this long ago is in every listing (assumed); some tell of two minutes. */
export const LISTED_WITHIN_MS = 180_000;

/**
 * What was dated so may be too new for a listing. `nowMs` is the platform's, as dates on record
 * are; what is dated further ahead of it was not, and is of any age.
 */
export function isNew(at: string, nowMs: number): boolean {
  return Math.abs(nowMs - Date.parse(at)) < LISTED_WITHIN_MS;
}

/** By which an object of this record can be asked for; `null` where only a listing knows it. */
export function idOnRecord(resource: Resource, { id, address }: StateRecord): string | null {
  // The rows of a data table have no id but their name.
  return id ?? ('table' in resource.home ? objectName(address) : null);
}

/** What is at that path; `null` where nothing is. */
export async function itemOrNull(reader: Reader, path: string): Promise<JsonObject | null> {
  try {
    return (await reader.get(path)).body;
  } catch (error) {
    if (saysGone(error)) return null;
    throw error;
  }
}

/**
 * A name that stands for two objects cannot be managed by name, and one without an id or a name
 * cannot be at all: those are left alone, and everything else is not.
 */
export function toldApart(
  found: readonly Live[],
): Pick<Observation, 'live' | 'unclear' | 'namesakes'> {
  const byAddress = new Map<Address, Live[]>();
  for (const one of found) {
    const others = byAddress.get(one.address);
    if (others === undefined) byAddress.set(one.address, [one]);
    else others.push(one);
  }
  const unclear = new Map<Address, readonly Obstacle[]>();
  for (const [address, all] of byAddress) {
    const ids = all.map(({ id }) => id);
    if (ids.includes('') || objectName(address) === '') {
      const message = 'the platform lists it without its id or its name';
      unclear.set(address, [{ message, hint: 'look at it in the org, and run again', at: null }]);
    } else if (all.length > 1) {
      const message = `the org has ${all.length} objects of this name: ${ids.join(' and ')}`;
      const hint = 'rename or delete all of them but one in the org';
      unclear.set(address, [{ message, hint, at: null }]);
    }
  }
  if (unclear.size === 0) return { live: found, unclear };
  const isClear = ({ address }: Live): boolean => !unclear.has(address);
  const namesakes = found.filter((one) => !isClear(one));
  return { live: found.filter(isClear), unclear, namesakes };
}

export function liveOf({ kind, resource }: Bound, entity: JsonObject, catalog: Catalog): Live {
  // Each by its name: what is read has a getter, and to spread that takes ten times as long.
  const { id, name, state, errorMessage, version, raw: own } = resource.read(entity);
  const { parts = [], order } = resource;
  const raw = parts.length === 0 ? own : { ...own, ...rawParts(resource, entity) };
  const address: Address = `${kind.name}/${name}`;
  const previously = formerNameOf(entity);
  const { fields, unresolved } = normalise(kind.fields, complete(kind.fields, raw), catalog, order);
  const live = { id, name, state, errorMessage, version, address, kind: kind.name, fields, entity };
  if (unresolved.length === 0 && previously === null) return live;
  const dangling = unresolved.length === 0 ? {} : { dangling: unresolved };
  const moved = previously === null ? {} : { previously };
  return { ...live, ...dangling, ...moved };
}

/** The id of a reference; `null` for a name that stands for nothing, or for several. */
export function idOrNull(catalog: Catalog, to: ReferenceTo, reference: Json): string | null {
  const resolution = catalog.resolve(to, reference);
  if (resolution.found) return resolution.id;
  // What is no longer in the org keeps the id by which it still knows it.
  const id = textOf(isObject(reference) ? reference['id'] : null);
  return id === '' ? null : id;
}

/** The ids of references. Throws for a name without one: an empty id would reach others as one. */
export function idsIn(catalog: Catalog): IdOf {
  return (to, reference) => {
    const id = idOrNull(catalog, to, reference);
    if (id !== null) return id;
    throw new UnknownName(`the org has no one ${to} "${referenceKey(reference)}"`);
  };
}

/** As `idsIn`, with a text that is nobody's id for an unknown name: to look for, never to send. */
export function idsOrNames(catalog: Catalog): IdOf {
  return (to, reference) =>
    idOrNull(catalog, to, reference) ?? `no ${to} ${JSON.stringify(reference)}`;
}
