/** What has been lost to users of other tools, each by its name: none of it happens here. */
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/json.js';
import { load } from '../support/manifests.js';
import { many, manifestOf, SKILL, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { faulty } from '../support/faults.js';
import { ORG } from '../support/reconcile.js';

const SCHEDULES = '/api/v2/architect/schedules';
const GROUPS = '/api/v2/architect/schedulegroups';
const EMERGENCIES = '/api/v2/architect/emergencygroups';
const TIMES = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00' };
const WEEKDAYS = { ...TIMES, rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' };

function thing(place: Many, path: string, name: string): { id: string; content: object } {
  const all = [...(place.bench.org.things.get(path)?.values() ?? [])];
  const found = all.find((one) => one.name === name && one.state !== 'deleted');
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  return found;
}

const told = (run: Awaited<ReturnType<Many['apply']>>): string[] =>
  run.outcomes.map(({ state, address }) => `${state} ${address}`);

describe('of schedules', () => {
  const weekdays = (spec: object): Record<string, string> => ({
    'weekdays.yaml': manifestOf('Schedule', 'Weekdays', spec),
  });
  const group = (spec: object): Record<string, string> => ({
    ...weekdays(WEEKDAYS),
    'group.yaml': manifestOf('ScheduleGroup', 'Hours', { openSchedules: ['Weekdays'], ...spec }),
  });

  it('a start that the platform moves is no difference for ever', async () => {
    const place = many(bench(ORG), 'datatable');
    // A person types a Monday for a rule of Wednesdays: the platform makes it a Wednesday.
    await place.send('POST', SCHEDULES, {
      name: 'Weekdays',
      ...TIMES,
      rrule: 'FREQ=WEEKLY;BYDAY=WE',
    });
    const meant = { start: '2026-01-07T08:00:00', end: '2026-01-07T18:00:00' };
    const asked = weekdays({ ...meant, rrule: 'FREQ=WEEKLY;BYDAY=WE' });
    expect((await place.plan(asked)).plan.changes).toEqual([]);
    expect(told(await place.apply(asked, { adopt: true }))).toEqual(['adopted Schedule/Weekdays']);
    expect((await place.plan(asked)).plan.changes).toEqual([]);
  });

  it.each(['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26', 'FREQ=DAILY;UNTIL=20301231T000000Z'])(
    'a rule that is legal is taken: %s',
    async (rrule) => {
      const place = many(bench(ORG), 'datatable');
      const start = '2026-12-25T08:00:00';
      const asked = weekdays({ start, end: '2026-12-25T18:00:00', rrule });
      expect(told(await place.apply(asked))).toEqual(['created Schedule/Weekdays']);
      expect((await place.plan(asked)).plan.changes).toEqual([]);
    },
  );

  it('a PUT carries along what no manifest says', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply({ ...group({ timeZone: 'Europe/Berlin' }) });
    const { id } = thing(place, GROUPS, 'Hours');
    const live = (await place.bench.reader().get(`${GROUPS}/${id}`)).body ?? {};
    const holiday = { id: thing(place, SCHEDULES, 'Weekdays').id };
    const body = { ...live, holidaySchedules: [holiday], description: 'Ours' };
    await place.send('PUT', `${GROUPS}/${id}`, body);
    expect(told(await place.apply(group({ timeZone: 'Europe/Paris' })))).toEqual([
      'updated ScheduleGroup/Hours',
    ]);
    const after = (await place.bench.reader().get(`${GROUPS}/${id}`)).body ?? {};
    expect(after).toMatchObject({
      timeZone: 'Europe/Paris',
      description: 'Ours',
      holidaySchedules: [{ id: holiday.id }],
    });
  });

  it('schedules in another order are no difference', async () => {
    const place = many(bench(ORG), 'datatable');
    const two = (names: string[]): Record<string, string> => ({
      ...group({ openSchedules: names }),
      'nights.yaml': manifestOf('Schedule', 'Nights', { ...WEEKDAYS, rrule: '' }),
    });
    await place.apply(two(['Weekdays', 'Nights']));
    expect((await place.plan(two(['Nights', 'Weekdays']))).plan.changes).toEqual([]);
  });

  it('a schedule that a group has is deleted after the group has let go of it', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(group({}));
    expect(told(await place.apply({}))).toEqual([
      'deleted ScheduleGroup/Hours',
      'deleted Schedule/Weekdays',
    ]);
  });

  it('a running emergency is not ended by the way', async () => {
    const place = many(bench(ORG), 'datatable');
    const fire = (spec: object): Record<string, string> => ({
      'fire.yaml': manifestOf('EmergencyGroup', 'Fire', spec),
    });
    await place.apply(fire({ description: 'Fire' }));
    const { id } = thing(place, EMERGENCIES, 'Fire');
    const live = (await place.bench.reader().get(`${EMERGENCIES}/${id}`)).body ?? {};
    const flow = { emergencyFlow: { id: 'f1' }, ivrs: [{ id: 'i1' }] };
    const switched = { ...live, enabled: true, emergencyCallFlows: [flow] };
    await place.send('PUT', `${EMERGENCIES}/${id}`, switched);
    // It is on, and the manifest says nothing of it: nothing is planned, nothing is written.
    expect((await place.plan(fire({ description: 'Fire' }))).plan.changes).toEqual([]);
    await place.apply(fire({ description: 'Fire and water' }));
    expect(thing(place, EMERGENCIES, 'Fire').content).toMatchObject({
      enabled: true,
      emergencyCallFlows: [{ emergencyFlow: { id: 'f1' }, ivrs: [{ id: 'i1' }] }],
    });
    const { plan } = await place.plan(fire({ description: 'Fire and water', enabled: false }));
    expect(plan.guards.filter(({ passed }) => !passed)).toMatchObject([
      {
        guard: 'running',
        message: 'EmergencyGroup/Fire would end an emergency that is running',
        hint: 'let people end it first, or take the key out of the manifest',
      },
    ]);
    // No manifest has a key then.
    const gone = await place.plan({});
    expect(gone.plan.guards.filter(({ guard }) => guard === 'running')).toMatchObject([
      { hint: 'let people end it first, or declare it again' },
    ]);
  });

  const said = (of: Readonly<Record<string, string>>): string[] => {
    const environment =
      'apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: prod }\n' +
      'spec: { host: mypurecloud.com, backend: datatable }\n';
    const { issues } = load({ 'environment.yaml': environment, ...of });
    return issues.map(({ at, message }) => `${at?.file}:${at?.line} ${message}`);
  };

  it('a time zone that is none is said, and an older name of one is one', () => {
    expect(said(group({ timeZone: 'Europe/Bonn' }))).toEqual([
      'group.yaml:5 spec.timeZone: Europe/Bonn is no time zone',
    ]);
    expect(said(group({ timeZone: 'Asia/Calcutta' }))).toEqual([]);
  });

  it('a closed schedule that covers its open one is said', () => {
    const shut = manifestOf('Schedule', 'Shut', { ...WEEKDAYS, end: '2026-01-06T00:00:00' });
    const noon = { start: '2026-01-05T12:00:00', end: '2026-01-05T13:00:00' };
    const files = {
      ...group({ closedSchedules: ['Lunch', 'Shut'] }),
      'shut.yaml': shut,
      'lunch.yaml': manifestOf('Schedule', 'Lunch', { ...WEEKDAYS, ...noon }),
    };
    expect(said(files)).toEqual([
      'group.yaml:5 spec.closedSchedules[1]: Shut covers Weekdays, which is never open then',
    ]);
  });
});

