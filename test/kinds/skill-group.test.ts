/** Skill groups: conditions by name, read one by one where somebody names them, and only there. */
import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../src/core/json.js';
import { loadManifests } from '../../src/manifest/load.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { bench } from '../support/org.js';
import { faulty } from '../support/faults.js';
import { many, manifestOf, SKILL } from '../support/many.js';
import { ORG } from '../support/reconcile.js';

const PATH = '/api/v2/routing/skillgroups';

const term = (routingSkill: string, proficiency: number, more: object = {}): object => ({
  routingSkill,
  comparator: 'GreaterThanOrEqualTo',
  proficiency,
  ...more,
});
const all = (...terms: readonly object[]): object => ({
  operation: 'And',
  routingSkillConditions: terms,
});
const GROUP = (name: string, spec: object): string => manifestOf('SkillGroup', name, spec);
const place = (): ReturnType<typeof many> => many(bench(ORG), 'strategies-api');

/** What the org has of a group, as the platform shows it. */
async function shown(on: ReturnType<typeof many>, name: string): Promise<JsonObject> {
  const reader = on.bench.writer('person');
  const listed = await reader.list(PATH, 100, 'by cursor');
  const found = listed.find((one) => one['name'] === name);
  return (await reader.get(`${PATH}/${textOf(found?.['id'])}`)).body ?? {};
}

describe('a skill group', () => {
  it('waits for its skill, and is sent with the lists that the platform asks for', async () => {
    const on = place();
    const files = {
      'a.yaml': GROUP('A', { skillConditions: [all(term('Refunds', 3))] }),
      's.yaml': SKILL('Refunds'),
    };
    const { plan } = await on.plan(files);
    expect(plan.changes.map(({ address, waitsFor }) => [address, waitsFor])).toEqual([
      ['Skill/Refunds', []],
      ['SkillGroup/A', ['Skill/Refunds']],
    ]);
    await on.apply(files);
    expect((await shown(on, 'A'))['skillConditions']).toEqual([
      {
        operation: 'And',
        routingSkillConditions: [term('Refunds', 3)],
        languageSkillConditions: [],
      },
    ]);
    expect((await on.plan(files)).plan.changes).toEqual([]);
  });

  it('says which term changes, however deep, and leaves what it does not say', async () => {
    const on = place();
    const files = (proficiency: number, more: object = {}): Record<string, string> => {
      const inner = { operation: 'Not', routingSkillConditions: [term('Billing', proficiency)] };
      const conditions = [all(term('Voice', 3, { childConditions: [inner] }))];
      return { 'a.yaml': GROUP('A', { skillConditions: conditions, ...more }) };
    };
    await on.apply(files(1, { description: 'Experts' }));
    const { plan } = await on.plan(files(2));
    expect(planText(plan, plainStyle)).toContain(
      'skillConditions["1"].routingSkillConditions["1"].childConditions["1"]' +
        '.routingSkillConditions["1"].proficiency: 1 → 2',
    );
    await on.apply(files(2));
    expect((await shown(on, 'A'))['description']).toBe('Experts');
    expect((await on.plan(files(2))).plan.changes).toEqual([]);
  });

  it('is read by itself where a manifest or a record names it, and nowhere else', async () => {
    const on = place();
    const skillConditions = [{ ...all(term('Voice', 3)), languageSkillConditions: [] }];
    for (const name of ['A', 'B', 'C']) await on.send('POST', PATH, { name, skillConditions });
    const files = { 'a.yaml': GROUP('A', { skillConditions }) };
    await on.apply(files, { adopt: true });
    const { exchange, sent } = faulty(on.bench.exchange);
    await on.plan(files, { exchange });
    const asked = sent.filter(({ path }) => path.includes('skillgroups'));
    expect(asked.map(({ path }) => path.slice(PATH.length).replace(/[-\w]{36}/, 'id'))).toEqual([
      '?pageSize=100',
      '/id',
    ]);
  });

  it('of more than a page is found all the same', async () => {
    const on = place();
    const skillConditions = [{ ...all(term('Voice', 3)), languageSkillConditions: [] }];
    const names = Array.from({ length: 103 }, (_, n) => `G ${String(n).padStart(3, '0')}`);
    for (const name of names) await on.send('POST', PATH, { name, skillConditions });
    const { observation } = await on.plan({ 'a.yaml': GROUP('A', { skillConditions }) });
    const found = observation.live.filter(({ kind }) => kind === 'SkillGroup');
    expect(found.map(({ name }) => name).sort()).toEqual(names);
  });

  it('names a skill that is nowhere: nothing is sent, and it is said', async () => {
    const { plan } = await place().plan({
      'a.yaml': GROUP('A', { skillConditions: [all(term('Bilking', 3))] }),
    });
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toContain('the org has no skill "Bilking"');
  });

  it('keeps a skill from being deleted that its manifest still names', async () => {
    const on = place();
    const group = { 'a.yaml': GROUP('A', { skillConditions: [all(term('Refunds', 3))] }) };
    await on.apply({ ...group, 's.yaml': SKILL('Refunds') });
    const { plan } = await on.plan(group);
    expect(plan.blocked?.map(({ address }) => address)).toEqual(['Skill/Refunds']);
  });

  it('has people of the divisions that it says, its own always among them', async () => {
    const on = place();
    const asking = (memberDivisions: unknown): Record<string, string> => ({
      'a.yaml': GROUP('A', { skillConditions: [all(term('Voice', 3))], memberDivisions }),
    });
    await on.apply(asking(['Home', '*']));
    expect((await on.plan(asking(['Home', '*']))).plan.changes).toEqual([]);
    expect((await on.plan(asking({ include: ['*'] }))).plan.changes).toEqual([]);
    await on.apply(asking(['Home']));
    const { id } = await shown(on, 'A');
    const divisions = await on.bench
      .writer('person')
      .list(`${PATH}/${textOf(id)}/members/divisions`, 100, 'not at all');
    expect(divisions.map(({ name }) => name)).toEqual(['Home']);
  });
});

