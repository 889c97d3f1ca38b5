/**
 * Things that are little more than a name, all of which the platform keeps in much the same way.
 * What is deleted is answered by its id for good, and listed as deleted, where it says its state.
 */
import type platformClient from 'purecloud-platform-client-v2';
import { textOf, type Json, type JsonObject } from '../core/json.js';
import { witness } from './audits.js';
import { bodyOf, field, listOf, NO_CONTENT, nextId, ok, param } from './call.js';
import type { Call, Reply } from './call.js';
import { idFrom } from './ids.js';
import { countedPage, cursorPage, isListed, sortedByName } from './listing.js';
import { instant, SEED_DATE, type Org, type Thing } from './model.js';
import { invalidFields, notFound, Refusal } from './refusal.js';

type PropertyChange = platformClient.Models.PropertyChange;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Row = readonly [Method, string, string, (call: Call) => Reply];

export interface Sort {
  /** `Skill`: in messages. */
  readonly what: string;
  readonly path: string;
  readonly parameter: string;
  readonly maxPage: number;
  readonly permissions: Readonly<Record<'view' | 'add' | 'edit' | 'delete', string>>;
  /** As the audit calls it. */
  readonly entityType: string;
  readonly division: 'none' | 'id in a new one' | 'object';
  readonly texts: readonly string[];
  readonly update: 'PATCH' | 'PUT' | null;
  /** What an object is listed by, once it is deleted: `null` where it is just gone. */
  readonly keepsDeleted: boolean;
  /** Default: Routing. */
  readonly service?: 'Architect';
  /** A PUT must have the version that is there. */
  readonly isVersioned?: true;
  /** What a body says beside name, division and texts, as it is kept; refuses what is wrong. */
  readonly content?: (org: Org, body: JsonObject) => JsonObject;
  /** A PATCH changes what it says, and leaves the rest. Default: it moves to another division. */
  readonly merges?: true;
  /** What the listing shows of one. Default: all of it. */
  readonly brief?: (shown: JsonObject) => JsonObject;
  /** The listing counts nothing, and goes on from a cursor. */
  readonly isByCursor?: true;
  /** What keeps it from being deleted, for people; `null` where nothing does. */
  readonly usedBy?: (org: Org, thing: Thing) => string | null;
  readonly taken: readonly [status: number, code: string];
  /** What was there before the first request. */
  readonly seeded: (org: Org) => Iterable<Pick<Thing, 'id' | 'name'>>;
  readonly made?: (org: Org, thing: Thing) => void;
  readonly gone?: (org: Org, thing: Thing) => void;
  readonly show: (thing: Thing, call: Call) => JsonObject;
  /** What can be asked of one beside. */
  readonly more?: readonly Row[];
}

export const HOME = 'Home';

const SKILLS: Sort = {
  what: 'Skill',
  path: '/api/v2/routing/skills',
  parameter: 'skillId',
  maxPage: 500,
  permissions: {
    view: 'routing:skill:view',
    add: 'routing:skill:manage|routing:skill:create',
    edit: 'routing:skill:update',
    delete: 'routing:skill:manage|routing:skill:delete',
  },
  entityType: 'RoutingSkill',
  division: 'id in a new one',
  texts: [],
  update: 'PATCH',
  keepsDeleted: true,
  taken: [409, 'general.conflict'],
  seeded: (org) => org.skills.values(),
  made: ({ skills }, { id, name }) => skills.set(id, { id, name }),
  gone: ({ skills, users }, { id }) => {
    skills.delete(id);
    // Whoever had it has it no more (inferred).
    for (const user of users.values()) {
      users.set(user.id, { ...user, skillIds: user.skillIds.filter((one) => one !== id) });
    }
  },
  show: (thing) => ({
    id: thing.id,
    name: thing.name,
    division: shownDivision(thing),
    dateModified: thing.dateModified,
    state: thing.state,
    version: String(thing.version),
    selfUri: `/api/v2/routing/skills/${thing.id}`,
  }),
};

