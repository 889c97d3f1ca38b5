/**
 * Objects to the last cell: fields say what an object does, not all that is in it. What a person
 * has made of one, in another order or in cells that nobody reads, is kept beside the fields where
 * a change is about to end it, and is what a rollback writes back.
 */
import { isCanonicalisable, same } from '../core/canonical.js';
import { addressOfDeclared } from '../core/declared.js';
import { referenceKey, type Catalog } from '../core/catalog.js';
import type { Verdict } from '../core/compare.js';
import { operationalIn } from '../core/fields.js';
import { textOf, type JsonObject } from '../core/json.js';
import { askedOf, type Kind, type KindOf } from '../core/kind.js';
import { normalise, referencesIn, type Reference } from '../core/normalise.js';
import { kindName, objectName } from '../core/outcome.js';
import type { Former } from '../core/former.js';
import type { IdOf } from '../core/resource.js';
import type { Address, Change, Desired, Exact, Live, Manifest, Obstacle } from '../core/types.js';
import { partedFields } from '../core/part.js';
import type { Binding, Bound } from './bind.js';
import { idsIn, liveOf } from './observe.js';

/** What is known of an object that is to be as it was found, by address. */
export type Findings = ReadonlyMap<Address, Exact | null>;

/**
 * The object as it is, where writing `fields` would give another one; `null` where it would not, or
 * where it holds what no log can. `whole`: with what is beside our own part. `renamed`: names that
 * stand for something, though the catalog has another name for it already.
 */
export function exactOf(
  { kind, resource }: Bound,
  { entity, fields, name }: { entity: JsonObject; fields: JsonObject; name: string },
  catalog: Catalog,
  whole: boolean,
  renamed: ReadonlySet<string> = new Set(),
): Exact | null {
  const own = resource.own(entity);
  const beside = whole ? (resource.beside?.(entity) ?? {}) : {};
  const unknown = unknownIn(kind, fields, catalog).filter((one) => !renamed.has(one));
  const isBlank = Object.values(beside).every((value) => textOf(value ?? '') === '');
  // An id that nothing answers to cannot be asked for by its name.
  const isSaid =
    unknown.length === 0 && same(own, resource.own(resource.entity(name, fields, idsIn(catalog))));
  if ((isSaid && isBlank) || !isCanonicalisable({ ...own, ...beside })) return null;
  return { entity: { ...beside, ...own }, unknown };
}

function unknownIn(kind: Kind, fields: JsonObject, catalog: Catalog): string[] {
  return referencesIn(kind.fields, fields).flatMap(({ to, reference }) =>
    catalog.resolve(to, reference).found ? [] : [`${to}:${referenceKey(reference)}`],
  );
}

/** What of the org the plan itself calls otherwise, by the name that it has: `queue:Sales`. */
export function renamedFrom(live: readonly Live[], kindOf: KindOf): ReadonlySet<string> {
  return new Set(
    live.flatMap(({ kind, previously }) =>
      previously === undefined ? [] : [`${kindOf(kind).refType}:${previously}`],
    ),
  );
}

/** A change with what it ends, and what is odd about it. A name that is about to go is not odd. */
export function withFound(
  change: Change,
  entity: JsonObject | null,
  bound: Bound,
  catalog: Catalog,
  renamed: ReadonlySet<string>,
): Change {
  const { before, address } = change;
  if (before === null || entity === null) return change;
  const name = objectName(address);
  const found = exactOf(bound, { entity, fields: before, name }, catalog, false, renamed);
  const odd = bound.resource.odd?.of(entity) ?? [];
  const remarks = [...odd, ...oddBack(change, bound, catalog), ...(change.remarks ?? [])];
  return {
    ...change,
    ...(found === null ? {} : { found }),
    ...(remarks.length === 0 ? {} : { remarks }),
  };
}

/** What somebody had made of an object before the run, and what goes back to be so. */
function oddBack(
  { exactly, after }: Change,
  { kind, resource }: Bound,
  catalog: Catalog,
): string[] {
  if (exactly === undefined || after === null) return [];
  const nowhere = unknownIn(kind, after, catalog).map((one) => {
    const [to = '', ...name] = one.split(':');
    return `it names the ${to} "${name.join(':')}", which the org has not`;
  });
  const all = [...(resource.odd?.of(exactly) ?? []), ...new Set(nowhere)];
  return all.length === 0
    ? []
    : [`it goes back to what somebody had made of it: ${all.join(', ')}`];
}

/** A rollback gives back all but an id that the platform gives, and call flows may hold it. */
export function withNewId(change: Change, findings: Findings | undefined, bound: Bound): Change {
  const isMadeAgain = change.action === 'create' && findings?.has(change.address) === true;
  if (!isMadeAgain || 'table' in bound.resource.home) return change;
  const { heldBy } = bound.resource;
  const people = heldBy === undefined ? '' : ', and whoever had it has it no more';
  const names = 'what names it by the id that it had loses it';
  const remark = `it is made again under another id: ${names}${people}`;
  return { ...change, remarks: [...(change.remarks ?? []), remark] };
}

export interface WayBack {
  readonly findings: Findings;
  /** What names once stood for. */
  readonly former: Former;
  /** Also a name that stood for something which is called otherwise by now, or gone: `--force`. */
  readonly asFound: boolean;
}

