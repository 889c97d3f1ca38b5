/** Pages → live objects and the catalog of queues and skills. */
import { catalogOf, type Catalog } from '../core/catalog.js';
import { Refused } from '../core/errors.js';
import type { Kind } from '../core/kind.js';
import { complete, normalise } from '../core/normalise.js';
import type { Address, Live } from '../core/types.js';
import type { Organization, Reader } from './ports.js';

export interface Observation {
  readonly organization: Organization;
  readonly live: readonly Live[];
  readonly catalog: Catalog;
}

/** One listing a kind, all in parallel; nothing is asked for twice. */
export async function observe(
  reader: Reader,
  kinds: readonly Kind[],
  backend: string,
): Promise<Observation> {
  const [organization, queues, skills, ...entities] = await Promise.all([
    reader.organization(),
    reader.queues(),
    reader.skills(),
    ...kinds.map(async (kind) => {
      const { path, pageSize } = wireOf(kind, backend).listing;
      return { kind, entities: await reader.list(path, pageSize) };
    }),
  ]);
  const catalog = catalogOf({ queue: queues, skill: skills });
  const live = entities.flatMap(({ kind, entities: found }) =>
    found.map((entity) => liveOf(kind, backend, entity, catalog)),
  );
  refuseDoubles(live);
  return { organization, live, catalog };
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

export function liveOf(
  kind: Kind,
  backend: string,
  entity: Parameters<ReturnType<typeof wireOf>['read']>[0],
  catalog: Catalog,
): Live {
  const { raw, ...rest } = wireOf(kind, backend).read(entity);
  const address: Address = `${kind.name}/${rest.name}`;
  const { fields } = normalise(kind.fields, complete(kind.fields, raw), catalog);
  return { ...rest, address, kind: kind.name, fields };
}

export function wireOf(kind: Kind, backend: string): Kind['wires'][string] {
  const wire = kind.wires[backend];
  if (wire === undefined) throw new Error(`${kind.name} has no wire form for ${backend}`);
  return wire;
}
