/** What an apply does beside the changes of its plan: records that are out of date. */
import { addressOf, type Verdict } from '../core/compare.js';
import type { JsonObject } from '../core/json.js';
import { formerAddresses } from '../core/moved.js';
import { kindName } from '../core/outcome.js';
import { sameOwner, type Us } from '../core/owner.js';
import { isInScope, type Scope } from '../core/scope.js';
import type { State } from '../core/state.js';
import type { Address, Change } from '../core/types.js';
import type { Binding } from './bind.js';
import type { Observation } from './observe.js';
import { isOnRecord } from './on-record.js';

/** Records of the org's state table that do not say what is so. */
export type Chore =
  /** The object is gone and no manifest asks for it: so may its record. `given`: it is given up. */
  | { readonly do: 'release'; readonly address: Address; readonly given?: true }
  /** The object is as the manifest says; its record says something else. */
  | {
      readonly do: 'refresh';
      readonly address: Address;
      readonly id: string;
      readonly fields: JsonObject;
    }
  /** The record is right, and there is a row of an older version or in another table as well. */
  | { readonly do: 'tidy'; readonly address: Address }
  /** The record is right, and in another table than ours. */
  | { readonly do: 'move'; readonly address: Address };

interface Ours {
  readonly owner: Us;
  readonly scope: Scope;
  readonly binding: Binding;
  /** What is given up. */
  readonly disowned?: ReadonlySet<Address> | undefined;
}

interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly changes: readonly Change[];
  /** What records are to say of objects in which something of others' is left. */
  readonly recorded?: ReadonlyMap<Address, JsonObject> | undefined;
}

/** Within scope; what the changes of the plan touch they put on record themselves. */
export function choresOf(
  { owner, scope, binding, disowned = new Set() }: Ours,
  { live, unclear, state }: Observation,
  { verdicts, changes, recorded }: Judged,
): Chore[] {
  const liveAddresses = new Set<string>(live.map(({ address }) => address));
  const judged = new Set(verdicts.map(addressOf));
  const all = [...state.records.values()].filter(
    ({ address, owner: whose }) =>
      // What a newer version has put on record is not for us to judge.
      sameOwner(whose, owner) && binding.knows(kindName(address)),
  );
  const left = new Set(verdicts.filter(({ is }) => is === 'stranger').map(addressOf));
  const isChanged = new Set(changes.map(({ address }) => address));
  const given = all
    .filter(({ address }) => disowned.has(address) && !isChanged.has(address))
    .map(({ address }): Chore => ({ do: 'release', address, given: true }));
  const own = all.filter(({ address }) => isInScope(scope, address) && !disowned.has(address));
  const former = formerAddresses(live);
  const orphans = own.filter(
    ({ address }) =>
      !liveAddresses.has(address) &&
      !unclear.has(address) &&
      !judged.has(address) &&
      // What has another name in the plan keeps its record until it has it in the org.
      !former.has(address),
  );
  const outdated = verdicts.flatMap((verdict): Chore[] => {
    if (!isOutdated(verdict, state.records) || disowned.has(addressOf(verdict))) return [];
    const { address, id, fields: now } = verdict.live;
    const back = recorded?.get(address);
    if (back !== undefined && isOnRecord(state.records.get(address), back)) return [];
    return [{ do: 'refresh', address, id, fields: back ?? now }];
  });
  // On record, and what is there is somebody else's: the record would keep others from it.
  const stale = own.filter(({ address }) => left.has(address));
  const released = [
    ...orphans.map(({ address }): Chore => ({ do: 'release', address })),
    ...stale.map(({ address, id }): Chore => {
      return { do: 'release', address, ...(id === null ? { given: true } : {}) };
    }),
  ];
  const written = new Set([...released, ...outdated, ...changes].map((one): string => one.address));
  const beside = own.flatMap(({ address, oldRow, moves }): Chore[] => {
    if (written.has(address) || former.has(address)) return [];
    if (moves?.only === true) return [{ do: 'move', address }];
    return oldRow === 'left' || moves !== undefined ? [{ do: 'tidy', address }] : [];
  });
  // What was renamed is on record under its new name before it loses the old one.
  return [...given, ...outdated, ...released, ...beside];
}

/**
 * What a killed run has made is put on record before it is changed: else another that is killed in
 * the change leaves an object that is neither what the claim says nor on record.
 */
function isOutdated(
  verdict: Verdict,
  records: State['records'],
): verdict is Extract<Verdict, { is: 'unchanged' | 'update' }> {
  if (verdict.is === 'unchanged') return verdict.owned && !verdict.recorded;
  return verdict.is === 'update' && records.get(verdict.live.address)?.id === null;
}
