/** Who takes the calls of a queue: its members, and whoever is in one of its groups. */
import { objectsIn, type JsonObject } from '../../core/json.js';
import type { Crew } from '../../core/kind.js';
import type { Reference } from '../../core/normalise.js';

const GROUPS = { groups: 'group', skillGroups: 'skill group', teams: 'team' } as const;

export function crew(fields: JsonObject): Crew {
  const { members } = fields;
  const groups = Object.entries(GROUPS).flatMap(([key, to]): Reference[] => {
    const all = fields[key];
    return Array.isArray(all) ? all.map((reference) => ({ to, reference })) : [];
  });
  const people = Array.isArray(members) ? objectsIn(members).map(({ user = null }) => user) : null;
  return { people, groups };
}
