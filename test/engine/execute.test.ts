/** What an apply leaves behind in the org, and what it says about it. */
import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../src/core/audit.js';
import { AppError } from '../../src/core/errors.js';
import { openWriter } from '../../src/genesys/sdk.js';
import { sha256 } from '../../src/files/digest.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty, html, refusal, type Fault, silentAfter } from '../support/faults.js';
import { bench, START_MS } from '../support/org.js';
import { stateIn } from '../support/owned.js';
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

describe('creating', () => {
  it('drafts, checks, activates and waits until it is active', async () => {
    const on = bench(ORG);
    const { exchange, sent } = faulty(on.exchange);
    const { outcomes, exitCode } = await apply(
      on,
      { 'a.yaml': manifest('a', 'Alpha', { fallback: { queue: 'Overflow' } }) },
      { exchange },
    );
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject([{ state: 'created', message: '' }]);
    expect(strategy(on, 'a')).toMatchObject({ status: 'active', errorMessage: null });
    expect(strategy(on, 'a').content.targets).toMatchObject([{ weight: 1, capacity: 5 }]);
    expect(writes(sent)).toEqual(['POST', 'PUT']);
    expect(on.events.events.flatMap((one) => (one.type === 'step' ? [one.step] : []))).toEqual([
      'create',
      'activate',
    ]);
    // 250 ms are not enough for an activation of 400 ms; the next wait of 500 ms is.
    expect(on.clock.now() - START_MS).toBe(750);
  });

  it('leaves a draft where the manifest asks for one', async () => {
    const on = bench(ORG);
    const { exitCode } = await apply(on, {
      'a.yaml': manifest('a', 'Nobody', { status: 'draft' }),
    });
    expect([exitCode, statuses(on)]).toEqual([0, { a: 'draft' }]);
  });

  it('leaves the draft when a check fails, and says why', async () => {
    const on = bench(ORG);
    const { outcomes, exitCode } = await apply(on, {
      'a.yaml': manifest('a', 'Nobody', { selection: { skills: [{ skill: 'Voice' }] } }),
    });
    expect(exitCode).toBe(5);
    expect(statuses(on)).toEqual({ a: 'draft' });
    expect(outcomes[0]?.state).toBe('failed');
    expect(outcomes[0]?.message).toMatch(/^created as draft, not activated: /);
    expect(outcomes[0]?.message).toContain('skills: Nobody: the queue has no members');
    expect(outcomes[0]?.hint).toContain('warn');
  });

  it('activates in spite of a warning', async () => {
    const on = bench(ORG);
    const spec = { checks: { capacity: 'warn' } };
    const { exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Nobody', spec) });
    expect([exitCode, statuses(on)]).toEqual([0, { a: 'active' }]);
  });

  it('shows the errorMessage of a failed activation', async () => {
    const on = bench(ORG);
    const { outcomes, exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Closed') });
    expect(exitCode).toBe(5);
    expect(statuses(on)).toEqual({ a: 'failed' });
    expect(outcomes[0]).toMatchObject({
      state: 'failed',
      message: "activation failed: Queue 'Closed' is disabled",
    });
  });

  it('gives up waiting at the time-out, not before and not long after', async () => {
    const on = bench(ORG);
    on.org.activationMs = 3_600_000;
    const files = { 'a.yaml': manifest('a', 'Alpha') };
    const { outcomes, exitCode } = await apply(on, files, { activationTimeoutMs: 20_000 });
    expect(exitCode).toBe(5);
    expect(outcomes[0]).toMatchObject({
      state: 'failed',
      message: 'still activating after 20 s',
    });
    expect(on.clock.now() - START_MS).toBe(20_000);
    const waits = on.events.events.flatMap((one) => (one.type === 'waiting' ? [one.ms] : []));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 2250]);
  });

  it('is picked up by the next run when its activation was only slow', async () => {
    const on = bench(ORG);
    on.org.activationMs = 60_000;
    const files = { 'a.yaml': manifest('a', 'Alpha') };
    await apply(on, files, { activationTimeoutMs: 1000 });
    const { exchange, sent } = faulty(on.exchange);
    const again = await apply(on, files, { exchange, activationTimeoutMs: 90_000 });
    expect(again.exitCode).toBe(0);
    expect(statuses(on)).toEqual({ a: 'active' });
    expect(writes(sent)).toEqual([]);
    const record = stateIn(on.org).records.get('RoutingStrategy/a');
    expect(record).toMatchObject({ id: strategy(on, 'a').id, applied: { status: 'active' } });
  });

  it('takes a name that was taken in between for a plan that is out of date', async () => {
    const on = bench({ ...ORG, strategies: [live('other', 'Beta')] });
    const files = { 'a.yaml': manifest('a', 'Alpha'), 'o.yaml': manifest('other', 'Beta') };
    const made = await plan(on, files);
    await edit(on, 'other', { name: 'a' });
    const { outcomes, exitCode } = await carryOut(on, made);
    expect([states({ outcomes, exitCode, fault: null }), exitCode]).toEqual([
      { 'RoutingStrategy/a': 'stale' },
      4,
    ]);
    expect(outcomes[0]?.message).toContain("named 'a' exists already");
    expect(strategy(on, 'a').content.targets[0]?.id).toBe(
      [...on.org.queues.values()].find(({ name }) => name === 'Beta')?.id,
    );
  });
});

