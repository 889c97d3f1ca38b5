/**
 * Three forms of a queue. The *platform's*; the *regular* one, in which every reference is
 * `{ id }`, every rule and ring has its number and every field stands where the table says; and the
 * *raw* one of manifests, which is the regular one without anything that the table does not know.
 */
import type { ReferenceTo } from '../../core/catalog.js';
import type { Field, RecordField } from '../../core/fields.js';
import { byText } from '../../core/issue.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { IdOf, Mention } from '../../core/resource.js';
import { ownFields } from './fields.js';

const TIMEOUT = 'TIMEOUT_SECONDS';
/** What the platform calls the sorts of groups that stand in one list there. */
const SORTS = { groups: 'GROUP', skillGroups: 'SKILLGROUP', teams: 'TEAM' } as const;
export const GROUP_SORTS: readonly string[] = Object.values(SORTS);

/** The platform's form → the regular one. */
export function regular(entity: JsonObject): JsonObject {
  const {
    bullseye,
    conditionalGroupRouting: routing,
    routingRules,
    directRouting: direct,
    conditionalGroupActivation: activation,
  } = entity;
  const rings = isObject(bullseye) ? objectsIn(bullseye['rings']) : [];
  const rules = isObject(routing) ? objectsIn(routing['rules']) : [];
  const { cannedResponseLibraries: libraries, mediaSettings: media, acwSettings: acw } = entity;
  return {
    ...entity,
    // Texts that the platform leaves out where they are empty, or shows so.
    description: textOf(entity['description'] ?? ''),
    callingPartyName: textOf(entity['callingPartyName'] ?? ''),
    callingPartyNumber: textOf(entity['callingPartyNumber'] ?? ''),
    ...groupsIn(entity['memberGroups']),
    routingRules: numbered('rule', objectsIn(routingRules)),
    rings: numbered('ring', rings.map(regularRing)),
    conditionalGroupRouting: numbered(
      'rule',
      // The first rule is about the queue itself, and may not say so when it is written.
      rules.map(({ queue = null, ...rule }, index) => ({
        ...rule,
        queue: index === 0 ? null : queue,
        ...groupsIn(rule['groups']),
      })),
    ),
    ...(isObject(activation) ? { conditionalGroupActivation: regularActivation(activation) } : {}),
    ...(isObject(direct)
      ? { directRouting: { ...direct, backupQueue: at(direct['backupQueueId']) } }
      : {}),
    ...(isObject(libraries)
      ? { cannedResponseLibraries: { ...libraries, libraries: idsIn(libraries['libraryIds']) } }
      : {}),
    ...(isObject(media) ? { mediaSettings: regularMedia(media) } : {}),
    ...(isObject(acw) ? { acwSettings: inSeconds(acw, WRAP_UP) } : {}),
  };
}

/** A time as the platform says it, and as a manifest does, where every time is in seconds. */
interface Times {
  readonly ms: string;
  readonly seconds: string;
}

const SERVICE_LEVEL: Times = { ms: 'durationMs', seconds: 'durationSeconds' };
const WRAP_UP: Times = { ms: 'timeoutMs', seconds: 'timeoutSeconds' };

function inSeconds(settings: JsonObject, { ms, seconds }: Times): JsonObject {
  const { [ms]: time, ...others } = settings;
  if (time === undefined) return settings;
  return { ...others, [seconds]: typeof time === 'number' ? time / 1000 : time };
}

function inMs(settings: JsonObject, { ms, seconds }: Times): JsonObject {
  const { [seconds]: time, ...others } = settings;
  if (time === undefined) return settings;
  return { ...others, [ms]: typeof time === 'number' ? Math.round(time * 1000) : time };
}

/** Every medium with its promise in other units. */
function withServiceLevels(
  media: JsonObject,
  as: (settings: JsonObject, times: Times) => JsonObject,
): JsonObject {
  const entries = Object.entries(media).map(([name, medium]): [string, Json] => {
    const level = isObject(medium) ? medium['serviceLevel'] : undefined;
    return isObject(medium) && isObject(level)
      ? [name, { ...medium, serviceLevel: as(level, SERVICE_LEVEL) }]
      : [name, medium];
  });
  return Object.fromEntries(entries);
}

function regularRing(ring: JsonObject): JsonObject {
  const timeout = objectsIn(ring['expansionCriteria']).find(({ type }) => type === TIMEOUT);
  const { actions } = ring;
  return {
    ...(timeout === undefined ? {} : { expandAfterSeconds: timeout['threshold'] ?? null }),
    skillsToRemove: isObject(actions) ? objectsIn(actions['skillsToRemove']) : [],
    ...groupsIn(ring['memberGroups']),
  };
}

