/** What the org has, as manifests. */
import { expect } from 'vitest';
import { load } from '../../support/manifests.js';
import type { Verify } from '../cases.js';

export function exporting(verify: Verify): void {
  verify(
    'a plan of what was exported finds nothing to change',
    async (world) => {
      const [first, second, third] = world.queues;
      await world.apply({
        'one / two': {
          selection: { skills: [{ skill: world.skills[0] }] },
          targets: [world.target(first, { weight: 1 / 3 }), world.target(second, { weight: 0.1 })],
          fallback: { queue: third, priority: 9, weight: 0 },
        },
        draft: world.spec(second, { status: 'draft' }),
      });
      const { plan } = await world.planFiles(await world.exported());
      expect(plan.changes).toEqual([]);
      expect(plan.counts.unchanged).toBe(2);
    },
    'skills',
  );

  verify('a plan of strategies that we never wrote is empty too', async (world) => {
    const [first, second, third] = world.queues;
    await world.strategies.make('one', world.spec(first, { status: 'active' }));
    await world.strategies.make('two', {
      status: 'draft',
      targets: [world.target(second, { weight: 0.25 }), world.target(first, { weight: 0.75 })],
      fallback: { queue: third, priority: 7, weight: 0.2 },
    });
    const before = await world.strategies.raw();
    const files = await world.exported();
    const planned = await world.planFiles(files);
    expect(planned.plan.changes).toEqual([]);
    expect(planned.plan.leftAlone?.unowned).toEqual(['RoutingStrategy/one', 'RoutingStrategy/two']);
    const adopting = await world.planFiles(files, { adopt: true });
    expect((await world.carryOut(adopting, { adopt: true })).exitCode).toBe(0);
    expect(await world.strategies.raw()).toEqual(before);
    expect((await world.planFiles(files, { adopt: true })).plan.changes).toEqual([]);
  });

  verify(
    'what a person typed in is exported, and what no manifest may lack is told',
    async (world) => {
      const [first, second] = world.queues;
      await world.strategies.type('typed', {
        targets: [world.target(first, { weight: 0.25 }), world.target(second, { weight: 0.75 })],
      });
      const before = await world.strategies.raw();
      const { issues } = load({ ...(await world.exported()), 'environment.yaml': ENVIRONMENT });
      // No column of a row holds a capacity, and no call flow asks for one.
      const isRow = world.site.backend.name === 'datatable';
      expect(issues.map(({ at, code }) => [at?.file, code])).toEqual(
        isRow ? [1, 2].map(() => ['typed.yaml', 'missing-key']) : [],
      );
      const taken = {
        targets: [world.target(first, { weight: 0.25 }), world.target(second, { weight: 0.75 })],
      };
      const { plan } = await world.plan({ typed: taken });
      expect(plan.changes.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual(
        isRow ? [`targets["${first}"].capacity`, `targets["${second}"].capacity`] : [],
      );
      expect((await world.apply({ typed: taken }, { adopt: true })).exitCode).toBe(0);
      expect((await world.live())['typed']).toMatchObject(taken);
      if (!isRow) expect(await world.strategies.raw()).toEqual(before);
    },
  );
}

const ENVIRONMENT = JSON.stringify({
  apiVersion: 'strategos/v1',
  kind: 'Environment',
  metadata: { name: 'test' },
  spec: { backend: 'datatable' },
});