const LANGUAGES: Sort = {
  what: 'Language',
  path: '/api/v2/routing/languages',
  parameter: 'languageId',
  maxPage: 500,
  entityType: 'RoutingLanguage',
  division: 'none',
  texts: [],
  update: null,
  permissions: {
    view: '',
    add: 'routing:skill:manage|routing:language:manage',
    edit: '',
    delete: 'routing:skill:manage|routing:language:manage',
  },
  keepsDeleted: true,
  taken: [409, 'general.conflict'],
  seeded: () => [],
  show: (thing) => ({
    id: thing.id,
    name: thing.name,
    dateModified: thing.dateModified,
    state: thing.state,
    version: String(thing.version),
    selfUri: `/api/v2/routing/languages/${thing.id}`,
  }),
};

const WRAPUP_CODES: Sort = {
  what: 'Wrap-up code',
  path: '/api/v2/routing/wrapupcodes',
  parameter: 'codeId',
  maxPage: 500,
  entityType: 'WrapupCode',
  division: 'object',
  update: 'PUT',
  texts: ['description'],
  permissions: {
    view: 'routing:wrapupCode:view',
    add: 'routing:wrapupCode:add',
    edit: 'routing:wrapupCode:edit',
    delete: 'routing:wrapupCode:delete',
  },
  keepsDeleted: false,
  taken: [400, 'duplicate.name'],
  seeded: () => [],
  show: (thing) => ({
    id: thing.id,
    name: thing.name,
    division: shownDivision(thing),
    ...thing.texts,
    dateCreated: thing.dateCreated,
    dateModified: thing.dateModified,
    ...(thing.modifiedBy === null ? {} : { modifiedBy: thing.modifiedBy }),
    selfUri: `/api/v2/routing/wrapupcodes/${thing.id}`,
  }),
};

/** What the audit knows of them. */
export function auditedIn(
  sorts: readonly Sort[],
): { readonly name: string; readonly actions: string[] }[] {
  return sorts.map(({ entityType, update }) => ({
    name: entityType,
    actions: ['Create', ...(update === null ? [] : ['Update']), 'Delete'],
  }));
}

/** The routes of all of them. */
export function routesOf(sorts: readonly Sort[]): readonly Row[] {
  return sorts.flatMap((sort): Row[] => {
    const { path, parameter, permissions, update } = sort;
    const item = `${path}/{${parameter}}`;
    return [
      ['GET', path, permissions.view, (call) => listThings(call, sort)],
      ['POST', path, permissions.add, (call) => createThing(call, sort)],
      ['GET', item, permissions.view, (call) => ok(sort.show(thingOf(call, sort), call))],
      ...(update === null
        ? []
        : ([[update, item, permissions.edit, (call) => updateThing(call, sort)]] as Row[])),
      ['DELETE', item, permissions.delete, (call) => deleteThing(call, sort)],
      ...(sort.more ?? []),
    ];
  });
}

export const NAMED_THINGS: readonly Sort[] = [SKILLS, LANGUAGES, WRAPUP_CODES];

/** Seeded on first use: only what is written to differs from what the org file says. */
export function thingsOf(org: Org, sort: Sort): Map<string, Thing> {
  const known = org.things.get(sort.path) ?? new Map<string, Thing>();
  org.things.set(sort.path, known);
  for (const { id, name } of sort.seeded(org)) {
    if (known.has(id)) continue;
    known.set(id, {
      id,
      name,
      state: 'active',
      version: 1,
      texts: {},
      content: {},
      division: { id: idFrom(`division/${HOME}`), name: HOME },
      dateCreated: SEED_DATE,
      dateModified: SEED_DATE,
      modifiedBy: null,
    });
  }
  return known;
}

