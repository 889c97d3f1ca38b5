import { beforeEach, describe, expect, it } from 'vitest';
import { SMALL, START, STRATEGIES, strategyBody, worldOf, type World } from './client.js';

const QUERY = '/api/v2/audits/query';
const MINUTE = 60_000;
let world: World;
beforeEach(() => {
  world = worldOf(SMALL, { rateLimitPerMinute: 0 });
});

function interval(from = START - MINUTE, to = world.at): string {
  return `${new Date(from).toISOString()}/${new Date(to).toISOString()}`;
}

function realtime(over = {}, query = '') {
  return world.send('POST', `${QUERY}/realtime${query}`, { interval: interval(), ...over }).body;
}

/** A strategy's whole life, an instant for each step, partly by a person. */
function life(): string {
  const { id, selfUri, targets } = world.send('POST', STRATEGIES, strategyBody(world)).body;
  const steps: [string, object | undefined, string][] = [
    ['PUT', { status: 'active' }, 'demo'],
    ['PUT', { targets: [{ ...targets[0], weight: 0.25 }, targets[1]] }, 'ui'],
    ['DELETE', undefined, 'demo'],
  ];
  for (const [method, body, as] of steps) {
    world.at += 1000;
    expect(world.send(method, selfUri, body, as).status).toBeLessThan(300);
  }
  return id;
}

describe('what is written down', () => {
  it('names action, entity, client, person, and what changed', () => {
    const id = life();
    const events = realtime({ sort: [{ name: 'Timestamp', sortOrder: 'ascending' }] }).entities;
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'Create',
      'Activate',
      'Update',
      'Delete',
    ]);
    const weight = `targets/${world.queue('Tier 1')}/weight`;
    expect(events[1]).toMatchObject({
      serviceName: 'Routing',
      entityType: 'RoutingStrategy',
      entity: { id, name: 'support', selfUri: `${STRATEGIES}/${id}` },
      client: { id: 'demo' },
      // A client that acts for itself is its own user, without a name.
      user: { id: 'demo', selfUri: '/api/v2/users/demo' },
      remoteIp: ['127.0.0.1'],
      eventDate: '2026-11-02T09:00:01.000Z',
      status: 'SUCCESS',
      propertyChanges: [{ property: 'status', oldValues: ['draft'], newValues: ['activating'] }],
    });
    expect(events[2]).toMatchObject({ client: { id: '' } });
    expect(events[2]?.propertyChanges).toEqual([
      { property: weight, oldValues: ['1'], newValues: ['0.25'] },
    ]);
    expect(events[2]?.user.name).toBeUndefined();
    const expanded = realtime(
      { filters: [{ property: 'Action', value: 'Update' }] },
      '?expand=user',
    );
    expect(expanded.entities[0]?.user.name).toBe('Ada');
    expect(events[3]?.propertyChanges).toContainEqual({
      property: 'name',
      oldValues: ['support'],
      newValues: [],
    });
  });

  it('includes queues, and nothing that was refused', () => {
    const queue = `/api/v2/routing/queues/${world.queue('Tier 2')}`;
    expect(world.send('PUT', queue, { name: 'Tier 1' }).body.code).toBe('duplicate.name');
    expect(world.send('PUT', queue, { name: '' }).status).toBe(400);
    expect(world.send('PUT', queue, { name: 'Second' }, 'ui').body.name).toBe('Second');
    expect(world.send('DELETE', queue).status).toBe(204);
    expect(world.send('GET', queue).body.code).toBe('resource.not.found');
    expect(realtime().entities).toMatchObject([
      { entityType: 'Queue', action: 'Delete', entity: { name: 'Second' } },
      {
        entityType: 'Queue',
        action: 'Update',
        propertyChanges: [{ property: 'name', oldValues: ['Tier 2'], newValues: ['Second'] }],
      },
    ]);
  });

  it('a queue in use is deleted by force only', () => {
    const queue = `/api/v2/routing/queues/${world.queue('Tier 1')}`;
    expect(world.send('DELETE', queue).body.code).toBe('active.queue');
    expect(world.send('DELETE', `${queue}?forceDelete=true`).status).toBe(204);
  });
});

