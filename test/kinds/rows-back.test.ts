/** Rollbacks of runs with rows that name what the same runs have made, deleted or renamed. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { planBack } from '../support/back.js';
import { load } from '../support/manifests.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Rows = Readonly<Record<string, string>>;

const table = (rows: Rows, references: object = { references: 'Queue' }): string =>
  manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'queue', type: 'string', ...references },
    ],
    rows: {
      mode: 'owned',
      items: Object.entries(rows).map(([site, queue]) => ({ site, queue })),
    },
  });
const queue = (name: string, previously?: string): string => {
  const text = manifestOf('Queue', name, { acwSettings: { wrapupPrompt: 'OPTIONAL' } });
  return previously === undefined
    ? text
    : text.replace('metadata:', `metadata:\n  previously: ${previously}`);
};

type Files = Readonly<Record<string, string>>;

async function run(before: Files, after: Files): Promise<{ place: Many; log: MemoryLog }> {
  const place = many(bench(ORG), 'datatable');
  await place.apply(before);
  const log = new MemoryLog();
  const { outcomes } = await place.carryOut(await place.plan(after), { audit: log });
  expect(outcomes.map(({ message }) => message)).toEqual(outcomes.map(() => ''));
  return { place, log };
}

const lines = ({ changes }: Plan): string[] =>
  changes.map(({ action, address }) => `${action} ${address}`);

const inGit = (files: Files): ReturnType<typeof load>['manifests'] =>
  load({
    ...files,
    'environment.yaml': manifestOf('Environment', 'test', {
      host: 'http://127.0.0.1:9',
      backend: 'datatable',
    }),
  }).manifests;

const BOTH = { 'q.yaml': queue('Zulu'), 't.yaml': table({ Bonn: 'Zulu' }) };
const OTHER = { 's.yaml': manifestOf('Skill', 'Other', {}) };

describe('a rollback', () => {
  it.each([
    ['git says what its cells mean', BOTH],
    ['nobody says any more what its cells mean', OTHER],
  ])('makes a table again once the queue is there that a row names, where %s', async (_, git) => {
    const { place, log } = await run({ ...BOTH, ...OTHER }, OTHER);
    const back = await planBack(place, log, inGit(git));
    expect(lines(back.plan)).toEqual(['create Queue/Zulu', 'create DataTable/Sites']);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ state }) => state)).toEqual(['created', 'created']);
    expect((await planBack(place, log, inGit(git))).plan.changes).toEqual([]);
  });

  it.each([
    ['git says what its cells mean', BOTH],
    ['nobody says any more what its cells mean', OTHER],
  ])('takes a table away before the queue that a row names, where %s', async (_, git) => {
    const { place, log } = await run(OTHER, { ...BOTH, ...OTHER });
    const back = await planBack(place, log, inGit(git));
    expect(lines(back.plan)).toEqual(['delete DataTable/Sites', 'delete Queue/Zulu']);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ state }) => state)).toEqual(['deleted', 'deleted']);
  });

  it.each([
    ['git says what its cells mean', BOTH],
    ['nobody says any more what its cells mean', OTHER],
  ])('gives rows their names back in the order of names, where %s', async (_, git) => {
    const { place, log } = await run(
      { ...OTHER, 'q.yaml': queue('Zulu'), 't.yaml': table({ Bonn: 'Zulu' }) },
      { ...OTHER, 'q.yaml': queue('Aleph'), 't.yaml': table({ Bonn: 'Aleph' }) },
    );
    const back = await planBack(place, log, inGit(git));
    expect(lines(back.plan)).toEqual([
      'delete Queue/Aleph',
      'create Queue/Zulu',
      'update DataTable/Sites',
    ]);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ address, state }) => `${address} ${state}`)).toEqual([
      'Queue/Zulu created',
      'DataTable/Sites updated',
      'Queue/Aleph deleted',
    ]);
  });

  it('deletes no queue that a row of somebody else has come to name', async () => {
    const { place, log } = await run(
      { ...OTHER, 't.yaml': table({ Bonn: 'Alpha' }) },
      { ...OTHER, 't.yaml': table({ Bonn: 'Zulu' }), 'q.yaml': queue('Zulu') },
    );
    const id = place.bench.org.tableNames.get('Sites') ?? '';
    await place.send('POST', `/api/v2/flows/datatables/${id}/rows`, { key: 'Kiel', queue: 'Zulu' });
    const git = inGit({ ...OTHER, 't.yaml': table({ Bonn: 'Zulu' }), 'q.yaml': queue('Zulu') });
    const back = await planBack(place, log, git);
    expect(lines(back.plan)).toEqual(['update DataTable/Sites']);
    expect(back.plan.blocked?.map(({ address }) => address)).toEqual(['Queue/Zulu']);
    expect(back.plan.blocked?.[0]?.obstacles[0]?.message).toContain('row "Kiel"');
  });

  it('follows a queue that gets its old name back', async () => {
    const { place, log } = await run(
      { ...OTHER, 'q.yaml': queue('Zulu'), 't.yaml': table({ Bonn: 'Zulu' }) },
      { ...OTHER, 'q.yaml': queue('Aleph', 'Zulu'), 't.yaml': table({ Bonn: 'Aleph' }) },
    );
    const back = await planBack(place, log);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ address, state }) => `${address} ${state}`)).toEqual([
      'Queue/Zulu updated',
      'DataTable/Sites updated',
    ]);
  });
});
