/**
 * A change that is refused half-way leaves on record what was applied before, beside what it has
 * written: what somebody has edited there is drift still, and nothing that git asks for is.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { driftIn } from '../../src/core/drift.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { many, manifestOf, sites, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const USERS = ['Ann', 'Bob', 'Cid', 'Dan', 'Eve'];
const mail = (name: string): string => `${name.toLowerCase()}@example.com`;
const queue = (description: string, members: readonly string[]): Files => ({
  'q.yaml': manifestOf('Queue', 'Bills', { description, members: members.map(mail) }),
});
const table = (rows: Record<string, number>): Files => ({ 't.yaml': sites(rows) });

let place: Many;

beforeEach(() => {
  const users = USERS.map((name) => ({ name, email: mail(name) }));
  place = many(bench({ ...ORG, users: [...(ORG.users ?? []), ...users] }), 'datatable');
});

const person = async (name: string): Promise<void> => {
  const { org } = place.bench;
  const id = [...org.users.values()].find((one) => one.name === name)?.id ?? '';
  const of = [...org.queues.values()].find((one) => one.name === 'Bills')?.id ?? '';
  await place.send('POST', `/api/v2/routing/queues/${of}/members`, [{ id }]);
};

/** What is left to be made, each with whose change it is, and what drift says of it. */
async function left(files: Files): Promise<{ causes: string[]; drift: string[] }> {
  const { plan, observation } = await place.plan(files);
  const causes = plan.changes.flatMap(({ fields }) =>
    fields.map(({ path, cause }) => `${path}: ${cause}`),
  );
  const { drifts } = driftIn(plan, observation.state.records);
  return { causes, drift: drifts.flatMap(({ fields }) => fields.map(({ path }) => path)) };
}

const refusing = (fault: Omit<Fault, 'does'>): Fault => ({
  ...fault,
  does: { answer: refusal(400, 'bad.request', 'not so') },
});

async function refused(files: Files, fault: Omit<Fault, 'does'>): Promise<void> {
  const { exchange } = faulty(place.bench.exchange, [refusing(fault)]);
  const { exitCode, outcomes } = await place.apply(files, { exchange });
  expect([exitCode, outcomes[0]?.state]).toEqual([5, 'failed']);
  expect(outcomes[0]?.message).toContain('after: ');
  expect(outcomes[0]?.hint).toContain('as sent, which changed nothing');
}

describe('a queue', () => {
  it('whose members are refused after its settings: whom somebody has added is drift', async () => {
    await place.apply(queue('Old', ['Ann']));
    await person('Dan');
    const files = queue('New', ['Ann', 'Bob']);
    await refused(files, { method: 'POST', path: /\/members$/ });
    expect(await left(files)).toEqual({
      causes: ['members["dan@example.com"]: drift', 'members["bob@example.com"]: git'],
      drift: ['members["dan@example.com"]'],
    });
  });

  it('of which only members are written: its settings are on record still', async () => {
    await place.apply(queue('Old', ['Ann', 'Cid']));
    await person('Dan');
    const { org } = place.bench;
    const found = [...org.queues.values()].find(({ name }) => name === 'Bills');
    const files = queue('Old', ['Ann', 'Bob']);
    await refused(files, { method: 'POST', path: /\/members$/, nth: 2 });
    await place.send('PUT', `/api/v2/routing/queues/${found?.id}`, {
      ...found?.settings,
      name: 'Bills',
      description: 'By hand',
    });
    expect((await left(files)).drift).toEqual(['description', 'members["dan@example.com"]']);
  });
});

it('a table of which one row is refused: a row of somebody else is drift', async () => {
  await place.apply(table({ Bonn: 1, Kiel: 2, Ulm: 3 }));
  const rows = `/api/v2/flows/datatables/${place.bench.org.tableNames.get('Sites')}/rows`;
  await place.send('POST', rows, { key: 'Essen', agents: 9 });
  const files = table({ Bonn: 5, Kiel: 6, Ulm: 7 });
  await refused(files, { method: 'PUT', path: /\/rows\/Kiel$/ });
  expect(await left(files)).toEqual({
    causes: ['rows["Essen"]: drift', 'rows["Kiel"]["agents"]: git', 'rows["Ulm"]["agents"]: git'],
    drift: ['rows["Essen"]'],
  });
});
