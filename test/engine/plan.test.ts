/** From manifests and a live org to a plan. */
import { describe, expect, it } from 'vitest';
import { WrongUsage } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import type { CheckResult, Manifest, Plan } from '../../src/core/types.js';
import type { Seen } from '../../src/engine/observe.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader } from '../../src/genesys/sdk.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { bindingFor } from '../support/binding.js';
import { faulty, type Sent } from '../support/faults.js';
import { load } from '../support/manifests.js';
import { bench, type Bench } from '../support/org.js';
import { keyOf, OTHER, own, OWNER, recordOf, remember, stateIn } from '../support/owned.js';
import {
  edit,
  live,
  manifest,
  ORG,
  plan,
  remove,
  strategy,
  weighing,
} from '../support/reconcile.js';

function summary({ changes }: Plan): string[] {
  return changes.map(({ action, address }) => `${action} ${address.split('/')[1] ?? ''}`);
}

const FOUR: OrgFile = {
  ...ORG,
  strategies: [
    live('gone', 'Alpha'),
    live('moved', 'Beta'),
    live('same', 'Gamma'),
    live('slow', 'Gamma', { status: 'draft' }),
  ],
};
const FOUR_FILES = {
  'all.yaml': [
    manifest('new', 'Alpha'),
    weighing('moved', 'Beta', 0.5),
    manifest('same', 'Gamma'),
    manifest('slow', 'Gamma'),
  ].join('\n---\n'),
};

describe('a second plan of the same run', () => {
  const backend = { name: 'strategies-api', tables: { objects: 'O', state: 'S' } };
  const binding = bindingFor(backend);
  const guards = {
    maxDeletes: { kind: 'count' as const, value: 10 },
    maxChanges: { kind: 'count' as const, value: 10 },
    at: (): never => {
      throw new Error('no guard failed');
    },
  };
  const environment = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend: backend.name },
  });
  const manifestsOf = (text: string): readonly Manifest[] =>
    load({ 'one.yaml': text, 'environment.yaml': environment }).manifests;

  async function planOn(on: Bench, manifests: readonly Manifest[], seen?: Seen): Promise<Planned> {
    const { events, clock } = on;
    return makePlan(
      { reader: openReader(on.connection()), events, clock, hash: sha256 },
      {
        manifests,
        binding,
        owner: OWNER,
        seen,
        guards,
        scope: null,
        prune: true,
        adopt: false,
        commit: null,
        version: '0.0.0',
        environment: { name: 'test', backend: backend.name, host: 'http://127.0.0.1:9' },
      },
    );
  }

  it('is the first once more where the org still has nothing', async () => {
    const manifests = manifestsOf(manifest('one', 'Alpha'));
    const first = await planOn(bench(ORG), manifests);
    const again = await planOn(bench(ORG), manifests, first.seen);
    expect(summary(again.plan)).toEqual(['create one']);
    expect(again.plan.digest).toBe(first.plan.digest);
  });

  it('looks again at what has come to be meanwhile, and at other manifests', async () => {
    const manifests = manifestsOf(manifest('one', 'Alpha'));
    const { seen } = await planOn(bench(ORG), manifests);
    const there = bench({ ...ORG, strategies: [live('one', 'Beta')] });
    expect(summary((await planOn(there, manifests, seen)).plan)).toEqual(['adopt one']);
    const others = manifestsOf(manifest('two', 'Beta'));
    expect(summary((await planOn(bench(ORG), others, seen)).plan)).toEqual(['create two']);
  });
});