describe('updating', () => {
  it('sends the changed keys of an active strategy and leaves it active', async () => {
    const on = bench({
      ...ORG,
      strategies: [
        live('a', 'Alpha', {
          selectionCriteria: { skills: [{ skill: 'Voice' }] },
          fallback: { queue: { queue: 'Overflow', priority: 99, weight: 0.1 } },
        }),
      ],
    });
    const { exchange, sent } = faulty(on.exchange);
    const made = await plan(on, { 'a.yaml': weighing('a', 'Alpha', 0.5) });
    const { exitCode } = await carryOut(on, made, { exchange });
    const [put] = sent.filter(({ method }) => method === 'PUT');
    const keys = Object.keys(JSON.parse(put?.body ?? '{}') as object).sort();
    expect(keys).toEqual(['targets', 'version']);
    expect([exitCode, writes(sent)]).toEqual([0, ['PUT']]);
    expect(strategy(on, 'a')).toMatchObject({ status: 'active', version: 2 });
    expect(strategy(on, 'a').content.targets[0]?.weight).toBe(0.5);
    expect(strategy(on, 'a').content.fallback).toMatchObject({ priority: 99 });
    expect(strategy(on, 'a').content.skills).toHaveLength(1);
  });

  it('activates a failed strategy once its cause is mended', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Closed', { status: 'failed' })] });
    const { exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Alpha') });
    expect([exitCode, statuses(on)]).toEqual([0, { a: 'active' }]);
  });

  it('takes an active strategy back to draft', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const { exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Alpha', { status: 'draft' }) });
    expect([exitCode, statuses(on)]).toEqual([0, { a: 'draft' }]);
  });

  it('removes a fallback that the manifest takes away', async () => {
    const fallback = { queue: { queue: 'Overflow', priority: 99, weight: 0.1 } };
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha', { fallback })] });
    await apply(on, { 'a.yaml': manifest('a', 'Alpha', { fallback: null }) });
    expect(strategy(on, 'a').content.fallback).toBeNull();
  });

  it('does not touch an active strategy whose check fails', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const before = strategy(on, 'a');
    const { outcomes, exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Nobody') });
    expect(exitCode).toBe(5);
    expect(strategy(on, 'a')).toEqual(before);
    expect(outcomes[0]?.message).toMatch(/^not changed: capacity: Nobody: /);
  });

  it('sends nothing when plan and execute are repeated', async () => {
    const on = bench({ ...THREE, strategies: [...THREE.strategies!, live('gone', 'Nobody')] });
    const files = { ...HALVED, 'd.yaml': manifest('d', 'Overflow') };
    const first = await apply(on, files);
    expect(first.exitCode).toBe(0);
    const { exchange, sent } = faulty(on.exchange);
    const made = await plan(on, files, { exchange });
    const second = await carryOut(on, made, { exchange });
    expect(made.plan.changes).toEqual([]);
    expect(second).toMatchObject({ exitCode: 0, outcomes: [] });
    expect(everyWrite(sent)).toEqual([]);
  });
});

