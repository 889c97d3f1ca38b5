/** Parts of objects: read where somebody names them, written one request after the other. */
import { same } from '../core/canonical.js';
import { saysGone } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { partedFields, stepOf, withoutParts, withParts } from '../core/part.js';
import type {
  ChangeContent,
  IdOf,
  Part,
  PartRequest,
  PartRows,
  Resource,
} from '../core/resource.js';
import { fileWrites, rowsInFile } from '../core/row-traffic.js';
import { kindName } from '../core/outcome.js';
import type { StateRecord } from '../core/state.js';
import type { Address } from '../core/types.js';
import type { Binding, Bound } from './bind.js';
import type { Lister } from './listings.js';
import type { Reader } from './ports.js';

export async function itemsOf(
  reader: Lister,
  part: Part,
  root: string,
  id: string,
): Promise<JsonObject[]> {
  const { path, pageSize, paged } = part.page(root, id);
  return reader.list(path, pageSize, paged);
}

/** The object with those parts of it as they are now. */
export async function readParts(
  reader: Lister,
  { resource, root, id }: { resource: Resource; root: string; id: string },
  entity: JsonObject,
  fields: ReadonlySet<string>,
): Promise<JsonObject> {
  const wanted = (resource.parts ?? []).filter(({ field }) => fields.has(field));
  if (wanted.length === 0) return entity;
  const items = await Promise.all(
    wanted.map(async (part) => [part.field, await itemsOf(reader, part, root, id)] as const),
  );
  return withParts(entity, Object.fromEntries(items));
}

/**
 * The parts of an object that a run looks at: those that its manifest names; of what no manifest
 * declares those that its record has, which a rollback has to give back.
 */
export function partsAsked(
  binding: Binding,
  address: Address,
  record: StateRecord | undefined,
): ReadonlySet<string> {
  const named = binding.partsNamed.get(address);
  // Whoever reads everything says which parts: what a record has of people is not written out.
  if (binding.inFull !== null) return new Set([...binding.inFull, ...(named ?? [])]);
  if (named !== undefined) return named;
  const { resource } = binding.of(kindName(address));
  return new Set(Object.keys(partedFields(resource, record?.applied ?? {}).ofParts));
}

/**
 * Objects as they were listed, with the parts of each that somebody asks for. What has gone since,
 * of which `isThere` knows, is left out.
 */
export async function withPartsRead(
  reader: Reader,
  { bound, root, binding }: { bound: Bound; root: string; binding: Binding },
  records: ReadonlyMap<string, StateRecord>,
  entities: readonly JsonObject[],
  isThere: (id: string) => Promise<boolean>,
): Promise<JsonObject[]> {
  const { kind, resource } = bound;
  const found = await Promise.all(
    entities.map(async (entity) => {
      const { id, name } = resource.read(entity);
      const address: Address = `${kind.name}/${name}`;
      const fields = partsAsked(binding, address, records.get(address));
      if (id === '') return entity;
      try {
        return await readParts(reader, { resource, root, id }, entity, fields);
      } catch (error) {
        const isAbsent = saysGone(error);
        if (!isAbsent || (await isThere(id))) throw error;
        return null;
      }
    }),
  );
  return found.filter((one) => one !== null);
}

/** The parts that a change touches. */
export function partsOf(change: Pick<ChangeContent, 'before' | 'after'>): ReadonlySet<string> {
  return new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})]);
}

/** The change as the object itself sees it. */
export function ownChange<T extends ChangeContent>(resource: Resource, change: T): T {
  if (resource.parts === undefined) return change;
  const own = (fields: JsonObject | null): JsonObject | null =>
    fields === null ? null : partedFields(resource, fields).own;
  return { ...change, before: own(change.before), after: own(change.after) };
}

export interface PartWrite {
  readonly part: Part;
  readonly step: string;
  readonly request: PartRequest;
}

/** What a change writes beside the object itself, in order. `at`: the path of the object. */
export function partWrites(
  resource: Resource,
  { before, after }: Pick<ChangeContent, 'before' | 'after'>,
  at: string,
  idOf: IdOf,
): PartWrite[] {
  return (resource.parts ?? []).flatMap((part) => {
    const asked = after?.[part.field];
    const there = before?.[part.field];
    if (asked === undefined || same(there, asked)) return [];
    const requests = part.writes({ at, before: there ?? null, after: asked, idOf });
    return requests.map((request) => ({ part, step: stepOf(part), request }));
  });
}

/** Rows that go in one file, each with the write that it would be by itself. */
export interface FiledRows {
  readonly part: Part;
  readonly rowsOf: PartRows;
  readonly writes: readonly PartWrite[];
  readonly rows: readonly JsonObject[];
}

/** Writes of parts, split into those that go in files because that takes fewer, and the others. */
export function parted(
  all: readonly PartWrite[],
  mayImport: boolean,
): { readonly inFiles: readonly FiledRows[]; readonly singly: readonly PartWrite[] } {
  const inFiles: FiledRows[] = [];
  const filed = new Set<PartWrite>();
  for (const part of mayImport ? new Set(all.map((one) => one.part)) : []) {
    const { rows: rowsOf } = part;
    if (rowsOf === undefined) continue;
    const made = all.flatMap((write) => {
      const row = write.part === part ? rowsOf.madeBy(write.request) : null;
      return row === null ? [] : [{ write, row }];
    });
    if (!fileWrites(made.map(({ row }) => row))) continue;
    const most = rowsInFile(Object.keys(made[0]?.row ?? {}).length);
    for (let from = 0; from < made.length; from += most) {
      const some = made.slice(from, from + most);
      const [writes, rows] = [some.map(({ write }) => write), some.map(({ row }) => row)];
      inFiles.push({ part, rowsOf, writes, rows });
    }
    for (const { write } of made) filed.add(write);
  }
  return { inFiles, singly: all.filter((one) => !filed.has(one)) };
}

/** Of two looks at an object: alike, its parts left out of account. */
export function sameOwn(a: JsonObject, b: JsonObject): boolean {
  return same(withoutParts(a), withoutParts(b));
}
