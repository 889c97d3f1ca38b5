/** Why a field moves: git, a person, or both. */
import { expect } from 'vitest';
import { driftIn } from '../../../src/core/drift.js';
import type { Planned } from '../../../src/engine/planning.js';
import type { Verify } from '../cases.js';

/** Path → cause of the only change. */
function causes({ plan }: Planned): Record<string, string | null> {
  expect(plan.changes).toHaveLength(1);
  const fields = plan.changes[0]?.fields ?? [];
  return Object.fromEntries(fields.map(({ path, cause }) => [path, cause]));
}

export function drifting(verify: Verify): void {
  verify('every field says whether git, a person or both have moved it', async (world) => {
    const [first, second, third] = world.queues;
    const fallback = { queue: third, priority: 9, weight: 0.4 };
    const targets = [world.target(first), world.target(second, { priority: 2 })];
    await world.apply({ one: { targets, fallback } });
    await world.strategies.edit('one', {
      targets: [world.target(first), world.target(second, { priority: 4 })],
      fallback: { ...fallback, priority: 7 },
    });
    const planned = await world.plan({
      one: {
        targets: [world.target(first, { capacity: 6 }), world.target(second, { priority: 3 })],
        fallback,
      },
    });
    expect(causes(planned)).toEqual({
      [`targets["${first}"].capacity`]: 'git',
      [`targets["${second}"].priority`]: 'both',
      'fallback.priority': 'drift',
    });
    const both = planned.plan.changes[0]?.fields.find(({ cause }) => cause === 'both');
    expect(both).toMatchObject({ before: 4, after: 3, applied: 2 });
  });

  verify('an apply puts back what drifted, and knows nothing of it afterwards', async (world) => {
    const [first, second] = world.queues;
    const manifests = { one: world.spec(first) };
    await world.apply(manifests);
    await world.strategies.edit('one', { targets: [world.target(second)], status: 'draft' });
    expect(causes(await world.plan(manifests))).toMatchObject({ status: 'drift' });
    expect((await world.apply(manifests)).exitCode).toBe(0);
    expect((await world.live())['one']).toMatchObject({ status: 'active', ...manifests.one });
    expect((await world.plan(manifests)).plan.changes).toEqual([]);
  });

  verify('targets that a person put in another order are drift, and put back', async (world) => {
    const [first, second, third] = world.queues;
    const spec = (...names: readonly string[]) => ({
      targets: names.map((one) => world.target(one)),
    });
    const manifests = { one: spec(first, second, third) };
    await world.apply(manifests);
    await world.strategies.edit('one', spec(third, first, second));
    const planned = await world.plan(manifests);
    expect(causes(planned)).toEqual({ 'targets (order)': 'drift' });
    const found = driftIn(planned.plan, planned.observation.state.records);
    expect(found).toMatchObject({
      pending: [],
      drifts: [{ address: 'RoutingStrategy/one', how: 'changed' }],
    });
    expect((await world.carryOut(planned)).exitCode).toBe(0);
    const { targets } = (await world.live())['one'] as { targets: { queue: string }[] };
    expect(targets.map(({ queue }) => queue)).toEqual([first, second, third]);
    expect((await world.plan(manifests)).plan.changes).toEqual([]);
  });

  verify(
    'an order that a person changed is told from what git changes beside it',
    async (world) => {
      const [first, second] = world.queues;
      const both = (capacity: number) => [world.target(first, { capacity }), world.target(second)];
      await world.apply({ one: { targets: both(5) } });
      await world.strategies.edit('one', { targets: both(5).reverse() });
      const planned = await world.plan({ one: { targets: both(6) } });
      expect(causes(planned)).toEqual({
        [`targets["${first}"].capacity`]: 'git',
        'targets (order)': 'drift',
      });
    },
  );

  verify('a strategy that a person deleted is made again, and the plan says why', async (world) => {
    const manifests = { one: world.spec(world.queues[0]) };
    await world.apply(manifests);
    await world.strategies.remove('one');
    const planned = await world.plan(manifests);
    expect(planned.plan.changes[0]).toMatchObject({ action: 'create' });
    expect(new Set(Object.values(causes(planned)))).toEqual(new Set(['drift']));
    expect((await world.carryOut(planned)).exitCode).toBe(0);
    expect((await world.live())['one']).toMatchObject({ status: 'active', ...manifests.one });
  });

  verify('a new strategy of git is no drift of anybody', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    const planned = await world.plan({
      one: world.spec(world.queues[0]),
      two: world.spec(world.queues[1]),
    });
    const found = new Set(Object.values(causes(planned)));
    expect(found.has('drift')).toBe(false);
    expect(found.has('both')).toBe(false);
  });

  verify(
    'what git takes over from the org is no drift, now or when git moves on',
    async (world) => {
      const [first] = world.queues;
      const at = (priority: number) => ({
        one: { targets: [world.target(first, { priority })] },
      });
      await world.apply(at(5));
      await world.strategies.edit('one', at(6).one);
      expect((await world.plan(at(6))).plan.changes).toEqual([]);
      await world.apply(at(6));
      expect(causes(await world.plan(at(7)))).toEqual({ [`targets["${first}"].priority`]: 'git' });
    },
  );

  verify('a person who goes back to what was applied once is drift', async (world) => {
    const [first] = world.queues;
    const at = (priority: number) => ({
      one: { targets: [world.target(first, { priority })] },
    });
    await world.apply(at(5));
    await world.strategies.edit('one', at(6).one);
    await world.apply(at(6));
    await world.strategies.edit('one', at(5).one);
    expect(causes(await world.plan(at(6)))).toEqual({
      [`targets["${first}"].priority`]: 'drift',
    });
  });
}