function listThings(call: Call, sort: Sort): Reply {
  const prefix = (call.query.get('name') ?? '').replace(/\*$/, '').toLowerCase();
  const ids = new Set(listOf(call.query, 'id'));
  const found = sortedByName(call, thingsOf(call.org, sort).values()).filter(
    ({ id, name }) =>
      isListed(call, id) &&
      name.toLowerCase().startsWith(prefix) &&
      (ids.size === 0 || ids.has(id)),
  );
  const shown = (thing: Thing): JsonObject => {
    const all = sort.show(thing, call);
    return sort.brief?.(all) ?? all;
  };
  const page = sort.isByCursor === true ? cursorPage : countedPage;
  return ok(page(call, found, sort.maxPage, shown));
}

export function thingOf(call: Call, sort: Sort): Thing {
  const id = param(call, sort.parameter);
  const thing = thingsOf(call.org, sort).get(id);
  if (thing === undefined) throw notFound(sort.what, id);
  return thing;
}

function createThing(call: Call, sort: Sort): Reply {
  const { org, at, caller } = call;
  const body = bodyOf(call);
  const name = nameIn(body, sort);
  refuseTaken(org, sort, name, null);
  const thing: Thing = {
    id: nextId(org, sort.path),
    name,
    state: 'active',
    version: 1,
    division: divisionIn(org, body, sort) ?? { id: idFrom(`division/${HOME}`), name: HOME },
    texts: textsIn(body, sort, {}),
    content: sort.content?.(org, body) ?? {},
    dateCreated: instant(at),
    dateModified: instant(at),
    modifiedBy: caller.client.id,
  };
  thingsOf(org, sort).set(thing.id, thing);
  sort.made?.(org, thing);
  witnessThing(call, sort, 'Create', null, thing);
  return ok(sort.show(thing, call));
}

/** A PATCH moves a thing or changes what it says; a PUT replaces all that can be written. */
function updateThing(call: Call, sort: Sort): Reply {
  const { org, at, caller } = call;
  const before = thingOf(call, sort);
  if (before.state === 'deleted') throw notFound(sort.what, before.id);
  const body = bodyOf(call);
  const merges = sort.merges === true;
  const whole = sort.update === 'PUT' || merges;
  if (sort.isVersioned === true && field(body, 'version') !== before.version) {
    const sent = textOf(field(body, 'version') ?? 'none');
    const text = `version ${sent} does not match the current version`;
    throw new Refusal(409, 'general.conflict', `${sort.what} ${before.id}: ${text}`);
  }
  const isNamed = whole && (!merges || field(body, 'name') !== undefined);
  const name = isNamed ? nameIn(body, sort) : before.name;
  refuseTaken(org, sort, name, before.id);
  const after: Thing = {
    ...before,
    name,
    version: before.version + 1,
    division: divisionIn(org, body, sort) ?? before.division,
    texts: whole ? textsIn(body, sort, merges ? before.texts : {}) : before.texts,
    content: whole
      ? { ...(merges ? before.content : {}), ...sort.content?.(org, body) }
      : before.content,
    dateModified: instant(at),
    modifiedBy: caller.client.id,
  };
  thingsOf(org, sort).set(after.id, after);
  witnessThing(call, sort, 'Update', before, after);
  return ok(sort.show(after, call));
}

/** Whatever uses it, where no refusal is documented. */
function deleteThing(call: Call, sort: Sort): Reply {
  const { org, at } = call;
  const before = thingOf(call, sort);
  if (before.state === 'deleted') throw notFound(sort.what, before.id);
  const user = sort.usedBy?.(org, before) ?? null;
  if (user !== null) {
    const text = `${sort.what} ${before.name} is assigned to ${user}`;
    throw new Refusal(409, 'general.conflict', text);
  }
  const things = thingsOf(org, sort);
  sort.gone?.(org, before);
  if (sort.keepsDeleted) {
    things.set(before.id, { ...before, state: 'deleted', dateModified: instant(at) });
  } else things.delete(before.id);
  witnessThing(call, sort, 'Delete', before, null);
  return NO_CONTENT;
}

