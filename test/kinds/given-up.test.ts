/** A rollback of a run that took things over: they are as they were, and nobody's as they were. */
import { describe, expect, it } from 'vitest';
import { planBack } from '../support/back.js';
import { faulty, refusal } from '../support/faults.js';
import { killedAt } from '../support/killed.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const OTHER = { 'o.yaml': manifestOf('Skill', 'Ours', {}) };
const FILES = {
  ...OTHER,
  'q.yaml': manifestOf('Queue', 'Alpha', { description: 'ours' }),
  's.yaml': manifestOf('Skill', 'Voice', {}),
};

it('also one that was refused half-way, which is ours from then on', async () => {
  const users = [...(ORG.users ?? []), { name: 'Eve', email: 'eve@example.com' }];
  const place = many(bench({ ...ORG, users }), 'datatable');
  await place.apply(OTHER);
  const spec = { description: 'ours', members: { include: ['eve@example.com'] } };
  const files = { ...OTHER, 'q.yaml': manifestOf('Queue', 'Alpha', spec) };
  const answer = refusal(400, 'bad.request', 'not so');
  const { exchange } = faulty(place.bench.exchange, [
    { method: 'POST', path: /\/members$/, does: { answer } },
  ]);
  const log = new MemoryLog();
  const made = await place.plan(files, { adopt: true });
  const { outcomes } = await place.carryOut(made, { audit: log, exchange });
  expect(outcomes.map(({ state }) => state)).toContain('failed');
  expect((await place.plan(OTHER)).plan.counts.delete).toBe(1);
  await place.carryOut(await planBack(place, log));
  expect((await place.plan(OTHER)).plan.counts.delete).toBe(0);
});

it('manifests that no longer name them delete nothing', async () => {
  const place = many(bench(ORG), 'datatable');
  await place.apply(OTHER);
  const log = new MemoryLog();
  const taken = await place.plan(FILES, { adopt: true });
  expect(taken.plan.counts).toMatchObject({ adopt: 2 });
  await place.carryOut(taken, { audit: log });
  const description = (): unknown => {
    const alpha = [...place.bench.org.queues.values()].find(({ name }) => name === 'Alpha');
    return alpha?.description;
  };
  expect(description()).toBe('ours');
  const back = await planBack(place, log);
  expect(back.plan.changes.map(({ remarks }) => remarks)).toEqual([
    ["it was nobody's before that run, and is nobody's again"],
  ]);
  await place.carryOut(back);
  expect(description()).not.toBe('ours');
  const left = async (): Promise<unknown> => {
    const { plan, chores } = await place.plan(OTHER);
    return [plan.changes, chores];
  };
  expect(await left()).toEqual([[], []]);
  await place.carryOut(await planBack(place, log));
  expect(await left()).toEqual([[], []]);
  const { plan: anew } = await place.plan(FILES);
  expect(anew.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
    'adopt Queue/Alpha',
  ]);
});

describe('what was taken over under another name', () => {
  const ANEW = {
    ...OTHER,
    'q.yaml': manifestOf('Queue', 'Omega', { members: ['ada@example.com'] }).replace(
      'metadata:',
      'metadata:\n  previously: Alpha',
    ),
  };
  const started = async (): Promise<{ place: Many; log: MemoryLog }> => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(OTHER);
    const log = new MemoryLog();
    const taken = await place.plan(ANEW, { adopt: true });
    const { outcomes } = await place.carryOut(taken, { audit: log });
    expect(outcomes.map(({ state }) => state)).toEqual(['adopted']);
    return { place, log };
  };
  const members = ({ bench: { org } }: Many): number | undefined =>
    [...org.queues.values()].find(({ name }) => name === 'Alpha')?.memberIds.length;

  it("has its own name again, and is nobody's", async () => {
    const { place, log } = await started();
    const back = await planBack(place, log);
    expect(back.plan.changes[0]?.remarks).toEqual([
      "it was nobody's before that run, and is nobody's again",
    ]);
    await place.carryOut(back);
    expect(members(place)).toBe(3);
    const left = async (): Promise<unknown> => {
      const { plan, chores, observation } = await place.plan(OTHER);
      return [plan.changes, chores, [...observation.state.records.keys()]];
    };
    expect(await left()).toEqual([[], [], ['Skill/Ours']]);
    await place.carryOut(await planBack(place, log));
    expect(await left()).toEqual([[], [], ['Skill/Ours']]);
  });

  it('is deleted by nobody wherever the rollback was killed, once it was asked for again', async () => {
    for (let at = 1; ; at += 1) {
      const { place, log } = await started();
      const back = await planBack(place, log);
      const { died, request } = await killedAt(place, back, { at, when: 'after' });
      if (!died) break;
      await place.carryOut(await planBack(place, log));
      await place.carryOut(await place.plan(OTHER));
      expect([request, members(place)]).toEqual([request, 3]);
      const { plan, chores } = await place.plan(OTHER);
      expect([request, plan.changes, chores]).toEqual([request, [], []]);
    }
  });
});