function regularActivation({ pilotRule: pilot, rules, ...rest }: JsonObject): JsonObject {
  const withConditions = ({ conditions, ...rule }: JsonObject): JsonObject => ({
    ...rule,
    conditions: numbered('condition', objectsIn(conditions)),
  });
  return {
    ...rest,
    ...(isObject(pilot) ? { pilotRule: withConditions(pilot) } : {}),
    rules: numbered(
      'rule',
      objectsIn(rules).map((rule) => ({ ...withConditions(rule), ...groupsIn(rule['groups']) })),
    ),
  };
}

function regularMedia(all: JsonObject): JsonObject {
  const media = withServiceLevels(all, inSeconds);
  const { message } = media;
  if (!isObject(message)) return media;
  const { inactivityTimeoutSettings: settings } = message;
  if (!isObject(settings)) return media;
  const inactivityTimeoutSettings = { ...settings, flow: settings['flowId'] ?? null };
  return { ...media, message: { ...message, inactivityTimeoutSettings } };
}

function groupsIn(all: Json | undefined): JsonObject {
  const sorts = Object.entries(SORTS).map(([key, sort]): [string, Json] => [
    key,
    objectsIn(all).filter(({ type }) => type === sort),
  ]);
  return Object.fromEntries(sorts);
}

function at(id: Json | undefined): Json {
  return textOf(id) === '' ? null : { id: textOf(id) };
}

function idsIn(ids: Json | undefined): Json[] {
  return Array.isArray(ids) ? ids.map((id) => ({ id: textOf(id) })) : [];
}

function numbered(number: string, items: readonly JsonObject[]): JsonObject[] {
  return items.map((item, index) => ({ [number]: index + 1, ...item }));
}

/** What a manifest would say of it, ids in the place of names. */
export function rawOf(entity: JsonObject): JsonObject {
  return shownRecord(ownFields, regular(entity));
}

function shownRecord({ fields }: RecordField, value: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const [key, field] of Object.entries(fields)) {
    const shown = shownAs(field, value[key]);
    if (shown !== undefined) out[key] = shown;
  }
  return out;
}

/** What refers to nothing says so, as an empty set does: that it became so can then be seen. */
function shownAs(field: Field, value: Json | undefined): Json | undefined {
  switch (field.type) {
    case 'scalar':
      return value;
    case 'reference':
      return isObject(value) ? at(value['id']) : null;
    case 'record':
      return isObject(value) ? shownRecord(field, value) : undefined;
    case 'list':
      return objectsIn(value).map((item) => shownRecord(field.item, item));
    case 'set':
      return objectsIn(value).map((item) => ({ id: item['id'] ?? '' }));
    case 'map': {
      const entries = Object.entries(isObject(value) ? value : {});
      return Object.fromEntries(entries.map(([key, one]) => [key, shownAs(field.of, one) ?? null]));
    }
  }
}

/** What the platform names along with the queue. */
export function mentionsOf(entity: JsonObject): readonly Mention[] {
  const found: Mention[] = [];
  mention(ownFields, regular(entity), found);
  return found;
}

function mention(field: Field, value: Json | undefined, found: Mention[]): void {
  if (value === undefined || value === null) return;
  switch (field.type) {
    case 'scalar':
      return;
    case 'reference':
      if (isObject(value) && textOf(value['id']) !== '') found.push(mentioned(field.to, value));
      return;
    case 'record':
      if (!isObject(value)) return;
      for (const [key, own] of Object.entries(field.fields)) mention(own, value[key], found);
      return;
    case 'list':
      for (const item of objectsIn(value)) mention(field.item, item, found);
      return;
    case 'set':
      for (const item of objectsIn(value)) mention(field.of, item, found);
      return;
    case 'map':
      if (isObject(value)) for (const one of Object.values(value)) mention(field.of, one, found);
  }
}

function mentioned(to: ReferenceTo, value: JsonObject): Mention {
  const id = textOf(value['id']);
  // All divisions are one that has no name.
  const name = to === 'division' && id === '*' ? '*' : textOf(value['name'] ?? '');
  return { to, id, name };
}

/** Fields → the platform's form; `null` where something is to be taken out. */
export function platformForm(fields: JsonObject, idOf: IdOf): JsonObject {
  const written = writtenRecord(ownFields, fields, idOf);
  const { rings, conditionalGroupRouting: routing, routingRules, ...others } = written;
  const { said, rest } = withoutGroups(others);
  const { conditionalGroupActivation: activation } = rest;
  const { directRouting: direct, cannedResponseLibraries: libraries, mediaSettings: media } = rest;
  const { acwSettings: acw } = rest;
  return {
    ...rest,
    ...(said === null ? {} : { memberGroups: said }),
    ...(rings === undefined ? {} : { bullseye: { rings: objectsIn(rings).map(platformRing) } }),
    ...(routingRules === undefined ? {} : { routingRules: unnumbered(routingRules) }),
    ...(routing === undefined
      ? {}
      : {
          conditionalGroupRouting: {
            rules: unnumbered(routing).map((rule, index) => ({
              ...platformRule(rule),
              ...(index === 0 ? { queue: null } : {}),
            })),
          },
        }),
    ...(isObject(activation) ? { conditionalGroupActivation: platformActivation(activation) } : {}),
    ...(isObject(direct) ? { directRouting: platformDirect(direct) } : {}),
    ...(isObject(libraries) ? { cannedResponseLibraries: platformLibraries(libraries) } : {}),
    ...(isObject(media) ? { mediaSettings: platformMedia(media) } : {}),
    ...(isObject(acw) ? { acwSettings: inMs(acw, WRAP_UP) } : {}),
  };
}

