/**
 * Queues that name each other: one of a circle is made without the reference that closes it, and
 * gets it once the other is there; one that goes lets go of the other before it goes itself.
 */
import { describe, expect, it } from 'vitest';
import { without } from '../../src/core/json.js';
import { planDigest } from '../../src/core/plan.js';
import type { Plan } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { faulty, refusal } from '../support/faults.js';
import { planBack } from '../support/back.js';
import { killedAt, type When } from '../support/killed.js';
import { bench } from '../support/org.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const on = (): Many => many(bench(ORG), 'datatable');
const backup = (name: string): object => ({
  directRouting: { backupQueue: name, agentWaitSeconds: 60 },
});
const groups = (name: string): object => ({
  conditionalGroupRouting: [
    { metric: 'EstimatedWaitTime', operator: 'GreaterThan', conditionValue: 30, waitSeconds: 9 },
    {
      queue: name,
      metric: 'EstimatedWaitTime',
      operator: 'LessThan',
      conditionValue: 20,
      waitSeconds: 20,
    },
    { metric: 'EstimatedWaitTime', operator: 'GreaterThan', conditionValue: 90, waitSeconds: 2 },
  ],
});
const activation = (name: string): object => ({
  conditionalGroupActivation: {
    pilotRule: {
      conditions: [
        {
          simpleMetric: { metric: 'EstimatedWaitTime', queue: name },
          operator: 'LessThan',
          value: 9,
        },
      ],
      conditionExpression: 'C1',
    },
    rules: [
      {
        conditions: [
          {
            simpleMetric: { metric: 'EstimatedWaitTime', queue: name },
            operator: 'LessThan',
            value: 9,
          },
          { simpleMetric: { metric: 'EstimatedWaitTime' }, operator: 'LessThan', value: 5 },
        ],
        conditionExpression: 'C1 and C2',
      },
    ],
  },
});
const queues = (specs: Readonly<Record<string, object>>): Files =>
  Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      `${name}.yaml`,
      manifestOf('Queue', name, { description: name, ...spec }),
    ]),
  );

const PAIR = queues({ Bills: backup('Cards'), Cards: backup('Bills') });
const CIRCLES: Record<string, Files> = {
  'a pair of backups': PAIR,
  'three, each the backup of the next': queues({
    Bills: backup('Cards'),
    Cards: backup('Debts'),
    Debts: backup('Bills'),
  }),
  'a pair by rules of group routing': queues({ Bills: groups('Cards'), Cards: groups('Bills') }),
  'a pair by conditions of group activation': queues({
    Bills: activation('Cards'),
    Cards: activation('Bills'),
  }),
  'one that names itself as well': queues({
    Bills: { ...backup('Cards'), ...groups('Bills') },
    Cards: { ...backup('Bills'), ...groups('Cards') },
  }),
  'each of three naming the other two': queues({
    Bills: { ...backup('Cards'), ...groups('Debts') },
    Cards: { ...backup('Debts'), ...groups('Bills') },
    Debts: { ...backup('Bills'), ...groups('Cards') },
  }),
  'two pairs, one beside the other': queues({
    Bills: backup('Cards'),
    Cards: backup('Bills'),
    Debts: backup('Elite'),
    Elite: backup('Debts'),
  }),
};
const STRATEGY_TO = (queue: string): string =>
  manifestOf('RoutingStrategy', 's', {
    checks: { skills: 'warn', capacity: 'warn' },
    selection: { skills: [{ skill: 'Voice' }] },
    targets: [{ queue, capacity: 5 }],
    fallback: { queue: 'Beta' },
  });
const REFUSED = { answer: refusal(400, 'bad.request', 'no such thing') };
/** Of these a run is killed at every request. */
const KILLED = ['a pair of backups', 'each of three naming the other two'];
const NAMES = ['Bills', 'Cards', 'Debts', 'Elite'];

/** What each queue names, by names. */
function world({ bench: { org } }: Many): Record<string, string> {
  const all = [...org.queues.values()];
  const own = all.filter(({ name }) => NAMES.includes(name));
  const named = (settings: object): string =>
    all.reduce((text, { id, name }) => text.replaceAll(id, name), JSON.stringify(settings));
  return Object.fromEntries(
    own.map(({ name, settings }) => [name, named(settings)] as const).sort(),
  );
}