describe('an org that moves between plan and apply', () => {
  it('is never overwritten: alone, exit 4', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const made = await plan(on, { 'a.yaml': weighing('a', 'Alpha', 0.5) });
    await reweigh(on, 'a', 0.9);
    const { outcomes, exitCode } = await carryOut(on, made);
    expect(exitCode).toBe(4);
    expect(outcomes[0]).toMatchObject({ state: 'stale', hint: expect.stringContaining('plan') });
    expect(weights(on)).toEqual({ a: 0.9 });
  });

  it('does not keep the other changes back: exit 5', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    await reweigh(on, 'b', 0.9);
    const execution = await carryOut(on, made);
    expect(execution.exitCode).toBe(5);
    expect(states(execution)).toEqual({
      'RoutingStrategy/a': 'updated',
      'RoutingStrategy/b': 'stale',
      'RoutingStrategy/c': 'updated',
    });
    expect(weights(on)).toEqual({ a: 0.5, b: 0.9, c: 0.5 });
  });

  it('is stale where the object to change is gone', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    await remove(on, 'a');
    const execution = await carryOut(on, made);
    expect(states(execution)['RoutingStrategy/a']).toBe('stale');
    expect(statuses(on)).toEqual({ b: 'active', c: 'active' });
  });

  it('keeps a strategy that was edited after its delete was planned', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const made = await plan(on, {});
    await reweigh(on, 'a', 0.9);
    const { outcomes, exitCode } = await carryOut(on, made);
    expect([exitCode, outcomes[0]?.state]).toEqual([4, 'stale']);
    expect(weights(on)).toEqual({ a: 0.9 });
  });

  it('keeps a strategy that an activation changed without a new version', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha', { status: 'draft' })] });
    const made = await plan(on, {});
    // As the platform does when an activation ends: another state, the same version.
    on.org.strategies.set(strategy(on, 'a').id, { ...strategy(on, 'a'), status: 'active' });
    expect((await carryOut(on, made)).outcomes[0]?.state).toBe('stale');
    expect(statuses(on)).toEqual({ a: 'active' });
  });

  it('is stale where the object to delete is gone', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const made = await plan(on, {});
    await remove(on, 'a');
    expect(await carryOut(on, made)).toMatchObject({
      exitCode: 4,
      outcomes: [{ state: 'stale' }],
    });
  });

  it('is not overwritten either where the platform counts no versions', async () => {
    const on = bench(THREE);
    const uncounted: Fault = {
      path: /strategies/,
      times: 1e9,
      does: { mangle: (one) => ({ ...one, body: one.body.replace(/"version":\d+,/g, '') }) },
    };
    const { exchange } = faulty(on.exchange, [uncounted]);
    const made = await plan(on, HALVED, { exchange });
    expect(made.plan.changes.map(({ precondition }) => precondition?.version)).toEqual([
      ...[null, null, null],
    ]);
    await reweigh(on, 'b', 0.9);
    const execution = await carryOut(on, made, { exchange });
    expect(execution.outcomes.map(({ state }) => state)).toEqual(['updated', 'stale', 'updated']);
    expect(weights(on)).toEqual({ a: 0.5, b: 0.9, c: 0.5 });
  });

  it('loses no edit that falls between the draft and its activation: exit 5', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      { method: 'PUT', path: ITEM, does: { meanwhile: () => reweigh(on, 'a', 0.9) } },
    ]);
    const execution = await apply(on, { 'a.yaml': manifest('a', 'Alpha') }, { exchange });
    expect(execution.outcomes[0]).toMatchObject({ state: 'stale' });
    expect(execution.outcomes[0]?.message).toContain('(after: created as draft)');
    expect(strategy(on, 'a')).toMatchObject({ status: 'draft', version: 2 });
    expect(weights(on)).toEqual({ a: 0.9 });
    // The draft is there: something was done.
    expect(execution.exitCode).toBe(5);
  });

  it('ends the wait for an activation whose strategy is deleted', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      { method: 'GET', path: ITEM, does: { meanwhile: () => remove(on, 'a') } },
    ]);
    const execution = await apply(on, { 'a.yaml': manifest('a', 'Alpha') }, { exchange });
    expect(execution.outcomes[0]?.message).toContain('404');
    expect([execution.exitCode, statuses(on)]).toEqual([5, {}]);
  });
});