function writtenRecord({ fields }: RecordField, value: JsonObject, idOf: IdOf): JsonObject {
  const out: JsonObject = {};
  for (const [key, field] of Object.entries(fields)) {
    const own = value[key];
    if (own !== undefined) out[key] = writtenAs(field, own, idOf);
  }
  return out;
}

function writtenAs(field: Field, value: Json, idOf: IdOf): Json {
  switch (field.type) {
    case 'scalar':
      return value;
    case 'reference':
      return value === null ? null : { id: idOf(field.to, value) };
    case 'record':
      return isObject(value) ? writtenRecord(field, value, idOf) : value;
    case 'list':
      return objectsIn(value).map((item) => writtenRecord(field.item, item, idOf));
    case 'set': {
      const items = Array.isArray(value) ? value.map((one) => writtenAs(field.of, one, idOf)) : [];
      return objectsIn(items).sort((a, b) => byText(textOf(a['id']), textOf(b['id'])));
    }
    case 'map': {
      const entries = Object.entries(isObject(value) ? value : {});
      return Object.fromEntries(entries.map(([key, one]) => [key, writtenAs(field.of, one, idOf)]));
    }
  }
}

/** The groups that are said, as one list; `null` where none of the three is. */
function withoutGroups(fields: JsonObject): {
  readonly said: JsonObject[] | null;
  readonly rest: JsonObject;
} {
  const sorts = Object.entries(SORTS).filter(([key]) => fields[key] !== undefined);
  const rest = Object.entries(fields).filter(([key]) => !Object.hasOwn(SORTS, key));
  const said = sorts.flatMap(([key, type]) =>
    objectsIn(fields[key]).map((group) => ({ ...group, type })),
  );
  return { said: sorts.length === 0 ? null : said, rest: Object.fromEntries(rest) };
}

function platformRule(rule: JsonObject): JsonObject {
  const { said, rest } = withoutGroups(rule);
  return said === null ? rest : { ...rest, groups: said };
}

function platformActivation({ pilotRule: pilot, rules, ...rest }: JsonObject): JsonObject {
  const withConditions = (rule: JsonObject): JsonObject =>
    rule['conditions'] === undefined
      ? rule
      : { ...rule, conditions: unnumbered(rule['conditions'], 'condition') };
  return {
    ...rest,
    ...(isObject(pilot) ? { pilotRule: withConditions(pilot) } : {}),
    ...(rules === undefined
      ? {}
      : { rules: unnumbered(rules).map((rule) => platformRule(withConditions(rule))) }),
  };
}

function unnumbered(items: Json, number = 'rule'): JsonObject[] {
  return objectsIn(items).map((item) =>
    Object.fromEntries(Object.entries(item).filter(([key]) => key !== number)),
  );
}

function platformRing({ expandAfterSeconds, skillsToRemove, ...groups }: JsonObject): JsonObject {
  return {
    ...(expandAfterSeconds === undefined
      ? {}
      : { expansionCriteria: [{ type: TIMEOUT, threshold: expandAfterSeconds }] }),
    actions: { skillsToRemove: skillsToRemove ?? [] },
    memberGroups: withoutGroups(groups).said ?? [],
  };
}

function platformDirect({ backupQueue, ...rest }: JsonObject): JsonObject {
  if (backupQueue === undefined) return rest;
  return { ...rest, backupQueueId: isObject(backupQueue) ? (backupQueue['id'] ?? null) : null };
}

function platformLibraries({ libraries, ...rest }: JsonObject): JsonObject {
  if (libraries === undefined) return rest;
  return { ...rest, libraryIds: objectsIn(libraries).map(({ id = '' }) => id) };
}

function platformMedia(all: JsonObject): JsonObject {
  const media = withServiceLevels(all, inMs);
  const { message } = media;
  if (!isObject(message) || !isObject(message['inactivityTimeoutSettings'])) return media;
  const { flow, ...settings } = message['inactivityTimeoutSettings'];
  const inactivityTimeoutSettings = flow === undefined ? settings : { ...settings, flowId: flow };
  return { ...media, message: { ...message, inactivityTimeoutSettings } };
}