const lines = ({ changes }: Plan): string[] =>
  changes.map(({ action, address, fields, closes }) =>
    [action, address, ...(closes ?? []).map((one) => `closes ${one}`)]
      .concat(action === 'update' ? fields.map(({ path }) => path) : [])
      .join(' '),
  );
const isDone = ({ outcomes }: { outcomes: readonly { message: string }[] }): void =>
  expect(outcomes.filter(({ message }) => message !== '')).toEqual([]);

describe.each(Object.entries(CIRCLES))('%s', (which, files) => {
  it('is made by one apply, after which there is nothing to do, and taken away by another', async () => {
    const place = on();
    isDone(await place.apply(files));
    expect(Object.keys(world(place))).toHaveLength(Object.keys(files).length);
    const { plan } = await place.plan(files);
    expect([lines(plan), plan.records]).toEqual([[], 0]);
    isDone(await place.apply({}));
    expect(world(place)).toEqual({});
    expect(lines((await place.plan({})).plan)).toEqual([]);
  });

  if (!KILLED.includes(which)) return;

  it.each<[When]>([['before'], ['after']])(
    'is made by the next run where one was killed %s any request',
    async (when) => {
      const whole = on();
      isDone(await whole.apply(files));
      for (let at = 1; ; at += 1) {
        const place = on();
        const { died, request } = await killedAt(place, await place.plan(files), { at, when });
        if (!died) break;
        const { plan } = await place.plan(files);
        expect(
          plan.guards.filter(({ passed }) => !passed),
          `${at} ${request}`,
        ).toEqual([]);
        isDone(await place.apply(files));
        expect(Object.keys(world(place)), `${at} ${request}`).toEqual(Object.keys(world(whole)));
        expect(lines((await place.plan(files)).plan), `${at} ${request}`).toEqual([]);
      }
    },
  );

  it.each<[When]>([['before'], ['after']])(
    'goes with the next run where one was killed %s any request',
    async (when) => {
      for (let at = 1; ; at += 1) {
        const place = on();
        await place.apply(files);
        const { died, request } = await killedAt(place, await place.plan({}), { at, when });
        isDone(await place.apply({}));
        expect(world(place), `${at} ${request}`).toEqual({});
        if (!died) break;
      }
    },
  );
});

