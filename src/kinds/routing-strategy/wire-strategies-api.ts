/**
 * `/api/v2/routing/strategies`: the wire form of the `strategies-api` backend. What it
 * answers is in src/simulator/BEHAVIOUR.md; the public Genesys Cloud does not offer it today.
 */
import { same } from '../../core/canonical.js';
import { isObject, objectsIn, textOf, type JsonObject } from '../../core/json.js';
import type { IdOf, Read, Standing, Step, Wire } from '../../core/kind.js';
import type { LiveState } from '../../core/types.js';

const ROOT = '/api/v2/routing/strategies';

export const strategiesApi: Wire = {
  // 100 is the largest page that the contract admits.
  listing: { path: ROOT, pageSize: 100 },
  itemPath: (id) => `${ROOT}/${encodeURIComponent(id)}`,
  read,
  steps(change) {
    switch (change.action) {
      case 'create':
        return createSteps(change.address.slice(change.address.indexOf('/') + 1), change.after);
      case 'update':
      case 'adopt':
        return updateSteps(change.before, change.after);
      case 'delete':
        return [{ do: 'verify' }, { do: 'write', name: 'delete', request: remove }];
    }
  },
};

/** Reads `{ id, name, status, selectionCriteria, targets, fallback, version }`; ids stay ids. */
function read(entity: JsonObject): Read {
  const status = textOf(entity['status']);
  const criteria = entity['selectionCriteria'];
  const skills = isObject(criteria) ? objectsIn(criteria['skills']) : [];
  const fallback = isObject(entity['fallback']) ? entity['fallback']['queue'] : null;
  return {
    id: textOf(entity['id']),
    name: textOf(entity['name']),
    state: stateOf(status),
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

function withQueue({ id, ...rest }: JsonObject): JsonObject {
  return { ...rest, queue: { id: id ?? null } };
}

/** Any status but the three final ones means: still being processed. */
function stateOf(status: string): LiveState {
  return status === 'draft' || status === 'active' || status === 'failed' ? status : 'processing';
}

function createSteps(name: string, after: JsonObject | null): Step[] {
  const create: Step = {
    do: 'write',
    name: 'create',
    // A new strategy is always a draft: nothing routes by it until its checks have passed.
    request: (_standing, idOf) => ({
      method: 'POST',
      path: ROOT,
      body: { name, status: 'draft', ...body(after ?? {}, CONTENT, idOf) },
    }),
  };
  return after?.['status'] === 'active' ? [create, ...activation()] : [create];
}

function updateSteps(before: JsonObject | null, after: JsonObject | null): Step[] {
  const changed = CONTENT.filter((key) => !same(before?.[key], after?.[key]));
  const write = (keys: readonly string[], status?: string): Step => ({
    do: 'write',
    name: 'update',
    request: (standing, idOf) => ({
      method: 'PUT',
      path: itemPath(standing),
      body: {
        ...(status === undefined ? {} : { status }),
        ...body(after ?? {}, keys, idOf),
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
  if (stateOf(was) === 'processing' && changed.length === 0) return [{ do: 'await-active' }];
  return [...content, ...activation()];
}

function activation(): Step[] {
  return [
    { do: 'check' },
    {
      do: 'write',
      name: 'activate',
      request: (standing) => ({
        method: 'PUT',
        path: itemPath(standing),
        body: { status: 'active', ...versionOf(standing) },
      }),
    },
    { do: 'await-active' },
  ];
}

function remove(standing: Standing | null): { method: 'DELETE'; path: string } {
  return { method: 'DELETE', path: itemPath(standing) };
}

function itemPath(standing: Standing | null): string {
  if (standing === null) throw new Error('a strategy that does not exist yet has no path');
  return strategiesApi.itemPath(standing.id);
}

/** The platform refuses a PUT whose version is not the latest: our precondition, kept there. */
function versionOf(standing: Standing | null): JsonObject {
  return standing?.version == null ? {} : { version: standing.version };
}

const CONTENT = ['selection', 'targets', 'fallback'] as const;

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
