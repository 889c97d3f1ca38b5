/** The data tables that we keep things in, and administrators who work in them too. */
import { expect } from 'vitest';
import { states } from '../../support/reconcile.js';
import type { Verify } from '../cases.js';
import type { Columns, Which } from '../tables.js';
import type { Need } from '../drivers.js';
import type { World } from '../world.js';

const BOTH: readonly (readonly [Which, string, ...Need[]])[] = [
  ['state', 'the state table'],
  ['objects', 'the table of strategies', 'rows'],
];

export function tables(verify: Verify): void {
  for (const [which, named, ...needs] of BOTH) {
    verify(
      `${named} is refused when it lacks a column, and left as it is`,
      async (world) => {
        const column = which === 'state' ? 'applied' : 'target_03_share';
        const without = (columns: Columns): Columns =>
          Object.fromEntries(Object.entries(columns).filter(([name]) => name !== column));
        await refused(world, which, without, column);
      },
      ...needs,
    );

    verify(
      `${named} is refused when a column has another name`,
      async (world) => {
        const column = which === 'state' ? 'owner' : 'status';
        const renamed = ({ [column]: one = {}, ...rest }: Columns): Columns => ({
          ...rest,
          [`${column}_2`]: one,
        });
        await refused(world, which, renamed, column);
      },
      ...needs,
    );

    verify(
      `${named} is refused when a column has another type`,
      async (world) => {
        const column = which === 'state' ? 'at' : 'targets';
        const retyped = ({ [column]: one = {}, ...rest }: Columns): Columns => ({
          ...rest,
          [column]: { ...one, type: 'boolean' },
        });
        await refused(world, which, retyped, column);
      },
      ...needs,
    );

    verify(
      `a column that a person added to ${named} keeps what is in it`,
      async (world) => {
        const [first, second] = world.queues;
        await world.apply({ one: world.spec(first) });
        await world.tables.addColumn(which, 'note', 'string', 'nothing');
        const key = which === 'state' ? world.keyOf('RoutingStrategy/one') : 'one';
        await world.tables.editRow(which, key, { note: 'call Ada first' });
        expect((await world.plan({ one: world.spec(first) })).plan.changes).toEqual([]);
        expect((await world.apply({ one: world.spec(second) })).exitCode).toBe(0);
        expect(await world.tables.row(which, key)).toMatchObject({ note: 'call Ada first' });
        await world.apply({ one: world.spec(second), two: world.spec(first) });
        const other = which === 'state' ? world.keyOf('RoutingStrategy/two') : 'two';
        expect(await world.tables.row(which, other)).toMatchObject({ note: 'nothing' });
      },
      ...needs,
    );

    verify(
      `so it does in ${named} when many rows are written at once`,
      async (world) => {
        const [first, second] = world.queues;
        const names = Array.from({ length: 12 }, (_, index) => `many ${index + 10}`);
        const all = (queue: string) =>
          Object.fromEntries(names.map((name) => [name, world.spec(queue)]));
        await world.apply(all(first));
        await world.tables.addColumn(which, 'note', 'string', 'nothing');
        const key = which === 'state' ? world.keyOf('RoutingStrategy/many 13') : 'many 13';
        await world.tables.editRow(which, key, { note: 'call Ada first' });
        expect((await world.apply(all(second), { force: true })).exitCode).toBe(0);
        expect(await world.tables.row(which, key)).toMatchObject({ note: 'call Ada first' });
      },
      ...needs,
    );
  }

  verify('rows of others in the state table stay', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    const empty = Object.fromEntries(
      Object.keys(await world.tables.row('state', world.keyOf('RoutingStrategy/one'))).map(
        (name) => [name, ''],
      ),
    );
    await world.tables.insert('state', { ...empty, key: 'a note of Ada' });
    expect((await world.apply({})).exitCode).toBe(0);
    expect((await world.tables.rows('state')).map(({ key }) => key)).toEqual(['a note of Ada']);
  });

  gone(verify);
  crowded(verify);
}

/** A table of our name that is not ours: nothing is planned, nothing is written. */
async function refused(
  world: World,
  which: Which,
  change: (columns: Columns) => Columns,
  column: string,
): Promise<void> {
  const manifests = { one: world.spec(world.queues[0]) };
  await world.apply(manifests);
  await world.tables.remake(which, change);
  const before = await world.tables.find(which);
  const strategies = await world.strategies.raw();
  await expect(world.apply(manifests, { adopt: true, force: true })).rejects.toMatchObject({
    exitCode: 4,
    code: 'foreign-table',
    message: expect.stringMatching(
      new RegExp(`"${quoted(world.tables.name(which))}".*column ${column}.*nothing was changed`),
    ),
  });
  expect(await world.tables.find(which)).toEqual(before);
  expect([await world.strategies.raw(), await world.tables.rows(which)]).toEqual([strategies, []]);
}

