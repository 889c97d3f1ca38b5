/** A queue that was renamed or deleted stops the strategies that name it, and nothing else. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';
import { SECRET } from '../support/endpoint.js';

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open(undefined, { backend: 'datatable' });
  for (const file of ['billing.yaml', 'support.yaml', 'overlay-demo.yaml']) {
    await rm(path.join(place.dir, 'strategies', file));
  }
  await strategies('Billing', 'Sales');
  expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
});

afterEach(() => place.close());

/** Two strategies, `one` and `two`, each with one target. */
async function strategies(one: string, two: string): Promise<void> {
  const text = (name: string, queue: string): string =>
    [
      ...['apiVersion: strategos/v1', 'kind: RoutingStrategy', `metadata: { name: ${name} }`],
      `spec: { targets: [{ queue: ${queue}, capacity: 5 }], checks: { capacity: off } }`,
    ].join('\n');
  await place.write('strategies/all.yaml', `${text('one', one)}\n---\n${text('two', two)}\n`);
}

function rename(name: string, now: string): void {
  for (const queue of place.simulator.org.queues.values()) {
    if (queue.name === name) queue.name = now;
  }
}

function rowOf(name: string): ReadonlyMap<string, unknown> | undefined {
  const { tables, tableNames } = place.simulator.org;
  return tables.get(tableNames.get('Routing Strategies') ?? '')?.rows.get(name);
}

const BOTH_WAYS = [
  'is called "Billing EMEA" now',
  'write "Billing EMEA" in the manifest, or rename the queue back to "Billing" in the org',
];

describe('a queue that was renamed', () => {
  beforeEach(() => {
    rename('Billing', 'Billing EMEA');
  });

  it.each<[string, string[], number]>([
    ['plan', ['plan'], 5],
    ['plan --detailed-exitcode', ['plan', '--detailed-exitcode'], 5],
    ['drift', ['drift'], 5],
    ['export', ['export', '--out', 'out'], 5],
    ['compare', ['compare', '--from', 'demo', '--to', 'demo'], 5],
    // Its figures are there, by the id on record.
    ['metrics', ['metrics'], 0],
    ['apply', ['apply', '--yes'], 5],
  ])('%s says so with both ways to mend it', async (_name, args, code) => {
    const ended = await place.strategos(args);
    expect(ended.code).toBe(code);
    for (const part of BOTH_WAYS) expect(ended.stdout + ended.stderr).toContain(part);
    const json = await place.strategos([...args, '--format', 'json']);
    expect(json.code).toBe(code);
    for (const part of BOTH_WAYS) expect(JSON.parse(json.stdout)).toSatisfy(holding(part));
  });

  it.each([[['--dry-run']], [['--rounds', '2', '--interval', '1']]])(
    'optimize %j reports it in every round, and ends with 5',
    async (args) => {
      const all = await readFile(path.join(place.dir, 'strategies', 'all.yaml'), 'utf8');
      const optimizer = 'optimizer: { bounds: { min: 0.1, max: 1 } }, checks';
      await place.write('strategies/all.yaml', all.replaceAll('checks', optimizer));
      const ended = await place.strategos(['optimize', ...args]);
      expect(ended.code).toBe(5);
      const rounds = ended.stdout
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      for (const round of rounds) expect(round).toSatisfy(holding(BOTH_WAYS[0] ?? '-'));
      expect(rounds).toHaveLength(args.includes('2') ? 2 : 1);
      expect(rowOf('one')?.get('target_01_queue')).toBe('Billing');
      rename('Billing EMEA', 'Billing');
      expect((await place.strategos(['optimize', ...args])).code).toBe(0);
    },
  );

  it('keeps no other change from being made, and is mended by either way', async () => {
    await strategies('Billing', 'Sales Overflow');
    const ended = await place.strategos(['apply', '--yes']);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain('1 changed, 0 deleted, 0 adopted; 0 not made, 1 could not be');
    expect(rowOf('two')?.get('target_01_queue')).toBe('Sales Overflow');
    expect(rowOf('one')?.get('target_01_queue')).toBe('Billing');
    rename('Billing EMEA', 'Billing');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    rename('Billing', 'Billing EMEA');
    await strategies('Billing EMEA', 'Sales Overflow');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    expect(rowOf('one')?.get('target_01_queue')).toBe('Billing EMEA');
  });

  it('is agreed to with a plan file, which says it and carries out the rest', async () => {
    await strategies('Billing', 'Sales Overflow');
    expect((await place.strategos(['plan', '--out', 'plan.json'])).code).toBe(5);
    expect((await place.strategos(['apply', 'plan.json', '--yes'])).code).toBe(5);
    expect(rowOf('two')?.get('target_01_queue')).toBe('Sales Overflow');
  });

  it('is drift of nothing, and hides no drift of others', async () => {
    const table = place.simulator.org.tables.get(
      place.simulator.org.tableNames.get('Routing Strategies') ?? '',
    );
    table?.rows.set('two', new Map([...(rowOf('two') ?? []), ['status', 'off']]) as never);
    const ended = await place.strategos(['drift']);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain('RoutingStrategy/two was changed in the org');
    expect(ended.stdout).toContain('RoutingStrategy/one could not be compared');
  });

  it('lets a rollback take back the rest, and only what is asked for', async () => {
    rename('Billing EMEA', 'Billing');
    await strategies('Sales', 'Sales Overflow');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const run = (await place.runs()).at(-1) ?? '';
    rename('Billing', 'Billing EMEA');
    const odd = await place.strategos(['rollback', run, '--yes', '--target', 'tow']);
    expect([odd.code, odd.stderr.includes('did you mean two?')]).toEqual([64, true]);
    const blocked = await place.strategos(['rollback', run, '--yes', '--target', 'one']);
    expect(blocked.code).toBe(5);
    expect(blocked.stdout).toContain('is called "Billing EMEA" now');
    expect(rowOf('two')?.get('target_01_queue')).toBe('Sales Overflow');
    expect((await place.strategos(['rollback', run, '--yes'])).code).toBe(5);
    expect(rowOf('two')?.get('target_01_queue')).toBe('Sales');
    expect(rowOf('one')?.get('target_01_queue')).toBe('Sales');
  });
});

