/** Pages → live objects, the catalog of queues and skills, and what the org remembers of us. */
import { catalogOf, type Catalog } from '../core/catalog.js';
import { PlatformError, Refused } from '../core/errors.js';
import { isObject, textOf, type JsonObject } from '../core/json.js';
import type { IdOf, Kind, Wire } from '../core/kind.js';
import { complete, normalise } from '../core/normalise.js';
import { objectName } from '../core/outcome.js';
import { NO_STATE, stateOf, type State, type StateRecord } from '../core/state.js';
import { rowPath, TABLE_PAGE } from '../core/table.js';
import type { Address, Hash, Live } from '../core/types.js';
import type { Staff } from './checks.js';
import { findHomes, rootOf, type Backend, type Homes, type Table } from './homes.js';
import type { Organization, Reader } from './ports.js';

export interface Observation {
  readonly organization: Organization;
  readonly live: readonly Live[];
  readonly catalog: Catalog;
  readonly homes: Homes;
  readonly state: State;
}

/** What a run has read already, and does not ask for again when it plans a second time. */
export interface Seen {
  readonly homes?: Homes | undefined;
  readonly organization?: Organization;
  readonly catalog?: Catalog;
  readonly staff?: Staff;
  /** When all of it but `homes` began to be read. */
  readonly atMs?: number;
}

/** One listing a kind, all in parallel. Nothing is asked for twice, nor what was seen already. */
export async function observe(
  reader: Reader,
  kinds: readonly Kind[],
  backend: Backend,
  hash: Hash,
  seen: Seen = {},
): Promise<Observation> {
  const homesFound =
    seen.homes === undefined ? findHomes(reader, kinds, backend) : Promise.resolve(seen.homes);
  const [organization, catalog, homes, state, ...entities] = await Promise.all([
    seen.organization ?? reader.organization(),
    seen.catalog ?? catalogIn(reader),
    homesFound,
    homesFound.then(async (found) => stateIn(reader, found.state, hash)),
    ...kinds.map(async (kind) => {
      const wire = wireOf(kind, backend.name);
      // Only what lives in a table has to wait until the table is found.
      const root =
        'path' in wire.home ? wire.home.path : rootOf(kind, backend.name, await homesFound);
      return { kind, entities: root === null ? [] : await entitiesAt(reader, wire, root) };
    }),
  ]);
  const live = entities.flatMap(({ kind, entities: found }) =>
    found.map((entity) => liveOf(kind, backend.name, entity, catalog)),
  );
  refuseDoubles(live);
  return { organization, live, catalog, homes, state };
}

/** The names and ids of queues and skills. */
export async function catalogIn(reader: Reader): Promise<Catalog> {
  const [queue, skill] = await Promise.all([reader.queues(), reader.skills()]);
  return catalogOf({ queue, skill });
}

/** Every object of a kind as the platform shows it. */
export async function entitiesAt(reader: Reader, wire: Wire, root: string): Promise<JsonObject[]> {
  const { path, pageSize } = wire.listing(root);
  return reader.list(path, pageSize);
}

export async function stateIn(reader: Reader, table: Table | null, hash: Hash): Promise<State> {
  if (table === null) return NO_STATE;
  return stateOf(await reader.list(`${table.rows}?showbrief=false`, TABLE_PAGE), hash);
}

/** One row of a data table; `null` where there is none of that key. */
export async function rowAt(reader: Reader, rows: string, key: string): Promise<JsonObject | null> {
  return itemOrNull(reader, `${rowPath(rows, key)}?showbrief=false`);
}

/** What was created this long ago is in every listing (assumed). */
export const LISTED_WITHIN_MS = 60_000;

/** By which an object of this record can be asked for; `null` where only a listing knows it. */
export function idOnRecord(wire: Wire, { id, address }: StateRecord): string | null {
  // The rows of a data table have no id but their name.
  return id ?? ('table' in wire.home ? objectName(address) : null);
}

/** What is at that path; `null` where nothing is. */
export async function itemOrNull(reader: Reader, path: string): Promise<JsonObject | null> {
  try {
    return (await reader.get(path)).body;
  } catch (error) {
    if (error instanceof PlatformError && error.fault === 'gone') return null;
    throw error;
  }
}

/** A name that stands for two objects cannot be managed by name. */
function refuseDoubles(live: readonly Live[]): void {
  const byAddress = new Map<string, Live>();
  for (const item of live) {
    const other = byAddress.get(item.address);
    byAddress.set(item.address, item);
    if (other === undefined) continue;
    throw new Refused(
      'ambiguous-name',
      `the org has two objects ${item.address}: ${other.id} and ${item.id}`,
      { hint: 'rename or delete one of them in the org' },
    );
  }
}

export function liveOf(kind: Kind, backend: string, entity: JsonObject, catalog: Catalog): Live {
  const { raw, ...rest } = wireOf(kind, backend).read(entity);
  const address: Address = `${kind.name}/${rest.name}`;
  const { fields } = normalise(kind.fields, complete(kind.fields, raw), catalog);
  return { ...rest, address, kind: kind.name, fields };
}

/** The ids of references; what is no longer in the org keeps the one by which it still knows it. */
export function idsIn(catalog: Catalog): IdOf {
  return (to, reference) => {
    const resolution = catalog.resolve(to, reference);
    return resolution.found ? resolution.id : textOf(isObject(reference) ? reference['id'] : null);
  };
}

export function wireOf(kind: Kind, backend: string): Wire {
  const wire = kind.wires[backend];
  if (wire === undefined) throw new Error(`${kind.name} has no wire form for ${backend}`);
  return wire;
}
