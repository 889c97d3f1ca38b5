/** What a run lists: every kind once, whoever needs it, and names for what refers to it. */
import { catalogOf, type Catalog, type NamedEntity, type ReferenceTo } from '../core/catalog.js';
import { textOf, type JsonObject } from '../core/json.js';
import { fieldsIn, referenceTypes } from '../core/normalise.js';
import type { RecordField } from '../core/fields.js';
import { withNewName } from '../core/moved.js';
import { partMentions } from '../core/part.js';
import type { Listing, Paged, Resource } from '../core/resource.js';
import { TABLES_PATH } from '../core/table.js';
import type { Binding, Bound } from './bind.js';
import { isKept } from './homes.js';
import type { Reader } from './ports.js';

export type Lister = Pick<Reader, 'list'>;

/** A listing of fewer is one page in every org, and shows what there is at one moment. */
const SURELY_ONE_PAGE = 100;

export function isOfPages({ length }: readonly unknown[], pageSize: number): boolean {
  return length >= Math.min(pageSize, SURELY_ONE_PAGE);
}

/**
 * Whoever may not overlook anybody reads a listing of several pages twice: one may be skipped
 * unseen while another goes and a third comes, and is not skipped by the next reading as well.
 */
export function twice(reader: Lister): Lister {
  return {
    list: async (path, pageSize, paged) => {
      const first = await reader.list(path, pageSize, paged);
      if (!isOfPages(first, pageSize)) return first;
      const keyOf = (one: JsonObject): string => textOf(one['key'] ?? one['id']);
      const again = await reader.list(path, pageSize, paged);
      const there = new Set(again.map(keyOf));
      return [...again, ...first.filter((one) => !there.has(keyOf(one)))];
    },
  };
}

/** Every object of a kind as the platform shows it; what it only remembers is none. */
export async function entitiesAt(
  reader: Lister,
  resource: Resource,
  root: string,
): Promise<JsonObject[]> {
  return objectsAt(reader, resource, resource.listing(root));
}

/** Those that the listing may leave out; none of most kinds. */
export async function entitiesApart(
  reader: Lister,
  resource: Resource,
  root: string,
): Promise<JsonObject[]> {
  const listing = resource.listedApart?.(root);
  return listing === undefined ? [] : objectsAt(reader, resource, listing);
}

async function objectsAt(
  reader: Lister,
  resource: Resource,
  { path, pageSize, paged }: Listing,
): Promise<JsonObject[]> {
  const all = await reader.list(path, pageSize, paged);
  return all.filter((entity) => !isGone(resource, entity));
}

export function isGone(resource: Resource, entity: JsonObject): boolean {
  return resource.isTombstone?.(entity) === true;
}

/**
 * What a manifest says is to be called otherwise is known by that name from here on, to whatever
 * refers to it as well: see `core/moved.ts`. One that has the name already is another object, and
 * of two that have names which it had, nobody knows which it is.
 */
function calledAnew(
  { resource }: Bound,
  entities: JsonObject[],
  names: ReadonlyMap<string, string> | undefined,
): JsonObject[] {
  if (names === undefined) return entities;
  const there = new Set(entities.map((entity) => resource.read(entity).name));
  const olds = new Map<string, number>();
  for (const old of there) {
    const name = names.get(old);
    if (name !== undefined) olds.set(name, (olds.get(name) ?? 0) + 1);
  }
  return entities.map((entity) => {
    const old = resource.read(entity).name;
    const name = names.get(old);
    const isOne = name !== undefined && !there.has(name) && olds.get(name) === 1;
    return isOne ? withNewName(entity, { old, name }) : entity;
  });
}