describe('of skills', () => {
  it('a skill is never made anew to change it: its id stays', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply({ 'skill.yaml': SKILL('Refunds', { division: 'Home' }) });
    const id = place.skillId('Refunds');
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan({ 'skill.yaml': SKILL('Refunds') }, { exchange });
    expect(sent.filter(({ method }) => method === 'DELETE')).toEqual([]);
    expect(place.skillId('Refunds')).toBe(id);
  });

  it('a skill of which an agent has it is not taken from anybody by an apply', async () => {
    const place = many(bench(ORG), 'datatable');
    const skill = (name: string): string[] =>
      [...place.bench.org.users.values()].find((one) => one.name === name)?.skillIds.slice() ?? [];
    const before = skill('Ada');
    const both = { 'skill.yaml': SKILL('Voice'), 'one.yaml': STRATEGY('one', 'Voice') };
    await place.apply(both, { adopt: true });
    await place.apply(both);
    expect(skill('Ada')).toEqual(before);
  });

  it('no empty value is sent that nobody wrote', async () => {
    const place = many(bench(ORG), 'datatable');
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.apply({ 'code.yaml': manifestOf('WrapupCode', 'Solved', {}) }, { exchange });
    const bodies = sent.filter(({ path }) => path.includes('/routing/'));
    expect(bodies.map(({ body }) => textOf(body ?? '')).join('\n')).not.toMatch(/:""|:null/);
  });
});

describe('of data tables', () => {
  const SITE = { name: 'site', type: 'string' };
  const columns = ['queue', 'opens', 'closes'].map((name) => ({ name, type: 'string' }));
  const table = (...others: object[]): Record<string, string> => ({
    'table.yaml': manifestOf('DataTable', 'Sites', { columns: [SITE, ...others] }),
  });

  async function inUse(): Promise<{ readonly place: Many; readonly id: string }> {
    const uses = { tables: ['Sites'] };
    const org = { ...ORG, flows: [{ name: 'Main IVR', version: '1.0', uses }] };
    const place = many(bench(org), 'datatable');
    await place.apply(table(...columns));
    const id = place.bench.org.tableNames.get('Sites') ?? '';
    const row = { key: 'Bonn', queue: 'Alpha', opens: '8', closes: '17' };
    await place.send('POST', `/api/v2/flows/datatables/${id}/rows`, row);
    return { place, id };
  }

  it('#402, #403: a new column makes no new table, and no row and no flow loses it', async () => {
    const { place, id } = await inUse();
    const { plan } = await place.plan(table(...columns, { name: 'agents', type: 'integer' }));
    expect(plan.changes.map(({ action }) => action)).toEqual(['update']);
    await place.apply(table(...columns, { name: 'agents', type: 'integer' }));
    expect(place.bench.org.tableNames.get('Sites')).toBe(id);
    expect([...(place.bench.org.tables.get(id)?.rows.keys() ?? [])]).toEqual(['Bonn']);
  });

  it('#402, #403: nor does one that goes or changes its type, which is refused', async () => {
    const { place, id } = await inUse();
    for (const others of [columns.slice(1), [{ name: 'queue', type: 'integer' }]]) {
      const { plan } = await place.plan(table(...others));
      expect([plan.changes, plan.blocked?.length]).toEqual([[], 1]);
      await place.apply(table(...others));
    }
    expect([...(place.bench.org.tables.get(id)?.rows.keys() ?? [])]).toEqual(['Bonn']);
  });

  it('#2234, #2073: another order of columns is one line of a plan, and no rename', async () => {
    const { place } = await inUse();
    const { plan } = await place.plan(table(...columns.toReversed()));
    expect(plan.changes.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual([
      'columns (order)',
    ]);
    const grown = [columns[0], { name: 'agents', type: 'integer' }, ...columns.slice(1)];
    const inserted = (await place.plan(table(...(grown as object[])))).plan;
    expect(inserted.changes.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual([
      'columns["agents"]',
    ]);
  });
});
