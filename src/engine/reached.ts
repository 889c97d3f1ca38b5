/** What an earlier run of a plan has brought about, as a later plan finds it. */
import { same } from '../core/canonical.js';
import { addressOf, type Verdict } from '../core/compare.js';
import type { Kind } from '../core/kind.js';
import { kindName } from '../core/outcome.js';
import { holds } from '../core/ownership.js';
import type { Reached } from '../core/plan.js';
import type { Resource } from '../core/resource.js';
import type { Change, FieldChange } from '../core/types.js';
import type { Binding } from './bind.js';
import type { Observation } from './observe.js';

/** Found out for who asks first: of most plans nobody does. */
export function reachedBy(
  changes: readonly Change[],
  verdicts: readonly Verdict[],
  observation: Observation,
  binding: Binding,
): Reached {
  let known: Reached | null = null;
  const found = (): Reached =>
    (known ??= {
      isInPlace: inPlace(observation, verdicts),
      restOf: restsAmong(changes, observation, binding),
    });
  return {
    isInPlace: (change) => found().isInPlace(change),
    restOf: (change) => found().restOf(change),
  };
}

function inPlace({ live }: Observation, verdicts: readonly Verdict[]): Reached['isInPlace'] {
  const there = new Set<string>(live.map(({ address }) => address));
  const right = new Set(
    verdicts.filter((verdict) => verdict.is === 'unchanged' && verdict.owned).map(addressOf),
  );
  return ({ action, address }) => (action === 'delete' ? !there.has(address) : right.has(address));
}

/**
 * A run that was ended in the middle of a create leaves the object without some of its parts, or as
 * a draft; it is ours, and the next plan has an update of it. That is the rest of the create where
 * it only adds what the create would have: anything else in it somebody has moved since. So has
 * what was there once, by its record; that of a run which was killed says what it set out to make.
 */
function restsAmong(
  changes: readonly Change[],
  { state }: Observation,
  { of }: Binding,
): Reached['restOf'] {
  const now = new Map(changes.map((change) => [change.address, change]));
  return (planned) => {
    const rest = now.get(planned.address);
    if (planned.action !== 'create' || planned.after === null) return null;
    if (rest?.action !== 'update' || rest.after === null || rest.previously !== undefined) {
      return null;
    }
    const { kind, resource } = of(kindName(planned.address));
    if (!holds(kind.fields, rest.after, planned.after)) return null;
    const isClaim = state.records.get(planned.address)?.id === null;
    const isAdded = (change: FieldChange): boolean =>
      (isClaim || change.cause === 'git' || change.cause === null) &&
      isOnlyAdded(change, kind, resource);
    return rest.fields.every(isAdded) ? rest : null;
  };
}

/** What an object that was just made has not yet, or has until it is told otherwise. */
function isOnlyAdded(
  { place = [], before = null, after }: FieldChange,
  { lifecycle }: Kind,
  { parts = [] }: Resource,
): boolean {
  if (after === undefined) return false;
  if (before === null) return true;
  const [field, ...below] = place;
  if (lifecycle !== undefined && field === lifecycle.field) return before === 'draft';
  const fresh = parts.find((one) => one.field === field)?.fresh ?? {};
  const last = below.at(-1);
  return typeof last === 'string' && Object.hasOwn(fresh, last) && same(fresh[last], before);
}