function quoted(text: string): string {
  return text.replace(/[()]/g, '\\$&');
}

function gone(verify: Verify): void {
  verify(
    'a table of strategies that is removed after the plan is not made again in silence',
    async (world) => {
      const [first, second] = world.queues;
      await world.apply({ one: world.spec(first) });
      const manifests = { one: world.spec(second), two: world.spec(first) };
      const planned = await world.plan(manifests);
      await world.tables.remove('objects');
      const run = await world.carryOut(planned);
      expect(run.exitCode).not.toBe(0);
      expect(new Set(Object.values(states(run)))).toEqual(new Set(['stale']));
      for (const { action, message, hint } of run.outcomes) {
        expect(message).toContain('flows.datatables.table.not.found');
        expect(hint).toContain('plan again');
        // What was never there cannot have been deleted.
        if (action === 'create') expect(message).not.toContain('was deleted in the org');
      }
      expect(await world.tables.find('objects')).toBeNull();
      const again = await world.apply(manifests);
      expect(again.exitCode).toBe(0);
      expect(again.planned.plan.tables).toEqual([world.tables.name('objects')]);
      expect(await world.live()).toMatchObject(manifests);
    },
    'rows',
  );

  verify(
    'a state table that is removed after the plan stops the run: nothing is written unrecorded',
    async (world) => {
      const [first, second] = world.queues;
      const manifests = { one: world.spec(second), two: world.spec(second) };
      await world.apply({ one: world.spec(first) });
      const planned = await world.plan(manifests);
      await world.tables.remove('state');
      const before = await world.strategies.raw();
      const run = await world.carryOut(planned);
      expect(run.exitCode).not.toBe(0);
      expect(run.outcomes[0]?.message).toContain('flows.datatables.table.not.found');
      expect(await world.strategies.raw()).toEqual(before);
      const again = await world.plan(manifests);
      expect(again.plan.tables).toEqual([world.tables.name('state')]);
      expect((await world.carryOut(again, { adopt: true })).exitCode).toBe(0);
      expect(await world.live()).toMatchObject(manifests);
      expect((await world.state()).records.size).toBe(2);
    },
  );
}

function crowded(verify: Verify): void {
  verify(
    'a table that is full takes no new strategy, says so, and loses nothing else',
    async (world) => {
      const [first, second] = world.queues;
      await world.apply({ ours: world.spec(first) });
      world.platform.crowd(4999);
      const { exchange, sent } = world.watching();
      const manifests = { ours: world.spec(second), 'one more': world.spec(first) };
      const planned = await world.plan(manifests, { exchange });
      const pages = sent.filter(({ path }) => /rows\?.*pageSize=500/.test(path));
      expect(pages.length).toBeGreaterThanOrEqual(10);
      expect(pages.length).toBeLessThanOrEqual(11);
      expect(planned.plan.leftAlone?.strangers).toHaveLength(4999);
      await expect(world.carryOut(planned)).rejects.toThrow(
        'has 5000 rows and would get 1 more; there is room for 5000',
      );
      expect(await world.record('one more')).toBeUndefined();
      // Where somebody says that the platform has room for more, it has the last word.
      const run = await world.carryOut(planned, { force: true });
      expect([run.exitCode, states(run)]).toEqual([
        5,
        { 'RoutingStrategy/one more': 'failed', 'RoutingStrategy/ours': 'updated' },
      ]);
      const failed = run.outcomes.find(({ state }) => state === 'failed');
      expect(failed?.message).toContain('flows.datatables.too.many.rows');
      expect(failed?.message).toContain('The limit of 5000 rows is reached');
      const live = await world.live();
      expect(Object.keys(live)).toHaveLength(5000);
      expect(live['ours']).toMatchObject({ targets: [{ queue: second }] });
      expect(await world.record('one more')).toBeUndefined();
    },
    'full table',
    'platform',
  );

  verify(
    'a table that has room for some takes those, and says which it did not take',
    async (world) => {
      const [first] = world.queues;
      await world.apply({ ours: world.spec(first) });
      world.platform.crowd(4996);
      // No more than the rest of which is asked for one by one: of others the claims stay.
      const names = Array.from({ length: 23 }, (_, index) => `many ${index + 10}`);
      const pairs = [...names, 'ours'].map((name) => [name, world.spec(first)]);
      const run = await world.apply(Object.fromEntries(pairs), { force: true });
      expect(run.exitCode).toBe(5);
      const made = run.outcomes.filter(({ state }) => state === 'created');
      expect(made).toHaveLength(3);
      const live = await world.live();
      expect(Object.keys(live)).toHaveLength(5000);
      for (const { address } of made) expect(live).toHaveProperty([address.slice(16)]);
      expect([...(await world.state()).records.keys()].sort()).toEqual(
        ['RoutingStrategy/ours', ...made.map(({ address }) => address)].sort(),
      );
    },
    'full table',
    'platform',
  );
}
