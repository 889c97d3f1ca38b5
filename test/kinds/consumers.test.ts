/** Who uses what a plan deletes: asked once a delete, named in the plan, and a reason to stop. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { planMarkdown } from '../../src/render/markdown.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { many, manifestOf, SKILL, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const FLOWS: OrgFile['flows'] = [
  { name: 'Main IVR', version: '12.0', uses: { skills: ['Refunds'], wrapupCodes: ['Refunds'] } },
  {
    name: 'Night',
    version: '3.1',
    uses: { skills: ['Refunds'], languages: ['Refunds'], tables: ['Refunds'] },
  },
];
const TRACKING = /dependencytracking/;

const on = (over: OrgFile = {}): Many =>
  many(bench({ ...ORG, flows: FLOWS, ...over }), 'datatable');
/** Of this guard: one delete of one is more than half as well. */
const failed = ({ guards }: Plan): Plan['guards'] =>
  guards.filter(({ guard, passed }) => guard === 'consumers' && !passed);

describe.each([
  ['Skill', 'flow "Main IVR" (version 12.0) and flow "Night" (version 3.1)'],
  ['Language', 'flow "Night" (version 3.1)'],
  ['WrapupCode', 'flow "Main IVR" (version 12.0)'],
  ['DataTable', 'flow "Night" (version 3.1)'],
])('the delete of a %s that flows use', (kind, users) => {
  const files = { 'one.yaml': manifestOf(kind, 'Refunds', {}) };

  it('names them with their versions, and is refused until it is forced', async () => {
    const place = on();
    await place.apply(files);
    const { plan } = await place.plan({});
    expect(failed(plan)).toEqual([
      {
        guard: 'consumers',
        passed: false,
        message: `${kind}/Refunds is used by ${users}`,
        hint: 'take it out of what uses it and publish that first',
      },
    ]);
    for (const text of [planText(plan, plainStyle), planMarkdown(plan)]) {
      expect(text.replaceAll('\\', '')).toContain(`used by ${users}`);
      expect(text).toContain('pass --force or take it out of what uses it');
    }
    const { consumers } = plan.changes[0] ?? {};
    const found = consumers && 'found' in consumers ? consumers.found : [];
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['INBOUNDCALLFLOW']));
  });
});

describe('the platform’s own force', () => {
  it('is asked for only of a table that the plan says is in use, once somebody agreed', async () => {
    const place = on();
    await place.apply({
      'a.yaml': manifestOf('DataTable', 'Refunds', {}),
      'b.yaml': manifestOf('DataTable', 'Other', {}),
    });
    const { exchange, sent } = faulty(place.bench.exchange);
    const run = await place.carryOut(await place.plan({}), { exchange });
    expect(run.outcomes.map(({ state }) => state)).toEqual(['deleted', 'deleted']);
    const deletes = sent.filter(({ method, path }) => method === 'DELETE' && !/rows/.test(path));
    expect(deletes.map(({ path }) => path.split('?')[1])).toEqual([undefined, 'force=true']);
  });

  it('is not, where nobody could tell: the platform refuses, and the table stays', async () => {
    const place = on();
    await place.apply({ 'a.yaml': manifestOf('DataTable', 'Refunds', {}) });
    const fault: Fault = {
      path: TRACKING,
      method: 'GET',
      does: { answer: refusal(403, 'no', '') },
    };
    const planned = await place.plan({}, faulty(place.bench.exchange, [fault]));
    const [outcome] = (await place.carryOut(planned)).outcomes;
    expect([outcome?.state, outcome?.message]).toEqual([
      'stale',
      expect.stringContaining("is used by the flow 'Night'"),
    ]);
    expect(place.bench.org.tableNames.has('Refunds')).toBe(true);
  });
});

describe('whoever uses nothing that goes', () => {
  it('stands in no way, and is no part of the plan', async () => {
    const place = on();
    await place.apply({ 'one.yaml': SKILL('Other') });
    const { plan } = await place.plan({});
    expect([failed(plan), plan.changes[0]?.consumers]).toEqual([[], undefined]);
    expect(planText(plan, plainStyle)).not.toContain('used by');
  });
});

