/**
 * Fields that no write changes (`forceNew`): the object is deleted and made again where its manifest
 * says so by name, and everything of ours that refers to it follows. The kind here is a skill whose
 * division the platform could not change.
 */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import type { Kind } from '../../src/core/kind.js';
import { foundBy, manifestsOf } from '../../src/core/rollback.js';
import type { Manifest, Plan } from '../../src/core/types.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import type { Exchange, HttpResponse } from '../../src/genesys/transport.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import { skill } from '../../src/kinds/skill/index.js';
import { planHtml } from '../../src/render/html.js';
import { planJson } from '../../src/render/json.js';
import { planMarkdown } from '../../src/render/markdown.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import { bindingFor } from '../support/binding.js';
import { faulty, refusal, silentAfter } from '../support/faults.js';
import { SKILL, STRATEGY } from '../support/many.js';
import { load } from '../support/manifests.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND, OWNER, stateIn } from '../support/owned.js';
import { carryOut, kindOf, MemoryLog, ORG, type Applied } from '../support/reconcile.js';

const fixed: Kind = {
  ...skill,
  fields: {
    type: 'record',
    fields: {
      division: { type: 'reference', to: 'division', isNamed: true, forceNew: true },
    },
  },
  identity: ['division'],
};
const kinds = [fixed, routingStrategy];
const PLACES = {
  ...ORG,
  queues: [...(ORG.queues ?? []), { name: 'North', division: 'North', members: [] }],
};

interface Asked {
  readonly replace?: boolean;
  readonly adopt?: boolean;
  readonly exchange?: Exchange;
}

type Files = Readonly<Record<string, string>>;

const HOME = { 'skill.yaml': SKILL('Refunds', { division: 'Home' }) };
const NORTH = { 'skill.yaml': SKILL('Refunds', { division: 'North' }) };
const STRATEGY_OF_IT = { 'strategy.yaml': STRATEGY('refunds', 'Refunds') };

function replaceable(manifest: Manifest): Manifest {
  const { metadata } = manifest.body as { metadata: JsonObject };
  return { ...manifest, body: { ...manifest.body, metadata: { ...metadata, replace: true } } };
}

async function planOf(on: Bench, files: Files | readonly Manifest[], asked: Asked = {}) {
  const text = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend: BACKEND.name },
  });
  const loaded = load({
    'environment.yaml': text,
    ...(Array.isArray(files) ? {} : (files as Files)),
  });
  const written = Array.isArray(files) ? (files as readonly Manifest[]) : loaded.manifests;
  const manifests = asked.replace === true ? written.map(replaceable) : written;
  return makePlan(
    { reader: on.reader(), events: on.events, clock: on.clock, hash: sha256 },
    {
      manifests,
      binding: bindingFor(BACKEND, kinds, { manifests }),
      owner: OWNER,
      environment: { name: 'test', backend: BACKEND.name, host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: asked.adopt === true,
      guards: { ...loaded.environment.guards, at: () => loaded.environment.at('/spec') },
      scope: null,
      commit: null,
      version: '0.0.0',
    },
  );
}

async function apply(on: Bench, planned: Planned, exchange?: Exchange): Promise<Applied> {
  return carryOut(on, planned, { kinds, ...(exchange === undefined ? {} : { exchange }) });
}

async function applied(files: Files): Promise<Bench> {
  const on = bench(PLACES);
  const { outcomes } = await apply(on, await planOf(on, files));
  expect(outcomes.map(({ state }) => state)).not.toContain('failed');
  return on;
}

const lines = ({ changes }: Plan): string[] => changes.map((one) => `${one.action} ${one.address}`);
const idOf = ({ org }: Bench): string =>
  [...org.skills.values()].find(({ name }) => name === 'Refunds')?.id ?? 'none';
const required = ({ org }: Bench): string[] =>
  [...org.strategies.values()].flatMap(({ content }) => content.skills.map((one) => one.skillId));
const ends = ({ outcomes }: Applied): string[] =>
  outcomes.map(({ state, address }) => `${state} ${address}`);

