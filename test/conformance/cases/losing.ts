/** Answers that never come, and an org that has forgotten whose things are. */
import { expect } from 'vitest';
import type { Verify } from '../cases.js';
import type { Manifests, World, Write } from '../world.js';

export function losing(verify: Verify): void {
  for (const lost of ['before', 'after'] as const) {
    verify(`a create whose answer is lost ${lost} its effect`, async (world) => {
      await settled(world, 'create', lost, kept(world), { ...kept(world), ...made(world) });
    });
    verify(`the claim of a create, lost ${lost} its effect`, async (world) => {
      await settled(world, 'claim', lost, kept(world), { ...kept(world), ...made(world) });
    });
    verify(`the record of a create, lost ${lost} its effect`, async (world) => {
      await settled(world, 'record', lost, kept(world), { ...kept(world), ...made(world) });
    });
    verify(
      `the request to activate, lost ${lost} its effect`,
      async (world) => {
        await settled(world, 'activate', lost, kept(world), { ...kept(world), ...made(world) });
      },
      'activation',
    );
    verify(`an update whose answer is lost ${lost} its effect`, async (world) => {
      await settled(world, 'update', lost, kept(world), moved(world));
    });
    verify(`the record of an update, lost ${lost} its effect`, async (world) => {
      await settled(world, 'record', lost, kept(world), moved(world));
    });
    verify(`a delete whose answer is lost ${lost} its effect`, async (world) => {
      await settled(world, 'delete', lost, { ...kept(world), ...made(world) }, kept(world));
    });
    verify(`the end of the record of a delete, lost ${lost} its effect`, async (world) => {
      await settled(world, 'release', lost, { ...kept(world), ...made(world) }, kept(world));
    });
  }

  verify('a plan after a lost update blames nobody for what we wrote', async (world) => {
    const [first] = world.queues;
    const at = (priority: number): Manifests => ({
      one: { targets: [world.target(first, { priority })] },
    });
    await world.apply(at(1));
    const exchange = await world.silenced('update', 'after');
    expect((await world.apply(at(2), { exchange })).exitCode).toBe(7);
    await world.apply(at(2));
    const { plan } = await world.plan(at(3));
    expect(plan.changes[0]?.fields.map(({ cause }) => cause)).toEqual(['git']);
  });

  verify('a create that was not made is taken up with another content', async (world) => {
    await world.apply(kept(world));
    const exchange = await world.silenced('create', 'before');
    await world.apply({ ...kept(world), ...made(world) }, { exchange });
    // By name alone nobody can tell what is too new for a listing from what is not there.
    if (world.site.backend.name === 'strategies-api') await world.pass(180_000);
    const other = { ...kept(world), made: world.spec(world.queues[1]) };
    expect((await world.apply(other)).exitCode).toBe(0);
    expect(await world.live()).toMatchObject(other);
    expect((await world.plan(other)).plan.changes).toEqual([]);
  });

  verify('a create that was not made and is given up leaves no record', async (world) => {
    await world.apply(kept(world));
    const exchange = await world.silenced('create', 'before');
    await world.apply({ ...kept(world), ...made(world) }, { exchange });
    expect((await world.apply(kept(world))).exitCode).toBe(0);
    expect([...(await world.state()).records.keys()]).toEqual(['RoutingStrategy/kept']);
  });

  verify('what somebody made under a name that we had only claimed is theirs', async (world) => {
    await world.apply(kept(world));
    const exchange = await world.silenced('create', 'before');
    await world.apply({ ...kept(world), ...made(world) }, { exchange });
    const theirs = world.spec(world.queues[1], { status: 'active' });
    await world.strategies.make('made', theirs);
    const before = await world.strategies.raw();
    const { plan } = await world.plan({ ...kept(world), ...made(world) });
    expect(plan.changes.map(({ action }) => action)).toEqual(['adopt']);
    // Also when git comes to say what they made, and stops saying it.
    const run = await world.apply({ ...kept(world), made: theirs });
    expect(run.planned.plan.leftAlone?.unowned).toEqual(['RoutingStrategy/made']);
    await world.apply(kept(world));
    expect(await world.strategies.raw()).toEqual(before);
  });

  verify('a record that is lost makes its strategy a stranger, and no other', async (world) => {
    const manifests = { ...kept(world), ...made(world) };
    await world.apply(manifests);
    await world.tables.removeRow('state', world.keyOf('RoutingStrategy/made'));
    await forgotten(world, manifests, ['RoutingStrategy/made']);
  });

  verify('a state table that is lost makes strangers of all strategies', async (world) => {
    const manifests = { ...kept(world), ...made(world) };
    await world.apply(manifests);
    await world.tables.remove('state');
    await forgotten(world, manifests, ['RoutingStrategy/kept', 'RoutingStrategy/made']);
  });

  verify('nothing is deleted by a memory that is lost', async (world) => {
    await world.apply({ ...kept(world), ...made(world) });
    await world.tables.remove('state');
    const before = await world.strategies.raw();
    const { planned } = await world.apply({});
    expect(planned.plan.changes).toEqual([]);
    expect(planned.plan.leftAlone?.strangers).toHaveLength(2);
    expect(await world.strategies.raw()).toEqual(before);
  });

  verify('what a person typed into a record is unknown, not believed', async (world) => {
    const [first, second] = world.queues;
    await world.apply({ one: world.spec(first) });
    const applied = JSON.stringify({ status: 'active', targets: [world.target(second)] });
    await world.tables.editRow('state', world.keyOf('RoutingStrategy/one'), { applied });
    const { plan } = await world.plan({ one: world.spec(second) });
    expect(plan.changes[0]).toMatchObject({ action: 'update' });
    expect(new Set(plan.changes[0]?.fields.map(({ cause }) => cause))).toEqual(new Set([null]));
  });
}