describe('the question', () => {
  it('is asked once a delete, and for nothing but deletes', async () => {
    const place = on();
    const made = { 'a.yaml': SKILL('A'), 'b.yaml': SKILL('B'), 'c.yaml': SKILL('C') };
    const first = faulty(place.bench.exchange);
    await place.plan({ ...made, 's.yaml': STRATEGY('s', 'A') }, { exchange: first.exchange });
    await place.apply({ ...made, 's.yaml': STRATEGY('s', 'A') });
    const asked = async (files: Record<string, string>): Promise<string[]> => {
      const { exchange, sent } = faulty(place.bench.exchange);
      await place.plan(files, { exchange });
      return sent.map(({ path }) => path).filter((path) => TRACKING.test(path));
    };
    expect(first.sent.filter(({ path }) => TRACKING.test(path))).toEqual([]);
    // A row of a data table is used by no flow: flows read the table.
    expect(await asked(made)).toEqual([]);
    const both = await asked({ 'c.yaml': SKILL('C') });
    const ids = both.map((path) => new URLSearchParams(path.split('?')[1]).get('id'));
    expect(ids.sort()).toEqual([place.skillId('A'), place.skillId('B')].sort());
    expect(both.every((path) => path.includes('objectType=ACDSKILL'))).toBe(true);
  });

  it('is not about what the manifests still ask for, nor what is out of scope', async () => {
    const place = on();
    await place.apply({ 'a.yaml': SKILL('A'), 'b.yaml': SKILL('B') });
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan({}, { exchange, scope: ['Skill/A'] });
    expect(sent.filter(({ path }) => TRACKING.test(path))).toHaveLength(1);
  });

  it('reads every page of the answer', async () => {
    const flows = Array.from({ length: 230 }, (_, n) => ({
      name: `Flow ${n}`,
      uses: { skills: ['Refunds'] },
    }));
    const place = on({ flows });
    await place.apply({ 'one.yaml': SKILL('Refunds') });
    const { plan } = await place.plan({});
    const { consumers } = plan.changes[0] ?? {};
    expect(consumers && 'found' in consumers ? consumers.found.length : 0).toBe(230);
    expect(failed(plan)[0]?.message).toMatch(/ and 220 more$/);
  });

  it('sends no flag that would force the platform', async () => {
    const place = on();
    await place.apply({ 'one.yaml': SKILL('Refunds') });
    const { exchange, sent } = faulty(place.bench.exchange);
    const run = await place.apply({}, { exchange });
    expect(run.outcomes.map(({ state }) => state)).toEqual(['deleted']);
    expect(sent.filter(({ path }) => /force/i.test(path))).toEqual([]);
  });
});

describe('where nobody can say who uses it', () => {
  const refusing = (does: Fault['does']): Fault => ({ path: TRACKING, times: 99, does });

  it.each([
    ['the permission is missing', 403, /403.*\(it takes architect:dependencyTracking:view\)/],
    ['the platform has no such endpoint', 404, /404/],
    ['the platform does not know the type', 400, /400/],
  ])('%s: the plan says so, and holds it like one that is used', async (_, status, why) => {
    const place = on();
    await place.apply({ 'one.yaml': SKILL('Refunds') });
    const answer = refusal(status, 'missing', 'no');
    const { exchange } = faulty(place.bench.exchange, [refusing({ answer })]);
    const { plan } = await place.plan({}, { exchange });
    expect(failed(plan)).toEqual([
      {
        guard: 'consumers',
        passed: false,
        message: expect.stringMatching(/^what uses Skill\/Refunds cannot be told: /),
        hint: 'give this client what it lacks and plan again, or look in the org who uses it',
      },
    ]);
    expect(plan.changes[0]?.consumers).toEqual({ unread: { message: expect.stringMatching(why) } });
    for (const text of [planText(plan, plainStyle), planMarkdown(plan)]) {
      expect(text).toContain('whether anything uses it is not known');
      expect(text).toContain('whether anything uses Skill/Refunds is not known');
    }
  });

  it('a platform that does not answer is no answer', async () => {
    const place = on();
    await place.apply({ 'one.yaml': SKILL('Refunds') });
    const answer = refusal(503, 'down', 'no');
    const { exchange } = faulty(place.bench.exchange, [refusing({ answer })]);
    await expect(place.plan({}, { exchange })).rejects.toThrow('503');
  });
});
