/** audit trail: who did what where, by the platform's record and ours, through the command line. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace } from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

const READING = DEMO_ORG.clients?.find(({ id }) => id === 'planner')?.permissions ?? [];
const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: [
    ...(DEMO_ORG.clients ?? []),
    { id: 'ben', secret: 'ben', user: 'Ben' },
    {
      id: 'blind',
      secret: 'blind',
      permissions: READING.filter((one) => !one.startsWith('audits:')),
    },
  ],
};
const validate = validatorOf('result');

let place: Workplace;

afterEach(() => place.close());

interface Entry {
  readonly action: string;
  readonly what: string;
  readonly who: string;
  readonly source: string;
  readonly run: string | null;
}

/** `Update queue Billing by Ben`, for every entry. */
async function told(...args: string[]): Promise<string[]> {
  const { code, stdout } = await place.strategos(['audit', 'trail', '--format', 'json', ...args]);
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { entries: Entry[] };
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document.entries.map(({ action, what, who }) => `${action} ${what} by ${who}`);
}

async function queue(name: string): Promise<string> {
  const queues = await place.entities('/api/v2/routing/queues?pageSize=100');
  return `/api/v2/routing/queues/${queues.find((one) => one.name === name)?.id ?? ''}`;
}

async function describeQueue(name: string, client: string): Promise<void> {
  await place.request('PUT', await queue(name), { name, description: 'x' }, client);
}

describe.each(['strategies-api', 'datatable'] as const)('audit trail, %s', (backend) => {
  beforeEach(async () => {
    place = await Workplace.open(ORG, { backend });
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
  });

  it('names the person behind our client, and everybody else who was there', async () => {
    await describeQueue('Billing', 'ben');
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    const entries = await told();
    const create = entries.indexOf('Create RoutingStrategy/billing by tester');
    const queue = entries.indexOf('Update queue Billing by Ben');
    const update = entries.lastIndexOf('Update RoutingStrategy/sales by tester');
    expect(create).toBeGreaterThan(0);
    expect(queue).toBeGreaterThan(create);
    expect(update).toBeGreaterThan(queue);
    expect(entries[0]).toBe('started environment demo by tester');
    expect(entries.at(-1)).toBe('ended environment demo by tester');
    // What the platform has is not told a second time by the run.
    expect(entries.filter((one) => one.startsWith('updated') || one.startsWith('created'))).toEqual(
      [],
    );
  });

  it.each([
    ['renames', 'Update queue Billing EMEA by Ben'],
    ['deletes', 'Delete queue Billing by Ben'],
  ])('says who %s a queue that a strategy names', async (how, said) => {
    const path = await queue('Billing');
    await (how === 'deletes'
      ? place.request('DELETE', `${path}?forceDelete=true`, undefined, 'ben')
      : place.request('PUT', path, { name: 'Billing EMEA' }, 'ben'));
    expect(await told()).toContain(said);
    expect(await told('--target', 'RoutingStrategy/billing', '--user', 'Ben')).toEqual([said]);
  });

  it('says who renames an object of ours, by the name that it has on record', async () => {
    const code = 'apiVersion: strategos/v1\nkind: WrapupCode\nmetadata: { name: W1 }\nspec: {}\n';
    await place.write('strategies/code.yaml', code);
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    const [made] = await place.entities('/api/v2/routing/wrapupcodes?pageSize=100');
    const body = { name: 'W1 renamed', division: { id: '*' } };
    await place.request('PUT', `/api/v2/routing/wrapupcodes/${made?.id ?? ''}`, body, 'ben');
    const said = 'Update WrapupCode/W1 by Ben';
    expect(await told()).toContain(said);
    expect(await told('--target', 'WrapupCode', '--user', 'Ben')).toEqual([said]);
  });

  it('still has what was deleted, which nobody declares any more', async () => {
    await place.write('strategies/support.yaml', '');
    expect((await place.strategos(['apply', '--yes', '--force', '--quiet'])).code).toBe(0);
    expect(await told('--action', 'delete')).toEqual([
      'Delete RoutingStrategy/optimized-support by tester',
    ]);
  });

  it('tells of what was deleted, asked for by its name, and of nothing else', async () => {
    await place.write('strategies/support.yaml', '');
    expect((await place.strategos(['apply', '--yes', '--force', '--quiet'])).code).toBe(0);
    const entries = await told('--target', 'optimized-support');
    expect(entries).toContain('Delete RoutingStrategy/optimized-support by tester');
    expect(entries.filter((one) => /billing|sales/i.test(one))).toEqual([]);
    const ended = await place.strategos(['audit', 'trail', '--target', 'optimised-support']);
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining('optimized-support')]);
  });

  it('is narrowed by person, action, strategy and time', async () => {
    await describeQueue('Billing', 'ben');
    await describeQueue('Sales', 'ben');
    expect(await told('--user', 'ben')).toEqual([
      'Update queue Billing by Ben',
      'Update queue Sales by Ben',
    ]);
    expect(await told('--user', 'Ben', '--target', 'sales')).toEqual(['Update queue Sales by Ben']);
    expect(await told('--action', 'update', '--target', 'billing')).toContain(
      'Update queue Billing by Ben',
    );
    expect(await told('--since', '2d', '--until', '1d')).toEqual([]);
    const nothing = await place.strategos(['audit', 'trail', '--action', 'updatd']);
    expect(nothing.stderr).toMatch(
      /^note: nothing here is called updatd; there are: .*Create, Delete, Update.*\bstarted\b/m,
    );
    const none = await place.strategos(['audit', 'trail', '--action', 'DELETE', '--since', '2d']);
    expect([none.stderr, none.stdout]).toEqual([
      expect.not.stringContaining('note:'),
      expect.stringContaining('0 events'),
    ]);
    const nobody = await place.strategos(['audit', 'trail', '--user', 'benn']);
    expect(nobody.stderr).toMatch(/^note: nothing here is by benn, by others: .*\bBen\b/m);
  });

  it('shows people what was moved, queues by name', async () => {
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.6');
    await place.strategos(['apply', '--yes', '--quiet']);
    const { stdout } = await place.strategos(['audit', 'trail']);
    expect(stdout).toMatch(
      /• Update RoutingStrategy\/sales +by tester, from 127\.0\.0\.1, run \d{8}T\d{9}Z-apply-/,
    );
    expect(stdout).toMatch(
      backend === 'datatable'
        ? /target_01_share: 0\.7 → 0\.6667/
        : / {4}targets\/Sales\/weight: 0\.7 → 0\.6/,
    );
  });
});

