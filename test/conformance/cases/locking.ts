/** What the lock of a run rests on: of insertions of one key at once, exactly one succeeds. */
import { expect } from 'vitest';
import type { Verify } from '../cases.js';
import type { World } from '../world.js';

const RUNS = ['run a', 'run b', 'run c', 'run d', 'run e'];

async function holder(world: World): Promise<string | null> {
  return (await world.state()).lock?.run ?? null;
}

export function locking(verify: Verify): void {
  verify('of runs that ask for it at once exactly one gets it', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.allSettled(RUNS.map((run) => world.lock(run)));
      const winners = RUNS.filter((_, index) => answers[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await holder(world)).toBe(winners[0]);
      for (const answer of answers) {
        if (answer.status === 'fulfilled') continue;
        expect(answer.reason).toMatchObject({
          exitCode: 4,
          code: 'lock-held',
          message: expect.stringContaining(`run ${winners[0] ?? ''}`),
        });
      }
      expect(await world.unlock(winners[0] ?? '')).toBe(true);
    }
  });

  verify('it is given back by the run that has it, and by no other', async (world) => {
    await world.apply({ one: world.spec(world.queues[0]) });
    await world.lock('run a');
    expect(await world.unlock('run b')).toBe(false);
    expect(await holder(world)).toBe('run a');
    expect(await world.unlock('run a')).toBe(true);
    expect([await world.unlock('run a'), await holder(world)]).toEqual([false, null]);
  });

  verify('it is no record: strategies beside it are whose they were', async (world) => {
    const manifests = { one: world.spec(world.queues[0]), lock: world.spec(world.queues[1]) };
    await world.apply(manifests);
    await world.lock('run a');
    expect((await world.plan(manifests)).plan.changes).toEqual([]);
    expect((await world.apply({ one: manifests.one })).exitCode).toBe(0);
    expect([Object.keys(await world.live()), await holder(world)]).toEqual([['one'], 'run a']);
  });
}
