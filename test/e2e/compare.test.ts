/** compare: two environments of one folder, side by side, by name. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { idFrom } from '../../src/simulator/ids.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg, type Org } from '../../src/simulator/org.js';
import { Workplace, type Ended } from '../support/cli.js';
import { watchExchange } from '../support/fidelity.js';
import { manifestOf, SKILL } from '../support/many.js';
import { validatorOf } from '../support/schemas.js';

/** Two orgs: staging is that of the place, with endpoints; prod has rows. */
let place: Workplace;
let prod: Simulator;

beforeEach(async () => {
  place = await Workplace.open({ ...DEMO_ORG, organization: { name: 'Acme Test' } });
  const org = createOrg({ ...DEMO_ORG, organization: { name: 'Acme' } }, { activationMs: 20 });
  renumber(org);
  prod = await startSimulator({ org, tap: watchExchange });
  await declare('staging', place.simulator.url, 'strategies-api');
  await declare('prod', prod.url, 'datatable');
  await place.write('strategies/environment.yaml', '');
  await place.write('strategies/overlay-demo.yaml', '');
});
afterEach(async () => {
  await prod.close();
  await place.close();
});

/** The same id means another queue, and the same queue has another id. */
function renumber(org: Org): void {
  const all = [...org.queues.values()];
  const ids = all.map(({ id }) => id);
  org.queues.clear();
  all.forEach((queue, index) => {
    const id = ids[(index + 1) % ids.length] ?? idFrom(queue.name);
    org.queues.set(id, { ...queue, id });
  });
}

async function declare(name: string, host: string, backend: string): Promise<void> {
  const document = [
    ...['apiVersion: strategos/v1', 'kind: Environment', `metadata: { name: ${name} }`],
    `spec: { host: "${host}", backend: ${backend}, owner: test, prune: true }`,
  ];
  await place.write(`strategies/${name}.yaml`, `${document.join('\n')}\n`);
}

async function applyTo(environment: string): Promise<void> {
  const ended = await place.strategos(['apply', '--yes', '--env', environment]);
  expect([ended.code, ended.stderr.includes('error')]).toEqual([0, false]);
}

function compare(...args: string[]): Promise<Ended> {
  return place.strategos(['compare', '--from', 'staging', '--to', 'prod', ...args]);
}

/** Staging has another capacity and no sales; prod has no billing. */
async function differ(): Promise<void> {
  await applyTo('prod');
  await place.edit('strategies/support.yaml', 'capacity: 10', 'capacity: 12');
  await applyTo('staging');
  const { sales, billing } = await place.strategies();
  await place.request('DELETE', `/api/v2/routing/strategies/${sales!.id}`);
  expect(billing).toBeDefined();
  const [table] = [...prod.org.tables.values()].filter(({ name }) => name === 'Routing Strategies');
  table?.rows.delete('billing');
}

