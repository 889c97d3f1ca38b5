/** rollback: back to what a run found, through the same guards, as a run of its own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { Row } from '../../src/simulator/model.js';
import { signalAt, Workplace, type Ended, type OpenOptions } from '../support/cli.js';

const MANY = 12;
let place: Workplace;

afterEach(() => place.close());

/** Runs that have a command in their id, oldest first. */
async function runsOf(command: string): Promise<string[]> {
  return (await place.runs()).filter((run) => run.includes(`-${command}-`));
}

async function lastRun(command = 'apply'): Promise<string> {
  return (await runsOf(command)).at(-1) ?? '';
}

async function apply(...args: string[]): Promise<string> {
  const ended = await place.strategos(['apply', '--yes', ...args]);
  expect([ended.code, ended.stderr.includes('error')]).toEqual([0, false]);
  return lastRun();
}

function rollback(run: string, ...args: string[]): Promise<Ended> {
  return place.strategos(['rollback', run, '--yes', ...args]);
}

/** What calls are routed by: rows, or strategies without their ids, versions and dates. */
function world(): unknown {
  const { tables, tableNames, strategies } = place.simulator.org;
  const rows = tables.get(tableNames.get('Routing Strategies') ?? '')?.rows;
  if (rows !== undefined) return new Map([...rows].map(([key, row]): [string, Row] => [key, row]));
  return new Map(
    [...strategies.values()].map(({ content, status }) => [content.name, { content, status }]),
  );
}

function strategyNames(): string[] {
  const found = world();
  return found instanceof Map ? [...found.keys()].map(String) : [];
}

function many(capacity: number): string {
  const documents = Array.from({ length: MANY }, (_, index) =>
    [
      ...['apiVersion: strategos/v1', 'kind: RoutingStrategy'],
      `metadata: { name: many ${index + 10} }`,
      `spec: { targets: [{ queue: Support Overflow, capacity: ${capacity} }] }`,
    ].join('\n'),
  );
  return `${documents.join('\n---\n')}\n`;
}

