/** Of which divisions people may be in a group: an endpoint of its own, 50 at most in a request. */
import { isObject, textOf, type Json } from '../../core/json.js';
import type { IdOf, Part } from '../../core/resource.js';
import { batches } from '../batches.js';

const MOST = 50;

export const memberDivisions: Part = {
  field: 'memberDivisions',
  page: (root, id) => ({
    path: `${root}/${encodeURIComponent(id)}/members/divisions`,
    pageSize: 500,
    paged: 'not at all',
  }),
  read: (items) => items.map(({ id = '' }) => ({ id })),
  mentions: (items) =>
    items.map(({ id, name }) => {
      const division = textOf(id);
      return { to: 'division', id: division, name: division === '*' ? '*' : textOf(name ?? '') };
    }),
  writes: ({ at, before, after, idOf }) => {
    const [there, asked] = [before, after].map((all) => idsOf(all, idOf));
    const added = [...(asked ?? [])].filter((id) => there?.has(id) !== true);
    const removed = [...(there ?? [])].filter((id) => asked?.has(id) !== true);
    // What comes comes first: a group of no division at all would lose its people for a moment.
    return [
      ...batches(added, MOST).map((addDivisionIds) => ({ addDivisionIds })),
      ...batches(removed, MOST).map((removeDivisionIds) => ({ removeDivisionIds })),
    ].map((body) => ({ method: 'POST', path: `${at}/members/divisions`, body }));
  },
  isDone: ({ body }, items) => {
    if (!isObject(body)) return false;
    const there = new Set(items.map(({ id }) => textOf(id)));
    return (
      textsIn(body['addDivisionIds']).every((id) => there.has(id)) &&
      textsIn(body['removeDivisionIds']).every((id) => !there.has(id))
    );
  },
};

function idsOf(all: Json | null, idOf: IdOf): ReadonlySet<string> {
  return new Set(Array.isArray(all) ? all.map((one) => idOf('division', one)) : []);
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map((one) => textOf(one)) : [];
}
