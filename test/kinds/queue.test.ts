/** Queues with their settings, wrap-up codes and members, against the simulated org. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.js';
import type { Plan } from '../../src/core/types.js';
import { loadManifests } from '../../src/manifest/load.js';
import { writeManifests } from '../support/written.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { faulty, refusal } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { many, manifestOf, STRATEGY, type Many } from '../support/many.js';
import { stateTable } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';

const USERS = ['Ann One', 'Bob Two', 'Cid Three'];
const WITH_USERS = {
  ...ORG,
  users: [...(ORG.users ?? []), ...USERS.map((name) => ({ name }))],
};
const mail = (name: string): string => `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
const [ANN = '', BOB = '', CID = ''] = USERS.map(mail);

const on = (org: object = WITH_USERS): Many => many(bench(org), 'strategies-api');
const QUEUE = (name: string, spec: object = {}): string => manifestOf('Queue', name, spec);
const CODE = (name: string): string => manifestOf('WrapupCode', name, {});

const queueIn = ({ org }: Bench, name: string) => {
  const queue = [...org.queues.values()].find((one) => one.name === name);
  if (queue === undefined) throw new Error(`no queue ${name}`);
  return queue;
};
const membersIn = (place: Many, name: string): string[] =>
  queueIn(place.bench, name)
    .memberIds.map((id) => place.bench.org.users.get(id)?.name ?? id)
    .sort();
const codesIn = (place: Many, name: string): string[] =>
  [...queueIn(place.bench, name).wrapupCodeIds].map(
    (id) => place.bench.org.things.get('/api/v2/routing/wrapupcodes')?.get(id)?.name ?? id,
  );
const lines = (plan: Plan): string[] =>
  plan.changes.map(({ action, address, fields }) =>
    [`${action} ${address}`, ...fields.map(({ path }) => path)].join(' '),
  );
const settle = async (place: Many, files: Record<string, string>): Promise<void> => {
  const { outcomes } = await place.apply(files);
  expect(outcomes.filter(({ message }) => message !== '')).toEqual([]);
  expect(lines((await place.plan(files)).plan)).toEqual([]);
};

const SETTINGS = {
  description: 'Calls about bills',
  mediaSettings: {
    call: {
      alertingTimeoutSeconds: 20,
      serviceLevel: { percentage: 0.9, durationSeconds: 15 },
    },
    message: { subTypeSettings: { whatsapp: { enableAutoAnswer: true } } },
  },
  acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutSeconds: 30 },
  scoringMethod: 'PriorityOnly',
  rings: [{ expandAfterSeconds: 30, skillsToRemove: ['Voice'] }, { expandAfterSeconds: 60 }],
  directRouting: { backupQueue: 'Alpha', agentWaitSeconds: 60 },
};

describe('a queue', () => {
  it('is made with all that its manifest says, and then there is nothing to do', async () => {
    const place = on();
    await settle(place, { 'q.yaml': QUEUE('Bills', SETTINGS) });
    const { settings, description } = queueIn(place.bench, 'Bills');
    expect(description).toBe('Calls about bills');
    expect(settings).toMatchObject({
      // A manifest says seconds, the platform milliseconds.
      mediaSettings: { call: { serviceLevel: { percentage: 0.9, durationMs: 15_000 } } },
      acwSettings: { timeoutMs: 30_000 },
      bullseye: {
        rings: [{ expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: 30 }] }, {}],
      },
      directRouting: { backupQueueId: queueIn(place.bench, 'Alpha').id },
      scoringMethod: 'PriorityOnly',
    });
  });

  describe.each([
    ['with all its settings', SETTINGS],
    ['of which little is said', { mediaSettings: { call: { alertingTimeoutSeconds: 9 } } }],
    ['that refers to itself', { directRouting: { backupQueue: 'Bills' }, description: 'b' }],
    ['with rings', { rings: [{ expandAfterSeconds: 30 }, { skillsToRemove: ['Voice'] }] }],
  ])('a new one %s', (_which, spec) => {
    const files = { 'q.yaml': QUEUE('Bills', spec) };
    const post = { method: 'POST', path: /routing\/queues$/ } as const;

    it('is known again where the answer to its create was lost', async () => {
      const place = on();
      const { exchange, sent } = faulty(place.bench.exchange, [
        { ...post, does: { lost: 'after' } },
      ]);
      const { outcomes } = await place.apply(files, { exchange });
      expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['created', '']]);
      const creates = sent.filter(({ method, path }) => method === 'POST' && post.path.test(path));
      expect(creates).toHaveLength(1);
      expect(lines((await place.plan(files)).plan)).toEqual([]);
    });

    it('is ours where the run was killed before its record', async () => {
      const place = on();
      await place.apply(files);
      const [key, row] = [...stateTable(place.bench.org).rows].find(([one]) =>
        one.startsWith('Queue~'),
      )!;
      // As the run left it that made the claim, and what its one request had made.
      stateTable(place.bench.org).rows.set(key, new Map([...row, ['object', '']]));
      const queue = queueIn(place.bench, 'Bills');
      if ('directRouting' in spec && spec.directRouting.backupQueue === 'Bills') {
        queue.settings = { ...queue.settings, directRouting: {} };
      }
      const { plan } = await place.plan(files);
      expect(plan.changes.filter(({ action }) => action === 'adopt')).toEqual([]);
      expect(plan.guards.filter(({ passed }) => !passed)).toEqual([]);
      await settle(place, files);
    });
  });

  it('and a strategy over it are one change of a repository', async () => {
    const place = on();
    const files = {
      'q.yaml': QUEUE('Alpha two', { members: [ANN] }),
      's.yaml': STRATEGY('to-new', 'Voice').replace('"Alpha"', '"Alpha two"'),
    };
    const { plan } = await place.plan(files);
    expect(planText(plan, plainStyle)).toContain(
      '+ create RoutingStrategy/to-new (after Queue/Alpha two)',
    );
    expect((await place.apply(files)).outcomes.map(({ state }) => state)).toEqual([
      'created',
      'created',
    ]);
  });

  it('keeps what no manifest speaks of, as it is', async () => {
    const unknown = { pilotRule: { conditionExpression: 'C1' } };
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Bills', SETTINGS) });
    const queue = queueIn(place.bench, 'Bills');
    queue.settings = {
      ...queue.settings,
      conditionalGroupActivation: unknown,
      outboundEmailAddress: { domain: { id: 'd' } },
      mediaSettings: {
        ...(queue.settings['mediaSettings'] as JsonObject),
        email: { allOutboundEmailAddresses: [] },
      },
    };
    await settle(place, { 'q.yaml': QUEUE('Bills', { ...SETTINGS, description: 'New' }) });
    expect(queueIn(place.bench, 'Bills').settings).toMatchObject({
      conditionalGroupActivation: unknown,
      outboundEmailAddress: { domain: { id: 'd' } },
      mediaSettings: { email: { allOutboundEmailAddresses: [] } },
    });
  });

  it('may be its own backup: it is written twice, as it has no id before', async () => {
    const place = on();
    await settle(place, { 'q.yaml': QUEUE('Bills', { directRouting: { backupQueue: 'Bills' } }) });
    const { id, settings } = queueIn(place.bench, 'Bills');
    expect(settings['directRouting']).toEqual({ backupQueueId: id });
  });

  it('leaves of each ring what the manifest does not say of it, ring by ring', async () => {
    const place = on();
    const ring = (seconds: number, skill: string): object => ({
      expandAfterSeconds: seconds,
      skillsToRemove: [skill],
    });
    await settle(place, {
      'q.yaml': QUEUE('Bills', { rings: [ring(5, 'Voice'), ring(9, 'Billing')] }),
    });
    const changed = {
      'q.yaml': QUEUE('Bills', { rings: [{ expandAfterSeconds: 6 }, { expandAfterSeconds: 9 }] }),
    };
    expect(lines((await place.plan(changed)).plan)).toEqual([
      'update Queue/Bills rings["1"].expandAfterSeconds',
    ]);
    await settle(place, changed);
    const [first, second] = (queueIn(place.bench, 'Bills').settings['bullseye'] as JsonObject)[
      'rings'
    ] as { actions: { skillsToRemove: { id: string }[] } }[];
    expect(first?.actions.skillsToRemove).not.toEqual(second?.actions.skillsToRemove);
  });

  it('loses rings that hold groups in two steps', async () => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Bills', SETTINGS) });
    const queue = queueIn(place.bench, 'Bills');
    const group = { id: 'g-1', name: 'Night', type: 'GROUP' };
    const rings = [{ memberGroups: [] }, { memberGroups: [group] }];
    queue.settings = { ...queue.settings, bullseye: { rings } };
    const without = { 'q.yaml': QUEUE('Bills', { rings: [] }) };
    await settle(place, without);
    expect(queueIn(place.bench, 'Bills').settings['bullseye']).toEqual({ rings: [] });
  });

  it('loses them along with the skill and the group that they name', async () => {
    const place = on();
    const ring = { expandAfterSeconds: 5, skillsToRemove: ['Nights'], skillGroups: ['Experts'] };
    await settle(place, {
      's.yaml': manifestOf('Skill', 'Nights', {}),
      'g.yaml': EXPERTS,
      'q.yaml': QUEUE('Bills', { rings: [ring, ring] }),
    });
    await settle(place, {
      'q.yaml': QUEUE('Bills', { rings: [{ ...ring, skillsToRemove: [], skillGroups: [] }] }),
    });
    const { bullseye } = queueIn(place.bench, 'Bills').settings;
    expect(bullseye).toMatchObject({
      rings: [{ memberGroups: [], actions: { skillsToRemove: [] } }],
    });
    expect([...place.bench.org.skills.values()].map(({ name }) => name)).not.toContain('Nights');
  });
});

describe('members and wrap-up codes', () => {
  it('are sent in a request each, of which nobody asks whether they took effect', async () => {
    const place = on();
    const files = {
      'a.yaml': CODE('Solved'),
      'q.yaml': QUEUE('Bills', { wrapupCodes: ['Solved'], members: [ANN] }),
    };
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.apply(files, { exchange });
    const parts = sent.filter(({ path }) => /\/(wrapupcodes|members)(\?|$)/.test(path));
    const below = parts.filter(({ path }) => path.includes('/queues/'));
    expect(below.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  const start = async (spec: object): Promise<Many> => {
    const place = on();
    const codes = { 'a.yaml': CODE('Solved'), 'b.yaml': CODE('Called back') };
    const files = { ...codes, 'q.yaml': QUEUE('Bills', spec) };
    await settle(place, files);
    return place;
  };
  const files = (spec: object): Record<string, string> => ({
    'a.yaml': CODE('Solved'),
    'b.yaml': CODE('Called back'),
    'q.yaml': QUEUE('Bills', spec),
  });

  it('that are listed are exactly these', async () => {
    const place = await start({ wrapupCodes: ['Solved'], members: [ANN, { user: BOB }] });
    expect([membersIn(place, 'Bills'), codesIn(place, 'Bills')]).toEqual([
      ['Ann One', 'Bob Two'],
      ['Solved'],
    ]);
    const next = files({ wrapupCodes: ['Called back'], members: [CID, BOB] });
    expect(lines((await place.plan(next)).plan)).toEqual([
      `update Queue/Bills wrapupCodes["Solved"] wrapupCodes["Called back"] ` +
        `members["${ANN}"] members["${CID}"]`,
    ]);
    await settle(place, next);
    expect([membersIn(place, 'Bills'), codesIn(place, 'Bills')]).toEqual([
      ['Bob Two', 'Cid Three'],
      ['Called back'],
    ]);
    await settle(place, files({ wrapupCodes: [], members: [] }));
    expect([membersIn(place, 'Bills'), codesIn(place, 'Bills')]).toEqual([[], []]);
  });

  it('that are not named are neither read nor written', async () => {
    const place = await start({ wrapupCodes: ['Solved'], members: [ANN] });
    const asked: string[] = [];
    const { exchange } = place.bench;
    const watched: typeof exchange = async (request) => {
      asked.push(request.url);
      return exchange(request);
    };
    const without = files({ description: 'Other' });
    const { outcomes } = await place.apply(without, { exchange: watched });
    expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
    expect(asked.filter((url) => /members|queues\/[^/]+\/wrapupcodes/.test(url))).toEqual([]);
    expect([membersIn(place, 'Bills'), codesIn(place, 'Bills')]).toEqual([['Ann One'], ['Solved']]);
  });

  it('that are to be included are beside who is there', async () => {
    const place = await start({ members: [ANN], wrapupCodes: ['Solved'] });
    await settle(
      place,
      files({ members: { include: [BOB] }, wrapupCodes: { include: ['Called back'] } }),
    );
    expect(membersIn(place, 'Bills')).toEqual(['Ann One', 'Bob Two']);
    expect(codesIn(place, 'Bills').sort()).toEqual(['Called back', 'Solved']);
  });

  it('have ring numbers, which stay where nobody says them', async () => {
    const rings = [{ expandAfterSeconds: 5 }, { expandAfterSeconds: 9 }];
    const place = await start({ rings, members: [{ user: ANN, ring: 2 }, BOB] });
    const ringOf = (name: string): number | undefined => {
      const user = [...place.bench.org.users.values()].find((one) => one.name === name);
      return queueIn(place.bench, 'Bills').ringOf.get(user?.id ?? '');
    };
    expect([ringOf('Ann One'), ringOf('Bob Two')]).toEqual([2, undefined]);
    await settle(place, files({ rings, members: [ANN, { user: BOB, ring: 2 }] }));
    expect([ringOf('Ann One'), ringOf('Bob Two')]).toEqual([2, 2]);
  });

  it('of more than a hundred go in batches', async () => {
    const users = Array.from({ length: 230 }, (_one, index) => ({ name: `Agent ${index}` }));
    const place = on({ ...ORG, users: [...(ORG.users ?? []), ...users] });
    const sent: number[] = [];
    const { exchange } = place.bench;
    const watched: typeof exchange = async (request) => {
      if (request.method === 'POST' && request.url.endsWith('/members')) {
        sent.push((JSON.parse(request.body ?? '[]') as unknown[]).length);
      }
      return exchange(request);
    };
    const spec = { members: users.map(({ name }) => mail(name)) };
    const { outcomes } = await place.apply(
      { 'q.yaml': QUEUE('Bills', spec) },
      { exchange: watched },
    );
    expect(outcomes.map(({ state }) => state)).toEqual(['created']);
    expect(sent).toEqual([100, 100, 30]);
    expect(membersIn(place, 'Bills')).toHaveLength(230);
  });
});

describe('a queue of more people than a page or a record has room for', () => {
  const users = Array.from({ length: 1200 }, (_one, index) => ({ name: `Agent Number ${index}` }));
  const spec = { members: users.map(({ name }) => mail(name)) };

  it('is read to its end: nothing to do, and one who was taken out comes back', async () => {
    const place = on({ ...ORG, users: [...(ORG.users ?? []), ...users] });
    const files = { 'q.yaml': QUEUE('Bills', spec) };
    await settle(place, files);
    const queue = queueIn(place.bench, 'Bills');
    const [first = ''] = queue.memberIds;
    await place.send('POST', `/api/v2/routing/queues/${queue.id}/members?delete=true`, [
      { id: first },
    ]);
    const { plan } = await place.plan(files);
    const [change] = plan.changes;
    expect(change?.fields).toHaveLength(1);
    await settle(place, files);
    expect(queue.memberIds).toHaveLength(1200);
  });
});

const EXPERTS = manifestOf('SkillGroup', 'Experts', {
  skillConditions: [
    {
      operation: 'And',
      routingSkillConditions: [{ routingSkill: 'Voice', comparator: 'EqualTo', proficiency: 5 }],
    },
  ],
});

describe('groups of every sort', () => {
  const memberGroups = (place: Many): unknown[] =>
    queueIn(place.bench, 'Bills').settings['memberGroups'] as unknown[];

  it('are one list of the platform: a skill group is made first, and others stay', async () => {
    const place = on();
    const files = (spec: object): Record<string, string> => ({
      'g.yaml': EXPERTS,
      'q.yaml': QUEUE('Bills', spec),
    });
    const asked = {
      skillGroups: ['Experts'],
      rings: [{ expandAfterSeconds: 5, skillGroups: ['Experts'] }, { expandAfterSeconds: 9 }],
    };
    await settle(place, files(asked));
    const [group] = memberGroups(place);
    expect(group).toMatchObject({ type: 'SKILLGROUP' });
    const queue = queueIn(place.bench, 'Bills');
    const others = [
      { id: 'g-1', name: 'Night', type: 'GROUP' },
      { id: 't-1', name: 'Blue', type: 'TEAM' },
      { id: 'x-1', name: 'New', type: 'NEWSORT' },
    ];
    queue.settings = { ...queue.settings, memberGroups: [group as JsonObject, ...others] };
    expect(lines((await place.plan(files(asked))).plan)).toEqual([]);
    await settle(place, files({ ...asked, skillGroups: [], groups: [] }));
    expect(memberGroups(place).map((one) => (one as JsonObject)['id'])).toEqual(['t-1', 'x-1']);
    await settle(place, files({ ...asked, skillGroups: [], teams: [] }));
    expect(memberGroups(place).map((one) => (one as JsonObject)['id'])).toEqual(['x-1']);
  });

  it('one that is gone is not taken for the one that has its name by now', async () => {
    const place = on();
    const files = { 'g.yaml': EXPERTS, 'q.yaml': QUEUE('Bills', { skillGroups: ['Experts'] }) };
    await settle(place, files);
    const queue = queueIn(place.bench, 'Bills');
    const gone = { id: 'gone-1', name: 'Experts', type: 'SKILLGROUP' };
    queue.settings = { ...queue.settings, memberGroups: [gone] };
    expect(lines((await place.plan(files)).plan)).toEqual([
      'update Queue/Bills skillGroups["id:gone-1"] skillGroups["Experts"]',
    ]);
    await settle(place, files);
    expect(memberGroups(place)).not.toContainEqual(expect.objectContaining({ id: 'gone-1' }));
    // Nor for the one that is to have it.
    queue.settings = { ...queue.settings, memberGroups: [gone] };
    place.bench.org.things.get('/api/v2/routing/skillgroups')?.clear();
    await settle(place, files);
  });

  it('a skill group that a queue names is not deleted', async () => {
    const place = on();
    const queue = { 'q.yaml': QUEUE('Bills', { skillGroups: ['Experts'] }) };
    await place.apply({ 'g.yaml': EXPERTS, ...queue });
    const { plan } = await place.plan({});
    expect(
      plan.changes.map(({ action, address, waitsFor }) => [action, address, waitsFor]),
    ).toEqual([
      ['delete', 'Queue/Bills', []],
      ['delete', 'SkillGroup/Experts', ['Queue/Bills']],
    ]);
  });
});

describe('conditional group activation', () => {
  const condition = (queue: string | null, value: number): object => ({
    simpleMetric: { metric: 'EstimatedWaitTime', queue },
    operator: 'GreaterThan',
    value,
  });
  const activation = (value: number): object => ({
    conditionalGroupActivation: {
      pilotRule: { conditions: [condition('Bills', 30)], conditionExpression: 'C1' },
      rules: [
        {
          conditions: [condition('Alpha', 60), condition(null, value)],
          conditionExpression: 'C1 or C2',
          skillGroups: ['Experts'],
        },
      ],
    },
  });
  const files = (spec: object): Record<string, string> => ({
    'g.yaml': EXPERTS,
    'q.yaml': QUEUE('Bills', spec),
  });

  it('of a queue that it is about itself is written once it is there', async () => {
    const place = on();
    await settle(place, files(activation(90)));
    const { id, settings } = queueIn(place.bench, 'Bills');
    expect(settings['conditionalGroupActivation']).toMatchObject({
      pilotRule: { conditions: [{ simpleMetric: { queue: { id } }, value: 30 }] },
      rules: [{ groups: [{ type: 'SKILLGROUP' }], conditionExpression: 'C1 or C2' }],
    });
    expect(JSON.stringify(settings)).not.toMatch(/"(rule|condition)":/);
  });

  it('is changed condition by condition, and exported as it is written', async () => {
    const place = on();
    await settle(place, files(activation(90)));
    expect(lines((await place.plan(files(activation(120)))).plan)).toEqual([
      'update Queue/Bills conditionalGroupActivation.rules["1"].conditions["2"].value',
    ]);
    await settle(place, files(activation(120)));
    const { live } = (await place.plan(files(activation(120)))).observation;
    const bills = live.filter(({ name }) => name === 'Bills');
    const [written] = writeManifests(bills, 'strategies-api').manifests;
    const { spec } = parse(written?.text ?? '') as { spec: object };
    expect(spec).toMatchObject({
      conditionalGroupActivation: {
        pilotRule: { conditions: [condition('Bills', 30)] },
        rules: [{ conditions: [condition('Alpha', 60), { value: 120 }] }],
      },
    });
    expect(
      loadManifests([{ path: 'q.yaml', bytes: Buffer.from(written?.text ?? '') }]).issues,
    ).toEqual([]);
  });

  it('and routing by conditions are not asked for together', () => {
    const both = QUEUE('Bills', {
      ...activation(1),
      conditionalGroupRouting: [
        { metric: 'ServiceLevel', operator: 'LessThan', conditionValue: 1 },
      ],
    });
    const { issues } = loadManifests([{ path: 'q.yaml', bytes: Buffer.from(both) }]);
    expect(issues.map(({ code }) => code)).toEqual(['activation-routing']);
  });
});

describe('outbound addresses', () => {
  it('are written by their ids, and what else is shown of them is left alone', async () => {
    const place = on();
    const spec = { outboundMessagingAddresses: { smsAddress: { id: 's-1' } } };
    await settle(place, { 'q.yaml': QUEUE('Bills', spec) });
    const queue = queueIn(place.bench, 'Bills');
    expect(queue.settings['outboundMessagingAddresses']).toEqual({ smsAddress: { id: 's-1' } });
    const whatsAppRecipient = { id: 'w-1', name: 'Shop', selfUri: '/w-1' };
    const smsAddress = { id: 's-1', name: '+49', selfUri: '/s-1' };
    queue.settings = {
      ...queue.settings,
      outboundMessagingAddresses: { smsAddress, whatsAppRecipient },
    };
    await settle(place, { 'q.yaml': QUEUE('Bills', { ...spec, description: 'More' }) });
    expect(queueIn(place.bench, 'Bills').settings['outboundMessagingAddresses']).toEqual({
      smsAddress,
      whatsAppRecipient,
    });
  });
});

describe('a queue in another division', () => {
  const start = async (): Promise<Many> => {
    const queues = [...(ORG.queues ?? []), { name: 'Far', division: 'East' }];
    const place = on({ ...WITH_USERS, queues });
    await place.apply({ 'q.yaml': QUEUE('Bills', { division: 'Home', description: 'a' }) });
    return place;
  };
  const moved = { 'q.yaml': QUEUE('Bills', { division: 'East', description: 'b' }) };

  it('is moved there, and back, by a request of its own', async () => {
    const place = await start();
    const { id } = queueIn(place.bench, 'Bills');
    expect(lines((await place.plan(moved)).plan)).toEqual([
      'update Queue/Bills description division',
    ]);
    await settle(place, moved);
    const queue = queueIn(place.bench, 'Bills');
    expect([queue.id, queue.division.name, queue.description]).toEqual([id, 'East', 'b']);
    await settle(place, { 'q.yaml': QUEUE('Bills', { division: 'Home' }) });
    expect(queueIn(place.bench, 'Bills').division.name).toBe('Home');
  });

  it.each(['before', 'after'] as const)('whose answer is lost %s it took effect', async (lost) => {
    const place = await start();
    const fault = { method: 'POST', path: /objects\/QUEUE$/, does: { lost } } as const;
    const { exchange } = faulty(place.bench.exchange, [fault]);
    const { outcomes } = await place.apply(moved, { exchange });
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
    expect(queueIn(place.bench, 'Bills').division.name).toBe('East');
  });

  it('that nobody may write is said, with what was done before', async () => {
    const place = await start();
    const fault = {
      method: 'POST',
      path: /objects\/QUEUE$/,
      does: { answer: refusal(400, 'bad.request', 'no') },
    } as const;
    const { exchange } = faulty(place.bench.exchange, [fault]);
    const { outcomes } = await place.apply(moved, { exchange });
    expect(outcomes[0]?.state).toBe('failed');
    expect(lines((await place.plan(moved)).plan)).toEqual(['update Queue/Bills division']);
  });
});

it('that somebody edits while its members are read, before it is written, is not overwritten', async () => {
  const place = on();
  await place.apply({ 'q.yaml': QUEUE('Bills', { description: 'a', members: [ANN] }) });
  const { id } = queueIn(place.bench, 'Bills');
  const files = { 'q.yaml': QUEUE('Bills', { description: 'b', members: [ANN, BOB] }) };
  const planned = await place.plan(files);
  const path = `/api/v2/routing/queues/${id}`;
  const meanwhile = async (): Promise<void> => {
    const { body } = await place.bench.reader().get(path);
    await place.send('PUT', path, { ...body, description: 'by hand' });
  };
  const fault = { method: 'GET', path: /\/members$/, does: { meanwhile } } as const;
  const { exchange } = faulty(place.bench.exchange, [fault]);
  const { outcomes } = await place.carryOut(planned, { exchange });
  expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
  expect(queueIn(place.bench, 'Bills').description).toBe('by hand');
});

describe('the line that asks for a change', () => {
  const file = (kind: string, metadata: string, spec: string): string =>
    `apiVersion: strategos/v1\nkind: ${kind}\nmetadata: { name: ${metadata} }\nspec:\n${spec}`;
  const shown = ({ changes }: Plan): Record<string, string> =>
    Object.fromEntries(
      changes.flatMap(({ fields }) =>
        fields.map(({ path, at }) => [path, at === null ? '' : `${at.file}:${at.line}`]),
      ),
    );
  const target = '  environment: test\n  target: { kind: Queue, name: Billing }\n  patch:\n';

  it('is that of each entry which is to be among others, and of the overlay that adds one', async () => {
    const place = on();
    const include = `  members:\n    include:\n      - ${CID}\n      - { user: ${BOB}, ring: 2 }\n`;
    const codes = '  wrapupCodes:\n    include:\n      - Solved\n';
    const rings = '  rings: [{ expandAfterSeconds: 30 }, { expandAfterSeconds: 60 }]\n';
    const patch =
      `    - { op: add, path: /spec/members/include/-, value: ${ANN} }\n` +
      '    - { op: add, path: /spec/wrapupCodes/include/0, value: Again }\n';
    const before = { 'code.yaml': CODE('Solved'), 'more.yaml': CODE('Again') };
    await place.apply({ ...before, 'queue.yaml': QUEUE('Billing', { wrapupCodes: [] }) });
    await place.apply({ ...before, 'queue.yaml': QUEUE('Billing', { members: [BOB] }) });
    const { plan } = await place.plan({
      ...before,
      'queue.yaml': file('Queue', 'Billing', rings + include + codes),
      'overlay.yaml': file('Overlay', 'more', target + patch),
    });
    expect(shown(plan)).toMatchObject({
      [`members["${CID}"]`]: 'queue.yaml:8',
      [`members["${BOB}"].ring`]: 'queue.yaml:9',
      [`members["${ANN}"]`]: 'overlay.yaml:8',
      'wrapupCodes["Solved"]': 'queue.yaml:12',
      'wrapupCodes["Again"]': 'overlay.yaml:9',
    });
  });

  it('is that of the overlay, however deep it changes what comes as a whole', async () => {
    const media = '  mediaSettings:\n    call:\n      alertingTimeoutSeconds: 8\n';
    const path = '/spec/mediaSettings/call/alertingTimeoutSeconds';
    const patch = `    - { op: replace, path: ${path}, value: 12 }\n`;
    const { plan } = await on().plan({
      'queue.yaml': file('Queue', 'Billing', media),
      'overlay.yaml': file('Overlay', 'more', target + patch),
    });
    expect(shown(plan)).toEqual({ mediaSettings: 'overlay.yaml:8' });
  });
});
