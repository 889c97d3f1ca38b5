/**
 * Names and ids of what strategies refer to. Manifests speak in names, the platform in ids; the
 * comparable form is the name, or `{ id }` where a name is unknown or stands for several objects.
 */
import { isObject, textOf, type Json } from './json.js';
import { byText } from './issue.js';
import { Hints } from './nearest.js';

/** What references call the kind of what they name: `queue`, `skill`. */
export type ReferenceTo = string;

export interface NamedEntity {
  readonly id: string;
  readonly name: string;
}

export type Resolution =
  | { readonly found: true; readonly id: string; readonly label: Json }
  | { readonly found: false; readonly reason: string; readonly hint?: string };

export interface Catalog {
  /** What was read of the org, in order. */
  readonly types: readonly ReferenceTo[];
  /** What a reference of a manifest stands for. */
  resolve(to: ReferenceTo, reference: Json): Resolution;
  /** The comparable form of an id. */
  label(to: ReferenceTo, id: string): Json;
  /** Ids of all objects of that name. */
  named(to: ReferenceTo, name: string): readonly string[];
  /** What people call the object: its name, else its id. */
  nameOf(to: ReferenceTo, id: string): string;
  /** Of a name that the org has yet and a manifest calls otherwise: that name, else `null`. */
  toBecome?(to: ReferenceTo, name: string): string | null;
}

interface Shelf {
  /** What is like an unknown name: made once somebody asks. */
  readonly hints: () => Hints;
  readonly byId: ReadonlyMap<string, string>;
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

export function catalogOf(
  entities: Readonly<Record<ReferenceTo, readonly NamedEntity[]>>,
): Catalog {
  const shelves = new Map(Object.entries(entities).map(([to, all]) => [to, shelfOf(all)]));
  const shelfFor = (to: ReferenceTo): Shelf => {
    const shelf = shelves.get(to);
    // What was not read is not known, which is another thing than not being there.
    if (shelf === undefined) throw new Error(`the ${to}s of the org were not read`);
    return shelf;
  };
  const label = (to: ReferenceTo, id: string): Json => {
    const { byId, byName } = shelfFor(to);
    const name = byId.get(id);
    // What has been mentioned without its name is known by its id alone.
    return name && byName.get(name)?.length === 1 ? name : { id };
  };
  return {
    types: [...shelves.keys()].sort(byText),
    label,
    named: (to, name) => shelfFor(to).byName.get(name) ?? [],
    nameOf: (to, id) => shelfFor(to).byId.get(id) || id,
    resolve(to, reference) {
      const shelf = shelfFor(to);
      if (isObject(reference)) {
        const id = textOf(reference['id']);
        if (shelf.byId.has(id)) return { found: true, id, label: label(to, id) };
        const hint = 'write its name, or the id that it has in this org: every org has its own';
        return { found: false, reason: `the org has no ${to} with id "${id}"`, hint };
      }
      const name = textOf(reference);
      const ids = shelf.byName.get(name) ?? [];
      if (ids.includes('')) {
        const reason = `the platform lists the ${to} "${name}" without an id`;
        return { found: false, reason, hint: 'look at it in the org, and run again' };
      }
      if (ids.length === 1 && ids[0] !== undefined) return { found: true, id: ids[0], label: name };
      if (ids.length > 1) {
        const choices = ids.map((id) => `{ id: ${id} }`).join(' or ');
        return {
          found: false,
          reason: `the org has ${ids.length} ${to}s named "${name}"`,
          hint: `say which one: ${choices}`,
        };
      }
      return {
        found: false,
        reason: `the org has no ${to} "${name}"`,
        ...hintFor(to, name, shelf),
      };
    },
  };
}

function shelfOf(entities: readonly NamedEntity[]): Shelf {
  const byId = new Map<string, string>();
  const byName = new Map<string, string[]>();
  for (const { id, name } of entities) {
    if (byId.has(id)) continue;
    // A name without an id stands for something: it must not be taken for a name that nothing has.
    if (id !== '') byId.set(id, name);
    const ids = byName.get(name);
    if (ids) ids.push(id);
    else byName.set(name, [id]);
  }
  let known: Hints | null = null;
  const hints = (): Hints => (known ??= new Hints([...byName.keys()], (one) => `"${one}"`));
  return { byId, byName, hints };
}

/** How the names of the example that `init` writes begin. */
const PLACEHOLDER = 'REPLACE ';

function hintFor(to: ReferenceTo, name: string, shelf: Shelf): { hint: string } {
  if (name.startsWith(PLACEHOLDER)) {
    return { hint: `a placeholder: write the name of a ${to} of your org in its place` };
  }
  const hint =
    shelf.hints().of(name) ??
    `create the ${to} in the org first, or check that this client may see its division`;
  return { hint };
}

/** For people: its name, and its id beside it where others have that name too. */
export function shownName(catalog: Catalog, to: ReferenceTo, id: string): string {
  const name = catalog.nameOf(to, id);
  return name === id || catalog.resolve(to, name).found ? name : `${name} [${id}]`;
}

/** The text by which a reference is told apart from others in a list. */
export function referenceKey(reference: Json): string {
  // Items without a name are told apart by numbers.
  if (typeof reference === 'number') return String(reference);
  return isObject(reference) ? `id:${textOf(reference['id'])}` : textOf(reference);
}
