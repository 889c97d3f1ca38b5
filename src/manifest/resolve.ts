/** Manifests × catalog → what is desired: names resolved, defaults filled in, lines kept. */
import type { Catalog } from '../core/catalog.js';
import type { Issue, Location } from '../core/issue.js';
import type { Field, RecordField } from '../core/fields.js';
import type { Meant } from '../core/plan.js';
import { explained, NO_FORMER, type Former, type Writing } from '../core/former.js';
import { isObject, pointerToken, textOf, valueAt, type Json } from '../core/json.js';
import { specOf } from '../core/manifest.js';
import { askedOf, type Kind, type KindOf } from '../core/kind.js';
import { normalise, referencesIn } from '../core/normalise.js';
import type { Address, Desired, Manifest, Obstacle } from '../core/types.js';

export interface Resolved {
  /** One for every manifest, also where `obstacles` has something to say of it. */
  readonly desired: readonly Desired[];
  /** By address: why it cannot be said what the manifest asks for. */
  readonly obstacles: ReadonlyMap<Address, readonly Obstacle[]>;
  /** By address, where a name stands for nothing in the org. */
  readonly meant: ReadonlyMap<Address, Meant>;
  /**
   * One for every queue or skill that the org does not have, and what breaks a rule of the kind
   * once it is known that a name and an id stand for the same object.
   */
  readonly issues: readonly Issue[];
}

/**
 * `isById`: objects of the kind hold ids: a name on record is the id that it once stood for;
 * `where`: see `Writing`.
 */
export function resolve(
  manifests: readonly Manifest[],
  catalog: Catalog,
  kindOf: KindOf,
  former: Former = NO_FORMER,
  isById: (kind: string) => boolean = () => false,
  where = 'the manifest',
): Resolved {
  const issues: Issue[] = [];
  const obstacles = new Map<Address, Obstacle[]>();
  const meant = new Map<Address, Meant>();
  // One table a kind, however many manifests there are.
  const tables = new Map<string, RecordField>();
  const desired = manifests.map((manifest): Desired => {
    const kind = kindOf(manifest.kind);
    const table = tables.get(kind.name) ?? asWritten(kind.fields);
    tables.set(kind.name, table);
    const address: Address = `${manifest.kind}/${manifest.name}`;
    const names = isById(manifest.kind) ? byIdToo(catalog, former, address) : catalog;
    const normal = normalise(kind.fields, askedOf(kind, manifest), names);
    const own = [
      ...normal.unresolved.map((one): Issue => {
        const said = explained(one, { of: address, where }, catalog, former);
        const at = manifest.positions.at(`/spec${one.pointer}`);
        return { code: `unknown-${one.to}`, severity: 'error', at, ...said };
      }),
      ...brokenOnceResolved(manifest, kind, table, names),
      ...unknownCitations(manifest, kind, { of: address, where }, catalog, former),
    ];
    if (own.length > 0) obstacles.set(address, own.map(obstacleOf));
    if (normal.unresolved.length > 0) {
      const known = normalise(kind.fields, normal.fields, knowing(catalog, former, address));
      meant.set(address, { fields: known.fields, isWhole: known.unresolved.length === 0 });
    }
    for (const issue of own) issues.push({ ...issue, message: `${address}: ${issue.message}` });
    return {
      address,
      kind: manifest.kind,
      name: manifest.name,
      fields: normal.fields,
      at: (pointer) =>
        locationOf(manifest, `/spec${placeIn(kind, manifest, normal.origin(pointer))}`),
      manifest,
    };
  });
  return { desired, obstacles, meant, issues };
}

/** Names in texts, of which one place each is said. */
function unknownCitations(
  manifest: Manifest,
  kind: Kind,
  writing: Writing,
  catalog: Catalog,
  former: Former,
): Issue[] {
  const seen = new Set<string>();
  return (kind.cites?.(manifest) ?? []).flatMap(({ to, name, pointer }): Issue[] => {
    if (seen.has(`${to} ${name}`)) return [];
    seen.add(`${to} ${name}`);
    const resolution = catalog.resolve(to, name);
    if (resolution.found) return [];
    const { reason, hint } = resolution;
    const one = { pointer, to, reference: name, reason, ...(hint === undefined ? {} : { hint }) };
    const said = explained(one, writing, catalog, former);
    const at = manifest.positions.at(`/spec${pointer}`);
    return [{ code: `unknown-${to}`, severity: 'error', at, ...said }];
  });
}

