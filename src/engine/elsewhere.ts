/**
 * What is ours and not where this environment has its objects now: a table whose name was changed
 * in the Environment, the other backend, an environment that was renamed, a table that a person
 * renamed, or a folder of manifests that was moved. Nothing of it is touched and nothing taken for
 * gone; a plan says that it is there.
 */
import { addTo } from '../core/grouped.js';
import { countText } from '../kinds/nouns.js';
import { PlatformError } from '../core/errors.js';
import { byText } from '../core/issue.js';
import { textOf } from '../core/json.js';
import { nameOnce, ownerText, partsOfName, sameOwner, type Owner, type Us } from '../core/owner.js';
import { stateTableOf, type State, type StateRecord } from '../core/state.js';
import { KEY } from '../core/table.js';
import type { Address, Elsewhere, Hash } from '../core/types.js';
import type { Binding } from './bind.js';
import { entitiesAt } from './listings.js';
import { hasEndpoint, type Observation, type OtherRecords } from './observe.js';
import type { Beside } from './homes.js';
import type { Reader } from './ports.js';

export interface Looking {
  readonly reader: Reader;
  readonly hash: Hash;
  readonly binding: Binding;
  readonly us: Us;
  /** Names of every Environment that is declared beside ours. */
  readonly environments: readonly string[];
  /** Whether the repository has this folder; absent: nobody can say, and none is taken for gone. */
  readonly hasFolder?: ((folder: string) => Promise<boolean>) | undefined;
}

/** Some place with objects in it; `null` where nobody can say which. */
interface Place {
  readonly name: string;
  readonly addresses: ReadonlySet<Address> | null;
}

/** One request for what each other table of records speaks of, where some of those are ours. */
export async function elsewhere(looking: Looking, seen: Observation): Promise<Elsewhere[]> {
  const { others, homes } = seen;
  const found = await Promise.all([
    ...others.map(async (one) => recordedIn(looking, one, seen)),
    apartIn(looking, homes.state?.name ?? '', seen.state, seen),
    ...homes.beside
      .filter(({ holds }) => holds !== null)
      .map(async (table) => renamedTable(looking, table, seen)),
  ]);
  return [...found.flat(), ...(await renamedOwner(looking, seen))].sort(
    (a, b) => byText(a.place, b.place) || byText(a.whose, b.whose),
  );
}

/** What a table of records that is not this environment's has of ours. */
async function recordedIn(
  looking: Looking,
  { table, state }: OtherRecords,
  seen: Observation,
): Promise<Elsewhere[]> {
  const { us, binding } = looking;
  if (state === null) {
    const place = `the data table "${table.name}"`;
    return [{ place, records: table.name, whose: '', recorded: null, live: null }];
  }
  // What has an endpoint has not stayed behind: its record comes along.
  const isAnywhere = hasEndpoint(binding);
  const records = [...state.records.values()].filter(({ address }) => !isAnywhere(address));
  const groups = await byOwner(records, looking, (owner) => sameOwner(owner, us));
  const apart = await apartIn(looking, table.name, state, seen);
  if (groups.size === 0) return apart;
  return [...counted(groups, table.name, await tableOf(looking, table.name, seen)), ...apart];
}

/** What a table of records has of ours that lives where the environment has no objects now. */
async function apartIn(
  looking: Looking,
  table: string,
  { apart = [] }: State,
  seen: Observation,
): Promise<Elsewhere[]> {
  const isOurs = (owner: Owner): boolean => sameOwner(owner, looking.us);
  const marks = [...new Set(apart.map(({ mark }) => mark))];
  const found = marks.map(async (mark): Promise<Elsewhere[]> => {
    const records = apart.filter((one) => one.mark === mark).map(({ record }) => record);
    const groups = await byOwner(records, looking, isOurs);
    if (groups.size === 0) return [];
    const isRows = mark === '';
    const place = await (isRows
      ? tableOf(looking, table, seen)
      : endpointOf(looking.reader, looking.binding));
    return counted(groups, table, place);
  });
  return (await Promise.all(found)).flat();
}

/** Records, in our own table, of an environment or folder that is called something else now. */
async function renamedOwner(
  looking: Looking,
  { live, homes, state }: Observation,
): Promise<Elsewhere[]> {
  if (homes.state === null) return [];
  const groups = await byOwner(state.records.values(), looking, () => false);
  const place = { name: 'this place', addresses: addressesOf(live) };
  return counted(groups, homes.state.name, place, hasEndpoint(looking.binding));
}

