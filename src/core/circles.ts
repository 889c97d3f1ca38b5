/**
 * Changes that wait for each other. Objects that refer to each other cannot be made one after the
 * other, nor deleted. Where the kind can do without the reference for a while, one of the circle is
 * made, or deleted, in two halves: see `halves.ts`. The others are blocked, with every place of the
 * circle, and everything else goes on. An object that refers to itself waits for nobody: its kind
 * knows how to write it.
 */
import { addressOf, type Verdict } from './compare.js';
import { addTo } from './grouped.js';
import { closingRemark, withoutNamed } from './halves.js';
import { byText } from './issue.js';
import { isObject, pointerToken, type Json } from './json.js';
import type { Field } from './fields.js';
import { circlesIn } from './order.js';
import { kindName, objectName } from './outcome.js';
import { addressesIn, heldByReferences, type Surroundings } from './references.js';
import type { Address, Change, Obstacle } from './types.js';

export interface Uncircled {
  readonly verdicts: readonly Verdict[];
  readonly changes: readonly Change[];
}

/** By address of a change, what it names later, or lets go first: `Change.closes`. */
type Closing = ReadonlyMap<Address, readonly Address[]>;

/** `changesFor`: what these verdicts call for, with what each change waits for. */
export function uncircled(
  verdicts: readonly Verdict[],
  surroundings: Surroundings,
  changesFor: (verdicts: readonly Verdict[]) => Change[],
): Uncircled {
  const closing = new Map<Address, Address[]>();
  let current = verdicts;
  let waiting = changesFor(current);
  // Every round parts two that were not parted before, or blocks what was not blocked.
  const waits = waiting.reduce((sum, { waitsFor }) => sum + waitsFor.length, 0);
  for (let round = 0; round <= verdicts.length + waits; round += 1) {
    const changes = closing.size === 0 ? waiting : inHalves(waiting, closing);
    const circles = circlesIn(changes) as readonly (readonly Address[])[];
    if (circles.length === 0) return { verdicts: current, changes };
    const byAddress = new Map(changes.map((one) => [one.address, one]));
    const whole = circles.filter((circle) => {
      const parted = partable(circle, byAddress, closing, surroundings);
      if (parted !== null) addTo(closing, parted.of, parted.other);
      return parted === null;
    });
    if (whole.length === 0) continue;
    const without = whole.reduce((all, circle) => blocked(all, circle, surroundings), current);
    current = heldByReferences(without, surroundings);
    waiting = changesFor(current);
  }
  throw new Error('there are more circles than objects');
}

function inHalves(changes: readonly Change[], closing: Closing): Change[] {
  const actions = new Map(changes.map(({ address, action }) => [address, action]));
  return changes.map((change): Change => {
    const { address, remarks = [] } = change;
    const found = closing.get(address);
    // A create names them later; whom a delete lets go of need not wait until it is deleted.
    const named = change.action === 'create' ? (found ?? []) : [];
    const isWaiting = (one: Address): boolean =>
      !named.includes(one) &&
      !(actions.get(one) === 'delete' && closing.get(one)?.includes(address) === true);
    const waitsFor = change.waitsFor.filter(isWaiting);
    if (found === undefined) return { ...change, waitsFor };
    const closes = [...found].sort(byText);
    return { ...change, waitsFor, closes, remarks: [closingRemark(change, closes), ...remarks] };
  });
}

/** The first of a circle that can do without the next for a while; `null` where none can. */
function partable(
  circle: readonly Address[],
  byAddress: ReadonlyMap<Address, Change>,
  closing: Closing,
  { kindOf, behind }: Surroundings,
): { readonly of: Address; readonly other: Address } | null {
  for (const [index, waiter] of circle.entries()) {
    const awaited = circle[(index + 1) % circle.length] ?? waiter;
    // A create waits for what it names, a delete for whoever names it.
    const pairs = [
      { of: waiter, other: awaited, action: 'create' },
      { of: awaited, other: waiter, action: 'delete' },
    ];
    for (const { of, other, action } of pairs) {
      const change = byAddress.get(of);
      const kind = kindOf(kindName(of));
      const fields = change?.after ?? change?.before ?? null;
      const isParted = closing.get(of)?.includes(other) === true;
      if (change?.action !== action || kind.namesLater !== true || isParted) continue;
      if (fields === null || change.exactly !== undefined) continue;
      const names = (all: typeof fields): boolean =>
        addressesIn(kind.name, all, kindOf, behind).has(other);
      const less = withoutNamed(kind, fields, [objectName(other)]);
      if (names(fields) && !names(less)) return { of, other };
    }
  }
  return null;
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
