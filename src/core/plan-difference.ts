/** Two plans for the same environment, held against each other: what one does and the other not. */
import { same } from './canonical.js';
import type { Json } from './json.js';
import { substance } from './plan.js';
import type { Change, FieldChange, Plan } from './types.js';

/** A field that the two plans treat differently; `null` where one of them leaves it alone. */
export interface FieldDifference {
  readonly path: string;
  readonly then: FieldChange | null;
  readonly now: FieldChange | null;
}

export interface ChangeDifference {
  readonly then: Change;
  readonly now: Change;
  /** Empty where only the object's version or the order of the work is different. */
  readonly fields: readonly FieldDifference[];
}

export interface PlanDifference {
  /** Only the earlier plan makes these. */
  readonly gone: readonly Change[];
  /** Only the later plan makes these. */
  readonly added: readonly Change[];
  readonly moved: readonly ChangeDifference[];
}

export function planDifference(then: Plan, now: Plan): PlanDifference {
  const earlier = byAddress(then);
  const later = byAddress(now);
  return {
    gone: then.changes.filter(({ address }) => !later.has(address)),
    added: now.changes.filter(({ address }) => !earlier.has(address)),
    moved: now.changes.flatMap((change) => {
      const was = earlier.get(change.address);
      if (was === undefined || same(substance(was), substance(change))) return [];
      return [{ then: was, now: change, fields: fieldsOf(was, change) }];
    }),
  };
}

function byAddress({ changes }: Plan): ReadonlyMap<string, Change> {
  return new Map(changes.map((change) => [change.address, change]));
}

function fieldsOf(then: Change, now: Change): FieldDifference[] {
  const earlier = new Map(then.fields.map((field) => [field.path, field]));
  const later = new Map(now.fields.map((field) => [field.path, field]));
  return [...new Set([...later.keys(), ...earlier.keys()])].flatMap((path) => {
    const [was, is] = [earlier.get(path) ?? null, later.get(path) ?? null];
    const equal = was !== null && is !== null && same(values(was), values(is));
    return equal ? [] : [{ path, then: was, now: is }];
  });
}

function values({ before, after }: FieldChange): Json {
  return [before === undefined ? [] : [before], after === undefined ? [] : [after]];
}