/** Our records are there and the table that they speak of is not: a person may have renamed it. */
async function renamedTable(
  { reader, us }: Looking,
  table: Beside,
  { homes, state }: Observation,
): Promise<Elsewhere[]> {
  const own = [...state.records.values()].filter(({ owner }) => sameOwner(owner, us));
  const isLost = homes.missing.some(({ name }) => stateTableOf(name) === homes.state?.name);
  const hasRecords = homes.beside.some(({ name }) => name === stateTableOf(table.name));
  if (homes.state === null || own.length === 0 || !isLost || hasRecords) return [];
  const addresses = await keysIn(reader, table);
  const groups = new Map([['', own]]);
  const place = { name: `the data table "${table.name}"`, addresses };
  return counted(groups, homes.state.name, place).filter(({ live }) => live !== 0);
}

/** By who they belong to, as people are told: `''` is us as we are called now. */
async function byOwner(
  records: Iterable<StateRecord>,
  looking: Looking,
  isOurs: (owner: Owner) => boolean,
): Promise<Map<string, StateRecord[]>> {
  const { us, environments } = looking;
  const movedFrom = new Map<string, boolean>();
  const groups = new Map<string, StateRecord[]>();
  const declared = new Set([...environments, us.environment]);
  for (const record of records) {
    const { owner } = record;
    const isUndeclared = !declared.has(owner.environment) && nameOnce(owner.name) === us.name;
    const name = nameOnce(owner.name);
    if (!movedFrom.has(name)) movedFrom.set(name, await isGoneFolder(name, looking));
    const isMoved = owner.environment === us.environment && movedFrom.get(name) === true;
    if (!isOurs(owner) && !isUndeclared && !isMoved) continue;
    const whose = isUndeclared || isMoved ? ownerText(owner) : '';
    addTo(groups, whose, record);
  }
  return groups;
}

/** Of a name with a folder of our repository that it no longer has. */
async function isGoneFolder(name: string, { us, hasFolder }: Looking): Promise<boolean> {
  const [theirs, ours] = [partsOfName(name), partsOfName(us.name)];
  if (hasFolder === undefined || theirs.folder === null || ours.folder === null) return false;
  if (theirs.repository !== ours.repository || theirs.folder === ours.folder) return false;
  return !(await hasFolder(theirs.folder));
}

function counted(
  groups: ReadonlyMap<string, readonly StateRecord[]>,
  records: string,
  { name: place, addresses }: Place,
  isAnywhere: (address: Address) => boolean = () => false,
): Elsewhere[] {
  return [...groups].map(([whose, own]) => {
    const there = addresses && own.filter(({ address }) => addresses.has(address));
    const what = (there ?? own).map(({ address }) => address);
    return {
      place,
      records,
      whose,
      recorded: own.length,
      live: there && there.length,
      ...(what.every((address) => !isAnywhere(address)) ? {} : { what: countText(what) }),
    };
  });
}

/** The objects that the table of records `records` speaks of. */
async function tableOf(
  { reader }: Looking,
  records: string,
  { homes, live }: Observation,
): Promise<Place> {
  const table = homes.beside.find(
    ({ holds, name }) => holds !== null && stateTableOf(name) === records,
  );
  if (table !== undefined) {
    return { name: `the data table "${table.name}"`, addresses: await keysIn(reader, table) };
  }
  // Renamed by a person, and what it speaks of is where we have it; else nobody knows where.
  const addresses = homes.state === null && live.length > 0 ? addressesOf(live) : null;
  return { name: addresses === null ? 'a place that is not known' : 'this place', addresses };
}

/** Where objects live that are no rows. */
async function endpointOf(reader: Reader, { all }: Binding): Promise<Place> {
  const paths: string[] = [];
  const addresses = new Set<Address>();
  let isWhole = true;
  for (const { kind } of all) {
    const others = Object.values(kind.resources);
    // What lives in one place alone cannot have stayed behind in another.
    if (others.length < 2) continue;
    for (const resource of others) {
      const { home } = resource;
      if (!('path' in home)) continue;
      paths.push(home.path);
      const found = await entitiesAt(reader, resource, home.path).catch(hidden);
      if (found === null) isWhole = false;
      for (const entity of found ?? []) addresses.add(`${kind.name}/${resource.read(entity).name}`);
    }
  }
  return { name: paths.join(' and '), addresses: isWhole ? addresses : null };
}

/** Of its rows no more than what they are called. */
async function keysIn(reader: Reader, table: Beside): Promise<ReadonlySet<Address> | null> {
  const rows = await reader.list(table.rows, KEYS_PAGE).catch(hidden);
  return rows && new Set(rows.map((row): Address => `${table.holds ?? ''}/${textOf(row[KEY])}`));
}

/** The largest page of keys that every org is known to serve. */
const KEYS_PAGE = 100;

function addressesOf(live: Observation['live']): ReadonlySet<Address> {
  return new Set(live.map(({ address }) => address));
}

/** `null`, which is said as "cannot tell", for what this client may not see or has not got. */
function hidden(error: unknown): null {
  if (error instanceof PlatformError && ['denied', 'gone'].includes(error.fault)) return null;
  throw error;
}