describe('a field that no write changes', () => {
  it('is refused with what can be done, and nothing else is kept from its change', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    const { plan } = await planOf(on, { ...NORTH, ...STRATEGY_OF_IT, 'b.yaml': SKILL('Other') });
    expect(lines(plan)).toEqual(['create Skill/Other']);
    expect(plan.blocked).toEqual([
      {
        address: 'Skill/Refunds',
        obstacles: [
          {
            message: 'division cannot be changed: the platform takes it when the object is made',
            hint:
              'write what the org has, or write metadata.replace: true in the manifest: it is ' +
              'then deleted and made again, under another id',
            at: { file: 'skill.yaml', line: 5 },
          },
        ],
      },
    ]);
  });

  it('is written where a new object has it, and says nothing where it stays', async () => {
    const on = await applied(HOME);
    expect(lines((await planOf(on, HOME, { replace: true })).plan)).toEqual([]);
  });

  it('of nobody’s object does not delete what is nobody’s, said or not', async () => {
    const on = await applied(HOME);
    for (const { rows } of on.org.tables.values()) rows.delete('Skill~Refunds');
    const { plan } = await planOf(on, NORTH, { replace: true });
    expect([lines(plan), plan.blocked?.[0]?.obstacles[0]?.hint]).toEqual([
      [],
      'write what the org has, or adopt it as it is first',
    ]);
  });
});