describe('changes that wait', () => {
  const renamed: OrgFile = { ...ORG, strategies: [live('old', 'Closed'), live('x', 'Beta')] };

  it('keep the old strategy when its successor fails', async () => {
    const on = bench(renamed);
    const execution = await apply(on, { 'new.yaml': manifest('new', 'Closed') });
    expect(states(execution)).toEqual({
      'RoutingStrategy/new': 'failed',
      'RoutingStrategy/old': 'blocked',
      'RoutingStrategy/x': 'deleted',
    });
    expect(execution.exitCode).toBe(5);
    expect(statuses(on)).toEqual({ new: 'failed', old: 'active' });
    const old = execution.outcomes.find(({ address }) => address === 'RoutingStrategy/old');
    expect(old?.message).toBe('not tried: it waits for RoutingStrategy/new, which did not succeed');
  });

  it('go once their successor is active', async () => {
    const on = bench({ ...ORG, strategies: [live('old', 'Alpha')] });
    const { exchange, sent } = faulty(on.exchange);
    const execution = await apply(on, { 'new.yaml': manifest('new', 'Alpha') }, { exchange });
    expect([execution.exitCode, statuses(on)]).toEqual([0, { new: 'active' }]);
    expect(writes(sent)).toEqual(['POST', 'PUT', 'DELETE']);
  });
});