describe.each(['strategies-api', 'datatable'] as const)('rollback, %s', (backend) => {
  const options: OpenOptions = { backend };

  beforeEach(async () => {
    place = await Workplace.open(DEMO_ORG, options);
  });

  it('leaves what was deleted and made again since, also with --force', async () => {
    const one = (capacity: number): string =>
      many(capacity).split('---', 1)[0]?.replace('many 10', 'again') ?? '';
    const path = 'strategies/again.yaml';
    await apply();
    await place.write(path, one(3));
    const first = await apply();
    await place.write(path, '');
    const second = await apply('--force');
    // Step by step all of it goes back.
    expect((await rollback(second, '--force')).code).toBe(0);
    expect((await rollback(first, '--force')).code).toBe(0);
    expect(strategyNames()).not.toContain('again');
    await place.write(path, one(4));
    const third = await apply();
    for (const more of [[], ['--force']]) {
      const held = await rollback(first, ...more);
      expect([held.code, held.stdout]).toEqual([5, expect.stringContaining('is gone: ')]);
      expect(held.stdout + held.stderr).toContain('roll back the run that made that one');
      expect(strategyNames()).toContain('again');
    }
    expect((await rollback(third, '--force')).code).toBe(0);
    expect(strategyNames()).not.toContain('again');
    expect((await rollback(first)).stdout).toContain(
      'Nothing to do: there is nothing of that run to take back.',
    );
  });

  it('of an update puts back every field that it changed, and says that git differs', async () => {
    await apply();
    const before = world();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    await place.edit(
      'strategies/billing.yaml',
      'fallback: { queue: Billing Overflow }',
      'fallback: null',
    );
    const run = await apply();
    expect(world()).not.toEqual(before);
    const ended = await rollback(run);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Applied: 0 created, 2 changed, 0 deleted, 0 adopted');
    expect(ended.stderr).toContain('Where git still says otherwise');
    expect(world()).toEqual(before);
    // The line that it is shown with is that of the log.
    expect(ended.stdout).toMatch(/\.strategos\/runs\/\S+-apply-\S+\/audit\.jsonl:\d+/);
    const plan = await place.strategos(['plan']);
    expect(plan.stdout).toContain('2 to change');
    expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
  });

  it('of a create deletes what was made, its record too', async () => {
    await apply('--target', 'sales');
    const before = world();
    const run = await apply();
    // Two of three go: that is more than half.
    expect((await rollback(run, '--force')).code).toBe(0);
    expect(world()).toEqual(before);
    const plan = JSON.parse((await place.strategos(['plan', '--format', 'json'])).stdout);
    expect(plan.counts).toMatchObject({ create: 2, unchanged: 1, adopt: 0 });
  });

  it('of a create has nothing to do where what was made is gone already', async () => {
    await apply('--target', 'sales');
    const before = world();
    const run = await apply();
    // Two of three go: that is more than half.
    expect((await rollback(run, '--force')).code).toBe(0);
    const again = await rollback(run);
    expect(again.stderr).not.toContain('error');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
    expect(world()).toEqual(before);
  });

  it('of a delete makes again what was there, active', async () => {
    await apply();
    const before = world();
    const text = await place.read('strategies/billing.yaml');
    await place.write('strategies/billing.yaml', text.slice(text.indexOf('---')));
    const run = await apply();
    expect(world()).not.toEqual(before);
    const ended = await rollback(run);
    expect(ended.stdout).toContain('✓ RoutingStrategy/billing created');
    // A row has no id but its name.
    expect(ended.stdout.includes('is made again under another id')).toBe(backend !== 'datatable');
    expect([ended.code, world()]).toEqual([0, before]);
  });

  it('of a run that failed half-way puts back what it did', async () => {
    await apply();
    const before = world();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.edit('strategies/support.yaml', 'Support Overflow, priority', 'Sales, priority');
    await place.write(
      'strategies/night.yaml',
      [
        ...['apiVersion: strategos/v1', 'kind: RoutingStrategy', 'metadata: { name: night }'],
        'spec:',
        '  selection: { skills: [{ skill: Sales }] }',
        // Nobody in billing sells.
        '  targets: [{ queue: Billing, capacity: 2 }]',
      ].join('\n'),
    );
    const failed = await place.strategos(['apply', '--yes']);
    expect(failed.code).toBe(5);
    expect(failed.stdout).toContain('✗ RoutingStrategy/night failed: created as draft');
    expect(world()).not.toEqual(before);
    expect((await rollback(await lastRun())).code).toBe(0);
    expect(world()).toEqual(before);
  });

  it('of a run that was killed puts back what it did', async () => {
    await place.close();
    place = await Workplace.open(DEMO_ORG, { ...options, latencyMs: 40 });
    await apply();
    const before = world();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.edit('strategies/support.yaml', 'capacity: 10', 'capacity: 11');
    const midway = 'update RoutingStrategy/optimized-support\n    check';
    await place.strategos(['apply', '--yes'], signalAt(midway, 'SIGKILL'));
    const run = await lastRun();
    expect(world()).not.toEqual(before);
    expect((await rollback(run)).code).toBe(0);
    expect(world()).toEqual(before);
  });

  it('of many at once goes back at once, when the guards are overruled', async () => {
    await apply();
    const before = world();
    await place.write('strategies/many.yaml', many(5));
    const made = await apply();
    const refused = await rollback(made);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('12 of our 15 strategies would be deleted');
    expect((await rollback(made, '--force')).code).toBe(0);
    expect(world()).toEqual(before);
  });

  it('of many changes at once puts every one of them back', async () => {
    await place.write('strategies/many.yaml', many(5));
    await apply();
    const before = world();
    await place.write('strategies/many.yaml', many(6));
    const run = await apply('--force');
    expect((await rollback(run, '--force')).code).toBe(0);
    expect(world()).toEqual(before);
  });

  it('twice has nothing to do the second time', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const run = await apply();
    await rollback(run);
    const before = world();
    const audits = place.simulator.org.audits.length;
    const again = await rollback(run);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
    expect(again.stderr).not.toContain('Where git still says otherwise');
    expect(world()).toEqual(before);
    // The lock was taken and given back and the head of the run was left, and that is all.
    expect(place.simulator.org.audits.length - audits).toBe(3);
  });

  it('of a rollback brings back what that rollback undid', async () => {
    await apply();
    const text = await place.read('strategies/billing.yaml');
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.write('strategies/many.yaml', many(5));
    const run = await apply();
    const after = world();
    await rollback(run, '--force');
    await place.write('strategies/billing.yaml', text);
    const ended = await rollback(await lastRun('rollback'), '--force');
    expect([ended.code, world()]).toEqual([0, after]);
  });

  it('--dry-run shows the plan and writes nothing, also as a client that only reads', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const run = await apply();
    const audits = place.simulator.org.audits.length;
    const env = { GENESYS_CLIENT_ID: 'planner', GENESYS_CLIENT_SECRET: 'planner' };
    const ended = await place.strategos(['rollback', run, '--dry-run'], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('targets["Billing"].capacity: 9 → 8');
    expect(ended.stdout).toContain('1 to change');
    expect(place.simulator.org.audits).toHaveLength(audits);
  });

  it('does not touch what another repository owns by now', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const run = await apply();
    await place.edit('strategies/environment.yaml', 'owner: strategos-example', 'owner: others');
    const before = world();
    const ended = await rollback(run, '--adopt', '--force');
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('RoutingStrategy/billing belongs to strategos-example');
    expect(world()).toEqual(before);
  });

  it('names the line of the log where the org lacks a queue by now', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'Billing Overflow', 'Sales Overflow');
    const run = await apply('--target', 'billing');
    const queues = await place.entities('/api/v2/routing/queues?pageSize=500');
    const gone = queues.find(({ name }) => name === 'Billing Overflow');
    await place.request('DELETE', `/api/v2/routing/queues/${gone!.id}?forceDelete=true`);
    const before = world();
    const ended = await rollback(run);
    expect(ended.code).toBe(5);
    expect(ended.stdout + ended.stderr).toMatch(/no queue "Billing Overflow".*audit\.jsonl:\d+/);
    expect(world()).toEqual(before);
  });
});

