/** drift: what changed in the org while git stood still, who did it, when, and from where. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace, type Ended } from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

const PLANNER = DEMO_ORG.clients?.find(({ id }) => id === 'planner');
const READING = PLANNER?.permissions ?? [];
/** Ben and Ada use the admin UI, a script has its own client, and one may not see audits. */
const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: [
    ...(DEMO_ORG.clients ?? []),
    { id: 'ben', secret: 'ben', user: 'Ben' },
    { id: 'night-script', secret: 'night-script' },
    {
      id: 'blind',
      secret: 'blind',
      permissions: READING.filter((one) => one !== 'audits:audit:view'),
    },
  ],
};
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;
const validate = validatorOf('result');

let place: Workplace;

afterEach(() => place.close());

interface Field {
  readonly path: string;
  readonly cause: string | null;
  readonly by: { readonly known: boolean; readonly who?: string; readonly why?: string };
}

interface Found {
  readonly drifts: readonly {
    readonly address: string;
    readonly how: string;
    readonly fields: readonly Field[];
  }[];
  readonly pending: readonly string[];
}

/** The report for machines, held against its schema. */
async function report(...args: string[]): Promise<Found> {
  const { stdout } = await place.strategos(['drift', '--format', 'json', ...args]);
  const document: unknown = JSON.parse(stdout);
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document as Found;
}

/** Path → who, of the only strategy that drifted. */
function whoIn({ drifts }: Found): Record<string, string> {
  expect(drifts).toHaveLength(1);
  const fields = drifts[0]?.fields ?? [];
  return Object.fromEntries(
    fields.map(({ path, by }) => [path, by.known ? (by.who ?? '') : `unknown: ${by.why ?? ''}`]),
  );
}

/** What a person does in the admin UI, in the words of the backend. */
interface Hand {
  /** The first target of billing gets this priority. */
  reprioritise(priority: number, client?: string): Promise<void>;
  deactivate(client?: string): Promise<void>;
  remove(client?: string): Promise<void>;
}

function onStrategies(): Hand {
  const put = async (body: (one: { targets: readonly object[] }) => object, client?: string) => {
    const { billing } = await place.strategies();
    const route = `/api/v2/routing/strategies/${billing!.id}`;
    await place.request('PUT', route, body(billing!), client);
  };
  return {
    reprioritise: (priority, client) =>
      put(({ targets }) => ({ targets: targets.map((one) => ({ ...one, priority })) }), client),
    deactivate: (client) => put(() => ({ status: 'draft' }), client),
    remove: async (client) => {
      const { billing } = await place.strategies();
      await place.request('DELETE', `/api/v2/routing/strategies/${billing!.id}`, undefined, client);
    },
  };
}

function onRows(): Hand {
  const path = (): string => {
    const { tableNames } = place.simulator.org;
    const id = tableNames.get('Routing Strategies') ?? '';
    return `/api/v2/flows/datatables/${id}/rows/billing`;
  };
  const put = async (cells: JsonObject, client?: string) => {
    const row = (await place.request('GET', `${path()}?showbrief=false`)) as JsonObject;
    await place.request('PUT', path(), { ...row, ...cells }, client);
  };
  return {
    reprioritise: (priority, client) => put({ target_01_priority: priority }, client),
    deactivate: (client) => put({ status: 'draft' }, client),
    remove: async (client) => {
      await place.request('DELETE', path(), undefined, client);
    },
  };
}

