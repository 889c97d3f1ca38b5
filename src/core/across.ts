/** Two orgs side by side, by name and never by id: `compare`, with an org as what is asked. */
import type { Catalog, Resolution } from './catalog.js';
import { compare } from './compare.js';
import { isObject, textOf } from './json.js';
import type { KindOf } from './kind.js';
import { normalise } from './normalise.js';
import { changesOf } from './plan.js';
import type { Scope } from './scope.js';
import type { StateRecord } from './state.js';
import type { Address, Change, Desired, Hash, Live, Manifest, Obstacle } from './types.js';

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
  // Nobody wrote what is compared here: there is no line to show.
  return changesOf(verdicts, kindOf, hash).map((change) => ({
    ...change,
    fields: change.fields.map((field) => ({ ...field, at: null })),
  }));
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
  return { ...live, fields: normalise(kindOf(live.kind).fields, live.fields, names).fields };
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
