/** Updating what is ours. */
import { expect } from 'vitest';
import type { Verify } from '../cases.js';
import type { Spec, World } from '../world.js';

/** Applies the one, then the other; returns what the org has then. */
async function from(world: World, before: Spec, after: Spec): Promise<Spec | undefined> {
  expect((await world.apply({ one: before })).exitCode).toBe(0);
  const { exitCode, outcomes } = await world.apply({ one: after });
  expect([exitCode, outcomes[0]?.state]).toEqual([0, 'updated']);
  expect((await world.plan({ one: after })).plan.changes).toEqual([]);
  expect((await world.record('one'))?.run).toBe('run 2');
  return (await world.live())['one'];
}

export function changing(verify: Verify): void {
  verify('the weights of an active strategy move while it stays active', async (world) => {
    const [first, second] = world.queues;
    const shared = (a: number, b: number): Spec => ({
      targets: [world.target(first, { weight: a }), world.target(second, { weight: b })],
    });
    expect(await from(world, shared(0.5, 0.5), shared(0.8, 0.2))).toMatchObject({
      status: 'active',
      ...shared(0.8, 0.2),
    });
  });

  verify('targets come, go, and change priority and capacity', async (world) => {
    const [first, second, third] = world.queues;
    const before = { targets: [world.target(first), world.target(second, { priority: 2 })] };
    const after = {
      targets: [
        world.target(second, { capacity: 50 }),
        world.target(third, { priority: 3, weight: 2 }),
      ],
    };
    expect(await from(world, before, after)).toMatchObject({ status: 'active', ...after });
  });

  verify('targets of equal priority change places', async (world) => {
    const [first, second] = world.queues;
    const [a, b] = [world.target(first, { weight: 0.5 }), world.target(second, { weight: 0.5 })];
    expect(await from(world, { targets: [a, b] }, { targets: [b, a] })).toMatchObject({
      targets: [b, a],
    });
  });

  verify(
    'skills come, go, and stop being required',
    async (world) => {
      const [one, other] = world.skills;
      const asking = (skills: object[]): Spec =>
        world.spec(world.queues[0], { selection: { skills } as Spec });
      const after = [{ skill: other, required: false }];
      const found = await from(world, asking([{ skill: one }, { skill: other }]), asking(after));
      expect(found).toMatchObject({ selection: { skills: after } });
    },
    'skills',
  );

  verify(
    'an empty list of skills empties the selection',
    async (world) => {
      const asking = world.spec(world.queues[0], {
        selection: { skills: [{ skill: world.skills[0] }] },
      });
      const after = world.spec(world.queues[0], { selection: { skills: [] } });
      expect(await from(world, asking, after)).toMatchObject({ selection: { skills: [] } });
    },
    'skills',
  );

  verify('a fallback is added, changed, and emptied by null', async (world) => {
    const [first, second, third] = world.queues;
    const falling = (fallback: Spec | null): Spec => world.spec(first, { fallback });
    const added = await from(world, falling(null), falling({ queue: second }));
    expect(added).toMatchObject({ fallback: { queue: second, priority: 99, weight: 0.1 } });
    await world.apply({ one: falling({ queue: third, priority: 9, weight: 0.4 }) });
    expect((await world.live())['one']).toMatchObject({
      fallback: { queue: third, priority: 9, weight: 0.4 },
    });
    await world.apply({ one: falling(null) });
    expect((await world.live())['one']).toMatchObject({ fallback: null });
  });

  verify(
    'a key that the manifest leaves out stays as it is in the org',
    async (world) => {
      const [first, , third] = world.queues;
      const kept = {
        selection: { skills: [{ skill: world.skills[0], required: true }] },
        fallback: { queue: third, priority: 9, weight: 0.4 },
      };
      const after = { targets: [world.target(first, { capacity: 6 })] };
      const found = await from(world, world.spec(first, kept), after);
      expect(found).toMatchObject({ ...kept, ...after });
    },
    'skills',
  );

  verify('what a person changes of a key that is not managed stays too', async (world) => {
    const [first, second, third] = world.queues;
    const fallback = { queue: third, priority: 9, weight: 0.4 };
    await world.apply({ one: world.spec(first, { fallback }) });
    await world.strategies.edit('one', { fallback: { ...fallback, queue: second, priority: 7 } });
    const after = world.spec(first, { targets: [world.target(first, { capacity: 6 })] });
    expect((await world.apply({ one: after })).exitCode).toBe(0);
    expect((await world.live())['one']).toMatchObject({
      fallback: { queue: second, priority: 7, weight: 0.4 },
      ...after,
    });
  });

  verify('a draft is activated', async (world) => {
    const draft = world.spec(world.queues[0], { status: 'draft' });
    const found = await from(world, draft, world.spec(world.queues[0]));
    expect(found).toMatchObject({ status: 'active' });
  });

  verify('a draft is changed and stays a draft', async (world) => {
    const draft = (queue: string): Spec => world.spec(queue, { status: 'draft' });
    const [first, second] = world.queues;
    const found = await from(world, draft(first), draft(second));
    expect(found).toMatchObject({ status: 'draft', targets: [{ queue: second }] });
  });

  verify('an active strategy is taken back to draft', async (world) => {
    const draft = world.spec(world.queues[0], { status: 'draft' });
    const found = await from(world, world.spec(world.queues[0]), draft);
    expect(found).toMatchObject({ status: 'draft' });
  });

  verify('many are changed at once, and what is not asked for stays', async (world) => {
    const [first, second] = world.queues;
    const names = Array.from(
      { length: 12 },
      (_, index) => `many ${String(index).padStart(2, '0')}`,
    );
    const all = (spec: Spec): Record<string, Spec> =>
      Object.fromEntries(names.map((name) => [name, spec]));
    const fallback = { queue: second, priority: 9, weight: 0.4 };
    await world.apply(all(world.spec(first, { fallback })));
    const after = { targets: [world.target(first, { capacity: 6 })] };
    expect((await world.apply(all(after), { force: true })).exitCode).toBe(0);
    expect(await world.live()).toMatchObject(all({ ...after, fallback, status: 'active' }));
    expect((await world.plan(all(after))).plan.changes).toEqual([]);
  });
}
