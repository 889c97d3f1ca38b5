/**
 * What a listing may leave out whole: queues that have a peer, as far as anybody knows. Asked for
 * only where something is named, or on record, that the plain listing does not show: taken for not
 * there, it would be made a second time, and what names it would be left as it is.
 */
import { folded } from '../core/alike.js';
import { referenceKey, type ReferenceTo } from '../core/catalog.js';
import type { Json } from '../core/json.js';
import { askedOf, type KindOf } from '../core/kind.js';
import { referencesIn } from '../core/normalise.js';
import { kindName, objectName } from '../core/outcome.js';
import type { Address, Live, Manifest } from '../core/types.js';
import type { Binding, Bound } from './bind.js';
import { rootOf } from './homes.js';
import { entitiesApart } from './listings.js';
import type { Observation } from './observe.js';
import type { Reader } from './ports.js';

/** Names of the kinds of which there are such that are meant; none where nothing is missing. */
export async function kindsApart(
  reader: Reader,
  binding: Binding,
  manifests: readonly Manifest[],
  observation: Observation,
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    binding.all.map(async (bound) => {
      const { kind, resource } = bound;
      if (resource.listedApart === undefined) return [];
      const missing = missingOf(bound, binding, manifests, observation);
      const root = missing.size === 0 ? null : rootOf(bound, observation.homes);
      const apart = root === null ? [] : await entitiesApart(reader, resource, root);
      const known = idsOf(bound, observation);
      // All is read again for one that somebody means, and not for whatever has a peer.
      const isMeant = apart.some((entity) => {
        const { id, name } = resource.read(entity);
        return !known(id) && (missing.has(folded(name)) || missing.has(referenceKey({ id })));
      });
      return isMeant ? [kind.name] : [];
    }),
  );
  return new Set(found.flat());
}

/** Names and ids, as references say them, that are declared, on record or named, and not there. */
function missingOf(
  { kind }: Bound,
  { kindOf, formerNames }: Binding,
  manifests: readonly Manifest[],
  { live, unclear, state, catalog }: Observation,
): ReadonlySet<string> {
  const { name, refType } = kind;
  const there = new Set<string>([...live.map(({ address }) => address), ...unclear.keys()]);
  const declared = new Set(
    manifests.filter((one) => one.kind === name).map((one): Address => `${name}/${one.name}`),
  );
  const known = [...state.records.values()].filter(({ address }) => kindName(address) === name);
  const own = [...declared, ...known.map(({ address }) => address)];
  const missing = own.filter((address) => !there.has(address)).map(objectName);
  const ids = known.flatMap(({ address, id }) =>
    id === null || there.has(address) ? [] : referenceKey({ id }),
  );
  // The org may call yet otherwise what a manifest is about to call so.
  const former = missing.length === 0 ? [] : [...(formerNames.get(name)?.keys() ?? [])];
  const named =
    refType === undefined || !catalog.types.includes(refType)
      ? []
      : namedIn(refType, live, manifests, kindOf).flatMap((reference) => {
          const key = referenceKey(reference);
          const isDeclared = declared.has(`${name}/${key}`);
          return isDeclared || catalog.resolve(refType, reference).found ? [] : [key];
        });
  return new Set([...[...missing, ...former, ...named].map(folded), ...named, ...ids]);
}

/** References in fields and texts, each once: thousands of manifests name some hundred queues. */
function namedIn(
  refType: ReferenceTo,
  live: readonly Live[],
  manifests: readonly Manifest[],
  kindOf: KindOf,
): Json[] {
  const named = new Map<string, Json>();
  const note = (to: ReferenceTo, reference: Json): void => {
    if (to !== refType) return;
    // A name may begin as an id is written.
    const key = typeof reference === 'string' ? `=${reference}` : referenceKey(reference);
    named.set(key, reference);
  };
  for (const { dangling = [] } of live) for (const one of dangling) note(one.to, one.reference);
  for (const manifest of manifests) {
    const kind = kindOf(manifest.kind);
    for (const one of referencesIn(kind.fields, askedOf(kind, manifest)))
      note(one.to, one.reference);
    for (const { to, name } of kind.cites?.(manifest) ?? []) note(to, name);
  }
  return [...named.values()];
}

/** Of what the listing has shown, whether the kind is managed here or is named alone. */
function idsOf(
  { kind: { name, refType } }: Bound,
  { live, namesakes = [], catalog }: Observation,
): (id: string) => boolean {
  const ids = new Set(
    [...live, ...namesakes].filter((one) => one.kind === name).map((one) => one.id),
  );
  const isListed = refType !== undefined && catalog.types.includes(refType);
  return (id) => ids.has(id) || (isListed && catalog.resolve(refType, { id }).found);
}
