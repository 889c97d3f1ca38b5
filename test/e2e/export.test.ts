/** export: what the org has becomes manifests, and a plan of them finds nothing to do. */
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile, OrgFileStrategy } from '../../src/simulator/org-file-types.js';
import { Workplace } from '../support/cli.js';

const target = (queue: string, priority: number, weight: number): object => ({
  queue,
  priority,
  weight,
  capacity: 5,
});

/** Strategies that this tool never wrote, in every state and with names of every kind. */
const FOREIGN = [
  { name: 'Überlauf Nacht', status: 'active', targets: [target('Sales', 1, 0.25)] },
  { name: 'Überlauf-Nacht', status: 'draft', targets: [target('Billing', 3, 2)] },
  {
    name: 'on / off: "quoted"',
    status: 'failed',
    errorMessage: 'a queue was disabled',
    selectionCriteria: { skills: [{ skill: 'Billing', required: false }, { skill: 'Sales' }] },
    targets: [target('Billing', 2, 1), target('Sales', 1, 0.5), target('Sales Overflow', 2, 0)],
    fallback: { queue: { queue: 'Support Overflow', priority: 7, weight: 0 } },
  },
  { name: 'yes', status: 'active', targets: [target('Support Tier 1', 1, 1)] },
] as unknown as OrgFileStrategy[];

const ORG: OrgFile = { ...DEMO_ORG, strategies: FOREIGN };

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open(ORG);
});
afterEach(() => place.close());

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(path.join(place.dir, folder))).sort();
  const texts = await Promise.all(names.map((name) => place.read(`${folder}/${name}`)));
  return Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']));
}

