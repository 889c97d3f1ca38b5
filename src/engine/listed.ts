/**
 * A listing held against what is on record. One that lacks what we have applied may be one that
 * the platform did not give whole: before any of it is taken for gone, some is asked for by itself.
 */
import { AppError, EXIT, PlatformError } from '../core/errors.js';
import type { Kind } from '../core/kind.js';
import { formerAddresses } from '../core/moved.js';
import { kindName, objectName } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { StateRecord } from '../core/state.js';
import { rootOf } from './homes.js';
import type { Binding } from './bind.js';
import { idOnRecord, isNew, entityAt, type Observation } from './observe.js';
import type { Reader } from './ports.js';

/** So many are asked for: where the listing is right, that is all that it costs. */
const MOST_LOOKS = 3;

export interface Place {
  readonly binding: Binding;
  readonly nowMs: number;
}

/** Throws where more than half of what is on record is not listed, and some of that is there. */
export async function holdToRecords(
  reader: Reader,
  { binding, nowMs }: Place,
  { live, unclear, homes, state }: Observation,
): Promise<void> {
  // What is to be renamed is listed under the name that it has.
  const former = formerAddresses(live);
  const listed = new Set([...live.map(({ address }) => address), ...unclear.keys(), ...former]);
  for (const bound of binding.all) {
    const { kind, resource } = bound;
    const root = rootOf(bound, homes);
    if (root === null) continue;
    const records = [...state.records.values()].filter((one) => isOld(one, kind, nowMs));
    const missing = records.filter(({ address }) => !listed.has(address));
    if (missing.length * 2 <= records.length) continue;
    for (const record of missing.slice(0, MOST_LOOKS)) {
      const id = idOnRecord(resource, record);
      if (id === null) continue;
      const item = await entityAt(reader, resource, root, id).catch(unseen);
      // Under another name it is in the listing, or may be.
      if (item === null || resource.read(item).name !== objectName(record.address)) continue;
      throw notWhole(record, missing.length, records.length);
    }
  }
}

/** What was made a moment ago need not be in every listing yet. */
function isOld({ address, id, at, isMoved }: StateRecord, kind: Kind, nowMs: number): boolean {
  if (kindName(address) !== kind.name || id === null) return false;
  // The record of the name that it has still counts once.
  if (isMoved === true) return false;
  return !isNew(at, nowMs);
}

/** What this client may not see, it is not shown in a listing either. */
function unseen(error: unknown): null {
  if (error instanceof PlatformError && error.fault === 'denied') return null;
  throw error;
}

function notWhole({ address }: StateRecord, missing: number, all: number): AppError {
  return new AppError(
    'incomplete-listing',
    EXIT.unreachable,
    'platform',
    `the platform lists ${all - missing} of ${plural(all, 'object')} on record, and ${address}, ` +
      'which it does not list, is there: the listing is not whole, and what it lacks is not gone',
    { hint: 'run again in a minute; check that the client still sees every division' },
  );
}
