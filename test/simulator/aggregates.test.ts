/** Conversation aggregates: what is counted when, and what is refused. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { FinishedConversation } from '../../src/simulator/model.js';
import { SMALL, START, worldOf, type World } from './client.js';

const PATH = '/api/v2/analytics/conversations/aggregates/query';
const METRICS = ['nOffered', 'tAnswered', 'tAbandon', 'tHandle', 'nOverSla', 'oServiceLevel'];
const SECOND = 1000;
let world: World;

beforeEach(() => {
  world = worldOf({
    ...SMALL,
    clients: [...(SMALL.clients ?? []), { id: 'blind', secret: 'blind', permissions: ['a:b'] }],
  });
});

/** `offered`, `wait` and `handle` in seconds, the first from the start of the test. */
function conversation(
  queue: string,
  [offered, wait, handle]: [number, number, number],
  end: FinishedConversation['end'] = 'answered',
): void {
  const offeredAt = START + offered * SECOND;
  const [waitMs, handleMs] = [wait * SECOND, end === 'answered' ? handle * SECOND : 0];
  world.org.conversations.push({
    queueId: world.queue(queue),
    strategy: 'support',
    end,
    offeredAt,
    waitMs,
    handleMs,
    at: offeredAt + waitMs + handleMs,
  });
}

function interval(from: number, to: number): string {
  const at = (seconds: number): string => new Date(START + seconds * SECOND).toISOString();
  return `${at(from)}/${at(to)}`;
}

function query(over: object = {}, as?: string) {
  const body = { interval: interval(0, 3600), groupBy: ['queueId'], metrics: METRICS, ...over };
  return world.send('POST', PATH, body, as);
}

interface Group {
  readonly group: object;
  readonly data: readonly {
    readonly interval?: string;
    readonly metrics: readonly { metric: string; stats: object }[];
  }[];
}

/** Metric → stats of the only group. */
function only(over: object = {}): Record<string, object> {
  const results = query(over).body.results as Group[];
  expect(results).toHaveLength(1);
  return Object.fromEntries(
    (results[0]?.data[0]?.metrics ?? []).map(({ metric, stats }) => [metric, stats]),
  );
}

