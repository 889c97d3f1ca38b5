/** What a rollback is to put on record: what it has taken back, and not what others have made. */
import { same } from '../core/canonical.js';
import type { Verdict } from '../core/compare.js';
import type { JsonObject } from '../core/json.js';
import { isShortened, lengthened } from '../core/shortened.js';
import type { State, StateRecord } from '../core/state.js';
import type { Address, Hash } from '../core/types.js';
import { onRecord, type RunEffect } from '../core/undone.js';
import type { Binding } from './bind.js';

export interface Backwards {
  readonly effects: ReadonlyMap<Address, RunEffect<JsonObject>>;
  readonly records: State['records'];
  readonly binding: Binding;
  readonly hash: Hash;
}

/** By address, of what stays where it is; what has no record that can be read is left out. */
export function backOnRecord(
  verdicts: readonly Verdict[],
  { effects, records, binding, hash }: Backwards,
): ReadonlyMap<Address, JsonObject> {
  const all = verdicts.flatMap((verdict): [Address, JsonObject][] => {
    if (verdict.is !== 'update' && verdict.is !== 'unchanged') return [];
    const { desired, live } = verdict;
    const { address, fields } = desired;
    const effect = effects.get(address);
    const record = records.get(address);
    if (effect === undefined) return [];
    if (record === undefined || record.id === null || record.applied === null) return [];
    const known = inFull(record.applied, [effect.after, live.fields], hash);
    const after = verdict.is === 'update' ? verdict.after : live.fields;
    const { kind } = binding.of(desired.kind);
    return [[address, onRecord(kind.fields, { applied: known, fields, after }, effect)]];
  });
  return new Map(all);
}

/** It is what the record says already: nothing of it has to be written. */
export function isOnRecord(record: StateRecord | undefined, fields: JsonObject): boolean {
  return record?.id != null && record.isMoved !== true && same(record.applied ?? {}, fields);
}

function inFull(applied: JsonObject, from: readonly JsonObject[], hash: Hash): JsonObject {
  return isShortened(applied) ? lengthened(applied, from, hash) : applied;
}
