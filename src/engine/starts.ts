/** What a plan says of weights that an optimizer owns, and what its apply remembers of them. */
import { addressOf, type Verdict } from '../core/compare.js';
import type { JsonObject } from '../core/json.js';
import type { Kind, KindOf } from '../core/kind.js';
import { startsAnew, type Start } from '../core/start.js';
import type { Address, Change, Desired, Tuned } from '../core/types.js';
import type { OwnershipContext } from './ownership-table.js';

/** By address what the manifests write now; `null` where they leave no weight to an optimizer. */
export function startsOf(
  verdicts: readonly Verdict[],
  kindOf: KindOf,
): ReadonlyMap<Address, Start | null> {
  const said = verdicts.flatMap((verdict) => {
    if (!('desired' in verdict) || verdict.desired === null) return [];
    const { desired } = verdict;
    const { tuning } = kindOf(desired.kind);
    // What a run found is given back: git says nothing of it.
    if (tuning === undefined || desired.exactly !== undefined) return [];
    return [[addressOf(verdict), tuning.start(desired.manifest, desired.fields)] as const];
  });
  return new Map(said);
}

/** What is live where an optimizer has moved on from the written weights. */
export function tunedIn(verdicts: readonly Verdict[], kindOf: KindOf): Tuned[] {
  return verdicts.flatMap((verdict): Tuned[] => {
    if (verdict.is !== 'update' && verdict.is !== 'unchanged') return [];
    const { desired, live } = verdict;
    const kind = kindOf(desired.kind);
    const written = writtenBy(desired, kind);
    if (written === null || isStartedAnew(verdict, kind)) return [];
    const now = kind.tuning?.start(desired.manifest, live.fields)?.weights ?? {};
    const targets = Object.entries(written.weights).flatMap(([queue, weight]) => {
      const weightNow = Object.hasOwn(now, queue) ? now[queue] : undefined;
      return weightNow === undefined ? [] : [{ queue, written: weight, live: weightNow }];
    });
    const hasMoved = targets.some((one) => one.written !== one.live);
    return hasMoved ? [{ address: desired.address, targets }] : [];
  });
}

const ANEW = 'the optimizer starts anew, from the weights as they are written';

/** A change that sets weights which an optimizer had moved says so. */
export function withAnew(change: Change, verdict: Verdict | undefined, kindOf: KindOf): Change {
  if (verdict?.is !== 'update' || !isStartedAnew(verdict, kindOf(verdict.desired.kind))) {
    return change;
  }
  return { ...change, remarks: [...(change.remarks ?? []), ANEW] };
}

function isStartedAnew(verdict: Verdict, kind: Kind): boolean {
  if (verdict.is !== 'update') return false;
  const written = writtenBy(verdict.desired, kind);
  return written !== null && startsAnew(written, verdict.start);
}

function writtenBy(desired: Desired, { tuning }: Kind): Start | null {
  if (desired.exactly !== undefined) return null;
  return tuning?.start(desired.manifest, desired.fields) ?? null;
}

/** What the records of a run are to say of optimizers. */
export function tuningFor({
  memories,
  starts,
}: {
  readonly memories?: ReadonlyMap<Address, JsonObject>;
  readonly starts?: ReadonlyMap<Address, Start | null>;
}): NonNullable<OwnershipContext['tuningOf']> {
  return (address) => {
    const memory = memories?.get(address);
    const start = starts?.get(address);
    return {
      ...(memory === undefined ? {} : { memory }),
      ...(start === undefined ? {} : { start }),
    };
  };
}
