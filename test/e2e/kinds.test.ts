/** Skills, languages and wrap-up codes on the command line, beside the strategies that name them. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { signalAt, Workplace, type OpenOptions } from '../support/cli.js';
import { SKILL, STRATEGY } from '../support/many.js';

let place: Workplace;

afterEach(() => place.close());

async function opened(over: OrgFile = {}, options: OpenOptions = {}): Promise<Workplace> {
  place = await Workplace.open({ ...DEMO_ORG, ...over }, { backend: 'datatable', ...options });
  return place;
}

const remove = async (file: string): Promise<void> => rm(path.join(place.dir, 'strategies', file));

describe('the delete of a skill that a flow uses', () => {
  const flows = [{ name: 'Main IVR', version: '12.0', uses: { skills: ['Refunds'] } }];
  const used = 'Skill/Refunds is used by flow "Main IVR" (version 12.0)';

  it('is refused with the name of the flow, and goes with --force', async () => {
    await opened({ flows });
    // Five of them: one that goes is no mass deletion.
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    await remove('refunds.yaml');
    const planned = await place.strategos(['plan']);
    expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining(used)]);
    const refused = await place.strategos(['apply', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(used)]);
    expect(refused.stderr).toContain('pass --force or take it out of what uses it');
    const forced = await place.strategos(['apply', '--yes', '--force']);
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`forced: ${used}`)]);
    const [run = ''] = (await place.runs()).slice(-1);
    expect((await place.strategos(['audit', 'show', run])).stdout).toContain('forced');
  });

  it('is refused as well where the flow took it up after the plan was made', async () => {
    await opened();
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await remove('refunds.yaml');
    expect((await place.strategos(['plan', '--out', 'plan.json'])).code).toBe(0);
    const uses = { skills: ['Refunds'], languages: [], wrapupCodes: [], queues: [], tables: [] };
    const flow = { id: 'f', name: 'Main IVR', version: '12.0', type: 'INBOUNDCALLFLOW', uses };
    place.simulator.org.flows.push(flow);
    const refused = await place.strategos(['apply', 'plan.json', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining(used)]);
    const forced = await place.strategos(['apply', 'plan.json', '--yes', '--force']);
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`forced: ${used}`)]);
  });

  it('is said not to be known where the permission is missing', async () => {
    const [demo, planner, ...others] = DEMO_ORG.clients ?? [];
    const permissions = planner?.permissions?.filter((one) => !one.includes('dependency')) ?? [];
    const blind = { id: 'planner', secret: 'planner', permissions };
    await opened({ flows, clients: [demo!, blind, ...others] });
    for (const name of ['a', 'b', 'c', 'd'])
      await place.write(`strategies/${name}.yaml`, SKILL(name));
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await remove('refunds.yaml');
    const env = { GENESYS_CLIENT_ID: 'planner', GENESYS_CLIENT_SECRET: 'planner' };
    const said = async (...more: string[]): Promise<string> => {
      const { code, stdout } = await place.strategos(['plan', ...more], { env });
      expect(code).toBe(0);
      return stdout;
    };
    const why =
      /whether anything uses Skill\/Refunds is not known: .*403.*architect:dependencyTracking:view/;
    expect(await said()).toMatch(why);
    expect((await said('--format', 'markdown')).replaceAll('&#8203;', '')).toMatch(why);
    expect(await said('--format', 'html')).toContain('whether anything uses Skill/Refunds');
    const { changes } = JSON.parse(await said('--format', 'json')) as {
      changes: { consumers: object }[];
    };
    expect(changes[0]?.consumers).toEqual({
      unread: { message: expect.stringContaining('architect:dependencyTracking:view') },
    });
  });
});

describe('another backend in the Environment', () => {
  it('keeps skills ours: nothing is adopted, their records stay where they are, logs verify', async () => {
    await opened();
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    await place.edit(
      'strategies/environment.yaml',
      'backend: datatable',
      'backend: strategies-api',
    );
    const planned = await place.strategos(['plan']);
    expect(planned.stdout).not.toContain('up to date');
    expect(planned.stdout).toContain('3 live strategies of ours stay behind');
    const applied = await place.strategos(['apply', '--yes']);
    expect([applied.code, applied.stderr]).toEqual([0, expect.not.stringContaining('head of')]);
    const { tables, tableNames } = place.simulator.org;
    const keysIn = (name: string): string[] => [
      ...(tables.get(tableNames.get(name) ?? '')?.rows.keys() ?? []),
    ];
    expect(keysIn('Routing Strategies (strategos)')).toContain('Skill~Refunds');
    expect([...tableNames.keys()].filter((name) => name.endsWith('(strategos)'))).toHaveLength(1);
    expect((await place.strategos(['apply', '--yes'])).stdout).toContain('Nothing to do');
    expect((await place.strategos(['audit', 'verify', '--org'])).code).toBe(0);
    // And back: nothing is lost on the way.
    await place.edit(
      'strategies/environment.yaml',
      'backend: strategies-api',
      'backend: datatable',
    );
    const back = await place.strategos(['apply', '--yes']);
    expect([back.code, keysIn('Routing Strategies (strategos)')]).toEqual([
      0,
      expect.arrayContaining(['Skill~Refunds']),
    ]);
    expect((await place.strategos(['drift'])).code).toBe(0);
  });
});

describe('an org whose records an older version kept in a table of that backend', () => {
  it('is ours as it is, and so is its chain of logs: the next apply moves both', async () => {
    await opened();
    await place.edit(
      'strategies/environment.yaml',
      'backend: datatable',
      'backend: strategies-api',
    );
    await place.strategos(['apply', '--yes']);
    const { tables, tableNames } = place.simulator.org;
    const [today, former] = [
      'Routing Strategies (strategos)',
      'Routing Strategies API (strategos)',
    ];
    const table = tables.get(tableNames.get(today) ?? '');
    if (table === undefined) throw new Error('there is no table of records');
    for (const [key, row] of [...table.rows]) {
      const plain = key.replace('.strategies-api', '');
      table.rows.delete(key);
      table.rows.set(plain, new Map([...row, ['key', plain]]));
    }
    table.name = former;
    tableNames.delete(today);
    tableNames.set(former, table.id);
    expect((await place.strategos(['audit', 'verify', '--org'])).code).toBe(0);
    const planned = await place.strategos(['plan']);
    expect(planned.stdout).toContain(
      '0 to create, 0 to change, 0 to delete, 0 to adopt; 3 unchanged',
    );
    const applied = await place.strategos(['apply', '--yes']);
    expect([applied.code, applied.stderr]).toEqual([0, expect.not.stringContaining('head of')]);
    expect((await place.strategos(['audit', 'verify', '--org'])).code).toBe(0);
    const records = (name: string): string[] =>
      [...(tables.get(tableNames.get(name) ?? '')?.rows.keys() ?? [])].filter((key) =>
        key.includes('~'),
      );
    expect([records(former), records(today).length]).toEqual([[], 3]);
  });
});

/** What a run says became of its changes, in their order. */
function outcomesIn(stdout: string): string[] {
  const { outcomes } = JSON.parse(stdout) as { outcomes: { address: string; state: string }[] };
  return outcomes.map(({ address, state }) => `${state} ${address}`);
}

