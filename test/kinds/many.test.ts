/**
 * Objects of several kinds that refer to each other: the table of faults that a second kind ran
 * into, row by row, in the process and over the simulator's own exchange.
 */
import { describe, expect, it } from 'vitest';
import { movedSince, remaining } from '../../src/core/plan.js';
import { textOf } from '../../src/core/json.js';
import type { Plan } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { bench, type Bench } from '../support/org.js';
import { faulty, refusal } from '../support/faults.js';
import { ORG } from '../support/reconcile.js';
import { many, manifestOf, SKILL, STRATEGY, type Run } from '../support/many.js';

const both = { 'skill.yaml': SKILL('Refunds'), 'strategy.yaml': STRATEGY('refunds', 'Refunds') };

const lines = (plan: Plan): string[] =>
  plan.changes.map(
    ({ action, address, waitsFor }) =>
      `${action} ${address}${waitsFor.length === 0 ? '' : ` after ${waitsFor.join(', ')}`}`,
  );

function skillsIn({ org }: Bench): string[] {
  return [...org.skills.values()].map(({ name }) => name).sort();
}

function told({ outcomes }: Run): string[] {
  return outcomes.map(({ address, state }) => `${state} ${address}`);
}

describe.each(['strategies-api', 'datatable'] as const)(
  '%s: a skill and its strategy',
  (backend) => {
    const on = (org: object = ORG): ReturnType<typeof many> => many(bench(org), backend);

    it('are brought by one pull request: the strategy waits, and names the id that came', async () => {
      const place = on();
      const { plan } = await place.plan(both);
      expect(plan.blocked).toBeUndefined();
      expect(lines(plan)).toEqual([
        'create Skill/Refunds',
        'create RoutingStrategy/refunds after Skill/Refunds',
      ]);
      expect(planText(plan, plainStyle)).toContain(
        '+ create RoutingStrategy/refunds (after Skill/Refunds)',
      );
      expect(told(await place.apply(both))).toEqual([
        'created Skill/Refunds',
        'created RoutingStrategy/refunds',
      ]);
      expect(skillsIn(place.bench)).toEqual(['Billing', 'Refunds', 'Voice']);
      expect(place.requiredSkill('refunds')).toBe('Refunds');
      expect(lines((await place.plan(both)).plan)).toEqual([]);
    });

    it('a skill that could not be made leaves its strategy unmade, and says why', async () => {
      const place = on();
      const { exchange } = faulty(place.bench.exchange, [
        {
          path: /routing\/skills$/,
          method: 'POST',
          does: { answer: refusal(400, 'bad.request', 'no') },
        },
      ]);
      const run = await place.apply(both, { exchange });
      expect(told(run)).toEqual(['failed Skill/Refunds', 'blocked RoutingStrategy/refunds']);
      expect(run.outcomes[1]?.message).toContain('it waits for Skill/Refunds');
    });

    it('that is still required is not deleted, and both places are said', async () => {
      const place = on();
      await place.apply(both);
      const { plan } = await place.plan({ 'strategy.yaml': both['strategy.yaml'] });
      expect(lines(plan)).toEqual([]);
      expect(plan.blocked).toEqual([
        {
          address: 'Skill/Refunds',
          held: 'delete',
          obstacles: [
            {
              message:
                'no manifest declares it, and it is not deleted: RoutingStrategy/refunds ' +
                '(strategy.yaml:5) still refers to it',
              hint: 'take it out of RoutingStrategy/refunds first, or declare Skill/Refunds again',
              at: { file: 'strategy.yaml', line: 5 },
            },
          ],
        },
      ]);
    });

    it('nor what a strategy of somebody else requires', async () => {
      const place = on();
      await place.apply(both);
      await place.apply({ 'strategy.yaml': STRATEGY('refunds', 'Refunds') }, { owner: 'other' });
      place.forget('RoutingStrategy/refunds');
      const { plan } = await place.plan({});
      expect(plan.blocked?.map(({ address }) => address)).toEqual(['Skill/Refunds']);
      expect(plan.blocked?.[0]?.obstacles[0]?.message).toContain('(in the org) still refers to it');
    });

    it('that is let go in the same plan is deleted after it', async () => {
      const place = on();
      await place.apply(both);
      const without = { 'strategy.yaml': STRATEGY('refunds', 'Billing') };
      const { plan } = await place.plan(without);
      expect(lines(plan)).toEqual([
        'delete Skill/Refunds after RoutingStrategy/refunds',
        'update RoutingStrategy/refunds',
      ]);
      expect(told(await place.apply(without))).toEqual([
        'updated RoutingStrategy/refunds',
        'deleted Skill/Refunds',
      ]);
      expect(skillsIn(place.bench)).toEqual(['Billing', 'Voice']);
    });

    it('both gone: the strategy first, though the alphabet says otherwise', async () => {
      const place = on();
      const named = { 'a.yaml': SKILL('A'), 'z.yaml': STRATEGY('zz', 'A') };
      await place.apply(named);
      expect(told(await place.apply({}))).toEqual([
        'deleted RoutingStrategy/zz',
        'deleted Skill/A',
      ]);
    });

    it('that was deleted in the org comes back, and its tombstone is nobody', async () => {
      const place = on();
      await place.apply(both);
      await place.send('DELETE', `/api/v2/routing/skills/${place.skillId('Refunds')}`);
      const again = await place.plan({ 'skill.yaml': SKILL('Refunds') });
      expect(lines(again.plan)).toContain('create Skill/Refunds');
      const adopting = await place.plan({ 'skill.yaml': SKILL('Refunds') }, { adopt: true });
      expect(lines(adopting.plan)).toContain('create Skill/Refunds');
      const run = await place.apply({ 'skill.yaml': SKILL('Refunds') }, { prune: false });
      expect(told(run)).toEqual(['created Skill/Refunds']);
    });

    it('that was deleted while its strategy had a claim alone: the strategy is ours still', async () => {
      const place = on();
      await place.apply(both);
      // As a run leaves it that is killed after the create and before the record.
      for (const { rows } of place.bench.org.tables.values()) {
        for (const [key, row] of rows) {
          const isIt = key.startsWith('RoutingStrategy') && row.has('object');
          if (isIt) rows.set(key, new Map([...row, ['object', '']]));
        }
      }
      await place.send('DELETE', `/api/v2/routing/skills/${place.skillId('Refunds')}`);
      await place.bench.clock.sleep(600_000);
      const { plan } = await place.plan(both);
      expect(plan.changes.map(({ action }) => action)).not.toContain('adopt');
      await place.apply(both);
      expect(lines((await place.plan(both)).plan)).toEqual([]);
      expect(place.requiredSkill('refunds')).toBe('Refunds');
    });

    it('--target takes the one that is meant', async () => {
      const place = on();
      const files = { 'skill.yaml': SKILL('x'), 'strategy.yaml': STRATEGY('x', 'Billing') };
      const scoped = async (text: string): Promise<string[]> => {
        return lines((await place.plan(files, { scope: [text] })).plan);
      };
      expect(await scoped('Skill/x')).toEqual(['create Skill/x']);
      expect(await scoped('RoutingStrategy')).toEqual(['create RoutingStrategy/x']);
      expect(await scoped('x')).toEqual(['create RoutingStrategy/x', 'create Skill/x']);
    });

    it('what is declared and out of scope is not there', async () => {
      const place = on();
      const { plan } = await place.plan(both, { scope: ['RoutingStrategy/refunds'] });
      expect(plan.changes).toEqual([]);
      expect(plan.blocked?.[0]?.obstacles[0]).toMatchObject({
        message: expect.stringContaining('the org has no skill "Refunds"'),
        hint: 'a manifest declares Skill/Refunds, which this scope leaves out: take it in as well',
      });
    });

    it('survive the end of a run between the two, with the plan that was reviewed', async () => {
      const place = on();
      const reviewed = (await place.plan(both)).plan;
      // As a kill -9 after the skill was made and recorded would leave it.
      await place.apply({ 'skill.yaml': both['skill.yaml'] });
      const fresh = await place.plan(both);
      expect(movedSince(reviewed, fresh.plan, place.kindOf, fresh.reached)).toEqual([]);
      const left = remaining(reviewed, fresh.plan, sha256, fresh.reached);
      expect(lines(left)).toEqual(['create RoutingStrategy/refunds']);
      expect(told(await place.carryOut({ ...fresh, plan: left }))).toEqual([
        'created RoutingStrategy/refunds',
      ]);
      expect(place.requiredSkill('refunds')).toBe('Refunds');
    });
  },
);

