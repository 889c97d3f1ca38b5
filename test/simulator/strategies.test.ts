import { beforeEach, describe, expect, it } from 'vitest';
import { expectGrowth } from '../support/growth.js';
import { SMALL, STRATEGIES, strategyBody, worldOf, type World } from './client.js';

let world: World;
beforeEach(() => {
  world = worldOf(SMALL);
});

function created(over = {}) {
  const answered = world.send('POST', STRATEGIES, strategyBody(world, over));
  expect(answered.status).toBe(200);
  return answered.body;
}

describe('create', () => {
  it('makes a draft of version 1 that reads back as written', () => {
    const strategy = created();
    const read = world.send('GET', strategy.selfUri).body;
    expect(read).toEqual({
      ...strategyBody(world),
      id: strategy.id,
      version: 1,
      dateCreated: '2026-11-02T09:00:00.000Z',
      dateModified: '2026-11-02T09:00:00.000Z',
      selfUri: `${STRATEGIES}/${strategy.id}`,
    });
  });

  it('refuses a name that is taken, and changes nothing', () => {
    created();
    const again = world.send('POST', STRATEGIES, strategyBody(world, { targets: [] }));
    expect(again.status).toBe(400);
    const taken = world.send('POST', STRATEGIES, strategyBody(world));
    expect([taken.status, taken.body.code]).toEqual([409, 'conflict']);
    expect(world.org.strategies.size).toBe(1);
  });

  const target = { id: '', priority: 1, weight: 1, capacity: 1 };
  const at = (name: string, over = {}) => ({ ...target, id: world.queue(name), ...over });
  const wrong: [string, () => object, string[]][] = [
    ['no name', () => ({ name: undefined }), ['name']],
    ['no status', () => ({ status: undefined }), ['status']],
    ['status active', () => ({ status: 'active' }), ['status']],
    ['no targets', () => ({ targets: undefined }), ['targets']],
    ['0 targets', () => ({ targets: [] }), ['targets']],
    [
      '11 targets',
      () => ({ targets: Array.from({ length: 11 }, () => at('Tier 1')) }),
      ['targets'],
    ],
    ['unknown queue', () => ({ targets: [{ ...target, id: 'nope' }] }), ['targets[0].id']],
    ['duplicate target', () => ({ targets: [at('Tier 1'), at('Tier 1')] }), ['targets[1].id']],
    ['negative weight', () => ({ targets: [at('Tier 1', { weight: -1 })] }), ['targets[0].weight']],
    ['text weight', () => ({ targets: [at('Tier 1', { weight: '1' })] }), ['targets[0].weight']],
    ['capacity 0', () => ({ targets: [at('Tier 1', { capacity: 0 })] }), ['targets[0].capacity']],
    [
      'unknown skill',
      () => ({ selectionCriteria: { skills: [{ skillId: 'nope', required: true }] } }),
      ['selectionCriteria.skills[0].skillId'],
    ],
    [
      'circular fallback',
      () => ({ fallback: { queue: { id: world.queue('Tier 1'), priority: 9, weight: 0 } } }),
      ['fallback.queue.id'],
    ],
    [
      'several at once',
      () => ({ name: '', targets: [at('Tier 1', { weight: -1, priority: 0.5 })] }),
      ['name', 'targets[0].weight', 'targets[0].priority'],
    ],
  ];
  it.each(wrong)('refuses %s', (_, over, fields) => {
    const answered = world.send('POST', STRATEGIES, { ...strategyBody(world), ...over() });
    expect([answered.status, answered.body.code]).toEqual([400, 'bad.request']);
    expect(answered.body.details.map((detail: { fieldName: string }) => detail.fieldName)).toEqual(
      fields,
    );
    for (const field of fields) expect(answered.body.message).toContain(field);
    expect(world.org.strategies.size).toBe(0);
    expect(world.org.audits).toEqual([]);
  });
});

describe('update', () => {
  it('changes only what is given, and counts the version up', () => {
    const before = created();
    const targets = [{ ...before.targets[0], weight: 0.25 }];
    const after = world.send('PUT', before.selfUri, { targets, version: 1 }).body;
    expect(after).toEqual({ ...before, targets, version: 2 });
    expect(world.send('PUT', before.selfUri, { fallback: null }).body).not.toHaveProperty(
      'fallback',
    );
  });

  it('refuses a stale version and a taken name', () => {
    const strategy = created();
    created({ name: 'other' });
    world.send('PUT', strategy.selfUri, { name: 'renamed', version: 1 });
    const stale = world.send('PUT', strategy.selfUri, { name: 'lost', version: 1 });
    expect([stale.status, stale.body.code]).toEqual([409, 'version.conflict']);
    const taken = world.send('PUT', strategy.selfUri, { name: 'other' });
    expect([taken.status, taken.body.code]).toEqual([409, 'conflict']);
    expect(world.send('GET', strategy.selfUri).body).toMatchObject({ name: 'renamed', version: 2 });
    expect(created({ name: 'support' }).name).toBe('support');
  });

  it('checks the whole for a circular fallback, whichever half is given', () => {
    const strategy = created();
    const overflow = { ...strategy.targets[0], id: world.queue('Overflow') };
    const answered = world.send('PUT', strategy.selfUri, { targets: [overflow] });
    expect(answered.body.details[0]?.errorCode).toBe('circular.fallback');
  });

  it.each(['failed', 'activating', 'paused', 1])('refuses status %s of a draft', (status) => {
    const answered = world.send('PUT', created().selfUri, { status });
    expect(answered.body.details[0]?.fieldName).toBe('status');
  });
});