interface Planned {
  readonly changes: readonly { action: string; address: string; waitsFor: string[] }[];
  readonly references: Record<string, Record<string, string>>;
}

const changesIn = (text: string): string[] =>
  (JSON.parse(text) as Planned).changes.map(
    ({ action, address, waitsFor }) =>
      `${action} ${address}${waitsFor.length === 0 ? '' : ` after ${waitsFor.join(', ')}`}`,
  );

async function withoutExample(): Promise<void> {
  for (const file of ['billing.yaml', 'support.yaml', 'overlay-demo.yaml']) await remove(file);
}

const PAIR = (skill: string): string =>
  STRATEGY('refunds', skill).replace('"Alpha"', '"Billing"').replace('"Beta"', '"Sales"');

/** Neither of them is there yet: a skill, and the strategy that requires it. */
async function pair(options: OpenOptions = {}): Promise<void> {
  await opened({}, options);
  await withoutExample();
  await place.write('strategies/skill.yaml', SKILL('Refunds'));
  await place.write('strategies/strategy.yaml', PAIR('Refunds'));
}

const skillsNow = async (): Promise<string[]> => {
  const all = await place.entities<{ id: string; name: string; state: string }>(
    '/api/v2/routing/skills?pageSize=100',
  );
  return all
    .filter(({ name, state }) => name === 'Refunds' && state === 'active')
    .map(({ id }) => id);
};
const requiredBy = async (): Promise<string[]> => {
  type Shown = { selectionCriteria?: { skills?: { skillId: string }[] } };
  const all = await place.entities<Shown>('/api/v2/routing/strategies?pageSize=100');
  return all.flatMap((one) => (one.selectionCriteria?.skills ?? []).map(({ skillId }) => skillId));
};