describe('a plan', () => {
  it('creates, updates and deletes, and leaves alone what is equal', async () => {
    const on = bench(FOUR);
    const before = structuredClone(on.org.strategies);
    const { plan: made } = await plan(on, FOUR_FILES);
    expect(summary(made)).toEqual(['delete gone', 'create new', 'update moved', 'update slow']);
    expect(made.counts).toEqual({ create: 1, update: 2, delete: 1, adopt: 0, unchanged: 1 });
    expect(made.leftAlone).toBeUndefined();
    expect(on.org.strategies).toEqual(before);
  });

  it('shows each field with its line, its old value and its new one', async () => {
    const on = bench(FOUR);
    const { plan: made } = await plan(on, { 'moved.yaml': weighing('moved', 'Beta', 0.5) });
    const moved = made.changes.find((one) => one.address === 'RoutingStrategy/moved');
    const line = weighing('moved', 'Beta', 0.5)
      .split('\n')
      .findIndex((text) => text.includes('weight'));
    expect(moved?.fields).toEqual([
      {
        path: 'targets["Beta"].weight',
        place: ['targets', { key: 'Beta' }, 'weight'],
        before: 1,
        after: 0.5,
        at: { file: 'moved.yaml', line: line + 1 },
        cause: null,
      },
    ]);
    expect(moved?.precondition?.version).toBe(1);
    expect(made.references['queue']).toEqual({
      Beta: strategy(on, 'moved').content.targets[0]?.id,
    });
  });

  it('leaves what it does not manage with prune off, and says so', async () => {
    const { plan: made } = await plan(
      bench(FOUR),
      { 'same.yaml': manifest('same', 'Gamma') },
      { prune: false },
    );
    expect(summary(made)).toEqual([]);
    expect(made.leftAlone?.unmanaged).toEqual([
      'RoutingStrategy/gone',
      'RoutingStrategy/moved',
      'RoutingStrategy/slow',
    ]);
  });

  it('keeps within its scope, deletes included', async () => {
    const on = bench(FOUR);
    const one = await plan(on, FOUR_FILES, { scope: ['moved'] });
    expect(summary(one.plan)).toEqual(['update moved']);
    const two = await plan(on, FOUR_FILES, { scope: ['new', 'gone'] });
    expect(summary(two.plan)).toEqual(['delete gone', 'create new']);
    expect(two.plan.scope).toEqual(['gone', 'new']);
  });

  it('takes a name that nobody has for a typing error', async () => {
    const attempt = plan(bench(FOUR), FOUR_FILES, { scope: ['moved', 'sane'] });
    await expect(attempt).rejects.toBeInstanceOf(WrongUsage);
    await expect(attempt).rejects.toMatchObject({ exitCode: 64, hint: 'did you mean same?' });
  });

  it('has the same digest when it is made again, another when the org moved', async () => {
    const on = bench(FOUR);
    const first = await plan(on, FOUR_FILES);
    const again = await plan(on, FOUR_FILES);
    on.org.strategies.set(strategy(on, 'moved').id, { ...strategy(on, 'moved'), version: 2 });
    const moved = await plan(on, FOUR_FILES);
    expect(again.plan).toEqual(first.plan);
    expect(moved.plan.digest).not.toBe(first.plan.digest);
  });

  it('says how many requests it took', async () => {
    const on = bench(FOUR);
    const { exchange, sent } = faulty(on.exchange);
    const { plan: made } = await plan(on, FOUR_FILES, { exchange });
    expect(made.requests).toBe(sent.length);
    // Token, organization, queues, skills, tables, records, strategies, loads, utilization.
    expect(made.requests).toBe(9);
  });

  it('asks about each queue once, whatever number of strategies name it', async () => {
    const on = bench(ORG);
    const { exchange, sent } = faulty(on.exchange);
    const selection = { skills: [{ skill: 'Voice' }] };
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [
        `${n}.yaml`,
        manifest(`s${n}`, 'Alpha', { selection }),
      ]),
    );
    await plan(on, files, { exchange });
    expect(sent.filter(({ path }) => path.includes('/members'))).toHaveLength(1);
    expect(sent.filter(({ path }) => path.includes('/observations/'))).toHaveLength(1);
  });

  it('works with a client that may only view', async () => {
    const viewer = ['routing:strategy:view', 'routing:queue:view', 'routing:skill:view'];
    const permissions = [
      ...viewer,
      ...['routing:utilization:view', 'analytics:queueObservation:view'],
      ...['architect:datatable:view', 'architect:datatableRow:view'],
    ];
    const on = bench({ ...FOUR, clients: [{ id: 'viewer', secret: 'viewer', permissions }] });
    const { plan: made } = await plan(on, FOUR_FILES, { client: 'viewer' });
    expect(made.changes).toHaveLength(4);
  });
});

