/**
 * Two JSON documents → the places at which they differ, each with what stands there. Items of a
 * list are told apart by a text that each of them has for itself, such as the name of a queue;
 * where there is none, by their place. What is on one side alone is shown value by value.
 */
import { same } from './canonical.js';
import { isObject, type Json, type JsonObject } from './json.js';

export interface Leaf {
  /** `targets["Billing"].weight`; empty for the document as a whole. */
  readonly path: string;
  /** `undefined` where there is nothing. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export function leavesMoved(before: Json | undefined, after: Json | undefined): Leaf[] {
  const found: Leaf[] = [];
  look('', before, after, found);
  return found;
}

/** By the step that leads there: `.weight`, `["Billing"]`. */
type Keyed = ReadonlyMap<string, Json>;

function look(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  found: Leaf[],
): void {
  const pair = parts(before, after);
  if (pair === null) {
    if (!same(before, after)) found.push({ path, before, after });
    return;
  }
  const [from, to] = pair;
  for (const step of new Set([...from.keys(), ...to.keys()])) {
    const below = path === '' && step.startsWith('.') ? step.slice(1) : path + step;
    look(below, from.get(step), to.get(step), found);
  }
}

/** What both sides are made of; `null` where one of them is a value, or nothing is in either. */
function parts(before: Json | undefined, after: Json | undefined): [Keyed, Keyed] | null {
  const sides = [before, after].filter((one) => one !== undefined);
  if (sides.every(isObject) && sides.some((one) => Object.keys(one).length > 0)) {
    return [keyed(before), keyed(after)];
  }
  if (!sides.every(Array.isArray) || sides.every((one) => one.length === 0)) return null;
  const name = nameOf(sides);
  return [listed(before, name), listed(after, name)];
}

function keyed(value: Json | undefined): Keyed {
  return new Map(
    Object.entries((value ?? {}) as JsonObject).map(([key, one]) => [
      /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
      one,
    ]),
  );
}

function listed(value: Json | undefined, name: string | null): Keyed {
  const items = (value ?? []) as Json[];
  return new Map(
    items.map((item, index) => {
      const own = name === null ? String(index) : JSON.stringify((item as JsonObject)[name]);
      return [`[${own}]`, item];
    }),
  );
}

/** The one key whose value is a text, and another one in each item of a list. */
function nameOf(lists: readonly Json[][]): string | null {
  const all = lists.flat();
  const [first] = all;
  if (!isObject(first) || !all.every(isObject)) return null;
  const tells = (key: string): boolean =>
    lists.every((items) => {
      const texts = items.map((item) => (item as JsonObject)[key]);
      return texts.every((one) => typeof one === 'string') && new Set(texts).size === texts.length;
    });
  return Object.keys(first).sort().find(tells) ?? null;
}
