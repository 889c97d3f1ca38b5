/**
 * Schedule: when something is open, closed, or a holiday. Its times are local and have no zone: the
 * schedule group that it is in says where they hold.
 */
import { textOf, type Json, type JsonObject } from '../../core/json.js';
import type { Kind } from '../../core/kind.js';
import { canonicalRule, fitted, localTime } from '../../core/recurrence.js';
import { platformEntity, wholeUpdate } from '../platform-entity.js';
import { rules } from './rules.js';

/** What is no local time stays as it is written: the schema, or a rule, has said so. */
const time = (value: Json): Json => localTime(textOf(value)) ?? value;
const TEXTS = ['description', 'start', 'end', 'rrule'] as const;

const resource = platformEntity({
  path: '/api/v2/architect/schedules',
  pageSize: 100,
  texts: TEXTS,
  // An empty rule is none.
  leftOutWhenEmpty: ['rrule'],
  hasDivision: true,
  isVersioned: true,
  update: wholeUpdate,
  consumers: 'SCHEDULE',
  audit: { service: 'Architect', entityType: 'Schedule' },
});

export const schedule: Kind = {
  name: 'Schedule',
  noun: { one: 'schedule', many: 'schedules' },
  refType: 'schedule',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
      start: { type: 'scalar', canonical: time },
      end: { type: 'scalar', canonical: time },
      rrule: { type: 'scalar', canonical: (rule) => canonicalRule(textOf(rule)) },
    },
  },
  identity: ['description', 'division', 'start', 'end', 'rrule'],
  rules,
  toSpec: (fields) => fields,
  resources: {
    platform: {
      ...resource,
      // The platform moves such a start by itself when it is written: the two mean the same.
      read: (entity) => {
        const { raw, ...rest } = resource.read(entity);
        return { ...rest, raw: { ...raw, ...moved(raw) } };
      },
      odd: {
        of: (entity) => {
          const { start } = moved(entity);
          if (start === undefined) return [];
          const rule = textOf(entity['rrule']);
          return [
            `its start ${textOf(entity['start'])} does not fit its rule ${rule}: ${start} does`,
          ];
        },
        meant: (raw) => raw,
        mends: 'the manifest has the first time that fits, at which it begins anyway',
      },
    },
  },
};

/** Start and end of a schedule whose start does not fit its rule, as they count; else nothing. */
function moved(raw: JsonObject): { readonly start?: string; readonly end?: string } {
  const [start, end, rule] = ['start', 'end', 'rrule'].map((key) => textOf(raw[key] ?? ''));
  return fitted(start ?? '', end ?? '', rule ?? '') ?? {};
}
