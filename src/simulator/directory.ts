/** Users and what an agent can handle at once. Nothing here can be written. */
import type platformClient from 'purecloud-platform-client-v2';
import { listOf, ok, param, type Call, type Reply } from './call.js';
import { countedPage, sortedByName } from './listing.js';
import { SEED_DATE, type Org, type User, type UserStatus } from './model.js';
import { badRequest, notFound } from './refusal.js';

type RoutingStatus = platformClient.Models.RoutingStatus;
type UserEntityListing = platformClient.Models.UserEntityListing;
type UserRoutingSkill = platformClient.Models.UserRoutingSkill;
type UserSkillEntityListing = platformClient.Models.UserSkillEntityListing;
type UserRoutingLanguage = platformClient.Models.UserRoutingLanguage;
type UserModel = platformClient.Models.User;
type UtilizationResponse = platformClient.Models.UtilizationResponse;

const LANGUAGES = '/api/v2/routing/languages';
const MAX_PAGE = 500;
const MAX_USER_SKILL_PAGE = 100;
const MAX_USER_IDS = 100;

/** Every skill is held in full: the org file has no proficiency. Range 0 to 5. */
const PROFICIENCY = 5;

const ROUTING_STATUS: Readonly<Record<UserStatus, string>> = {
  idle: 'IDLE',
  interacting: 'INTERACTING',
  offQueue: 'OFF_QUEUE',
};

/** The wire's word for what an agent does now. */
export function routingStatus(user: User): string {
  return ROUTING_STATUS[user.status];
}

/** `GET /api/v2/users`: `id` takes up to 100 ids, `expand=skills` adds each user's skills. */
export function listUsers(call: Call): Reply {
  const ids = [...new Set(listOf(call.query, 'id'))];
  if (ids.length > MAX_USER_IDS) {
    throw badRequest(`At most ${MAX_USER_IDS} user ids may be given`, 'max.user.ids');
  }
  const { users } = call.org;
  const asked = ids.length === 0 ? users.values() : ids.flatMap((id) => users.get(id) ?? []);
  const expand = new Set(listOf(call.query, 'expand'));
  const body: UserEntityListing = countedPage(call, sortedByName(call, asked), MAX_PAGE, (user) =>
    showUser(call.org, user, expand),
  );
  return ok(body);
}

/** `GET /api/v2/users/{userId}` */
export function showOneUser(call: Call): Reply {
  return ok(showUser(call.org, userOf(call), new Set(listOf(call.query, 'expand'))));
}

/** As the directory shows it; `expand` may hold `skills`, `languages` and `routingStatus`. */
export function showUser(org: Org, user: User, expand: ReadonlySet<string>): UserModel {
  return {
    id: user.id,
    name: user.name,
    email: addressOf(user),
    state: 'active',
    version: 1,
    acdAutoAnswer: false,
    ...(expand.has('skills') ? { skills: userSkills(org, user) } : {}),
    ...(expand.has('languages') ? { languages: userLanguages(org, user) } : {}),
    ...(expand.has('routingStatus') ? { routingStatus: showRoutingStatus(user) } : {}),
    selfUri: `/api/v2/users/${user.id}`,
  };
}

/** Names of an org file are enough to tell its users apart. */
function addressOf({ name }: User): string {
  return `${name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@example.com`;
}

/** What the agent does now; since when is not simulated. */
export function showRoutingStatus(user: User): RoutingStatus {
  return { userId: user.id, status: routingStatus(user), startTime: SEED_DATE };
}

/** `GET /api/v2/users/{userId}/routingskills` */
export function listUserSkills(call: Call): Reply {
  const skills = userSkills(call.org, userOf(call));
  const same = (skill: UserRoutingSkill): UserRoutingSkill => skill;
  const body: UserSkillEntityListing = countedPage(call, skills, MAX_USER_SKILL_PAGE, same);
  return ok(body);
}

function userOf(call: Call): User {
  const id = param(call, 'userId');
  const user = call.org.users.get(id);
  if (user === undefined) throw notFound('User', id);
  return user;
}

function userSkills(org: Org, user: User): UserRoutingSkill[] {
  return user.skillIds.flatMap((id) => {
    const skill = org.skills.get(id);
    if (skill === undefined) return [];
    return {
      id,
      name: skill.name,
      proficiency: PROFICIENCY,
      state: 'active',
      skillUri: `/api/v2/routing/skills/${id}`,
      selfUri: `/api/v2/users/${user.id}/routingskills/${id}`,
    };
  });
}

function userLanguages(org: Org, user: User): UserRoutingLanguage[] {
  const all = org.things.get(LANGUAGES);
  return (user.languageIds ?? []).flatMap((id) => {
    const language = all?.get(id);
    if (language === undefined || language.state === 'deleted') return [];
    const { name } = language;
    return { id, name, proficiency: PROFICIENCY, state: 'active' };
  });
}

/** `GET /api/v2/routing/utilization` */
export function showUtilization({ org }: Call): Reply {
  const utilization = [...org.utilization].map(([media, maximumCapacity]): [string, object] => [
    media,
    { maximumCapacity, interruptableMediaTypes: [], includeNonAcd: false },
  ]);
  const body: UtilizationResponse = {
    utilization: Object.fromEntries(utilization),
    labelUtilizations: {},
  };
  return ok(body);
}