describe('audit trail', () => {
  beforeEach(async () => {
    place = await Workplace.open(ORG);
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
  });

  it('writes lines of entries and of CloudEvents', async () => {
    for (const format of ['jsonl', 'cloudevents']) {
      const { code, stdout } = await place.strategos(['audit', 'trail', '--format', format]);
      expect(code).toBe(0);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.length).toBeGreaterThan(5);
      const first = JSON.parse(lines[0] ?? '') as { specversion?: string };
      expect(first.specversion).toBe(format === 'jsonl' ? undefined : '1.0');
    }
  });

  it('says which log is broken, shows the rest, and ends with 3', async () => {
    const [run = ''] = await place.runs();
    const file = `.strategos/runs/${run}/audit.jsonl`;
    const text = await place.read(file);
    await place.write(file, text.replace('"actor":"tester"', '"actor":"nobody"'));
    const ended = await place.strategos(['audit', 'trail']);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain(`run ${run} as it was`);
    expect(ended.stdout).toMatch(/Create (RoutingStrategy|data table)/);
    expect(ended.stderr).toContain(`strategos audit verify ${run}`);
  });

  it('says which query never finished, shows the rest, and ends with 7', async () => {
    place.simulator.org.auditsStall = true;
    const ended = await place.strategos(['audit', 'trail', '--timeout', '1']);
    expect(ended.code).toBe(7);
    expect(ended.stdout).toContain(
      'the audit query has not finished after 1 s: it is still Running',
    );
    expect(ended.stdout).toContain('created RoutingStrategy/billing');
    expect(ended.stdout).toContain('Parts are missing.');
    expect(ended.stderr).toContain('ask for a shorter time, or again later');
  });

  it('without the permission shows our own runs, names the permission, and ends with 6', async () => {
    const env = { GENESYS_CLIENT_ID: 'blind', GENESYS_CLIENT_SECRET: 'blind' };
    const ended = await place.strategos(['audit', 'trail'], { env });
    expect(ended.code).toBe(6);
    expect(ended.stdout).toContain('audits:audit:view');
    expect(ended.stdout).toContain('created RoutingStrategy/billing');
    const days = ['--since', '2d', '--until', '1d'];
    const nobody = await place.strategos(['audit', 'trail', '--user', 'x', ...days], { env });
    expect(nobody.stderr).toContain('note: nothing here is by x; not all of it could be read');
    expect(nobody.stderr).not.toContain('nor by anybody else');
  });

  it('says that clocks are apart', async () => {
    for (const audit of place.simulator.org.audits) {
      audit.eventDate = new Date(Date.parse(audit.eventDate ?? '') + 120_000).toISOString();
    }
    const { code, stdout } = await place.strategos(['audit', 'trail']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/! the clock of run \S+-apply-\S+ seems 2 min behind the platform's/);
    // What the platform dates a little after now has happened all the same.
    expect(stdout).toContain('• Create RoutingStrategy/billing');
  });

  it('names a run that was lost, and tells what the platform has all the same', async () => {
    const [run = ''] = await place.runs();
    await place.write(`.strategos/runs/${run}/audit.jsonl`, 'garbage\n');
    const { code, stdout } = await place.strategos(['audit', 'trail', '--format', 'json']);
    expect(code).toBe(3);
    const { entries } = JSON.parse(stdout) as { entries: { action: string; who: string }[] };
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'Create', who: 'client demo' }),
    );
  });

  it.each([
    [['--format', 'csv'], 'Allowed choices are text, json, jsonl, cloudevents'],
    [['--target', 'nobody'], '--target nobody'],
    [['--timeout', '0'], 'Expected a whole number'],
  ])('refuses %j', async (args, said) => {
    const ended = await place.strategos(['audit', 'trail', ...args]);
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining(said)]);
  });
});

describe('an error of audit trail as lines', () => {
  beforeEach(async () => {
    place = await Workplace.open(ORG);
  });

  it.each([
    ['of the environment', ['--env', 'nowhere'], 3, 'invalid'],
    ['of the words', ['--since', 'yore'], 64, 'usage'],
    ['of a format in one word', ['--format=jsonl', '--env', 'nowhere'], 3, 'invalid'],
  ])('is one line of JSON on standard output, too: %s', async (_of, args, code, name) => {
    const form = args[0] === '--format=jsonl' ? [] : ['--format', 'jsonl'];
    const ended = await place.strategos(['audit', 'trail', ...form, ...args]);
    expect(ended.code).toBe(code);
    expect(ended.stdout.split('\n')).toEqual([expect.stringMatching(/^\{/), '']);
    const told = JSON.parse(ended.stdout) as { error: { code: string; exitCode: number } };
    expect(told.error).toMatchObject({ exitCode: code });
    expect(told.error.code).toContain(name);
    expect(validate(told), JSON.stringify(validate.errors)).toBe(true);
    expect(ended.stderr).toContain('error: ');
  });
});
