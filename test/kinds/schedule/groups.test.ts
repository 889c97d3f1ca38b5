/** What no group of schedules can be: zones that are none, and hours that would never be open. */
import { describe, expect, it } from 'vitest';
import { manifestOf } from '../../support/many.js';
import { load } from '../../support/manifests.js';

const WEEKDAYS = {
  start: '2026-01-05T08:00:00',
  end: '2026-01-05T18:00:00',
  rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
};

function said(group: object, over: object = {}, open: object = WEEKDAYS): string[] {
  const environment = manifestOf('Environment', 'prod', {
    host: 'mypurecloud.com',
    backend: 'datatable',
  });
  const { issues } = load({
    'environment.yaml': environment,
    'open.yaml': manifestOf('Schedule', 'Open', open),
    'over.yaml': manifestOf('Schedule', 'Over', { ...WEEKDAYS, ...over }),
    'group.yaml': manifestOf('ScheduleGroup', 'Hours', { openSchedules: ['Open'], ...group }),
  });
  return issues.map(({ at, message, hint }) => `${at?.file}:${at?.line} ${message} | ${hint}`);
}

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'Asia/Calcutta', 'EST', 'Etc/GMT+5', 'UTC'])(
    '%s is one',
    (timeZone) => {
      expect(said({ timeZone })).toEqual([]);
    },
  );

  it.each<readonly [string, string]>([
    ['europe/berlin', 'write Europe/Berlin'],
    ['EUROPE/BERLIN', 'write Europe/Berlin'],
    ...['Berlin', '+02:00', 'UTC+2', 'local', 'Mars/Olympus'].map(
      (name) => [name, 'the IANA has them: Europe/Berlin, America/New_York, UTC'] as const,
    ),
  ])('%s is none', (timeZone, hint) => {
    expect(said({ timeZone })).toEqual([
      `group.yaml:5 spec.timeZone: ${timeZone} is no time zone | ${hint}`,
    ]);
  });
});

describe.each(['closedSchedules', 'holidaySchedules'])('%s', (list) => {
  const covers = `group.yaml:5 spec.${list}[0]: Over covers Open, which is never open then`;

  it.each<[string, object]>([
    ['by the same rule', {}],
    ['for longer', { start: '2026-01-05T07:00:00', end: '2026-01-05T19:00:00' }],
    [
      'every day',
      { start: '2026-01-01T00:00:00', end: '2026-01-02T00:00:00', rrule: 'FREQ=DAILY' },
    ],
    ['on more days', { rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA' }],
    ['in another writing', { rrule: 'RRULE:BYDAY=FR,TH,WE,TU,MO;FREQ=WEEKLY;INTERVAL=1' }],
  ])('may not cover what is open: %s', (_, over) => {
    const found = said({ [list]: ['Over'] }, over);
    expect(found).toEqual([expect.stringContaining(covers)]);
  });

  it.each<[string, object]>([
    ['later in the day', { start: '2026-01-05T12:00:00' }],
    ['on fewer days', { rrule: 'FREQ=WEEKLY;BYDAY=MO' }],
    ['every other week', { rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR' }],
    ['once', { rrule: '' }],
    ['from another year on', { start: '2027-01-04T08:00:00', end: '2027-01-04T18:00:00' }],
    ['for a while', { rrule: 'FREQ=DAILY;COUNT=3' }],
  ])('may have hours of its own: %s', (_, over) => {
    expect(said({ [list]: ['Over'] }, over)).toEqual([]);
  });

  const day = (date: string, rrule: string, hours = ['08:00:00', '18:00:00']): object => ({
    start: `${date}T${hours[0]}`,
    end: `${date}T${hours[1]}`,
    rrule,
  });
  // The day of such a rule is that of its start: `12-25` and `11-27` have nothing in common.
  it.each([
    ['2025-12-25', '2026-11-27', 'FREQ=YEARLY'],
    ['2026-01-05', '2026-01-06', 'FREQ=WEEKLY'],
    ['2026-01-05', '2026-01-12', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO'],
    ['2026-01-01', '2026-01-02', 'FREQ=MONTHLY'],
    ['2026-01-01', '2026-01-02', 'FREQ=DAILY;INTERVAL=2'],
    ['2026-01-01', '2026-02-01', 'FREQ=DAILY;COUNT=5'],
    ['2026-01-05', '2026-02-12', 'FREQ=MONTHLY;BYMONTH=1,2'],
  ])('on %s may be beside what is open on %s, both %s', (over, open, rule) => {
    expect(said({ [list]: ['Over'] }, day(over, rule), day(open, rule))).toEqual([]);
    const same = said({ [list]: ['Over'] }, day(over, rule), day(over, rule));
    expect(same).toEqual([expect.stringContaining(covers)]);
  });

  it.each([
    ['FREQ=WEEKLY;BYDAY=MO', '2026-01-05', '2026-01-12'],
    ['FREQ=MONTHLY;BYDAY=1MO', '2026-01-05', '2026-02-02'],
    ['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25', '2025-12-25', '2026-12-25'],
  ])('whose days are in the rule covers them from a later start on: %s', (rule, over, open) => {
    const found = said({ [list]: ['Over'] }, day(over, rule), day(open, rule));
    expect(found).toEqual([expect.stringContaining(covers)]);
  });

  it('of a night and the morning after it covers no week', () => {
    const rrule = 'FREQ=MONTHLY;BYDAY=1MO';
    const over = { start: '2026-01-05T08:00:00', end: '2026-01-06T18:00:00', rrule };
    const open = { start: '2026-01-05T08:00:00', end: '2026-01-09T17:00:00', rrule };
    expect(said({ [list]: ['Over'] }, over, open)).toEqual([]);
    expect(said({ [list]: ['Over'] }, open, over)).toHaveLength(1);
  });

  it('may not have an open one itself, whether it is declared or not', () => {
    const message = 'is an open schedule as well, and never open';
    expect(said({ [list]: ['Open'] })).toEqual([
      expect.stringContaining(`group.yaml:5 spec.${list}[0]: Open ${message}`),
    ]);
    expect(said({ openSchedules: ['In the org'], [list]: ['Over', 'In the org'] })).toEqual([
      expect.stringContaining(`spec.${list}[1]: In the org ${message}`),
    ]);
  });
});
