/** What a later run says of the writes that a killed one has left open. */
import { bindingFor } from '../support/binding.js';
import { describe, expect, it } from 'vitest';
import type { OpenIntent, OpenRun } from '../../src/core/audit.js';
import type { JsonObject } from '../../src/core/json.js';
import { closable, IntentCloser } from '../../src/engine/open-intents.js';
import { BACKEND, keyOf, own, OWNER, recordOf, remember } from '../support/owned.js';
import { bench, START_MS, type Bench } from '../support/org.js';
import { edit, live, ORG, plan, remove } from '../support/reconcile.js';

const ADDRESS = 'RoutingStrategy/a';
const LATER = new Date(START_MS + 1000).toISOString();

function intentOf(step: string, over: Partial<OpenIntent> = {}): OpenIntent {
  return {
    seq: 3,
    at: '2026-03-02T09:00:00.000Z',
    address: ADDRESS,
    step,
    before: null,
    after: null,
    body: null,
    request: { method: 'PUT', path: '/api/v2/routing/strategies/1' },
    ...over,
  };
}

async function said(on: Bench, intent: OpenIntent): Promise<string> {
  const { observation } = await plan(on, {}, { owned: false, prune: false });
  const later = on.clock.now() + 3_600_000;
  const settler = new IntentCloser(on.reader(), observation, bindingFor(BACKEND), later);
  return (await settler.effectOf(intent, 'killed')).state;
}

const fieldsAt = async (on: Bench): Promise<JsonObject> => {
  const { observation } = await plan(on, {}, { owned: false, prune: false });
  return observation.live[0]?.fields ?? {};
};

describe('a record that is handed over', () => {
  const us = { owner: OWNER.name, environment: OWNER.environment };

  it.each([
    ['where it is theirs', us, 'took effect'],
    ['where it is not', { ...us, owner: 'x//y' }, 'did not'],
    ['where it is of another environment', { ...us, environment: 'y' }, 'did not'],
  ])('took effect or not: %s', async (_name, body, effect) => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    own(on.org);
    expect(await said(on, intentOf('transfer', { body }))).toBe(effect);
  });

  it('is not known where the record is gone', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
    expect(await said(on, intentOf('transfer', { body: us }))).toBe('unknown');
  });
});

describe('a write of an object', () => {
  const one = (status: 'active' | 'draft' = 'active'): Bench =>
    bench({ ...ORG, strategies: [live('a', 'Alpha', { status })] });
  const lighter = { targets: [{ queue: 'Alpha', priority: 1, weight: 0.5, capacity: 5 }] };

  it.each<[string, string, (fields: JsonObject) => Partial<OpenIntent>, string]>([
    ['an update, where it is as asked', 'update', (after) => ({ after }), 'took effect'],
    [
      'an update, where it is as before',
      'update',
      (before) => ({ before, after: { ...before, ...lighter } }),
      'did not',
    ],
    [
      'an update, where it is neither',
      'update',
      (fields) => ({ before: { ...fields, ...lighter }, after: { ...fields, targets: [] } }),
      'unknown',
    ],
    ['a create, where it is there', 'create', (after) => ({ after }), 'took effect'],
    [
      'a create, where something else is there',
      'create',
      (fields) => ({ after: { ...fields, ...lighter } }),
      'unknown',
    ],
    [
      'an activation, where it is active',
      'activate',
      (after) => ({ before: after, after, body: { status: 'active' } }),
      'took effect',
    ],
    ['a delete, where it is there', 'delete', (before) => ({ before }), 'did not'],
  ])('%s', async (_name, step, over, state) => {
    const on = one();
    expect(await said(on, intentOf(step, over(await fieldsAt(on))))).toBe(state);
  });

  it.each([
    ['draft', 'took effect'],
    ['failed', 'unknown'],
  ])('an activation, where it has failed and was %s before: %s', async (status, state) => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha', { status: 'failed' })] });
    const fields = await fieldsAt(on);
    const after = { ...fields, status: 'active' };
    const over = { before: { ...fields, status }, after, body: { status: 'active' } };
    expect(await said(on, intentOf('activate', over))).toBe(state);
  });

  it('an activation, where it is a draft, did not', async () => {
    const on = one('draft');
    const fields = await fieldsAt(on);
    const over = { before: fields, after: fields, body: { status: 'active' } };
    expect(await said(on, intentOf('activate', over))).toBe('did not');
  });

  it.each([
    ['create', 'did not'],
    ['delete', 'took effect'],
    ['update', 'unknown'],
  ])('%s, where nothing is there: %s', async (step, state) => {
    const on = one();
    const after = await fieldsAt(on);
    await remove(on, 'a');
    const request = { method: 'POST', path: '/api/v2/routing/strategies' };
    const over = step === 'create' ? { after, request } : { after };
    expect(await said(on, intentOf(step, over))).toBe(state);
  });

  it('that somebody has edited since cannot be told', async () => {
    const on = one();
    const before = await fieldsAt(on);
    await edit(on, 'a', { targets: [] }).catch(() => undefined);
    const after = { ...before, ...lighter };
    await edit(on, 'a', { fallback: { queue: queueOf(on, 'Overflow') } });
    expect(await said(on, intentOf('update', { before, after }))).toBe('unknown');
  });
});

