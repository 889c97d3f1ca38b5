/** Carrying out a plan, and the org's own record of what is ours. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.js';
import { faulty, html, refusal, type Fault, silentAfter } from '../support/faults.js';
import { bench } from '../support/org.js';
import { BACKEND, OTHER, OWNER, recordOf, remember, stateIn } from '../support/owned.js';
import {
  apply,
  carryOut,
  edit,
  live,
  manifest,
  MemoryLog,
  ORG,
  plan,
  remove,
  reweigh,
  states,
  statuses,
  strategy,
  weighing,
} from '../support/reconcile.js';
import { ITEM, ROOT, THREE, HALVED, weights, everyWrite, writes } from './execute-scene.js';

/** What the org remembers of this strategy. */
const recordIn = (on: ReturnType<typeof bench>, name = 'a') =>
  stateIn(on.org).records.get(`RoutingStrategy/${name}`);
const RECORDS = /\/datatables\/[^/]+\/rows/;
/** Nothing in the org becomes ours but by what is done to it here. */
const AS_IT_IS = { owned: false } as const;
const ADOPTING = { owned: false, adopt: true } as const;
const A = { 'a.yaml': manifest('a', 'Alpha') };
const planned = async (on: ReturnType<typeof bench>, files: Readonly<Record<string, string>> = A) =>
  (await plan(on, files, AS_IT_IS)).plan.changes.map(({ action, address }) => [
    ...[action, address.slice('RoutingStrategy/'.length)],
  ]);

describe('the org’s own record of what is ours', () => {
  it('begins with the table, then the claim, then the strategy', async () => {
    const on = bench(ORG);
    let claimed: unknown = null;
    const { exchange } = faulty(on.exchange, [
      { method: 'POST', path: ROOT, does: { meanwhile: () => (claimed = recordIn(on)) } },
    ]);
    const made = await plan(on, A, AS_IT_IS);
    expect(made.plan.tables).toEqual([BACKEND.tables.state]);
    expect((await carryOut(on, made, { exchange })).exitCode).toBe(0);
    const { after } = made.plan.changes[0]!;
    expect(claimed).toMatchObject({ owner: OWNER, id: null, applied: after });
    expect(recordIn(on)).toMatchObject({
      owner: OWNER,
      id: strategy(on, 'a').id,
      applied: after,
      run: 'run',
    });
  });

  it('is written before nothing: a claim that cannot be made keeps the strategy back', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      {
        method: 'POST',
        path: RECORDS,
        times: 99,
        does: { answer: refusal(403, 'missing.permissions', 'architect:datatableRow:add') },
      },
    ]);
    const { exitCode, outcomes } = await apply(on, { ...A, ...HALVED }, { exchange });
    expect([exitCode, statuses(on), stateIn(on.org).records.size]).toEqual([6, {}, 0]);
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked', 'blocked']);
    expect(outcomes[0]?.message).toContain('architect:datatableRow:add');
  });

  it('follows an update, and forgets what is deleted', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('gone', 'Beta')] });
    await apply(on, { 'a.yaml': weighing('a', 'Alpha', 0.5) });
    expect([...stateIn(on.org).records.keys()]).toEqual(['RoutingStrategy/a']);
    expect(recordIn(on)).toMatchObject({
      id: strategy(on, 'a').id,
      applied: { targets: [{ queue: 'Alpha', weight: 0.5 }] },
    });
  });

  it('tells the next plan why a field moves', async () => {
    const on = bench(ORG);
    const two = (a: number, b: number): Record<string, string> => ({
      'a.yaml': manifest('a', 'Alpha', {
        targets: [
          { queue: 'Alpha', weight: a, capacity: 5 },
          { queue: 'Beta', weight: b, capacity: 5 },
        ],
      }),
    });
    await apply(on, two(1, 1), AS_IT_IS);
    const [first, second] = strategy(on, 'a').content.targets;
    await edit(on, 'a', { targets: [{ ...first!, weight: 0.2 }, { ...second! }] });
    const causes = async (files: Record<string, string>) =>
      (await plan(on, files, AS_IT_IS)).plan.changes[0]?.fields.map(({ path, cause, applied }) => [
        ...[path, cause, applied ?? null],
      ]);
    expect(await causes(two(1, 0.5))).toEqual([
      ['targets["Alpha"].weight', 'drift', null],
      ['targets["Beta"].weight', 'git', null],
    ]);
    expect(await causes(two(0.7, 1))).toEqual([['targets["Alpha"].weight', 'both', 1]]);
  });

  it('is left as it was by a change that is stale, or not made', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const before = stateIn(on.org);
    await reweigh(on, 'b', 0.9);
    await carryOut(on, made, { interrupted: () => strategy(on, 'a').version > 1 });
    const { records } = stateIn(on.org);
    const changed = [...records.keys()].filter(
      (address) => records.get(address)?.run !== before.records.get(address)?.run,
    );
    expect(changed).toEqual(['RoutingStrategy/a']);
  });

  it('is as if nothing had been when a new strategy is refused', async () => {
    const on = bench(ORG);
    const made = await plan(on, A, AS_IT_IS);
    const alpha = [...on.org.queues.values()].find(({ name }) => name === 'Alpha');
    on.org.queues.delete(alpha!.id);
    const { outcomes, exitCode } = await carryOut(on, made);
    expect([exitCode, outcomes[0]?.state, statuses(on)]).toEqual([5, 'failed', {}]);
    expect(recordIn(on)).toBeUndefined();
  });

  it('is gone too when one that we had, and that somebody deleted, is refused', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    await plan(on, A);
    await remove(on, 'a');
    const { exchange } = faulty(on.exchange, [
      {
        method: 'POST',
        path: ROOT,
        does: { answer: refusal(400, 'bad.request', 'not today') },
      },
    ]);
    expect((await apply(on, A, { exchange, ...AS_IT_IS })).exitCode).toBe(5);
    expect(recordIn(on)).toBeUndefined();
  });

  it('makes nothing ours that somebody else created under the name meanwhile', async () => {
    const on = bench({ ...ORG, strategies: [live('other', 'Beta')] });
    const made = await plan(on, A, AS_IT_IS);
    await edit(on, 'other', { name: 'a' });
    expect(states(await carryOut(on, made))).toEqual({ 'RoutingStrategy/a': 'stale' });
    expect(recordIn(on)).toBeUndefined();
    expect(await planned(on)).toEqual([['adopt', 'a']]);
  });
});