describe('activation', () => {
  const status = (uri: string) => world.send('GET', uri).body.status;

  it('is under way for activationMs and then active, without another version', () => {
    const { selfUri } = created();
    const put = world.send('PUT', selfUri, { status: 'active' });
    expect(put.body).toMatchObject({ status: 'activating', version: 2 });
    world.at += 399;
    expect(status(selfUri)).toBe('activating');
    world.at += 1;
    expect(world.send('GET', selfUri).body).toMatchObject({ status: 'active', version: 2 });
    const again = world.send('PUT', selfUri, { status: 'active' });
    expect(again.body).toMatchObject({ status: 'active', version: 3 });
  });

  it('fails on a disabled queue, names it, and can be tried again', () => {
    const fallback = { queue: { id: world.queue('Closed'), priority: 9, weight: 0 } };
    const { selfUri } = created({ fallback });
    world.send('PUT', selfUri, { status: 'active' });
    world.at += 400;
    const failed = world.send('GET', selfUri).body;
    expect(failed.status).toBe('failed');
    expect(failed.errorMessage).toContain("'Closed'");
    const retried = world.send('PUT', selfUri, { status: 'active', fallback: null }).body;
    expect(retried).not.toHaveProperty('errorMessage');
    world.at += 400;
    expect(status(selfUri)).toBe('active');
  });

  it('fails on a queue that went away in between', () => {
    const { selfUri } = created();
    expect(world.send('DELETE', `/api/v2/routing/queues/${world.queue('Tier 2')}`).status).toBe(
      204,
    );
    world.send('PUT', selfUri, { status: 'active' });
    world.at += 400;
    expect(status(selfUri)).toBe('failed');
  });

  it('can be called off, by draft or by deletion', () => {
    const { selfUri } = created();
    world.send('PUT', selfUri, { status: 'active' });
    expect(world.send('PUT', selfUri, { status: 'draft' }).body.status).toBe('draft');
    world.at += 1000;
    expect(status(selfUri)).toBe('draft');
    world.send('PUT', selfUri, { status: 'active' });
    expect(world.send('DELETE', selfUri).status).toBe(204);
    world.at += 1000;
    expect(world.send('GET', selfUri).status).toBe(404);
    expect(world.org.activations.size).toBe(0);
  });

  it('goes on while other fields are changed', () => {
    const { selfUri, targets } = created();
    world.send('PUT', selfUri, { status: 'active' });
    world.at += 200;
    world.send('PUT', selfUri, { targets: [targets[0]] });
    world.at += 200;
    expect(world.send('GET', selfUri).body).toMatchObject({ status: 'active', version: 3 });
  });
});

it('starts with the strategies of the org file, names resolved', () => {
  const seeded = worldOf({
    ...SMALL,
    strategies: [
      {
        name: 'seeded',
        selectionCriteria: { skills: [{ skill: 'Billing' }] },
        targets: [{ queue: 'Tier 2', priority: 1, weight: 1, capacity: 3 }],
        fallback: { queue: { queue: 'Overflow', priority: 9, weight: 0.1 } },
      },
    ],
  });
  const [strategy] = seeded.send('GET', STRATEGIES).body.entities;
  expect(strategy).toMatchObject({
    name: 'seeded',
    status: 'active',
    version: 1,
    selectionCriteria: { skills: [{ skillId: seeded.skill('Billing'), required: true }] },
    targets: [{ id: seeded.queue('Tier 2'), capacity: 3 }],
    fallback: { queue: { id: seeded.queue('Overflow') } },
  });
});

it('takes as long for each of 5,000 strategies as for one of 500', () => {
  expectGrowth((count) => {
    const big = worldOf(SMALL, { rateLimitPerMinute: 0 });
    for (let index = 0; index < count; index += 1) {
      const body = strategyBody(big, { name: `strategy ${index}` });
      const { selfUri } = big.send('POST', STRATEGIES, body).body;
      big.send('PUT', selfUri, { status: 'active' });
    }
    big.at += 400;
    const seen = new Set<string>();
    for (let page = 1; page <= count / 100; page += 1) {
      const { body } = big.send('GET', `${STRATEGIES}?pageSize=100&pageNumber=${page}`);
      for (const { id, status } of body.entities) if (status === 'active') seen.add(id);
    }
    expect(seen.size).toBe(count);
  }, 5000);
});