/** Things that references name and no kind manages. */
const FOREIGN: Readonly<Record<string, (reader: Reader) => Promise<NamedEntity[]>>> = {
  queue: async (reader) => reader.queues(),
  skill: async (reader) => reader.skills(),
  flow: async (reader) => namedBy(reader, '/api/v2/flows', 'name'),
  prompt: async (reader) => namedBy(reader, '/api/v2/architect/prompts', 'name'),
  script: async (reader) => namedBy(reader, '/api/v2/scripts', 'name'),
  group: async (reader) => namedBy(reader, '/api/v2/groups', 'name'),
  team: async (reader) => namedBy(reader, '/api/v2/teams', 'name', { paged: 'by cursor' }),
  'response library': async (reader) =>
    namedBy(reader, '/api/v2/responsemanagement/libraries', 'name'),
  // Names of people repeat; their addresses do not.
  user: async (reader) => namedBy(reader, '/api/v2/users', 'email', { pageSize: 500 }),
  division: async (reader) => [
    // Some things are in all divisions, which the platform writes as one.
    { id: '*', name: '*' },
    ...(await reader.list('/api/v2/authorization/divisions', 100)).map(
      ({ id, name }): NamedEntity => ({ id: textOf(id), name: textOf(name) }),
    ),
  ],
};

/** What is told apart by another field than its name. */
async function namedBy(
  reader: Reader,
  path: string,
  key: string,
  { pageSize = 100, paged }: { readonly pageSize?: number; readonly paged?: Paged } = {},
): Promise<NamedEntity[]> {
  const all = await reader.list(path, pageSize, paged);
  return all.map((one): NamedEntity => ({ id: textOf(one['id']), name: textOf(one[key] ?? '') }));
}

/** What has to be listed for manifests and objects of these kinds, as references call it. */
export function referredTo(binding: Binding, kinds: Iterable<string>): ReadonlySet<ReferenceTo> {
  const found = new Set<ReferenceTo>();
  for (const kind of kinds) {
    const { fields, ...of } = binding.kindOf(kind);
    const cited = 'cites' in of ? binding.named : [];
    for (const to of [...referenceTypes(fields), ...cited]) {
      if (!isNamedOnly(fields, to) || binding.named.has(to)) found.add(to);
    }
  }
  return found;
}

/** The listings of one observation. */
export class Listings {
  private readonly byKind = new Map<string, Promise<JsonObject[]>>();
  private readonly byType = new Map<ReferenceTo, Promise<NamedEntity[]>>();

  constructor(
    private readonly reader: Reader,
    private readonly binding: Binding,
    private readonly rootOf: (bound: Bound) => Promise<string | null>,
    /** What an earlier observation of the same run has read. */
    private readonly seen: Catalog | undefined,
    /** The data tables of the org, where somebody lists them anyway. */
    private readonly tables: Promise<JsonObject[]> | null = null,
    /** Names of the kinds of which also those are read that the listing may leave out. */
    private readonly apart: ReadonlySet<string> = new Set(),
  ) {}

  /** By kind, names of what is there and is ours to keep records in: objects of no manifest. */
  readonly kept = new Map<string, readonly string[]>();

  async of(bound: Bound): Promise<JsonObject[]> {
    const { name } = bound.kind;
    const known = this.byKind.get(name) ?? this.list(bound);
    this.byKind.set(name, known);
    return known;
  }

  private async list(bound: Bound): Promise<JsonObject[]> {
    const found = await this.listed(bound);
    return calledAnew(bound, found, this.binding.formerNames.get(bound.kind.name));
  }

  private async listed(bound: Bound): Promise<JsonObject[]> {
    const root = await this.rootOf(bound);
    if (root === null) return [];
    if (root !== TABLES_PATH) return this.everyOf(bound, root);
    const all = await (this.tables ?? entitiesAt(this.reader, bound.resource, root));
    const kept = all.filter((table) => isKept(table, this.binding));
    this.kept.set(
      bound.kind.name,
      kept.map((table) => textOf(table['name'])),
    );
    return all.filter((table) => !kept.includes(table));
  }

  private async everyOf({ kind, resource }: Bound, root: string): Promise<JsonObject[]> {
    if (!this.apart.has(kind.name)) return entitiesAt(this.reader, resource, root);
    const [listed, apart] = await Promise.all([
      entitiesAt(this.reader, resource, root),
      entitiesApart(this.reader, resource, root),
    ]);
    const idOf = (entity: JsonObject): string => resource.read(entity).id;
    const ids = new Set(listed.map(idOf));
    return [...listed, ...apart.filter((entity) => !ids.has(idOf(entity)))];
  }

  /** Begins to read what objects of these kinds refer to. */
  need(kinds: Iterable<string>): void {
    for (const to of referredTo(this.binding, kinds)) {
      if (this.byType.has(to) || this.seen?.types.includes(to) === true) continue;
      const names = this.namesOf(to);
      // Awaited with all others; until then nobody looks at how it ended.
      names.catch(() => undefined);
      this.byType.set(to, names);
    }
  }