describe('compare', () => {
  it('says that weights which an optimizer owns are left out, and where both start', async () => {
    await applyTo('staging');
    await applyTo('prod');
    expect((await place.strategos(['optimize', '--env', 'prod'])).code).toBe(0);
    const ended = await compare('--detailed-exitcode');
    expect([ended.code, ended.stdout]).toEqual([
      0,
      expect.stringContaining(
        'optimizer: weights of RoutingStrategy/optimized-support are left out: an optimizer ' +
          'starts from staging Support Tier 1 1, Support Tier 2 1; prod Support Tier 1 1, ' +
          'Support Tier 2 1\n',
      ),
    ]);
    const json: unknown = JSON.parse((await compare('--format', 'json')).stdout);
    expect(validatorOf('result')(json)).toBe(true);
    const weights = { 'Support Tier 1': 1, 'Support Tier 2': 1 };
    expect(json).toMatchObject({
      differences: [],
      leftOut: [{ address: 'RoutingStrategy/optimized-support', from: weights, to: weights }],
    });
  });

  it('finds no difference in what was applied to both, whichever backend each has', async () => {
    await applyTo('staging');
    await applyTo('prod');
    const ended = await compare('--detailed-exitcode');
    expect([ended.code, ended.stdout]).toEqual([
      0,
      'staging (organization "Acme Test", backend strategies-api): 3 strategies\n' +
        'prod (organization "Acme", backend datatable): 3 strategies\n\n' +
        'No difference; 3 equal.\n',
    ]);
  });

  it('tells what differs by names, and what only one of them has', async () => {
    await differ();
    const audits = [place.simulator.org.audits.length, prod.org.audits.length];
    const ended = await compare();
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('RoutingStrategy/billing is in staging only\n');
    expect(ended.stdout).toContain('RoutingStrategy/sales is in prod only\n');
    expect(ended.stdout).toContain(
      'RoutingStrategy/optimized-support differs\n' +
        '    targets["Support Tier 1"].capacity: staging: 12, prod: 10\n',
    );
    expect(ended.stdout).toContain('3 strategies differ; 0 equal.');
    expect(ended.stdout).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect([place.simulator.org.audits.length, prod.org.audits.length]).toEqual(audits);
  });

  it('takes the same id for two queues, and two ids for the same', async () => {
    await applyTo('staging');
    await applyTo('prod');
    const { billing } = await place.strategies();
    const queues = await place.entities('/api/v2/routing/queues?pageSize=500');
    const other = queues.find(({ name }) => name === 'Sales Overflow');
    const targets = billing!.targets.map((one) => ({ ...one, id: other!.id }));
    await place.request('PUT', `/api/v2/routing/strategies/${billing!.id}`, { targets });
    const ended = await compare('--format', 'json');
    const { differences } = JSON.parse(ended.stdout) as {
      readonly differences: readonly { readonly fields: readonly { readonly path: string }[] }[];
    };
    expect(differences).toHaveLength(1);
    expect(differences[0]?.fields.map(({ path }) => path)).toEqual([
      ...['targets["Billing"]', 'targets["Sales Overflow"]'],
    ]);
  });

  it('looks at what is asked for, on both sides', async () => {
    await differ();
    const some = await compare('--target', 'RoutingStrategy/billing', 'sales');
    expect(some.stdout).toContain(': 1 strategy\n');
    expect(some.stdout).toContain('2 strategies differ; 0 equal.');
    expect(some.stdout).not.toContain('optimized-support');
    const none = await compare('--target', 'salse');
    expect(none.code).toBe(64);
    expect(none.stderr).toContain('neither environment has anything of that name');
  });

  it('exits 2 for a difference when it is asked to', async () => {
    await applyTo('staging');
    expect((await compare('--detailed-exitcode')).code).toBe(2);
    expect((await compare()).code).toBe(0);
  });

  it('has a form for machines and forms for pages, which say the same', async () => {
    await differ();
    const document: unknown = JSON.parse((await compare('--format', 'json')).stdout);
    const validate = validatorOf('result');
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document).toMatchObject({
      format: 1,
      equal: 0,
      from: { environment: 'staging', organization: 'Acme Test', backend: 'strategies-api' },
      to: { environment: 'prod', organization: 'Acme', backend: 'datatable', strategies: 2 },
      // What only the second has comes first, as what a plan deletes does.
      differences: [
        { address: 'RoutingStrategy/sales', in: 'to' },
        {
          address: 'RoutingStrategy/optimized-support',
          in: 'both',
          fields: [{ path: 'targets["Support Tier 1"].capacity', from: 12, to: 10 }],
        },
        { address: 'RoutingStrategy/billing', in: 'from' },
      ],
    });
    for (const format of ['markdown', 'html']) {
      const { code, stdout } = await compare('--format', format);
      expect(code).toBe(0);
      for (const text of ['billing', 'optimized-support', 'sales', 'staging', 'prod', '12', '10']) {
        expect(stdout).toContain(text);
      }
    }
  });

  it('leaves a record of its run and none in either org', async () => {
    await applyTo('staging');
    const before = place.simulator.org.audits.length;
    await compare();
    expect((await place.runs()).filter((run) => run.includes('-compare-'))).toHaveLength(1);
    expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
    expect([place.simulator.org.audits.length, prod.org.audits]).toEqual([before, []]);
  });

  it.each([
    { to: 'prod', args: ['--env', 'prod'], code: 64, says: 'compare takes two environments' },
    { to: 'production', args: [], code: 3, says: 'prod' },
  ])('refuses --to $to $args', async ({ to, args, code, says }) => {
    const ended = await place.strategos(['compare', '--from', 'staging', '--to', to, ...args]);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
  });

  it('names the environment whose org does not answer, or refuses the credentials', async () => {
    await applyTo('staging');
    await declare('prod', 'http://127.0.0.1:1', 'datatable');
    const silent = await compare();
    expect(silent.code).toBe(7);
    expect(silent.stderr).toContain('127.0.0.1:1');
    await declare('prod', prod.url, 'datatable');
    const text = await place.read('strategies/prod.yaml');
    const credentials =
      'credentials: { clientIdEnv: GENESYS_PROD_ID, clientSecretEnv: GENESYS_PROD_SECRET }';
    await place.write(
      'strategies/prod.yaml',
      text.replace('owner: test', `owner: test, ${credentials}`),
    );
    const missing = await compare();
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain(
      'environment prod: not set: GENESYS_PROD_ID, GENESYS_PROD_SECRET',
    );
    const none = { GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: '' };
    const both = await place.strategos(['compare', '--from', 'staging', '--to', 'prod'], {
      env: none,
    });
    expect([both.code, both.stderr]).toEqual([
      3,
      expect.stringMatching(
        /staging: not set: .*GENESYS_CLIENT_ID.*prod: not set: GENESYS_PROD_ID/,
      ),
    ]);
    const env = { GENESYS_PROD_ID: 'planner', GENESYS_PROD_SECRET: 'planner' };
    const args = ['compare', '--from', 'staging', '--to', 'prod'];
    expect((await place.strategos(args, { env })).code).toBe(0);
  });
});

describe('compare of orgs with things beside strategies', () => {
  it('says by name what one lacks of the other, also of a kind that one has no record of', async () => {
    await place.write('strategies/refunds.yaml', SKILL('Refunds'));
    await place.write('strategies/code.yaml', manifestOf('WrapupCode', 'Solved', {}));
    await applyTo('staging');
    const both = await compare();
    expect(both.stdout).toContain('Skill/Refunds is in staging only');
    expect(both.stdout).toContain('WrapupCode/Solved is in staging only');
    // No manifest says anything of either any more: only the records of staging do.
    await place.write('strategies/code.yaml', '');
    await place.write('strategies/refunds.yaml', '');
    const path = '/api/v2/routing/wrapupcodes';
    const [made] = [...(place.simulator.org.things.get(path)?.values() ?? [])];
    prod.org.things.set(path, new Map([['by hand', { ...made!, id: 'by hand' }]]));
    const records = await compare();
    expect(records.stdout).toContain('Skill/Refunds is in staging only');
    expect(records.stdout).not.toContain('WrapupCode/Solved is in');
    const back = await place.strategos(['compare', '--from', 'prod', '--to', 'staging']);
    expect(back.stdout).toContain('Skill/Refunds is in staging only');
  });
});
