import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrgFile, TrafficRule } from '../../src/simulator/org-file-types.js';
import { createOrg, advance, type Org } from '../../src/simulator/org.js';
import { routeOf } from '../../src/simulator/traffic-routes.js';
import { tableLike } from '../support/owned.js';
import { START, worldOf } from './client.js';

const HOUR = 3_600_000;

/** Queues of so many agents, and strategies over them by weight. */
function centre(
  agents: readonly number[],
  traffic: readonly TrafficRule[],
  over: Partial<OrgFile> = {},
): OrgFile {
  const members = agents.map((count, queue) =>
    Array.from({ length: count }, (_, agent) => `Agent ${queue}-${agent}`),
  );
  return {
    skills: ['Voice'],
    users: members.flat().map((name) => ({ name, skills: ['Voice'] })),
    queues: [
      ...members.map((names, queue) => ({ name: `Queue ${queue}`, members: names })),
      { name: 'Overflow' },
    ],
    strategies: [{ name: 's', targets: agents.map((_, queue) => target(`Queue ${queue}`)) }],
    traffic,
    ...over,
  };
}

function target(
  queue: string,
  over: { priority?: number; weight?: number; capacity?: number } = {},
) {
  return { queue, priority: 1, weight: 1, capacity: 1000, ...over };
}

const rule = (over: Partial<TrafficRule> = {}): TrafficRule => ({
  strategy: 's',
  arrivalsPerHour: 300,
  handleSeconds: 240,
  patienceSeconds: 120,
  ...over,
});

function run(file: OrgFile, hours: number, seed = 1): Org {
  const org = createOrg(file, { seed });
  advance(org, START);
  advance(org, START + hours * HOUR);
  return org;
}

