/**
 * What must hold of objects and of what is behind endpoints of their own: nothing is lost or changed
 * that nobody has declared, nothing is there twice, and nothing of ours is forgotten.
 */
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../src/core/json.js';
import { itemsIn, ownKey } from './things.js';
import type { Arrival, SimulatedRun, SimulatedWorld } from './world.js';

/** Written is what a manifest names or a record has; of members, codes and rows, as they say it. */
export function asTold(world: SimulatedWorld, arrival: Arrival): void {
  const { run, request, place, isOnRecord, recorded } = arrival;
  if (place.is !== 'object' && place.is !== 'part') return;
  const isNew = place.is === 'object' && request.method === 'POST';
  const isKnown = isOnRecord || recorded.length > 0;
  if (!isNew && !run.declared.has(place.name) && !isKnown) {
    const what = `${request.method} ${request.path} of ${place.name}`;
    world.violated('told', `${run.id}: ${what}, which is neither declared nor on record`);
  }
  if (place.is === 'part' && run.specs !== null) partAsTold(world, arrival, run.specs[place.name]);
}

function partAsTold(world: SimulatedWorld, arrival: Arrival, spec: JsonObject | undefined): void {
  const { run, request, place, before, after } = arrival;
  const [, field = ''] = place.key.split('#');
  const say = (what: string): void => {
    world.violated('told', `${run.id}: ${request.method} ${request.path} ${what} (${place.name})`);
  };
  const asked = askedIn(world, field, spec?.[field]);
  if (asked === null) {
    say('although nothing is said of it');
    return;
  }
  const [was, is] = [itemsIn(before), itemsIn(after)];
  for (const key of was.keys()) {
    if (is.has(key)) continue;
    if (asked.mode !== 'exactly' || asked.items.has(key)) say(`takes ${key} away`);
  }
  for (const [key, item] of is) {
    if (was.get(key) === item) continue;
    const isLeft = asked.mode === 'seed' && was.has(key);
    if (!asked.items.has(key) || isLeft) say(`writes ${key}`);
  }
}

interface Asked {
  readonly mode: 'exactly' | 'include' | 'seed';
  readonly items: ReadonlySet<string>;
}

/** By the keys that the world has for what is in the part; `null` for what is left alone. */
function askedIn(world: SimulatedWorld, field: string, said: Json | undefined): Asked | null {
  if (said === undefined) return null;
  if (field === 'rows') {
    const { mode, items = [] } = isObject(said) ? said : {};
    const keys = new Set(objectsIn(items).map(({ site }) => textOf(site)));
    return { mode: mode === 'seed' ? 'seed' : 'exactly', items: keys };
  }
  const list = isObject(said) ? said['include'] : said;
  const all = Array.isArray(list) ? list : [];
  const users = new Map(
    [...world.org.users.values()].map(({ id, name }) => [`${name.toLowerCase()}@example.com`, id]),
  );
  const keys = all.map((one) =>
    field === 'members'
      ? (users.get(textOf(isObject(one) ? one['user'] : one)) ?? '')
      : textOf(one),
  );
  return { mode: isObject(said) ? 'include' : 'exactly', items: new Set(keys) };
}

/** What is taken away or replaced is what the plan saw, or what this run has made of it since. */
export function stalePart(world: SimulatedWorld, arrival: Arrival): void {
  const { run, request, place, before, after } = arrival;
  const known = itemsIn(run.base.get(place.key) || null);
  const planned = itemsIn(run.planned.get(place.key) || null);
  const is = itemsIn(after);
  for (const [key, item] of itemsIn(before)) {
    if (is.get(key) === item || known.get(key) === item || planned.get(key) === item) continue;
    const what = `${run.id}: ${request.method} ${request.path} of ${place.name}`;
    world.violated('stale-safe', `${what} overwrote ${key}: ${textOf(item as Json)} was not known`);
  }
  if (after === null) run.base.delete(place.key);
  else run.base.set(place.key, after);
}

/** Of one name there is one, of each kind; of strategies one in each place where they live. */
export function onlyOnce(world: SimulatedWorld, run: SimulatedRun): void {
  const seen = new Set<string>();
  for (const key of world.objects().keys()) {
    if (key.includes('#')) continue;
    const name = `${key.split('/')[0] ?? ''} ${world.nameAt(key)}`;
    if (seen.has(name)) world.violated('once', `${run.id}: ${world.nameAt(key)} is there twice`);
    seen.add(name);
  }
}

/**
 * At the end, of what our runs have made nothing is there that nobody declares: else a run has made
 * something and forgotten it. What a person has touched is left to people, and so is what stayed
 * behind in another backend.
 */
export function keptTrackOf(world: SimulatedWorld, declared: readonly string[]): void {
  const known = new Set(declared);
  const objects = world.objects();
  const made = world.arrivals.flatMap(({ tookEffect, request, place }) =>
    request.method === 'POST' && place.is === 'object' && tookEffect ? ownKey(place.key) : [],
  );
  for (const key of new Set(made)) {
    if (!key.startsWith('thing/') || !objects.has(key)) continue;
    const name = world.nameAt(key);
    if (known.has(name) || world.isTouched(name)) continue;
    world.violated('kept', `${name} was made by a run, and nobody declares it or has deleted it`);
  }
}
