/**
 * `/api/v2/routing/strategies`: the wire form of the `strategies-api` backend. What it
 * answers is in src/simulator/BEHAVIOUR.md; the public Genesys Cloud does not offer it today.
 */
import { same } from '../../core/canonical.js';
import {
  isObject,
  objectsIn,
  pointerKeys,
  pointerToken,
  textOf,
  valueAt,
  type Json,
  type JsonObject,
} from '../../core/json.js';
import type {
  ChangeContent,
  IdOf,
  Read,
  Resource,
  Standing,
  Step,
  WriteStep,
} from '../../core/resource.js';
import { objectName } from '../../core/outcome.js';
import { namesIn, type Place } from '../../core/place.js';
import type { LiveState } from '../../core/types.js';
import { circularLeft } from './circular.js';

export const strategiesApi: Resource = {
  home: { path: '/api/v2/routing/strategies' },
  // 100 is the largest page that the contract admits.
  listing: (root) => ({ path: root, pageSize: 100 }),
  itemPath: (root, id) => `${root}/${encodeURIComponent(id)}`,
  read,
  own,
  entity: (name, fields, idOf) => ({
    name,
    status: fields['status'] ?? 'draft',
    ...body(fields, CONTENT, idOf),
  }),
  steps(change, root) {
    switch (change.action) {
      case 'create':
        return createSteps(objectName(change.address), change, root);
      case 'update':
      case 'adopt':
        return updateSteps(change, root);
      case 'delete':
        return [{ do: 'verify' }, { do: 'write', name: 'delete', request: removal(root) }];
    }
  },
  writesCells: true,
  problems: circularLeft,
  audit: {
    service: 'Routing',
    entityType: 'RoutingStrategy',
    idOf: ({ entityId }) => entityId,
    holding,
    valueIn,
  },
};

/** The audit names a property by its path in the body: `targets/<queue id>/weight`. */
function holding(place: Place, _live: JsonObject, idOf: IdOf): (property: string) => boolean {
  const { top, item, leaf: below } = namesIn(place);
  // All of them together, where none is named.
  const leaf = top === 'selection' && item === null ? null : below;
  const list = top === 'selection' ? 'selectionCriteria/skills' : top;
  const to = top === 'selection' ? 'skill' : 'queue';
  if (top === 'fallback' && leaf !== null) {
    const name = `fallback/queue/${leaf === 'queue' ? 'id' : leaf}`;
    return (property) => property === name;
  }
  if (top === 'status') return (property) => property === top;
  const parts = item === null ? [list] : [list, pointerToken(idOf(to, unkeyed(item)))];
  const prefix = parts.join('/');
  return (property) =>
    leaf === null ? property.startsWith(`${prefix}/`) : property === `${prefix}/${leaf}`;
}

/** The reference behind its text in a list: `core/catalog.ts` makes `id:…` of an id. */
function unkeyed(key: string): Json {
  return key.startsWith('id:') ? { id: key.slice(3) } : key;
}

function valueIn(entity: JsonObject, property: string): string | null {
  const [top = '', ...rest] = pointerKeys(`/${property}`);
  const value = top === 'targets' ? itemIn(entity['targets'], 'id', rest) : null;
  if (value !== null) return value;
  if (top === 'selectionCriteria') {
    const criteria = entity[top];
    const skills = isObject(criteria) ? criteria['skills'] : undefined;
    return itemIn(skills, 'skillId', rest.slice(1));
  }
  const found = valueAt(entity, `/${property}`);
  return found === undefined || found === null || typeof found === 'object' ? null : String(found);
}

function itemIn(list: Json | undefined, key: string, [id, leaf = '']: string[]): string | null {
  const item = objectsIn(list).find((one) => one[key] === id);
  const value = item?.[leaf] ?? null;
  return value === null || typeof value === 'object' ? null : String(value);
}

/** Reads `{ id, name, status, selectionCriteria, targets, fallback, version }`; ids stay ids. */
function read(entity: JsonObject): Read {
  const status = textOf(entity['status']);
  const criteria = entity['selectionCriteria'];
  const skills = isObject(criteria) ? objectsIn(criteria['skills']) : [];
  const fallback = isObject(entity['fallback']) ? entity['fallback']['queue'] : null;
  return {
    id: textOf(entity['id']),
    name: textOf(entity['name']),
    state: liveStateOf(status),
    errorMessage: typeof entity['errorMessage'] === 'string' ? entity['errorMessage'] : null,
    version: typeof entity['version'] === 'number' ? entity['version'] : null,
    raw: {
      status,
      selection: {
        skills: skills.map((one) => ({
          skill: { id: one['skillId'] ?? null },
          required: one['required'] ?? true,
        })),
      },
      targets: objectsIn(entity['targets']).map((one) => withQueue(one)),
      fallback: isObject(fallback) ? withQueue(fallback) : null,
    },
  };
}