describe('whose the strategies of an org are', () => {
  const AS_IT_IS = { owned: false } as const;
  const failing = ({ guards }: Plan): string[] =>
    guards.filter(({ passed }) => !passed).map(({ guard, message }) => `${guard}: ${message}`);
  const adopting = (text: string): string => text.replace('"metadata": {', '$& "adopt": true,');

  it('is nobody’s at first: declared ones are adopted, and only when asked for', async () => {
    const on = bench(FOUR);
    const { plan: made, owned } = await plan(on, FOUR_FILES, AS_IT_IS);
    expect(summary(made)).toEqual(['create new', 'adopt moved', 'adopt slow']);
    expect(made.counts).toEqual({ create: 1, update: 0, delete: 0, adopt: 2, unchanged: 1 });
    expect(made.leftAlone).toEqual({
      unmanaged: [],
      strangers: ['RoutingStrategy/gone'],
      unowned: ['RoutingStrategy/same'],
    });
    expect(owned.get('RoutingStrategy')).toBe(0);
    expect(failing(made)).toEqual([
      expect.stringMatching(/^adoption: RoutingStrategy\/moved, RoutingStrategy\/slow are in the/),
    ]);
    expect(made.tables).toEqual(['Routing Strategies (strategos)']);
    expect(stateIn(on.org).records.size).toBe(0);
  });

  it('becomes ours as it is, too, where that is asked for', async () => {
    const { plan: made } = await plan(bench(FOUR), FOUR_FILES, {
      ...AS_IT_IS,
      adopt: true,
    });
    expect(summary(made)).toEqual(['create new', 'adopt moved', 'adopt same', 'adopt slow']);
    expect(made.changes.find(({ address }) => address.endsWith('/same'))).toMatchObject({
      operations: [],
      fields: [],
    });
    expect(made.leftAlone).toMatchObject({ strangers: ['RoutingStrategy/gone'], unowned: [] });
  });

  it('is adopted without a word where the manifest asks for it', async () => {
    const files = {
      'same.yaml': adopting(manifest('same', 'Gamma')),
      'moved.yaml': weighing('moved', 'Beta', 0.5),
    };
    const { plan: made } = await plan(bench(FOUR), files, AS_IT_IS);
    expect(summary(made)).toEqual(['adopt moved', 'adopt same']);
    expect(failing(made)).toEqual([
      expect.stringMatching(/^adoption: RoutingStrategy\/moved is in the org already, owned/),
    ]);
    const { plan: all } = await plan(bench(FOUR), files, { ...AS_IT_IS, scope: ['same'] });
    expect(failing(all)).toEqual([]);
  });

  it('stops at what belongs to another, whatever is agreed to', async () => {
    const on = bench(FOUR);
    own(on.org);
    remember(on.org, recordOf('RoutingStrategy/moved', { owner: OTHER }));
    remember(on.org, recordOf('RoutingStrategy/gone', { owner: OTHER }));
    const { plan: made, owned } = await plan(on, FOUR_FILES, AS_IT_IS);
    expect(summary(made)).toEqual(['create new', 'update slow']);
    expect(failing(made)).toEqual([
      expect.stringMatching(
        /^ownership: RoutingStrategy\/moved belongs to github\.com\/acme\/elsewhere \(env/,
      ),
    ]);
    const ours = owned.get('RoutingStrategy');
    expect([made.leftAlone?.strangers, ours]).toEqual([['RoutingStrategy/gone'], 2]);
  });

  it('counts only what is ours for the guards', async () => {
    const strategies = Array.from({ length: 20 }, (_, n) => live(`s${n}`, 'Alpha'));
    const on = bench({ ...ORG, strategies });
    own(on.org);
    for (let n = 0; n < 10; n += 1) {
      remember(on.org, recordOf(`RoutingStrategy/s${n}`, { owner: OTHER }));
    }
    const files = Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [`${n}.yaml`, manifest(`s${n + 10}`, 'Alpha')]),
    );
    const { plan: made } = await plan(on, files, AS_IT_IS);
    expect(made.counts).toMatchObject({ delete: 2, unchanged: 8 });
    expect(failing(made)[0]).toContain('2 of our 10 strategies would be deleted (20 %)');
  });

  it('does not look beyond its scope', async () => {
    const on = bench(FOUR);
    const options = { ...AS_IT_IS, scope: ['new'] };
    const { plan: made } = await plan(on, FOUR_FILES, options);
    expect([summary(made), failing(made)]).toEqual([['create new'], []]);
    expect(made.leftAlone).toBeUndefined();
  });

  it('keeps its digest whatever is known of why, and has another once it is ours', async () => {
    const on = bench({ ...ORG, strategies: [live('moved', 'Beta')] });
    const files = { 'moved.yaml': weighing('moved', 'Beta', 0.5) };
    const adopted = await plan(on, files, AS_IT_IS);
    own(on.org);
    const unknown = await plan(on, files, AS_IT_IS);
    const { id, applied } = { id: strategy(on, 'moved').id, applied: { targets: [] } };
    remember(on.org, recordOf('RoutingStrategy/moved', { id, applied }));
    const known = await plan(on, files, AS_IT_IS);
    expect(known.plan.changes[0]?.fields[0]?.cause).toBe('both');
    expect(known.plan.digest).toBe(unknown.plan.digest);
    expect(adopted.plan.digest).not.toBe(unknown.plan.digest);
  });

  it('leaves records to tidy up where objects are gone and nobody asks for them', async () => {
    const on = bench(FOUR);
    own(on.org);
    remember(on.org, recordOf('RoutingStrategy/theirs', { owner: OTHER }));
    await remove(on, 'gone');
    await remove(on, 'same');
    const { plan: made, chores } = await plan(on, FOUR_FILES);
    expect(chores).toEqual([{ do: 'release', address: 'RoutingStrategy/gone' }]);
    expect(summary(made)).toContain('create same');
    const scoped = await plan(on, FOUR_FILES, { scope: ['moved'] });
    expect(scoped.chores).toEqual([]);
  });

  it('leaves a claim to settle where the strategy is as it was to be', async () => {
    const on = bench(FOUR);
    own(on.org);
    const { id } = strategy(on, 'same');
    const targets = [{ queue: 'Gamma', priority: 1, weight: 1, capacity: 5 }];
    const applied = { status: 'active', targets };
    remember(on.org, recordOf('RoutingStrategy/same', { id: null, applied }));
    const { plan: made, chores } = await plan(on, FOUR_FILES);
    expect(summary(made)).not.toContain('update same');
    expect(chores).toMatchObject([
      { do: 'refresh', address: 'RoutingStrategy/same', id, fields: { status: 'active' } },
    ]);
  });

  it('takes what a person broke in a record for unknown, and no more', async () => {
    const on = bench(FOUR);
    own(on.org);
    const table = on.org.tables.get(on.org.tableNames.get('Routing Strategies (strategos)')!)!;
    const row = table.rows.get(keyOf('RoutingStrategy/moved'))!;
    table.rows.set(keyOf('RoutingStrategy/moved'), new Map([...row, ['applied', '{"status":']]));
    await edit(on, 'moved', { status: 'draft' });
    const { plan: made } = await plan(on, FOUR_FILES, { scope: ['moved'] });
    expect(summary(made)).toEqual(['update moved']);
    expect(made.changes[0]?.fields.map(({ cause }) => cause)).toEqual([null, null]);
  });
});

