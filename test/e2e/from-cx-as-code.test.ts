/**
 * docs/from-cx-as-code.md: every command of strategos on that page, in its order, in an org whose
 * rows were written by Terraform.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { tableBody, TABLES_PATH, type TableSpec } from '../../src/core/table.js';
import { datatable } from '../../src/kinds/routing-strategy/datatable.js';
import { Workplace, type Ended } from '../support/cli.js';

const PAGE = readFileSync(new URL('../../docs/from-cx-as-code.md', import.meta.url), 'utf8');

/** The commands of the page, without `npx --no -- strategos`. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .filter((line) => line.startsWith('npx --no -- strategos '))
  .map((line) => line.slice('npx --no -- strategos '.length));

/** So many that a share of them counts, as in an org that is worth moving. */
const ROWS = {
  billing: { skills: 'Billing', target_01_queue: 'Billing' },
  sales: { target_01_queue: 'Sales', fallback_queue: 'Sales Overflow', fallback_priority: 2 },
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`line-${index}`, { target_01_queue: 'Sales' }]),
  ),
};
const ALL = Object.keys(ROWS).length;

let place: Workplace;
afterEach(() => place.close());

/** As `genesyscloud_architect_datatable_row` writes them: what is not said has its default. */
async function opened(): Promise<void> {
  place = await Workplace.open(undefined, { backend: 'datatable' });
  await rm(path.join(place.dir, 'strategies'), { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: place.dir, stdio: 'pipe' });
  git('init', '--quiet');
  git('remote', 'add', 'origin', 'git@github.com:acme/routing.git');
  const { table } = datatable.home as { readonly table: Omit<TableSpec, 'name'> };
  const body = tableBody({ name: 'Routing Strategies', ...table });
  const { id } = (await place.request('POST', TABLES_PATH, body)) as { id: string };
  for (const [key, cells] of Object.entries(ROWS)) {
    const whole = { target_01_priority: 1, target_01_share: 1, targets: 1, status: 'active' };
    await place.request('POST', `${TABLES_PATH}/${id}/rows`, { key, ...whole, ...cells });
  }
}

function rows(): Record<string, Record<string, unknown>> {
  const { tables, tableNames } = place.simulator.org;
  const found = tables.get(tableNames.get('Routing Strategies') ?? '')?.rows ?? new Map();
  return Object.fromEntries(
    [...found].map(([key, cells]) => [key, Object.fromEntries(cells)]),
  ) as Record<string, Record<string, unknown>>;
}

/** What a call flow reads of the rows: all but the column that is for strategos. */
function routed(): object {
  return Object.fromEntries(
    Object.entries(rows()).map(([key, cells]) => [key, { ...cells, spec: '' }]),
  );
}

async function fillCapacities(): Promise<void> {
  for (const name of Object.keys(ROWS)) {
    const file = path.join(place.dir, 'strategies', `${name}.yaml`);
    await rename(`${file}.unfinished`, file);
    await place.edit(`strategies/${name}.yaml`, 'weight: 1 }', 'weight: 1, capacity: 8 }');
  }
}

const LIMIT = /^maxChanges: .*$/m.exec(PAGE)?.[0] ?? 'the page names no limit';

/** As the page says for ten rows and more. */
async function makeReady(): Promise<void> {
  await fillCapacities();
  await place.edit('strategies/environment.yaml', 'maxChanges: 50%', LIMIT);
}

interface Step {
  readonly command: string;
  readonly code: number;
  readonly says: string;
  /** What the page has people do after it. */
  readonly then?: () => Promise<void>;
}

const OURS = 'github.com/acme/routing//strategies';
const THEIRS = 'github.com/acme/terraform//genesyscloud';

