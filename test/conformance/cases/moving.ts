/** People at work between a plan and its apply: nothing of theirs is overwritten. */
import { expect } from 'vitest';
import type { Verify } from '../cases.js';
import { states } from '../../support/reconcile.js';

const STALE = { exitCode: 4, outcomes: [{ state: 'stale' }] };

export function moving(verify: Verify): void {
  verify('an edit is not overwritten', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ one: world.spec(first) });
    const planned = await world.plan({ one: world.spec(second) });
    const theirs = [world.target(first, { priority: 3 })];
    await world.strategies.edit('one', { targets: theirs });
    const before = await world.everything();
    const run = await world.carryOut(planned);
    expect(run).toMatchObject(STALE);
    expect(run.outcomes[0]?.message).toContain('was changed in the org after the plan was made');
    expect(await world.everything()).toEqual(before);
    expect((await world.live())['one']).toMatchObject({ targets: theirs });
  });

  verify('the other changes go on', async (world) => {
    const [first, second] = world.queues;
    const all = (queue: string) => ({ a: world.spec(queue), b: world.spec(queue) });
    await world.apply(all(first));
    const planned = await world.plan(all(second));
    await world.strategies.edit('a', { status: 'draft' });
    const run = await world.carryOut(planned);
    expect([run.exitCode, states(run)]).toEqual([
      5,
      { 'RoutingStrategy/a': 'stale', 'RoutingStrategy/b': 'updated' },
    ]);
    expect(await world.live()).toMatchObject({
      a: { status: 'draft', targets: [{ queue: first }] },
      b: { status: 'active', targets: [{ queue: second }] },
    });
  });

  verify('of many, the one that was edited stays as it was edited', async (world) => {
    const [first, second] = world.queues;
    const names = Array.from(
      { length: 12 },
      (_, index) => `many ${String(index).padStart(2, '0')}`,
    );
    const all = (queue: string) =>
      Object.fromEntries(names.map((name) => [name, world.spec(queue)]));
    await world.apply(all(first));
    const planned = await world.plan(all(second));
    await world.strategies.edit('many 07', { status: 'draft' });
    await world.strategies.remove('many 03');
    const run = await world.carryOut(planned, { force: true });
    expect(run.exitCode).toBe(5);
    const others = run.outcomes.filter(({ state }) => state !== 'updated');
    expect(states({ ...run, outcomes: others })).toEqual({
      'RoutingStrategy/many 03': 'stale',
      'RoutingStrategy/many 07': 'stale',
    });
    const live = await world.live();
    expect(Object.keys(live)).toHaveLength(11);
    expect(live['many 07']).toMatchObject({ status: 'draft', targets: [{ queue: first }] });
  });

  verify('what was deleted is not made again by an update', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ one: world.spec(first) });
    const planned = await world.plan({ one: world.spec(second) });
    await world.strategies.remove('one');
    const run = await world.carryOut(planned);
    expect(run).toMatchObject(STALE);
    expect(run.outcomes[0]?.message).toContain('was deleted in the org');
    expect(await world.live()).toEqual({});
  });

  verify(
    'what was deleted before its own delete is stale, and done with the next run',
    async (world) => {
      await world.apply({ one: world.spec(world.queues[0]) });
      const planned = await world.plan({});
      await world.strategies.remove('one');
      expect(await world.carryOut(planned)).toMatchObject(STALE);
      expect((await world.apply({})).exitCode).toBe(0);
      expect((await world.state()).records.size).toBe(0);
    },
  );

  verify('what was edited is not deleted', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    const planned = await world.plan({});
    await world.strategies.edit('one', { status: 'draft' });
    const before = await world.everything();
    expect(await world.carryOut(planned)).toMatchObject(STALE);
    expect(await world.everything()).toEqual(before);
  });

  verify('what somebody made is not overwritten by a create, and not claimed', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ other: world.spec(first) });
    const manifests = { one: world.spec(first), other: world.spec(first) };
    const planned = await world.plan(manifests);
    await world.strategies.make('one', world.spec(second));
    const run = await world.carryOut(planned);
    expect(run).toMatchObject(STALE);
    expect(run.outcomes[0]?.message).toContain('was created in the org by somebody else');
    expect((await world.live())['one']).toMatchObject({ targets: [{ queue: second }] });
    expect(await world.record('one')).toBeUndefined();
    const again = await world.plan(manifests);
    expect(again.plan.changes.map(({ action }) => action)).toEqual(['adopt']);
  });

  verify('of many creates, the one that somebody made is left to them', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ other: world.spec(first) });
    const names = Array.from(
      { length: 12 },
      (_, index) => `many ${String(index).padStart(2, '0')}`,
    );
    const pairs = [...names, 'other'].map((name) => [name, world.spec(first)]);
    const planned = await world.plan(Object.fromEntries(pairs));
    await world.strategies.make('many 07', world.spec(second));
    const run = await world.carryOut(planned);
    const others = run.outcomes.filter(({ state }) => state !== 'created');
    expect([run.exitCode, states({ ...run, outcomes: others })]).toEqual([
      5,
      { 'RoutingStrategy/many 07': 'stale' },
    ]);
    expect((await world.live())['many 07']).toMatchObject({ targets: [{ queue: second }] });
    expect(await world.record('many 07')).toBeUndefined();
  });

  verify('what is to be adopted must still be what the plan showed', async (world) => {
    const [first, second] = world.queues;
    await world.strategies.make('one', world.spec(first, { status: 'active' }));
    const equal = await world.plan({ one: world.spec(first) }, { adopt: true });
    const other = await world.plan({ one: world.spec(second) }, { adopt: true });
    await world.strategies.edit('one', { status: 'draft' });
    for (const planned of [equal, other]) {
      expect(planned.plan.changes).toMatchObject([{ action: 'adopt' }]);
      expect(await world.carryOut(planned, { adopt: true })).toMatchObject(STALE);
    }
    expect((await world.live())['one']).toMatchObject({
      status: 'draft',
      targets: [{ queue: first }],
    });
    expect(await world.record('one')).toBeUndefined();
  });
}