describe('the own division of a skill group', () => {
  const issuesOf = (division: unknown, memberDivisions: readonly unknown[]): number => {
    const spec = { division, memberDivisions, skillConditions: [all(term('A', 1))] };
    return loadManifests([{ path: 'a.yaml', bytes: Buffer.from(GROUP('A', spec)) }]).issues.length;
  };

  // Which division an id is of, no file says.
  it.each<[unknown, readonly unknown[], number]>([
    ['Home', ['Home', 'East'], 0],
    ['Home', ['*'], 0],
    ['Home', [{ id: 'x' }], 0],
    ['Home', ['East', { id: 'x' }], 0],
    [{ id: 'x' }, [{ id: 'x' }], 0],
    [{ id: 'x' }, ['Home'], 0],
    ['Home', ['East'], 1],
    [{ id: 'x' }, [{ id: 'y' }], 1],
  ])('%j among %j: %d errors', (division, memberDivisions, errors) => {
    expect(issuesOf(division, memberDivisions)).toBe(errors);
  });

  it('may be written by its name in one place and by its id in the other', async () => {
    const on = place();
    const [home] = await on.bench.reader().list('/api/v2/authorization/divisions', 100);
    const spec = { skillConditions: [all(term('Voice', 3))], division: textOf(home?.['name']) };
    const files = { 'a.yaml': GROUP('A', { ...spec, memberDivisions: [{ id: home?.['id'] }] }) };
    expect((await on.apply(files)).outcomes.map(({ state }) => state)).toEqual(['created']);
    expect((await on.plan(files)).plan.changes).toEqual([]);
  });
});

describe('a skill group that is written wrongly', () => {
  const issues = (spec: object): string[] =>
    loadManifests([{ path: 'a.yaml', bytes: Buffer.from(GROUP('A', spec)) }]).issues.map(
      ({ message }) => message,
    );

  it.each<[string, object, string]>([
    ['no condition at all', { skillConditions: [] }, 'skillConditions'],
    [
      'a condition of nothing',
      { skillConditions: [{ operation: 'And' }] },
      'spec.skillConditions[0]: it names neither a skill nor a language',
    ],
    [
      'the same, deeper',
      { skillConditions: [all(term('A', 1, { childConditions: [{ operation: 'Or' }] }))] },
      'spec.skillConditions[0].routingSkillConditions[0].childConditions[0]: it names neither',
    ],
    ['more than five stars', { skillConditions: [all(term('A', 6))] }, 'proficiency'],
    [
      'another operation',
      { skillConditions: [{ ...all(term('A', 1)), operation: 'Xor' }] },
      'operation',
    ],
    [
      'divisions without its own',
      { division: 'Home', memberDivisions: ['East'], skillConditions: [all(term('A', 1))] },
      'spec.memberDivisions: Home is missing, which the platform always has among them',
    ],
  ])('%s', (_name, spec, said) => {
    expect(issues(spec)).toEqual([expect.stringContaining(said)]);
  });
});
