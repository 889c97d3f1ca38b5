/** ScheduleGroup: schedules that are open, closed or holidays, in one time zone. */
import { objectsIn, type Json, type JsonObject } from '../../core/json.js';
import type { Kind } from '../../core/kind.js';
import type { IdOf } from '../../core/resource.js';
import { platformEntity, wholeUpdate } from '../platform-entity.js';
import { among, rules } from './rules.js';

const LISTS = ['openSchedules', 'closedSchedules', 'holidaySchedules'] as const;
const SCHEDULES = { type: 'set', of: { type: 'reference', to: 'schedule' } } as const;

export const scheduleGroup: Kind = {
  name: 'ScheduleGroup',
  noun: { one: 'schedule group', many: 'schedule groups' },
  refType: 'schedule group',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
      timeZone: { type: 'scalar' },
      openSchedules: SCHEDULES,
      closedSchedules: SCHEDULES,
      holidaySchedules: SCHEDULES,
    },
  },
  identity: [
    'description',
    'division',
    'timeZone',
    'openSchedules',
    'closedSchedules',
    'holidaySchedules',
  ],
  rules,
  among,
  // Without a time zone it is said by no text; but by a rollback, which brings that back.
  toSpec: (fields, { checks }) => {
    if (checks === 'warn' || fields['timeZone'] !== '') return fields;
    return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'timeZone'));
  },
  resources: {
    platform: platformEntity({
      path: '/api/v2/architect/schedulegroups',
      pageSize: 100,
      texts: ['description', 'timeZone'],
      leftOutWhenEmpty: ['timeZone'],
      hasDivision: true,
      isVersioned: true,
      more: {
        read: (entity) => ofLists((name) => objectsIn(entity[name]).map(({ id = '' }) => ({ id }))),
        shown: (fields, idOf) => ofLists((name) => idsOf(fields[name], idOf)),
      },
      update: wholeUpdate,
      audit: { service: 'Architect', entityType: 'ScheduleGroup' },
      consumers: 'SCHEDULEGROUP',
    }),
  },
};

function ofLists(items: (name: (typeof LISTS)[number]) => Json[] | undefined): JsonObject {
  return Object.fromEntries(
    LISTS.flatMap((name) => {
      const found = items(name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

function idsOf(references: Json | undefined, idOf: IdOf): Json[] | undefined {
  if (!Array.isArray(references)) return undefined;
  return references.map((one) => ({ id: idOf('schedule', one) }));
}
