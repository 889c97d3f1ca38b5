/** Objects of nobody, and of others. */
import { expect } from 'vitest';
import { OTHER } from '../../support/owned.js';
import { states } from '../../support/reconcile.js';
import type { Verify } from '../cases.js';
import type { Spec, World } from '../world.js';

/** In every field, so that a manifest of it is equal to it. */
function whole(world: World, over: Spec = {}): Spec {
  const { queues } = world;
  const fallback = { queue: queues[2], priority: 99, weight: 0.1 };
  return { ...world.spec(queues[0], { status: 'active', fallback }), ...over };
}

export function adopting(verify: Verify): void {
  verify('a strategy of nobody is not changed without being asked to', async (world) => {
    await world.strategies.make('one', whole(world));
    const before = await world.everything();
    const [first, second] = world.queues;
    const applied = world.apply({ one: world.spec(second), two: world.spec(first) });
    await expect(applied).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/^RoutingStrategy\/one is in the org already.*--adopt/),
    });
    expect(await world.everything()).toEqual(before);
  });

  verify(
    'one that is as git says is left to nobody until somebody asks, and is told',
    async (world) => {
      await world.strategies.make('one', whole(world));
      const before = await world.everything();
      const run = await world.apply({ one: whole(world) });
      expect([run.exitCode, run.outcomes]).toEqual([0, []]);
      expect(run.planned.plan.leftAlone?.unowned).toEqual(['RoutingStrategy/one']);
      expect(await world.everything()).toEqual(before);
      // Nobody's is nobody's: prune does not reach it.
      await world.apply({});
      expect(await world.everything()).toEqual(before);
    },
  );

  verify('adopting an equal one writes nothing but its record', async (world) => {
    await world.strategies.make('one', whole(world));
    const before = await world.strategies.raw();
    const run = await world.apply({ one: whole(world) }, { adopt: true });
    expect([run.exitCode, states(run)]).toEqual([0, { 'RoutingStrategy/one': 'adopted' }]);
    expect(await world.strategies.raw()).toEqual(before);
    expect(await world.record('one')).toMatchObject({ applied: { status: 'active' } });
    expect((await world.plan({ one: whole(world) })).plan.changes).toEqual([]);
  });

  verify('adopting one that differs makes it as the manifest says', async (world) => {
    const [first, second] = world.queues;
    await world.strategies.make('one', whole(world));
    const targets = [world.target(second, { capacity: 12 }), world.target(first, { priority: 2 })];
    const run = await world.apply({ one: { targets } }, { adopting: ['one'] });
    expect([run.exitCode, states(run)]).toEqual([0, { 'RoutingStrategy/one': 'adopted' }]);
    const { fallback = null } = whole(world);
    // What the manifest says nothing about stays.
    expect(await world.live()).toMatchObject({ one: { status: 'active', targets, fallback } });
    expect((await world.plan({ one: { targets } })).plan.changes).toEqual([]);
  });

  verify('a draft of nobody is adopted and activated', async (world) => {
    await world.strategies.make('one', whole(world, { status: 'draft' }));
    expect((await world.apply({ one: whole(world) }, { adopt: true })).exitCode).toBe(0);
    expect((await world.live())['one']).toMatchObject({ status: 'active' });
    expect((await world.plan({ one: whole(world) })).plan.changes).toEqual([]);
  });

  verify('many are adopted and changed at once, which a guard has to be told', async (world) => {
    const names = Array.from(
      { length: 12 },
      (_, index) => `many ${String(index).padStart(2, '0')}`,
    );
    for (const name of names) await world.strategies.make(name, whole(world));
    const all = (spec: Spec) => Object.fromEntries(names.map((name) => [name, spec]));
    const targets = [world.target(world.queues[1])];
    const { exitCode } = await world.apply(all({ targets }), { adopt: true, force: true });
    expect(exitCode).toBe(0);
    expect(await world.live()).toMatchObject(all({ ...whole(world), targets }));
    expect((await world.plan(all({ targets }))).plan.changes).toEqual([]);
  });

  verify('a strategy of nobody that no manifest declares is left alone', async (world) => {
    await world.strategies.make('stranger', whole(world));
    const before = await world.strategies.raw();
    const { planned } = await world.apply({ one: world.spec(world.queues[1]) });
    expect(planned.plan.leftAlone?.strangers).toEqual(['RoutingStrategy/stranger']);
    expect((await world.apply({})).exitCode).toBe(0);
    expect(await world.strategies.raw()).toEqual(before);
  });

  verify("another owner's strategy is refused, whatever is agreed to", async (world) => {
    await world.apply({ one: whole(world) }, { owner: OTHER });
    const before = await world.everything();
    const mine = { one: world.spec(world.queues[1]) };
    await expect(
      world.apply(mine, { adopt: true, force: true, adopting: ['one'] }),
    ).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(
        'RoutingStrategy/one belongs to github.com/acme/elsewhere (environment prod)',
      ),
    });
    expect(await world.everything()).toEqual(before);
  });

  verify('so is the name of one that another owner has claimed and not made yet', async (world) => {
    await world.apply({ one: whole(world) }, { owner: OTHER });
    await world.strategies.remove('one');
    const before = await world.everything();
    await expect(world.apply({ one: whole(world) }, { adopt: true })).rejects.toMatchObject({
      exitCode: 4,
    });
    expect(await world.everything()).toEqual(before);
  });

  verify('two owners beside each other leave each other alone', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ theirs: world.spec(first) }, { owner: OTHER });
    await world.apply({ ours: world.spec(second) });
    expect(Object.keys(await world.live()).sort()).toEqual(['ours', 'theirs']);
    expect(states(await world.apply({}))).toEqual({ 'RoutingStrategy/ours': 'deleted' });
    expect(Object.keys(await world.live())).toEqual(['theirs']);
    const again = await world.plan({ theirs: world.spec(first) }, { owner: OTHER });
    expect(again.plan.changes).toEqual([]);
  });
}
