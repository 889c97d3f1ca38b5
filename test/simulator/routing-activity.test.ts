import { describe, expect, it } from 'vitest';
import { SMALL, START, worldOf } from './client.js';

const PATH = '/api/v2/analytics/routing/activity/query';
const world = worldOf(SMALL);
const WITH_DETAILS = [{ metric: 'oMemberUsers', details: true }];

function by(...queueIds: string[]) {
  return {
    type: 'or',
    predicates: queueIds.map((value) => ({ dimension: 'queueId', value })),
  };
}

function query(filter: unknown, metrics: unknown = WITH_DETAILS, groupBy: unknown = ['queueId']) {
  return world.send('POST', PATH, { filter, metrics, groupBy });
}

interface Group {
  readonly truncated: boolean;
  readonly entities: readonly { readonly userId: string }[];
  readonly data: readonly { readonly count: number; readonly entityIds: readonly string[] }[];
}

describe('routing activity', () => {
  it('tells who is a member, and what they do', () => {
    const queueId = world.queue('Tier 1');
    const { entities: users } = world.send('GET', '/api/v2/users').body;
    const [ada, ben, chi] = users.map(({ id }) => id);
    const [group] = query(by(queueId)).body.results as Group[];
    expect(group).toMatchObject({
      group: { queueId },
      data: [{ metric: 'oMemberUsers', count: 3, entityIds: [ada, ben, chi] }],
      truncated: false,
    });
    expect(group?.entities[0]).toEqual({
      activityDate: new Date(START).toISOString(),
      userId: ada,
      queueId,
      queueMembershipStatus: 'active',
      routingStatus: 'IDLE',
      routingStatusDate: expect.any(String) as unknown,
    });
  });

  it('counts by routing status, and tells of nobody who was not asked about', () => {
    const queueId = world.queue('Tier 1');
    const metrics = [{ metric: 'oOnQueueUsers' }, { metric: 'oOffQueueUsers', details: true }];
    const [group] = query(by(queueId), metrics).body.results as Group[];
    expect(group?.data).toEqual([
      { metric: 'oOnQueueUsers', qualifier: 'IDLE', count: 1 },
      { metric: 'oOnQueueUsers', qualifier: 'INTERACTING', count: 1 },
      { metric: 'oOffQueueUsers', entityIds: [expect.any(String)], count: 1 },
    ]);
    expect(group?.entities).toHaveLength(1);
  });

  it('leaves out queues that do not exist or that nobody works in', () => {
    const empty = worldOf({ queues: [{ name: 'Empty' }] });
    const filter = by(empty.queue('Empty'), 'no-such-queue');
    const body = { filter, metrics: WITH_DETAILS, groupBy: ['queueId'] };
    expect(empty.send('POST', PATH, body).body.results).toEqual([]);
  });

  it('tells of the first and the last of too many, and says so', () => {
    const big = worldOf({ generate: { queues: 1, users: 1001, membersPerQueue: 1001 } });
    const filter = by(big.queue('Queue 0001'));
    const body = { filter, metrics: WITH_DETAILS, groupBy: ['queueId'] };
    const [group] = big.send('POST', PATH, body).body.results as Group[];
    expect([group?.truncated, group?.entities.length, group?.data[0]?.count]).toEqual([
      ...[true, 1000, 1001],
    ]);
    expect(group?.data[0]?.entityIds).toHaveLength(1000);
  });

  it('has pages of groups', () => {
    const filter = by(world.queue('Tier 1'), world.queue('Tier 2'));
    const body = { filter, metrics: WITH_DETAILS, groupBy: ['queueId'] };
    const [first, second, third] = [1, 2, 3].map(
      (page) => world.send('POST', `${PATH}?pageSize=1&pageNumber=${page}`, body).body.results,
    );
    expect([first, second, third]).toMatchObject([
      ...[[{ group: { queueId: world.queue('Tier 1') } }]],
      ...[[{ group: { queueId: world.queue('Tier 2') } }], []],
    ]);
    expect(world.send('POST', `${PATH}?pageSize=101`, body).status).toBe(400);
  });

  it.each([
    ['no filter', undefined, WITH_DETAILS, ['queueId']],
    ['another dimension', { predicates: [{ dimension: 'userId', value: 'x' }] }, WITH_DETAILS, []],
    ['no metrics', by('x'), [], ['queueId']],
    ['metrics by name alone', by('x'), ['oMemberUsers'], ['queueId']],
    ['an unknown metric', by('x'), [{ metric: 'toString' }], ['queueId']],
    ['no group', by('x'), WITH_DETAILS, null],
    ['another group', by('x'), WITH_DETAILS, ['teamId']],
  ])('refuses %s', (_, filter, metrics, groupBy) => {
    expect(query(filter, metrics, groupBy).status).toBe(400);
  });
});
