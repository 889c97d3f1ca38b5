/** References → an order in which nothing starts before what it waits for. */
import { addTo } from './grouped.js';
import { byText } from './issue.js';
import type { Action } from './types.js';

export interface Waiting {
  readonly address: string;
  readonly waitsFor: readonly string[];
}

export interface Ordered<T> {
  readonly ordered: readonly T[];
  /** Addresses that wait for each other in a circle, or for one of those; not in `ordered`. */
  readonly cycle: readonly string[];
}

/**
 * Kahn's algorithm; among those that could go next, the one that comes first in `items` goes, so
 * the result depends on the input alone. Waiting for something that is not an item is no waiting.
 */
export function topological<T extends Waiting>(items: readonly T[]): Ordered<T> {
  const rank = new Map(items.map((item, index) => [item.address, index]));
  const waiting = new Map<number, number>();
  const followers = new Map<number, number[]>();
  items.forEach((item, index) => {
    const ahead = new Set(item.waitsFor.flatMap((address) => rank.get(address) ?? []));
    waiting.set(index, ahead.size);
    for (const one of ahead) {
      const others = followers.get(one);
      if (others === undefined) followers.set(one, [index]);
      else others.push(index);
    }
  });
  const ready = [...waiting].filter(([, count]) => count === 0).map(([index]) => index);
  const ordered: T[] = [];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    const item = items[next];
    if (item !== undefined) ordered.push(item);
    waiting.delete(next);
    for (const follower of followers.get(next) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      if (left === 0) insertSorted(ready, follower);
    }
  }
  const cycle = [...waiting.keys()].flatMap((index) => items[index]?.address ?? []).sort(byText);
  return { ordered, cycle };
}

interface Made extends Waiting {
  readonly action: Action;
  /** As `Change.closes`. */
  readonly closes?: readonly string[];
}

/** What is done of a change at one time: all of it, or a half before or after which others come. */
export interface Turn<T> extends Waiting {
  readonly change: T;
  readonly part: 'whole' | 'first' | 'second';
}

/** Begins with what no name can hold: an object may be called "Sales (first half)". */
const FIRST = '\u0000first half';

/** The address of a change behind that of a turn. */
export function addressOfTurn<A extends string>(turn: A): A {
  return (turn.endsWith(FIRST) ? turn.slice(0, -FIRST.length) : turn) as A;
}

/** Creates and updates before deletes: callers always have somewhere to go. */
const WORKING_ORDER: readonly Action[] = ['create', 'replace', 'adopt', 'update', 'delete'];

/**
 * The turns of changes in the order of making them, and how they wait for each other. Whoever has
 * to come between the halves of a change waits for the first alone; all others for both.
 */
export function turnsOf<T extends Made>(changes: readonly T[]): Turn<T>[] {
  const between = betweenHalves(changes);
  const letGoBy = new Map<string, string[]>();
  for (const { address, action, closes = [] } of changes) {
    if (action === 'delete') for (const one of closes) addTo(letGoBy, one, address + FIRST);
  }
  return [...changes]
    .sort((a, b) => WORKING_ORDER.indexOf(a.action) - WORKING_ORDER.indexOf(b.action))
    .flatMap((change): Turn<T>[] => {
      const { address, action, closes } = change;
      const needed = (other: string): string =>
        between.get(other)?.has(address) === true ? other + FIRST : other;
      const waitsFor = [...change.waitsFor.map(needed), ...(letGoBy.get(address) ?? [])];
      if (closes === undefined) return [{ address, waitsFor, change, part: 'whole' }];
      const first = address + FIRST;
      const [early, late] = action === 'delete' ? [[], waitsFor] : [waitsFor, closes.map(needed)];
      return [
        { address: first, waitsFor: early, change, part: 'first' },
        { address, waitsFor: [first, ...late], change, part: 'second' },
      ];
    });
}

/** By create in two halves, the addresses of those that its second half waits for. */
function betweenHalves(changes: readonly Made[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byAddress = new Map(changes.map((one) => [one.address, one]));
  const between = new Map<string, ReadonlySet<string>>();
  for (const { address, action, closes } of changes) {
    if (closes === undefined || action === 'delete') continue;
    const found = new Set(closes);
    // A set takes up what is added while it is gone through.
    for (const one of found) {
      const { waitsFor = [], closes: more = [] } = byAddress.get(one) ?? {};
      for (const other of [...waitsFor, ...more]) found.add(other);
    }
    between.set(address, found);
  }
  return between;
}

/**
 * The order in which changes are made. It is its own: in that order they are made in that order,
 * wherever the deletes among them stand.
 */
export function makingOrder<T extends Made>(changes: readonly T[]): Ordered<T> {
  const { ordered, cycle } = topological(turnsOf(changes));
  const stuck = new Set(cycle.map(addressOfTurn));
  // What is made is there from its first half on, what is deleted until its second.
  const told = ordered.filter(
    ({ part, change }) => part === 'whole' || (part === 'second') === (change.action === 'delete'),
  );
  return {
    ordered: told.map(({ change }) => change).filter(({ address }) => !stuck.has(address)),
    cycle: [...stuck],
  };
}

/**
 * The order in which people read them: deletes first, for whoever sees the first lines alone, and
 * each as it will be made. Those that wait in a circle come last.
 */
export function readingOrder<T extends Made>(changes: readonly T[]): T[] {
  const { ordered, cycle } = makingOrder(changes);
  const stuck = new Set(cycle);
  const all = [...ordered, ...changes.filter(({ address }) => stuck.has(address))];
  const isDelete = ({ action }: T): boolean => action === 'delete' || action === 'replace';
  return [...all.filter(isDelete), ...all.filter((one) => !isDelete(one))];
}

/**
 * Circles that have nothing in common: addresses each of which waits for the next, and the last for
 * the first. There may be more, which are left when these are parted; `[]` says that there is none.
 */
export function circlesIn(changes: readonly Made[]): readonly (readonly string[])[] {
  const turns = turnsOf(changes);
  const { cycle } = topological(turns);
  const inside = new Set(cycle);
  const byAddress = new Map(turns.map((turn) => [turn.address, turn]));
  // Each of them waits for another of them: whoever follows comes by where somebody has been.
  const walkOf = new Map<string, number>();
  return cycle.flatMap((start, walk) => {
    const path: string[] = [];
    let next: string | undefined = start;
    while (next !== undefined && !walkOf.has(next)) {
      walkOf.set(next, walk);
      path.push(next);
      next = byAddress.get(next)?.waitsFor.find((address) => inside.has(address));
    }
    if (next === undefined || walkOf.get(next) !== walk || path.length === 0) return [];
    return [[...new Set(path.slice(path.indexOf(next)).map(addressOfTurn))]];
  });
}

function insertSorted(ready: number[], index: number): void {
  const at = ready.findIndex((other) => other > index);
  ready.splice(at === -1 ? ready.length : at, 0, index);
}