describe('a run that meets a wall', () => {
  const walls: [string, Fault['does'], number, RegExp][] = [
    ['401', { answer: refusal(401, 'bad.credentials', 'Invalid login credentials.') }, 6, /401/],
    ['403', { answer: refusal(403, 'missing.permissions', 'routing:strategy:edit') }, 6, /edit/],
    ['429', { answer: refusal(429, 'too.many.requests', 'slow down') }, 7, /429/],
    ['503', { answer: html(503) }, 7, /503 Oops The proxy had a bad day/],
    ['silence', { lost: 'before' }, 7, /no answer from \S+ \(ECONNRESET\); whether it took effect/],
  ];

  it.each(walls)('%s: stops before the next write', async (_name, does, exitCode, message) => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const { exchange, sent } = faulty(on.exchange, [
      { method: 'PUT', path: ITEM, nth: 2, times: 99, does },
    ]);
    const execution = await carryOut(on, made, { exchange });
    expect(execution.exitCode).toBe(exitCode);
    expect(states(execution)).toEqual({
      'RoutingStrategy/a': 'updated',
      'RoutingStrategy/b': 'failed',
      'RoutingStrategy/c': 'blocked',
    });
    expect(weights(on)).toEqual({ a: 0.5, b: 1, c: 1 });
    expect(execution.outcomes[1]?.message).toMatch(message);
    expect(execution.outcomes[2]?.message).toContain('the run stopped');
    const third = strategy(on, 'c').id;
    expect(sent.filter(({ method, path }) => method === 'PUT' && path.endsWith(third))).toEqual([]);
  });

  it('stops as well when it is a check that is refused', async () => {
    const on = bench(THREE);
    let blind = false;
    const { exchange } = faulty((request) =>
      blind && request.url.includes('/observations/')
        ? Promise.resolve(refusal(403, 'missing.permissions', 'analytics'))
        : on.exchange(request),
    );
    const made = await plan(on, HALVED, { exchange });
    // Staffing that is older than a minute is asked for again.
    await on.clock.sleep(61_000);
    blind = true;
    const execution = await carryOut(on, made);
    expect(execution.exitCode).toBe(6);
    expect(execution.outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked', 'blocked']);
    expect(weights(on)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it('checks with numbers that are not older than a minute', async () => {
    const drafts = THREE.strategies?.map((one) => ({ ...one, status: 'draft' as const })) ?? [];
    const on = bench({ ...THREE, strategies: drafts });
    const made = await plan(on, HALVED);
    for (const queue of on.org.queues.values()) queue.interacting = 50;
    await on.clock.sleep(61_000);
    const execution = await carryOut(on, made);
    expect(execution.outcomes.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    const statuses = [...on.org.strategies.values()].map(({ status }) => status);
    expect(statuses).toEqual(['draft', 'draft', 'draft']);
  });

  it('moves the weights of an active strategy also while its queues are full', async () => {
    const on = bench(THREE);
    for (const queue of on.org.queues.values()) queue.interacting = 50;
    const execution = await apply(on, HALVED);
    expect(execution.exitCode).toBe(0);
    expect(weights(on)).toEqual({ a: 0.5, b: 0.5, c: 0.5 });
  });

  it('goes on after a change that is refused as sent', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const beta = [...on.org.queues.values()].find(({ name }) => name === 'Beta');
    on.org.queues.delete(beta!.id);
    const execution = await carryOut(on, made);
    expect(execution.exitCode).toBe(5);
    expect(states(execution)).toEqual({
      'RoutingStrategy/a': 'updated',
      'RoutingStrategy/b': 'failed',
      'RoutingStrategy/c': 'updated',
    });
    expect(execution.outcomes[1]?.message).toContain('is no queue');
    expect(execution.outcomes[1]?.request).toMatchObject({ method: 'PUT', status: 400 });
  });
});

describe('an interrupted run', () => {
  it('finishes the change in flight and starts no other', async () => {
    const on = bench(THREE);
    let asked = 0;
    const interrupted = () => (asked += 1) > 1;
    const execution = await apply(on, HALVED, { interrupted });
    expect(execution.exitCode).toBe(130);
    expect(states(execution)).toEqual({
      'RoutingStrategy/a': 'updated',
      'RoutingStrategy/b': 'blocked',
      'RoutingStrategy/c': 'blocked',
    });
    expect(weights(on)).toEqual({ a: 0.5, b: 1, c: 1 });
  });

  it('waits for the activation that it started', async () => {
    const on = bench(ORG);
    let stop = false;
    const { exchange } = faulty(on.exchange, [
      { method: 'POST', path: ROOT, does: { meanwhile: () => (stop = true) } },
    ]);
    const files = { 'a.yaml': manifest('a', 'Alpha'), 'b.yaml': manifest('b', 'Beta') };
    const execution = await apply(on, files, { exchange, interrupted: () => stop });
    expect(execution.exitCode).toBe(130);
    expect(statuses(on)).toEqual({ a: 'active' });
  });

  it('is done when the wish comes after the last change', async () => {
    const on = bench(THREE);
    let asked = 0;
    const interrupted = () => (asked += 1) > 3;
    expect((await apply(on, HALVED, { interrupted })).exitCode).toBe(0);
  });
});

describe('the audit log of a run', () => {
  it('has the intent before its request leaves and the outcome after', async () => {
    const on = bench(ORG);
    const made = await plan(on, { 'a.yaml': manifest('a', 'Alpha') });
    const { exchange, sent } = faulty(on.exchange);
    const log = new MemoryLog(() => everyWrite(sent).length);
    await carryOut(on, made, { exchange, audit: log });
    const told = log.records.map(({ type, detail }, index) => [
      ...[type, detail?.['step'] ?? null],
      log.reachedAt[index],
    ]);
    expect(told).toEqual([
      ['intent', 'claim', 0],
      ['outcome', 'claim', 1],
      ['intent', 'create', 1],
      ['outcome', 'create', 2],
      ['checked', null, 2],
      ['intent', 'activate', 2],
      ['outcome', 'activate', 3],
      ['intent', 'record', 3],
      ['outcome', 'record', 4],
      ['outcome', 'change', 4],
    ]);
  });

  it('holds body, path, status and correlation id of every write', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const { log } = await apply(on, { 'a.yaml': weighing('a', 'Alpha', 0.5) });
    const path = `/api/v2/routing/strategies/${strategy(on, 'a').id}`;
    const intent = log.records.find(({ type }) => type === 'intent');
    const outcome = log.records.find(({ type }) => type === 'outcome');
    expect(intent?.request).toEqual({ method: 'PUT', path, status: null, correlationId: null });
    expect(intent?.detail?.['body']).toMatchObject({ version: 1, targets: [{ weight: 0.5 }] });
    expect(outcome?.request).toMatchObject({ method: 'PUT', path, status: 200 });
    expect(outcome?.request?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect([outcome?.before, outcome?.after]).toMatchObject([
      { targets: [{ queue: 'Alpha', weight: 1 }] },
      { targets: [{ queue: 'Alpha', weight: 0.5 }] },
    ]);
  });

  it('has a word on every change, blocked ones too, in an unbroken chain', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const { exchange } = faulty(on.exchange, [
      { method: 'PUT', path: ITEM, nth: 2, times: 9, does: { lost: 'after' } },
    ]);
    const { log, outcomes } = await carryOut(on, made, { exchange });
    const last = log.records.filter(({ detail }) => detail?.['step'] === 'change');
    expect(last.map(({ address, outcome }) => [address, outcome?.state])).toEqual(
      outcomes.map(({ address, state }) => [address, state]),
    );
    const text = log.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    expect(verifyChain(text, sha256)).toMatchObject({ problems: [], unfinished: [] });
  });

  it.each(['intent', 'checked'])('that cannot take an %s stops everything', async (type) => {
    const on = bench(THREE);
    const before = structuredClone(on.org.strategies);
    const made = await plan(on, HALVED);
    const full = new AppError('audit-unwritable', 1, 'user', 'disk full');
    const audit = new MemoryLog(
      () => 0,
      (entry) => (entry.type === type ? full : null),
    );
    const { exchange, sent } = faulty(on.exchange);
    const { outcomes, exitCode, fault } = await carryOut(on, made, { exchange, audit });
    expect([fault, exitCode]).toEqual([full, 1]);
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked', 'blocked']);
    expect(everyWrite(sent)).toEqual([]);
    expect(on.org.strategies).toEqual(before);
  });

  it('that cannot take an outcome stops before the next write', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const full = new AppError('audit-unwritable', 1, 'user', 'disk full');
    const audit = new MemoryLog(
      () => 0,
      (entry) => (entry.type === 'outcome' ? full : null),
    );
    const { outcomes, exitCode, fault } = await carryOut(on, made, { audit });
    expect([fault, exitCode]).toEqual([full, 1]);
    // What was done before the log failed is not lost: it is told, with the reason.
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked', 'blocked']);
    expect(weights(on)).toEqual({ a: 0.5, b: 1, c: 1 });
  });

  it('that is full half-way through a change: what was written by then is said', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const full = new AppError('audit-unwritable', 1, 'user', 'disk full');
    const audit = new MemoryLog(
      () => 0,
      ({ type, detail }) => (type === 'intent' && detail?.['step'] === 'record' ? full : null),
    );
    const { outcomes } = await carryOut(on, made, { audit });
    expect(outcomes[0]).toMatchObject({ state: 'failed', message: 'disk full (after: updated)' });
  });

  it('takes whatever text the platform gives as a reason', async () => {
    const on = bench(ORG);
    // 300 characters are shown: the cut must not fall into the middle of a character.
    const { exchange } = faulty(on.exchange, [
      {
        method: 'POST',
        path: ROOT,
        does: { answer: refusal(400, 'bad.request', '🙂'.repeat(400)) },
      },
      {
        method: 'GET',
        path: ITEM,
        does: {
          mangle: (one) => ({
            ...one,
            body: one.body.replace(
              '"status":"activating"',
              '"status":"failed","errorMessage":"half \\ud83d a \\u001b[31mface"',
            ),
          }),
        },
      },
    ]);
    const files = { 'a.yaml': manifest('a', 'Alpha'), 'b.yaml': manifest('b', 'Beta') };
    const { outcomes, exitCode } = await apply(on, files, { exchange });
    expect(exitCode).toBe(5);
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(outcomes.every(({ message }) => message.isWellFormed())).toBe(true);
    expect(outcomes[1]?.message).toContain('activation failed: half');
  });
});

