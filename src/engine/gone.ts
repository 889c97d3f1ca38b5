/**
 * What manifests name and a listing lacks: which of it the org says is not there, asked one by one.
 * A listing may not be whole, and what a client may not see is not gone.
 */
import { PlatformError } from '../core/errors.js';
import { kindName, objectName } from '../core/outcome.js';
import type { Address } from '../core/types.js';
import { rootOf } from './homes.js';
import type { Place } from './listed.js';
import { entityAt, idOnRecord, isNew, type Observation } from './observe.js';
import type { Reader } from './ports.js';

export interface Gone {
  readonly address: Address;
  /** The org has a record of it: it was there once. */
  readonly wasThere: boolean;
}

export interface Untold {
  readonly address: Address;
  readonly why: string;
}

/** Those of `addresses` that are gone, and those of which it cannot be told. */
export async function goneFrom(
  reader: Reader,
  place: Place,
  observation: Observation,
  addresses: readonly Address[],
): Promise<{ readonly gone: readonly Gone[]; readonly untold: readonly Untold[] }> {
  const listed = new Set<string>([
    ...observation.live.map(({ address }) => address),
    ...observation.unclear.keys(),
  ]);
  const gone: Gone[] = [];
  const untold: Untold[] = [];
  for (const address of addresses.filter((one) => !listed.has(one))) {
    const why = await doubtOf(reader, place, observation, address);
    if (why === null) gone.push({ address, wasThere: observation.state.records.has(address) });
    else untold.push({ address, why });
  }
  return { gone, untold };
}

/** Why it cannot be said that the object is gone; `null` where nothing speaks against it. */
async function doubtOf(
  reader: Reader,
  { binding, nowMs }: Place,
  { homes, state }: Observation,
  address: Address,
): Promise<string | null> {
  const bound = binding.all.find(({ kind }) => kind.name === kindName(address));
  const root = bound === undefined ? null : rootOf(bound, homes);
  if (bound === undefined || root === null) return 'the table that it would be in is not there';
  const record = state.records.get(address);
  if (record !== undefined && isNew(record.at, nowMs)) return 'it was applied moments ago';
  const isRow = 'table' in bound.resource.home;
  const id = record === undefined ? null : idOnRecord(bound.resource, record);
  const asked = id ?? (isRow ? objectName(address) : null);
  if (asked === null) return null;
  try {
    const item = await entityAt(reader, bound.resource, root, asked);
    if (item === null) return null;
    // Under another name it is another object to every manifest.
    if (bound.resource.read(item).name !== objectName(address)) return null;
    return 'it is not listed, and there when it is asked for';
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault !== 'denied') throw error;
    return 'this client may not see it';
  }
}
