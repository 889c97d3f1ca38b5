/**
 * Skill groups: who meets their conditions is in them, once it was worked out. Conditions
 * name skills and languages, and go on naming what was deleted.
 */
import type platformClient from 'purecloud-platform-client-v2';
import { objectsIn, textOf, type Json, type JsonObject } from '../core/json.js';
import { bodyOf, field, listAt, NO_CONTENT, ok, type Call, type Reply } from './call.js';
import { countedPage } from './listing.js';
import type { Org, Thing, User } from './model.js';
import { divisionsOf, shownDivision, thingOf, thingsOf, type Sort } from './named-things.js';
import { badRequest, notFound } from './refusal.js';

type SkillGroup = platformClient.Models.SkillGroup;
type Division = platformClient.Models.Division;

const PATH = '/api/v2/routing/skillgroups';
const MOST_DIVISIONS = 50;

const GROUPS: Sort = {
  what: 'Skill group',
  path: PATH,
  parameter: 'skillGroupId',
  maxPage: 500,
  permissions: {
    view: 'routing:skillGroup:view',
    add: 'routing:skillGroup:add',
    edit: 'routing:skillGroup:edit',
    delete: 'routing:skillGroup:delete',
  },
  entityType: 'SkillGroup',
  division: 'object',
  texts: ['description'],
  update: 'PATCH',
  merges: true,
  keepsDeleted: false,
  isByCursor: true,
  taken: [409, 'general.conflict'],
  seeded: () => [],
  content: (_org, body) => {
    const conditions = field(body, 'skillConditions');
    if (conditions === undefined) return {};
    return { skillConditions: conditionsIn(conditions) };
  },
  show: (thing, { org, text }) => {
    const { skillConditions = [] } = thing.content as Partial<Pick<SkillGroup, 'skillConditions'>>;
    // Who is in it is worked out after the write was answered.
    const isNew = text !== '';
    const shown: SkillGroup = {
      id: thing.id,
      name: thing.name,
      division: shownDivision(thing),
      ...thing.texts,
      memberCount: isNew
        ? 0
        : [...org.users.values()].filter((one) => isIn(org, thing, one)).length,
      dateModified: thing.dateModified,
      dateCreated: thing.dateCreated,
      status: isNew ? 'InProgress' : 'Complete',
      skillConditions,
      selfUri: `${PATH}/${thing.id}`,
    };
    return shown as unknown as JsonObject;
  },
  brief: (shown) =>
    Object.fromEntries(
      Object.entries(shown).filter(([key]) => key !== 'skillConditions' && key !== 'status'),
    ),
  more: [
    [
      'GET',
      `${PATH}/{skillGroupId}/members/divisions`,
      'routing:skillGroup:view',
      (call) => listMemberDivisions(call),
    ],
    [
      'POST',
      `${PATH}/{skillGroupId}/members/divisions`,
      'routing:skillGroup:add',
      (call) => changeMemberDivisions(call),
    ],
  ],
};

export const SKILL_GROUPS: readonly Sort[] = [GROUPS];

const OPERATIONS = ['And', 'Or', 'Not'];
const TERMS = ['routingSkillConditions', 'languageSkillConditions'] as const;

/** As they are kept: what is read-only in them there is none. 400 for what is no condition. */
function conditionsIn(value: Json): Json[] {
  if (!Array.isArray(value)) throw badRequest('skillConditions must be a list');
  return objectsIn(value).map((one) => {
    const { operation, ...terms } = one;
    if (!OPERATIONS.includes(textOf(operation))) {
      throw badRequest(`operation '${textOf(operation)}' is none of ${OPERATIONS.join(', ')}`);
    }
    const lists = TERMS.map((key): [string, Json] => {
      const found = terms[key];
      if (!Array.isArray(found)) throw badRequest(`${key} must be a list, if an empty one`);
      return [key, objectsIn(found).map(termIn)];
    });
    return { operation: operation ?? '', ...Object.fromEntries(lists) };
  });
}

function termIn(term: JsonObject): JsonObject {
  const { proficiency = null, childConditions } = term;
  if (typeof proficiency !== 'number' || proficiency < 0 || proficiency > 5) {
    throw badRequest('proficiency must be from 0 to 5');
  }
  if (childConditions === undefined) return term;
  return { ...term, childConditions: conditionsIn(childConditions) };
}

/** Every user has his skills at 5 of 5, and no language. */
const PROFICIENCY = 5;

function isIn(org: Org, { content }: Thing, { skillIds }: User): boolean {
  const names = new Set(skillIds.map((id) => org.skills.get(id)?.name));
  const meets = (condition: JsonObject): boolean => {
    const skills = objectsIn(condition['routingSkillConditions']).map((term) => ({
      term,
      has: names.has(textOf(term['routingSkill'])) ? PROFICIENCY : 0,
    }));
    const languages = objectsIn(condition['languageSkillConditions']).map((term) => ({
      term,
      has: 0,
    }));
    const held = [...skills, ...languages].map(
      ({ term, has }) =>
        compares(textOf(term['comparator']), has, Number(term['proficiency'])) &&
        objectsIn(term['childConditions']).every(meets),
    );
    if (condition['operation'] === 'And') return held.every(Boolean);
    const some = held.some(Boolean);
    return condition['operation'] === 'Or' ? some : !some;
  };
  return objectsIn(content['skillConditions']).every(meets);
}

function compares(comparator: string, has: number, asked: number): boolean {
  switch (comparator) {
    case 'EqualTo':
      return has === asked;
    case 'NotEqualTo':
      return has !== asked;
    case 'LessThan':
      return has < asked;
    case 'LessThanOrEqualTo':
      return has <= asked;
    case 'GreaterThan':
      return has > asked;
    default:
      return has >= asked;
  }
}

/** The group's own first, which it always has. */
function memberDivisions({ content, division }: Thing): string[] {
  const others = Array.isArray(content['memberDivisions']) ? content['memberDivisions'] : [];
  return [...new Set([division?.id ?? '', ...others.map((one) => textOf(one))])];
}

function listMemberDivisions(call: Call): Reply {
  const names = new Map(divisionsOf(call.org).map(({ id, name }) => [id, name]));
  const all = memberDivisions(thingOf(call, GROUPS));
  const { entities } = countedPage(call, all, 500, (id): Division => ({
    id,
    name: names.get(id) ?? '',
    selfUri: `/api/v2/authorization/divisions/${id}`,
  }));
  return ok({ entities });
}

function changeMemberDivisions(call: Call): Reply {
  const thing = thingOf(call, GROUPS);
  const body = bodyOf(call);
  const [added, removed] = ['addDivisionIds', 'removeDivisionIds'].map((key) =>
    listAt(body, key).map((one) => textOf(one)),
  ) as [string[], string[]];
  if (added.length > MOST_DIVISIONS || removed.length > MOST_DIVISIONS) {
    throw badRequest(`more than ${MOST_DIVISIONS} divisions in one request`);
  }
  if (removed.includes(thing.division?.id ?? '')) {
    throw badRequest('the division of the group cannot be removed');
  }
  const known = new Set(['*', ...divisionsOf(call.org).map(({ id }) => id)]);
  const unknown = added.find((id) => !known.has(id));
  if (unknown !== undefined) throw notFound('Division', unknown);
  const left = [...memberDivisions(thing), ...added].filter((id) => !removed.includes(id));
  const content = { ...thing.content, memberDivisions: [...new Set(left)] };
  thingsOf(call.org, GROUPS).set(thing.id, { ...thing, content });
  return NO_CONTENT;
}