describe('names that the org does not have', () => {
  const files = {
    'a.yaml': manifest('a', 'Alhpa', { selection: { skills: [{ skill: 'Vioce' }] } }),
    'b.yaml': manifest('b', 'Beta', { fallback: { queue: 'Nonesuch and far from all' } }),
    'c.yaml': manifest('c', 'Beta', { fallback: { queue: { id: '0-0' } } }),
  };
  const at = (file: keyof typeof files, text: string, above = 0): string => {
    const index = files[file].split('\n').findIndex((line) => line.includes(text));
    return `${file}:${index + 1 - above}`;
  };

  it('are all reported at once, each with its line and what was probably meant', async () => {
    const on = bench(ORG);
    const { plan: made } = await plan(on, files);
    expect([made.changes, made.counts.blocked]).toEqual([[], 3]);
    const obstacles = made.blocked?.flatMap((one) => one.obstacles) ?? [];
    const said = obstacles.map(({ at: place, hint }) => [
      `${place?.file ?? ''}:${place?.line ?? ''}`,
      hint,
    ]);
    expect(said.sort()).toEqual(
      [
        [at('a.yaml', 'Alhpa'), 'did you mean "Alpha"?'],
        [at('a.yaml', 'Vioce'), 'did you mean "Voice"?'],
        [
          at('b.yaml', 'Nonesuch'),
          'create the queue in the org first, or check that this client may see its division',
        ],
        // A reference by id is placed at the key that holds it.
        [
          at('c.yaml', '0-0', 1),
          'write its name, or the id that it has in this org: every org has its own',
        ],
      ].sort(),
    );
    expect(obstacles[0]?.message).toMatch(/^the org has no .* "/);
  });

  it('keep nothing else from being planned, and are never taken for deleted', async () => {
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('gone', 'Gamma')] });
    own(on.org);
    const good = { 'a.yaml': files['a.yaml'], 'd.yaml': manifest('d', 'Beta') };
    const { plan: made } = await plan(on, good);
    expect(summary(made)).toEqual(['delete gone', 'create d']);
    expect(made.blocked?.map(({ address }) => address)).toEqual(['RoutingStrategy/a']);
  });

  it('hold back what a strategy of that queue may take over from', async () => {
    const on = bench({ ...ORG, strategies: [live('old', 'Alpha'), live('other', 'Gamma')] });
    own(on.org);
    // Renamed in git, and a second queue of it is unknown: the old one still takes the calls.
    const renamed = manifest('new', 'Alpha', { fallback: { queue: 'Nonesuch and far from all' } });
    const { plan: made } = await plan(on, { 'new.yaml': renamed });
    expect(made.changes).toEqual([]);
    expect(made.blocked?.map(({ address }) => address)).toEqual([
      'RoutingStrategy/new',
      'RoutingStrategy/old',
      'RoutingStrategy/other',
    ]);
    expect(made.blocked?.[1]?.obstacles[0]?.message).toContain('RoutingStrategy/new');
  });

  it('are covered by the digest, and their lines are not', async () => {
    const digestOf = async (text: string) =>
      (await plan(bench(ORG), { 'a.yaml': text, 'd.yaml': manifest('d', 'Gamma') })).plan.digest;
    const digest = await digestOf(files['b.yaml']);
    expect(await digestOf(`# a line more\n${files['b.yaml']}`)).toBe(digest);
    expect(await digestOf(files['c.yaml'].replace('name: c', 'name: b'))).not.toBe(digest);
  });

  it('do not count outside the scope', async () => {
    const good = { ...files, 'd.yaml': manifest('d', 'Gamma') };
    const { plan: made } = await plan(bench(ORG), good, { scope: ['d'] });
    expect(summary(made)).toEqual(['create d']);
  });

  it('names both ids where a name stands for two queues', async () => {
    const on = bench(ORG);
    const [alpha, beta] = [...on.org.queues.values()];
    beta!.name = alpha!.name;
    const { plan: made } = await plan(on, { 'a.yaml': manifest('a', 'Alpha') });
    const [obstacle] = made.blocked?.[0]?.obstacles ?? [];
    expect(obstacle?.message).toContain('2 queues named "Alpha"');
    expect(obstacle?.hint).toContain(alpha!.id);
    expect(obstacle?.hint).toContain(beta!.id);
  });
});

