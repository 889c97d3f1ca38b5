/** Checks count who will be in a queue once the plan is applied, and not who is there now. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { faulty } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG, states, statuses } from '../support/reconcile.js';

const on = (): Many => many(bench(ORG), 'strategies-api');
const QUEUE = (name: string, ...members: readonly string[]): string =>
  manifestOf('Queue', name, { members: members.map((one) => `${one}@example.com`) });
const TO = (queue: string, over: object = {}, name = 'calls'): string =>
  manifestOf('RoutingStrategy', name, {
    selection: { skills: [{ skill: 'Voice', required: true }] },
    targets: [{ queue, capacity: 5 }],
    ...over,
  });
const ADOPTED = { adopt: true };

const checks = ({ changes }: Plan): string[] =>
  changes.flatMap(({ checks: all }) =>
    all.map(({ check, passed, message }) => `${check} ${passed ? 'passes' : 'fails'}: ${message}`),
  );
const order = ({ outcomes }: Awaited<ReturnType<Many['apply']>>): string[] =>
  outcomes.map(({ address, state }) => `${address} ${state}`);

describe('a strategy that is sent to a queue in the plan that', () => {
  it('takes its members is not activated, and the plan says why', async () => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Gamma', 'ben') }, ADOPTED);
    const files = { 'q.yaml': QUEUE('Gamma'), 's.yaml': TO('Gamma') };
    expect(checks((await place.plan(files)).plan)).toEqual([
      'skills fails: the queue has no members, once this plan is applied',
      'capacity fails: nobody is on queue, once this plan is applied',
    ]);
    const run = await place.apply(files);
    expect([run.exitCode, statuses(place.bench)]).toEqual([5, { calls: 'draft' }]);
  });

  it('takes the last member with the skill is not activated', async () => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE('Beta', 'ada', 'chi') }, ADOPTED);
    const files = { 'q.yaml': QUEUE('Beta', 'chi'), 's.yaml': TO('Beta') };
    expect(checks((await place.plan(files)).plan)).toEqual([
      'skills fails: 0 of 1 agent have "Voice", once this plan is applied',
      'capacity passes: 1 of 1 slot free, once this plan is applied',
    ]);
  });

  it.each([
    ['gives it an agent', 'Nobody', ADOPTED],
    ['makes it with one', 'New', {}],
  ])('%s is active after one apply', async (_, queue, asked) => {
    const place = on();
    const files = { 'q.yaml': QUEUE(queue, 'ben'), 's.yaml': TO(queue) };
    const { plan } = await place.plan(files, asked);
    expect(checks(plan)).toEqual([
      'skills passes: 1 of 1 agent has "Voice", once this plan is applied',
      'capacity passes: 1 of 1 slot free, once this plan is applied',
    ]);
    const run = await place.apply(files, asked);
    expect(order(run)[1]).toBe('RoutingStrategy/calls created');
    expect([run.exitCode, statuses(place.bench)]).toEqual([0, { calls: 'active' }]);
    expect((await place.plan(files)).plan.changes).toEqual([]);
  });

  it('makes it without any is held back by the plan, as it would be by the apply', async () => {
    const place = on();
    const files = { 'q.yaml': QUEUE('New'), 's.yaml': TO('New') };
    expect(checks((await place.plan(files)).plan)).toEqual([
      'skills fails: the queue has no members, once this plan is applied',
      'capacity fails: nobody is on queue, once this plan is applied',
    ]);
    expect(states(await place.apply(files))['RoutingStrategy/calls']).toBe('failed');
  });
});

describe('agents and calls', () => {
  it('move so that nobody waits where nobody is: agents come first and go last', async () => {
    const place = on();
    const before = {
      'a.yaml': QUEUE('Alpha', 'ada', 'ben'),
      'n.yaml': QUEUE('Nobody'),
      's.yaml': TO('Alpha'),
    };
    await place.apply(before, ADOPTED);
    const run = await place.apply({
      'a.yaml': QUEUE('Alpha'),
      'n.yaml': QUEUE('Nobody', 'ada', 'ben'),
      's.yaml': TO('Nobody'),
    });
    expect(order(run)).toEqual([
      'Queue/Nobody updated',
      'RoutingStrategy/calls updated',
      'Queue/Alpha updated',
    ]);
  });

  it('that change places wait for nobody in a circle', async () => {
    const place = on();
    const strategies = (one: string, other: string): Record<string, string> => ({
      's.yaml': TO(one),
      't.yaml': TO(other, {}, 'other'),
    });
    await place.apply(
      {
        'a.yaml': QUEUE('Alpha', 'ada'),
        'b.yaml': QUEUE('Beta', 'ben'),
        ...strategies('Alpha', 'Beta'),
      },
      ADOPTED,
    );
    const { plan } = await place.plan({
      'a.yaml': QUEUE('Alpha', 'ben'),
      'b.yaml': QUEUE('Beta', 'ada'),
      ...strategies('Beta', 'Alpha'),
    });
    expect([plan.counts.update, plan.blocked]).toEqual([4, undefined]);
  });
});

describe('why members go', () => {
  it.each([
    ['none', []],
    ['others', ['chi@example.com']],
  ])('is git alone, where a list that included some becomes one of %s', async (_, members) => {
    const place = on();
    const included = { members: { include: ['ada@example.com'] } };
    await place.apply({ 'q.yaml': manifestOf('Queue', 'New', included) });
    const { plan } = await place.plan({ 'q.yaml': manifestOf('Queue', 'New', { members }) });
    const causes = plan.changes.flatMap(({ fields }) => fields.map(({ cause }) => cause));
    expect(new Set(causes)).toEqual(new Set(['git']));
  });
});

describe('requests', () => {
  it('are as many as before where no plan moves an agent', async () => {
    const place = on();
    const files = { 'q.yaml': QUEUE('Gamma', 'ben'), 's.yaml': TO('Gamma') };
    await place.apply(files, ADOPTED);
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan({ ...files, 's.yaml': TO('Gamma', { status: 'draft' }) }, { exchange });
    expect(sent.filter(({ path }) => /users\?.*routingStatus|activity/.test(path))).toEqual([]);
  });
});
