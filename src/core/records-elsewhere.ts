/**
 * Records in other tables than the one of the environment. What has an endpoint is the same object
 * whatever the table of strategies is called: whoever chooses another still owns the skills of
 * before. So the records of such objects are read in every table of records that the org has, and
 * the next apply moves ours into the one of the environment: it writes there first, and removes the
 * other row then. A run that was killed in between leaves both; the one of the environment is the
 * one to go by. Versions before this one kept a table for strategies that have an endpoint: what is
 * in it comes along in the same way.
 */
import { sameOwner } from './owner.js';
import { without } from './json.js';
import { kindName } from './outcome.js';
import { recordKey } from './record-key.js';
import type { MarkOf, State, StateRecord } from './state.js';
import type { Address, Hash } from './types.js';

export interface OtherTable {
  readonly rows: string;
  readonly state: State;
  /** With which the keys of its rows are written. */
  readonly markOf: MarkOf;
}

/** `isAnywhere`: what such an address names lives in one place, whatever the environment says. */
export function withRecordsElsewhere(
  own: State,
  others: readonly OtherTable[],
  isAnywhere: (address: Address) => boolean,
  hash: Hash,
): State {
  const found = others.flatMap(({ rows, state, markOf }) =>
    [...state.records.values()]
      .filter(({ address }) => isAnywhere(address))
      .map((record) => ({ record, places: placesOf(record, rows, markOf, hash) })),
  );
  if (found.length === 0) return own;
  const records = new Map(own.records);
  // Of several the last that was written, and only what is of the same owner goes with it.
  found.sort((a, b) => (a.record.at < b.record.at ? 1 : a.record.at > b.record.at ? -1 : 0));
  for (const { record, places } of found) {
    const known = records.get(record.address);
    if (known === undefined) {
      records.set(record.address, { ...alone(record), moves: { places, only: true } });
    } else if (sameOwner(known.owner, record.owner)) {
      const { places: before = [], only = false } = known.moves ?? {};
      records.set(record.address, { ...known, moves: { places: [...before, ...places], only } });
    }
  }
  return { ...own, records };
}

/** Without what is so in its table: columns that somebody added there, and rows of old versions. */
function alone(record: StateRecord): StateRecord {
  return without(record, 'beside', 'oldRow', 'moves', 'called');
}

function placesOf(
  { address, oldRow }: StateRecord,
  rows: string,
  markOf: MarkOf,
  hash: Hash,
): { readonly rows: string; readonly key: string }[] {
  const today = oldRow === 'only' ? [] : [recordKey(address, hash, markOf(kindName(address)))];
  return [...today, ...(oldRow === undefined ? [] : [address])].map((key) => ({ rows, key }));
}