async function checksOf(
  on: Bench,
  spec: Record<string, Json>,
  queue = 'Alpha',
  exchange = on.exchange,
) {
  const { plan: made } = await plan(on, { 'a.yaml': manifest('a', queue, spec) }, { exchange });
  return made.changes[0]?.checks ?? [];
}

function said(checks: readonly CheckResult[]): string[] {
  return checks.map(({ check, passed, message }) => `${check} ${passed ? 'ok' : 'no'} ${message}`);
}

const VOICE = { selection: { skills: [{ skill: 'Voice' }] } };

describe('the checks of a plan', () => {
  it('carry their numbers', async () => {
    const on = bench({ ...ORG, utilization: { call: 2 } });
    for (const queue of on.org.queues.values()) if (queue.name === 'Alpha') queue.interacting = 4;
    expect(said(await checksOf(on, VOICE))).toEqual([
      'skills ok 2 of 3 agents have "Voice"',
      'capacity ok 2 of 6 slots free',
    ]);
    const both = { selection: { skills: [{ skill: 'Voice' }, { skill: 'Billing' }] } };
    expect(said(await checksOf(on, both))[0]).toBe(
      'skills ok 1 of 3 agents has "Billing" and "Voice"',
    );
  });

  it('fail where nobody has the skill or is free', async () => {
    const on = bench(ORG);
    for (const queue of on.org.queues.values()) queue.interacting = 50;
    expect(said(await checksOf(on, VOICE, 'Overflow'))).toEqual([
      'skills no 0 of 1 agent have "Voice"',
      'capacity no 0 of 1 slot free',
    ]);
  });

  it('count a skill that is not required for nothing', async () => {
    const spec = { selection: { skills: [{ skill: 'Voice', required: false }] } };
    expect(said(await checksOf(bench(ORG), spec))).toEqual(['capacity ok 3 of 3 slots free']);
  });

  it('say that a queue has no members', async () => {
    expect(said(await checksOf(bench(ORG), VOICE, 'Nobody'))[0]).toBe(
      'skills no the queue has no members',
    );
  });

  it('say that nobody is on queue, and that agents may have no calls', async () => {
    const away = {
      ...ORG,
      users: (ORG.users ?? []).map((one) => ({ ...one, status: 'offQueue' })),
    };
    expect(said(await checksOf(bench(away as OrgFile), {}))).toEqual([
      'capacity no 0 of 0 slots free: nobody is on queue',
    ]);
    expect(said(await checksOf(bench({ ...ORG, utilization: { call: 0 } }), {}))).toEqual([
      'capacity no 0 of 0 slots free: agents may have 0 calls at a time',
    ]);
  });

  it('say that the settings of the org do not speak of calls', async () => {
    expect(said(await checksOf(bench({ ...ORG, utilization: { chat: 3 } }), {}))).toEqual([
      "capacity no the org's utilization settings have no calls: slots cannot be counted",
    ]);
  });

  it('that need a permission which is missing fail by its name, and the plan is made', async () => {
    const permissions = [
      ...['routing:strategy:view', 'routing:queue:view', 'routing:skill:view'],
      ...['architect:datatable:view', 'architect:datatableRow:view'],
    ];
    const on = bench({ ...ORG, clients: [{ id: 'viewer', secret: 'viewer', permissions }] });
    const files = { 'a.yaml': manifest('a', 'Alpha', VOICE) };
    const { plan: made } = await plan(on, files, { client: 'viewer' });
    const [skills, capacity] = said(made.changes[0]?.checks ?? []);
    expect(skills).toBe('skills ok 2 of 3 agents have "Voice"');
    expect(capacity).toMatch(/^capacity no not known: .* 403 .*(utilization|queueObservation)/);
  });

  it('say that the platform reports nothing about a queue', async () => {
    const on = bench(ORG);
    const { exchange } = faulty(on.exchange, [
      { path: /observations/, does: { mangle: (one) => ({ ...one, body: '{"results":[]}' }) } },
    ]);
    expect(said(await checksOf(on, {}, 'Alpha', exchange))).toEqual([
      'capacity no the platform reports no agents and no calls for this queue',
    ]);
  });

  it('say whose skills could not be read', async () => {
    const on = bench(ORG);
    const blind = (body: string): string => body.replaceAll('"skills":', '"unreadable":');
    const { exchange } = faulty(on.exchange, [
      { path: /members/, does: { mangle: (one) => ({ ...one, body: blind(one.body) }) } },
    ]);
    expect(said(await checksOf(on, VOICE, 'Alpha', exchange))[0]).toBe(
      'skills no 0 of 3 agents have "Voice"; the skills of 3 could not be read',
    );
  });

  describe('of many queues at one go', () => {
    const names = Array.from({ length: 8 }, (_, index) => `Queue 000${index + 1}`);
    const centre = { queues: 8, users: 80, skills: 4, membersPerQueue: 10, skillsPerUser: 1 };
    const many = {
      selection: { skills: [{ skill: 'Skill 001' }] },
      targets: names.map((queue) => ({ queue, weight: 1, capacity: 5 })),
    };
    const skillsOf = (checks: readonly CheckResult[]): string[] =>
      said(checks.filter(({ check }) => check === 'skills'));
    const members = (sent: readonly Sent[]): number =>
      sent.filter(({ path }) => path.includes('/members')).length;

    it('are answered without a look at each queue', async () => {
      const on = bench({ generate: centre });
      const { exchange, sent } = faulty(on.exchange);
      const checks = skillsOf(await checksOf(on, many, 'Queue 0001', exchange));
      expect(checks).toHaveLength(8);
      expect(new Set(checks.map((one) => one.slice(0, 9)))).toEqual(new Set(['skills ok']));
      expect(members(sent)).toBe(0);
    });

    it('fail only after a look at the queue itself', async () => {
      const on = bench({ generate: centre });
      const [first] = on.org.queues.values();
      for (const id of first?.memberIds ?? []) {
        const user = on.org.users.get(id);
        if (user !== undefined) Object.assign(user, { skillIds: [] });
      }
      const { exchange, sent } = faulty(on.exchange);
      const [failed, ...others] = skillsOf(await checksOf(on, many, 'Queue 0001', exchange));
      expect(failed).toBe('skills no 0 of 10 agents have "Skill 001"');
      expect([others.length, members(sent)]).toEqual([7, 1]);
    });

    it.each([
      ['nobody is told of', /activity/, '{"results":[]}'],
      ['the directory is empty', /\/users$/, '{"entities":[],"pageCount":1}'],
    ])('hold nobody back where %s', async (_, path, body) => {
      const on = bench({ generate: centre });
      const { exchange, sent } = faulty(on.exchange, [
        { path, does: { mangle: (one) => ({ ...one, body }) } },
      ]);
      const checks = skillsOf(await checksOf(on, many, 'Queue 0001', exchange));
      expect(checks.filter((one) => !one.startsWith('skills ok'))).toEqual([]);
      expect([checks.length, members(sent)]).toEqual([8, 8]);
    });
  });

  it('are left out when off, and asked of nobody', async () => {
    const on = bench(ORG);
    const { exchange, sent } = faulty(on.exchange);
    const off = { ...VOICE, checks: { skills: 'off', capacity: 'off' } };
    expect(await checksOf(on, off, 'Alpha', exchange)).toEqual([]);
    expect(sent.filter(({ path }) => /members|observations|utilization/.test(path))).toEqual([]);
  });

  it('do not hold a draft back', async () => {
    expect(await checksOf(bench(ORG), { ...VOICE, status: 'draft' }, 'Nobody')).toEqual([]);
  });

  it('keep their level, so that a warning stays one', async () => {
    const checks = await checksOf(bench(ORG), { checks: { capacity: 'warn' } }, 'Nobody');
    expect(checks.map(({ level, passed }) => [level, passed])).toEqual([['warn', false]]);
  });
});
