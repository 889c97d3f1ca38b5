/**
 * What further kinds cost: the listing of each that is used, once, and nothing else; of a delete one
 * request more. docs/performance.md says so.
 */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Thing } from '../../src/simulator/model.js';
import { manifestOf } from '../support/many.js';
import { Scene, type Ran } from '../support/scene.js';

const SIZE = { strategies: 5, queues: 20, users: 50, skills: 5, membersPerQueue: 3 };
const CODES = '/api/v2/routing/wrapupcodes';
const LANGUAGES = '/api/v2/routing/languages';

let scene: Scene;
let base: readonly string[];

beforeAll(async () => {
  scene = await Scene.open(SIZE);
  expect((await scene.strategos('apply', '--yes')).code).toBe(0);
  base = reads(await scene.strategos('plan'));
});
afterAll(() => scene.close());

/** Every read without what tells its pages apart from others of a larger size. */
function reads({ code, sent, err }: Ran): string[] {
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  const all = sent.map((one) => `${one.method} ${one.path}`);
  // Whatever is asked of the org, it is asked once.
  expect(all).toEqual([...new Set(all)]);
  return all;
}

const beyond = (ran: Ran): string[] => reads(ran).filter((one) => !base.includes(one));
const file = (kind: string): string => path.join(scene.dir, 'strategies', `${kind}.yaml`);
const write = async (kind: string, names: readonly string[] = ['One']): Promise<void> => {
  const texts = names.map((name) => manifestOf(kind, name, {}));
  await writeFile(file(kind), texts.join('---\n'));
};
const unwrite = async (...kinds: string[]): Promise<void> => {
  for (const kind of kinds) await rm(file(kind), { force: true });
};

/** Things that a person has made there. */
function fill(at: string, count: number): void {
  const things = Array.from({ length: count }, (_, n): [string, Thing] => {
    const date = '2026-01-01T00:00:00.000Z';
    const dates = { dateCreated: date, dateModified: date, modifiedBy: null };
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const about = { id, name: `Thing ${n}`, division: null, texts: {}, content: {} };
    return [id, { ...about, state: 'active' as const, version: 1, ...dates }];
  });
  scene.simulator.org.things.set(at, new Map(things));
}

describe('a plan', () => {
  it('asks for nothing of kinds that nobody uses, however many the org has', async () => {
    fill(CODES, 250);
    fill(LANGUAGES, 250);
    expect(beyond(await scene.strategos('plan'))).toEqual([]);
  });

  it.each([
    // Strategies refer to them: they are listed as it is.
    ['Skill', 0, ''],
    ['Language', 3, LANGUAGES],
    ['WrapupCode', 3, CODES],
  ])('asks for the pages of %s that are used: %d', async (kind, pages, at) => {
    fill(CODES, 250);
    fill(LANGUAGES, 250);
    await write(kind);
    const more = beyond(await scene.strategos('plan'));
    await unwrite(kind);
    expect(more).toHaveLength(pages);
    expect(more.every((one) => one.startsWith(`GET ${at}?`))).toBe(true);
  });

  it('asks no more for many of a kind than for one, and for two kinds what each takes', async () => {
    fill(CODES, 1);
    fill(LANGUAGES, 1);
    await write('WrapupCode', ['a', 'b', 'c', 'd', 'e']);
    await write('Language', ['a', 'b', 'c']);
    const more = beyond(await scene.strategos('plan'));
    await unwrite('WrapupCode', 'Language');
    expect(more).toHaveLength(2);
  });

  it('asks once a delete who uses what goes, and for no other change', async () => {
    fill(CODES, 0);
    await write('WrapupCode', ['a', 'b', 'c', 'd', 'e']);
    await scene.strategos('apply', '--yes');
    const kept = beyond(await scene.strategos('plan'));
    expect(kept).toHaveLength(1);
    await writeFile(
      path.join(scene.dir, 'strategies', 'environment.yaml'),
      JSON.stringify({
        apiVersion: 'strategos/v1',
        kind: 'Environment',
        metadata: { name: 'counted' },
        spec: {
          host: scene.simulator.url,
          backend: 'datatable',
          owner: 'example/routing',
          prune: true,
          guards: { maxDeletes: '100%' },
        },
      }),
    );
    await write('WrapupCode', ['a', 'b', 'c']);
    const more = beyond(await scene.strategos('plan'));
    const asked = more.filter((one) => one.includes('/dependencytracking/consumingresources?'));
    // Codes of a queue that no manifest names are read for this alone, and whether one has a peer.
    const codes = more.filter((one) => /queues\/[-\w]+\/wrapupcodes/.test(one));
    const { size } = scene.simulator.org.queues;
    expect([asked.length, codes.length, more.length]).toEqual([2, size, 4 + size]);
    // What only records name any more is looked at as well: it is what goes.
    await unwrite('WrapupCode');
    expect(beyond(await scene.strategos('plan'))).toHaveLength(1 + 5 + 1 + size);
    await scene.strategos('apply', '--yes');
    expect(beyond(await scene.strategos('plan'))).toEqual([]);
  });
});