describe('two queues that name each other', () => {
  const post = { method: 'POST', path: /routing\/queues$/ } as const;
  const put = { method: 'PUT', path: /routing\/queues\// } as const;

  it('say in the plan what is written twice, and what its digest covers', async () => {
    const { plan } = await on().plan(PAIR);
    expect(lines(plan)).toEqual(['create Queue/Bills closes Queue/Cards', 'create Queue/Cards']);
    expect(plan.changes[0]?.remarks).toEqual([
      'it is written twice: first without naming Queue/Cards, as they name each other, and once ' +
        'more when that is there',
    ]);
    expect(planText(plan, plainStyle)).toContain(
      '+ create Queue/Bills (it is written twice: first without naming Queue/Cards, as they name ' +
        'each other, and once more when that is there)',
    );
    const changes = plan.changes.map((change) => without(change, 'closes'));
    expect(planDigest({ ...plan, changes }, sha256)).not.toBe(plan.digest);
  });

  it('say the same where they go, and each is counted once', async () => {
    const place = on();
    await place.apply(PAIR);
    const guards = { maxDeletes: '100%', maxChanges: '100%' };
    const { plan } = await place.plan({}, { guards });
    expect(lines(plan)).toEqual(['delete Queue/Bills', 'delete Queue/Cards closes Queue/Bills']);
    expect(plan.changes[1]?.remarks).toContain(
      'it is written before it is deleted: it lets go of Queue/Bills, as they name each other',
    );
    const text = planText(plan, plainStyle).split('\n');
    expect(text).toContainEqual(expect.stringMatching(/^- delete Queue\/Bills/));
    expect(text).toContainEqual(
      expect.stringContaining(
        '- delete Queue/Cards (only after Bills has succeeded; it is written before it is ' +
          'deleted: it lets go of Queue/Bills, as they name each other',
      ),
    );
    expect(plan.guards.map(({ message }) => message)).toEqual([
      '2 of our 2 queues would be deleted (100 %); maxDeletes is 100 %',
      '2 of our 2 queues would be changed (100 %); maxChanges is 100 %',
    ]);
    expect(plan.counts).toMatchObject({ delete: 2, update: 0, unchanged: 0 });
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.carryOut(await place.plan({}), { exchange });
    const own = sent.filter(({ path }) => /routing\/queues\//.test(path));
    expect(own.map(({ method }) => method)).toEqual([
      ...['GET', 'PUT', 'GET', 'DELETE', 'GET', 'DELETE'],
    ]);
  });

  it.each<[string, Files]>([
    ['made', PAIR],
    ['deleted', {}],
  ])('are %s by as many requests more as the estimate has', async (_how, files) => {
    const open = queues({ Bills: backup('Alpha'), Cards: backup('Bills') });
    const counted = async (of: Files): Promise<{ estimated: number; sent: number }> => {
      const place = on();
      await place.apply(files === PAIR ? {} : of);
      const planned = await place.plan(files === PAIR ? of : {});
      const { exchange, sent } = faulty(place.bench.exchange);
      await place.carryOut(planned, { exchange });
      const { estimate, requests } = planned.plan;
      return { estimated: (estimate?.requests ?? 0) - requests, sent: sent.length };
    };
    const [closed, opened] = [await counted(PAIR), await counted(open)];
    expect(closed.sent - opened.sent).toBe(3);
    expect(closed.estimated - opened.estimated).toBe(3);
  });

  it('of which one is there already are made as any others', async () => {
    const place = on();
    isDone(await place.apply(queues({ Bills: {} })));
    expect(lines((await place.plan(PAIR)).plan)).toEqual([
      'create Queue/Cards',
      'update Queue/Bills directRouting',
    ]);
    isDone(await place.apply(PAIR));
    expect(lines((await place.plan(PAIR)).plan)).toEqual([]);
  });

  it('are not made one without the other, nor deleted so', async () => {
    const place = on();
    const { plan } = await place.plan(PAIR, { scope: ['Queue/Bills'] });
    expect([lines(plan), plan.blocked?.[0]?.obstacles[0]]).toEqual([
      [],
      {
        message: 'the org has no queue "Cards"',
        hint: 'a manifest declares Queue/Cards, which this scope leaves out: take it in as well',
        at: expect.anything(),
      },
    ]);
    await place.apply(PAIR);
    const back = await place.plan({}, { scope: ['Queue/Bills'] });
    expect([lines(back.plan), back.plan.blocked?.[0]?.obstacles[0]?.message]).toEqual([
      [],
      'no manifest declares it, and it is not deleted: Queue/Cards (in the org) still refers to it',
    ]);
  });

  it('come with what they name in the rules of a strategy, which waits for both halves', async () => {
    const place = on();
    const files = { ...PAIR, 's.yaml': STRATEGY_TO('Bills') };
    const { exchange } = faulty(place.bench.exchange, [{ ...put, does: REFUSED }]);
    const { outcomes } = await place.apply(files, { exchange });
    expect(outcomes.find(({ address }) => address === 'RoutingStrategy/s')?.message).toBe(
      'not tried: it waits for Queue/Bills, which did not succeed',
    );
    isDone(await place.apply(files));
  });

  it('leave it as it is that agents come before calls do', async () => {
    const place = on();
    const before = { ...queues({ Debts: {} }), 's.yaml': STRATEGY_TO('Beta') };
    isDone(await place.apply(before));
    const members = [{ user: 'ada@example.com' }];
    const files = { ...PAIR, ...queues({ Debts: { members } }), 's.yaml': STRATEGY_TO('Debts') };
    const { plan } = await place.plan(files);
    expect(plan.changes.map(({ address, waitsFor }) => [address, ...waitsFor])).toEqual([
      ['Queue/Bills'],
      ['Queue/Cards', 'Queue/Bills'],
      ['Queue/Debts'],
      ['RoutingStrategy/s', 'Queue/Debts'],
    ]);
  });

  it('whose second write is refused: the run says what is left, and the plan shows it', async () => {
    const place = on();
    const { exchange } = faulty(place.bench.exchange, [{ ...put, does: REFUSED }]);
    const { outcomes, exitCode } = await place.apply(PAIR, { exchange });
    expect(exitCode).toBe(5);
    expect(outcomes.map(({ address, state, hint }) => [address, state, hint])).toEqual([
      [
        'Queue/Bills',
        'failed',
        expect.stringMatching(/which changed nothing; plan again: it shows what is left/),
      ],
      ['Queue/Cards', 'created', undefined],
    ]);
    expect(outcomes[0]?.message).toMatch(/^created, but it does not name Queue\/Cards yet: .*no/);
    expect(lines((await place.plan(PAIR)).plan)).toEqual([
      'update Queue/Bills directRouting.backupQueue',
    ]);
    isDone(await place.apply(PAIR));
    expect(lines((await place.plan(PAIR)).plan)).toEqual([]);
  });

  it('of which the other is refused: the one that is there does not name it', async () => {
    const place = on();
    const { exchange } = faulty(place.bench.exchange, [{ ...post, nth: 2, does: REFUSED }]);
    const { outcomes } = await place.apply(PAIR, { exchange });
    expect(outcomes.map(({ address, state }) => [address, state])).toEqual([
      ['Queue/Bills', 'failed'],
      ['Queue/Cards', 'failed'],
    ]);
    expect(outcomes[0]?.message).toBe(
      'created, but it does not name Queue/Cards yet: it waits for Queue/Cards, which did not ' +
        'succeed',
    );
    expect(lines((await place.plan(PAIR)).plan)).toEqual([
      'create Queue/Cards',
      'update Queue/Bills directRouting.backupQueue',
    ]);
    isDone(await place.apply(PAIR));
  });

  it('of which the first is refused: nothing is made', async () => {
    const place = on();
    const { exchange } = faulty(place.bench.exchange, [{ ...post, does: REFUSED }]);
    const { outcomes } = await place.apply(PAIR, { exchange });
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked']);
    expect(world(place)).toEqual({});
    isDone(await place.apply(PAIR));
  });

  it('of which the other cannot go: the one that let go of it is not deleted', async () => {
    const place = on();
    await place.apply(PAIR);
    const drop = { method: 'DELETE', path: /routing\/queues\//, does: REFUSED };
    const { exchange } = faulty(place.bench.exchange, [drop]);
    const { outcomes } = await place.apply({}, { exchange });
    expect(outcomes.map(({ address, state }) => [address, state])).toEqual([
      ['Queue/Bills', 'failed'],
      ['Queue/Cards', 'failed'],
    ]);
    expect(outcomes[1]?.message).toBe(
      'it has let go of Queue/Bills, and is not deleted: it waits for Queue/Bills, which did not ' +
        'succeed',
    );
    expect(lines((await place.plan(PAIR)).plan)).toEqual([
      'update Queue/Cards directRouting.backupQueue',
    ]);
    isDone(await place.apply({}));
    expect(world(place)).toEqual({});
  });

  it.each<[string, Files]>([
    ['made', PAIR],
    ['deleted', {}],
  ])('are not %s over what a person writes between the two writes', async (_how, files) => {
    const place = on();
    await place.apply(files === PAIR ? {} : PAIR);
    const half = files === PAIR ? 'Bills' : 'Cards';
    const edit = (): void => {
      const queue = [...place.bench.org.queues.values()].find(({ name }) => name === half);
      if (queue !== undefined) queue.description = 'of a person';
    };
    // The last request of the other, and what comes then is the second half.
    const last = files === PAIR ? { ...post, nth: 2 } : { method: 'DELETE', path: put.path };
    const { exchange } = faulty(place.bench.exchange, [{ ...last, does: { meanwhile: edit } }]);
    const { outcomes } = await place.apply(files, { exchange });
    const found = outcomes.find(({ address }) => address === `Queue/${half}`);
    expect([found?.state, found?.message]).toEqual([
      'stale',
      expect.stringContaining('was changed in the org after the plan was made'),
    ]);
    expect([...place.bench.org.queues.values()].map(({ description }) => description)).toContain(
      'of a person',
    );
  });

  it.each([
    ['a limit', { answer: refusal(429, 'too.many.requests', 'slow', { 'retry-after': '2' }) }],
    ['a lost answer, the write done', { lost: 'after' }],
    ['a lost answer, the write not done', { lost: 'before' }],
  ] as const)('are made through %s at any write', async (_what, does) => {
    for (const at of [{ ...post }, { ...post, nth: 2 }, { ...put }]) {
      const place = on();
      const { exchange } = faulty(place.bench.exchange, [{ ...at, does }]);
      isDone(await place.apply(PAIR, { exchange }));
      expect(lines((await place.plan(PAIR)).plan)).toEqual([]);
    }
  });

  it('that a run has stopped between are said to be half-way', async () => {
    const place = on();
    let made = 0;
    const { exchange } = faulty(place.bench.exchange, [
      { ...post, does: { meanwhile: () => (made += 1) } },
    ]);
    const planned = await place.plan(PAIR);
    const run = await place.carryOut(planned, { exchange, interrupted: () => made > 0 });
    expect([
      run.exitCode,
      ...run.outcomes.map(({ state, message }) => `${state}: ${message}`),
    ]).toEqual([
      130,
      'failed: created, but it does not name Queue/Cards yet: stopped',
      'blocked: not tried: stopped',
    ]);
    isDone(await place.apply(PAIR));
  });
});

describe('two queues that name each other, renamed', () => {
  const renamed = (name: string, old: string | null, other: string): string => {
    const text = manifestOf('Queue', name, { description: name, ...backup(other) });
    return old === null ? text : text.replace('metadata:\n', `$&  previously: ${old}\n`);
  };

  it.each<[string, Files, readonly string[]]>([
    [
      'both',
      {
        'b.yaml': renamed('Debts', 'Bills', 'Elite'),
        'c.yaml': renamed('Elite', 'Cards', 'Debts'),
      },
      ['update Queue/Debts name description', 'update Queue/Elite name description'],
    ],
    [
      'one, with a new one in the place of the other',
      { 'b.yaml': renamed('Debts', 'Bills', 'Elite'), 'c.yaml': renamed('Elite', null, 'Debts') },
      [
        'delete Queue/Cards',
        'create Queue/Elite',
        'update Queue/Debts name description directRouting.backupQueue',
      ],
    ],
  ])('%s, keep their ids and wait for no name', async (_which, files, planned) => {
    const place = on();
    isDone(await place.apply(PAIR));
    expect(lines((await place.plan(files)).plan)).toEqual(planned);
    isDone(await place.apply(files));
    expect(lines((await place.plan(files)).plan)).toEqual([]);
    expect(world(place)).toMatchObject({
      Debts: expect.stringContaining('"backupQueueId":"Elite"'),
      Elite: expect.stringContaining('"backupQueueId":"Debts"'),
    });
  });
});

describe('a rollback of a run', () => {
  const MEMBERS = { members: [{ user: 'ada@example.com' }] };
  const WITH_MEMBERS = queues({
    Bills: { ...backup('Cards'), ...MEMBERS },
    Cards: { ...backup('Bills'), ...MEMBERS },
  });
  const membersIn = ({ bench: { org } }: Many): unknown =>
    [...org.queues.values()]
      .filter(({ name }) => NAMES.includes(name))
      .map(({ name, memberIds }) => [name, ...memberIds.map((id) => org.users.get(id)?.name)])
      .sort();

  async function after(before: Files, files: Files): Promise<{ place: Many; log: MemoryLog }> {
    const place = on();
    isDone(await place.apply(before));
    const log = new MemoryLog();
    isDone(await place.carryOut(await place.plan(files), { audit: log }));
    return { place, log };
  }

  it('that made them deletes both, killed after any request and asked for once more', async () => {
    for (let at = 1; ; at += 1) {
      const { place, log } = await after({}, WITH_MEMBERS);
      const back = await planBack(place, log);
      expect(lines(back.plan)).toEqual([
        'delete Queue/Bills',
        'delete Queue/Cards closes Queue/Bills',
      ]);
      const { died, request } = await killedAt(place, back, { at, when: 'after' });
      isDone(await place.carryOut(await planBack(place, log)));
      expect(world(place), `${at} ${request}`).toEqual({});
      if (!died) break;
    }
  });

  it('that deleted them makes both, with their members', async () => {
    for (let at = 1; ; at += 1) {
      const { place, log } = await after(WITH_MEMBERS, {});
      const { died, request } = await killedAt(place, await planBack(place, log), {
        at,
        when: 'after',
      });
      isDone(await place.carryOut(await planBack(place, log)));
      expect(membersIn(place), `${at} ${request}`).toEqual([
        ['Bills', 'Ada'],
        ['Cards', 'Ada'],
      ]);
      expect(lines((await place.plan(WITH_MEMBERS)).plan), `${at} ${request}`).toEqual([]);
      if (!died) break;
    }
  });
});
