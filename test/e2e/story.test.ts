/** The user's session, in order: what the README promises, through the built command line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open();
});
afterAll(() => place.close());

/** What differs from run to run, taken out. */
function steady(text: string): string {
  return text.replace(/sha256:[0-9a-f]{64}/g, 'sha256:…').replace(/\d+ requests? used/, 'N used');
}

describe('the main job', () => {
  it('validates the worked example offline', async () => {
    const env = { GENESYS_DOMAIN: '', GENESYS_CLIENT_ID: '', GENESYS_CLIENT_SECRET: '' };
    const { code, stdout } = await place.strategos(['validate'], { env });
    expect(stdout).toBe('5 manifests in 4 files: valid.\n');
    expect(code).toBe(0);
    expect(place.simulator.requests()).toBe(0);
  });

  it('plans creates and writes nothing to the org', async () => {
    const { code, stdout } = await place.strategos(['plan', '--out', 'plan.json']);
    expect(code).toBe(0);
    expect(stdout).toContain('+ create RoutingStrategy/billing');
    expect(stdout).toContain('strategies/billing.yaml:13');
    // The overlay asks for this one.
    expect(stdout).toMatch(/targets\["Sales"\]: .*capacity: 4 .*strategies\/overlay-demo\.yaml:11/);
    expect(stdout).toContain('✓ skills: Billing: 3 of 3 agents have "Billing"');
    expect(stdout).toContain(
      'Plan: 3 to create, 0 to change, 0 to delete, 0 to adopt; 0 unchanged.',
    );
    expect(await place.strategies()).toEqual({});
  });

  it('exits 2 for changes when asked to', async () => {
    expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(2);
  });

  it('applies that plan: created as draft, checked, activated, active', async () => {
    const { code, stdout, stderr } = await place.strategos(['apply', 'plan.json', '--yes']);
    // What was read as a plan is not shown whole again: where it goes, how much, its digest.
    expect(stdout).toMatch(/^Environment demo .*\n\nPlan: 3 to create,.*\nsha256:/);
    expect(code).toBe(0);
    expect(stdout).toContain('Applied: 3 created, 0 changed, 0 deleted, 0 adopted; 0 not made.');
    const steps = stderr.split('\n').map((line) => line.trim());
    const first = steps.indexOf('create RoutingStrategy/billing');
    // Nor are its checks, once they have passed again.
    expect(steps.slice(first, first + 4)).toEqual([
      'create RoutingStrategy/billing',
      'creating',
      '2 checks passed',
      'activating',
    ]);
    const live = await place.strategies();
    expect(Object.keys(live).sort()).toEqual(['billing', 'optimized-support', 'sales']);
    expect(Object.values(live).map((one) => one.status)).toEqual(['active', 'active', 'active']);
    expect(live['billing']?.targets).toMatchObject([{ priority: 1, weight: 1, capacity: 8 }]);
    // The overlay of the environment holds.
    expect(live['sales']?.targets[0]?.capacity).toBe(4);
  });

  it('finds nothing to do the second time, and writes nothing', async () => {
    const before = await place.strategies();
    const plan = await place.strategos(['plan', '--detailed-exitcode']);
    expect(plan.code).toBe(0);
    expect(steady(plan.stdout)).toBe(
      'Environment demo (organization "Demo", backend strategies-api)\n\n' +
        'Plan: 0 to create, 0 to change, 0 to delete, 0 to adopt; 3 unchanged.\nsha256:…, N used\n',
    );
    const apply = await place.strategos(['apply', '--yes']);
    expect(apply.code).toBe(0);
    expect(apply.stdout).toContain('Nothing to do: the org is as the manifests say.');
    expect((await place.strategos(['plan', '--out', 'empty.json'])).code).toBe(0);
    const held = await place.strategos(['apply', 'empty.json', '--yes']);
    expect(held.stdout).toContain('0 to adopt; 3 unchanged.');
    expect(held.stdout).toContain('Nothing to do: all that this plan asks for is in place.');
    expect(await place.strategies()).toEqual(before);
  });

  it('finds nothing left to do in a plan that was carried out already', async () => {
    const before = await place.strategies();
    const { code, stdout } = await place.strategos(['apply', 'plan.json', '--yes']);
    expect(stdout).toContain('Nothing to do: all that this plan asks for is in place.');
    expect(code).toBe(0);
    const one = await place.strategos(['apply', '--target', 'sales', '--yes']);
    expect(one.stdout).toContain('Nothing to do: what is in scope is as the manifests say.');
    expect(await place.strategies()).toEqual(before);
  });

  it('shows an edit with old, new and the line that asks for it', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10');
    const { stdout } = await place.strategos(['plan']);
    expect(stdout).toContain('~ update RoutingStrategy/billing');
    expect(stdout).toContain(
      '    targets["Billing"].capacity: 8 → 10  strategies/billing.yaml:13\n',
    );
    expect(stdout).toContain(
      'Plan: 0 to create, 1 to change, 0 to delete, 0 to adopt; 2 unchanged.',
    );
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    expect((await place.strategies())['billing']?.targets[0]?.capacity).toBe(10);
  });

  it("finds a person's change as drift, without changing it", async () => {
    const { sales } = await place.strategies();
    const [first, second] = sales!.targets;
    const targets = [{ ...first, weight: 0.2 }, second];
    await place.request('PUT', `/api/v2/routing/strategies/${sales!.id}`, { targets });
    const { code, stdout } = await place.strategos(['drift']);
    expect(code).toBe(2);
    expect(stdout).toContain('RoutingStrategy/sales was changed in the org');
    expect(stdout).toContain('targets["Sales"].weight: 0.2 in the org, 0.7 in git');
    expect(stdout).toMatch(/^ +by Ada, 20\S+Z, from 127\.0\.0\.1 /m);
    expect((await place.strategies())['sales']?.targets[0]?.weight).toBe(0.2);
  });

  it('deletes what is no longer declared, last, and shows it first', async () => {
    await place.strategos(['apply', '--yes']);
    const text = await place.read('strategies/billing.yaml');
    await place.write('strategies/billing.yaml', text.slice(0, text.indexOf('---')));
    await place.write('strategies/overlay-demo.yaml', '');
    await place.edit('strategies/support.yaml', 'capacity: 10 }', 'capacity: 12 }');
    const { stdout } = await place.strategos(['plan']);
    expect(stdout.indexOf('- delete RoutingStrategy/sales')).toBeGreaterThan(0);
    expect(stdout.indexOf('- delete')).toBeLessThan(stdout.indexOf('~ update'));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    expect(Object.keys(await place.strategies()).sort()).toEqual(['billing', 'optimized-support']);
  });

  it('shows the comment of its newest plan where nothing of GitHub is', async () => {
    await place.strategos(['plan']);
    await place.strategos(['drift']);
    const { code, stdout, stderr } = await place.strategos(['ci', 'comment']);
    expect(code).toBe(0);
    expect(stderr).toContain('nothing is posted. The comment would be, of 1 plan in .strategos');
    expect(stdout).toMatch(/^## .*2 unchanged|^## .*[Nn]othing to/m);
  });

  it('has an intact audit log of every run', async () => {
    const shown = await place.strategos(['audit', 'show']);
    const runs = shown.stdout.trim().split('\n');
    expect(runs.length).toBeGreaterThan(8);
    expect(runs.every((line) => / {2}demo {2}tester {2}/.test(line))).toBe(true);
    const { code, stdout } = await place.strategos(['audit', 'verify']);
    expect(stdout).toMatch(/^intact: \d+ runs, \d+ records\nrests on these files alone/);
    expect(code).toBe(0);
  });

  it('finds that the plan of a run is another than its log has on record', async () => {
    const run = (await place.runs()).find((one) => one.includes('-plan-')) ?? '';
    const file = `.strategos/runs/${run}/plan.json`;
    const text = await place.read(file);
    for (const [from, to] of [
      ['"capacity": 8', '"capacity": 80'],
      ['"digest": "sha256:', '"digest": "sha256:0'],
    ] as const) {
      expect(text).toContain(from);
      await place.write(file, text.replaceAll(from, to));
      const { code, stdout } = await place.strategos(['audit', 'verify', run]);
      expect([code, stdout]).toEqual([3, expect.stringContaining('plan.json is not the plan')]);
    }
    await place.write(file, text);
    expect((await place.strategos(['audit', 'verify', run])).code).toBe(0);
  });
});
