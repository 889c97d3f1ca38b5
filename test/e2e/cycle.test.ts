/** cycle: the whole operating cycle in one command, as a newcomer and a smoke test run it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';
import { answering, SECRET, startEndpoint, type TestEndpoint } from '../support/endpoint.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let place: Workplace | null = null;
let endpoint: TestEndpoint | null = null;

afterEach(async () => {
  await place?.close();
  await endpoint?.close();
  place = endpoint = null;
});

/** Command lines that were run, without where the plan was kept and with what ended them. */
function linesOf(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => /^(\$ strategos|left out|Cycle)/.test(line))
    .map((line) => line.replace(/\S+plan\.json/, 'PLAN'));
}

describe.each(['strategies-api', 'datatable'] as const)('a cycle, %s', (backend) => {
  it('goes from manifests to the audit trail by real commands', async () => {
    place = await Workplace.open(undefined, { backend });
    endpoint = await startEndpoint();
    const env = { WFM_SYNC_URL: endpoint.url, WFM_SIGNING_SECRET: SECRET };
    const ended = await place.strategos(['cycle', '--yes'], { env });
    expect(ended.code).toBe(0);
    const lines = linesOf(ended.stdout);
    expect(lines).toEqual([
      '$ strategos validate',
      '$ strategos plan --out PLAN',
      '$ strategos apply PLAN --yes',
      '$ strategos optimize --rounds 3 --interval 1 --format text',
      '$ strategos sync',
      '$ strategos metrics --since 1h',
      '$ strategos audit trail --since 1h',
      'Cycle: 7 of 7 steps done.',
    ]);
    expect(ended.stdout).toMatch(/round 3: /);
    expect(ended.stdout).toContain('Applied: 3 created');
    expect(ended.stdout).toContain('Metrics: 3 strategies, 7 queues');
    expect(ended.stdout).toContain('Create RoutingStrategy/billing  by tester');
    expect(endpoint.arrived.filter(({ objection }) => objection !== null)).toEqual([]);
    // After the apply, after the round that moved weights, and by sync.
    const told = endpoint.arrived.map(({ id }) => /-(apply|optimize|sync)-/.exec(id)?.[1]);
    expect([...new Set(told)]).toEqual(['apply', 'optimize', 'sync']);
    const again = await place.strategos(['cycle', '--yes'], { env });
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
    expect((await place.strategos(['audit', 'verify'])).code).toBe(0);
  });
});

describe('a cycle', () => {
  it('leaves out sync where nobody asks to be told, and says so', async () => {
    place = await Workplace.open();
    const { code, stdout } = await place.strategos(['cycle', '--yes', '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toContain('left out: no endpoint is named');
    expect(stdout).toContain('Trail:');
  });

  it('goes on without an endpoint that fails, and ends with its exit code', async () => {
    place = await Workplace.open();
    endpoint = await startEndpoint();
    endpoint.behave(answering(400));
    const env = { WFM_SYNC_URL: endpoint.url, WFM_SIGNING_SECRET: SECRET };
    const { code, stdout } = await place.strategos(['cycle', '--yes'], { env });
    expect(code).toBe(7);
    expect(stdout).toContain('sync ended with 7');
    expect(stdout).toContain('Trail:');
  });

  it('stops where what follows makes no sense', async () => {
    place = await Workplace.open();
    await place.edit('strategies/billing.yaml', 'queue: Billing,', 'queue: Nowhere,');
    const { code, stdout } = await place.strategos(['cycle', '--yes']);
    expect(code).toBe(5);
    expect(linesOf(stdout)).toEqual([
      '$ strategos validate',
      '$ strategos plan --out PLAN',
      'Cycle: 1 of 7 steps done; plan ended with 5.',
    ]);
    expect(await place.strategies()).toEqual({});
  });

  it('asks nobody where there is nobody: it wants --yes', async () => {
    place = await Workplace.open();
    const { code, stderr } = await place.strategos(['cycle']);
    expect([code, stderr]).toEqual([64, expect.stringContaining('--yes')]);
    expect(place.simulator.requests()).toBe(0);
  });
});

describe('npm run demo -- --full', () => {
  it('plays the cycle without credentials, and shows what the other end received', async () => {
    const child = spawn('npm', ['run', 'demo', '--', '--full'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, output]).toEqual([0, expect.stringContaining('Cycle: 7 of 7 steps done.')]);
    expect(output).toMatch(/\d{4}-\d\d-\d\dT\S+Z {2}billing is active/);
    expect(output).not.toContain('whsec_');
  });
});
