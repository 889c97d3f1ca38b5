/** The suite of every kind that lives in the platform's own API. */
import { manifestOf } from '../support/many.js';
import { kindConformance, type KindDriver } from './kind-cases.js';

const SKILL: KindDriver = {
  kind: 'Skill',
  noun: { one: 'skill', many: 'skills' },
  path: '/api/v2/routing/skills',
  spec: {},
  changed: null,
  body: (name) => ({ name }),
  byHand: null,
};

const LANGUAGE: KindDriver = {
  kind: 'Language',
  noun: { one: 'language', many: 'languages' },
  path: '/api/v2/routing/languages',
  spec: {},
  changed: null,
  body: (name) => ({ name }),
  byHand: null,
};

const WRAPUP_CODE: KindDriver = {
  kind: 'WrapupCode',
  noun: { one: 'wrap-up code', many: 'wrap-up codes' },
  path: '/api/v2/routing/wrapupcodes',
  spec: { description: 'Answered' },
  changed: { description: 'Answered, and thanked for' },
  body: (name) => ({ name, description: 'Answered' }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, description: 'By hand' } }),
};

const property = (name: string, title: string, displayOrder: number): object => ({
  [name]: { $id: `/properties/${name}`, type: 'string', title, displayOrder },
});

const COLUMNS = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  required: ['key'],
  additionalProperties: false,
  properties: { ...property('key', 'site', 0), ...property('queue', 'queue', 1) },
};

const DATA_TABLE: KindDriver = {
  kind: 'DataTable',
  noun: { one: 'data table', many: 'data tables' },
  path: '/api/v2/flows/datatables',
  spec: {
    description: 'By site',
    columns: [
      { name: 'site', type: 'string' },
      { name: 'queue', type: 'string' },
    ],
  },
  changed: {
    description: 'By site and hour',
    columns: [
      { name: 'site', type: 'string' },
      { name: 'queue', type: 'string', title: 'Queue' },
    ],
  },
  body: (name) => ({ name, description: 'By site', schema: COLUMNS }),
  byHand: (entity) => ({
    method: 'PUT',
    body: { ...entity, description: 'By hand', schema: COLUMNS },
  }),
};

const WEEKDAYS = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';

const SCHEDULE: KindDriver = {
  kind: 'Schedule',
  noun: { one: 'schedule', many: 'schedules' },
  path: '/api/v2/architect/schedules',
  spec: { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00', rrule: WEEKDAYS },
  changed: { start: '2026-01-05T08:00:00', end: '2026-01-05T20:30:00', rrule: WEEKDAYS },
  body: (name) => ({
    name,
    start: '2026-01-05T08:00:00.000000',
    end: '2026-01-05T18:00:00.000000',
    rrule: 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR',
  }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, end: '2026-01-05T12:00:00.000' } }),
};

const QUEUE: KindDriver = {
  kind: 'Queue',
  noun: { one: 'queue', many: 'queues' },
  path: '/api/v2/routing/queues',
  spec: { description: 'Bills', acwSettings: { wrapupPrompt: 'OPTIONAL' } },
  changed: { description: 'Bills and more', acwSettings: { wrapupPrompt: 'MANDATORY' } },
  body: (name) => ({ name, description: 'Bills', acwSettings: { wrapupPrompt: 'OPTIONAL' } }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, description: 'By hand' } }),
};

const TIMES = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00', rrule: WEEKDAYS };

const SCHEDULE_GROUP: KindDriver = {
  kind: 'ScheduleGroup',
  noun: { one: 'schedule group', many: 'schedule groups' },
  path: '/api/v2/architect/schedulegroups',
  beside: {
    'weekdays.yaml': manifestOf('Schedule', 'Weekdays', TIMES),
    'holidays.yaml': manifestOf('Schedule', 'Holidays', { ...TIMES, rrule: '' }),
  },
  kinds: ['Schedule', 'ScheduleGroup'],
  spec: { timeZone: 'Europe/Berlin', openSchedules: ['Weekdays'], holidaySchedules: [] },
  changed: {
    timeZone: 'Asia/Calcutta',
    openSchedules: ['Weekdays'],
    holidaySchedules: ['Holidays'],
  },
  body: async (name, idOf) => ({
    name,
    timeZone: 'Europe/Berlin',
    openSchedules: [{ id: await idOf('/api/v2/architect/schedules', 'Weekdays') }],
  }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, timeZone: 'Europe/Paris' } }),
};

const EMERGENCY_GROUP: KindDriver = {
  kind: 'EmergencyGroup',
  noun: { one: 'emergency group', many: 'emergency groups' },
  path: '/api/v2/architect/emergencygroups',
  spec: { description: 'Fire' },
  changed: { description: 'Fire and water' },
  body: (name) => ({ name, description: 'Fire', enabled: false, emergencyCallFlows: [] }),
  byHand: (entity) => ({ method: 'PUT', body: { ...entity, description: 'By hand' } }),
};

const terms = (proficiency: number): object[] => [
  {
    operation: 'And',
    routingSkillConditions: [
      {
        routingSkill: 'Sales',
        comparator: 'GreaterThanOrEqualTo',
        proficiency,
        childConditions: [
          {
            operation: 'Not',
            routingSkillConditions: [
              { routingSkill: 'Billing', comparator: 'EqualTo', proficiency: 0 },
            ],
            languageSkillConditions: [],
          },
        ],
      },
    ],
    languageSkillConditions: [
      { languageSkill: 'German', comparator: 'NotEqualTo', proficiency: 0 },
    ],
  },
];

const SKILL_GROUP: KindDriver = {
  kind: 'SkillGroup',
  noun: { one: 'skill group', many: 'skill groups' },
  path: '/api/v2/routing/skillgroups',
  beside: { 'german.yaml': manifestOf('Language', 'German', {}) },
  kinds: ['Language', 'SkillGroup'],
  spec: { description: 'Sellers', skillConditions: terms(3) },
  changed: { description: 'Good sellers', skillConditions: terms(4) },
  body: (name) => ({ name, description: 'Sellers', skillConditions: terms(3) }),
  byHand: (entity) => ({ method: 'PATCH', body: { ...entity, skillConditions: terms(1) } }),
};

const DRIVERS = [
  ...[SKILL, LANGUAGE, WRAPUP_CODE, DATA_TABLE, QUEUE],
  ...[SCHEDULE, SCHEDULE_GROUP, EMERGENCY_GROUP, SKILL_GROUP],
];
for (const driver of DRIVERS) kindConformance(driver);
