/** What the org has, as manifests. */
import { expect } from 'vitest';
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

  verify(
    'of strategies that we never wrote, only whose they are is to be recorded',
    async (world) => {
      const [first, second] = world.queues;
      await world.strategies.make('one', world.spec(first, { status: 'active' }));
      await world.strategies.make('two', {
        status: 'draft',
        targets: [world.target(second, { weight: 0.25 }), world.target(first, { weight: 0.75 })],
        fallback: { queue: world.queues[2], priority: 7, weight: 0.2 },
      });
      const before = await world.strategies.raw();
      const files = await world.exported();
      const { plan } = await world.planFiles(files);
      expect(plan.changes.map(({ action, fields }) => [action, fields])).toEqual([
        ['adopt', []],
        ['adopt', []],
      ]);
      await world.carryOut(await world.planFiles(files), { adopt: true });
      expect(await world.strategies.raw()).toEqual(before);
      expect((await world.planFiles(files)).plan.changes).toEqual([]);
    },
  );
}
