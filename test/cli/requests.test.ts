/**
 * What commands ask of the platform, counted: never more than docs/performance.md says that they
 * have to, and nothing twice. No clocks; `npm run bench` does the same for larger numbers.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks, LOCK, observation, round, TABLES_MADE, writes } from '../bench/bounds.js';
import { editRow } from '../support/rows.js';
import { Scene, TARGETS, type Ran } from '../support/scene.js';

const ORG = { queues: 200, users: 2000, skills: 20, membersPerQueue: 30 };
/** An import job of the simulator has ended when it is first looked at. */
const LOOKS = 1;

/** A listing is read to its end, and a question is asked, only once. */
function twice({ sent }: Ran): string[] {
  const asked = sent
    .filter(({ method, path }) => method === 'GET' || /\/query$/.test(path))
    .map(({ method, path, body }) => `${method} ${path} ${body}`);
  return asked.filter((one, index) => asked.indexOf(one) !== index);
}

describe.each([10, 100, 520])('with %d strategies', (strategies) => {
  let scene: Scene;
  const distinct = Math.min(strategies * TARGETS, ORG.queues);
  const empty = { ...ORG, strategies: 0, tables: false };
  const full = { ...ORG, strategies, tables: true };
  const all = {
    skillQueues: distinct,
    membersEach: ORG.membersPerQueue,
    loadQueues: distinct,
  };
  const within = (bound: number): number => Math.floor(1.05 * bound) + 2;

  beforeAll(async () => {
    scene = await Scene.open({ ...ORG, strategies });
  });

  afterAll(() => scene.close());

  it('a plan of them all, with every check, asks for nothing twice', async () => {
    const ran = await scene.strategos('plan');
    expect([ran.code, twice(ran)]).toEqual([0, []]);
    expect(ran.sent.length).toBeLessThanOrEqual(within(observation(empty) + checks(all, empty)));
  });

  it('the first apply asks for what may have moved again, and for nothing else', async () => {
    const ran = await scene.strategos('apply', '--yes');
    expect(ran.code).toBe(0);
    // The tables, once they are made, and the rows, right before they are written.
    expect(twice(ran).filter((one) => !/datatables(\?|\/[-\w]+\/rows\?)/.test(one))).toEqual([]);
    const bound = observation({ ...empty, tables: true }, true) + checks(all, empty);
    const made = TABLES_MADE + LOCK + writes(strategies, 0, 0, LOOKS);
    expect(ran.sent.length).toBeLessThanOrEqual(bound + made);
  });

  it.each(['plan', 'drift', 'export'])('%s', async (command) => {
    const args = command === 'export' ? ['export', '--out', `${scene.dir}/out`] : [command];
    const ran = await scene.strategos(...args);
    expect([ran.code, twice(ran)]).toEqual([0, []]);
    expect(ran.sent.length).toBeLessThanOrEqual(within(observation(full)));
  });

  it('a round of the optimizer', async () => {
    const ran = await scene.strategos('optimize', '--rounds', '1');
    expect([ran.code, twice(ran)]).toEqual([0, []]);
    expect(ran.sent.length).toBeLessThanOrEqual(within(round(full, distinct)));
  });

  it.each([1, 2, 6, 10])('an apply of %d changes', async (count) => {
    await scene.change(count, 10 + count);
    const ran = await scene.strategos('apply', '--yes');
    expect([ran.code, ran.out]).toEqual([
      0,
      expect.stringContaining(`, ${count} changed, 0 deleted`),
    ]);
    const touched = Math.min(count * TARGETS, ORG.queues);
    const checked = { ...all, skillQueues: touched, loadQueues: touched };
    const bound = observation(full, true) + checks(checked, full) + LOCK;
    expect(ran.sent.length).toBeLessThanOrEqual(bound + writes(0, count, strategies, LOOKS));
  });

  it('drift asks who it was, and nothing about agents', async () => {
    editRow(scene.simulator.org, 's00000', { target_01_priority: 7 });
    const planned = await scene.strategos('plan', '--format', 'json');
    const ran = await scene.strategos('drift', '--format', 'json');
    expect(ran.code).toBe(2);
    const digestIn = ({ out }: Ran): unknown => (JSON.parse(out) as { digest: unknown }).digest;
    expect(digestIn(ran)).toBe(digestIn(planned));
    const agents = /members|\/users|observations|activity|utilization/;
    expect(ran.sent.filter(({ path }) => agents.test(path))).toEqual([]);
    const looks = ran.sent.filter(({ path }) => /audits\/query\/[-0-9a-f]{36}$/.test(path)).length;
    // What is audited, one query, and its one page of events.
    expect(ran.sent.length - looks).toBeLessThanOrEqual(observation(full) + 3);
  });

  it('a plan of changes asks for the figures of their queues once a hundred', async () => {
    // What was changed a moment ago nobody can predict.
    for (const { name, rows } of scene.simulator.org.tables.values()) {
      if (!name.endsWith('(strategos)')) continue;
      for (const row of rows.values())
        (row as Map<string, string>).set('at', '2026-01-01T00:00:00.000Z');
    }
    const count = Math.min(strategies, 100);
    await scene.change(count, 40, 0);
    const ran = await scene.strategos('plan');
    expect([ran.code, twice(ran)]).toEqual([0, []]);
    const figures = ran.sent.filter(({ path }) => path.includes('aggregates'));
    expect(figures).toHaveLength(Math.ceil(Math.min(count * TARGETS, ORG.queues) / 100));
    const silent = await scene.strategos('plan', '--no-predict');
    expect(ran.sent.length - silent.sent.length).toBe(figures.length);
  });
});