const STEPS: readonly Step[] = [
  {
    command: 'export --out strategies',
    code: 5,
    says: '"capacity" is missing',
    then: makeReady,
  },
  { command: 'validate', code: 0, says: 'valid' },
  { command: 'plan --adopt --out adopt.json', code: 0, says: `${ALL} to adopt; 0 unchanged` },
  { command: 'apply adopt.json --adopt --yes', code: 0, says: `${ALL} adopted` },
  { command: 'plan --detailed-exitcode', code: 0, says: `${ALL} unchanged` },
  { command: 'drift', code: 0, says: 'No drift' },
  { command: 'export --out back', code: 0, says: `${ALL} strategies exported` },
  {
    command: `owner transfer --from ${OURS} --to ${THEIRS} --yes`,
    code: 0,
    says: `Transferred: ${ALL} records`,
  },
  { command: 'plan --detailed-exitcode', code: 4, says: `belong to ${THEIRS}` },
  {
    command: `owner transfer --from ${THEIRS} --to ${OURS} --yes`,
    code: 0,
    says: `Transferred: ${ALL} records`,
  },
  { command: 'plan --detailed-exitcode', code: 0, says: `${ALL} unchanged` },
];

const run = (command: string): Promise<Ended> => place.strategos(command.split(' '));

describe('the page on moving from CX as Code', () => {
  it('has these commands, in this order', async () => {
    await opened();
    expect(COMMANDS).toEqual(STEPS.map(({ command }) => command));
  });

  it('is right about each of them, and no call is routed otherwise on the way', async () => {
    await opened();
    const before = routed();
    for (const { command, code, says, then } of STEPS) {
      const { stdout, stderr, ...ended } = await run(command);
      expect([command, ended.code, stdout + stderr]).toEqual([
        ...[command, code, expect.stringContaining(says)],
      ]);
      expect(routed()).toEqual(before);
      await then?.();
    }
  });

  it('is right that export tells of all that it could not finish, in one message', async () => {
    await opened();
    const { stdout, stderr } = await run('export --out strategies');
    expect(stdout).toContain(`${ALL} to complete (.unfinished)`);
    expect(stderr).toContain(
      `${ALL} strategies not exported: spec.targets[0]: "capacity" is missing`,
    );
    expect(stderr).toContain('billing, line-0, ');
    expect(stderr.match(/not exported/g)).toHaveLength(1);
  });

  it('is right that a plan moves nothing that a flow reads', async () => {
    await opened();
    await run('export --out strategies');
    await fillCapacities();
    await run('plan --adopt --out adopt.json');
    const { changes } = JSON.parse(await place.read('adopt.json')) as {
      changes: { action: string; fields: { path: string }[] }[];
    };
    expect(changes.map(({ action }) => action)).toEqual(Object.keys(ROWS).map(() => 'adopt'));
    const moved = changes.flatMap(({ fields }) => fields.map((one) => one.path.split('.').at(-1)));
    expect(new Set(moved)).toEqual(new Set(['capacity']));
  });

  it('is right that what was handed over is deleted by nobody, with force and prune', async () => {
    await opened();
    for (const { command, then } of STEPS.slice(0, 8)) {
      await run(command);
      await then?.();
    }
    const there = rows();
    await place.write('strategies/billing.yaml', '');
    const ended = await run('apply --yes --force --adopt');
    expect([ended.code, rows()]).toEqual([4, there]);
    for (const name of Object.keys(ROWS)) await place.write(`strategies/${name}.yaml`, '');
    expect([(await run('apply --yes --force')).code, rows()]).toEqual([0, there]);
  });

  it('is right about a table of the same name with other columns', async () => {
    await opened();
    const { tables, tableNames } = place.simulator.org;
    const table = tables.get(tableNames.get('Routing Strategies') ?? '');
    if (table === undefined) throw new Error('the table was not made');
    table.columns = new Map([...table.columns].filter(([name]) => name !== 'spec'));
    const ended = await run('export --out strategies');
    expect([ended.code, ended.stderr]).toEqual([
      4,
      expect.stringContaining('spec.datatable.table'),
    ]);
  });
});
