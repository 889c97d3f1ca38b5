/**
 * A rollback that is killed at any of its requests, and asked for once more, ends where one would
 * that was let finish: its run undone entry by entry, and what others have given still there.
 */
import { describe, expect, it } from 'vitest';
import { driftIn } from '../../src/core/drift.js';
import { planBack } from '../support/back.js';
import { killedAt } from '../support/killed.js';
import { many, manifestOf, sites, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const USERS = ['Ann', 'Bob', 'Cid', 'Dan'];
const mail = (name: string): string => `${name.toLowerCase()}@example.com`;
const RINGS = [{ expandAfterSeconds: 5 }, { expandAfterSeconds: 9 }];

const files = (
  members: readonly (string | [string, number])[],
  rows: Record<string, number>,
): Files => ({
  'q.yaml': manifestOf('Queue', 'Bills', {
    rings: RINGS,
    members: members.map((one) =>
      typeof one === 'string' ? mail(one) : { user: mail(one[0]), ring: one[1] },
    ),
  }),
  't.yaml': sites(rows),
});

function world({ bench: { org } }: Many): unknown {
  const queue = [...org.queues.values()].find(({ name }) => name === 'Bills');
  const members = (queue?.memberIds ?? []).map(
    (id) => `${org.users.get(id)?.name} ${queue?.ringOf.get(id) ?? 1}`,
  );
  const rows = [...(org.tables.get(org.tableNames.get('Sites') ?? '')?.rows ?? [])];
  return {
    members: members.sort(),
    rows: Object.fromEntries(
      rows.map(([key, cells]) => [key, cells.get('agents')] as const).sort(),
    ),
  };
}

/** An org in which a run has been, and somebody else after it. */
async function after(): Promise<{ readonly place: Many; readonly log: MemoryLog }> {
  const users = USERS.map((name) => ({ name, email: mail(name) }));
  const place = many(bench({ ...ORG, users: [...(ORG.users ?? []), ...users] }), 'datatable');
  await place.apply(files(['Ann', ['Bob', 2]], { Bonn: 1, Kiel: 2 }));
  const log = new MemoryLog();
  const planned = await place.plan(files([['Ann', 2], 'Cid'], { Bonn: 5, Ulm: 3 }));
  await place.carryOut(planned, { audit: log });
  const { org } = place.bench;
  const dan = [...org.users.values()].find(({ name }) => name === 'Dan')?.id ?? '';
  const queue = [...org.queues.values()].find(({ name }) => name === 'Bills')?.id ?? '';
  await place.send('POST', `/api/v2/routing/queues/${queue}/members`, [{ id: dan }]);
  const rows = `/api/v2/flows/datatables/${org.tableNames.get('Sites')}/rows`;
  await place.send('POST', rows, { key: 'Essen', agents: 9 });
  return { place, log };
}

/** What git still asks for is its own, and what others have given is drift as before. */
async function drifted(place: Many): Promise<string[]> {
  const { plan, observation } = await place.plan(files([['Ann', 2], 'Cid'], { Bonn: 5, Ulm: 3 }));
  const { drifts } = driftIn(plan, observation.state.records);
  return drifts.flatMap(({ fields }) => fields.map(({ path }) => path));
}
const DRIFT = ['rows["Essen"]', 'members["dan@example.com"]'];

const EXPECTED = {
  members: ['Ann 1', 'Bob 2', 'Dan 1'],
  rows: { Bonn: 1, Essen: 9, Kiel: 2 },
};

describe('a rollback', () => {
  it('that is let finish undoes its run and nothing more, and then has nothing to do', async () => {
    const { place, log } = await after();
    expect(await drifted(place)).toEqual(DRIFT);
    await place.carryOut(await planBack(place, log));
    expect(world(place)).toEqual(EXPECTED);
    expect(await drifted(place)).toEqual(DRIFT);
    const again = await planBack(place, log);
    expect([again.plan.changes, again.chores]).toEqual([[], []]);
  });

  it('killed after any request ends there as well', async () => {
    for (let at = 1; ; at += 1) {
      const { place, log } = await after();
      const { died, request } = await killedAt(place, await planBack(place, log), {
        at,
        when: 'after',
      });
      await place.carryOut(await planBack(place, log));
      expect(world(place), `${at} ${request}`).toEqual(EXPECTED);
      expect(await drifted(place), `${at} ${request}`).toEqual(DRIFT);
      if (!died) break;
    }
  });
});