describe('a replacement', () => {
  const both = { ...NORTH, ...STRATEGY_OF_IT };

  it('is shown as what it is in every form, and counts as a delete', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    const { plan } = await planOf(on, both, { replace: true });
    expect(lines(plan)).toEqual(['replace Skill/Refunds', 'update RoutingStrategy/refunds']);
    expect([plan.counts.replace, plan.counts.delete, plan.counts.update]).toEqual([1, 0, 1]);
    expect(
      plan.guards.find(({ guard, passed }) => guard === 'maxDeletes' && !passed),
    ).toMatchObject({
      kind: 'Skill',
      message: expect.stringContaining('1 of our 1 skills would be deleted'),
    });
    const text = planText(plan, plainStyle);
    expect(text).toContain(
      '∓ replace Skill/Refunds (it is deleted and made again under another id',
    );
    expect(text).toContain('division: Home → North');
    expect(text).toContain('follows Skill/Refunds, made again under another id');
    expect(text).toContain('(after Skill/Refunds');
    expect(text).toContain('0 to delete, 0 to adopt, 1 to replace; 0 unchanged');
    expect(planMarkdown(plan)).toContain('replace');
    expect(planHtml(plan)).toContain('replace');
    const { changes } = JSON.parse(planJson(plan)) as Plan;
    expect(changes.map(({ action, follows }) => [action, follows])).toEqual([
      ['replace', undefined],
      ['update', ['Skill/Refunds']],
    ]);
  });

  it('deletes, makes again, and has what refers to it follow in the same run', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    const before = idOf(on);
    expect(required(on)).toEqual([before]);
    const run = await apply(on, await planOf(on, both, { replace: true }));
    expect(ends(run)).toEqual(['replaced Skill/Refunds', 'updated RoutingStrategy/refunds']);
    expect(idOf(on)).not.toBe(before);
    expect(required(on)).toEqual([idOf(on)]);
    expect([...on.org.skills.values()].filter(({ name }) => name === 'Refunds')).toHaveLength(1);
    expect(stateIn(on.org).records.get('Skill/Refunds')?.id).toBe(idOf(on));
    const again = await planOf(on, both, { replace: true });
    expect([lines(again.plan), again.chores]).toEqual([[], []]);
  });

  it('is followed by what is taken over in the same plan, though its fields are the same', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    for (const { rows } of on.org.tables.values()) {
      rows.delete('RoutingStrategy.strategies-api~refunds');
    }
    await apply(on, await planOf(on, both, { replace: true, adopt: true }));
    expect(required(on)).toEqual([idOf(on)]);
  });

  it('asks once who else uses it, and stops there until it is forced', async () => {
    const flows = [{ name: 'Main', version: '1.0', uses: { skills: ['Refunds'] } }];
    const on = bench({ ...PLACES, flows });
    await apply(on, await planOf(on, HOME));
    const { plan } = await planOf(on, NORTH, { replace: true });
    const [guard] = plan.guards.filter((one) => one.guard === 'consumers');
    expect(guard).toMatchObject({ passed: false, message: expect.stringContaining('flow "Main"') });
  });

  it('leaves what somebody else has made refer to it, and says so', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    for (const { rows } of on.org.tables.values()) {
      rows.delete('RoutingStrategy.strategies-api~refunds');
    }
    const { plan } = await planOf(on, NORTH, { replace: true });
    expect(lines(plan)).toEqual([]);
    expect(plan.blocked?.[0]?.obstacles[0]?.message).toBe(
      'it is not made again: RoutingStrategy/refunds (in the org) has its id, and is not written ' +
        'by this plan',
    );
  });

  it('is put right by the next run, whichever request was the last of the one before', async () => {
    for (let nth = 1, isOver = false; !isOver; nth += 1) {
      expect(nth).toBeLessThan(60);
      for (const when of ['before', 'after'] as const) {
        const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
        const planned = await planOf(on, both, { replace: true });
        const { exchange, sent } = faulty(silentAfter(on.exchange, { nth }, when));
        await apply(on, planned, exchange).catch(() => null);
        isOver = sent.length < nth;
        await on.clock.sleep(600_000);
        await apply(on, await planOf(on, both, { replace: true }));
        const again = await planOf(on, both, { replace: true });
        expect([nth, when, lines(again.plan), again.chores]).toEqual([nth, when, [], []]);
        expect([nth, when, required(on)]).toEqual([nth, when, [idOf(on)]]);
        const all = [...on.org.skills.values()].filter(({ name }) => name === 'Refunds');
        expect([nth, when, all.length]).toEqual([nth, when, 1]);
      }
    }
  });

  it('that cannot be made again says so, blocks what follows, and is made by the next', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    const planned = await planOf(on, both, { replace: true });
    const { exchange } = faulty(on.exchange, [
      { method: 'POST', path: /routing\/skills$/, does: { answer: refusal(400, 'no', 'no') } },
    ]);
    const run = await apply(on, planned, exchange);
    expect(ends(run)).toEqual(['failed Skill/Refunds', 'blocked RoutingStrategy/refunds']);
    expect(run.outcomes[0]?.message).toContain('(after: deleted)');
    expect(idOf(on)).toBe('none');
    await apply(on, await planOf(on, both, { replace: true }));
    expect(required(on)).toEqual([idOf(on)]);
  });

  it('whose name is not free yet, and listed still, is not said to be somebody else’s', async () => {
    const on = await applied(HOME);
    const planned = await planOf(on, NORTH, { replace: true });
    let listed: HttpResponse | null = null;
    let isDeleted = false;
    const exchange: Exchange = async (request) => {
      const { pathname } = new URL(request.url);
      const isOfAll = /routing\/skills$/.test(pathname);
      if (isOfAll && request.method === 'POST') return refusal(409, 'general.conflict', 'In use');
      if (isOfAll && isDeleted && listed !== null) return listed;
      if (request.method === 'DELETE' && /routing\/skills\//.test(pathname)) {
        listed = await on.exchange({
          ...request,
          method: 'GET',
          url: request.url.replace(/\/[^/]+$/, '?pageSize=100&pageNumber=1'),
        });
        isDeleted = true;
      }
      return on.exchange(request);
    };
    const run = await apply(on, planned, exchange);
    expect([run.exitCode, ends(run)]).toEqual([5, ['failed Skill/Refunds']]);
    expect(run.outcomes[0]?.message).toContain('lists nothing of it but what this run has deleted');
    expect(run.outcomes[0]?.hint).toMatch(/^apply again in a minute/);
    await apply(on, await planOf(on, NORTH, { replace: true }));
    expect(idOf(on)).not.toBe('none');
  });

  it('is taken back by a rollback: as it was, under a third id, and followed again', async () => {
    const on = await applied({ ...HOME, ...STRATEGY_OF_IT });
    const log = new MemoryLog();
    await carryOut(on, await planOf(on, both, { replace: true }), { kinds, audit: log });
    const second = idOf(on);
    const found = foundBy(log.records);
    expect(found.map(({ address, isReplaced }) => [address, isReplaced])).toEqual([
      ['Skill/Refunds', true],
      ['RoutingStrategy/refunds', undefined],
    ]);
    const way = manifestsOf(found, 'audit.jsonl', 'strategos/v1', kindOf);
    const back = await planOf(on, way);
    expect(lines(back.plan)).toEqual(['replace Skill/Refunds', 'update RoutingStrategy/refunds']);
    await apply(on, back);
    expect(idOf(on)).not.toBe(second);
    expect(required(on)).toEqual([idOf(on)]);
    expect(lines((await planOf(on, { ...HOME, ...STRATEGY_OF_IT })).plan)).toEqual([]);
  });

  it('is drift where a person has put another there: what is nobody’s is left alone', async () => {
    const on = await applied(HOME);
    await on
      .writer('person')
      .send({ method: 'DELETE', path: `/api/v2/routing/skills/${idOf(on)}` });
    const body = { name: 'Refunds' };
    await on.writer('person').send({ method: 'POST', path: '/api/v2/routing/skills', body });
    const { plan } = await planOf(on, NORTH, { replace: true });
    expect([lines(plan), plan.blocked?.length]).toEqual([[], 1]);
  });
});