describe('a create that ends half-way', () => {
  it('leaves a draft of ours, with what is there on record', async () => {
    const on = bench(ORG);
    const files = { 'a.yaml': manifest('a', 'Nobody') };
    const first = await apply(on, files, AS_IT_IS);
    expect([first.exitCode, statuses(on)]).toEqual([5, { a: 'draft' }]);
    expect(recordIn(on)).toMatchObject({
      owner: OWNER,
      id: strategy(on, 'a').id,
      applied: { status: 'draft', targets: [{ queue: 'Nobody' }] },
    });
    expect(await planned(on, files)).toEqual([['update', 'a']]);
    // No longer wanted: what is ours may go.
    expect(await planned(on, {})).toEqual([['delete', 'a']]);
  });

  it('is ours as well when its activation failed', async () => {
    const on = bench(ORG);
    const files = { 'a.yaml': manifest('a', 'Closed') };
    await apply(on, files, AS_IT_IS);
    expect(statuses(on)).toEqual({ a: 'failed' });
    expect(recordIn(on)).toMatchObject({ id: strategy(on, 'a').id });
    expect(await planned(on, files)).toEqual([['update', 'a']]);
  });

  it('is made again when it was deleted while it became active', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      { method: 'GET', path: ITEM, does: { meanwhile: () => remove(on, 'a') } },
    ]);
    await apply(on, A, { exchange, ...AS_IT_IS });
    expect(await planned(on)).toEqual([['create', 'a']]);
    expect((await apply(on, A, AS_IT_IS)).exitCode).toBe(0);
    expect(recordIn(on)).toMatchObject({ id: strategy(on, 'a').id });
  });
});

describe('an update that ends half-way', () => {
  it('has what it wrote on record, so that nobody takes it for drift later', async () => {
    const on = bench(ORG);
    const draft = { 'a.yaml': manifest('a', 'Alpha', { status: 'draft' }) };
    await apply(on, draft, AS_IT_IS);
    const active = { 'a.yaml': manifest('a', 'Nobody') };
    expect((await apply(on, active, AS_IT_IS)).exitCode).toBe(5);
    expect(statuses(on)).toEqual({ a: 'draft' });
    expect(recordIn(on)).toMatchObject({
      applied: { status: 'draft', targets: [{ queue: 'Nobody' }] },
    });
    const { plan: next } = await plan(on, { 'a.yaml': manifest('a', 'Beta') }, AS_IT_IS);
    expect(next.changes[0]?.fields.map(({ cause }) => cause)).not.toContain('both');
  });
});