function queueOf(on: Bench, name: string): JsonObject {
  const { id } = [...on.org.queues.values()].find((queue) => queue.name === name)!;
  return { id, priority: 9, weight: 0.1 };
}

describe('a write beside objects', () => {
  const claim = intentOf('claim', { body: { key: keyOf(ADDRESS), object: '' } });
  const record = intentOf('record', { body: { key: keyOf(ADDRESS), object: 'id-1' } });

  const dated = (at: string): OpenIntent => ({ ...record, at, body: { ...record.body, at } });
  const OWN = { id: 'id-1', run: 'killed' };
  const EARLIER = '2026-03-01T09:00:00.000Z';

  it.each<[string, OpenIntent, { id: string | null; run: string; at?: string } | null, string]>([
    ['a claim that is there', claim, { id: null, run: 'killed' }, 'took effect'],
    ['a claim where a record followed', claim, { id: 'id-1', run: 'killed' }, 'did not'],
    ['a claim of an earlier run', claim, { id: null, run: 'earlier' }, 'did not'],
    ['a claim of a later run', claim, { id: null, run: 'later', at: LATER }, 'unknown'],
    ['a claim that is not there', claim, null, 'did not'],
    ['a record that is there', record, { id: 'id-1', run: 'killed' }, 'took effect'],
    ['a record that its run had written before', dated(LATER), { ...OWN, at: EARLIER }, 'did not'],
    ['a record that its run wrote again', dated(EARLIER), { ...OWN, at: LATER }, 'unknown'],
    ['a record that is there, by its date', dated(LATER), { ...OWN, at: LATER }, 'took effect'],
    ['a record where only the claim is', record, { id: null, run: 'killed' }, 'did not'],
    ['the end of a record that is gone', intentOf('release'), null, 'took effect'],
    ['the end of a record', intentOf('release'), { id: 'id-1', run: 'x' }, 'did not'],
    ['the end of one that is there anew', intentOf('release'), { ...OWN, at: LATER }, 'unknown'],
  ])('%s', async (_name, intent, there, state) => {
    const on = bench(ORG);
    own(on.org);
    if (there !== null) remember(on.org, recordOf(ADDRESS, there));
    const rows = `/api/v2/flows/datatables/${[...on.org.tables.keys()][0] ?? ''}/rows`;
    const request =
      intent.step === 'release'
        ? { method: 'DELETE', path: `${rows}/${keyOf(ADDRESS)}` }
        : { method: 'POST', path: rows };
    expect(await said(on, { ...intent, request })).toBe(state);
  });

  it('the end of a record whose row is read no more, and is there', async () => {
    const on = bench(ORG);
    own(on.org);
    const { observation } = await plan(on, {}, { owned: false, prune: false });
    remember(on.org, recordOf(ADDRESS, { id: 'id-1', run: 'x' }));
    const rows = `/api/v2/flows/datatables/${[...on.org.tables.keys()][0] ?? ''}/rows`;
    const request = { method: 'DELETE', path: `${rows}/${keyOf(ADDRESS)}` };
    const now = on.clock.now();
    const settler = new IntentCloser(on.reader(), observation, bindingFor(BACKEND), now);
    const { state } = await settler.effectOf(intentOf('release', { request }), 'killed');
    expect(state).toBe('did not');
  });

  it.each(['rows', 'import/csv/jobs'])(
    'a claim that no listing shows yet, sent to %s',
    async (to) => {
      const on = bench(ORG);
      own(on.org);
      const { observation } = await plan(on, {}, { owned: false, prune: false });
      remember(on.org, recordOf(ADDRESS, { id: null, run: 'killed' }));
      const now = on.clock.now();
      const settler = new IntentCloser(on.reader(), observation, bindingFor(BACKEND), now);
      const path = `/api/v2/flows/datatables/${[...on.org.tables.keys()][0] ?? ''}/${to}`;
      const sent = { ...claim, request: { method: 'POST', path } };
      expect((await settler.effectOf(sent, 'killed')).state).toBe('took effect');
    },
  );

  it('what only a listing knows is told once it cannot lag any more', async () => {
    const on = bench(ORG);
    own(on.org);
    const { observation } = await plan(on, {}, { owned: false, prune: false });
    const at = async (ms: number): Promise<string> => {
      const now = START_MS + ms;
      const settler = new IntentCloser(on.reader(), observation, bindingFor(BACKEND), now);
      const request = { method: 'POST', path: '/api/v2/routing/strategies' };
      const intent = intentOf('create', { request, after: { targets: [] } });
      return (await settler.effectOf(intent, 'killed')).state;
    };
    expect([await at(179_999), await at(180_000)]).toEqual(['unknown', 'did not']);
  });

  it('what only a listing knows is not told where nobody can read when it was sent', async () => {
    const on = bench(ORG);
    own(on.org);
    const { observation } = await plan(on, {}, { owned: false, prune: false });
    const request = { method: 'POST', path: '/api/v2/routing/strategies' };
    const intent = intentOf('create', { request, after: { targets: [] }, at: 'on Friday' });
    const now = START_MS + 600_000;
    const settler = new IntentCloser(on.reader(), observation, bindingFor(BACKEND), now);
    expect((await settler.effectOf(intent, 'killed')).state).toBe('unknown');
  });

  it('the table of records is there or not', async () => {
    const on = bench(ORG);
    const name = 'Routing Strategies (strategos)';
    const table = intentOf('table', { address: null, body: { name } });
    expect(await said(on, table)).toBe('did not');
    own(on.org);
    expect(await said(on, table)).toBe('took effect');
  });

  it.each(['lock', 'import rows'])('%s: nothing is left to be seen', async (step) => {
    expect(await said(bench(ORG), intentOf(step, { address: null }))).toBe('unknown');
  });
});

describe('settleable', () => {
  const run = (over: Partial<OpenRun>, step = 'update'): OpenRun => ({
    run: 'r',
    organization: 'org',
    isOver: false,
    intents: [intentOf(step)],
    ...over,
  });
  it.each<[string, OpenRun, boolean]>([
    ['a run that held the lock', run({}), true],
    ['one that may still wait for it', run({}, 'lock'), false],
    ['one that waited, and is gone', run({ isOver: true }, 'lock'), true],
    ['one of another org', run({ organization: 'other', isOver: true }), false],
    ['one that had not come to an org', run({ organization: null, isOver: true }, 'table'), true],
  ])('%s: %s', (_name, one, expected) => {
    expect(closable([one], 'org')).toHaveLength(expected ? 1 : 0);
  });
});
