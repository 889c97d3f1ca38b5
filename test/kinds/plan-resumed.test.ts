/**
 * A plan that was reviewed, whose apply was killed in the middle of a create: the same plan goes on
 * where that run had come to, and nowhere else.
 */
import { describe, expect, it } from 'vitest';
import { movedSince, remaining } from '../../src/core/plan.js';
import type { Plan } from '../../src/core/types.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import { faulty, refusal } from '../support/faults.js';
import { killedAt } from '../support/killed.js';
import { many, manifestOf, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const mail = (name: string): string => `${name}@example.com`;
const QUEUE: Files = {
  'c.yaml': manifestOf('WrapupCode', 'Solved', {}),
  'q.yaml': manifestOf('Queue', 'Bills', {
    rings: [{ expandAfterSeconds: 5 }, { expandAfterSeconds: 9 }],
    members: [{ user: mail('ada'), ring: 2 }, mail('ben')],
    wrapupCodes: ['Solved'],
  }),
  's.yaml': STRATEGY('bills', 'Voice').replaceAll('Alpha', 'Bills'),
};
const table = (count: number): Files => ({
  't.yaml': manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'agents', type: 'integer' },
    ],
    rows: {
      mode: 'owned',
      items: Array.from({ length: count }, (_, n) => ({ site: `s${n}`, agents: n })),
    },
  }),
});

const on = (backend: 'datatable' | 'strategies-api'): Many => many(bench(ORG), backend);

/** What the reviewed plan is held to, and what is left of it. */
function heldTo(reviewed: Plan, fresh: Planned, place: Many): [string[], Plan] {
  const moved = movedSince(reviewed, fresh.plan, place.kindOf, fresh.reached);
  return [moved, remaining(reviewed, fresh.plan, sha256, fresh.reached)];
}

describe.each([
  ['a queue with members, rings and codes', QUEUE, 'strategies-api'],
  ['a queue with members, rings and codes, and a row', QUEUE, 'datatable'],
  ['a table with rows one by one', table(3), 'datatable'],
  ['a table with rows in a file', table(12), 'datatable'],
] as const)('the plan of %s', (_, files, backend) => {
  it('goes on wherever its apply was killed', async () => {
    for (let at = 1; ; at += 1) {
      const place = on(backend);
      const planned = await place.plan(files);
      const { died, request } = await killedAt(place, planned, { at, when: 'after' });
      if (!died) break;
      await place.bench.clock.sleep(300_000);
      const fresh = await place.plan(files);
      const [moved, left] = heldTo(planned.plan, fresh, place);
      expect([request, moved]).toEqual([request, []]);
      const { outcomes } = await place.carryOut({ ...fresh, plan: left });
      expect(outcomes.filter(({ message }) => message !== '')).toEqual([]);
      expect([request, (await place.plan(files)).plan.changes]).toEqual([request, []]);
    }
  });
});

describe('the plan of a queue with members', () => {
  const files: Files = {
    'q.yaml': manifestOf('Queue', 'Bills', {
      description: 'x',
      members: [mail('ada'), mail('ben')],
    }),
  };
  const idOf = ({ bench: { org } }: Many, of: 'queues' | 'users', name: string): string =>
    [...org[of].values()].find((one) => one.name === name)?.id ?? '';
  const fails = async (place: Many, planned: Planned): Promise<void> => {
    const answer = refusal(400, 'bad.request', 'not now');
    const fault = { method: 'POST', path: /\/members$/, does: { answer } };
    const { exchange } = faulty(place.bench.exchange, [fault]);
    const { outcomes } = await place.carryOut(planned, { exchange });
    expect(outcomes.map(({ state }) => state)).toEqual(['failed']);
  };

  it('goes on after a write that was refused', async () => {
    const place = on('datatable');
    const planned = await place.plan(files);
    await fails(place, planned);
    const fresh = await place.plan(files);
    const [moved, left] = heldTo(planned.plan, fresh, place);
    expect(moved).toEqual([]);
    expect([left.counts.create, left.counts.update]).toEqual([0, 1]);
    await place.carryOut({ ...fresh, plan: left });
    expect((await place.plan(files)).plan.changes).toEqual([]);
  });

  it.each<[string, (place: Many) => Promise<void>]>([
    [
      'has given somebody to it',
      async (place) => {
        const at = `/api/v2/routing/queues/${idOf(place, 'queues', 'Bills')}/members`;
        await place.send('POST', at, [{ id: idOf(place, 'users', 'Chi') }]);
      },
    ],
    [
      'has described it otherwise',
      async (place) => {
        const path = `/api/v2/routing/queues/${idOf(place, 'queues', 'Bills')}`;
        const { body } = await place.bench.reader().get(path);
        await place.send('PUT', path, { ...body, description: 'mine' });
      },
    ],
  ])('is stale where a person %s since', async (__, edit) => {
    const place = on('datatable');
    const planned = await place.plan(files);
    await fails(place, planned);
    await edit(place);
    expect(heldTo(planned.plan, await place.plan(files), place)[0]).toEqual(['Queue/Bills']);
  });

  it('is stale where it was carried out and a person has taken somebody away since', async () => {
    const place = on('datatable');
    const planned = await place.plan(files);
    await place.carryOut(planned);
    const at = `/api/v2/routing/queues/${idOf(place, 'queues', 'Bills')}/members`;
    await place.send('POST', `${at}?delete=true`, [{ id: idOf(place, 'users', 'Ben') }]);
    expect(heldTo(planned.plan, await place.plan(files), place)[0]).toEqual(['Queue/Bills']);
  });
});
