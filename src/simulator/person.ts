/**
 * A person at the admin UI, while somebody else's requests come in: changes or deletes a strategy
 * or a row, and is audited for it. Only faults let a person in.
 */
import { isObject, objectsIn, type Json, type JsonObject } from '../core/json.js';
import type { Caller, Reply } from './call.js';
import { idFrom } from './ids.js';
import type { Org, Table, User } from './model.js';
import { Refusal } from './refusal.js';
import { findRoute } from './routes.js';

const STRATEGIES = '/api/v2/routing/strategies';
const TABLES = '/api/v2/flows/datatables';

/**
 * Sets the weight of the first target of a strategy, or the first number of a row, to `value`, or
 * close to it when that is what it is. The object is the one that `path` is about, otherwise
 * `value` chooses. Nothing happens where there is none, or nobody in the org.
 */
export function personEdits(org: Org, path: string, value: number, at: number): void {
  const place = touchedPath(org, path, value);
  if (place === undefined) return;
  const found = act(org, at, 'GET', `${place}?showbrief=false`);
  if (!isObject(found)) return;
  const other = (old: unknown): number => (old === value ? (value + 0.5) % 1 : value);
  if (place.startsWith(STRATEGIES)) {
    const [first, ...rest] = objectsIn(found['targets']);
    const targets = [{ ...first, weight: other(first?.['weight']) }, ...rest];
    act(org, at, 'PUT', place, { targets });
    return;
  }
  const column = numberColumn(tableOf(org, place));
  if (column !== undefined) {
    act(org, at, 'PUT', place, { ...found, [column]: other(found[column]) });
  }
}

/** Deletes the object that `path` is about, otherwise one that `value` chooses. */
export function personDeletes(org: Org, path: string, value: number, at: number): void {
  const place = touchedPath(org, path, value);
  if (place !== undefined) act(org, at, 'DELETE', place);
}

/** The strategy or row that is touched: nobody edits tables without numbers by hand. */
function touchedPath(org: Org, path: string, value: number): string | undefined {
  const places = [
    ...[...org.strategies.keys()].map((id) => `${STRATEGIES}/${id}`),
    ...[...org.tables.values()]
      .filter((table) => numberColumn(table) !== undefined)
      .flatMap((table) => [...table.rows.keys()].map((key) => rowPath(table, key))),
  ];
  const own = path.split('?', 1)[0] ?? '';
  if (places.includes(own)) return own;
  return places[Math.min(places.length - 1, Math.floor(value * places.length))];
}

function rowPath(table: Table, key: string): string {
  return `${TABLES}/${table.id}/rows/${encodeURIComponent(key)}`;
}

function tableOf(org: Org, place: string): Table | undefined {
  return org.tables.get(place.slice(TABLES.length + 1).split('/', 1)[0] ?? '');
}

function numberColumn(table: Table | undefined): string | undefined {
  return [...(table?.columns ?? [])].find(([, { type }]) => type === 'number')?.[0];
}

/** The body of the answer; `null` when the platform refuses, or nobody is there to ask. */
function act(org: Org, at: number, method: string, target: string, body?: JsonObject): Json {
  const caller = personOf(org);
  if (caller === null) return null;
  const [path = '', query = ''] = target.split('?');
  try {
    const [route, params] = findRoute(method, path);
    const asked = new URLSearchParams(query);
    const text = body === undefined ? '' : JSON.stringify(body);
    const call = { org, at, caller, origin: '', path, params, query: asked, text };
    const reply: Reply = route.respond(call);
    return reply.body === undefined ? null : (JSON.parse(JSON.stringify(reply.body)) as Json);
  } catch (problem) {
    if (problem instanceof Refusal) return null;
    throw problem;
  }
}

/** Whoever acts as a person in this org; else its first user, at the platform's own client. */
function personOf(org: Org): Caller | null {
  const known = [...org.clients.values()].find(({ userId }) => userId !== null);
  const user: User | undefined =
    org.users.get(known?.userId ?? '') ?? [...org.users.values()].at(0);
  if (user === undefined) return null;
  const id = idFrom(`client/${org.id}/admin-ui`);
  const client = known ?? {
    id,
    secret: '',
    permissions: ['*'],
    tokenSeconds: 0,
    userId: user.id,
  };
  const token = { value: '', clientId: client.id, expiresAt: 0, windowStart: 0, count: 0 };
  return { client, token, user };
}
