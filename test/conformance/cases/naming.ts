/** Names that are hard on paths, files, keys and eyes. */
import { expect } from 'vitest';
import type { Verify } from '../cases.js';

const NAMES = [
  'a/b/../c',
  'Überlauf – Nacht 夜間 🌙',
  'x'.repeat(128),
  '100 % + 5 & ? #',
  'say "hi", then; |go|',
  "=1+1,'quoted'",
  'lock',
  'RoutingStrategy/lock',
  '__proto__',
  'constructor',
  'true',
  '0',
];

export function naming(verify: Verify): void {
  for (const name of NAMES) {
    const shown = name.length > 40 ? `of ${name.length} characters` : name;
    verify(`a strategy named ${shown} is made, changed and deleted`, async (world) => {
      const [first, second] = world.queues;
      expect((await world.apply({ [name]: world.spec(first) })).exitCode).toBe(0);
      expect((await world.plan({ [name]: world.spec(first) })).plan.changes).toEqual([]);
      expect((await world.apply({ [name]: world.spec(second) })).exitCode).toBe(0);
      expect(Object.entries(await world.live())).toMatchObject([
        [name, { status: 'active', targets: [{ queue: second }] }],
      ]);
      expect((await world.apply({})).exitCode).toBe(0);
      expect([await world.live(), (await world.state()).records.size]).toEqual([{}, 0]);
    });
  }

  verify('all of them are made and changed at once', async (world) => {
    const [first, second] = world.queues;
    const all = (queue: string) =>
      Object.fromEntries(NAMES.map((name) => [name, world.spec(queue)]));
    for (const queue of [first, second]) {
      const { exitCode, outcomes } = await world.apply(all(queue), { force: true });
      expect(outcomes.filter(({ message }) => message !== '')).toEqual([]);
      expect(exitCode).toBe(0);
      const found = Object.entries(await world.live());
      expect(found.map(([name]) => name).sort()).toEqual([...NAMES].sort());
      expect(found.every(([, spec]) => spec['status'] === 'active')).toBe(true);
      expect((await world.plan(all(queue))).plan.changes).toEqual([]);
    }
  });

  verify(
    'a name of 128 characters of which each takes two is made or refused whole',
    async (world) => {
      const name = '🌙'.repeat(128);
      const { outcomes } = await world.apply({ [name]: world.spec(world.queues[0]) });
      // Nobody knows how the platform counts them.
      const made = outcomes[0]?.state === 'created';
      expect(Object.keys(await world.live())).toEqual(made ? [name] : []);
      expect((await world.state()).records.size).toBe(made ? 1 : 0);
      expect((await world.apply({})).exitCode).toBe(0);
      expect(await world.live()).toEqual({});
    },
  );

  verify(
    'names that only a machine tells apart stop each other and nothing else',
    async (world) => {
      const [first] = world.queues;
      for (const [one, other] of TWINS) {
        const manifests = { [one]: world.spec(first), [other]: world.spec(first) };
        const { exitCode, planned } = await world.apply({ ...manifests, apart: world.spec(first) });
        expect(exitCode).toBe(0);
        expect(planned.plan.blocked).toMatchObject(
          [one, other].sort().map((name) => ({ address: `RoutingStrategy/${name}` })),
        );
        expect(Object.keys(await world.live())).toEqual(['apart']);
        expect((await world.apply({})).exitCode).toBe(0);
      }
    },
  );

  verify('so does one that differs so from a strategy of somebody else', async (world) => {
    const [first] = world.queues;
    await world.strategies.make('NIGHT', world.spec(first));
    const before = await world.everything();
    const { plan } = await world.plan({ night: world.spec(first) });
    expect(plan.changes).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toMatch(/NIGHT \(in the org\) differ/);
    expect(await world.everything()).toEqual(before);
  });

  verify('a change of case alone deletes nothing: the old name keeps its calls', async (world) => {
    const [first] = world.queues;
    await world.apply({ night: world.spec(first) });
    const { plan } = await world.plan({ Night: world.spec(first) });
    expect(plan.changes).toEqual([]);
    expect(plan.blocked?.map(({ address }) => address)).toEqual([
      'RoutingStrategy/Night',
      'RoutingStrategy/night',
    ]);
  });
}

/** Letter case, composed and decomposed, nothing to be seen, and other blanks. */
const TWINS: readonly (readonly [string, string])[] = [
  ['Night', 'night'],
  ['Z\u00fcrich', 'Zu\u0308rich'],
  ['Bonn', 'Bonn\u200b'],
  ['Tier 1', 'Tier\u00a01'],
];
