/** Deleting what is ours and no longer declared. */
import { expect } from 'vitest';
import { states } from '../../support/reconcile.js';
import type { Verify } from '../cases.js';

export function removing(verify: Verify): void {
  verify('what no manifest declares any more is deleted, its record too', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ one: world.spec(first), two: world.spec(second) });
    const run = await world.apply({ two: world.spec(second) });
    expect([run.exitCode, states(run)]).toEqual([0, { 'RoutingStrategy/one': 'deleted' }]);
    expect(Object.keys(await world.live())).toEqual(['two']);
    expect([...(await world.state()).records.keys()]).toEqual(['RoutingStrategy/two']);
    expect((await world.plan({ two: world.spec(second) })).plan.changes).toEqual([]);
  });

  verify('it stays while prune is off, and is told', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    const before = await world.everything();
    const { planned } = await world.apply({}, { prune: false });
    expect(planned.plan.changes).toEqual([]);
    expect(planned.plan.leftAlone?.unmanaged).toEqual(['RoutingStrategy/one']);
    expect(await world.everything()).toEqual(before);
  });

  verify('a new name leaves the new strategy and not the old one', async (world) => {
    await world.apply({ old: world.spec(world.queues[0]) });
    const run = await world.apply({ new: world.spec(world.queues[0]) });
    expect([run.exitCode, states(run)]).toEqual([
      0,
      { 'RoutingStrategy/new': 'created', 'RoutingStrategy/old': 'deleted' },
    ]);
    expect(run.outcomes.map(({ action }) => action)).toEqual(['create', 'delete']);
    expect(Object.keys(await world.live())).toEqual(['new']);
  });

  verify(
    'the old one keeps getting calls when the new one does not become active',
    async (world) => {
      const { unstaffed } = world.platform;
      await world.apply({ old: world.spec(unstaffed) });
      const checks = { skills: 'error', capacity: 'error' };
      const run = await world.apply({ new: world.spec(unstaffed, { checks }) });
      expect([run.exitCode, states(run)]).toEqual([
        5,
        { 'RoutingStrategy/new': 'failed', 'RoutingStrategy/old': 'blocked' },
      ]);
      expect(await world.live()).toMatchObject({
        new: { status: 'draft' },
        old: { status: 'active' },
      });
    },
    'platform',
  );

  verify('what was deleted by hand and is not declared leaves no record behind', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    await world.strategies.remove('one');
    const { exitCode, outcomes } = await world.apply({});
    expect([exitCode, outcomes]).toEqual([0, []]);
    expect((await world.state()).records.size).toBe(0);
  });
}
