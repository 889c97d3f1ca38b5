/** Schedules, groups of them, and emergency groups: each is written with its version. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../core/json.js';
import { fitted, localTime, recurrence } from '../core/recurrence.js';
import { field, listAt } from './call.js';
import type { Org, Thing } from './model.js';
import { shownDivision, type Sort } from './named-things.js';
import { badRequest, invalidFields, notFound } from './refusal.js';

type Schedule = platformClient.Models.Schedule;
type ScheduleGroup = platformClient.Models.ScheduleGroup;
type EmergencyGroup = platformClient.Models.EmergencyGroup;
/** What all of them show. */
type Shared = Omit<Schedule, 'start' | 'end' | 'rrule'>;

const SCHEDULES_AT = '/api/v2/architect/schedules';
const GROUPS_AT = '/api/v2/architect/schedulegroups';
const LISTS = ['openSchedules', 'closedSchedules', 'holidaySchedules'] as const;

function permissionsOf(entity: string): Sort['permissions'] {
  return {
    view: `routing:${entity}:view`,
    add: `routing:${entity}:add`,
    edit: `routing:${entity}:edit`,
    delete: `routing:${entity}:delete`,
  };
}

const ALIKE = {
  maxPage: 100,
  service: 'Architect',
  isVersioned: true,
  division: 'object',
  texts: ['description'],
  update: 'PUT',
  keepsDeleted: true,
  taken: [409, 'general.conflict'],
  seeded: () => [],
} as const;

const SCHEDULES: Sort = {
  ...ALIKE,
  what: 'Schedule',
  path: SCHEDULES_AT,
  parameter: 'scheduleId',
  permissions: permissionsOf('schedule'),
  entityType: 'Schedule',
  content: (_org, body) => timesIn(body),
  usedBy: (org, { id }) => {
    const groups = [...(org.things.get(GROUPS_AT)?.values() ?? [])];
    const user = groups.find((group) => group.state !== 'deleted' && idsIn(group).includes(id));
    return user === undefined ? null : `the schedule group ${user.name}`;
  },
  show: (thing) => {
    const { start = '', end = '', rrule } = thing.content as Partial<Record<string, string>>;
    const shown: Schedule = {
      ...shared(thing, SCHEDULES_AT),
      start,
      end,
      ...(rrule === undefined ? {} : { rrule }),
    };
    return shown as unknown as JsonObject;
  },
};

const SCHEDULE_GROUPS: Sort = {
  ...ALIKE,
  what: 'Schedule group',
  path: GROUPS_AT,
  parameter: 'scheduleGroupId',
  permissions: permissionsOf('scheduleGroup'),
  entityType: 'ScheduleGroup',
  content: groupIn,
  show: (thing) => {
    const lists = thing.content as Pick<ScheduleGroup, 'timeZone' | (typeof LISTS)[number]>;
    const shown: ScheduleGroup = { ...shared(thing, GROUPS_AT), ...lists };
    return shown as unknown as JsonObject;
  },
};

const EMERGENCIES_AT = '/api/v2/architect/emergencygroups';

const EMERGENCY_GROUPS: Sort = {
  ...ALIKE,
  what: 'Emergency group',
  path: EMERGENCIES_AT,
  parameter: 'emergencyGroupId',
  permissions: permissionsOf('emergencyGroup'),
  entityType: 'EmergencyGroup',
  content: (_org, body) => ({
    enabled: field(body, 'enabled') === true,
    emergencyCallFlows: objectsIn(field(body, 'emergencyCallFlows')).map((one) => ({
      emergencyFlow: refOf(one['emergencyFlow'] ?? null, 'flows'),
      ivrs: objectsIn(one['ivrs']).map((ivr) => refOf(ivr, 'architect/ivrs')),
    })),
  }),
  show: (thing) => {
    const own = thing.content as Pick<EmergencyGroup, 'enabled' | 'emergencyCallFlows'>;
    const shown: EmergencyGroup = { ...shared(thing, EMERGENCIES_AT), ...own };
    return shown as unknown as JsonObject;
  },
};

export const OPENING_TIMES: readonly Sort[] = [SCHEDULES, SCHEDULE_GROUPS, EMERGENCY_GROUPS];

function shared(thing: Thing, path: string): Shared {
  const division = shownDivision(thing);
  return {
    id: thing.id,
    name: thing.name,
    division: division,
    ...thing.texts,
    version: thing.version,
    dateCreated: thing.dateCreated,
    dateModified: thing.dateModified,
    ...(thing.modifiedBy === null ? {} : { modifiedBy: thing.modifiedBy }),
    state: thing.state,
    selfUri: `${path}/${thing.id}`,
  };
}

/** A start that does not fit its rule goes to the next time that does, the end along with it. */
function timesIn(body: JsonObject): JsonObject {
  const [start, end] = ['start', 'end'].map((name) => {
    const local = localTime(textOf(field(body, name) ?? ''));
    if (local !== null) return local;
    const text = `Schedule: ${name} must be a local date-time`;
    throw invalidFields([{ errorCode: 'invalid.value', fieldName: name, text }]);
  });
  const rrule = textOf(field(body, 'rrule') ?? '');
  if (rrule === '') return { start: start ?? '', end: end ?? '' };
  try {
    recurrence(rrule);
  } catch {
    throw badRequest(`rrule '${rrule}' is not a recurrence rule`);
  }
  const moved = fitted(start ?? '', end ?? '', rrule) ?? { start: start ?? '', end: end ?? '' };
  return { ...moved, rrule };
}

function groupIn(org: Org, body: JsonObject): JsonObject {
  const lists = LISTS.map((name): [string, Json] => [
    name,
    listAt(body, name).map((one) => {
      const id = isObject(one) ? textOf(one['id']) : '';
      const found = org.things.get(SCHEDULES_AT)?.get(id);
      if (found === undefined || found.state === 'deleted') throw notFound('Schedule', id);
      return refOf({ id, name: found.name }, 'architect/schedules');
    }),
  ]);
  const zone = textOf(field(body, 'timeZone') ?? '');
  return { ...(zone === '' ? {} : { timeZone: zone }), ...Object.fromEntries(lists) };
}

/** Of the schedules of a group, whatever they are there for. */
function idsIn({ content }: Thing): string[] {
  return LISTS.flatMap((name) => objectsIn(content[name]).map(({ id }) => textOf(id)));
}

function refOf(value: Json, path: string): JsonObject {
  const { id = '', name } = isObject(value) ? value : {};
  return {
    id,
    ...(name === undefined ? {} : { name }),
    selfUri: `/api/v2/${path}/${textOf(id)}`,
  };
}
