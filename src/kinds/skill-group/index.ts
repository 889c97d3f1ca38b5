/** SkillGroup: whoever meets conditions on skills and languages is in it, and nobody else. */
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import type { Kind } from '../../core/kind.js';
import type { Resource, ResourceProblem } from '../../core/resource.js';
import { platformEntity } from '../platform-entity.js';
import { fromWritten, toWritten } from './conditions.js';
import { CONDITIONS } from './fields.js';
import { memberDivisions } from './member-divisions.js';
import { rules } from './rules.js';

const CONDITION_KEY = 'skillConditions';

const plain = platformEntity({
  path: '/api/v2/routing/skillgroups',
  pageSize: 100,
  isListedBriefly: true,
  paged: 'by cursor',
  texts: ['description'],
  hasDivision: true,
  more: {
    // The listing has no conditions: what is not there is not known.
    read: (group) =>
      Array.isArray(group[CONDITION_KEY])
        ? { [CONDITION_KEY]: fromWritten(group[CONDITION_KEY]) }
        : {},
    shown: ({ [CONDITION_KEY]: conditions }) =>
      conditions === undefined ? {} : { [CONDITION_KEY]: toWritten(conditions, 'platform') },
  },
  // A PATCH leaves what it does not say, but for what the platform wants to be told each time.
  update: (group, managed) => ({
    method: 'PATCH',
    body: {
      name: group['name'] ?? '',
      [CONDITION_KEY]: group[CONDITION_KEY] ?? [],
      ...managed,
    },
  }),
  audit: { service: 'Routing', entityType: 'SkillGroup' },
});

const platform: Resource = { ...plain, parts: [memberDivisions], problems: unnamed };

/** A condition says the name of a skill, which another may have as well. */
function unnamed(fields: JsonObject): ResourceProblem[] {
  return idsIn(fields[CONDITION_KEY], `/${CONDITION_KEY}`).map(({ pointer, id }) => ({
    pointer,
    message: `${id} has no name of its own, and the platform knows it here by its name alone`,
    hint: 'rename it or its namesake in the org',
  }));
}

function idsIn(value: Json | undefined, at: string): { pointer: string; id: string }[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => idsIn(one, `${at}/${index}`));
  if (!isObject(value)) return [];
  const { id } = value;
  if (typeof id === 'string') return [{ pointer: at, id: `{ id: ${id} }` }];
  return Object.entries(value).flatMap(([key, one]) => idsIn(one, `${at}/${key}`));
}

export const skillGroup: Kind = {
  name: 'SkillGroup',
  noun: { one: 'skill group', many: 'skill groups' },
  refType: 'skill group',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
      skillConditions: CONDITIONS,
      memberDivisions: {
        type: 'set',
        of: { type: 'reference', to: 'division', isNamed: true },
        modes: true,
      },
    },
  },
  identity: [CONDITION_KEY, 'description', 'division'],
  rules,
  fromSpec: (spec) =>
    spec[CONDITION_KEY] === undefined
      ? spec
      : { ...spec, [CONDITION_KEY]: fromWritten(spec[CONDITION_KEY]) },
  toSpec: (fields) =>
    fields[CONDITION_KEY] === undefined
      ? fields
      : { ...fields, [CONDITION_KEY]: toWritten(fields[CONDITION_KEY], 'manifest') },
  resources: { platform },
  gathers: [CONDITION_KEY, 'memberDivisions'],
};
