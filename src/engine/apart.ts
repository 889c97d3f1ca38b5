/**
 * What a listing may leave out whole: queues that have a peer, as far as anybody knows. Asked for
 * only where something is named, or on record, that the plain listing does not show: taken for not
 * there, it would be made a second time, and what names it would be left as it is.
 */
import { referenceKey } from '../core/catalog.js';
import { askedOf } from '../core/kind.js';
import { referencesIn } from '../core/normalise.js';
import { kindName } from '../core/outcome.js';
import type { Address, Manifest } from '../core/types.js';
import type { Binding, Bound } from './bind.js';
import { rootOf } from './homes.js';
import { entitiesApart } from './listings.js';
import type { Observation } from './observe.js';
import type { Reader } from './ports.js';

/** Names of the kinds of which there are such; none where nothing is missing. */
export async function kindsApart(
  reader: Reader,
  binding: Binding,
  manifests: readonly Manifest[],
  observation: Observation,
): Promise<ReadonlySet<string>> {
  const lacking = binding.all.filter(
    (bound) =>
      bound.resource.listedApart !== undefined && lacks(bound, binding, manifests, observation),
  );
  const found = await Promise.all(
    lacking.map(async ({ kind, resource }) => {
      const root = rootOf({ kind, resource }, observation.homes);
      const apart = root === null ? [] : await entitiesApart(reader, resource, root);
      const ids = new Set(idsOf(kind.name, observation));
      const isNew = apart.some((entity) => !ids.has(resource.read(entity).id));
      return isNew ? [kind.name] : [];
    }),
  );
  return new Set(found.flat());
}

function lacks(
  { kind }: Bound,
  { kindOf }: Binding,
  manifests: readonly Manifest[],
  { live, unclear, state, catalog }: Observation,
): boolean {
  const { name, refType } = kind;
  const there = new Set<string>([...live.map(({ address }) => address), ...unclear.keys()]);
  const declared = manifests
    .filter((one) => one.kind === name)
    .map((one): Address => `${name}/${one.name}`);
  const known = [...state.records.values()]
    .map(({ address }) => address)
    .filter((address) => kindName(address) === name);
  if ([...declared, ...known].some((address) => !there.has(address))) return true;
  if (refType === undefined || !catalog.types.includes(refType)) return false;
  const ours = new Set<string>(declared);
  return (
    live.some(({ dangling = [] }) => dangling.some(({ to }) => to === refType)) ||
    manifests.some((manifest) => {
      const { fields } = kindOf(manifest.kind);
      return referencesIn(fields, askedOf(kindOf(manifest.kind), manifest)).some(
        ({ to, reference }) =>
          to === refType &&
          !ours.has(`${name}/${referenceKey(reference)}`) &&
          !catalog.resolve(to, reference).found,
      );
    })
  );
}

function idsOf(kind: string, { live, namesakes = [] }: Observation): string[] {
  return [...live, ...namesakes].filter((one) => one.kind === kind).map(({ id }) => id);
}
