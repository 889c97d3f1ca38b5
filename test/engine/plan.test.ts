/** From manifests and a live org to a plan. */
import { describe, expect, it } from 'vitest';
import { InvalidInput, WrongUsage } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import type { CheckResult, Plan } from '../../src/core/types.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { live, manifest, ORG, plan, strategy, weighing } from '../support/reconcile.js';

function summary({ changes }: Plan): string[] {
  return changes.map(({ action, address }) => `${action} ${address.split('/')[1] ?? ''}`);
}

async function refused(attempt: Promise<unknown>): Promise<InvalidInput> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InvalidInput)) throw new Error(`not refused: ${String(error)}`);
  return error;
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

describe('a plan', () => {
  it('creates, updates and deletes, and leaves alone what is equal', async () => {
    const on = bench(FOUR);
    const before = structuredClone(on.org.strategies);
    const { plan: made, leftAlone } = await plan(on, FOUR_FILES);
    expect(summary(made)).toEqual(['delete gone', 'update moved', 'update slow', 'create new']);
    expect(made.counts).toEqual({ create: 1, update: 2, delete: 1, adopt: 0, unchanged: 1 });
    expect(leftAlone).toEqual({ unmanaged: [], strangers: [] });
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
        ...{ path: 'targets["Beta"].weight', before: 1, after: 0.5 },
        ...{ at: { file: 'moved.yaml', line: line + 1 }, cause: null },
      },
    ]);
    expect(moved?.precondition?.version).toBe(1);
    expect(made.references['queue']).toEqual({
      Beta: strategy(on, 'moved').content.targets[0]?.id,
    });
  });

  it('leaves what it does not manage with prune off, and says so', async () => {
    const { plan: made, leftAlone } = await plan(
      bench(FOUR),
      { 'same.yaml': manifest('same', 'Gamma') },
      { prune: false },
    );
    expect(summary(made)).toEqual([]);
    expect(leftAlone.unmanaged).toEqual([
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
    const error = await refused(plan(on, files));
    expect(error.exitCode).toBe(3);
    expect(error.issues).toHaveLength(4);
    const said = error.issues.map((issue) => [
      `${issue.at?.file ?? ''}:${issue.at?.line ?? ''}`,
      issue.code,
      issue.hint,
    ]);
    expect(said.sort()).toEqual(
      [
        [at('a.yaml', 'Alhpa'), 'unknown-queue', 'did you mean "Alpha"?'],
        [at('a.yaml', 'Vioce'), 'unknown-skill', 'did you mean "Voice"?'],
        [
          at('b.yaml', 'Nonesuch'),
          'unknown-queue',
          'create the queue in the org first, or check that this client may see its division',
        ],
        // A reference by id is placed at the key that holds it.
        [at('c.yaml', '0-0', 1), 'unknown-queue', undefined],
      ].sort(),
    );
    expect(error.issues[0]?.message).toMatch(/^RoutingStrategy\/a: the org has no .* "/);
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
    const error = await refused(plan(on, { 'a.yaml': manifest('a', 'Alpha') }));
    expect(error.issues[0]?.message).toContain('2 queues named "Alpha"');
    expect(error.issues[0]?.hint).toContain(alpha!.id);
    expect(error.issues[0]?.hint).toContain(beta!.id);
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
      'skills no 0 of 0 agents have "Voice"',
    );
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