describe('a create whose answer is lost, and silence after it', () => {
  const lost = async (when: 'before' | 'after') => {
    const on = bench(ORG);
    const exchange = silentAfter(on.exchange, { method: 'POST', path: ROOT }, when);
    const first = await apply(on, A, { exchange, ...AS_IT_IS });
    expect([first.exitCode, recordIn(on)?.id]).toEqual([7, null]);
    return on;
  };

  it('leaves a claim by which the next run knows the strategy for its own', async () => {
    const on = await lost('after');
    expect(statuses(on)).toEqual({ a: 'draft' });
    const made = await plan(on, A, AS_IT_IS);
    expect(made.plan.changes.map(({ action }) => action)).toEqual(['update']);
    expect(made.plan.guards.every(({ passed }) => passed)).toBe(true);
    expect((await carryOut(on, made)).exitCode).toBe(0);
    expect(statuses(on)).toEqual({ a: 'active' });
    expect(recordIn(on)).toMatchObject({ id: strategy(on, 'a').id, applied: { status: 'active' } });
  });

  it('leaves a claim under which the next run makes it, where it was not made', async () => {
    const on = await lost('before');
    expect(await planned(on)).toEqual([['create', 'a']]);
    expect((await apply(on, A, AS_IT_IS)).exitCode).toBe(0);
    expect(recordIn(on)).toMatchObject({ id: strategy(on, 'a').id });
  });

  it('leaves what the next run may delete, when nobody wants it any more', async () => {
    const on = await lost('after');
    expect((await apply(on, {}, AS_IT_IS)).exitCode).toBe(0);
    expect([statuses(on), stateIn(on.org).records.size]).toEqual([{}, 0]);
  });

  it('leaves nothing that lasts, when it was not made and nobody wants it', async () => {
    const on = await lost('before');
    const made = await plan(on, {}, AS_IT_IS);
    expect([made.plan.changes, made.chores]).toEqual([
      [],
      [{ do: 'release', address: 'RoutingStrategy/a' }],
    ]);
    await carryOut(on, made);
    expect(stateIn(on.org).records.size).toBe(0);
  });

  it('does not make ours what a person has made of the name in between', async () => {
    const on = await lost('before');
    const { id } = [...on.org.queues.values()].find(({ name }) => name === 'Beta')!;
    const target = { id, priority: 1, weight: 1, capacity: 1 };
    const body = { name: 'a', status: 'draft', targets: [target] };
    const path = '/api/v2/routing/strategies';
    await on.writer('person').send({ method: 'POST', path, body });
    expect(await planned(on)).toEqual([['adopt', 'a']]);
    expect(await planned(on, {})).toEqual([]);
  });

  it('is as well kept apart when the run was killed before it was sent', async () => {
    const on = bench(ORG);
    const killed = new AppError('killed', 1, 'user', 'killed');
    const audit = new MemoryLog(
      () => 0,
      (entry) => (entry.detail?.['step'] === 'create' ? killed : null),
    );
    await apply(on, A, { audit, ...AS_IT_IS });
    expect([statuses(on), recordIn(on)?.id]).toEqual([{}, null]);
    expect((await apply(on, A, AS_IT_IS)).exitCode).toBe(0);
    expect(recordIn(on)).toMatchObject({ id: strategy(on, 'a').id });
  });
});

