/** Rounds of the default policy: what it asks for beside the moment, and what it remembers. */
import { describe, expect, it } from 'vitest';
import { Known } from '../../src/engine/optimize.js';
import { partsOf, Recent } from '../../src/engine/recent.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty, refusal } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND } from '../support/owned.js';
import { applied, round, weightsIn, type RoundOptions } from '../support/rounds.js';
import { reweigh } from '../support/reconcile.js';

const agents = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

/** Sixteen agents and four, two of whom are in the first queue as well. */
const ORG: OrgFile = {
  clients: ['demo', 'person'].map((id) => ({ id, secret: id })),
  users: [...agents(16, 'Large'), ...agents(4, 'Small')].map((name) => ({ name })),
  queues: [
    { name: 'Large', members: [...agents(16, 'Large'), 'Small 0', 'Small 1'] },
    { name: 'Small', members: agents(4, 'Small') },
  ],
  traffic: [{ strategy: 's', arrivalsPerHour: 240, handleSeconds: 240, patienceSeconds: 180 }],
};
const FILES = {
  's.yaml': JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'RoutingStrategy',
    metadata: { name: 's' },
    spec: {
      targets: [
        { queue: 'Large', capacity: 500 },
        { queue: 'Small', capacity: 500 },
      ],
      checks: { capacity: 'warn' },
      optimizer: {},
    },
  }),
};

async function scene(): Promise<Bench> {
  const on = bench(ORG);
  await applied(on, FILES, BACKEND);
  return on;
}

const go = (on: Bench, options: Partial<RoundOptions> = {}) =>
  round(on, FILES, { backend: BACKEND, ...options });