function kept(world: World): Manifests {
  return { kept: world.spec(world.queues[0]) };
}

function moved(world: World): Manifests {
  return { kept: world.spec(world.queues[1], { status: 'draft' }) };
}

function made(world: World): Manifests {
  return { made: world.spec(world.queues[2]) };
}

/**
 * Whatever became of the write: a run that can still look makes it good by itself, and after one
 * that cannot the next apply makes the org as asked, and asks for no consent.
 */
async function settled(
  world: World,
  write: Write,
  lost: 'before' | 'after',
  before: Manifests,
  after: Manifests,
): Promise<void> {
  expect((await world.apply(before)).exitCode).toBe(0);
  const { exchange } = await world.breaking(write, { lost });
  const looked = await world.apply(after, { exchange });
  expect([looked.exitCode, looked.outcomes.map(({ message }) => message).join('')]).toEqual([
    ...[0, ''],
  ]);
  await isAsAsked(world, after);
  expect((await world.apply(before)).exitCode).toBe(0);
  const silent = await world.silenced(write, lost);
  const first = await world.apply(after, { exchange: silent });
  expect(first.exitCode).toBe(7);
  expect(first.outcomes.filter(({ state }) => state === 'failed')).toHaveLength(1);
  const second = await world.apply(after);
  expect(second.exitCode).toBe(0);
  expect(second.outcomes.filter(({ action }) => action === 'adopt')).toEqual([]);
  await isAsAsked(world, after);
}

async function isAsAsked(world: World, after: Manifests): Promise<void> {
  const live = await world.live();
  expect(live).toMatchObject(after);
  expect(Object.keys(live).sort()).toEqual(Object.keys(after).sort());
  const { records } = await world.state();
  expect([...records.keys()].sort()).toEqual(
    Object.keys(after)
      .map((name) => `RoutingStrategy/${name}`)
      .sort(),
  );
  expect([...records.values()].filter(({ id }) => id === null)).toEqual([]);
  const { plan, chores } = await world.plan(after);
  expect([plan.changes, chores]).toEqual([[], []]);
}

/** They are not touched when git says something else, and adopting them writes records alone. */
async function forgotten(
  world: World,
  manifests: Manifests,
  addresses: readonly string[],
): Promise<void> {
  const before = await world.strategies.raw();
  const same = await world.apply(manifests);
  expect(same.outcomes).toEqual([]);
  expect(same.planned.plan.leftAlone?.unowned).toEqual(addresses);
  const other = Object.keys(manifests).map((name) => [name, world.spec(world.queues[1])]);
  await expect(
    world.apply(Object.fromEntries(other) as Manifests, { force: true }),
  ).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining(addresses.join(', ')) });
  expect(await world.strategies.raw()).toEqual(before);
  const adopted = await world.apply(manifests, { adopt: true });
  expect(adopted.outcomes.map(({ address, state }) => [address, state])).toEqual(
    addresses.map((address) => [address, 'adopted']),
  );
  expect(await world.strategies.raw()).toEqual(before);
  expect((await world.plan(manifests)).plan.changes).toEqual([]);
  expect((await world.state()).records.size).toBe(Object.keys(manifests).length);
}