describe('a record that cannot be written after its strategy', () => {
  const unwritable = (over: Partial<Fault> = {}): Fault => ({
    path: RECORDS,
    times: 99,
    does: { answer: html(503) },
    ...over,
  });

  it('fails a create that is otherwise done, and the next run finds only that to do', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [unwritable({ method: 'PUT' })]);
    const files = { ...A, 'b.yaml': manifest('b', 'Beta') };
    const first = await apply(on, files, { exchange, ...AS_IT_IS });
    expect(first.exitCode).toBe(7);
    expect(first.outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked']);
    expect(first.outcomes[0]?.message).toMatch(/^created, but not recorded as ours: .*503/);
    expect(first.outcomes[0]?.hint).toContain('apply again');
    expect([statuses(on), recordIn(on)?.id]).toEqual([{ a: 'active' }, null]);
    const { exchange: again, sent } = faulty(on.exchange);
    const second = await apply(on, A, { exchange: again, ...AS_IT_IS });
    expect([second.exitCode, second.outcomes, everyWrite(sent)]).toEqual([0, [], ['PUT']]);
    expect(recordIn(on)).toMatchObject({
      id: strategy(on, 'a').id,
      applied: { status: 'active', targets: [{ weight: 1 }] },
    });
  });

  it.each([
    ['503: nothing more is tried', 99, html(503), 7, ['failed', 'blocked', 'blocked']],
    ['503 for a moment: it is', 2, html(503), 0, ['updated', 'updated', 'updated']],
    [
      '400: the others are',
      1,
      refusal(400, 'flows.datatables.schema.exception', 'no'),
      5,
      ['failed', 'updated', 'updated'],
    ],
  ])('fails an update that is otherwise done; %s', async (_name, times, answer, ...expected) => {
    const on = bench(THREE);
    const { exchange } = faulty(on.exchange, [
      unwritable({ method: 'PUT', times, does: { answer } }),
    ]);
    const made = await plan(on, HALVED);
    const first = await carryOut(on, made, { exchange });
    expect([first.exitCode, first.outcomes.map(({ state }) => state)]).toEqual(expected);
    const message = expected[0] === 0 ? /^$/ : /^updated, but not recorded as ours: /;
    expect(first.outcomes[0]?.message).toMatch(message);
    expect(weights(on)['a']).toBe(0.5);
    expect((await apply(on, HALVED, AS_IT_IS)).exitCode).toBe(0);
    expect(weights(on)).toEqual({ a: 0.5, b: 0.5, c: 0.5 });
    expect((await plan(on, HALVED, AS_IT_IS)).plan.changes).toEqual([]);
  });

  it('fails an adoption, which the next run makes good', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const files = { 'a.yaml': weighing('a', 'Alpha', 0.5) };
    const { exchange } = faulty(on.exchange, [unwritable({ method: 'POST' })]);
    const first = await apply(on, files, { exchange, ...AS_IT_IS });
    expect(first.exitCode).toBe(7);
    expect([weights(on), recordIn(on)]).toEqual([{ a: 1 }, undefined]);
    const second = await apply(on, files, ADOPTING);
    expect(states(second)).toEqual({ 'RoutingStrategy/a': 'adopted' });
    expect(recordIn(on)).toMatchObject({ owner: OWNER, id: strategy(on, 'a').id });
  });

  it('fails a delete, and the next run tidies up', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const made = await plan(on, {});
    const { exchange } = faulty(on.exchange, [unwritable({ method: 'DELETE' })]);
    const first = await carryOut(on, made, { exchange });
    expect([first.exitCode, first.outcomes[0]?.state]).toEqual([7, 'failed']);
    expect([statuses(on), recordIn(on)?.owner]).toEqual([{}, OWNER]);
    const second = await apply(on, {}, AS_IT_IS);
    expect([second.exitCode, second.outcomes]).toEqual([0, []]);
    expect(recordIn(on)).toBeUndefined();
  });
});