describe('a round of the default policy', () => {
  it('waits until something is known, then goes by what came', async () => {
    const on = await scene();
    expect((await go(on)).strategies[0]).toMatchObject({
      state: 'held',
      reason: /too little data/,
    });
    await on.clock.sleep(1_800_000);
    const { strategies } = await go(on);
    expect(strategies[0]).toMatchObject({ state: 'moved', reason: '' });
    // A tenth at a time: what is wanted is less than a third.
    const [, small] = strategies[0]!.targets;
    expect([small?.to, small!.aim! < 0.35]).toEqual([0.9, true]);
    expect(weightsIn(on, 's', BACKEND)).toEqual([1, 0.9]);
  });

  it.each([
    ['may not be asked for', refusal(403, 'missing.permissions', 'no aggregates')],
    ['are down', refusal(503, 'service.unavailable', 'no aggregates')],
    ['have a limit', refusal(429, 'too.many', 'no aggregates', { 'retry-after': '3600' })],
  ])('goes by level where the figures %s, and says so', async (_, answer) => {
    const on = await scene();
    await on.clock.sleep(1_800_000);
    const { exchange } = faulty(on.exchange, [
      { path: /conversations\/aggregates/, times: Infinity, does: { answer } },
    ]);
    const { strategies } = await go(on, { exchange });
    expect(strategies[0]?.state).toBe('moved');
    expect(strategies[0]?.reason).toContain('level in place of square-root: ');
    expect(strategies[0]?.reason).toContain('no aggregates');
  });

  it('knows rates of an hour and handle times of three, and how long calls have come', async () => {
    const on = await scene();
    const ids = [...on.org.queues.keys()];
    const known = async () =>
      (await new Recent().past(on.reader(), on.clock, ids)).among(ids).byQueue;
    await on.clock.sleep(2_400_000);
    const [early] = [...(await known()).values()];
    expect(early!.openSeconds).toBeGreaterThanOrEqual(2400);
    expect(early!.openSeconds).toBeLessThanOrEqual(2400 + 900);
    await on.clock.sleep(4 * 3_600_000);
    const [late] = [...(await known()).values()];
    expect(late!.openSeconds).toBeNull();
    expect(late!.seconds).toBeLessThanOrEqual(3600 + 900);
    // Three hours and what is over of a quarter, of which a part gives up.
    expect(late!.handled / (late!.perSecond * 3600)).toBeGreaterThan(2);
    expect(late!.handled / (late!.perSecond * 3600)).toBeLessThan(4);
    // What is older than that is of the day, and counted once.
    const ended = on.org.conversations.filter(({ queueId, end }) => {
      return queueId === ids[0] && end === 'answered';
    });
    expect(late!.earlier!.handled).toBeGreaterThan(0);
    expect(late!.earlier!.handled + late!.handled).toBe(ended.length);
  });

  it('knows rates from when these queues had their first calls, whoever has opened earlier', async () => {
    const [traffic] = ORG.traffic!;
    const late = { ...traffic!, strategy: 'late', fromSeconds: 3 * 3600 };
    const on = bench({
      ...ORG,
      queues: [...ORG.queues!, { name: 'Late', members: agents(4, 'Small') }],
      strategies: [
        {
          name: 's',
          status: 'active',
          targets: [{ queue: 'Large', priority: 1, weight: 1, capacity: 500 }],
        },
        {
          name: 'late',
          status: 'active',
          targets: [{ queue: 'Late', priority: 1, weight: 1, capacity: 500 }],
        },
      ],
      traffic: [traffic!, late],
    });
    // Traffic begins with the first look.
    await on.reader().queues();
    await on.clock.sleep((3 * 3600 + 1200) * 1000);
    const ids = [...on.org.queues.values()].flatMap(({ id, name }) => (name === 'Small' ? [] : id));
    const past = await new Recent().past(on.reader(), on.clock, ids);
    const [large = '', opened = ''] = ids;
    const rate = past.among([opened]).byQueue.get(opened)!.perSecond * 3600;
    expect(rate).toBeGreaterThan(130);
    expect(past.among([large]).byQueue.get(large)!.perSecond * 3600).toBeGreaterThan(180);
    // Together they are as old as the older of them.
    expect(past.among(ids).byQueue.get(opened)!.perSecond * 3600).toBeLessThan(110);
  });

  it('asks for figures every five minutes, for members every ten', async () => {
    const on = await scene();
    const known = new Known();
    const asked: string[] = [];
    for (let minute = 0; minute < 12; minute += 1) {
      const { exchange, sent } = faulty(on.exchange);
      await go(on, { known, exchange });
      asked.push(sent.flatMap(({ path }) => /aggreg|activity/.exec(path)?.[0] ?? []).join('+'));
      await on.clock.sleep(60_000);
    }
    const both = 'activity+aggreg';
    expect(asked).toEqual([both, '', '', '', '', 'aggreg', '', '', '', '', both, '']);
  });

  it('follows agents who leave at once, within the cool-down, and remembers them', async () => {
    const on = await scene();
    await on.clock.sleep(1_800_000);
    for (let minute = 0; minute < 30; minute += 1) {
      await go(on);
      await on.clock.sleep(60_000);
    }
    const [, before] = weightsIn(on, 's', BACKEND) as number[];
    expect(before).toBeLessThan(0.5);
    const moved = await go(on);
    if (moved.strategies[0]?.state !== 'moved') await on.clock.sleep(180_000);
    const people = [...on.org.users.values()].filter(({ name }) => name.startsWith('Large'));
    for (const one of people.slice(0, 12)) one.status = 'offQueue';
    const { strategies } = await go(on);
    expect(strategies[0]?.state).toBe('moved');
    const [, after] = weightsIn(on, 's', BACKEND) as number[];
    // Four of sixteen are left: by much more than a step.
    expect(after! - before!).toBeGreaterThan(0.3);
    // Nothing more has come or gone: the next round rests.
    expect((await go(on)).strategies[0]?.reason).toMatch(/cooling down/);
  });

  it('rests after its move also where an apply has changed something else since', async () => {
    const on = await scene();
    await on.clock.sleep(1_800_000);
    expect((await go(on)).strategies[0]?.state).toBe('moved');
    const moved = weightsIn(on, 's', BACKEND);
    await on.clock.sleep(30_000);
    const other = { 's.yaml': FILES['s.yaml'].replace('"capacity":500', '"capacity":400') };
    await applied(on, other, BACKEND);
    expect(weightsIn(on, 's', BACKEND)).toEqual(moved);
    const rests = async () => (await round(on, other, { backend: BACKEND })).strategies[0]?.reason;
    expect(await rests()).toMatch(/^cooling down, 1[34]\d s left$/);
    // Weights that git has put back are nobody's move.
    await applied(on, { 's.yaml': FILES['s.yaml'].replace('{}', '{"restart":true}') }, BACKEND);
    expect(weightsIn(on, 's', BACKEND)).toEqual([1, 1]);
    expect((await go(on)).strategies[0]?.state).toBe('moved');
  });

  it('takes weights that an edit has moved for what they are', async () => {
    const on = await scene();
    await on.clock.sleep(1_800_000);
    await go(on);
    await on.clock.sleep(3_600_000);
    await reweigh(on, 's', 0.5);
    const { strategies } = await go(on);
    expect(strategies[0]?.targets.map(({ from }) => from)).toEqual([0.5, 0.5]);
    expect(strategies[0]?.state).toBe('moved');
  });
});

it('an agent of two queues is half of one in each', () => {
  const who = (userId: string, over: object = {}) => ({
    userId,
    joined: true,
    onQueue: true,
    ...over,
  });
  const members = new Map([
    ['a', [who('1'), who('2'), who('3')]],
    ['b', [who('3'), who('4', { joined: false })]],
    ['c', [who('1', { onQueue: false }), who('5')]],
  ]);
  expect(partsOf(members, ['a', 'b', 'c', 'd'])).toEqual([2.5 / 3, 0.5, 1, 1]);
  expect(partsOf(members, ['a'])).toEqual([1]);
});