  private async namesOf(to: ReferenceTo): Promise<NamedEntity[]> {
    const kind = this.binding.behind(to);
    if (kind !== null) {
      const bound = this.binding.of(kind);
      const found = await this.of(bound);
      return found.map((entity) => {
        const { id, name } = bound.resource.read(entity);
        return { id, name };
      });
    }
    const read = FOREIGN[to];
    if (read === undefined) throw new Error(`nobody knows where ${to}s are listed`);
    return read(this.reader);
  }

  /** All that was needed, and what was mentioned along with `entities`. */
  async catalog(
    entities: readonly { readonly bound: Bound; readonly entities: readonly JsonObject[] }[],
  ): Promise<Catalog> {
    const all = new Map<ReferenceTo, NamedEntity[]>();
    const taken = new Map<ReferenceTo, (name: string) => boolean>();
    for (const [to, names] of this.byType) {
      const listed = [...(await names)];
      all.set(to, listed);
      const kind = this.binding.behind(to);
      const there = new Set(listed.map(({ name }) => name));
      // What is gone may still be mentioned by the name that another has by now, or is to have.
      const isTaken = (name: string): boolean =>
        there.has(name) || this.binding.partsNamed.has(`${kind ?? ''}/${name}`);
      if (kind !== null) taken.set(to, isTaken);
    }
    // What is listed for itself alone has the name that a manifest is about to give it.
    const shown = new Map<ReferenceTo, ReadonlyMap<string, string>>();
    const namesOf = (to: ReferenceTo): ReadonlyMap<string, string> => {
      const names = shown.get(to) ?? namesAmong(entities, to);
      shown.set(to, names);
      return names;
    };
    for (const { bound, entities: listed } of entities) {
      for (const to of referenceTypes(bound.kind.fields)) {
        if (!all.has(to) && this.seen?.types.includes(to) !== true) all.set(to, []);
      }
      for (const { to, id, name } of mentionsIn(bound.resource, listed)) {
        const known = all.get(to);
        if (known === undefined || known.some((one) => one.id === id)) continue;
        const left = taken.get(to)?.(name) === true ? '' : name;
        known.push({ id, name: namesOf(to).get(id) ?? left });
      }
    }
    if (all.size === 0 && this.seen !== undefined) return this.seen;
    return joined(this.seen, catalogOf(Object.fromEntries(all)));
  }
}

function namesAmong(
  entities: readonly { readonly bound: Bound; readonly entities: readonly JsonObject[] }[],
  to: ReferenceTo,
): ReadonlyMap<string, string> {
  const of = entities.find(({ bound }) => bound.kind.refType === to);
  const read = of?.entities.map((entity) => of.bound.resource.read(entity)) ?? [];
  return new Map(read.map(({ id, name }) => [id, name]));
}

function mentionsIn(
  resource: Resource,
  entities: readonly JsonObject[],
): { to: ReferenceTo; id: string; name: string }[] {
  const seen = new Map<string, { to: ReferenceTo; id: string; name: string }>();
  for (const entity of entities) {
    const all = [...(resource.mentions?.(entity) ?? []), ...partMentions(resource, entity)];
    for (const one of all) seen.set(`${one.to} ${one.id}`, one);
  }
  return [...seen.values()];
}

/** Every reference of the table to things of that type has its name from the platform. */
function isNamedOnly(table: RecordField, to: ReferenceTo): boolean {
  return [...fieldsIn(table)].every(
    (field) => field.type !== 'reference' || field.to !== to || field.isNamed === true,
  );
}

/** Two catalogs of different things as one. */
function joined(first: Catalog | undefined, second: Catalog): Catalog {
  if (first === undefined || first.types.length === 0) return second;
  const of = (to: ReferenceTo): Catalog => (second.types.includes(to) ? second : first);
  return {
    types: [...new Set([...first.types, ...second.types])].sort(),
    resolve: (to, reference) => of(to).resolve(to, reference),
    label: (to, id) => of(to).label(to, id),
    named: (to, name) => of(to).named(to, name),
    nameOf: (to, id) => of(to).nameOf(to, id),
  };
}
