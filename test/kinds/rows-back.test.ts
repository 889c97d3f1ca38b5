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

describe('a rollback of what git goes on asking for', () => {
  const strategy = (target: string): string =>
    manifestOf('RoutingStrategy', 'calls', {
      checks: { skills: 'off', capacity: 'off' },
      targets: [{ queue: target, capacity: 5 }],
    });
  const held = ({ blocked = [] }: Plan): unknown[] =>
    blocked.map(({ address, obstacles }) => [
      address,
      ...obstacles.map(({ message, hint }) => `${message} → ${hint ?? ''}`),
    ]);

  it.each([
    ['git still declares it', true, 'it is', 'take it out of RoutingStrategy/calls first'],
    [
      'no manifest does',
      false,
      'no manifest declares it, and it is',
      'take it out of RoutingStrategy/calls first, or declare Queue/Zulu again',
    ],
  ])('says of a queue that is still named that %s', async (_, isDeclared, is, hint) => {
    const { place, log } = await run(OTHER, { ...OTHER, 'q.yaml': queue('Zulu') });
    const now = { ...OTHER, 'q.yaml': queue('Zulu'), 'r.yaml': strategy('Zulu') };
    await place.apply(now);
    const { plan } = await planBack(place, log, isDeclared ? inGit(now) : inGit(OTHER));
    expect(held(plan)).toEqual([
      [
        'Queue/Zulu',
        `${is} not deleted: RoutingStrategy/calls (in the org) still refers to it → ${hint}`,
      ],
    ]);
  });

  it('says so of what may have the calls of what cannot be made again', async () => {
    const before = { ...OTHER, 'r.yaml': strategy('Zulu').replace('calls', 'old') };
    const after = { ...OTHER, 'r.yaml': strategy('Beta') };
    const place = many(bench(ORG), 'datatable');
    await place.apply({ ...OTHER, 'q.yaml': queue('Zulu') });
    await place.apply({ ...before, 'q.yaml': queue('Zulu') });
    const log = new MemoryLog();
    const made = await place.plan({ ...after, 'q.yaml': queue('Zulu') });
    await place.carryOut(made, { audit: log });
    await place.apply(after);
    const { plan } = await planBack(place, log, inGit(after));
    expect(held(plan)).toEqual([
      [
        'RoutingStrategy/calls',
        'it is not deleted: RoutingStrategy/old may be what takes over its calls, and could not ' +
          'be compared → mend RoutingStrategy/old first',
      ],
      ['RoutingStrategy/old', expect.stringContaining('the org has no queue "Zulu"')],
    ]);
  });
});
