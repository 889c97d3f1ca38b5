/** Whose a strategy is, and one apply at a time: through the built command line. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Owner } from '../../src/core/owner.js';
import { LOCK_KEY, lockRow, type LockRecord } from '../../src/core/state.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { printed, Workplace } from '../support/cli.js';
import { cellsOf, OTHER, own, stateIn, stateTable } from '../support/owned.js';

/** Of the worked example. */
const US: Owner = { name: 'strategos-example//strategies', environment: 'demo' };
const strategy = (name: string, queue: string, capacity: number) => ({
  name,
  targets: [{ queue, priority: 1, weight: 1, capacity }],
});
/** One that the example declares, in another form, and one that it has never heard of. */
const ORG: OrgFile = {
  ...DEMO_ORG,
  strategies: [strategy('billing', 'Billing', 3), strategy('by hand', 'Sales', 4)],
};
const ADA: LockRecord = {
  holder: 'ada',
  host: 'ci-7',
  command: 'apply',
  run: '20260302T090000000Z-apply-1',
  at: new Date(Date.now() - 12 * 60_000).toISOString(),
};

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open(ORG);
});
afterEach(() => place.close());

const apply = (...args: string[]) => place.strategos(['apply', '--yes', ...args]);

async function names(): Promise<string[]> {
  return Object.keys(await place.strategies()).sort();
}

async function capacity(name: string): Promise<number | undefined> {
  return (await place.strategies())[name]?.targets[0]?.capacity;
}

function owners(): Record<string, string> {
  const records = [...stateIn(place.simulator.org).records.values()];
  return Object.fromEntries(
    records.map(({ address, owner }) => [address.split('/')[1] ?? '', owner.name]),
  );
}

function hold(lock: LockRecord): void {
  stateTable(place.simulator.org).rows.set(LOCK_KEY, cellsOf(lockRow(lock)));
}

describe('what somebody made by hand', () => {
  it('is taken over when that is asked for, and what no manifest declares never', async () => {
    const before = await place.strategies();
    for (const args of [[], ['--force']]) {
      const refused = await apply(...args);
      expect(refused.code).toBe(4);
      expect(refused.stderr).toContain('error: RoutingStrategy/billing is in the org');
      expect(refused.stderr).toContain('--adopt');
      expect([await place.strategies(), owners()]).toEqual([before, {}]);
    }
    const { stdout: said } = await place.strategos(['plan']);
    expect(said).toContain(
      '! left alone: 1 strategy that no manifest declares and that is not ours: RoutingStrategy/by hand',
    );
    const adopted = await apply('--adopt');
    expect(adopted.code).toBe(0);
    expect(adopted.stdout).toContain('Applied: 2 created, 0 changed, 0 deleted, 1 adopted');
    // What was agreed to stands in nobody's way.
    expect(adopted.stdout).toMatch(/^! adoption: .*; agreed to with --adopt$/m);
    expect(adopted.stdout).not.toContain('✗');
    const summary = await place.read(`.strategos/runs/${(await place.runs()).at(-1)}/summary.md`);
    expect(summary).not.toContain('❌');
    expect(await capacity('billing')).toBe(8);
    expect((await place.strategies())['by hand']).toEqual(before['by hand']);
    expect(owners()).toEqual({
      billing: US.name,
      sales: US.name,
      'optimized-support': US.name,
    });
    await place.write('strategies/billing.yaml', '');
    await place.write('strategies/overlay-demo.yaml', '');
    expect((await apply('--force')).code).toBe(0);
    expect(await names()).toEqual(['by hand', 'optimized-support']);
    expect(Object.keys(owners())).toEqual(['optimized-support']);
  });

  it('becomes ours as it is once its manifest is exported, without a change to it', async () => {
    await place.strategos(['export']);
    const before = await place.strategies();
    const { stdout } = await place.strategos(['plan', '--dir', 'exported']);
    expect(stdout).toContain('0 to adopt; 2 unchanged.');
    expect(stdout).toContain("as git says but nobody's");
    expect((await apply('--dir', 'exported', '--adopt')).code).toBe(0);
    expect(await place.strategies()).toEqual(before);
    expect(owners()).toEqual({ billing: US.name, 'by hand': US.name });
  });
});

describe('a plan that adopts', () => {
  it('is carried out as it was reviewed, and not without a word', async () => {
    await place.strategos(['export']);
    const folder = ['--dir', 'exported'];
    await place.strategos(['plan', ...folder, '--adopt', '--out', 'plan.json']);
    const refused = await apply('plan.json', ...folder);
    expect([refused.code, owners()]).toEqual([4, {}]);
    expect(refused.stderr).toContain('--adopt');
    expect((await apply('plan.json', ...folder, '--adopt')).code).toBe(0);
    expect(owners()).toEqual({ billing: US.name, 'by hand': US.name });
  });
});