describe.each(['datatable', 'strategies-api'] as const)(
  'a skill and the strategy that requires it, on %s',
  (backend) => {
    it('are in a plan file that is applied later, and once', async () => {
      await pair({ backend });
      expect((await place.strategos(['plan', '--out', 'plan.json'])).code).toBe(0);
      const text = await place.read('plan.json');
      expect(changesIn(text)).toEqual([
        'create Skill/Refunds',
        'create RoutingStrategy/refunds after Skill/Refunds',
      ]);
      expect((JSON.parse(text) as Planned).references['skill']).toEqual({
        Refunds: 'declared:Skill/Refunds',
      });
      const applied = await place.strategos(['apply', 'plan.json', '--yes', '--format', 'json']);
      expect([applied.code, outcomesIn(applied.stdout)]).toEqual([
        0,
        ['created Skill/Refunds', 'created RoutingStrategy/refunds'],
      ]);
      const again = await place.strategos(['apply', 'plan.json', '--yes']);
      expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
      expect(await skillsNow()).toHaveLength(1);
    });

    it('a plan file is stale once a person has made such a skill', async () => {
      await pair({ backend });
      await place.strategos(['plan', '--out', 'plan.json']);
      await place.request('POST', '/api/v2/routing/skills', { name: 'Refunds' });
      const { code, stderr } = await place.strategos(['apply', 'plan.json', '--yes']);
      expect([code, stderr]).toEqual([4, expect.stringContaining('stale')]);
      expect(await skillsNow()).toHaveLength(1);
    });

    it('go the other way round in a rollback, and come back with another id', async () => {
      await pair({ backend });
      await place.strategos(['apply', '--yes']);
      const [made = ''] = (await place.runs()).slice(-1);
      const [before] = await skillsNow();
      const preview = await place.strategos(['rollback', made, '--dry-run', '--format', 'json']);
      expect(changesIn(preview.stdout)).toEqual([
        'delete RoutingStrategy/refunds',
        'delete Skill/Refunds after RoutingStrategy/refunds',
      ]);
      const shown = await place.strategos(['rollback', made, '--dry-run']);
      expect(shown.stdout).toContain('delete Skill/Refunds (after RoutingStrategy/refunds)');
      const options = ['--yes', '--force', '--format', 'json'];
      const gone = await place.strategos(['rollback', made, ...options]);
      expect([gone.code, outcomesIn(gone.stdout)]).toEqual([
        0,
        ['deleted RoutingStrategy/refunds', 'deleted Skill/Refunds'],
      ]);
      expect(await skillsNow()).toEqual([]);
      const [undone = ''] = (await place.runs()).slice(-1);
      const back = await place.strategos(['rollback', undone, ...options]);
      expect([back.code, outcomesIn(back.stdout)]).toEqual([
        0,
        ['created Skill/Refunds', 'created RoutingStrategy/refunds'],
      ]);
      const [after] = await skillsNow();
      expect([after === undefined, after === before]).toEqual([false, false]);
      if (backend === 'strategies-api') expect(await requiredBy()).toEqual([after]);
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
    });

    it('of a rollback of the skill alone, the strategy stands in the way', async () => {
      await pair({ backend });
      await place.strategos(['apply', '--yes']);
      const [made = ''] = (await place.runs()).slice(-1);
      const alone = ['rollback', made, '--yes', '--force', '--target', 'Skill/Refunds'];
      const { code, stderr, stdout } = await place.strategos(alone);
      expect([code, stderr + stdout]).toEqual([
        5,
        expect.stringContaining('RoutingStrategy/refunds (in the org) still refers to it'),
      ]);
      expect(await skillsNow()).toHaveLength(1);
    });

    it('are exported with names, and a plan of that is empty', async () => {
      await pair({ backend });
      await place.strategos(['apply', '--yes']);
      const out = await place.strategos(['export', '--out', 'out', '--target', 'Skill', 'refunds']);
      expect(out.code).toBe(0);
      expect(out.stdout).toMatch(/^1 strategy and 4 skills exported/);
      const planned = await place.strategos(['plan', '--dir', 'out', '--detailed-exitcode']);
      expect(planned.code).toBe(0);
      expect(await place.read('strategies/strategy.yaml')).toContain('Refunds');
    });

    it.each([
      ['once it is made and nobody has noted it', 'POST /api/v2/routing/skills 200'],
      ['before the strategy is claimed', '\ncreate RoutingStrategy/refunds'],
    ])('survive a kill -9 between the two, %s', async (_, text) => {
      await pair({ backend, latencyMs: 100 });
      const killed = await place.process(
        ['apply', '--yes', '--verbose'],
        signalAt(text, 'SIGKILL'),
      );
      place.answerAfter(0);
      expect(killed.code).toBe(null);
      const [id] = await skillsNow();
      expect([id === undefined, killed.stderr.includes('POST /api/v2/routing/strategies')]).toEqual(
        [false, false],
      );
      const again = await place.strategos(['apply', '--yes', '--format', 'json']);
      expect([again.code, outcomesIn(again.stdout)]).toEqual([
        0,
        ['created RoutingStrategy/refunds'],
      ]);
      expect(await skillsNow()).toEqual([id]);
      if (backend === 'strategies-api') expect(await requiredBy()).toEqual([id]);
      expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
      expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
    });
  },
);

