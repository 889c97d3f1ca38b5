import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STRATEGIES, worldOf } from './client.js';

const world = worldOf(
  {
    generate: { queues: 60, users: 130, skills: 7, membersPerQueue: 120, skillsPerUser: 3 },
    strategies: Array.from({ length: 33 }, (_, index) => ({
      name: `strategy ${index}`,
      targets: [{ queue: 'Queue 0001', priority: 1, weight: 1, capacity: 1 }],
    })),
  },
  { rateLimitPerMinute: 0 },
);

const COUNTED: [string, number, number][] = [
  ['/api/v2/routing/queues', 60, 500],
  ['/api/v2/routing/skills', 7, 500],
  ['/api/v2/users', 130, 500],
  [STRATEGIES, 33, 100],
  ['/api/v2/flows/datatables', 0, 100],
];

function ids(entities: readonly { id: string }[]): string[] {
  return entities.map(({ id }) => id);
}

describe.each(COUNTED)('GET %s', (path, total, max) => {
  it('gives every entity once, whatever the page size, and the totals with each page', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max }), (pageSize) => {
        const seen: string[] = [];
        const pageCount = Math.ceil(total / pageSize);
        for (let pageNumber = 1; pageNumber <= pageCount + 1; pageNumber += 1) {
          const query = `pageSize=${pageSize}&pageNumber=${pageNumber}`;
          const { body } = world.send('GET', `${path}?${query}`);
          expect(body).toMatchObject({ pageSize, pageNumber, total, pageCount });
          expect(body.entities.length).toBeLessThanOrEqual(pageSize);
          expect('nextUri' in body).toBe(pageNumber < pageCount);
          seen.push(...ids(body.entities));
        }
        expect(new Set(seen).size).toBe(total);
        expect(seen.length).toBe(total);
      }),
      { numRuns: 20 },
    );
  });

  it('has 25 on a page by default, and refuses what is no page', () => {
    expect(world.send('GET', path).body.pageSize).toBe(25);
    for (const query of [`pageSize=${max + 1}`, 'pageSize=0', 'pageSize=x', 'pageNumber=0']) {
      const { status, body } = world.send('GET', `${path}?${query}`);
      expect([status, body.code]).toEqual([400, 'invalid.value']);
    }
  });
});

describe('members of a queue', () => {
  const members = `/api/v2/routing/queues/${world.queue('Queue 0002')}/members`;

  it('are paged without totals, to the page without nextUri', () => {
    const seen: string[] = [];
    let next: string | undefined = `${members}?pageSize=50&expand=skills,routingStatus`;
    while (next !== undefined) {
      const { body } = world.send('GET', next);
      expect(body).not.toHaveProperty('total');
      expect(body).not.toHaveProperty('pageCount');
      expect(body).not.toHaveProperty('lastUri');
      seen.push(...ids(body.entities));
      expect(body.entities[0]?.user.skills).toHaveLength(3);
      expect(body.entities[0]?.routingStatus.status).toBe('IDLE');
      next = body.nextUri;
    }
    expect(new Set(seen).size).toBe(120);
    expect(world.send('GET', `${members}?pageSize=101`).status).toBe(400);
  });

  it('follow the rule: queue 1 has the users 120 to 239 modulo 130', () => {
    const { body } = world.send('GET', `${members}?pageSize=100`);
    const names = body.entities.map(({ name }: { name: string }) => name);
    expect(names[0]).toBe('User 0121');
    expect(names[10]).toBe('User 0001');
    expect(body.entities[0]?.user).not.toHaveProperty('skills');
  });
});

it('follows links with their filters', () => {
  const first = world.send('GET', '/api/v2/routing/queues?name=*1*&pageSize=3').body;
  const second = world.send('GET', first.nextUri ?? '').body;
  expect(second.pageNumber).toBe(2);
  expect(second.total).toBe(first.total);
  expect(second.entities[0]?.name).toContain('1');
});

const NAMES: [string, string, number][] = [
  ['/api/v2/routing/queues', 'Queue 0001', 1],
  ['/api/v2/routing/queues', 'queue 0001', 1],
  ['/api/v2/routing/queues', 'Queue', 0],
  ['/api/v2/routing/queues', 'Queue 000*', 9],
  ['/api/v2/routing/queues', '*7', 6],
  ['/api/v2/routing/queues', '*', 60],
  ['/api/v2/routing/skills', 'skill 00', 7],
  ['/api/v2/routing/skills', '007', 0],
];
it.each(NAMES)('%s filters by name %s', (path, name, total) => {
  const query = new URLSearchParams({ name });
  expect(world.send('GET', `${path}?${query.toString()}`).body.total).toBe(total);
});

it('takes lists of ids with commas, at most 100 for users', () => {
  const [a, b] = [world.queue('Queue 0003'), world.queue('Queue 0001')];
  expect(ids(world.send('GET', `/api/v2/routing/queues?id=${a},${b}`).body.entities)).toEqual([
    b,
    a,
  ]);
  const users = ids(world.send('GET', '/api/v2/users?pageSize=101').body.entities);
  const few = world.send('GET', `/api/v2/users?pageSize=500&id=${users.slice(0, 100).join()}`);
  expect(few.body.total).toBe(100);
  const many = world.send('GET', `/api/v2/users?id=${users.join()}`);
  expect([many.status, many.body.code]).toEqual([400, 'max.user.ids']);
});

it('sorts by name, downwards when asked', () => {
  const { body } = world.send('GET', '/api/v2/routing/queues?sortOrder=desc&pageSize=1');
  expect(body.entities[0]?.name).toBe('Queue 0060');
});