describe('conversation aggregates', () => {
  it('count and sum by queue, in milliseconds; what is not there is absent', () => {
    conversation('Tier 1', [0, 10, 100]);
    conversation('Tier 1', [0, 30, 300]);
    conversation('Tier 1', [0, 60, 0], 'abandoned');
    conversation('Tier 2', [5, 1, 1]);
    const results = query().body.results as Group[];
    expect(results.map(({ group }) => group)).toEqual(
      ['Tier 1', 'Tier 2'].map((name) => ({ queueId: world.queue(name), mediaType: 'voice' })),
    );
    expect(results[0]?.data).toEqual([
      {
        interval: interval(0, 3600),
        metrics: [
          { metric: 'nOffered', stats: { count: 3 } },
          { metric: 'tAnswered', stats: { count: 2, sum: 40_000, min: 10_000, max: 30_000 } },
          { metric: 'tAbandon', stats: { count: 1, sum: 60_000, min: 60_000, max: 60_000 } },
          { metric: 'tHandle', stats: { count: 2, sum: 400_000, min: 100_000, max: 300_000 } },
          { metric: 'nOverSla', stats: { count: 1 } },
          {
            metric: 'oServiceLevel',
            stats: { ratio: 1 / 3, numerator: 1, denominator: 3, target: 0.8 },
          },
        ],
      },
    ]);
    expect(results[1]?.data[0]?.metrics.map(({ metric }) => metric)).not.toContain('tAbandon');
  });

  it('are none where there was nothing', () => {
    expect(query().body.results).toEqual([]);
  });

  it('count each metric at its own instant: offered, assigned, over', () => {
    conversation('Tier 1', [10, 20, 100]);
    expect(Object.keys(only({ interval: interval(0, 30) }))).toEqual(['nOffered']);
    expect(Object.keys(only({ interval: interval(30, 130) }))).toEqual([
      ...['tAnswered', 'oServiceLevel'],
    ]);
    expect(Object.keys(only({ interval: interval(130, 131) }))).toEqual(['tHandle']);
    expect(query({ interval: interval(131, 3600) }).body.results).toEqual([]);
  });

  it('have of a conversation under way what has happened of it', () => {
    const traffic = { strategy: 'support', handleSeconds: 80_000, patienceSeconds: 80_000 };
    const [name, targets] = [
      'support',
      [{ queue: 'Tier 1', priority: 1, weight: 1, capacity: 99 }],
    ];
    world = worldOf({
      ...SMALL,
      queues: [{ name: 'Tier 1', members: ['Ada', 'Ben'] }, { name: 'Tier 2' }],
      strategies: [{ name, targets }],
      traffic: [{ ...traffic, arrivalsPerHour: 60 }],
    });
    query();
    world.at += 600 * SECOND;
    const { nOffered, tAnswered, tHandle } = only({ filter: undefined, groupBy: [] });
    const [offered, answered] = [nOffered, tAnswered].map(
      (one) => (one as { count: number }).count,
    );
    const queues = [...world.org.queues.values()];
    expect(answered).toBe(queues.reduce((sum, { interacting }) => sum + interacting, 0));
    expect(offered! - answered!).toBe(queues.reduce((sum, { waiting }) => sum + waiting, 0));
    expect([answered! > 0, offered! > answered!, tHandle]).toEqual([true, true, undefined]);
  });

  it('are told by parts of the interval, those in which nothing was left out', () => {
    for (const offered of [0, 899, 900, 3599]) conversation('Tier 1', [offered, 1, 1]);
    const asked = { granularity: 'PT15M', metrics: ['nOffered', 'tHandle'] };
    const [group] = query(asked).body.results as Group[];
    expect(
      group?.data.map((part) => [part.interval, part.metrics.map(({ stats }) => stats)]),
    ).toMatchObject([
      [interval(0, 900), [{ count: 2 }, { count: 1 }]],
      [interval(900, 1800), [{ count: 1 }, { count: 2 }]],
      [interval(2700, 3600), [{ count: 1 }]],
    ]);
    const [uneven] = query({ ...asked, interval: interval(0, 1000) }).body.results as Group[];
    expect(uneven?.data).toMatchObject([{}, { interval: interval(900, 1000) }]);
  });

  it('lose and double nothing where an interval is taken apart', () => {
    for (let second = 0; second < 50; second += 1) conversation('Tier 1', [second, 7, 11]);
    const parts = [interval(0, 13), interval(13, 40), interval(40, 3600)].map((one) => {
      const { nOffered } = only({ interval: one, metrics: ['nOffered'] });
      return (nOffered as { count: number }).count;
    });
    expect(parts).toEqual([13, 27, 10]);
  });

  it('are filtered by queue and media type, in predicates and in clauses', () => {
    conversation('Tier 1', [0, 1, 1]);
    conversation('Tier 2', [0, 1, 1]);
    const tier1 = { dimension: 'queueId', value: world.queue('Tier 1') };
    const voice = { dimension: 'mediaType', value: 'voice' };
    const counted = (filter: object): number => (query({ filter }).body.results as Group[]).length;
    expect(counted({ type: 'or', predicates: [tier1] })).toBe(1);
    expect(
      counted({
        type: 'and',
        predicates: [voice],
        clauses: [{ type: 'or', predicates: [tier1] }],
      }),
    ).toBe(1);
    expect(counted({ type: 'and', predicates: [{ ...voice, value: 'chat' }] })).toBe(0);
    expect(counted({ type: 'or', predicates: [tier1, voice] })).toBe(2);
  });

  it('without groupBy are one group', () => {
    conversation('Tier 1', [0, 1, 1]);
    conversation('Tier 2', [0, 1, 1]);
    const results = query({ groupBy: undefined, metrics: ['nOffered'] }).body.results as Group[];
    expect(results).toMatchObject([
      { group: { mediaType: 'voice' }, data: [{ metrics: [{ stats: { count: 2 } }] }] },
    ]);
  });

  const predicate = { dimension: 'queueId', value: 'x' };
  it.each([
    ['no interval', { interval: undefined }, 'bad.request'],
    ['an interval that is none', { interval: 'yesterday' }, 'invalid.date'],
    ['an interval over 31 days', { interval: interval(0, 31 * 86_400 + 1) }, 'invalid.date'],
    ['no metrics', { metrics: [] }, 'bad.request'],
    ['an unknown metric', { metrics: ['tLunch'] }, 'invalid.value'],
    ['another dimension', { groupBy: ['userId'] }, 'invalid.value'],
    ['a granularity that is none', { granularity: 'PT' }, 'invalid.value'],
    ['parts without number', { granularity: 'PT1M', interval: interval(0, 3e5) }, 'invalid.value'],
    ['a filter without a type', { filter: { predicates: [predicate] } }, 'bad.request'],
    [
      'more than 100 queues',
      { filter: { type: 'or', predicates: Array.from({ length: 101 }, () => predicate) } },
      'invalid.value',
    ],
  ])('are refused with %s', (_what, over, code) => {
    const { status, body } = query(over);
    expect([status, body.code]).toEqual([400, code]);
  });

  it('need a permission of their own', () => {
    const { status, body } = query({}, 'blind');
    expect([status, body.message]).toEqual([
      403,
      expect.stringContaining('analytics:conversationAggregate:view'),
    ]);
  });
});
