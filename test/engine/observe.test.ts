/** What a plan sees of an org: all of it, once. */
import { describe, expect, it } from 'vitest';
import { isNew, observe } from '../../src/engine/observe.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader } from '../../src/genesys/sdk.js';
import { faulty } from '../support/faults.js';
import { bindingFor } from '../support/binding.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND, own, tableLike } from '../support/owned.js';
import { live, ORG, plan, manifest, strategy } from '../support/reconcile.js';

function observed(on: Bench, reader = on.reader()) {
  return observe(reader, bindingFor(BACKEND), sha256);
}

const MANY = Array.from({ length: 250 }, (_, index) => `strategy-${index}`);

describe('what was dated so', () => {
  const NOW = Date.parse('2026-03-02T09:00:00Z');

  it.each([
    ['just now', 0, true],
    ['two minutes ago', -120_000, true],
    ['three minutes ago', -180_000, false],
    ['two minutes ahead', 120_000, true],
    ['two hours ahead, by a clock that was wrong', 7_200_000, false],
  ])('may be too new for a listing: %s', (_name, ms, expected) => {
    expect(isNew(new Date(NOW + ms).toISOString(), NOW)).toBe(expected);
  });

  it('is of any age where nobody can read the date', () => {
    expect(isNew('', NOW)).toBe(false);
  });
});

describe('observing', () => {
  it('reads every page of 250 strategies', async () => {
    const on = bench({ ...ORG, strategies: MANY.map((name) => live(name, 'Alpha')) });
    const { live: found } = await observed(on);
    expect(found.map((one) => one.name).sort()).toEqual([...MANY].sort());
    expect(found.every((one) => one.id === strategy(on, one.name).id)).toBe(true);
  });

  it('knows every queue and skill of an org with more than one page of both', async () => {
    const on = bench({ generate: { queues: 1201, users: 1, skills: 501 } });
    const { catalog } = await observed(on);
    for (const { id, name } of on.org.queues.values()) {
      expect(catalog.resolve('queue', name)).toEqual({ found: true, id, label: name });
    }
    for (const { id, name } of on.org.skills.values()) {
      expect(catalog.resolve('skill', name)).toEqual({ found: true, id, label: name });
    }
    expect([on.org.queues.size, on.org.skills.size]).toEqual([1201, 501]);
  });

  it('asks for nothing twice', async () => {
    const on = bench({
      ...ORG,
      generate: { queues: 600 },
      strategies: MANY.map((name) => live(name, 'Alpha')),
    });
    const { exchange, sent } = faulty(on.exchange);
    own(on.org);
    await observed(on, openReader(on.connection('demo', exchange)));
    const asked = sent.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(asked).size).toBe(asked.length);
    // Token, organization, tables, one page of skills, two of queues, three of strategies, and one
    // of their records.
    expect(asked).toHaveLength(10);
  });

  it('does not ask for tables that have been found already', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    own(on.org);
    const { homes, state } = await observed(on);
    const { exchange, sent } = faulty(on.exchange);
    const reader = openReader(on.connection('demo', exchange));
    const again = await observe(reader, bindingFor(BACKEND), sha256, { homes });
    expect(again.homes).toBe(homes);
    expect(again.state).toEqual(state);
    expect(sent.filter(({ path }) => path.includes('expand=schema'))).toEqual([]);
  });

  it('reads what the org remembers, and nothing where it has no table for it', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    expect((await observed(on)).state).toEqual({
      records: new Map(),
      lock: null,
      heads: new Map(),
    });
    own(on.org, { applied: { a: { status: 'active' } } });
    const { state, homes } = await observed(on);
    expect([...state.records.values()]).toMatchObject([
      { address: 'RoutingStrategy/a', id: strategy(on, 'a').id, applied: { status: 'active' } },
    ]);
    expect(homes.missing).toEqual([]);
  });

  it('refuses a table of our name that is not ours before it takes it for empty', async () => {
    const on = bench(ORG);
    tableLike(on.org, { name: BACKEND.tables.state, description: '', keyTitle: '', columns: [] });
    await expect(observed(on)).rejects.toMatchObject({ code: 'foreign-table', exitCode: 4 });
  });

  it('keeps the id of a queue that is gone, and the rest of the strategy', async () => {
    const on = bench({
      ...ORG,
      strategies: [
        live('old', 'Alpha', {
          fallback: { queue: { queue: 'Overflow', priority: 9, weight: 0.5 } },
        }),
      ],
    });
    const { targets, fallback } = strategy(on, 'old').content;
    on.org.queues.delete(targets[0]!.id);
    on.org.queues.delete(fallback!.id);
    const { live: found } = await observed(on);
    expect(found[0]?.fields).toMatchObject({
      targets: [{ queue: { id: targets[0]!.id }, priority: 1, weight: 1, capacity: 5 }],
      fallback: { queue: { id: fallback!.id }, priority: 9, weight: 0.5 },
    });
  });

  it('plans a strategy away from a queue that is gone', async () => {
    const on = bench({ ...ORG, strategies: [live('old', 'Alpha')] });
    on.org.queues.delete(strategy(on, 'old').content.targets[0]!.id);
    const { plan: made } = await plan(on, { 'a.yaml': manifest('old', 'Beta') });
    expect(made.changes.map(({ action, address }) => [action, address])).toEqual([
      ['update', 'RoutingStrategy/old'],
    ]);
  });

  it('sees two queues of one name as ids, because the name says too little', async () => {
    const on = bench({ ...ORG, strategies: [live('twins', 'Alpha')] });
    const [alpha, beta] = [...on.org.queues.values()];
    beta!.name = alpha!.name;
    const { live: found } = await observed(on);
    expect(found[0]?.fields['targets']).toMatchObject([{ queue: { id: alpha!.id } }]);
  });

  it('leaves two strategies of one name out, and says which they are', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    const first = strategy(on, 'a');
    on.org.strategies.set('second', { ...first, id: 'second' });
    const { live: found, unclear } = await observed(on);
    expect(found).toEqual([]);
    expect([...unclear.keys()]).toEqual(['RoutingStrategy/a']);
    expect(unclear.get('RoutingStrategy/a')?.[0]?.message).toContain(`${first.id} and second`);
  });

  it('reports state, version and the reason of a failure', async () => {
    const on = bench({
      ...ORG,
      strategies: [
        live('a', 'Alpha', { status: 'failed', errorMessage: 'no licence' }),
        live('b', 'Beta', { status: 'draft' }),
      ],
    });
    const { live: found } = await observed(on);
    expect(found.map(({ state, version, errorMessage }) => [state, version, errorMessage])).toEqual(
      [
        ['failed', 1, 'no licence'],
        ['draft', 1, null],
      ],
    );
  });
});