describe('a repository with only a skill', () => {
  it('needs the table of records, and neither queues nor a table of strategies', async () => {
    const place = many(bench(ORG), 'datatable');
    const { exchange, sent } = faulty(place.bench.exchange);
    const { plan } = await place.plan({ 'skill.yaml': SKILL('Refunds') }, { exchange });
    expect(plan.tables).toEqual(['Routing Strategies (strategos)']);
    const paths = sent.map(({ path }) => textOf(path)).filter((path) => !path.includes('token'));
    expect(paths.filter((path) => /queues|strategies|divisions/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.includes('/routing/skills'))).toHaveLength(1);
  });

  it('lists skills once where strategies refer to them as well', async () => {
    const place = many(bench(ORG), 'strategies-api');
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(both, { exchange });
    const paths = sent.map(({ path }) => textOf(path));
    expect(paths.filter((path) => path.includes('/routing/skills'))).toHaveLength(1);
  });
});

/** What the platform needs of a new one beside its name. */
const NEEDED: Readonly<Record<string, object>> = {
  DataTable: {
    schema: {
      type: 'object',
      required: ['key'],
      additionalProperties: false,
      properties: { key: { $id: '/properties/key', type: 'string' } },
    },
  },
};

const TIMES = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00', rrule: 'FREQ=DAILY' };
/** As both the platform and a manifest have them. */
const CONDITIONS = [
  {
    operation: 'Or',
    routingSkillConditions: [
      { routingSkill: 'Billing', comparator: 'GreaterThan', proficiency: 2 },
    ],
    languageSkillConditions: [],
  },
];
const PLAIN: readonly (readonly [kind: string, path: string, spec: object])[] = [
  ['Skill', '/api/v2/routing/skills', {}],
  ['Language', '/api/v2/routing/languages', {}],
  ['WrapupCode', '/api/v2/routing/wrapupcodes', {}],
  ['DataTable', '/api/v2/flows/datatables', {}],
  ['Schedule', '/api/v2/architect/schedules', TIMES],
  ['EmergencyGroup', '/api/v2/architect/emergencygroups', {}],
  ['SkillGroup', '/api/v2/routing/skillgroups', { skillConditions: CONDITIONS }],
];