describe('export', () => {
  it('writes a manifest a strategy, and a plan of the folder is empty', async () => {
    const ended = await place.strategos(['export']);
    expect(ended.stderr).not.toContain('error');
    expect(ended.stdout).toBe('4 strategies exported to exported: 5 files written, 0 unchanged\n');
    expect(ended.code).toBe(0);
    expect(Object.keys(await contents('exported'))).toEqual([
      'environment.yaml',
      'on-off-quoted.yaml',
      'u-berlauf-nacht-2.yaml',
      'u-berlauf-nacht.yaml',
      'yes.yaml',
    ]);
    const plan = await place.strategos(['plan', '--dir', 'exported', '--detailed-exitcode']);
    expect(plan.stdout).toContain(
      'Plan: 0 to create, 0 to change, 0 to delete, 0 to adopt; 4 unchanged.',
    );
    expect(plan.code).toBe(0);
  });

  it('speaks in names and puts a target on a line of its own', async () => {
    await place.strategos(['export', '--target', 'on / off: "quoted"']);
    expect(await place.read('exported/on-off-quoted.yaml')).toBe(
      [
        '# yaml-language-server: $schema=../schemas/routing-strategy.schema.json',
        'apiVersion: strategos/v1',
        'kind: RoutingStrategy',
        'metadata:',
        `  name: 'on / off: "quoted"'`,
        'spec:',
        '  status: draft',
        '  selection:',
        '    skills:',
        '      - { skill: Billing, required: false }',
        '      - { skill: Sales, required: true }',
        '  targets:',
        '    - { queue: Sales, priority: 1, weight: 0.5, capacity: 5 }',
        '    - { queue: Billing, priority: 2, weight: 1, capacity: 5 }',
        '    - { queue: Sales Overflow, priority: 2, weight: 0, capacity: 5 }',
        '  fallback:',
        '    queue: Support Overflow',
        '    priority: 7',
        '    weight: 0',
        '',
      ].join('\n'),
    );
  });

  it('gives the same bytes for the same org, and says what is unchanged', async () => {
    await place.strategos(['export']);
    const first = await contents('exported');
    const again = await place.strategos(['export', '--out', 'again']);
    expect(again.code).toBe(0);
    expect(await contents('again')).toEqual(first);
    const same = await place.strategos(['export']);
    expect(same.stdout).toContain('0 files written, 5 unchanged');
  });

  it('writes over nothing that somebody has edited, unless told to', async () => {
    await place.strategos(['export']);
    await place.edit('exported/yes.yaml', 'capacity: 5', 'capacity: 50');
    const before = await contents('exported');
    const refused = await place.strategos(['export']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('not written over: yes.yaml');
    expect(await contents('exported')).toEqual(before);
    expect((await place.strategos(['export', '--overwrite'])).code).toBe(0);
    expect(await place.read('exported/yes.yaml')).toContain('capacity: 5 }');
  });

  it('leaves out what no manifest can say, names it, and stays valid', async () => {
    await place.close();
    const queues = [...(DEMO_ORG.queues ?? []), { name: 'Ta\tb' }];
    const named = { ...FOREIGN[3]!, name: 'tab', targets: [target('Ta\tb', 1, 1)] };
    const zeroed = { ...FOREIGN[0]!, name: 'idle', targets: [zero('Sales')] };
    const called = { ...FOREIGN[3]!, name: 'environment' };
    const strategies = [...FOREIGN, zeroed, named, called] as OrgFileStrategy[];
    const skills = [...(DEMO_ORG.skills ?? []), 'Refunds', 'Refunds '];
    place = await Workplace.open({ ...DEMO_ORG, queues, strategies, skills });
    const args = ['export', '--all', '--out', 'whole', '--format', 'json'];
    const ended = await place.strategos(args);
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain(
      'warning: RoutingStrategy/idle: not exported: spec.targets: every weight is 0',
    );
    expect(ended.stderr).toMatch(
      /Queue\/Ta\\u\{9\}b: not exported: .*\n {4}→ give it another name in the org .*no tab/,
    );
    const { odd, issues } = JSON.parse(ended.stdout) as { odd: object[]; issues: object[] };
    expect(issues).toEqual([]);
    expect(odd).toEqual([
      expect.objectContaining({ address: 'Queue/Ta\tb', written: false }),
      expect.objectContaining({ address: 'RoutingStrategy/idle', written: false }),
      expect.objectContaining({
        address: 'Skill/Refunds',
        how: expect.stringMatching(/^its name and that of Skill "Refunds " differ in/) as string,
        hint: 'make one of the two again under another name in the org, and export again',
      }),
      expect.objectContaining({ address: 'Skill/Refunds ', written: false }),
    ]);
    // By its id it goes on to be meant, whatever somebody will call it.
    expect(await place.read('whole/strategies/tab.yaml')).toMatch(/queue: \{ id: [0-9a-f-]{36} \}/);
    expect((await place.strategos(['validate', 'whole'])).code).toBe(0);
    const plan = await place.strategos(['plan', '--dir', 'whole', '--detailed-exitcode']);
    expect(plan.code).toBe(0);
    // A file of that name is the Environment's.
    expect((await place.strategos(['export', '--target', 'environment'])).code).toBe(0);
    expect(Object.keys(await contents('exported'))).toEqual([
      'environment-2.yaml',
      'environment.yaml',
    ]);
  });
});

function zero(queue: string): OrgFileStrategy['targets'][number] {
  return { queue, priority: 1, weight: 0, capacity: 1 };
}

describe('export into manifests that are there', () => {
  const FILE = 'strategies/support.yaml';

  /** What somebody does in the admin UI. */
  async function change(
    name: string,
    edit: (targets: { weight: number; capacity: number }[]) => void,
  ): Promise<void> {
    const { id, targets } = (await place.strategies())[name]!;
    const changed = targets.map((one) => ({ ...one }));
    edit(changed);
    await place.request('PUT', `/api/v2/routing/strategies/${id}`, { targets: changed });
  }

  beforeEach(async () => {
    await place.close();
    place = await Workplace.open();
    await place.strategos(['apply', '--yes']);
  });

  it('leaves every byte where the org is as they say', async () => {
    const before = await contents('strategies');
    const ended = await place.strategos(['export', '--out', 'strategies']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
    expect(await contents('strategies')).toEqual(before);
  });

  it('changes the number that the org has otherwise, and no other byte', async () => {
    await place.edit(FILE, 'weight: 1.0, capacity: 10 }', 'weight: 1.0, capacity: 10 } # why');
    const before = await place.read(FILE);
    await change('optimized-support', ([first]) => (first!.capacity = 7));
    expect((await place.strategos(['export', '--out', 'strategies'])).code).toBe(4);
    expect(await place.read(FILE)).toBe(before);
    const ended = await place.strategos(['export', '--out', 'strategies', '--overwrite']);
    expect(ended.code).toBe(0);
    expect(await place.read(FILE)).toBe(
      before.replace('capacity: 10 } # why', 'capacity: 7 } # why'),
    );
    const plan = await place.strategos(['plan', '--detailed-exitcode']);
    expect(plan.code).toBe(0);
  });

  it('carries what a person has written into another folder', async () => {
    await change('optimized-support', ([, second]) => (second!.capacity = 3));
    const ended = await place.strategos(['export']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const text = await place.read('exported/optimized-support.yaml');
    const own = await place.read(FILE);
    expect(text).toBe(own.replace(/(Tier 2.*capacity: )\d+/, '$13'));
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schemas\/routing-strategy/);
    expect(await place.read('schemas/routing-strategy.schema.json')).toContain('RoutingStrategy');
  });

  it('keeps weights that the optimizer may move', async () => {
    const before = await place.read(FILE);
    await change('optimized-support', ([first]) => (first!.weight = 0.4));
    await place.strategos(['export', '--out', 'strategies', '--overwrite']);
    expect(await place.read(FILE)).toBe(before);
    await change('optimized-support', ([, second]) => (second!.weight = 3));
    await place.strategos(['export', '--out', 'strategies', '--overwrite']);
    expect(await place.read(FILE)).toBe(before.replace(/(Tier 2.*weight: )1\.0/, '$13'));
  });

  it('leaves who is to be among others as it is written, however many others there are', async () => {
    const queue = (description: string, include: string, codes: string): string =>
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Billing, adopt: true }\nspec:\n' +
      `  description: ${description}\n  members:\n    include:\n${include}` +
      `  wrapupCodes: { include: [ ${codes} ] }\n`;
    const [hana, ivan] = ['hana', 'ivan'].map((name) => `      - ${name}@example.com # ${name}\n`);
    const code = (name: string): string =>
      `apiVersion: strategos/v1\nkind: WrapupCode\nmetadata: { name: ${name} }\nspec: {}\n`;
    const file = 'strategies/queue.yaml';
    const members = `${hana}${ivan}`;
    await place.write('strategies/codes.yaml', `${code('Solved')}---\n${code('Again')}`);
    await place.write(file, queue('Bills', members, 'Solved, Again'));
    const ended = await place.strategos(['apply', '--yes', '--target', 'Queue', 'WrapupCode']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
    const { org } = place.simulator;
    const billing = [...org.queues.values()].find(({ name }) => name === 'Billing')!;
    const over = ['export', '--out', 'strategies', '--overwrite', '--target', 'Queue/Billing'];
    billing.description = 'by hand';
    expect(await place.strategos(over)).toMatchObject({ code: 0 });
    expect(await place.read(file)).toBe(queue('by hand', members, 'Solved, Again'));
    // What is there no more goes from the manifest, and nothing comes to it.
    const codes = org.things.get('/api/v2/routing/wrapupcodes')!;
    const again = [...codes.values()].find(({ name }) => name === 'Again')!.id;
    billing.wrapupCodeIds.delete(again);
    expect(await place.strategos(over)).toMatchObject({ code: 0 });
    expect(await place.read(file)).toBe(queue('by hand', members, 'Solved'));
  });

  it('leaves out of rings and members what their manifest leaves out', async () => {
    const queue = (seconds: number, members: string): string =>
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Billing, adopt: true }\nspec:\n' +
      `  rings:\n    - { expandAfterSeconds: 30 } # first\n    - { expandAfterSeconds: ${seconds} }\n` +
      `  members:\n${members}`;
    const mail = (name: string): string => `    - ${name}@example.com # ${name}\n`;
    const ours = ['ivan', 'goran', 'hana'].map(mail).join('');
    const file = 'strategies/queue.yaml';
    await place.write(file, queue(60, ours));
    const ended = await place.strategos(['apply', '--yes', '--target', 'Queue']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.any(String)]);
    const { org } = place.simulator;
    const { id } = [...org.queues.values()].find(({ name }) => name === 'Billing')!;
    const ada = [...org.users.values()].find(({ name }) => name === 'Ada')!.id;
    const path = `/api/v2/routing/queues/${id}`;
    const found = (await place.request('GET', path, undefined, 'demo')) as {
      bullseye: { rings: { expansionCriteria: { threshold: number }[] }[] };
    };
    found.bullseye.rings[1]!.expansionCriteria[0]!.threshold = 90;
    await place.request('PUT', path, found, 'demo');
    await place.request('POST', `${path}/members`, [{ id: ada }] as object, 'demo');
    const over = ['export', '--out', 'strategies', '--overwrite', '--target', 'Queue/Billing'];
    expect(await place.strategos(over)).toMatchObject({ code: 0 });
    const theirs = '    - { user: ada@example.com, ring: 1 }\n';
    expect(await place.read(file)).toBe(queue(90, `${ours}${theirs}`));
  });

  it('leaves what an overlay decides to a person, and says so', async () => {
    await change('sales', ([first]) => (first!.capacity = 9));
    const before = await contents('strategies');
    const ended = await place.strategos(['export', '--out', 'strategies', '--overwrite']);
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain('an overlay changes what it says here');
    expect(await contents('strategies')).toEqual(before);
  });

  it('refuses a folder of which nobody can say what is in it', async () => {
    await place.write('strategies/broken.yaml', 'kind: [\n');
    const before = await contents('strategies');
    const ended = await place.strategos([
      'export',
      '--out',
      'strategies',
      '--overwrite',
      '--dir',
      'none',
    ]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('strategies/broken.yaml:');
    expect(await contents('strategies')).toEqual(before);
  });

  it('writes no environment a second time, in whatever file it is', async () => {
    const environment = await place.read('strategies/environment.yaml');
    const other = environment.replace('name: demo', 'name: other').replace(/^#.*\n/gm, '');
    await place.write('strategies/environment.yaml', `${environment}---\n${other}`);
    const before = await contents('strategies');
    expect((await place.strategos(['export', '-e', 'demo', '--out', 'strategies'])).code).toBe(0);
    expect(await contents('strategies')).toEqual(before);
    // Into a folder whose environment.yaml is another's.
    await place.strategos(['export', '-e', 'demo']);
    await place.write('exported/environment.yaml', other);
    const ended = await place.strategos(['export', '-e', 'demo']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(await place.read('exported/environment-demo.yaml')).toContain('name: demo');
    expect((await place.strategos(['validate', 'exported'])).code).toBe(0);
    // And whose environment-demo.yaml is another's as well.
    const third = other.replace('name: other', 'name: third');
    await place.write('exported/environment-demo.yaml', third);
    const again = await place.strategos(['export', '-e', 'demo', '--overwrite']);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(await place.read('exported/environment-demo.yaml')).toBe(third);
    expect(await place.read('exported/environment-demo-2.yaml')).toContain('name: demo');
  });
});

describe('what is gone', () => {
  beforeEach(async () => {
    await place.close();
    place = await Workplace.open();
    await place.strategos(['apply', '--yes']);
    const { billing } = await place.strategies();
    await place.request('DELETE', `/api/v2/routing/strategies/${billing!.id}`);
    await place.clock.sleep(600_000);
  });

  it('is said, and stays', async () => {
    const before = await contents('strategies');
    const ended = await place.strategos(['export', '--out', 'strategies']);
    expect(ended.stderr).toContain('--prune removes them');
    expect(ended.stderr).toContain('RoutingStrategy/billing (strategies/billing.yaml:');
    expect(await contents('strategies')).toEqual(before);
  });

  it('is removed when somebody agrees, and its file with the last of it', async () => {
    const asked = await place.strategos(['export', '--out', 'strategies', '--prune']);
    expect(asked.code).toBe(64);
    const before = await place.read('strategies/billing.yaml');
    expect(before).toContain('name: sales');
    const ended = await place.strategos([
      'export',
      '--out',
      'strategies',
      '--prune',
      '--yes',
      '--overwrite',
    ]);
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const after = await place.read('strategies/billing.yaml');
    expect(after).not.toContain('name: billing');
    expect(after).toContain(before.slice(before.indexOf('---\n')).trim().slice(4, 60));
    const plan = await place.strategos(['plan', '--detailed-exitcode']);
    expect(plan.stdout).toContain('0 to create');
  });
});

describe('the first hour', () => {
  const STEPS: Readonly<Record<string, readonly string[]>> = {
    init: ['init'],
    export: ['export', '--all', '--out', 'strategies'],
    validate: ['validate'],
    plan: ['plan'],
  };
  const ORDERS = [
    'export init validate plan',
    'init export validate plan',
    'init plan validate export',
    'export plan init validate',
  ];
  const queues = (DEMO_ORG.queues ?? []).map(({ name }) => ({ name }));
  const ORGS: readonly (readonly [string, string, OrgFile])[] = [
    ['an empty org', 'datatable', {}],
    ['an org with only queues', 'datatable', { queues }],
    ['an org with strategies', 'strategies-api', { ...DEMO_ORG, strategies: [FOREIGN[3]!] }],
  ];

  it.each(ORGS)('is without trouble in %s (%s), in every order', async (_what, backend, org) => {
    await place.close();
    place = await Workplace.open(org);
    for (const order of ORDERS) {
      for (const one of await readdir(place.dir)) {
        await rm(path.join(place.dir, one), { recursive: true });
      }
      for (const step of order.split(' ')) {
        const { code, stderr } = await place.strategos(STEPS[step]!);
        expect([order, step, code, stderr]).toEqual([
          ...[order, step, 0, expect.not.stringContaining('warning')],
        ]);
        if (step === 'init' && backend === 'strategies-api') await chooseApi();
      }
    }
  });

  async function chooseApi(): Promise<void> {
    const file = 'strategies/environment.yaml';
    const text = await place.read(file);
    if (!text.includes('  datatable: {')) return;
    await place.edit(file, 'backend: datatable', 'backend: strategies-api');
    await place.edit(file, '  datatable: ', '  # datatable: ');
  }

  it('says where the rest is where there is no strategy', async () => {
    await place.close();
    place = await Workplace.open({ queues });
    const ended = await place.strategos(['export']);
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('export --all has')]);
    const whole = await place.strategos(['export', '--all']);
    expect(whole.stderr).not.toContain('export --all has');
  });

  it('leaves an example alone that somebody has called a manifest', async () => {
    await rm(path.join(place.dir, 'strategies'), { recursive: true });
    expect((await place.strategos(['init'])).code).toBe(0);
    const example = 'strategies/example.yaml';
    await rename(path.join(place.dir, `${example}.unfinished`), path.join(place.dir, example));
    const before = await place.read(example);
    for (const args of [['--target', 'Queue'], ['--all'], []]) {
      await place.strategos(['export', ...args, '--out', 'strategies']);
      expect(await place.read(example)).toBe(before);
    }
    // Nor does another come beside it.
    expect((await place.strategos(['init'])).stdout).toContain('nothing to write');
  });
});