function placeIn(kind: Kind, manifest: Manifest, pointer: string): string {
  return kind.placeInSpec?.(specOf(manifest), pointer) ?? pointer;
}

export function obstacleOf({ message, hint, at }: Issue): Obstacle {
  return {
    message,
    ...(hint === undefined ? {} : { hint }),
    at: at === null ? null : { file: at.file, line: at.line },
  };
}

/**
 * The same, where that is there: of what is gone the name is said, unless the way back gives
 * another name to what has been made again under it.
 */
function byIdToo(catalog: Catalog, former: Former, of: Address): Catalog {
  const known = knowing(catalog, former, of);
  return {
    ...catalog,
    resolve: (to, reference) => {
      const found = known.resolve(to, reference);
      if (found.found) return found;
      const becomes = catalog.toBecome?.(to, textOf(reference)) ?? null;
      return catalog.resolve(to, becomes ?? reference);
    },
  };
}

/** The same catalog, to which a name on record is the object that it once stood for. */
function knowing(catalog: Catalog, former: Former, of: Address): Catalog {
  return {
    ...catalog,
    resolve: (to, reference) => {
      const found = catalog.resolve(to, reference);
      const id = found.found ? null : former(to, textOf(reference), of);
      return id === null ? found : catalog.resolve(to, { id });
    },
  };
}

/** Manifests come here without errors by themselves, so each of these is about the org. */
function brokenOnceResolved(
  manifest: Manifest,
  kind: Kind,
  table: RecordField,
  catalog: Catalog,
): Issue[] {
  const spec = askedOf(kind, manifest);
  // What is named by names alone is not named otherwise once it is resolved.
  if (!referencesIn(kind.fields, spec).some(({ reference }) => isObject(reference))) return [];
  const { fields } = normalise(table, spec, catalog);
  const own = kind.fromSpec === undefined ? { ...spec, ...fields } : kind.toSpec(fields, {});
  const body = { ...manifest.body, spec: own };
  return kind.rules({ ...manifest, body }).filter((issue) => issue.severity === 'error');
}

/** The same table with every list in the order of the file, so that positions hold. */
function asWritten(
  table: RecordField,
  // A table may lead back to itself.
  known = new Map<RecordField, RecordField>(),
): RecordField {
  const done = known.get(table);
  if (done !== undefined) return done;
  const fields: Record<string, Field> = {};
  const written = { ...table, fields };
  known.set(table, written);
  for (const [key, field] of Object.entries(table.fields)) {
    if (field.type === 'record') fields[key] = asWritten(field, known);
    else if (field.type === 'set') fields[key] = { ...field, asWritten: true };
    else if (field.type !== 'list') fields[key] = field;
    else fields[key] = { ...field, item: asWritten(field.item, known), order: { by: '' } };
  }
  return written;
}

/** Where a value was written: in the overlay, when one has changed a part of it. */
function locationOf({ body, positions }: Manifest, pointer: string): Location {
  const own = positions.at(pointer);
  if (positions.isOfOneFile === true) return own;
  return elsewhere(positions, pointer, valueAt(body, pointer), own.file) ?? own;
}

/**
 * The first part of a value that was written in another file, however deep in mappings; of a list
 * alone an item of it: what stands inside of one is told there.
 */
function elsewhere(
  positions: Manifest['positions'],
  pointer: string,
  value: Json | undefined,
  file: string,
): Location | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const below = `${pointer}/${pointerToken(key)}`;
    const place = positions.at(below);
    if (place.file !== file) return place;
    const isList = Array.isArray(value) || Array.isArray(part);
    const found = isList ? null : elsewhere(positions, below, part, file);
    if (found !== null) return found;
  }
  return null;
}