describe('rollback refuses', () => {
  beforeEach(async () => {
    place = await Workplace.open();
  });

  it('a run whose log was changed: exit 3, and nothing is asked of the org', async () => {
    await apply();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    const run = await apply();
    const file = `.strategos/runs/${run}/audit.jsonl`;
    const text = await place.read(file);
    await place.write(file, text.replaceAll('"capacity":8', '"capacity":80'));
    const requests = place.simulator.requests();
    const ended = await rollback(run);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/audit\.jsonl:\d+: .*was changed after it was written/);
    expect(ended.stderr).toContain('cannot be relied on');
    expect(place.simulator.requests()).toBe(requests);
  });

  it.each([
    ['a plan', ['plan']],
    ['an apply that had nothing to do', ['apply', '--yes']],
    ['an unlock', ['unlock', '--yes']],
  ])('%s, which changed nothing: exit 3', async (_what, args) => {
    await apply();
    await place.strategos(args);
    const [run = ''] = (await place.runs()).slice(-1);
    const ended = await rollback(run);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(`run ${run} changed nothing: there is no way back`);
  });

  it('a run that there is not, with the nearest one: exit 3', async () => {
    const run = await apply();
    const ended = await rollback(`${run.slice(0, -1)}x`);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(`did you mean ${run}?`);
    expect((await rollback('../../etc')).code).toBe(3);
  });

  it('a run of another environment: exit 3', async () => {
    const run = await apply();
    const text = await place.read('strategies/environment.yaml');
    await place.write('strategies/prod.yaml', text.replace('name: demo', 'name: prod'));
    const before = world();
    const ended = await rollback(run, '--env', 'prod');
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(`run ${run} was in environment demo, not in prod`);
    expect(world()).toEqual(before);
  });

  it.each([
    ['that has the same strategies, with', '--yes', true],
    ['that has the same strategies, with', '--dry-run', true],
    ['that has none of them, with', '--yes', false],
  ])('a run of another organization, in one %s %s: exit 4', async (_what, how, same) => {
    const run = await apply();
    const other = await Workplace.open({ ...DEMO_ORG, organization: { name: 'Other' } });
    try {
      const env = { GENESYS_DOMAIN: other.simulator.url };
      if (same) await place.strategos(['apply', '--yes'], { env });
      const before = await other.strategies();
      const ended = await place.strategos(['rollback', run, how], { env });
      expect(ended.stderr).toContain(`run ${run} was in another organization than "Other"`);
      expect(ended.code).toBe(4);
      expect(await other.strategies()).toEqual(before);
    } finally {
      await other.close();
    }
  });

  it('to go on without being asked, where nobody can be asked: exit 64', async () => {
    const run = await apply();
    const before = world();
    const ended = await place.strategos(['rollback', run]);
    expect(ended.code).toBe(64);
    expect(ended.stderr).toContain('rollback cannot ask here');
    expect(world()).toEqual(before);
  });
});
