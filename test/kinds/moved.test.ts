/** `metadata.previously`: what the platform can call otherwise is, and everything else is said. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { OpenIntent } from '../../src/core/audit.js';
import type { Plan } from '../../src/core/types.js';
import { bind } from '../../src/engine/bind.js';
import { IntentCloser } from '../../src/engine/open-intents.js';
import type { HttpResponse } from '../../src/genesys/transport.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { bench } from '../support/org.js';
import { faulty, refusal } from '../support/faults.js';
import { killedAt } from '../support/killed.js';
import { many, SKILL, STRATEGY, type Many } from '../support/many.js';
import { ORG } from '../support/reconcile.js';

const on = (backend: 'datatable' | 'strategies-api' = 'strategies-api'): Many =>
  many(bench(ORG), backend);
type Former = string | readonly string[];
const named = (kind: string, name: string, spec: object, previously?: Former): string =>
  stringify({
    apiVersion: 'strategos/v1',
    kind,
    metadata: { name, ...(previously === undefined ? {} : { previously }) },
    spec,
  });
const QUEUE = (name: string, previously?: Former): string =>
  named('Queue', name, { description: 'Bills' }, previously);
const lines = ({ changes }: Plan): string[] =>
  changes.map(({ action, address, previously = '' }) =>
    `${action} ${address} ${previously}`.trim(),
  );
const queues = ({ bench: { org } }: Many): string[] =>
  [...org.queues.values()].map(({ name }) => name).sort();
const idOf = ({ bench: { org } }: Many, name: string): string =>
  [...org.queues.values()].find((one) => one.name === name)?.id ?? '';
const recorded = async (place: Many, files: Record<string, string>): Promise<string[]> => {
  const { observation } = await place.plan(files);
  return [...observation.state.records.keys()].sort();
};

const BEFORE = { 'q.yaml': QUEUE('Bills') };
const AFTER = { 'q.yaml': QUEUE('Invoices', 'Bills') };

describe('an object that was called otherwise', () => {
  it('is renamed, with its id, and its record goes with it', async () => {
    const place = on();
    await place.apply(BEFORE);
    const id = idOf(place, 'Bills');
    const { plan } = await place.plan(AFTER);
    expect(lines(plan)).toEqual(['update Queue/Invoices Bills']);
    expect(planText(plan, plainStyle)).toContain('name: Bills → Invoices');
    const { outcomes } = await place.apply(AFTER);
    expect(outcomes.map(({ state, address }) => `${state} ${address}`)).toEqual([
      'updated Queue/Invoices',
    ]);
    expect(idOf(place, 'Invoices')).toBe(id);
    expect(queues(place)).not.toContain('Bills');
    expect(lines((await place.plan(AFTER)).plan)).toEqual([]);
    expect(await recorded(place, AFTER)).toEqual(['Queue/Invoices']);
    // The key may go then, and the queue stays ours.
    const without = { 'q.yaml': QUEUE('Invoices') };
    expect(lines((await place.plan(without)).plan)).toEqual([]);
    expect(lines((await place.plan({})).plan)).toEqual(['delete Queue/Invoices']);
  });

  it('is changed in the same request', async () => {
    const place = on();
    await place.apply(BEFORE);
    const changed = { 'q.yaml': named('Queue', 'Invoices', { description: 'More' }, 'Bills') };
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.apply(changed, { exchange });
    const puts = sent.filter(({ method, path }) => method === 'PUT' && path.includes('/queues/'));
    expect(puts).toHaveLength(1);
    expect(place.bench.org.queues.get(idOf(place, 'Invoices'))?.description).toBe('More');
  });

  it.each<[string, object]>([
    ['WrapupCode', { description: 'a' }],
    ['Schedule', { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00' }],
    ['EmergencyGroup', {}],
    ['DataTable', { columns: [{ name: 'site', type: 'string' }] }],
    [
      'SkillGroup',
      {
        skillConditions: [
          {
            operation: 'And',
            routingSkillConditions: [
              { routingSkill: 'Voice', comparator: 'EqualTo', proficiency: 5 },
            ],
          },
        ],
      },
    ],
  ])('%s, as well', async (kind, spec) => {
    const place = on();
    await place.apply({ 'a.yaml': named(kind, 'Old', spec) });
    const files = { 'a.yaml': named(kind, 'New', spec, 'Old') };
    const { outcomes } = await place.apply(files);
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
    const { plan, observation } = await place.plan(files);
    expect(lines(plan)).toEqual([]);
    const names = observation.live.filter((one) => one.kind === kind).map(({ name }) => name);
    expect(names).toEqual(['New']);
  });

  it('is named anew by whatever names it: ids stay, names follow the rename', async () => {
    const strategy = (queue: string): string =>
      STRATEGY('support', 'Voice').replaceAll('Alpha', queue);
    const before = { 'q.yaml': QUEUE('Alpha'), 's.yaml': strategy('Alpha') };
    const after = { 'q.yaml': QUEUE('Omega', 'Alpha'), 's.yaml': strategy('Omega') };
    const ids = on('strategies-api');
    await ids.apply(before, { adopt: true });
    expect(lines((await ids.plan(after)).plan)).toEqual(['update Queue/Omega Alpha']);
    const rows = on('datatable');
    await rows.apply(before, { adopt: true });
    const { plan } = await rows.plan(after);
    expect(plan.changes.map(({ address, waitsFor }) => [address, ...waitsFor])).toEqual([
      ['Queue/Omega'],
      ['RoutingStrategy/support', 'Queue/Omega'],
    ]);
    // Nobody has made a row odd that names what the plan renames.
    expect(plan.changes.map(({ found }) => found)).toEqual([undefined, undefined]);
    for (const place of [ids, rows]) {
      const { outcomes } = await place.apply(after);
      expect(outcomes.filter(({ state }) => state !== 'updated')).toEqual([]);
      expect(lines((await place.plan(after)).plan)).toEqual([]);
    }
  });

  it('is told to whatever goes on naming it so, in git: neither is it gone, nor to be made', async () => {
    const strategy = STRATEGY('support', 'Voice').replaceAll('Alpha', 'Bills');
    const backup = named('Queue', 'Beta', { directRouting: { backupQueue: 'Bills' } });
    const columns = [
      { name: 'site', type: 'string' },
      { name: 'queue', type: 'string', references: 'Queue' },
    ];
    const items = [{ site: 'Bonn', queue: 'Bills' }];
    const table = named('DataTable', 'Sites', { columns, rows: { mode: 'owned', items } });
    const others = { 's.yaml': strategy, 'b.yaml': backup, 't.yaml': table };
    const first = on();
    await first.send('POST', '/api/v2/routing/queues', { name: 'Bills', description: 'Bills' });
    const ours = on();
    await ours.apply({ ...BEFORE, ...others }, { adopt: true });
    for (const place of [first, ours]) {
      const { plan } = await place.plan({ ...AFTER, ...others }, { adopt: true });
      const said = plan.blocked?.filter(({ address }) => !address.startsWith('Queue/Invoices'));
      expect(said?.map(({ address }) => address).sort()).toEqual([
        'DataTable/Sites',
        'Queue/Beta',
        'RoutingStrategy/support',
      ]);
      for (const { obstacles } of said ?? []) {
        expect(obstacles.map(({ message, hint }) => [message, hint])).toEqual([
          [
            'the queue "Bills" is to be called "Invoices" by metadata.previously of Queue/Invoices',
            'write "Invoices"',
          ],
        ]);
      }
    }
  });

  it('whose new name another has is left, and not deleted as one that no manifest names', async () => {
    const place = on();
    await place.apply(BEFORE);
    await place.send('POST', '/api/v2/routing/queues', { name: 'Invoices', description: 'Bills' });
    const { plan } = await place.plan(AFTER);
    expect(plan.changes).toEqual([]);
    expect(plan.blocked?.map(({ address }) => address).sort()).toEqual([
      'Queue/Bills',
      'Queue/Invoices',
    ]);
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toContain(
      'Queue/Invoices is there already, and is another',
    );
    await place.apply(AFTER);
    expect(queues(place)).toEqual(expect.arrayContaining(['Bills', 'Invoices']));
  });

  it('once it is renamed, whatever has the old name is another’s', async () => {
    const place = on();
    await place.apply(BEFORE);
    await place.apply(AFTER);
    await place.send('POST', '/api/v2/routing/queues', { name: 'Bills' });
    const { plan } = await place.plan(AFTER);
    expect([plan.changes, plan.blocked ?? []]).toEqual([[], []]);
  });

  it.each(['another owner', 'us, out of scope'])(
    'is held by a row of %s that goes on naming it',
    async (who) => {
      const place = on('datatable');
      const row = { 's.yaml': STRATEGY('support', 'Voice') };
      const owner = who === 'another owner' ? { owner: 'other' } : {};
      await place.apply({ ...row }, owner);
      await place.apply({ ...row, 'q.yaml': QUEUE('Alpha') }, { adopt: true });
      const after = { ...row, 'q.yaml': QUEUE('Omega', 'Alpha') };
      const { plan } = await place.plan(
        after,
        who === 'another owner' ? {} : { scope: ['Queue/Omega'] },
      );
      expect(lines(plan)).not.toContain('update Queue/Omega Alpha');
      expect(
        plan.blocked?.find(({ address }) => address === 'Queue/Omega')?.obstacles[0]?.message,
      ).toContain('it is not renamed from "Alpha": RoutingStrategy/support');
    },
  );

  it('of nobody is taken over only where that is asked for', async () => {
    const place = on();
    const files = { 'q.yaml': named('Queue', 'Omega', {}, 'Alpha') };
    const { plan } = await place.plan(files);
    expect(plan.guards.filter(({ passed }) => !passed).map(({ guard }) => guard)).toEqual([
      'adoption',
    ]);
    const { outcomes } = await place.apply(files, { adopt: true });
    expect(outcomes.map(({ state, address }) => `${state} ${address}`)).toEqual([
      'adopted Queue/Omega',
    ]);
    expect(queues(place)).toContain('Omega');
  });

  it('of another owner is refused', async () => {
    const place = on();
    await place.apply(BEFORE, { owner: 'other' });
    const { plan } = await place.plan(AFTER);
    expect(plan.guards.find(({ guard }) => guard === 'ownership')?.passed).toBe(false);
    expect(plan.changes).toEqual([]);
  });

  it('by a person already is ours under the name that both have', async () => {
    const place = on();
    await place.apply(BEFORE);
    const id = idOf(place, 'Bills');
    const queue = place.bench.org.queues.get(id);
    if (queue === undefined) throw new Error('no queue');
    place.bench.org.queues.set(id, { ...queue, name: 'Invoices' });
    const { plan } = await place.plan({ 'q.yaml': QUEUE('Bills') });
    expect(plan.blocked?.[0]?.obstacles[0]?.hint).toContain(
      'call it "Invoices" here, with metadata.previously: "Bills"',
    );
    expect(lines((await place.plan(AFTER)).plan)).toEqual([]);
    await place.apply(AFTER);
    expect(await recorded(place, AFTER)).toEqual(['Queue/Invoices']);
    expect(lines((await place.plan({})).plan)).toEqual(['delete Queue/Invoices']);
  });

  it('whose rename got no answer is looked at, and not taken for renamed', async () => {
    for (const lost of ['before', 'after'] as const) {
      const place = on();
      await place.apply(BEFORE);
      const { exchange } = faulty(place.bench.exchange, [
        { path: /queues\/[^/]+$/, method: 'PUT', does: { lost } },
      ]);
      const { outcomes } = await place.apply(AFTER, { exchange });
      expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
      expect(queues(place)).toContain('Invoices');
      expect(lines((await place.plan(AFTER)).plan)).toEqual([]);
    }
  });

  it('whose run was killed has the effect that the org shows, not that of its fields', async () => {
    const place = on();
    await place.apply(BEFORE);
    const effect = async (): Promise<string> => {
      const { observation } = await place.plan(AFTER);
      const fields = observation.live.find(({ name }) => name === 'Invoices')?.fields ?? null;
      const tables = { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' };
      const binding = bind(
        reconciledKinds,
        { backend: 'strategies-api', tables },
        { manifests: [] },
      );
      const at = '2026-03-02T09:00:00.000Z';
      const closer = new IntentCloser(place.bench.reader(), observation, binding, Date.parse(at));
      const intent: OpenIntent = {
        seq: 3,
        at,
        address: 'Queue/Invoices',
        step: 'update',
        request: { method: 'PUT', path: `/api/v2/routing/queues/${idOf(place, 'Bills')}` },
        before: fields,
        after: fields,
        body: { name: 'Invoices' },
      };
      return (await closer.effectOf(intent, 'killed')).state;
    };
    expect(await effect()).toBe('did not');
    await place.apply(AFTER);
    expect(await effect()).toBe('took effect');
  });

  it('takes the place of a record that somebody’s delete has left under the new name', async () => {
    const place = on();
    await place.apply({ ...BEFORE, 'other.yaml': QUEUE('Invoices') });
    await place.send('DELETE', `/api/v2/routing/queues/${idOf(place, 'Invoices')}`);
    const { outcomes } = await place.apply(AFTER);
    expect(outcomes.map(({ state, message }) => `${state} ${message}`)).toEqual(['updated ']);
    expect(await recorded(place, AFTER)).toEqual(['Queue/Invoices']);
    const { plan, chores } = await place.plan(AFTER);
    expect([plan.changes, chores]).toEqual([[], []]);
  });

  it('beside one that a person has deleted is no listing that lacks something', async () => {
    const place = on();
    await place.apply({ ...BEFORE, 'other.yaml': QUEUE('Other') });
    await place.bench.clock.sleep(600_000);
    await place.send('DELETE', `/api/v2/routing/queues/${idOf(place, 'Other')}`);
    const { plan } = await place.plan(AFTER);
    expect(lines(plan)).toEqual(['update Queue/Invoices Bills']);
  });

  it('to what is on record as another owner’s is refused, and not written over', async () => {
    const place = on();
    await place.apply({ 'other.yaml': QUEUE('Invoices') }, { owner: 'other' });
    await place.send('DELETE', `/api/v2/routing/queues/${idOf(place, 'Invoices')}`);
    await place.apply(BEFORE);
    const { plan } = await place.plan(AFTER);
    expect(plan.guards.find(({ guard }) => guard === 'ownership')?.passed).toBe(false);
    expect(lines(plan)).toEqual([]);
  });

  it('whose run was killed, and the next one as well, stays ours', async () => {
    for (let at = 1; ; at += 1) {
      const place = on();
      await place.apply(BEFORE);
      const made = await place.plan(AFTER);
      const first = await killedAt(place, made, { at, when: 'after' });
      if (!first.died) break;
      for (let next = 1; ; next += 1) {
        const { died } = await killedAt(place, await place.plan(AFTER), {
          at: next,
          when: 'after',
        });
        const { plan } = await place.plan(AFTER);
        const owned = plan.changes.map(({ action }) => action);
        expect(owned, `${at} ${first.request}, ${next}`).not.toContain('adopt');
        expect(plan.leftAlone?.unowned ?? [], `${at} ${first.request}, ${next}`).toEqual([]);
        if (!died) break;
      }
    }
  });

  it('that a person renames otherwise in between is left', async () => {
    const place = on();
    await place.apply(BEFORE);
    const planned = await place.plan(AFTER);
    const id = idOf(place, 'Bills');
    const queue = place.bench.org.queues.get(id);
    if (queue === undefined) throw new Error('no queue');
    place.bench.org.queues.set(id, { ...queue, name: 'Mine' });
    const { outcomes } = await place.carryOut(planned);
    expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
    expect(queues(place)).toContain('Mine');
  });
});

describe('an object that was called otherwise more than once', () => {
  const CHAIN = { 'q.yaml': QUEUE('Charges', ['Invoices', 'Bills']) };

  it.each(['Bills', 'Invoices'])('is renamed by an org that calls it %s', async (now) => {
    const place = on();
    await place.apply({ 'q.yaml': QUEUE(now) });
    const id = idOf(place, now);
    const { plan } = await place.plan(CHAIN);
    expect(lines(plan)).toEqual([`update Queue/Charges ${now}`]);
    await place.apply(CHAIN);
    expect(idOf(place, 'Charges')).toBe(id);
    expect(lines((await place.plan(CHAIN)).plan)).toEqual([]);
    expect(await recorded(place, CHAIN)).toEqual(['Queue/Charges']);
  });

  it('is the same where each step was applied, and made where none was', async () => {
    const place = on();
    await place.apply(BEFORE);
    await place.apply(AFTER);
    await place.apply(CHAIN);
    expect(lines((await place.plan(CHAIN)).plan)).toEqual([]);
    expect(lines((await on().plan(CHAIN)).plan)).toEqual(['create Queue/Charges']);
    // Whoever gets one of its old names by then is another.
    await place.send('POST', '/api/v2/routing/queues', { name: 'Bills' });
    const { plan } = await place.plan(CHAIN);
    expect([plan.changes, plan.blocked ?? []]).toEqual([[], []]);
  });

  it.each(['ours', 'nobody’s'])('is nobody’s guess where there are two, one %s', async (whose) => {
    const place = on();
    await place.apply({ ...BEFORE, ...(whose === 'ours' ? { 'i.yaml': QUEUE('Invoices') } : {}) });
    if (whose !== 'ours') {
      await place.send('POST', '/api/v2/routing/queues', { name: 'Invoices' });
    }
    const { plan } = await place.plan(CHAIN);
    expect(lines(plan)).toEqual([]);
    const held = ['Queue/Bills', 'Queue/Charges', ...(whose === 'ours' ? ['Queue/Invoices'] : [])];
    expect(plan.blocked?.map(({ address }) => address)).toEqual(held);
    const [obstacle] = plan.blocked?.[1]?.obstacles ?? [];
    expect(obstacle?.message).toBe(
      'it is not renamed: the org has "Invoices" and "Bills", and each may be what it was called',
    );
    expect(obstacle?.at).toEqual({ file: 'q.yaml', line: 5 });
    await place.apply(CHAIN);
    expect(queues(place)).toEqual(expect.arrayContaining(['Bills', 'Invoices']));
    expect(queues(place)).not.toContain('Charges');
  });

  it('by a person as well, is ours under the name that both have, and named under another', async () => {
    const place = on();
    await place.apply(BEFORE);
    const id = idOf(place, 'Bills');
    const queue = place.bench.org.queues.get(id);
    if (queue === undefined) throw new Error('no queue');
    place.bench.org.queues.set(id, { ...queue, name: 'Charges' });
    expect(lines((await place.plan(CHAIN)).plan)).toEqual([]);
    place.bench.org.queues.set(id, { ...queue, name: 'Fees' });
    const { plan } = await place.plan(CHAIN);
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toContain('the org calls it "Fees" now');
  });

  it('that cannot be renamed is said under each name that the org has', async () => {
    const place = on();
    await place.apply({ 's.yaml': SKILL('Refunds') });
    const files = { 's.yaml': named('Skill', 'Claims', {}, ['Returns', 'Refunds']) };
    const { plan } = await place.plan(files);
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.map(({ address }) => address)).toEqual(['Skill/Claims', 'Skill/Refunds']);
  });
});

describe('a new name that the platform refuses', () => {
  const renaming = async (answer: HttpResponse, meanwhile: (place: Many) => Promise<void>) => {
    const place = on();
    await place.apply(BEFORE);
    const planned = await place.plan(AFTER);
    let isRefused = false;
    const { outcomes } = await place.carryOut(planned, {
      exchange: async (request) => {
        if (request.method !== 'PUT' || !/routing\/queues\//.test(request.url) || isRefused) {
          return place.bench.exchange(request);
        }
        isRefused = true;
        await meanwhile(place);
        return answer;
      },
    });
    expect(queues(place)).toContain('Bills');
    return outcomes[0];
  };
  const queue = (name: string) => async (place: Many) =>
    place.send('POST', '/api/v2/routing/queues', { name });
  const nobody = async (): Promise<void> => Promise.resolve();

  it.each([
    [409, 'general.conflict'],
    [400, 'duplicate.name'],
  ])('by %d %s, is that of who is there, and not of the object', async (status, code) => {
    const answer = refusal(status, code, 'The name is in use');
    const taken = await renaming(answer, queue('Invoices'));
    expect(taken).toMatchObject({ state: 'stale' });
    expect(taken?.message).toContain('was created in the org by somebody else');
    const alike = await renaming(answer, queue('INVOICES'));
    expect(alike?.message).toContain('the name is taken, and lists "INVOICES"');
  });

  it('and that nobody has is said so, where the platform speaks of the name alone', async () => {
    const ofName = await renaming(refusal(400, 'duplicate.name', 'In use'), nobody);
    expect(ofName).toMatchObject({ state: 'failed' });
    expect(ofName?.message).toContain('the name is taken, and lists nothing of this name');
    const ofVersion = await renaming(refusal(409, 'general.conflict', 'No'), nobody);
    expect(ofVersion).toMatchObject({ state: 'stale' });
    expect(ofVersion?.message).toContain('was changed in the org after the plan was made');
  });
});

describe('what cannot be renamed', () => {
  const skill = (name: string, previously: string): string => named('Skill', name, {}, previously);

  it('is said, with why and what to do; it is neither deleted nor made anew', async () => {
    const place = on();
    await place.apply({ 's.yaml': SKILL('Refunds') });
    const { plan } = await place.plan({ 's.yaml': skill('Returns', 'Refunds') });
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.map(({ address }) => address)).toEqual(['Skill/Refunds', 'Skill/Returns']);
    const [obstacle] = plan.blocked?.[1]?.obstacles ?? [];
    expect(obstacle?.message).toContain('it is not renamed from "Refunds": the platform gives no');
    expect(obstacle?.hint).toContain('leave previously out to have "Returns" beside "Refunds"');
    expect(obstacle?.at).toEqual({ file: 's.yaml', line: 5 });
  });

  it('is not deleted either where a scope names it and leaves its manifest out', async () => {
    const place = on();
    const both = { 'o.yaml': SKILL('Other') };
    await place.apply({ ...both, 's.yaml': SKILL('Refunds') });
    const files = { ...both, 's.yaml': skill('Returns', 'Refunds') };
    const { plan } = await place.plan(files, { scope: ['Skill/Refunds'] });
    expect([lines(plan), plan.blocked?.map(({ address }) => address)]).toEqual([
      ...[[], ['Skill/Refunds']],
    ]);
  });

  it.each<[string, Former, Record<string, string>]>([
    ['whose new name is taken', 'Bills', { 'i.yaml': QUEUE('Invoices') }],
    ['of two that had its name', ['Bills', 'Fees'], { 'i.yaml': QUEUE('Fees') }],
  ])('nor is a queue %s', async (_, former, other) => {
    const place = on();
    await place.apply({ ...BEFORE, ...other });
    const files = { 'q.yaml': QUEUE('Invoices', former) };
    const { plan } = await place.plan(files, { scope: ['Queue/Bills'] });
    expect([lines(plan), plan.blocked?.map(({ address }) => address)]).toEqual([
      ...[[], ['Queue/Bills']],
    ]);
  });

  it('nor one whose name a manifest has in other letters', async () => {
    const place = on();
    await place.apply(BEFORE);
    for (const scope of [['Queue/Bills'], undefined]) {
      const asked = scope === undefined ? {} : { scope };
      const { plan } = await place.plan({ 'q.yaml': QUEUE('BILLS') }, asked);
      expect([scope, lines(plan)]).toEqual([scope, []]);
      expect(plan.blocked?.map(({ address }) => address)).toContain('Queue/Bills');
    }
  });

  it('a strategy in a table is a row, which has its name for good', async () => {
    const place = on('datatable');
    await place.apply({ 's.yaml': STRATEGY('old', 'Voice') });
    const text = STRATEGY('new', 'Voice').replace('name: "new"', 'name: "new"\n  previously: old');
    const { plan } = await place.plan({ 's.yaml': text });
    expect([lines(plan), plan.blocked?.length]).toEqual([[], 2]);
  });

  it('what another manifest declares is that one’s', async () => {
    const place = on();
    await place.apply(BEFORE);
    const { plan } = await place.plan({ ...BEFORE, 'new.yaml': AFTER['q.yaml'] });
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toContain(
      'another manifest declares Queue/Bills',
    );
  });

  it('what is not there at all is made', async () => {
    expect(lines((await on().plan(AFTER)).plan)).toEqual(['create Queue/Invoices']);
  });
});

describe('a whole kind', () => {
  it('is taken over with --adopt and its name, and no other kind with it', async () => {
    const place = on();
    const files = {
      'a.yaml': named('Queue', 'Alpha', {}),
      'b.yaml': named('Queue', 'Beta', {}),
      's.yaml': SKILL('Voice'),
    };
    expect(lines((await place.plan(files)).plan)).toEqual([]);
    const { outcomes } = await place.apply(files, { adopt: true, scope: ['Queue'] });
    expect(outcomes.map(({ state, address }) => `${state} ${address}`)).toEqual([
      'adopted Queue/Alpha',
      'adopted Queue/Beta',
    ]);
    expect(await recorded(place, files)).toEqual(['Queue/Alpha', 'Queue/Beta']);
  });
});