describe('adopting', () => {
  const on = () => bench({ ...ORG, strategies: [live('a', 'Alpha'), live('theirs', 'Beta')] });

  it('what is as declared sends nothing but the record', async () => {
    const org = on();
    const before = strategy(org, 'a');
    const { exchange, sent } = faulty(org.exchange);
    const made = await plan(org, A, ADOPTING);
    const execution = await carryOut(org, made, { exchange });
    expect([execution.exitCode, states(execution), writes(sent)]).toEqual([
      ...[0, { 'RoutingStrategy/a': 'adopted' }, []],
    ]);
    expect(strategy(org, 'a')).toEqual(before);
    const { after } = made.plan.changes[0]!;
    expect(recordIn(org)).toMatchObject({ owner: OWNER, id: before.id, applied: after });
    expect(await planned(org)).toEqual([]);
  });

  it('what is as declared is not done unless somebody asks for it', async () => {
    const org = on();
    const { exchange, sent } = faulty(org.exchange);
    const { exitCode, outcomes } = await apply(org, A, { exchange, ...AS_IT_IS });
    expect([exitCode, outcomes, everyWrite(sent).length]).toEqual([0, [], 1]);
    expect(recordIn(org)).toBeUndefined();
  });

  it('what is not makes it so, and then it is ours to delete', async () => {
    const org = on();
    const execution = await apply(org, { 'a.yaml': weighing('a', 'Alpha', 0.5) }, AS_IT_IS);
    expect(states(execution)).toEqual({ 'RoutingStrategy/a': 'adopted' });
    expect(weights(org)).toEqual({ a: 0.5, theirs: 1 });
    await apply(org, {}, AS_IT_IS);
    expect(statuses(org)).toEqual({ theirs: 'active' });
  });

  it.each([
    ['as declared', A],
    ['otherwise', { 'a.yaml': weighing('a', 'Alpha', 0.5) }],
  ])('what has moved since the plan is stale, and stays nobody’s: it was %s', async (_n, files) => {
    const org = on();
    const made = await plan(org, files, ADOPTING);
    await reweigh(org, 'a', 0.9);
    const execution = await carryOut(org, made);
    expect([execution.exitCode, states(execution)]).toEqual([
      ...[4, { 'RoutingStrategy/a': 'stale' }],
    ]);
    expect([weights(org)['a'], recordIn(org)]).toEqual([0.9, undefined]);
  });

  it('whose record is not listed yet stays as its owner has it', async () => {
    const org = on();
    const made = await plan(org, { 'a.yaml': weighing('a', 'Alpha', 0.5) }, ADOPTING);
    remember(org.org, recordOf('RoutingStrategy/a', { owner: OTHER }));
    const before = structuredClone([org.org.strategies, stateIn(org.org)]);
    const execution = await carryOut(org, made);
    expect([execution.exitCode, states(execution)]).toEqual([4, { 'RoutingStrategy/a': 'stale' }]);
    expect(execution.outcomes[0]?.message).toContain('has got an owner in the org');
    expect([org.org.strategies, stateIn(org.org)]).toEqual(before);
  });

  it('is claimed first: killed before its write it is nobody’s still, after it ours', async () => {
    const files = { 'a.yaml': weighing('a', 'Alpha', 0.5) };
    const claims: unknown[] = [];
    const org = on();
    const { exchange } = faulty(org.exchange, [
      { method: 'PUT', path: /./, does: { meanwhile: () => claims.push(recordIn(org)) } },
    ]);
    await apply(org, files, { exchange, ...ADOPTING });
    expect(claims[0]).toMatchObject({ owner: OWNER, id: null });
    const { after } = (await plan(on(), files, ADOPTING)).plan.changes[0]!;
    const claim = recordOf('RoutingStrategy/a', { id: null, applied: after ?? {} });
    for (const [weight, expected] of [
      [1, [['adopt', 'a']]],
      [0.5, []],
    ] as const) {
      const there = on();
      remember(there.org, claim);
      await reweigh(there, 'a', weight);
      expect(await planned(there, files)).toEqual(expected);
    }
  });

  it('what may not become active leaves it nobody’s', async () => {
    const org = on();
    const { exitCode } = await apply(org, { 'a.yaml': manifest('a', 'Nobody') }, AS_IT_IS);
    expect([exitCode, recordIn(org)]).toEqual([5, undefined]);
    expect(strategy(org, 'a').version).toBe(1);
  });

  it('never touches what belongs to another, or to nobody and no manifest', async () => {
    const org = on();
    remember(org.org, recordOf('RoutingStrategy/theirs', { owner: OTHER }));
    const before = structuredClone([org.org.strategies, stateIn(org.org)]);
    const { exchange, sent } = faulty(org.exchange);
    const files = { 't.yaml': weighing('theirs', 'Beta', 0.5) };
    const made = await plan(org, files, { exchange, ...AS_IT_IS });
    expect([made.plan.changes, made.plan.leftAlone?.strangers]).toEqual([
      [],
      ['RoutingStrategy/a'],
    ]);
    await carryOut(org, made, { exchange });
    expect([org.org.strategies, stateIn(org.org)]).toEqual(before);
    expect(everyWrite(sent)).toEqual([]);
  });

  it('and owning: two owners side by side never undo each other', async () => {
    const org = bench(ORG);
    await apply(org, A, AS_IT_IS);
    const theirs = { owner: OTHER, ...AS_IT_IS };
    await apply(org, { 'b.yaml': manifest('b', 'Beta') }, theirs);
    expect(statuses(org)).toEqual({ a: 'active', b: 'active' });
    expect((await plan(org, A, AS_IT_IS)).plan.changes).toEqual([]);
    expect((await plan(org, {}, theirs)).plan.changes).toMatchObject([
      { action: 'delete', address: 'RoutingStrategy/b' },
    ]);
    const { plan: contested } = await plan(org, A, theirs);
    expect(contested.guards).toContainEqual(
      expect.objectContaining({
        guard: 'ownership',
        passed: false,
        message: expect.stringContaining('belongs to test (environment test)'),
      }),
    );
  });
});