/** What manifests of a rollback ask for, to the last cell; the others need their names resolved. */
export function exactDesired(
  manifests: readonly Manifest[],
  back: WayBack,
  binding: Binding,
  catalog: Catalog,
): { readonly desired: readonly Desired[]; readonly others: readonly Manifest[] } {
  const desired: Desired[] = [];
  const others: Manifest[] = [];
  for (const manifest of manifests) {
    const address: Address = `${manifest.kind}/${manifest.name}`;
    const asked = { bound: binding.of(manifest.kind), manifest, catalog };
    const found = back.findings.get(address);
    const exactly = found === undefined ? null : writable(asked, address, found, back);
    if (exactly === null) others.push(manifest);
    else desired.push(desiredOf(asked, address, exactly));
  }
  return { desired, others };
}

interface Asked {
  readonly bound: Bound;
  readonly manifest: Manifest;
  readonly catalog: Catalog;
}

/**
 * `null` where a name or an id in it has lost its object: somebody has to say what then. A text
 * that never stood for anything is what a person has typed, and goes back as it was.
 */
function writable(
  { bound, manifest, catalog }: Asked,
  address: Address,
  found: Exact | null,
  { former, asFound }: WayBack,
): JsonObject | null {
  const { kind, resource } = bound;
  const { fields } = normalise(kind.fields, askedOf(kind, manifest), catalog);
  // A table holds names, and takes any; an endpoint takes no id that nothing answers to.
  const isTable = 'table' in resource.home;
  const written = { ...resource.entity(manifest.name, {}, () => ''), ...found?.entity };
  const named = found === null ? fields : liveOf(bound, written, catalog).fields;
  const references = referencesIn(kind.fields, named).map((one) => {
    const resolution = catalog.resolve(one.to, one.reference);
    return { ...one, id: resolution.found ? resolution.id : null };
  });
  // What comes back in the same run has no id yet that could be written here.
  const comes = references.some(({ id }) => id !== null && addressOfDeclared(id) !== null);
  if (comes && !isTable) return null;
  const unknown = references.filter(({ id }) => id === null);
  const wasThen = ({ to, reference }: Reference): boolean =>
    found?.unknown.includes(`${to}:${referenceKey(reference)}`) === true &&
    (typeof reference !== 'string' || former(to, reference, address) === null);
  const isSound = unknown.every((one) => isTable && (asFound || wasThen(one)));
  if (!isSound) return null;
  const idOf: IdOf = isTable ? () => '' : idsIn(catalog);
  return found?.entity ?? resource.own(resource.entity(manifest.name, fields, idOf));
}

/**
 * The same, with the ways that a rollback has: what it asks for stands in no manifest that could be
 * mended. A table takes back what was found, whatever it names.
 */
export function orAsFound(
  obstacles: ReadonlyMap<Address, readonly Obstacle[]>,
  { findings, asFound }: WayBack,
  binding: Binding,
): ReadonlyMap<Address, readonly Obstacle[]> {
  if (findings.size === 0) return obstacles;
  return new Map(
    [...obstacles].map(([address, all]) => {
      const isRow = 'table' in binding.of(kindName(address)).resource.home;
      if (!findings.has(address) || (isRow && asFound)) return [address, all];
      const without = `leave ${address} out with --target`;
      const forced = 'pass --force to give back all but that';
      const way = isRow
        ? 'pass --force to write it back as it was found'
        : asFound
          ? without
          : `${forced}, or ${without}`;
      const hinted = all.map((one) => ({
        ...one,
        hint: one.hint === undefined ? way : `${one.hint}, or ${way}`,
      }));
      return [address, hinted];
    }),
  );
}

function desiredOf(
  { bound, manifest, catalog }: Asked,
  address: Address,
  exactly: JsonObject,
): Desired {
  const { kind, resource } = bound;
  const normal = normalise(kind.fields, askedOf(kind, manifest), catalog);
  const entity = { ...resource.entity(manifest.name, normal.fields, () => ''), ...exactly };
  const { ofParts } = partedFields(resource, normal.fields);
  const { fields: read } = liveOf(bound, entity, catalog);
  const left = leftToPeople(kind, normal.fields);
  const own = Object.entries(read).filter(([key]) => !left.has(key));
  const fields = { ...Object.fromEntries(own), ...ofParts };
  const at = (): ReturnType<Desired['at']> => manifest.positions.at('');
  return { address, kind: kind.name, name: manifest.name, fields, at, manifest, exactly };
}

/** What people switch, where nobody asks for it: it is in no body by which an object goes back. */
function leftToPeople({ fields }: Kind, asked: JsonObject): ReadonlySet<string> {
  return new Set([...operationalIn(fields)].filter((key) => !Object.hasOwn(asked, key)));
}

/**
 * The same verdict, with what has to be written where the fields agree and the cells do not. What
 * is written by its fields alone is as it was once these are.
 */
export function toTheCell(verdict: Verdict, { resource }: Bound): Verdict {
  if (resource.writesCells !== true) return verdict;
  if (!('desired' in verdict) || verdict.is === 'foreign' || verdict.is === 'blocked')
    return verdict;
  const { exactly } = verdict.desired;
  if (exactly === undefined) return verdict;
  if (verdict.is === 'create') return { ...verdict, exactly };
  const isThere = same(resource.own(verdict.live.entity), resource.own(exactly));
  if (verdict.is !== 'unchanged') {
    const isLike = isThere && same(verdict.after, verdict.live.fields);
    return isLike ? verdict : { ...verdict, exactly };
  }
  if (isThere) return verdict;
  const { desired, live, owned } = verdict;
  const after = live.fields;
  return { is: owned ? 'update' : 'adopt', desired, live, after, exactly, applied: null };
}
