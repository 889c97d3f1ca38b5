/**
 * Changes that wait for each other. Objects that refer to each other cannot be made one after the
 * other, nor deleted: those are blocked, with every place of the circle, and everything else goes
 * on. Whoever knows how to write such an object in two passes leaves the second out of its fields'
 * references.
 */
import { addressOf, type Verdict } from './compare.js';
import { isObject, pointerToken, type Json } from './json.js';
import type { Field } from './fields.js';
import { circleIn } from './order.js';
import { heldByReferences, type Surroundings } from './references.js';
import type { Address, Change, Obstacle } from './types.js';

export interface Uncircled {
  readonly verdicts: readonly Verdict[];
  readonly changes: readonly Change[];
}

/** `changesFor`: what these verdicts call for, with what each change waits for. */
export function uncircled(
  verdicts: readonly Verdict[],
  surroundings: Surroundings,
  changesFor: (verdicts: readonly Verdict[]) => Change[],
): Uncircled {
  let current = verdicts;
  // Every round blocks what was not blocked before.
  for (let round = 0; round <= verdicts.length; round += 1) {
    const changes = changesFor(current);
    const circle = circleIn(changes);
    if (circle === null) return { verdicts: current, changes };
    const without = blocked(current, circle as readonly Address[], surroundings);
    current = heldByReferences(without, surroundings);
  }
  throw new Error('there are more circles than objects');
}

function blocked(
  verdicts: readonly Verdict[],
  circle: readonly Address[],
  { kindOf, behind }: Surroundings,
): Verdict[] {
  const byAddress = new Map(verdicts.map((one) => [addressOf(one), one]));
  const at = circle.map((address, index): Obstacle['at'] => {
    const verdict = byAddress.get(address);
    if (verdict === undefined || !('after' in verdict)) return null;
    const next = circle[(index + 1) % circle.length];
    const { desired } = verdict;
    const isNext = (to: string, name: Json): boolean =>
      typeof name === 'string' && next === `${behind(to) ?? ''}/${name}`;
    const pointer = pointerTo(kindOf(desired.kind).fields, verdict.after, isNext, '');
    const { file, line } = desired.at(pointer ?? '');
    return { file, line };
  });
  const texts = circle.map((address, index) => {
    const place = at[index];
    return `${address} (${place == null ? 'in the org' : `${place.file}:${place.line}`})`;
  });
  const message = `changes wait for each other: ${[...texts, circle[0]].join(' → ')}`;
  const hint = at.every((place) => place === null)
    ? 'declare one of them again without that reference, apply, and remove it then'
    : 'take one of these references out, apply, and put it back in';
  return verdicts.map((verdict): Verdict => {
    const index = circle.indexOf(addressOf(verdict));
    if (index === -1 || verdict.is === 'blocked') return verdict;
    const obstacles = [{ message, hint, at: at[index] ?? null }];
    const desired = 'desired' in verdict ? verdict.desired : null;
    const live = 'live' in verdict ? verdict.live : null;
    return { is: 'blocked', address: addressOf(verdict), desired, live, obstacles };
  });
}

/** Where the first such reference stands; `null` where there is none. */
function pointerTo(
  field: Field,
  value: Json,
  isIt: (to: string, reference: Json) => boolean,
  at: string,
): string | null {
  if (field.type === 'reference') return isIt(field.to, value) ? at : null;
  const inner: (readonly [Field | undefined, Json, string])[] =
    field.type === 'record' && isObject(value)
      ? Object.entries(value).map(([key, one]) => [field.fields[key], one, pointerToken(key)])
      : field.type === 'list' && Array.isArray(value)
        ? value.map((one, index) => [field.item, one, String(index)])
        : [];
  for (const [of, one, token] of inner) {
    const found = of === undefined ? null : pointerTo(of, one, isIt, `${at}/${token}`);
    if (found !== null) return found;
  }
  return null;
}