/** Everything that traffic has to do with. */
function stateOf(org: Org) {
  return {
    queues: [...org.queues.values()].map(({ interacting, waiting }) => [interacting, waiting]),
    users: [...org.users.values()].map(({ status }) => status),
    conversations: org.conversations,
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

describe('traffic', () => {
  it('is the same for a seed, however often somebody looks', () => {
    const file = centre([4, 3], [rule(), rule({ arrivalsPerHour: 60 })]);
    const straight = run(file, 2, 7);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 * HOUR })), (looks) => {
        const org = createOrg(file, { seed: 7 });
        advance(org, START);
        for (const ms of looks.sort((a, b) => a - b)) advance(org, START + ms);
        advance(org, START + 2 * HOUR);
        expect(stateOf(org)).toEqual(stateOf(straight));
      }),
      { numRuns: 20 },
    );
    expect(stateOf(run(file, 2, 8))).not.toEqual(stateOf(straight));
  });

  it('begins with the first request and never where there are no rules', () => {
    const world = worldOf(centre([2], [rule()]));
    world.send('GET', '/api/v2/organizations/me');
    expect(world.org.flow?.startedAt).toBe(START);
    world.at += HOUR;
    world.send('GET', '/api/v2/organizations/me');
    expect(world.org.conversations.length).toBeGreaterThan(100);
    expect(run(centre([2], []), 5).flow).toBeNull();
  });

  it('loses nobody: who came is over, with an agent, or waiting', () => {
    for (const seed of [1, 2, 3]) {
      const org = run(centre([3, 2], [rule({ arrivalsPerHour: 120 })]), 3, seed);
      const queues = [...org.queues.values()];
      const [interacting, waiting] = [
        queues.reduce((sum, one) => sum + one.interacting, 0),
        queues.reduce((sum, one) => sum + one.waiting, 0),
      ];
      const busy = [...org.users.values()].filter(({ status }) => status === 'interacting');
      expect(busy).toHaveLength(interacting);
      const held = [...(org.flow?.held.values() ?? [])].reduce((a, b) => a + b, 0);
      expect(held).toBe(interacting + waiting);
      // About 360 came; each is told once.
      expect(Math.abs(org.conversations.length + held - 360)).toBeLessThan(60);
      for (const { at, offeredAt, waitMs, handleMs, end } of org.conversations) {
        expect(at).toBe(offeredAt + waitMs + handleMs);
        expect(handleMs === 0).toBe(end === 'abandoned');
      }
    }
  });

  it('takes as long as its queue takes, with the same luck', () => {
    const handle = (over: Partial<TrafficRule>) => {
      const org = run(centre([20, 20], [rule({ ...over, arrivalsPerHour: 100 })]), 20, 3);
      const [first, second] = [...org.queues.keys()].map((id) =>
        org.conversations.filter(({ queueId, end }) => queueId === id && end === 'answered'),
      );
      return [first!, second!].map((all) => all.map(({ handleMs }) => handleMs / 1000));
    };
    const varied = (values: readonly number[]): number =>
      mean(values.map((value) => (value - mean(values)) ** 2)) / mean(values) ** 2;
    const byQueue = { handleSecondsByQueue: { 'Queue 1': 480 } };
    const [a, b] = handle(byQueue);
    expect(mean(a!) / 240).toBeCloseTo(1, 1);
    expect(mean(b!) / 480).toBeCloseTo(1, 1);
    const [even] = handle({ ...byQueue, handleVariation: 0.25 });
    expect(mean(even!) / 240).toBeCloseTo(1, 1);
    expect(varied(even!)).toBeCloseTo(0.25, 1);
    expect(handle({ ...byQueue, handleVariation: 0 })[1]).toSatisfy((all: number[]) =>
      all.every((one) => Math.abs(one - 480) < 1),
    );
  });

  it('comes in bursts: as many on the mean, and not as evenly', () => {
    const turns = [
      { factor: 1.6, seconds: 600 },
      { factor: 0.6, seconds: 900 },
    ];
    const quarters = (over: Partial<TrafficRule>): number[] => {
      const org = run(centre([30], [rule({ ...over, handleSeconds: 60 })]), 40, 5);
      const counts = Array.from({ length: 160 }, () => 0);
      for (const { offeredAt } of org.conversations) {
        const cell = Math.floor((offeredAt - START) / 900_000);
        if (cell < 160) counts[cell]! += 1;
      }
      return counts;
    };
    const index = (counts: readonly number[]): number =>
      mean(counts.map((count) => (count - mean(counts)) ** 2)) / mean(counts);
    const [steady, bursty] = [quarters({}), quarters({ bursts: turns })];
    expect(index(steady)).toBeLessThan(1.3);
    expect(index(bursty)).toBeGreaterThan(3);
    expect(Math.abs(mean(bursty) / mean(steady) - 1)).toBeLessThan(0.1);
  });

  it('is what the books say: Erlang C of 10 agents at 80 %, nobody giving up', () => {
    const patient = rule({ arrivalsPerHour: 120, patienceSeconds: 86_400 });
    const org = run(centre([10], [patient]), 200);
    expect(org.conversations.length / 200).toBeCloseTo(120, -1);
    // M/M/10, 8 erlang: P(wait) = 0.409, mean wait = 0.409 · 240 s / 2 = 49 s.
    const wait = mean(org.conversations.map(({ waitMs }) => waitMs)) / 1000;
    expect(wait).toBeGreaterThan(40);
    expect(wait).toBeLessThan(60);
    expect(mean(org.conversations.map(({ handleMs }) => handleMs)) / 240_000).toBeCloseTo(1, 1);
  });

  it('arrives while its rule says so', () => {
    const org = run(centre([50], [rule({ fromSeconds: 3600, untilSeconds: 7200 })]), 4);
    const offered = org.conversations.map(({ offeredAt }) => offeredAt - START);
    expect(Math.min(...offered)).toBeGreaterThan(HOUR);
    expect(Math.max(...offered)).toBeLessThanOrEqual(2 * HOUR);
    expect(offered.length).toBeGreaterThan(250);
    expect(run(centre([5], [rule({ arrivalsPerHour: 0 })]), 5).conversations).toEqual([]);
  });

  it('shares calls by weight, and callers give up where too few agents are', () => {
    const file = centre([30, 2], [rule()], {
      strategies: [
        {
          name: 's',
          targets: [target('Queue 0', { weight: 0.75 }), target('Queue 1', { weight: 0.25 })],
        },
      ],
    });
    const org = run(file, 10);
    const [first = '', second = ''] = org.queues.keys();
    const of = (id: string) => org.conversations.filter(({ queueId }) => queueId === id);
    expect(of(first).length / org.conversations.length).toBeCloseTo(0.75, 1);
    const lost = (id: string): number =>
      mean(of(id).map(({ end }) => (end === 'abandoned' ? 1 : 0)));
    expect(lost(first)).toBeLessThan(0.05);
    // 5 erlang for 2 agents: at least three in five cannot be answered.
    expect(lost(second)).toBeGreaterThan(0.5);
  });

  it('goes by the agents: who is off queue takes no call, who comes back does', () => {
    const org = createOrg(centre([3], [rule({ patienceSeconds: 3600 })]));
    for (const user of org.users.values()) user.status = 'offQueue';
    advance(org, START);
    advance(org, START + HOUR / 4);
    const [queue] = org.queues.values();
    expect([queue?.interacting, queue!.waiting > 50]).toEqual([0, true]);
    for (const user of org.users.values()) user.status = 'idle';
    advance(org, START + HOUR / 4);
    expect(queue?.interacting).toBe(3);
  });

  it('gives an agent as many calls as the utilization settings say, and only who has the skills', () => {
    const two = createOrg({ ...centre([2], [rule()]), utilization: { call: 2 } });
    advance(two, START);
    advance(two, START + HOUR);
    expect([...two.queues.values()][0]?.interacting).toBe(4);
    const none = createOrg({ ...centre([2], [rule()]), utilization: { chat: 2 } });
    advance(none, START);
    advance(none, START + HOUR);
    expect(none.conversations.every(({ end }) => end === 'abandoned')).toBe(true);
    const skilled = centre([2], [rule()]);
    const [first, ...rest] = skilled.users ?? [];
    const org = createOrg({
      ...skilled,
      users: [{ ...first!, skills: [] }, ...rest],
      strategies: [
        {
          name: 's',
          targets: [target('Queue 0')],
          selectionCriteria: { skills: [{ skill: 'Voice' }] },
        },
      ],
    });
    advance(org, START);
    advance(org, START + HOUR);
    expect([...org.users.values()].map(({ status }) => status)).toEqual(['idle', 'interacting']);
  });

  it('takes up what the org file says is there already, and tells nothing of it', () => {
    const file: OrgFile = {
      users: [
        { name: 'Ada', status: 'interacting' },
        { name: 'Ben', status: 'interacting' },
      ],
      queues: [{ name: 'Q', members: ['Ada'], interacting: 1, waiting: 2 }],
      traffic: [rule({ strategy: 'nobody' })],
    };
    const org = createOrg(file);
    advance(org, START);
    expect(stateOf(org).queues).toEqual([[1, 2]]);
    advance(org, START + 10 * HOUR);
    expect(stateOf(org)).toEqual({ queues: [[0, 0]], users: ['idle', 'idle'], conversations: [] });
  });
});