describe.each(PLAIN)('%s', (kind, path, spec) => {
  const files = { 'one.yaml': manifestOf(kind, 'One', spec) };

  it('is made, kept as it is, and deleted; a second apply finds nothing', async () => {
    const place = many(bench(ORG), 'datatable');
    expect(told(await place.apply(files))).toEqual([`created ${kind}/One`]);
    expect(lines((await place.plan(files)).plan)).toEqual([]);
    expect(told(await place.apply({}))).toEqual([`deleted ${kind}/One`]);
    expect(lines((await place.plan({})).plan)).toEqual([]);
    expect(told(await place.apply(files))).toEqual([`created ${kind}/One`]);
  });

  it('of a person is adopted where that is asked for, and else left alone', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.send('POST', path, { name: 'One', ...(NEEDED[kind] ?? spec) });
    await place.send('POST', path, { name: 'Two', ...(NEEDED[kind] ?? spec) });
    const silent = await place.plan(files);
    expect([lines(silent.plan), silent.plan.counts.unchanged]).toEqual([[], 1]);
    expect(told(await place.apply(files, { adopt: true }))).toEqual([`adopted ${kind}/One`]);
    expect(told(await place.apply({}))).toEqual([`deleted ${kind}/One`]);
  });

  it('whose creation got no answer is found, and not made twice', async () => {
    const place = many(bench(ORG), 'datatable');
    // Its table of records is one of them, and there already.
    await place.apply({ 'other.yaml': manifestOf('Skill', 'Other', {}) });
    const lost = { method: 'POST', path: new RegExp(`${path}$`), does: { lost: 'after' } } as const;
    const { exchange, sent } = faulty(place.bench.exchange, [lost]);
    expect(told(await place.apply(files, { exchange, prune: false }))).toEqual([
      `created ${kind}/One`,
    ]);
    expect(sent.filter((one) => one.method === 'POST' && one.path === path)).toHaveLength(1);
    expect(lines((await place.plan(files, { prune: false })).plan)).toEqual([]);
  });

  it('that a person deleted is said to drift, and is made again', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files);
    const { live } = (await place.plan(files)).observation;
    const made = live.find(({ name }) => name === 'One');
    await place.send('DELETE', `${path}/${made?.id}`);
    const { plan } = await place.plan(files);
    expect(lines(plan)).toEqual([`create ${kind}/One`]);
  });
});

