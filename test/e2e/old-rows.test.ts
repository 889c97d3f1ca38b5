/** Records under keys with a slash, as older versions wrote them: read, and moved when written. */
import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace, type Ended } from '../support/cli.js';

type Rows = Map<string, Map<string, unknown>>;

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open(undefined, { backend: 'datatable' });
  await ends(0, 'apply', '--yes');
  ageAll();
});
afterEach(() => place.close());

async function ends(code: number, ...args: readonly string[]): Promise<Ended> {
  const ended = await place.strategos(args);
  expect([args, ended.code, ended.code === code ? '' : ended.stdout + ended.stderr]).toEqual([
    ...[args, code, ''],
  ]);
  return ended;
}

function state(): Rows {
  const { tables, tableNames } = place.simulator.org;
  return tables.get(tableNames.get('Routing Strategies (strategos)') ?? '')
    ?.rows as unknown as Rows;
}

const keys = (): string[] => [...state().keys()].sort();
const isHead = (key: string): boolean => key.startsWith('head');
const records = (): string[] => keys().filter((key) => !isHead(key));
const heads = (): string[] => keys().filter(isHead);

const oldKey = (key: string): string =>
  isHead(key)
    ? key.replace('-', ' ')
    : decodeURIComponent(key.replace('~', '/').replaceAll('~', '%'));

/** As a run leaves it that is killed before it has removed the old row. */
function writeAnew(key: string): void {
  const rows = state();
  const today = key.replace('/', '~');
  rows.set(today, new Map([...(rows.get(key) ?? []), ['key', today]]));
}

/** As an older version would have left it. */
function age(key: string): void {
  const rows = state();
  const old = oldKey(key);
  rows.set(old, new Map([...(rows.get(key) ?? []), ['key', old]]));
  rows.delete(key);
}

function ageAll(): void {
  for (const key of keys()) if (!/[/ ]/.test(key)) age(key);
}

const OLD = [
  'RoutingStrategy/billing',
  'RoutingStrategy/optimized-support',
  'RoutingStrategy/sales',
];
const NEW = OLD.map((key) => key.replace('/', '~'));

describe('an org that an older version has written', () => {
  it('is ours as it is: nothing to do, nothing moved, no drift', async () => {
    expect(records()).toEqual(OLD);
    const plan = await ends(0, 'plan', '--detailed-exitcode');
    expect(plan.stdout).toContain('3 unchanged');
    expect(plan.stdout).not.toContain('up to date');
    await ends(0, 'drift');
    await ends(0, 'audit', 'verify', '--org');
    expect((await ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    expect(records()).toEqual(OLD);
  });

  it('moves a record with its change, and the head of the log with the run', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await ends(0, 'apply', '--yes');
    expect(records()).toEqual([...OLD.slice(1), NEW[0]].sort());
    expect(heads()).toEqual([expect.stringMatching(/^head-/)]);
    await ends(0, 'audit', 'verify', '--org');
    expect((await ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
  });

  it('moves the record with what the optimizer weighs anew', async () => {
    await place.edit(
      'strategies/support.yaml',
      'priority: 2, weight: 1.0',
      'priority: 1, weight: 0.2',
    );
    await ends(0, 'apply', '--yes', '--force');
    age('RoutingStrategy~optimized-support');
    await ends(0, 'optimize', '--rounds', '3', '--interval', '60');
    expect(records()).toContain('RoutingStrategy~optimized-support');
    expect(records()).not.toContain('RoutingStrategy/optimized-support');
    await ends(0, 'audit', 'verify', '--org');
  });

  it('loses no record in a rollback, nor leaves one behind', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await ends(0, 'apply', '--yes');
    ageAll();
    await ends(0, 'rollback', (await place.runs()).at(-1) ?? '', '--yes');
    expect(records()).toEqual([...OLD.slice(1), NEW[0]].sort());
    await ends(0, 'drift');
  });

  it('forgets what is deleted, in whichever row it was', async () => {
    writeAnew('RoutingStrategy/sales');
    await place.write('strategies/billing.yaml', '');
    await place.write('strategies/overlay-demo.yaml', '');
    await ends(0, 'apply', '--yes', '--force');
    expect(records()).toEqual(['RoutingStrategy/optimized-support']);
  });

  it('adopts over a row of which somebody has emptied the owner', async () => {
    state().get('RoutingStrategy/billing')?.set('owner', '');
    await ends(4, 'apply', '--yes', '--adopt');
    const owner = '(nobody named) (environment demo)';
    await place.edit(
      'strategies/environment.yaml',
      'owner: strategos-example',
      'owner: a.example/b',
    );
    const to = 'a.example/b//strategies';
    await ends(0, 'owner', 'transfer', '--from', owner, '--to', to, '--yes');
    expect(records()).toEqual([...OLD.slice(1), NEW[0]].sort());
    expect(
      state()
        .get(NEW[0] ?? '')
        ?.get('owner'),
    ).toBe(to);
  });

  it('hands all of it over to another folder', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: place.dir, stdio: 'pipe' });
    git('init', '--quiet');
    await cp(path.join(place.dir, 'strategies'), path.join(place.dir, 'east'), { recursive: true });
    const from = String(
      state()
        .get(OLD[0] ?? '')
        ?.get('owner'),
    );
    const to = from.replace('//strategies', '//east');
    const east = ['--dir', 'east'];
    await ends(0, 'owner', 'transfer', '--from', from, '--to', to, '--yes', ...east);
    expect(records()).toEqual(NEW);
    expect(
      [...state().values()].filter((row) => row.get('owner') === from && row.get('object') !== ''),
    ).toEqual([]);
    expect((await ends(0, 'plan', ...east)).stdout).toContain('3 unchanged');
  });
});

describe('a run that was killed between the two rows', () => {
  beforeEach(() => {
    OLD.forEach(writeAnew);
  });

  it('is put right by the next apply, which the plan says', async () => {
    expect((await ends(0, 'plan')).stdout).toContain(
      'also brings 3 records of what is ours up to date',
    );
    await ends(0, 'apply', '--yes');
    expect(records()).toEqual(NEW);
    expect((await ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
  });

  it('is judged by the row of today', async () => {
    for (const key of OLD) state().get(key)?.set('owner', 'somebody else');
    expect((await ends(0, 'plan')).stdout).toContain('3 unchanged');
    await ends(0, 'apply', '--yes');
    expect(records()).toEqual(NEW);
  });
});

describe('many at once', () => {
  const NAMES = Array.from({ length: 30 }, (_, index) => `many ${String(index).padStart(2, '0')}`);
  const manifests = (capacity: number): string =>
    NAMES.map((name) =>
      [
        ...['apiVersion: strategos/v1', 'kind: RoutingStrategy', `metadata: { name: ${name} }`],
        `spec: { targets: [{ queue: Billing, capacity: ${capacity} }], checks: { capacity: off } }`,
      ].join('\n'),
    ).join('\n---\n');

  it('are moved by an import, and their old rows go', async () => {
    await place.write('strategies/many.yaml', manifests(3));
    await ends(0, 'apply', '--yes');
    ageAll();
    await place.write('strategies/many.yaml', manifests(4));
    const ended = await ends(0, 'apply', '--yes', '--force');
    expect(ended.stderr).toContain('import');
    const moved = NAMES.map((name) => `RoutingStrategy~${name.replace(' ', '~20')}`);
    expect(records()).toEqual([...OLD, ...moved].sort());
    expect((await ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
  });
});