/** What a PUT can set, in the order in which it stands there; the status has steps of its own. */
function own(entity: JsonObject): JsonObject {
  const pick = (from: JsonObject, keys: readonly string[]): JsonObject =>
    Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
  const criteria = entity['selectionCriteria'];
  const fallback = isObject(entity['fallback']) ? entity['fallback']['queue'] : null;
  const queue = (one: JsonObject): JsonObject =>
    pick(one, ['id', 'priority', 'weight', 'capacity']);
  return {
    selectionCriteria: {
      skills: objectsIn(isObject(criteria) ? criteria['skills'] : undefined).map((one) =>
        pick(one, ['skillId', 'required']),
      ),
    },
    targets: objectsIn(entity['targets']).map(queue),
    fallback: isObject(fallback) ? { queue: queue(fallback) } : null,
  };
}

function withQueue({ id, ...rest }: JsonObject): JsonObject {
  return { ...rest, queue: { id: id ?? null } };
}

/** Any status but the three final ones means: still being processed. */
function liveStateOf(status: string): LiveState {
  return status === 'draft' || status === 'active' || status === 'failed' ? status : 'processing';
}

function createSteps(name: string, change: ChangeContent, root: string): Step[] {
  const { after } = change;
  const create: Step = {
    do: 'write',
    name: 'create',
    // A new strategy is always a draft: nothing routes by it until its checks have passed.
    request: (_standing, idOf) => ({
      method: 'POST',
      path: root,
      body: { name, status: 'draft', ...contentFor(change, contentOf(after), idOf) },
    }),
  };
  return after?.['status'] === 'active' ? [create, ...activation(root)] : [create];
}

/** What a new strategy is given: none is what it has where nothing is said of a fallback. */
function contentOf(after: JsonObject | null): readonly string[] {
  return CONTENT.filter((key) => key !== 'fallback' || isObject(after?.[key]));
}

function updateSteps(change: ChangeContent, root: string): Step[] {
  const { before, after, exactly, follows } = change;
  // Under the same names there may be other ids.
  const isWhole = exactly !== undefined || follows !== undefined;
  // Adopting what is as it should be sends nothing; it has to be still so.
  if (!isWhole && same(before, after)) return [{ do: 'verify' }];
  const changed = CONTENT.filter((key) => isWhole || !same(before?.[key], after?.[key]));
  const write = (keys: readonly string[], status?: string): Step => ({
    do: 'write',
    name: 'update',
    request: (standing, idOf) => ({
      method: 'PUT',
      path: itemPath(root, standing),
      body: {
        ...(status === undefined ? {} : { status }),
        ...contentFor(change, keys, idOf),
        ...versionOf(standing),
      },
    }),
  });
  const was = textOf(before?.['status']);
  if (after?.['status'] !== 'active') {
    return [write(changed, was === after?.['status'] ? undefined : textOf(after?.['status']))];
  }
  if (was === 'active') return [{ do: 'check' }, write(changed)];
  const content = changed.length === 0 ? [] : [write(changed)];
  // Someone has started the activation already: waiting is all that is left.
  if (liveStateOf(was) === 'processing' && changed.length === 0) return [{ do: 'await-active' }];
  return [...content, ...activation(root)];
}

function activation(root: string): Step[] {
  return [
    { do: 'check' },
    {
      do: 'write',
      name: 'activate',
      request: (standing) => ({
        method: 'PUT',
        path: itemPath(root, standing),
        body: { status: 'active', ...versionOf(standing) },
      }),
    },
    { do: 'await-active' },
  ];
}

function removal(root: string): WriteStep['request'] {
  return (standing) => ({ method: 'DELETE', path: itemPath(root, standing) });
}

function itemPath(root: string, standing: Standing | null): string {
  if (standing === null) throw new Error('a strategy that does not exist yet has no path');
  return strategiesApi.itemPath(root, standing.id);
}

/** The platform refuses a PUT whose version is not the latest: our precondition, kept there. */
function versionOf(standing: Standing | null): JsonObject {
  return standing?.version == null ? {} : { version: standing.version };
}

const CONTENT = ['selection', 'targets', 'fallback'] as const;

/** As the change gives it, or as it was found, for a change that puts that back. */
function contentFor(
  { after, exactly }: ChangeContent,
  keys: readonly string[],
  idOf: IdOf,
): JsonObject {
  if (exactly === undefined) return body(after ?? {}, keys, idOf);
  const names = keys.map((key) => (key === 'selection' ? 'selectionCriteria' : key));
  return Object.fromEntries(Object.entries(exactly).filter(([key]) => names.includes(key)));
}

/** A PUT changes only what it carries, so only `keys` are sent. */
function body(after: JsonObject, keys: readonly string[], idOf: IdOf): JsonObject {
  const out: JsonObject = {};
  const selection = after['selection'];
  if (keys.includes('selection') && isObject(selection)) {
    out['selectionCriteria'] = {
      skills: objectsIn(selection['skills']).map((one) => ({
        skillId: idOf('skill', one['skill'] ?? null),
        required: one['required'] ?? true,
      })),
    };
  }
  if (keys.includes('targets')) {
    out['targets'] = objectsIn(after['targets']).map((one) => withId(one, idOf));
  }
  const fallback = after['fallback'];
  if (keys.includes('fallback') && fallback !== undefined) {
    out['fallback'] = isObject(fallback) ? { queue: withId(fallback, idOf) } : null;
  }
  return out;
}

function withId({ queue, ...rest }: JsonObject, idOf: IdOf): JsonObject {
  return { id: idOf('queue', queue ?? null), ...rest };
}