describe.each([
  ['WrapupCode', {}],
  ['Schedule', { start: '2026-03-02T08:00:00.000', end: '2026-03-02T18:00:00.000' }],
  ['EmergencyGroup', {}],
  ['DataTable', {}],
  ['Queue', {}],
])('an update of a %s', (kind, spec) => {
  const saying = (description: string): Record<string, string> => ({
    'one.yaml': manifestOf(kind, 'One', { ...spec, description }),
  });

  it.each(['before', 'after'] as const)('whose answer is lost %s its effect', async (lost) => {
    const place = many(bench(ORG), 'strategies-api');
    await place.apply(saying('old'));
    const fault = { method: 'PUT', path: /\/(?!.*rows)[^/]+$/, does: { lost } } as const;
    const { exchange } = faulty(place.bench.exchange, [fault]);
    expect(told(await place.apply(saying('new'), { exchange }))).toEqual([`updated ${kind}/One`]);
    expect(lines((await place.plan(saying('new'))).plan)).toEqual([]);
  });
});

describe('WrapupCode', () => {
  const saying = (description: string, over: object = {}): Record<string, string> => ({
    'solved.yaml': manifestOf('WrapupCode', 'Solved', { description, ...over }),
  });

  it('is changed as it is, with what the manifest does not say left alone', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.send('POST', '/api/v2/routing/wrapupcodes', {
      name: 'Solved',
      description: 'by hand',
      division: { id: '*' },
    });
    expect(told(await place.apply(saying('Answered'), { adopt: true }))).toEqual([
      'adopted WrapupCode/Solved',
    ]);
    const { observation, plan } = await place.plan(saying('Answered'));
    expect(plan.changes).toEqual([]);
    expect(observation.live.find(({ name }) => name === 'Solved')?.fields).toEqual({
      description: 'Answered',
      division: '*',
    });
  });

  it('lists divisions only where a manifest names one, and moves to it', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(saying('Answered', { division: '*' }));
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(saying('Answered'), { exchange });
    expect(sent.filter(({ path }) => path.includes('divisions'))).toEqual([]);
    const moved = saying('Answered', { division: 'Home' });
    expect(told(await place.apply(moved))).toEqual(['updated WrapupCode/Solved']);
    expect((await place.plan(moved)).plan.changes).toEqual([]);
    const nowhere = await place.plan(saying('Answered', { division: 'Nowhere' }));
    expect(nowhere.plan.blocked?.[0]?.obstacles[0]?.message).toContain(
      'the org has no division "Nowhere"',
    );
  });
});

describe('guards', () => {
  it('count kind by kind', async () => {
    const skills = Array.from({ length: 40 }, (_, n) => SKILL(`s${n}`));
    const strategies = Array.from({ length: 10 }, (_, n) => STRATEGY(`t${n}`, 'Billing'));
    const place = many(bench(ORG), 'strategies-api');
    const files = (n: number): Record<string, string> =>
      Object.fromEntries(
        [...skills, ...strategies.slice(0, n)].map((text, at) => [`${at}.yaml`, text]),
      );
    await place.apply(files(10));
    const { plan } = await place.plan(files(8), { guards: { maxDeletes: '10%' } });
    const failed = plan.guards.filter(({ passed }) => !passed);
    expect(failed.map(({ message }) => message)).toEqual([
      '2 of our 10 strategies would be deleted (20 %), more than maxDeletes 10 %',
    ]);
  });
});
