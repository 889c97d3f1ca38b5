/**
 * What records are to say of what a run changes and leaves something of others' in: a round of the
 * optimizer, and a rollback. By address; every other change puts on record what it makes.
 */
import { same } from '../core/canonical.js';
import type { Verdict } from '../core/compare.js';
import type { JsonObject } from '../core/json.js';
import type { KindOf } from '../core/kind.js';
import { laidOn, onRecord } from '../core/recorded.js';
import { partsOf } from '../core/rollback.js';
import { isShortened, lengthened } from '../core/shortened.js';
import type { State, StateRecord } from '../core/state.js';
import type { Address, Hash } from '../core/types.js';
import type { Binding } from './bind.js';
import type { RunEffect } from '../core/undone.js';

type OnRecord = ReadonlyMap<Address, JsonObject>;

/** A round moves weights: what else somebody has edited of the strategy is drift as before. */
export function roundOnRecord(
  verdicts: readonly Verdict[],
  { records, kindOf }: { readonly records: State['records']; readonly kindOf: KindOf },
): OnRecord {
  const all = verdicts.flatMap((verdict): [Address, JsonObject][] => {
    if (verdict.is !== 'update') return [];
    const { desired, live, after } = verdict;
    const { address, kind } = desired;
    const applied = records.get(address)?.applied ?? null;
    if (applied === null) return [];
    return [[address, laidOn(kindOf(kind).fields, applied, { from: live.fields, to: after })]];
  });
  return new Map(all);
}

interface Backwards {
  readonly effects: ReadonlyMap<Address, RunEffect<JsonObject>>;
  readonly records: State['records'];
  readonly binding: Binding;
  readonly hash: Hash;
}

/**
 * A rollback takes back what its run did, and nothing that others have made since. What has no
 * record that can be read is left out.
 */
export function backOnRecord(
  verdicts: readonly Verdict[],
  { effects, records, binding, hash }: Backwards,
): OnRecord {
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
    const { kind, resource } = binding.of(desired.kind);
    const back = { applied: known, live: live.fields, fields, after };
    // What the run has added and nothing takes away was not there before it, and is now.
    const before = resource.lasting?.(live.fields, effect.before)?.fields ?? effect.before;
    return [[address, onRecord(kind.fields, back, { ...effect, before }, partsOf(kind))]];
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