describe('realtime queries', () => {
  it.each([
    [[['Action', 'Create']], 1],
    [
      [
        ['Action', 'Create'],
        ['Action', 'Delete'],
      ],
      2,
    ],
    [
      [
        ['Action', 'Update'],
        ['ClientId', 'ui'],
      ],
      0,
    ],
    [
      [
        ['Action', 'Update'],
        ['ClientId', 'demo'],
      ],
      0,
    ],
    [[['ClientId', 'demo']], 3],
    [[['EntityType', 'Queue']], 0],
    [[['TrusteeOrganizationId', 'x']], 0],
  ] as [[string, string][], number][])('filter by %o', (pairs, total) => {
    life();
    const filters = pairs.map(([property, value]) => ({ property, value }));
    expect(realtime({ filters }).total).toBe(total);
  });

  it('filter by user, entity, service and interval', () => {
    const id = life();
    const by = (property: string, value: string) => realtime({ filters: [{ property, value }] });
    expect(by('EntityId', id).total).toBe(4);
    const [ada] = world.org.users.values();
    expect(by('UserId', ada?.id ?? '').total).toBe(1);
    expect(realtime({ serviceName: 'Datatables' }).total).toBe(0);
    expect(realtime({ interval: interval(START + 1000, START + 2000) }).total).toBe(2);
  });

  it('are paged', () => {
    life();
    const page = realtime({ pageSize: 3, pageNumber: 2 });
    expect(page).toMatchObject({ pageSize: 3, pageNumber: 2, total: 4, pageCount: 2 });
    expect(page.entities).toHaveLength(1);
  });

  const day = 86_400_000;
  it.each([
    ['no interval', { interval: undefined }, 'bad.request'],
    ['half an interval', { interval: '2026-11-02T09:00:00Z' }, 'invalid.date'],
    ['no date', { interval: 'yesterday/today' }, 'invalid.date'],
    ['no such month', { interval: '2026-13-02T09:00Z/2026-11-02T09:00Z' }, 'invalid.date'],
    ['backwards', { interval: '2026-11-02T09:00Z/2026-11-01T09:00Z' }, 'invalid.date'],
    ['too long ago', { interval: interval(START - 15 * day, START) }, 'invalid.date'],
    ['unknown filter', { filters: [{ property: 'RemoteIp', value: 'x' }] }, 'invalid.value'],
    ['inherited filter', { filters: [{ property: 'toString', value: 'x' }] }, 'invalid.value'],
    ['half a filter', { filters: [{ property: 'Action' }] }, 'bad.request'],
    ['filters that are no list', { filters: {} }, 'bad.request'],
    ['page 0', { pageNumber: 0 }, 'invalid.value'],
    ['page size 501', { pageSize: 501 }, 'invalid.value'],
  ])('refuse %s', (_, over, code) => {
    const { status, body } = world.send('POST', `${QUERY}/realtime`, {
      interval: '2026-11-02T08:00:00Z/2026-11-02T10:00:00Z',
      ...over,
    });
    expect([status, body.code]).toEqual([400, code]);
  });
});

describe('asynchronous queries', () => {
  it('are queued, run and succeed in 300 ms, and do not see what comes later', () => {
    life();
    const submitted = world.send('POST', QUERY, { interval: interval(), serviceName: 'Routing' });
    expect(submitted.body).toMatchObject({ state: 'Queued', serviceName: 'Routing' });
    const uri = `${QUERY}/${submitted.body.id}`;
    const states = [99, 1, 199, 1].map((step) => {
      world.at += step;
      return world.send('GET', uri).body.state;
    });
    expect(states).toEqual(['Queued', 'Running', 'Running', 'Succeeded']);
    life();
    expect(world.send('GET', `${uri}/results`).body.entities).toHaveLength(4);
  });

  it('have no results before they succeed, or for an id that nobody has', () => {
    const { id } = world.send('POST', QUERY, { interval: interval() }).body;
    expect(world.send('GET', `${QUERY}/${id}/results`).status).toBe(400);
    expect(world.send('GET', `${QUERY}/other/results`).status).toBe(404);
    expect(world.send('GET', `${QUERY}/other`).status).toBe(404);
  });

  it('are paged by cursor until there is none', () => {
    for (let round = 0; round < 20; round += 1) life();
    const { id } = world.send('POST', QUERY, { interval: interval() }).body;
    world.at += 300;
    const seen = new Set<string>();
    let cursor: string | undefined = '';
    let pages = 0;
    while (cursor !== undefined) {
      const path: string = `${QUERY}/${id}/results?pageSize=30&cursor=${cursor}`;
      const { body } = world.send('GET', path);
      for (const event of body.entities) seen.add(event.id);
      cursor = body.cursor;
      pages += 1;
    }
    expect([seen.size, pages]).toEqual([80, 3]);
    const first = world.send('GET', `${QUERY}/${id}/results`).body;
    expect(first.entities).toHaveLength(25);
    for (const query of ['cursor=x', 'cursor=after-80', 'pageSize=501']) {
      expect(world.send('GET', `${QUERY}/${id}/results?${query}`).status).toBe(400);
    }
  });

  it('span 30 days at most', () => {
    const span = (days: number) => ({ interval: interval(START - days * 86_400_000, START) });
    expect(world.send('POST', QUERY, span(30)).status).toBe(200);
    expect(world.send('POST', QUERY, span(31)).body.code).toBe('invalid.date');
  });
});

it('the service mapping names what is audited', () => {
  const { services } = world.send('GET', `${QUERY}/servicemapping`).body;
  expect(services[0]?.entities).toContainEqual({
    name: 'RoutingStrategy',
    actions: ['Create', 'Update', 'Activate', 'Delete'],
  });
});