describe('answers that are lost', () => {
  const files = { 'a.yaml': manifest('a', 'Alpha'), 'b.yaml': weighing('b', 'Beta', 0.5) };
  const org: OrgFile = { ...ORG, strategies: [live('b', 'Beta'), live('gone', 'Gamma')] };
  const places: [string, Omit<Fault, 'does'>][] = [
    ['POST', { method: 'POST', path: ROOT }],
    ['PUT of the activation', { method: 'PUT', path: ITEM }],
    ['PUT of an update', { method: 'PUT', path: ITEM, nth: 2 }],
    ['DELETE', { method: 'DELETE', path: ITEM }],
  ];
  const cases = places.flatMap(([name, place]) =>
    (['before', 'after'] as const).map((lost) => [name, lost, place] as const),
  );

  it.each(cases)(
    '%s, lost %s the effect: looked for, and sent again if need be',
    async (...one) => {
      const [, lost, place] = one;
      const on = bench(org);
      const { exchange, sent } = faulty(on.exchange, [{ ...place, does: { lost } }]);
      const { exitCode, outcomes, log } = await apply(on, files, { exchange });
      expect([exitCode, outcomes.filter(({ message }) => message !== '')]).toEqual([0, []]);
      expect(statuses(on)).toEqual({ a: 'active', b: 'active' });
      expect(weights(on)).toEqual({ a: 1, b: 0.5 });
      const settled = log.records.flatMap(({ type, outcome }) =>
        type === 'settled' ? outcome : [],
      );
      const state = lost === 'after' ? 'took effect' : 'did not';
      expect(settled).toEqual([{ state, message: '' }]);
      // POST, activation, update and delete; what took effect is not sent again.
      expect(writes(sent)).toHaveLength(lost === 'after' ? 4 : 5);
    },
  );

  it.each(cases)('%s, lost %s the effect, and silence: the next run converges', async (...one) => {
    const [, lost, place] = one;
    const on = bench(org);
    const exchange = silentAfter(on.exchange, place, lost);
    const first = await apply(on, files, { exchange });
    expect(first.exitCode).toBe(7);
    const failed = first.outcomes.filter(({ state }) => state === 'failed');
    expect(failed).toHaveLength(1);
    const open = first.log.records.filter(({ outcome }) => outcome?.state === 'open');
    expect(open).toMatchObject([{ outcome: { message: expect.stringContaining('is unknown') } }]);
    const second = await apply(on, files);
    expect(second.exitCode).toBe(0);
    expect(statuses(on)).toEqual({ a: 'active', b: 'active' });
    expect(weights(on)).toEqual({ a: 1, b: 0.5 });
    expect((await plan(on, files)).plan.changes).toEqual([]);
  });

  it('of an activation that follows a failed one are not taken for its failure', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha', { status: 'failed' })] });
    const { exchange } = faulty(on.exchange, [
      { method: 'PUT', path: ITEM, does: { lost: 'before' } },
    ]);
    const { exitCode } = await apply(on, { 'a.yaml': manifest('a', 'Alpha') }, { exchange });
    expect([exitCode, statuses(on)]).toEqual([0, { a: 'active' }]);
  });

  it('of a read are asked for again', async () => {
    const on = bench(org);
    const { exchange } = faulty(on.exchange, [
      { method: 'GET', path: ITEM, times: 2, does: { lost: 'before' } },
    ]);
    expect((await apply(on, files, { exchange })).exitCode).toBe(0);
  });

  it('of a create that is cut short mid-body are not taken for success', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      {
        method: 'POST',
        path: ROOT,
        does: { mangle: (one) => ({ ...one, body: one.body.slice(0, 40) }) },
      },
    ]);
    const first = await apply(on, { 'a.yaml': manifest('a', 'Alpha') }, { exchange });
    expect([first.exitCode, statuses(on)]).toEqual([0, { a: 'active' }]);
    const create = first.log.records.filter(({ detail }) => detail?.['step'] === 'create');
    expect(create.map(({ type, outcome }) => [type, outcome?.state])).toEqual([
      ['intent', undefined],
      ['outcome', 'open'],
      ['settled', 'took effect'],
    ]);
  });
});