function nameIn(body: JsonObject, { what }: Sort): string {
  const name = field(body, 'name');
  if (typeof name === 'string' && name.trim() !== '') return name;
  const text = `${what}: name must not be empty`;
  throw invalidFields([{ errorCode: 'invalid.value', fieldName: 'name', text }]);
}

/** Of what is there: a name that only something deleted has is free (assumed). */
function refuseTaken(org: Org, sort: Sort, name: string, self: string | null): void {
  const other = [...thingsOf(org, sort).values()].find(
    (one) => one.state !== 'deleted' && one.id !== self && one.name === name,
  );
  if (other === undefined) return;
  const [status, code] = sort.taken;
  throw new Refusal(status, code, `${sort.what} with the name '${name}' already exists`);
}

function textsIn(
  body: JsonObject,
  { texts }: Sort,
  fallback: Readonly<Record<string, string>>,
): Record<string, string> {
  const found: Record<string, string> = { ...fallback };
  for (const key of texts) {
    const value = field(body, key);
    if (typeof value === 'string') found[key] = value;
  }
  return found;
}

/** `null` where the body does not say. */
function divisionIn(org: Org, body: JsonObject, { division }: Sort): Thing['division'] {
  if (division === 'none') return null;
  const inBody = field(body, 'division');
  const id =
    division === 'object' && typeof inBody === 'object' && inBody !== null && 'id' in inBody
      ? inBody.id
      : field(body, 'divisionId');
  if (typeof id !== 'string') return null;
  if (id === '*' && division === 'object') return { id, name: '' };
  const found = divisionsOf(org).find((one) => one.id === id);
  if (found === undefined) throw notFound('Division', id);
  return found;
}

/** `GET /api/v2/authorization/divisions`: those that something of the org file is in, and Home. */
export function listDivisions(call: Call): Reply {
  const all = sortedByName(call, divisionsOf(call.org));
  const body = countedPage(call, all, 500, ({ id, name }) => ({
    id,
    name,
    description: '',
    homeDivision: name === HOME,
    selfUri: `/api/v2/authorization/divisions/${id}`,
  }));
  return ok(body);
}

/** Home, and those that something is in. */
export function divisionsOf(org: Org): { readonly id: string; readonly name: string }[] {
  const home = { id: idFrom(`division/${HOME}`), name: HOME };
  const all = [home, ...[...org.queues.values()].map(({ division }) => division)];
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

export function shownDivision({ division }: Thing): JsonObject {
  const { id, name } = division ?? { id: '', name: '' };
  return { id, name, selfUri: `/api/v2/authorization/divisions/${id}` };
}

function witnessThing(
  call: Call,
  sort: Sort,
  action: 'Create' | 'Update' | 'Delete',
  before: Thing | null,
  after: Thing | null,
): void {
  const { id, name } = after ?? before ?? { id: '', name: '' };
  const [then, now] = [before, after].map((one) => propertiesOf(one));
  const changed = [...new Set([...(then?.keys() ?? []), ...(now?.keys() ?? [])])];
  const propertyChanges = changed.flatMap((property): PropertyChange[] => {
    const [oldValue, newValue] = [then?.get(property), now?.get(property)];
    if (oldValue === newValue) return [];
    return [
      {
        property,
        oldValues: oldValue === undefined ? [] : [oldValue],
        newValues: newValue === undefined ? [] : [newValue],
      },
    ];
  });
  witness(call, {
    serviceName: sort.service ?? 'Routing',
    entityType: sort.entityType,
    action,
    propertyChanges,
    entity: { id, name, selfUri: `${sort.path}/${id}` },
  });
}

function said(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function propertiesOf(thing: Thing | null): Map<string, string> {
  if (thing === null) return new Map();
  return new Map([
    ['name', thing.name],
    ['division', thing.division?.id ?? ''],
    ...Object.entries(thing.texts),
    ...Object.entries(thing.content).map(([key, value]): [string, string] => [key, said(value)]),
  ]);
}
