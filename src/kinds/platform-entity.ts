/**
 * Resources of the platform's plain things: a name, perhaps a division and some texts, in a listing
 * that shows each in full. What is deleted may stay in it, marked as such.
 *
 * Where they have no version that a write could be held against, the engine looks before it writes.
 */
import { same } from '../core/canonical.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import { objectName } from '../core/outcome.js';
import { namesIn } from '../core/place.js';
import { unsaidIn } from '../core/unsaid.js';
import type {
  AuditSubject,
  ChangeContent,
  Held,
  IdOf,
  Mention,
  Paged,
  Resource,
  Standing,
  Step,
  WriteRequest,
} from '../core/resource.js';

export interface PlatformEntity {
  /** Of the listing, and of an object below it. */
  readonly path: string;
  readonly pageSize: number;
  readonly isListedBriefly?: true;
  readonly paged?: Paged;
  /** What has to be asked for along with an object: `expand=schema`. */
  readonly query?: string;
  /** Fields that the platform has as texts, under the names that it calls them. */
  readonly texts: readonly string[];
  readonly hasDivision: boolean;
  /** What it has beside texts and division, from the platform's form and to it. */
  readonly more?: {
    readonly read: (entity: JsonObject) => JsonObject;
    /** What `fields` says of it. */
    readonly shown: (fields: JsonObject, idOf: IdOf) => JsonObject;
  };
  /** All that it has, for what is no plain thing. Default: texts, division and `more`. */
  readonly raw?: (entity: JsonObject) => JsonObject;
  /** Texts that are not sent where they are empty. */
  readonly leftOutWhenEmpty?: readonly string[];
  /** Bodies have a number that a write must send as it was read, and that every write raises. */
  readonly isVersioned?: true;
  /** The body that makes an object. Default: as it is shown. */
  readonly creation?: (name: string, fields: JsonObject, idOf: IdOf) => JsonObject;
  /** The write that changes one; `entity` is what was just read. `null`: there is no such write. */
  readonly update: Update | null;
  /** False: an update leaves the name as it is. */
  readonly isRenamed?: false;
  /** As the audit calls it. */
  readonly audit: Pick<AuditSubject, 'service' | 'entityType'>;
  /** As dependency tracking calls it; absent where it knows none of the sort. */
  readonly consumers?: string;
  /** As the directory calls it, where people have it. */
  readonly heldBy?: Held;
  /** What lets the platform delete an object in use: `force=true`. Default: nothing does. */
  readonly forced?: string;
}

/** `managed`: what is said of the object, as the platform has it. */
type Update = (
  entity: JsonObject,
  managed: JsonObject,
  about: { readonly before: JsonObject | null; readonly after: JsonObject; readonly idOf: IdOf },
) => Pick<WriteRequest, 'method' | 'body'>;

/** Whole: what is not ours travels along as it was just read. */
export const wholeUpdate: Update = (entity, managed) => ({
  method: 'PUT',
  body: { ...entity, ...managed },
});

export function platformEntity(of: PlatformEntity): Resource {
  const entity = (name: string, fields: JsonObject, idOf: IdOf): JsonObject => ({
    name,
    ...shown(of, fields, idOf),
  });
  const query = of.query === undefined ? '' : `?${of.query}`;
  return {
    home: { path: of.path },
    listing: (root) => ({
      path: `${root}${query}`,
      pageSize: of.pageSize,
      ...(of.paged === undefined ? {} : { paged: of.paged }),
    }),
    ...(of.isListedBriefly === undefined ? {} : { isListedBriefly: of.isListedBriefly }),
    itemPath: (root, id) => `${root}/${encodeURIComponent(id)}${query}`,
    read: (one) => ({
      id: textOf(one['id']),
      name: textOf(one['name']),
      state: 'active',
      errorMessage: null,
      version:
        of.isVersioned === true && typeof one['version'] === 'number' ? one['version'] : null,
      // Everything there is of an object: most listings are read for names alone.
      get raw() {
        return of.raw === undefined ? rawOf(of, one) : of.raw(one);
      },
    }),
    ...(of.update === null || of.isRenamed === false ? {} : { renames: true as const }),
    mentions: (one) => (of.hasDivision ? divisionIn(one) : []),
    isTombstone: (one) => one['state'] === 'deleted',
    own: (one) => ({ name: one['name'] ?? null, ...ownOf(of, one) }),
    entity,
    unsaid: (one) => unsaidIn(one, entity('', rawOf(of, one), idInRaw)),
    steps: (change, root) => stepsOf(of, entity, change, root),
    ...(of.consumers === undefined ? {} : { consumers: of.consumers }),
    ...(of.heldBy === undefined ? {} : { heldBy: of.heldBy }),
    audit: {
      ...of.audit,
      idOf: ({ entityId }) => entityId,
      holding: (place) => {
        const { top } = namesIn(place);
        return (property) => property === top || property.startsWith(`${top}.`);
      },
      valueIn: (one, property) => {
        const division = one['division'];
        if (property === 'division' && isObject(division)) return textOf(division['id']);
        return textOf(one[property]) || null;
      },
    },
  };
}

