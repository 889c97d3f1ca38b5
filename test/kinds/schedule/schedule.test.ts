/** Schedules that are wrong, and schedules in an org whose start does not fit their rule. */
import { describe, expect, it } from 'vitest';
import { load } from '../../support/manifests.js';
import { many, manifestOf } from '../../support/many.js';
import { bench } from '../../support/org.js';
import { ORG } from '../../support/reconcile.js';

const ENVIRONMENT = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { host: mypurecloud.com, backend: datatable }
`;
const PATH = '/api/v2/architect/schedules';
const TIMES = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00' };
const WEEKDAYS = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';

function said(lines: readonly string[]): string[] {
  const text = [
    ...['apiVersion: strategos/v1', 'kind: Schedule', 'metadata: { name: Weekdays }', 'spec:'],
    ...lines.map((line) => `  ${line}`),
  ];
  const { issues } = load({ 'environment.yaml': ENVIRONMENT, 'a.yaml': `${text.join('\n')}\n` });
  return issues.map(({ at, message, hint }) => `${at?.line}:${at?.column} ${message}; ${hint}`);
}

describe('a manifest of a schedule', () => {
  const [start, end] = ['start: 2026-01-05T08:00:00', 'end: 2026-01-05T18:00:00'];

  it('is right with times alone, with a rule, and over midnight', () => {
    expect(said([start, end])).toEqual([]);
    expect(said([start, end, `rrule: ${WEEKDAYS}`])).toEqual([]);
    expect(said([start, 'end: 2026-01-06T06:00:00', "rrule: ''"])).toEqual([]);
  });

  it.each([
    [
      ['start: 2026-01-05T08:00:00Z', end],
      '5:3 spec.start: 2026-01-05T08:00:00Z is no local date-time; write it as',
    ],
    [
      [start, 'end: 2026-02-30T08:00:00'],
      '6:3 spec.end: 2026-02-30T08:00:00 is no local date-time; write it as',
    ],
    [
      [start, 'end: 2026-01-05T07:00:00'],
      '6:3 spec.end: 2026-01-05T07:00:00 is not after the start, 2026-01-05T08:00:00; a schedule',
    ],
    [
      [start, end, 'rrule: FREQ=SOMETIMES'],
      '7:3 spec.rrule: FREQ=SOMETIMES is no recurrence rule: ',
    ],
    [
      [start, end, 'rrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
      '7:3 spec.rrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 names no time from',
    ],
    [
      [start, end, 'rrule: FREQ=DAILY;UNTIL=20250101T000000Z'],
      '7:3 spec.rrule: FREQ=DAILY;UNTIL=20250101T000000Z names no time from',
    ],
    [
      [start, end, 'rrule: FREQ=WEEKLY;BYDAY=WE,FR'],
      '5:3 spec.start: 2026-01-05T08:00:00 is no time of its rule, FREQ=WEEKLY;BYDAY=WE,FR; ' +
        'the platform moves it; write start: 2026-01-07T08:00:00 and end: 2026-01-07T18:00:00',
    ],
  ] as const)('is refused with %j, at its place', (lines, message) => {
    const issues = said(lines);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(message);
  });
});

describe('a schedule in an org', () => {
  const files = (spec: object): Record<string, string> => ({
    'a.yaml': manifestOf('Schedule', 'Weekdays', spec),
  });

  it('whose rule and times are written otherwise is the same', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.send('POST', PATH, {
      name: 'Weekdays',
      start: '2026-01-05T08:00:00.000000',
      end: '2026-01-05T18:00:00.000000',
      rrule: 'FREQ=WEEKLY;INTERVAL=1;BYDAY=FR,TH,WE,TU,MO;WKST=MO',
    });
    const { plan } = await place.plan(files({ ...TIMES, rrule: WEEKDAYS }));
    expect([plan.changes, plan.counts.unchanged]).toEqual([[], 1]);
  });

  it('whose start does not fit its rule is taken as it counts', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.send('POST', PATH, { name: 'Weekdays', ...TIMES, rrule: WEEKDAYS });
    // What an org holds since before the platform moved such starts.
    const made = [...(place.bench.org.things.get(PATH) ?? [])][0];
    if (made === undefined) throw new Error('it was not made');
    const content = { ...TIMES, rrule: 'FREQ=WEEKLY;BYDAY=WE,FR' };
    place.bench.org.things.get(PATH)?.set(made[0], { ...made[1], content });
    const fitting = { start: '2026-01-07T08:00:00', end: '2026-01-07T18:00:00' };
    const { plan } = await place.plan(files({ ...fitting, rrule: 'FREQ=WEEKLY;BYDAY=WE,FR' }));
    expect([plan.changes, plan.counts.unchanged]).toEqual([[], 1]);
  });

  it('stays without the keys that it does not have', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files({ ...TIMES, rrule: WEEKDAYS }));
    await place.apply(files({ ...TIMES, rrule: '' }));
    const [made] = [...(place.bench.org.things.get(PATH)?.values() ?? [])];
    expect(made?.content).toEqual({
      start: '2026-01-05T08:00:00.000',
      end: '2026-01-05T18:00:00.000',
    });
    expect(made?.texts).toEqual({});
    expect((await place.plan(files({ ...TIMES, rrule: '' }))).plan.changes).toEqual([]);
  });

  it('that somebody wrote to in between is left alone: the version says so', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files({ ...TIMES, rrule: WEEKDAYS }));
    const planned = await place.plan(files({ ...TIMES, rrule: 'FREQ=DAILY' }));
    const [made] = [...(place.bench.org.things.get(PATH)?.values() ?? [])];
    const body = { name: 'Weekdays', version: made?.version, ...made?.content, description: 'x' };
    await place.send('PUT', `${PATH}/${made?.id}`, body);
    const run = await place.carryOut(planned);
    expect(run.outcomes.map(({ state }) => state)).toEqual(['stale']);
  });
});