describe('an outage', () => {
  it.each([
    ['an error of the platform', { answer: html(503) }],
    ['silence', { lost: 'before' } as const],
  ])('in the midst of a run ends it before its next write: %s', async (_name, does) => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const { exchange, sent } = faulty(on.exchange, [
      { method: 'PUT', path: ITEM, nth: 2, times: 999, does },
      { method: 'GET', path: ITEM, times: 999, does },
    ]);
    const { exitCode, outcomes, log } = await carryOut(on, made, { exchange });
    expect([exitCode, outcomes.map(({ state }) => state)]).toEqual([
      ...[7, ['updated', 'failed', 'blocked']],
    ]);
    expect(weights(on)).toEqual({ a: 0.5, b: 1, c: 1 });
    // One try of the second; nothing was sent while nobody could say what had become of it.
    expect(writes(sent)).toHaveLength(2);
    // What failed last was the look, what the user has to know of is the write.
    expect(outcomes[1]?.message).toMatch(
      /^PUT \/api\/\S+ .*whether it took effect is unknown.*a look at the org failed as well: GET /,
    );
    expect(outcomes[1]?.request?.method).toBe('PUT');
    const blocked = log.records.filter(({ outcome }) => outcome?.state === 'blocked');
    expect(blocked).toHaveLength(1);
  });

  it('opens the circuit, which says so, and then nothing leaves', async () => {
    const on = bench(THREE);
    const made = await plan(on, HALVED);
    const { exchange, sent } = faulty(on.exchange, [
      { path: /^\/api\//, nth: 1, times: 9999, does: { answer: html(502) } },
    ]);
    const writer = openWriter(on.connection('demo', exchange));
    await writer.queues().catch(() => null);
    const before = sent.length;
    const again = await writer.get('/api/v2/routing/skills').catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'circuit-open', exitCode: 7, unclear: false });
    expect(String(again)).toMatch(/was not sent: .* the last was GET \/api\/v2\/routing\/queues/);
    expect(sent).toHaveLength(before);
    expect(on.events.events).toContainEqual({ type: 'circuit-open', forMs: expect.any(Number) });
    expect((await carryOut(on, made)).exitCode).toBe(0);
  });
});
