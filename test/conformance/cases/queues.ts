/** Queues that are renamed, removed or there twice, while strategies name them. */
import { expect } from 'vitest';
import type { Planned } from '../../../src/engine/planning.js';
import type { Verify } from '../cases.js';

/** What is wrong with the manifests, a line each. */
async function wrong(planned: Promise<Planned>): Promise<string[]> {
  const { changes, blocked = [] } = (await planned).plan;
  expect(changes).toEqual([]);
  return blocked.flatMap(({ address, obstacles }) =>
    obstacles.map(({ message, hint }) => `${address}: ${message} → ${hint ?? ''}`),
  );
}

export function queues(verify: Verify): void {
  verify(
    'a queue that was renamed is missed by its old name, and nothing is written',
    async (world) => {
      await world.apply({ one: world.spec('Alpha') });
      world.platform.renameQueue('Alpha', 'Alpha 2');
      const before = await world.everything();
      const [said = '', ...rest] = await wrong(world.plan({ one: world.spec('Alpha') }));
      expect(rest).toEqual([]);
      expect(said).toMatch(/^RoutingStrategy\/one: the org has no queue "Alpha"; /);
      expect(said).toMatch(/\(id [-0-9a-f]+\) is called "Alpha 2" now → write "Alpha 2" in the /);
      expect(said).toMatch(/, or rename the queue back to "Alpha" in the org$/);
      expect(await world.everything()).toEqual(before);
    },
    'platform',
  );

  verify(
    'under its new name the strategy reaches it again',
    async (world) => {
      await world.apply({ one: world.spec('Alpha') });
      world.platform.renameQueue('Alpha', 'First');
      expect((await world.apply({ one: world.spec('First') })).exitCode).toBe(0);
      expect((await world.live())['one']).toMatchObject({
        status: 'active',
        targets: [{ queue: 'First', capacity: 5 }],
      });
      expect((await world.plan({ one: world.spec('First') })).plan.changes).toEqual([]);
    },
    'platform',
  );

  verify(
    'a queue that was removed is missed, and a strategy can leave it',
    async (world) => {
      await world.apply({ one: world.spec('Alpha', { fallback: { queue: 'Beta' } }) });
      world.platform.removeQueue('Alpha');
      const [issue] = await wrong(world.plan({ one: world.spec('Alpha') }));
      expect(issue).toMatch(/the org has no queue "Alpha"; the one that it was .* was deleted/);
      expect((await world.apply({ one: world.spec('Gamma') })).exitCode).toBe(0);
      expect((await world.live())['one']).toMatchObject({
        status: 'active',
        targets: [{ queue: 'Gamma' }],
        fallback: { queue: 'Beta' },
      });
    },
    'platform',
  );

  verify(
    'a strategy whose fallback was removed can be changed, the fallback untouched',
    async (world) => {
      await world.apply({ one: world.spec('Alpha', { fallback: { queue: 'Beta' } }) });
      world.platform.removeQueue('Beta');
      const after = { targets: [world.target('Alpha', { capacity: 9 })] };
      expect((await world.apply({ one: after })).exitCode).toBe(0);
      expect((await world.live())['one']).toMatchObject(after);
      expect((await world.live())['one']?.['fallback']).toMatchObject({ priority: 99 });
    },
    'platform',
  );

  verify(
    'a strategy whose queue was removed can be deleted',
    async (world) => {
      await world.apply({ one: world.spec('Alpha') });
      world.platform.removeQueue('Alpha');
      expect((await world.apply({})).exitCode).toBe(0);
      expect(await world.live()).toEqual({});
    },
    'platform',
  );

  verify(
    'a name that two queues have is refused with the ids of both',
    async (world) => {
      const ids = world.platform.doubleQueue('Alpha');
      const [issue] = await wrong(world.plan({ one: world.spec('Alpha') }));
      expect(issue).toBe(
        'RoutingStrategy/one: the org has 2 queues named "Alpha" → ' +
          `say which one: ${ids.map((id) => `{ id: ${id} }`).join(' or ')}`,
      );
      expect(await world.live()).toEqual({});
    },
    'platform',
  );

  verify(
    'a strategy can leave a queue whose name another one has taken since',
    async (world) => {
      await world.apply({ one: world.spec('Alpha') });
      world.platform.doubleQueue('Alpha');
      expect((await world.apply({ one: world.spec('Beta') })).exitCode).toBe(0);
      expect((await world.live())['one']).toMatchObject({ targets: [{ queue: 'Beta' }] });
      expect((await world.apply({})).exitCode).toBe(0);
      expect(await world.live()).toEqual({});
    },
    'platform',
  );

  verify(
    'one of two queues of a name can be meant by its id, where ids are kept',
    async (world) => {
      const [, second = ''] = world.platform.doubleQueue('Alpha');
      const manifests = { one: { targets: [{ queue: { id: second }, capacity: 5 }] } };
      if (world.site.backend.name === 'strategies-api') {
        expect((await world.apply(manifests)).exitCode).toBe(0);
        const [entity] = await world.strategies.raw();
        expect(entity).toMatchObject({ status: 'active', targets: [{ id: second }] });
        expect((await world.plan(manifests)).plan.changes).toEqual([]);
      } else {
        const [issue] = await wrong(world.plan(manifests));
        expect(issue).toContain('has no name to itself, and the data table holds names');
        expect(await world.live()).toEqual({});
      }
    },
    'platform',
  );
}
