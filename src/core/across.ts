/** Two orgs side by side, by name and never by id: `compare`, with an org as what is asked. */
import { same } from './canonical.js';
import type { Catalog, Resolution } from './catalog.js';
import { compare } from './compare.js';
import { isObject, textOf, type Json } from './json.js';
import { specOf } from './manifest.js';
import type { KindOf } from './kind.js';
import { lasting, normalise } from './normalise.js';
import { changesOf } from './plan.js';
import { isInScope, type Scope } from './scope.js';
import type { Start } from './start.js';
import type { StateRecord } from './state.js';
import type { Action, Address, Change, Desired, Hash, Live, Manifest, Obstacle } from './types.js';

export interface Side {
  readonly live: readonly Live[];
  /** What is there and cannot be told apart: on neither side is it taken for missing. */
  readonly unclear?: ReadonlyMap<Address, readonly Obstacle[]>;
  readonly catalog: Catalog;
}

/**
 * What would make `to` like `from`; `null` scope is everything. `declared`: the manifests of `to`,
 * for what they leave to that org within limits.
 */
export function across(
  from: Side,
  to: Side,
  scope: Scope,
  kindOf: KindOf,
  hash: Hash,
  declared: readonly Manifest[] = [],
): Change[] {
  const byAddress = new Map(declared.map((one) => [`${one.kind}/${one.name}`, one]));
  const wanted = from.live
    .map((live) => desiredOf(named(live, from.catalog, kindOf)))
    .map((one) => ({ ...one, manifest: byAddress.get(one.address) ?? one.manifest }));
  const there = to.live.map((live) => named(live, to.catalog, kindOf));
  // Whose an object is does not matter here: to this comparison all of them are ours.
  const owner = { name: '', environment: '' };
  const records = new Map(
    there.map(({ address, id }): [string, StateRecord] => [
      address,
      { address, owner, id, applied: null, run: '', at: '' },
    ]),
  );
  const obstacles = new Map([...(from.unclear ?? []), ...(to.unclear ?? [])]);
  const verdicts = compare(
    wanted,
    there,
    { prune: true, adopt: false, scope, owner, records, obstacles },
    kindOf,
  );
  // Nobody wrote what is compared here: there is no line to show. Nothing is made of it either.
  return changesOf(verdicts, kindOf, hash)
    .map((change) => ({
      ...change,
      fields: change.fields.map((field) => ({ ...field, at: null })),
    }))
    .sort((a, b) => COMPARED_ORDER.indexOf(a.action) - COMPARED_ORDER.indexOf(b.action));
}

/** What one side lacks stands at the ends, what differs between them. */
const COMPARED_ORDER: readonly Action[] = ['delete', 'update', 'create'];

/** Weights that the manifests of `to` leave to an optimizer, and so are not compared. */
export interface LeftOut {
  readonly address: Address;
  /** Where the manifests of each side have it start; `null` where that side has no optimizer. */
  readonly from: Start['weights'] | null;
  readonly to: Start['weights'];
}

type Declaring = Side & { readonly declared: readonly Manifest[] };

/** Of objects that both sides have, where their weights or the starts of these are not the same. */
export function leftOut(from: Declaring, to: Declaring, scope: Scope, kindOf: KindOf): LeftOut[] {
  const theirs = startsIn(from, scope, kindOf);
  return [...startsIn(to, scope, kindOf)].flatMap(([address, here]) => {
    const there = theirs.get(address);
    if (there === undefined || here.start === null) return [];
    if (same(there.start, here.start) && same(there.live, here.live)) return [];
    return [{ address, from: there.start, to: here.start }];
  });
}

interface Weights {
  /** As a manifest writes them; `null` where none leaves them to an optimizer. */
  readonly start: Start['weights'] | null;
  readonly live: Json;
}

function startsIn(
  { live: all, declared, catalog }: Declaring,
  scope: Scope,
  kindOf: KindOf,
): ReadonlyMap<Address, Weights> {
  const manifests = new Map(declared.map((one) => [`${one.kind}/${one.name}`, one]));
  const found = all.flatMap((live): (readonly [Address, Weights])[] => {
    const { address, kind } = live;
    const { fields, tuning, traffic } = kindOf(kind);
    if (tuning === undefined || !isInScope(scope, address)) return [];
    const manifest = manifests.get(address);
    const written = manifest && normalise(fields, specOf(manifest), catalog).fields;
    const start = manifest && written ? tuning.start(manifest, written) : null;
    const ways = traffic?.destinations(named(live, catalog, kindOf).fields) ?? [];
    const weights = ways.map(({ queue, weight }) => [queue, weight]);
    return [[address, { start: start?.weights ?? null, live: weights }]];
  });
  return new Map(found);
}

/** An id means nothing in another org: references are told by their names alone. */
function named(live: Live, catalog: Catalog, kindOf: KindOf): Live {
  const names: Catalog = {
    ...catalog,
    resolve: (to, reference): Resolution => {
      const id = isObject(reference) ? textOf(reference['id']) : '';
      const label = isObject(reference) ? catalog.nameOf(to, id) : reference;
      return { found: true, id, label };
    },
  };
  const table = kindOf(live.kind).fields;
  return { ...live, fields: lasting(table, normalise(table, live.fields, names).fields) };
}

function desiredOf({ address, kind, name, fields }: Live): Desired {
  const positions = { at: () => ({ file: '', line: 1, column: 1 }) };
  const body = { metadata: { name }, spec: fields };
  return {
    address,
    kind,
    name,
    fields,
    at: positions.at,
    manifest: { kind, name, body, positions },
  };
}
