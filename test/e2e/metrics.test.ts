/** metrics: what became of the calls, through the built command line. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace, type Ended } from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

const MINUTE = 60_000;
const READING = DEMO_ORG.clients?.find(({ id }) => id === 'planner')?.permissions ?? [];
const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: [
    ...(DEMO_ORG.clients ?? []),
    {
      id: 'blind',
      secret: 'blind',
      permissions: READING.filter((one) => !one.includes('conversationAggregate')),
    },
  ],
};
const validate = validatorOf('result');

let place: Workplace;

afterEach(() => place.close());

/** A call that entered the queue this long ago. */
function call(queue: string, agoMs: number, waitMs: number, end = 'answered' as const): void {
  const { queues, conversations } = place.simulator.org;
  const queueId = [...queues.values()].find(({ name }) => name === queue)?.id ?? '';
  const offeredAt = Date.now() - agoMs;
  const handleMs = 4 * MINUTE;
  const at = offeredAt + waitMs + handleMs;
  conversations.push({ queueId, strategy: 'x', end, offeredAt, waitMs, handleMs, at });
}

interface Found {
  readonly strategies: readonly {
    readonly address: string;
    readonly total: { readonly offered: number };
    readonly queues: readonly {
      readonly queue: string;
      readonly offered: number;
      readonly target?: { readonly percent: number | null; readonly withinSeconds: number };
    }[];
  }[];
}

async function report(...args: string[]): Promise<Found> {
  const { code, stdout, stderr } = await place.strategos(['metrics', '--format', 'json', ...args]);
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  const document: unknown = JSON.parse(stdout);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document as Found;
}

describe.each(['strategies-api', 'datatable'] as const)('metrics, %s', (backend) => {
  beforeEach(async () => {
    place = await Workplace.open(ORG, { backend });
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    call('Billing', 30 * MINUTE, 10_000);
    call('Billing', 20 * MINUTE, 50_000);
    call('Billing', 3 * 60 * MINUTE, 1000);
    call('Sales Overflow', 10 * MINUTE, 0);
  });

  it('show every strategy and target of the last hour, units in the header', async () => {
    const { code, stdout } = await place.strategos(['metrics']);
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(lines).toContainEqual(['RoutingStrategy/billing (active)']);
    expect(lines).toContainEqual([
      ...['Queue', 'Weight', 'Offered', 'Answered', 'Abandoned'],
      ...['Average wait (s)', 'Average handle (s)', 'Service level (%)', 'Target'],
    ]);
    expect(lines).toContainEqual([
      'Billing',
      '1',
      '2',
      '2',
      '0',
      '30.0',
      '240.0',
      '50.0',
      '80 % within 20 s, worst',
    ]);
    expect(lines).toContainEqual([
      'Sales',
      '0.7',
      '0',
      '0',
      '0',
      '-',
      '-',
      '-',
      '80 % within 20 s',
    ]);
    expect(stdout).toContain('Metrics: 3 strategies, 7 queues; 3 offered, 3 answered, 0 abandoned');
  });

  it('are for machines in a document of its schema', async () => {
    const { strategies } = await report();
    expect(strategies.map(({ address, total }) => [address, total.offered])).toEqual([
      ['RoutingStrategy/billing', 2],
      ['RoutingStrategy/optimized-support', 0],
      ['RoutingStrategy/sales', 1],
    ]);
    expect(strategies[0]?.queues.map(({ queue }) => queue)).toEqual([
      ...['Billing', 'Billing Overflow'],
    ]);
  });

  it('reach as far back as they are asked to, and end where they are asked to', async () => {
    const offered = async (...args: string[]): Promise<number | undefined> =>
      (await report('--target', 'billing', ...args)).strategies[0]?.total.offered;
    expect(await offered('--since', '4h')).toBe(3);
    expect(await offered('--since', '4h', '--until', '1h')).toBe(1);
    expect(await offered('--since', '25m')).toBe(1);
    expect(await offered('--since', '45d')).toBe(3);
  });
});

describe('metrics', () => {
  beforeEach(async () => {
    place = await Workplace.open(ORG);
  });

  const as = (client: string): { env: Record<string, string> } => ({
    env: { GENESYS_CLIENT_ID: client, GENESYS_CLIENT_SECRET: client },
  });

  it('need no permission to write', async () => {
    await place.strategos(['apply', '--yes', '--quiet']);
    expect((await place.strategos(['metrics'], as('planner'))).code).toBe(0);
  });

  it('name the permission that is missing, exit 6', async () => {
    await place.strategos(['apply', '--yes', '--quiet']);
    const ended: Ended = await place.strategos(['metrics'], as('blind'));
    expect(ended.code).toBe(6);
    expect(ended.stderr).toContain('analytics:conversationAggregate:view');
    expect(ended.stderr).toMatch(/→ add analytics:conversationAggregate:view to a role/);
  });

  it('hold each queue to what it promises for that medium, in whole numbers', async () => {
    await place.strategos(['apply', '--yes', '--quiet']);
    const { queues } = place.simulator.org;
    const billing = [...queues.values()].find(({ name }) => name === 'Billing')!;
    billing.settings = {
      ...billing.settings,
      mediaSettings: {
        call: { serviceLevel: { percentage: 0.57, durationMs: 20_000 } },
        email: { serviceLevel: { percentage: 0.9, durationMs: 86_400_000 } },
      },
    };
    const shown = async (media: string): Promise<readonly unknown[]> => {
      const { strategies } = await report('--target', 'billing', '--media', media);
      return strategies.flatMap((one) => one.queues.map(({ target }) => target));
    };
    expect((await shown('voice'))[0]).toEqual({ percent: 57, withinSeconds: 20 });
    expect((await shown('email'))[0]).toEqual({ percent: 90, withinSeconds: 86_400 });
    // No queue promises anything for them, and one promise of several media there is not.
    expect((await shown('cobrowse'))[0]).toBeUndefined();
    expect((await shown('all'))[0]).toBeUndefined();
    const { stdout } = await place.strategos(['metrics', '--target', 'billing']);
    expect(stdout).toMatch(/ 57 % within 20 s/);
  });

  it('in Markdown and HTML have a chart', async () => {
    await place.strategos(['apply', '--yes', '--quiet']);
    call('Billing', MINUTE, 10_000, 'answered');
    const html = await place.strategos(['metrics', '--format', 'html']);
    expect(html.stdout).toMatch(/<svg role="img".*<rect/);
    const markdown = await place.strategos(['metrics', '--format', 'markdown']);
    expect(markdown.stdout).toContain('█');
  });

  it.each([
    [['--since', 'yesterday'], 'Expected such as 90s'],
    [['--since', '2026-02-30'], 'Expected such as 90s'],
    [['--predictions', '--since', '1d'], "cannot be used with option '--since <time>'"],
    [['--predictions', '--until', '1h'], "cannot be used with option '--until <time>'"],
    [['--predictions', '--media', 'chat'], "cannot be used with option '--media <type>'"],
    [['--media', 'call'], 'Allowed choices are all, callback,'],
    [['--media', ''], 'Allowed choices are all, callback,'],
    [['--since', '1h', '--until', '2h'], 'begins at'],
    [['--since', '2099-01-01T00:00:00Z'], 'begins at'],
    [['--target', 'nobody'], '--target nobody'],
  ])('refuse %j', async (args, said) => {
    const ended = await place.strategos(['metrics', ...args]);
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining(said)]);
  });

  it('of an org without strategies are empty', async () => {
    expect((await report()).strategies).toEqual([]);
  });
});