describe('where an interaction goes', () => {
  const none = (): number => 0;
  const nameOf = (org: Org, route: ReturnType<typeof routeOf>): string | null =>
    route === null ? null : (org.queues.get(route.queueId)?.name ?? '?');

  const TIERS: OrgFile = centre([1, 1, 1], [], {
    strategies: [
      {
        name: 's',
        targets: [
          target('Queue 0', { weight: 3, capacity: 2 }),
          target('Queue 1', { weight: 1, capacity: 2 }),
          target('Queue 2', { priority: 2, capacity: 1 }),
        ],
        fallback: { queue: { queue: 'Overflow', priority: 99, weight: 0.1 } },
      },
      { name: 'draft', status: 'draft', targets: [target('Queue 0')] },
    ],
  });

  it.each<[string, number, readonly string[], string | null]>([
    ['by weight: the first', 0, [], 'Queue 0'],
    ['by weight: still the first', 0.7499, [], 'Queue 0'],
    ['by weight: the second', 0.75, [], 'Queue 1'],
    ['a full target is passed over', 0, ['Queue 0'], 'Queue 1'],
    ['a full tier is passed over', 0, ['Queue 0', 'Queue 1'], 'Queue 2'],
    ['the fallback takes the rest', 0, ['Queue 0', 'Queue 1', 'Queue 2'], 'Overflow'],
  ])('%s', (_, draw, full, expected) => {
    const org = createOrg(TIERS);
    const held = (id: string): number => (full.includes(org.queues.get(id)?.name ?? '') ? 2 : 0);
    expect(nameOf(org, routeOf(org, 's', draw, held))).toBe(expected);
  });

  it('nowhere, when the strategy is a draft or is not there', () => {
    const org = createOrg(TIERS);
    expect(routeOf(org, 'draft', 0, none)).toBeNull();
    expect(routeOf(org, 'other', 0, none)).toBeNull();
  });

  const slots = (column: string): string[] =>
    ['01', '02', '03'].map((n) => `target_${n}_${column}`);
  const tableOfRows = (org: Org): ReturnType<typeof tableLike> => {
    const text = ['status', 'skills', 'fallback_queue', ...slots('queue')];
    const numbers = ['targets', ...slots('priority'), ...slots('share')];
    const columns = [
      ...text.map((name) => ({ name, type: 'string' as const, title: name })),
      ...numbers.map((name) => ({ name, type: 'number' as const, title: name })),
    ];
    return tableLike(org, { name: 'T', description: '', keyTitle: '', columns });
  };

  it('by the row of a data table: every tier has a draw of its own', () => {
    const org = createOrg(centre([1, 1, 1], [], { strategies: [] }));
    const row = {
      key: 's',
      status: 'active',
      skills: '',
      targets: 3,
      fallback_queue: 'Overflow',
      target_01_queue: 'gone',
      target_01_priority: 1,
      target_01_share: 0.5,
      target_02_queue: 'Queue 1',
      target_02_priority: 2,
      target_02_share: 0.5,
      target_03_queue: 'Queue 2',
      target_03_priority: 2,
      target_03_share: 1,
    };
    tableOfRows(org).rows.set('s', new Map(Object.entries(row)));
    // Draws below 0.5 picked the queue that is gone: of those callers each queue takes about half.
    const taken = Array.from({ length: 1000 }, (_, part) =>
      nameOf(org, routeOf(org, 's', part / 2000, none)),
    );
    const first = taken.filter((name) => name === 'Queue 1').length;
    expect(first).toBeGreaterThan(450);
    expect(first).toBeLessThan(550);
    expect(taken.filter((name) => name === 'Queue 2')).toHaveLength(1000 - first);
  });

  it('by the row of a data table as a call flow reads it', () => {
    const org = createOrg(centre([1, 1, 1], [], { strategies: [] }));
    const table = tableOfRows(org);
    const row = {
      key: 's',
      status: 'active',
      skills: 'Voice',
      targets: 2,
      fallback_queue: 'Overflow',
      target_01_queue: 'Queue 1',
      target_01_priority: 1,
      target_01_share: 0.25,
      target_02_queue: 'Queue 2',
      target_02_priority: 1,
      target_02_share: 1,
    };
    const put = (over: object): void => {
      table.rows.set('s', new Map(Object.entries({ ...row, ...over })));
    };
    put({});
    expect(nameOf(org, routeOf(org, 's', 0.2499, none))).toBe('Queue 1');
    expect(nameOf(org, routeOf(org, 's', 0.25, none))).toBe('Queue 2');
    expect(routeOf(org, 's', 0, none)?.skillIds).toEqual([...org.skills.keys()]);
    put({ targets: 1 });
    expect(nameOf(org, routeOf(org, 's', 0.9, none))).toBe('Overflow');
    // The next target of the same tier does not take over: the shares would be others.
    put({ target_01_queue: 'gone' });
    expect(nameOf(org, routeOf(org, 's', 0, none))).toBe('Overflow');
    put({ target_01_queue: 'gone', target_02_priority: 2 });
    expect(nameOf(org, routeOf(org, 's', 0, none))).toBe('Queue 2');
    put({ target_01_queue: 'gone', target_02_queue: 'gone too', fallback_queue: '' });
    expect(routeOf(org, 's', 0, none)).toBeNull();
    put({ status: 'draft' });
    expect(routeOf(org, 's', 0, none)).toBeNull();
  });
});