describe('what is another’s', () => {
  it('is left alone whatever is agreed to, and its owner named', async () => {
    own(place.simulator.org, { owner: OTHER });
    const before = await place.strategies();
    const ended = await apply('--adopt', '--force');
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(
      'RoutingStrategy/billing belongs to github.com/acme/elsewhere (environment prod)',
    );
    expect(await place.strategies()).toEqual(before);
    expect(owners()).toEqual({ billing: OTHER.name, 'by hand': OTHER.name });
  });
});

describe('what is ours', () => {
  it('is changed and deleted without another word', async () => {
    own(place.simulator.org, { owner: US });
    const ended = await apply('--force');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Applied: 2 created, 1 changed, 1 deleted, 0 adopted');
    expect(await names()).toEqual(['billing', 'optimized-support', 'sales']);
  });

  it('needs a name', async () => {
    await place.edit('strategies/environment.yaml', '  owner: strategos-example\n', '');
    const before = await place.strategies();
    const ended = await apply('--adopt');
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('spec.owner');
    expect([await place.strategies(), owners()]).toEqual([before, {}]);
    const env = { GITHUB_REPOSITORY: 'acme/routing' };
    const named = await place.strategos(['apply', '--yes', '--adopt'], { env });
    expect(named.code).toBe(0);
    expect(owners()['billing']).toBe('github.com/acme/routing//strategies');
  });
});

describe('the lock', () => {
  it('is given back, whatever became of the run', async () => {
    expect((await apply('--adopt')).code).toBe(0);
    expect(stateIn(place.simulator.org).lock).toBeNull();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const digest = `sha256:${'0'.repeat(64)}`;
    expect((await apply('--expect-digest', digest)).code).toBe(4);
    expect(stateIn(place.simulator.org).lock).toBeNull();
  });

  it('of another run refuses an apply and no plan, and names its holder', async () => {
    hold(ADA);
    const before = await place.strategies();
    const refused = await apply('--adopt');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(
      new RegExp(`held by ada on ci-7 \\(apply, run ${ADA.run}, since ${ADA.at}, \\d+ min\\)`),
    );
    expect(refused.stderr).toContain('strategos unlock');
    expect(await place.strategies()).toEqual(before);
    expect((await place.strategos(['plan'])).code).toBe(0);
    expect((await place.strategos(['drift'])).stderr).not.toContain('held by');
    expect(stateIn(place.simulator.org).lock).toEqual(ADA);
  });

  it('is waited for as long as asked', async () => {
    hold(ADA);
    const { rows } = stateTable(place.simulator.org);
    const ended = await place.strategos(['apply', '--yes', '--adopt', '--lock-timeout', '30'], {
      onStart: (_kill, seen) =>
        void printed(seen, 'the lock is held by ada').then(() => rows.delete(LOCK_KEY)),
    });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('the lock is held by ada');
    expect([await capacity('billing'), stateIn(place.simulator.org).lock]).toEqual([8, null]);
  });

  it('of a run that was killed is taken over by the next, which converges', async () => {
    await place.close();
    place = await Workplace.open(DEMO_ORG, { activationMs: 60_000 });
    await place.strategos(['apply', '--yes'], {
      onStart: (kill, seen) => {
        const timer = setInterval(() => {
          if (!seen().includes('activating')) return;
          clearInterval(timer);
          kill('SIGKILL');
        }, 10);
      },
    });
    const { lock } = stateIn(place.simulator.org);
    expect(lock).toMatchObject({ holder: 'tester', command: 'apply' });
    place.simulator.org.activationMs = 0;
    // What the killed run had begun is ours: nothing has to be adopted.
    place.simulator.org.activations.forEach((one) => (one.dueAt = 0));
    const again = await apply();
    expect(again.stderr).toContain(lock!.run);
    expect(again.stderr).not.toContain("nobody's");
    expect(again.code).toBe(0);
    const states = Object.values(await place.strategies()).map(({ status }) => status);
    expect(states).toEqual(['active', 'active', 'active']);
    expect(Object.keys(owners()).sort()).toEqual(['billing', 'optimized-support', 'sales']);
  });
});

describe('two applies at once', () => {
  it.each([
    ['in an org that knows us', true],
    ['in an org that does not', false],
  ])('do not undo each other: %s', async (_name, known) => {
    await place.close();
    place = await Workplace.open(DEMO_ORG, { activationMs: 300 });
    if (known) stateTable(place.simulator.org);
    const ended = await Promise.all([apply(), apply()]);
    const codes = ended.map(({ code }) => code).sort();
    expect(codes).toEqual([0, 4]);
    expect(await names()).toEqual(['billing', 'optimized-support', 'sales']);
    expect(stateIn(place.simulator.org).lock).toBeNull();
    const plan = await place.strategos(['plan', '--detailed-exitcode']);
    expect(plan.stdout).toContain('3 unchanged');
    expect(plan.code).toBe(0);
  });
});
