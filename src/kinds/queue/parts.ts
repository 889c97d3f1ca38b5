/** Wrap-up codes and members of a queue: endpoints of their own, at most 100 in a request. */
import { objectsIn, isObject, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { IdOf, Part, PartChange, PartRequest } from '../../core/resource.js';
import { batches } from '../batches.js';

const MOST = 100;

export const wrapupCodes: Part = {
  field: 'wrapupCodes',
  page: (root, id) => ({ path: `${root}/${encodeURIComponent(id)}/wrapupcodes`, pageSize: MOST }),
  read: (items) => items.map(({ id = '' }) => ({ id })),
  mentions: (items) =>
    items.map(({ id, name }) => ({ to: 'wrap-up code', id: textOf(id), name: textOf(name) })),
  writes: ({ at, before, after, idOf }) => {
    const [there, asked] = [before, after].map((all) => idsOf('wrap-up code', all, idOf));
    const added = [...(asked ?? [])].filter((id) => there?.has(id) !== true);
    const removed = [...(there ?? [])].filter((id) => asked?.has(id) !== true);
    return [
      ...batches(added, MOST).map((ids) => listed(`${at}/wrapupcodes`, ids)),
      ...removed.map((id): PartRequest => ({
        method: 'DELETE',
        path: `${at}/wrapupcodes/${encodeURIComponent(id)}`,
      })),
    ];
  },
  isDone: ({ method, path, body }, items) => {
    const there = new Set(items.map(({ id }) => textOf(id)));
    if (method === 'DELETE') return !there.has(lastOf(path));
    return bodyIds(body).every((id) => there.has(id));
  },
};

/** Ring 1 is where the platform puts whoever is new. */
const FIRST_RING = 1;

export const members: Part = {
  field: 'members',
  isSeenLate: true,
  fresh: { ring: FIRST_RING },
  // Whoever is here through a group is the group's: adding or removing him here changes nothing.
  page: (root, id) => ({
    path: `${root}/${encodeURIComponent(id)}/members?memberBy=user`,
    pageSize: MOST,
  }),
  count: ({ userMemberCount: own, memberCount: all = null }) => {
    const count = own ?? all;
    return typeof count === 'number' ? count : null;
  },
  // Whether somebody has joined is his own affair.
  read: (items) =>
    items
      .filter(({ memberBy }) => memberBy !== 'group')
      .map(({ id = '', ringNumber }) => ({ user: { id }, ring: ringNumber ?? FIRST_RING })),
  mentions: (items) =>
    items.map(({ id, user }) => ({
      to: 'user',
      id: textOf(id),
      name: isObject(user) ? textOf(user['email'] ?? '') : '',
    })),
  writes: (change) => {
    const { at } = change;
    const [there, asked] = [
      ringsOf(change.before, change.idOf),
      ringsOf(change.after, change.idOf),
    ];
    const added = [...asked.keys()].filter((id) => !there.has(id));
    const removed = [...there.keys()].filter((id) => !asked.has(id));
    const moved = [...asked].filter(
      ([id, ring]) => ring !== null && ring !== (there.has(id) ? there.get(id) : FIRST_RING),
    );
    return [
      ...batches(added, MOST).map((ids) => listed(`${at}/members`, ids)),
      ...moved.map(([id, ringNumber]): PartRequest => ({
        method: 'PATCH',
        path: `${at}/members/${encodeURIComponent(id)}`,
        body: { id, ringNumber },
      })),
      ...batches(removed, MOST).map((ids) => listed(`${at}/members?delete=true`, ids)),
    ];
  },
  isDone: ({ method, path, body }, items) => {
    const there = new Map(
      items.map(({ id, ringNumber }) => [textOf(id), ringNumber ?? FIRST_RING]),
    );
    if (method === 'PATCH') {
      return isObject(body) && there.get(textOf(body['id'])) === body['ringNumber'];
    }
    const isRemoval = path.endsWith('?delete=true');
    return bodyIds(body).every((id) => there.has(id) !== isRemoval);
  },
};

function ringsOf(members_: PartChange['before'], idOf: IdOf): ReadonlyMap<string, Json> {
  return new Map(
    objectsIn(members_ ?? []).map(({ user = null, ring = null }) => [idOf('user', user), ring]),
  );
}

function idsOf(to: string, all: Json | null | undefined, idOf: IdOf): ReadonlySet<string> {
  return new Set(Array.isArray(all) ? all.map((one) => idOf(to, one)) : []);
}

function listed(path: string, ids: readonly string[]): PartRequest {
  return { method: 'POST', path, body: ids.map((id) => ({ id })) };
}

function bodyIds(body: PartRequest['body']): string[] {
  return Array.isArray(body) ? body.map((one: JsonObject) => textOf(one['id'])) : [];
}

function lastOf(path: string): string {
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}