describe.each([
  { backend: 'strategies-api' as const, hand: onStrategies },
  { backend: 'datatable' as const, hand: onRows },
])('drift, $backend', ({ backend, hand }) => {
  let by: Hand;

  beforeEach(async () => {
    place = await Workplace.open(ORG, { backend });
    by = hand();
    const applied = await place.strategos(['apply', '--yes', '--quiet']);
    expect(applied.code).toBe(0);
  });

  it('is told with who, when and from where, and changes nothing', async () => {
    await by.reprioritise(4, 'ben');
    const before = [place.simulator.org.audits.length];
    const ended = await place.strategos(['drift']);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('RoutingStrategy/billing was changed in the org\n');
    expect(ended.stdout).toContain('targets["Billing"].priority: 4 in the org, 1 in git');
    expect(ended.stdout).toContain('strategies/billing.yaml:13');
    expect(ended.stdout).toMatch(new RegExp(`by Ben, ${TIME.source}, from 127\\.0\\.0\\.1 \\(`));
    expect(ended.stdout).toContain(
      'Drift: 1 strategy was changed in the org since the last apply; 2 unchanged.',
    );
    expect([place.simulator.org.audits.length]).toEqual(before);
  });

  it('is told field by field, each with whoever left the value that is there', async () => {
    await by.reprioritise(3, 'ben');
    await by.reprioritise(4, 'night-script');
    await by.deactivate('admin-ui');
    expect(whoIn(await report())).toEqual({
      status: 'Ada',
      'targets["Billing"].priority': 'client night-script',
    });
  });

  it('is none where somebody put back what was applied', async () => {
    await by.reprioritise(3, 'ben');
    await by.reprioritise(1, 'ben');
    const ended = await place.strategos(['drift']);
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('No drift')]);
  });

  it('is told of a strategy that was deleted, with who deleted it', async () => {
    await by.remove('ben');
    const ended = await place.strategos(['drift']);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toMatch(
      new RegExp(
        'RoutingStrategy/billing was deleted in the org\\n' +
          ` +by Ben, ${TIME.source}, from 127\\.0\\.0\\.1\\n`,
      ),
    );
    const { drifts } = await report();
    expect(drifts).toMatchObject([{ address: 'RoutingStrategy/billing', how: 'deleted' }]);
  });

  it('is not what git alone asks for: that is pending, exit 0', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.write(
      'strategies/new.yaml',
      [
        ...['apiVersion: strategos/v1', 'kind: RoutingStrategy', 'metadata: { name: new }'],
        'spec: { targets: [{ queue: Sales Overflow, capacity: 1 }] }',
      ].join('\n'),
    );
    const ended = await place.strategos(['drift']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('No drift; 2 unchanged.');
    expect(ended.stdout).toContain(
      'because git says something new; plan shows it: RoutingStrategy/billing, RoutingStrategy/new',
    );
    expect(await report()).toMatchObject({
      drifts: [],
      pending: ['RoutingStrategy/billing', 'RoutingStrategy/new'],
    });
  });

  it('is kept apart from what git changes of the same strategy', async () => {
    await place.edit('strategies/billing.yaml', 'priority: 1', 'priority: 2');
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await by.reprioritise(4, 'ben');
    const found = await report();
    expect(found.pending).toEqual([]);
    expect(found.drifts[0]?.fields).toMatchObject([
      {
        path: 'targets["Billing"].priority',
        cause: 'both',
        git: 2,
        org: 4,
        applied: 1,
        by: { known: true, who: 'Ben' },
      },
    ]);
    expect(found.drifts[0]?.fields).toHaveLength(1);
  });

  it('is told to a client that may not see audits, with why nobody is named', async () => {
    await by.reprioritise(4, 'ben');
    const env = { GENESYS_CLIENT_ID: 'blind', GENESYS_CLIENT_SECRET: 'blind' };
    const ended = await place.strategos(['drift'], { env });
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('targets["Billing"].priority: 4 in the org, 1 in git');
    expect(ended.stdout).toMatch(
      /by whom is unknown: the audit could not be read: .*403.*audits:audit:view/,
    );
  });

  it('names nobody where the audit does not go back so far, and says so', async () => {
    await by.reprioritise(4, 'ben');
    // The platform forgets.
    place.simulator.org.audits.length = 0;
    const { path = '', ...rest } = whoIn(await report());
    expect(path).toBe('');
    expect(Object.values(rest)).toEqual([
      expect.stringMatching(/^unknown: not in the audit window, which begins \d{4}/),
    ]);
  });

  it('takes nobody for another: edits of other strategies and before the last apply', async () => {
    await by.reprioritise(4, 'ben');
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    // Long enough ago that no difference between clocks can explain it.
    for (const audit of place.simulator.org.audits) {
      audit.eventDate = new Date(Date.parse(audit.eventDate ?? '') - 600_000).toISOString();
    }
    await by.reprioritise(4, 'night-script');
    expect(whoIn(await report())).toEqual({
      'targets["Billing"].priority': 'client night-script',
    });
  });

  it('of a strategy that is owned by nobody any more is not called news of git', async () => {
    const { tables } = place.simulator.org;
    for (const { rows } of tables.values()) rows.delete('RoutingStrategy~billing');
    await by.deactivate('ben');
    const ended = await place.strategos(['drift']);
    expect(ended.stdout).toContain('RoutingStrategy/billing');
    expect(ended.stdout).not.toContain('because git says something new');
  });

  it('is looked for where it is asked for', async () => {
    await by.reprioritise(4, 'ben');
    const ended = await place.strategos(['drift', '--target', 'sales']);
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('No drift')]);
    expect((await place.strategos(['drift', '--target', 'billing'])).code).toBe(2);
  });

  it('is seen by a client that may only read, and no lock is taken', async () => {
    await by.deactivate('ben');
    const audits = place.simulator.org.audits.length;
    const env = { GENESYS_CLIENT_ID: 'planner', GENESYS_CLIENT_SECRET: 'planner' };
    const ended: Ended = await place.strategos(['drift', '--format', 'markdown'], { env });
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('by Ben');
    expect(place.simulator.org.audits).toHaveLength(audits);
  });

  it('is gone with the next apply', async () => {
    await by.reprioritise(4, 'ben');
    await by.deactivate('ben');
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    expect((await place.strategos(['drift'])).code).toBe(0);
    expect((await report()).drifts).toEqual([]);
  });
});