/** References in a raw object are ids already. */
export const idInRaw: IdOf = (_to, reference) =>
  isObject(reference) ? textOf(reference['id']) : '';

function rawOf({ texts, hasDivision, more }: PlatformEntity, one: JsonObject): JsonObject {
  const raw: JsonObject = { ...more?.read(one) };
  for (const key of texts) raw[key] = textOf(one[key] ?? '');
  if (hasDivision && isObject(one['division']))
    raw['division'] = { id: one['division']['id'] ?? '' };
  return raw;
}

function divisionIn(one: JsonObject): Mention[] {
  const { division } = one;
  if (!isObject(division)) return [];
  const id = textOf(division['id']);
  // All divisions are one that has no name.
  return [{ to: 'division', id, name: id === '*' ? '*' : textOf(division['name']) }];
}

/** What our writes set, as it is shown. */
function ownOf({ texts, hasDivision, more }: PlatformEntity, one: JsonObject): JsonObject {
  const { division } = one;
  return {
    ...more?.read(one),
    ...Object.fromEntries(texts.map((key) => [key, textOf(one[key] ?? '')])),
    ...(hasDivision && isObject(division) ? { division: { id: division['id'] ?? '' } } : {}),
  };
}

/** Fields as the platform has them; what is not said is left out. */
function shown(
  { texts, hasDivision, more }: PlatformEntity,
  fields: JsonObject,
  idOf: IdOf,
): JsonObject {
  const { division } = fields;
  const said = texts.filter((key) => Object.hasOwn(fields, key));
  return {
    ...Object.fromEntries(said.map((key) => [key, fields[key] ?? ''])),
    ...more?.shown(fields, idOf),
    ...(hasDivision && division !== undefined
      ? { division: { id: idOf('division', division) } }
      : {}),
  };
}

/** An empty text is sent where it takes the place of another, and for no key that is not there. */
function without(
  { leftOutWhenEmpty = [] }: PlatformEntity,
  body: JsonObject,
  found: JsonObject,
): JsonObject {
  const isSent = (key: string, value: Json): boolean =>
    value !== '' || (Object.hasOwn(found, key) && !leftOutWhenEmpty.includes(key));
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => isSent(key, value)));
}

type EntityOf = (name: string, fields: JsonObject, idOf: IdOf) => JsonObject;

function stepsOf(
  of: PlatformEntity,
  entity: EntityOf,
  change: ChangeContent,
  root: string,
): readonly Step[] {
  const { action, address, before, after, exactly, consumers, previously, follows } = change;
  const { update, creation = entity, query, forced } = of;
  const name = objectName(address);
  const isUsed = consumers !== undefined && 'found' in consumers;
  const at = (standing: Standing | null): string => {
    if (standing === null) throw new Error(`${address} does not exist yet and has no path`);
    return `${root}/${encodeURIComponent(standing.id)}`;
  };
  switch (action) {
    case 'create':
      return [
        {
          do: 'write',
          name: 'create',
          request: (_standing, idOf) => ({
            method: 'POST',
            path: root,
            body: without(of, creation(name, after ?? {}, idOf), {}),
          }),
        },
      ];
    case 'update':
    case 'adopt':
      // Adopting what is as it should be sends nothing; it has to be still so.
      const isNamed = previously !== undefined || follows !== undefined;
      const isSame = exactly === undefined && !isNamed && same(before, after);
      if (update === null || isSame) {
        return [{ do: 'verify' }];
      }
      return [
        // A version is held against what is there by the platform; a body is made of what was read.
        ...(of.isVersioned === true ? [{ do: 'verify' } as const] : []),
        {
          do: 'write',
          name: 'update',
          request: (standing, idOf) => {
            const { entity: found } = standing ?? {};
            const fields = after ?? {};
            const named = previously === undefined ? {} : { name };
            const managed = { ...shown(of, fields, idOf), ...named };
            const request = update(found ?? {}, managed, { before, after: fields, idOf });
            const body = without(of, request.body ?? {}, found ?? {});
            const path = query === undefined ? at(standing) : `${at(standing)}?${query}`;
            return { ...request, path, body };
          },
        },
      ];
    case 'delete':
      return [
        { do: 'verify' },
        {
          do: 'write',
          name: 'delete',
          // Only of what the plan says is in use, which is carried out under --force alone.
          request: (standing) => ({
            method: 'DELETE',
            path: `${at(standing)}${isUsed && forced !== undefined ? `?${forced}` : ''}`,
          }),
        },
      ];
  }
}