describe('a plan of 500 queues with their members', () => {
  const COUNTS = [0, 1, 3, 99, 100, 101, 230];
  const PAGE = 100;

  it('asks for the pages of queues and people, and for those of the members of each', async () => {
    const size = { strategies: 0, queues: 500, users: 600, skills: 1, membersPerQueue: 1 };
    const large = await Scene.open(size);
    try {
      const queues = [...large.simulator.org.queues.values()];
      const people = [...large.simulator.org.users.keys()];
      queues.slice(0, COUNTS.length).forEach((queue, index) => {
        queue.memberIds = people.slice(0, COUNTS[index]);
      });
      const texts = queues.map(({ name, memberIds }) =>
        manifestOf('Queue', name, { members: memberIds.map((id) => ({ user: { id } })) }),
      );
      await writeFile(path.join(large.dir, 'strategies', 'queues.yaml'), texts.join('---\n'));
      const sent = reads(await large.strategos('plan'));
      const of = queues.reduce((sum, { memberIds: { length } }) => {
        return sum + Math.floor(length / PAGE) + 1;
      }, 0);
      // A token, the organization, data tables; queues and people by 500.
      expect(sent).toHaveLength(3 + 1 + 2 + of);
    } finally {
      await large.close();
    }
  });
});

describe('an export of the whole org', () => {
  it('lists every kind once, and asks for nobody and for no object by itself', async () => {
    fill(CODES, 0);
    fill(LANGUAGES, 0);
    const { sent, code } = await scene.strategos('export', '--all', '--out', 'whole');
    expect(code).toBe(0);
    const asked = sent.map(({ method, path: at }) => `${method} ${at.replace(/\?.*/, '')}`);
    expect(asked.map((one) => one.replace(/[-\w]{36}/, 'id')).sort()).toEqual([
      'GET /api/v2/architect/emergencygroups',
      'GET /api/v2/architect/schedulegroups',
      'GET /api/v2/architect/schedules',
      'GET /api/v2/flows/datatables',
      'GET /api/v2/flows/datatables/id/rows',
      'GET /api/v2/flows/datatables/id/rows',
      'GET /api/v2/organizations/me',
      `GET ${LANGUAGES}`,
      'GET /api/v2/routing/queues',
      // Those that have a peer, which the listing may leave out.
      'GET /api/v2/routing/queues',
      'GET /api/v2/routing/skillgroups',
      'GET /api/v2/routing/skills',
      `GET ${CODES}`,
      'POST /oauth/token',
    ]);
  });

  it('asks for members and codes of each queue where that is asked for', async () => {
    const { sent } = await scene.strategos(
      ...['export', '--all', '--members', '--with', 'wrapupCodes', '--out', 'people'],
    );
    const below = sent.filter(({ path: at }) => /\/queues\/[^?]+\/(members|wrapupcodes)/.test(at));
    expect(below).toHaveLength(2 * SIZE.queues);
  });
});

describe('a repository with codes alone', () => {
  it('asks for neither queues, skills, agents nor rows of strategies', async () => {
    const alone = await Scene.open({ ...SIZE, strategies: 0 });
    try {
      await writeFile(
        path.join(alone.dir, 'strategies', 'code.yaml'),
        manifestOf('WrapupCode', 'Solved', {}),
      );
      const sent = reads(await alone.strategos('plan'));
      expect(sent.map((one) => one.replace(/\?.*/, '')).sort()).toEqual([
        'GET /api/v2/flows/datatables',
        'GET /api/v2/organizations/me',
        `GET ${CODES}`,
        'POST /oauth/token',
      ]);
    } finally {
      await alone.close();
    }
  });
});