describe('a rollback to a name that had lost its queue by then', () => {
  let run = '';

  /** The run finds a row that names a queue which a person has renamed, and mends it. */
  beforeEach(async () => {
    rename('Billing', 'Billing EMEA');
    await strategies('Billing EMEA', 'Sales Overflow');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    run = (await place.runs()).at(-1) ?? '';
  });

  it('leaves that strategy, takes back the rest and says what the queue is called now', async () => {
    for (const args of [['--dry-run'], ['--yes']]) {
      const ended = await place.strategos(['rollback', run, ...args]);
      expect(ended.code).toBe(5);
      expect(ended.stdout).toContain(BOTH_WAYS[0]);
      // What a run found stands in no manifest that somebody could mend.
      expect(ended.stdout).toContain('→ rename the queue back to "Billing" in the org, or pass');
      expect(ended.stdout).toContain('or pass --force to write it back as it was found');
    }
    expect(rowOf('one')?.get('target_01_queue')).toBe('Billing EMEA');
    expect(rowOf('two')?.get('target_01_queue')).toBe('Sales');
  });

  it('writes the name all the same with --force, and once', async () => {
    const forced = await place.strategos(['rollback', run, '--yes', '--force']);
    expect(forced.code).toBe(0);
    expect(rowOf('one')?.get('target_01_queue')).toBe('Billing');
    const again = await place.strategos(['rollback', run, '--yes', '--force']);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
  });

  it('leaves it also where the queue has been deleted since', async () => {
    const { queues } = place.simulator.org;
    for (const [id, { name }] of queues) if (name === 'Billing EMEA') queues.delete(id);
    const ended = await place.strategos(['rollback', run, '--yes']);
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain('was deleted, or this client no longer sees');
    expect(rowOf('one')?.get('target_01_queue')).toBe('Billing EMEA');
  });

  it('gives back what a person had typed, which never stood for a queue', async () => {
    const { tables, tableNames } = place.simulator.org;
    const table = tables.get(tableNames.get('Routing Strategies') ?? '');
    const typed = new Map([...(rowOf('one') ?? []), ['target_01_queue', 'Nobody knows']]);
    table?.rows.set('one', typed as never);
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const mended = (await place.runs()).at(-1) ?? '';
    const typedBack = await place.strategos(['rollback', mended, '--yes']);
    expect(typedBack.code).toBe(0);
    expect(rowOf('one')?.get('target_01_queue')).toBe('Nobody knows');
  });
});

describe('a queue that is gone', () => {
  beforeEach(() => {
    const { queues } = place.simulator.org;
    for (const [id, { name }] of queues) if (name === 'Billing') queues.delete(id);
  });

  it.each(['plan', 'drift', 'export'])('%s does not take for a typing error', async (command) => {
    const ended = await place.strategos([command]);
    expect(ended.code).toBe(5);
    expect(ended.stdout + ended.stderr).toContain('was deleted, or this client no longer sees');
  });

  it('is never told to others with an empty id', async () => {
    const env = { WFM_SYNC_URL: 'http://127.0.0.1:9', WFM_SIGNING_SECRET: SECRET };
    const ended = await place.strategos(['sync', '--target', 'one'], { env });
    expect(ended.code).toBe(5);
    expect(ended.stdout).toContain('RoutingStrategy/one not sent');
  });
});

/** A document that has this text in one of its values. */
function holding(part: string): (value: unknown) => boolean {
  const holds = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes(part);
    return typeof value === 'object' && value !== null && Object.values(value).some(holds);
  };
  return holds;
}
