/** References → an order in which nothing starts before what it waits for. */
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
}

/** Creates and updates before deletes: callers always have somewhere to go. */
const WORKING_ORDER: readonly Action[] = ['create', 'replace', 'adopt', 'update', 'delete'];

/**
 * The order in which changes are made. It is its own: in that order they are made in that order,
 * wherever the deletes among them stand.
 */
export function makingOrder<T extends Made>(changes: readonly T[]): Ordered<T> {
  return topological(
    [...changes].sort((a, b) => WORKING_ORDER.indexOf(a.action) - WORKING_ORDER.indexOf(b.action)),
  );
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

/** Addresses each of which waits for the next, and the last for the first; `null` for none. */
export function circleIn(items: readonly Waiting[]): readonly string[] | null {
  const { cycle } = topological(items);
  const inside = new Set(cycle);
  const byAddress = new Map(items.map((item) => [item.address, item]));
  // Each of them waits for another of them: whoever follows comes by where they have been.
  const path: string[] = [];
  for (let next = cycle[0]; next !== undefined;) {
    const seen = path.indexOf(next);
    if (seen !== -1) return path.slice(seen);
    path.push(next);
    next = byAddress.get(next)?.waitsFor.find((address) => inside.has(address));
  }
  return null;
}

function insertSorted(ready: number[], index: number): void {
  const at = ready.findIndex((other) => other > index);
  ready.splice(at === -1 ? ready.length : at, 0, index);
}
