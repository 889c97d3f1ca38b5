/** Creating, keeping, and activation that does not come about. */
import { expect } from 'vitest';
import { states } from '../../support/reconcile.js';
import type { Verify } from '../cases.js';
import type { Spec, World } from '../world.js';

/** Every field that there is, with two tiers of targets. */
function rich(world: World): Spec {
  const [first, second, third] = world.queues;
  return {
    selection: { skills: [{ skill: world.skills[0] }] },
    targets: [
      world.target(first, { weight: 0.7 }),
      world.target(second, { weight: 0.3, capacity: 9 }),
    ],
    fallback: { queue: third, priority: 99, weight: 0.1 },
  };
}

export function making(verify: Verify): void {
  verify('an active strategy is created, with its record', async (world) => {
    const [first, , third] = world.queues;
    const spec = world.spec(first, { fallback: { queue: third } });
    const { outcomes, exitCode } = await world.apply({ one: spec });
    expect([exitCode, states({ outcomes, exitCode, fault: null })]).toEqual([
      0,
      { 'RoutingStrategy/one': 'created' },
    ]);
    expect(await world.live()).toEqual({
      one: {
        status: 'active',
        selection: { skills: [] },
        targets: [{ queue: first, priority: 1, weight: 1, capacity: 5 }],
        fallback: { queue: third, priority: 99, weight: 0.1 },
      },
    });
    const record = await world.record('one');
    expect(record).toMatchObject({ owner: { name: 'test', environment: 'test' } });
    expect(record).toMatchObject({ run: 'run 1', applied: { status: 'active' } });
    expect(record?.id).not.toBeNull();
  });

  verify('a draft is created where the manifest asks for one', async (world) => {
    const spec = world.spec(world.queues[0], { status: 'draft' });
    expect((await world.apply({ one: spec })).exitCode).toBe(0);
    expect((await world.live())['one']).toMatchObject({ ...spec, status: 'draft' });
  });

  verify(
    'skills, shares, tiers and fallback come to the org as they are written',
    async (world) => {
      const [first, second, third] = world.queues;
      const [asked, preferred] = world.skills;
      const skills = [
        { skill: asked, required: true },
        { skill: preferred, required: false },
      ].sort((a, b) => (a.skill < b.skill ? -1 : 1));
      const spec = {
        status: 'active',
        selection: { skills },
        targets: [
          world.target(first, { weight: 0.25 }),
          world.target(second, { weight: 0.75, capacity: 7 }),
          world.target(third, { priority: 2, weight: 0.5 }),
        ],
        fallback: null,
      };
      expect((await world.apply({ one: spec })).exitCode).toBe(0);
      expect(await world.live()).toEqual({ one: spec });
    },
    'skills',
  );

  verify('many are created at once, each with its record', async (world) => {
    const names = Array.from(
      { length: 12 },
      (_, index) => `many ${String(index).padStart(2, '0')}`,
    );
    const specs = names.map((_, index): Spec => {
      const queue = world.queues[index % 3] ?? '';
      return { ...world.spec(queue), targets: [world.target(queue, { capacity: index + 1 })] };
    });
    const manifests = Object.fromEntries(names.map((name, index) => [name, specs[index] ?? {}]));
    const { exitCode, outcomes } = await world.apply(manifests);
    expect(outcomes.filter(({ state }) => state !== 'created')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(await world.live()).toMatchObject(manifests);
    expect([...(await world.state()).records.values()].every(({ id }) => id !== null)).toBe(true);
    expect((await world.plan(manifests)).plan.changes).toEqual([]);
  });

  verify(
    'what is as the manifests say stays, and nothing is sent',
    async (world) => {
      const [first, second] = world.queues;
      const manifests = {
        one: rich(world),
        two: world.spec(second, { status: 'draft' }),
        three: world.spec(first, { selection: { skills: [] }, fallback: null }),
      };
      expect((await world.apply(manifests)).exitCode).toBe(0);
      const before = await world.everything();
      const { exchange, sent } = world.watching();
      const { planned, outcomes } = await world.apply(manifests, { exchange });
      expect([planned.plan.changes, planned.chores, outcomes]).toEqual([[], [], []]);
      expect(planned.plan.counts.unchanged).toBe(3);
      expect(
        sent.filter(({ method, path }) => method !== 'GET' && !path.includes('oauth')),
      ).toEqual([]);
      expect(await world.everything()).toEqual(before);
    },
    'skills',
  );

  activating(verify);
}

function activating(verify: Verify): void {
  const checked = { checks: { skills: 'error', capacity: 'error' } };

  verify(
    'a new strategy whose checks fail is kept as a draft that no call is routed by',
    async (world) => {
      const { platform, queues } = world;
      const manifests = {
        busy: world.spec(platform.unstaffed, checked),
        other: world.spec(queues[0], checked),
      };
      const { exitCode, outcomes } = await world.apply(manifests);
      expect(exitCode).toBe(5);
      const message = outcomes.find(({ address }) => address.endsWith('/busy'))?.message;
      expect(message).toMatch(/^created as draft, not activated: capacity: Nobody: /);
      expect(await world.live()).toMatchObject({
        busy: { status: 'draft' },
        other: { status: 'active' },
      });
      expect(await world.record('busy')).toMatchObject({ applied: { status: 'draft' } });
    },
    'platform',
  );

  verify(
    'it becomes active with the next apply, once its queue is staffed',
    async (world) => {
      const { platform } = world;
      const manifests = { busy: world.spec(platform.unstaffed, checked) };
      await world.apply(manifests);
      platform.staff(platform.unstaffed);
      expect((await world.apply(manifests)).exitCode).toBe(0);
      expect((await world.live())['busy']).toMatchObject({ status: 'active' });
      expect((await world.plan(manifests)).plan.changes).toEqual([]);
    },
    'platform',
  );

  verify(
    'a draft whose checks fail is brought up to date and stays a draft',
    async (world) => {
      const { platform, queues } = world;
      const draft = world.spec(queues[0], { status: 'draft' });
      await world.apply({ one: draft });
      const { exitCode } = await world.apply({ one: world.spec(platform.unstaffed, checked) });
      expect(exitCode).toBe(5);
      expect((await world.live())['one']).toMatchObject({
        status: 'draft',
        targets: [{ queue: platform.unstaffed, weight: 1, capacity: 5 }],
      });
    },
    'platform',
  );

  verify(
    'an active strategy is left as it was when a queue that it is to get has nobody',
    async (world) => {
      const { platform, queues } = world;
      await world.apply({ one: world.spec(queues[0]) });
      const before = await world.everything();
      const targets = [world.target(queues[0]), world.target(platform.unstaffed, { priority: 2 })];
      const { exitCode, outcomes } = await world.apply({ one: { targets, ...checked } });
      expect([exitCode, outcomes[0]?.state]).toEqual([5, 'failed']);
      expect(outcomes[0]?.message).toMatch(/^not changed: capacity: Nobody: /);
      expect(await world.everything()).toEqual(before);
    },
    'platform',
  );

  verify(
    'a strategy that the platform does not activate is reported, and mended by the next apply',
    async (world) => {
      const { platform, queues } = world;
      const first = await world.apply({ one: world.spec(platform.closed) });
      expect([first.exitCode, first.outcomes[0]?.state]).toEqual([5, 'failed']);
      expect(first.outcomes[0]?.message).toContain("Queue 'Closed' is disabled");
      expect((await world.live())['one']).toMatchObject({ status: 'failed' });
      expect((await world.apply({ one: world.spec(queues[0]) })).exitCode).toBe(0);
      expect((await world.live())['one']).toMatchObject({ status: 'active' });
    },
    'activation',
    'platform',
  );
}
