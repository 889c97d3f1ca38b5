import { describe, expect, it } from 'vitest';
import { SMALL, worldOf } from './client.js';

const PATH = '/api/v2/analytics/queues/observations/query';
const METRICS = [
  'oOnQueueUsers',
  'oInteracting',
  'oWaiting',
  'oActiveUsers',
  'oMemberUsers',
  'oUserRoutingStatuses',
];
const world = worldOf(SMALL);

function by(...queueIds: string[]) {
  return {
    type: 'or',
    predicates: queueIds.map((value) => ({ dimension: 'queueId', value })),
  };
}

function query(filter: unknown, metrics: unknown = METRICS) {
  return world.send('POST', PATH, { filter, metrics });
}

describe('queue observations', () => {
  it('tell interactions by media type, and agents by what they do', () => {
    const queueId = world.queue('Tier 1');
    expect(query(by(queueId)).body.results).toEqual([
      {
        group: { queueId, mediaType: 'voice' },
        data: [
          { metric: 'oInteracting', stats: { count: 1 } },
          { metric: 'oWaiting', stats: { count: 2 } },
        ],
      },
      {
        group: { queueId },
        data: [
          { metric: 'oActiveUsers', stats: { count: 3 } },
          { metric: 'oMemberUsers', stats: { count: 3 } },
          { metric: 'oOnQueueUsers', qualifier: 'IDLE', stats: { count: 1 } },
          { metric: 'oOnQueueUsers', qualifier: 'INTERACTING', stats: { count: 1 } },
          { metric: 'oUserRoutingStatuses', qualifier: 'IDLE', stats: { count: 1 } },
          { metric: 'oUserRoutingStatuses', qualifier: 'INTERACTING', stats: { count: 1 } },
          { metric: 'oUserRoutingStatuses', qualifier: 'OFF_QUEUE', stats: { count: 1 } },
        ],
      },
    ]);
  });

  it('leave out what is not asked, what is 0, and queues that do not exist', () => {
    const [one, two] = [world.queue('Tier 1'), world.queue('Tier 2')];
    const filter = by(one, two, two, 'no-such-queue', world.queue('Overflow'));
    expect(query(filter, ['oWaiting', 'oMemberUsers']).body.results).toEqual([
      {
        group: { queueId: one, mediaType: 'voice' },
        data: [{ metric: 'oWaiting', stats: { count: 2 } }],
      },
      { group: { queueId: one }, data: [{ metric: 'oMemberUsers', stats: { count: 3 } }] },
      { group: { queueId: two }, data: [{ metric: 'oMemberUsers', stats: { count: 1 } }] },
    ]);
  });

  it('read clauses too', () => {
    const filter = { type: 'and', clauses: [by(world.queue('Tier 2'))] };
    expect(query(filter, ['oMemberUsers']).body.results).toHaveLength(1);
  });

  it('take 100 queues at a time', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `queue-${index}`);
    expect(query(by(...ids)).status).toBe(200);
    expect(query(by(...ids, 'one more')).status).toBe(400);
  });

  it.each([
    ['no filter', undefined, METRICS],
    ['no queue', { type: 'or', predicates: [] }, METRICS],
    [
      'another dimension',
      { type: 'or', predicates: [{ dimension: 'userId', value: 'x' }] },
      METRICS,
    ],
    ['no value', { type: 'or', predicates: [{ dimension: 'queueId' }] }, METRICS],
    ['garbage', { type: 'or', predicates: ['x'], clauses: [1] }, METRICS],
    ['no metrics', by('x'), undefined],
    ['an unknown metric', by('x'), ['oSomething']],
    ['an inherited metric', by('x'), ['toString']],
  ])('refuse %s', (_, filter, metrics) => {
    expect(world.send('POST', PATH, { filter, metrics }).status).toBe(400);
  });
});

describe('users and capacity', () => {
  it('users show skills when asked', () => {
    const plain = world.send('GET', '/api/v2/users').body.entities;
    expect(plain.map(({ name }: { name: string }) => name)).toEqual(['Ada', 'Ben', 'Chi']);
    expect(plain[0]).not.toHaveProperty('skills');
    const [, ben] = world.send('GET', '/api/v2/users?expand=skills').body.entities;
    expect(ben?.skills).toMatchObject([
      { id: world.skill('Customer Support'), name: 'Customer Support', proficiency: 5 },
      { id: world.skill('Billing'), state: 'active' },
    ]);
    const own = world.send('GET', `/api/v2/users/${ben?.id}/routingskills`).body;
    expect(own).toMatchObject({ total: 2, entities: ben?.skills });
    expect(world.send('GET', '/api/v2/users/nobody/routingskills').status).toBe(404);
  });

  it('utilization is by media type', () => {
    const two = worldOf({ utilization: { call: 2, chat: 4 } });
    const { utilization } = two.send('GET', '/api/v2/routing/utilization').body;
    expect(utilization.call?.maximumCapacity).toBe(2);
    expect(utilization.chat?.maximumCapacity).toBe(4);
  });

  it('members can be asked for by routing status', () => {
    const path = `/api/v2/routing/queues/${world.queue('Tier 1')}/members`;
    const { entities } = world.send('GET', `${path}?routingStatus=IDLE,OFF_QUEUE`).body;
    expect(entities.map(({ name }: { name: string }) => name)).toEqual(['Ada', 'Chi']);
    expect(world.send('GET', `${path}?joined=false`).body.entities).toEqual([]);
  });
});