describe('commands that are about strategies', () => {
  const about = 'is about strategies (RoutingStrategy) alone';

  it('refuse targets of other kinds, and leave those out of what they show and send', async () => {
    await pair();
    const wfm = [
      'spec:',
      'spec:\n  wfm: { url: "http://127.0.0.1:9/x", secretEnv: WFM_SECRET }',
    ] as const;
    await place.edit('strategies/environment.yaml', ...wfm);
    await place.strategos(['apply', '--yes']);
    for (const command of ['optimize', 'metrics', 'predict', 'sync']) {
      for (const target of ['Skill', 'Skill/Refunds']) {
        const env = { WFM_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
        const { code, stderr } = await place.strategos([command, '--target', target], { env });
        expect([command, code, stderr]).toEqual([
          command,
          64,
          expect.stringContaining(`--target ${target}: ${command} ${about}`),
        ]);
      }
    }
    const { stdout } = await place.strategos(['metrics', '--format', 'json']);
    const { strategies } = JSON.parse(stdout) as { strategies: { address: string }[] };
    expect(strategies.map(({ address }) => address)).toEqual(['RoutingStrategy/refunds']);
    const named = await place.strategos(['metrics', '--target', 'refunds']);
    expect(named.code).toBe(0);
    const skill = await place.strategos(['metrics', '--target', 'Refunds']);
    expect(skill.code).toBe(64);
    await place.strategos(['sync'], {
      env: { WFM_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    });
    const files = await readdir(path.join(place.dir, '.strategos'), { recursive: true });
    const queued = files.filter((one) => one.includes('outbox') && one.endsWith('.json'));
    expect(queued.length).toBeGreaterThan(0);
    const texts = await Promise.all(queued.map((one) => place.read(path.join('.strategos', one))));
    expect(texts.filter((text) => text.includes('Skill/'))).toEqual([]);
  });

  it('guards of a kind that there is none of are an issue', async () => {
    await opened();
    await place.edit(
      'strategies/environment.yaml',
      '50% }',
      '50%, kinds: { Skil: { maxDeletes: 1 } } }',
    );
    const { code, stdout } = await place.strategos(['validate']);
    expect([code, stdout]).toEqual([3, expect.stringContaining('did you mean Skill?')]);
  });
});

describe('a skill whose record is in another table, and another owner’s', () => {
  it('is theirs here, and is handed over where its record is', async () => {
    await opened();
    await withoutExample();
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.strategos(['apply', '--yes']);
    const file = 'strategies/environment.yaml';
    await place.edit(file, 'backend: datatable', 'backend: strategies-api');
    await place.edit(file, 'owner: strategos-example', 'owner: example.com/other');
    // A record of its own: who has no table of records has no lock to hand anything over under.
    await place.write('strategies/other.yaml', SKILL('Other'));
    await remove('refunds.yaml');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    const planned = await place.strategos(['plan', '--format', 'json']);
    const { guards } = JSON.parse(planned.stdout) as {
      guards: { guard: string; message: string }[];
    };
    const said = guards.find(({ guard }) => guard === 'ownership')?.message ?? '';
    const [, from = ''] = / belongs? to (.*?) \(environment demo\)/.exec(said) ?? [];
    expect(said).toMatch(/Skill\/Refunds.* belongs? to /);
    const to = 'example.com/other//strategies';
    const args = ['owner', 'transfer', '--from', from, '--to', to, '--yes'];
    const handed = await place.strategos(args);
    expect([handed.code, handed.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect(await skillsNow()).toHaveLength(1);
  });
});

describe('an object that a person has renamed', () => {
  const CODE = (name: string): string =>
    `apiVersion: strategos/v1\nkind: WrapupCode\nmetadata:\n  name: ${name}\nspec: {}\n`;

  it('is known by its id, not made a second time, and taken over under its new name', async () => {
    await opened();
    await place.write('strategies/sold.yaml', CODE('Sold'));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const [sold] = await place.entities('/api/v2/routing/wrapupcodes?pageSize=100');
    const route = `/api/v2/routing/wrapupcodes/${sold?.id ?? ''}`;
    await place.request('PUT', route, { name: 'Won', division: { id: '*' } });
    const planned = await place.strategos(['plan', '--detailed-exitcode']);
    expect(planned.code).toBe(5);
    expect(planned.stdout).toContain('somebody has renamed it: the org calls it "Won" now');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(5);
    expect((await place.strategos(['drift'])).code).toBe(5);
    const names = async (): Promise<string[]> =>
      (await place.entities('/api/v2/routing/wrapupcodes?pageSize=100')).map(({ name }) => name);
    expect(await names()).toEqual(['Won']);
    await place.write('strategies/sold.yaml', CODE('Won'));
    expect((await place.strategos(['apply', '--yes', '--adopt'])).code).toBe(0);
    expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect(await names()).toEqual(['Won']);
  });
});

describe('the first apply of all', () => {
  it.each(['datatable', 'strategies-api'] as const)(
    'asks about a queue that it makes before calls go there: %s',
    async (backend) => {
      await opened({}, { backend });
      await place.write(
        'strategies/nobody.yaml',
        'apiVersion: strategos/v1\nkind: Queue\nmetadata:\n  name: Nobody\nspec: {}\n',
      );
      await place.write(
        'strategies/to-nobody.yaml',
        [
          'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata:\n  name: to-nobody\nspec:',
          '  selection: { skills: [{ skill: Billing, required: true }] }',
          '  targets: [{ queue: Nobody, priority: 1, weight: 1, capacity: 3 }]',
          '',
        ].join('\n'),
      );
      const { code, stdout } = await place.strategos(['apply', '--yes']);
      expect(stdout).toMatch(/RoutingStrategy\/to-nobody failed: .*Nobody/);
      expect(code).toBe(5);
    },
  );
});
