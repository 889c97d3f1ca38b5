/** Rows of a data table on the command line: from a CSV file to the org and back. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace, type Ended } from '../support/cli.js';

const TABLE = (mode: string): string => `apiVersion: strategos/v1
kind: DataTable
metadata: { name: Sites }
spec:
  columns:
    - { name: site, type: string }
    - { name: agents, type: integer }
  rows: { mode: ${mode}, from: sites.csv }
`;

const ORG = {
  ...DEMO_ORG,
  clients: [...(DEMO_ORG.clients ?? []), { id: 'ben', secret: 'ben', user: 'Ben' }],
};

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open(ORG, { backend: 'datatable' });
  await place.write('strategies/sites.yaml', TABLE('owned'));
  await csv({ Bonn: 4, Kiel: 2, Ulm: 1 });
});
afterEach(() => place.close());

const csv = async (rows: Readonly<Record<string, number>>): Promise<void> =>
  place.write(
    'strategies/sites.csv',
    ['site,agents', ...Object.entries(rows).map((row) => row.join(','))].join('\n'),
  );

async function done(...args: string[]): Promise<Ended> {
  const ended = await place.strategos(args);
  expect([ended.code, ended.stderr], ended.stdout).toEqual([0, expect.any(String)]);
  return ended;
}

function rows(): Record<string, unknown> {
  const { org } = place.simulator;
  const table = org.tables.get(org.tableNames.get('Sites') ?? '');
  return Object.fromEntries(
    [...(table?.rows ?? [])].map(([key, cells]) => [key, cells.get('agents')]),
  );
}

const id = (): string => place.simulator.org.tableNames.get('Sites') ?? '';

async function lastApply(): Promise<string> {
  return (await place.runs()).filter((run) => run.includes('-apply-')).at(-1) ?? '';
}

describe('rows from a file', () => {
  it('are planned with their line in it, applied, and then in place', async () => {
    const { stdout } = await done('plan');
    expect(stdout).toContain('rows["Kiel"]');
    expect(stdout).toContain('strategies/sites.csv:3');
    await done('apply', '--yes');
    expect(rows()).toEqual({ Bonn: 4, Kiel: 2, Ulm: 1 });
    expect((await done('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('are guarded: a file that lost its lines takes nothing away', async () => {
    await done('apply', '--yes');
    await csv({ Bonn: 4 });
    const refused = await place.strategos(['apply', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([
      4,
      expect.stringContaining('2 of our 3 rows of DataTable/Sites would be deleted (66.7 %)'),
    ]);
    expect(Object.keys(rows())).toHaveLength(3);
    await done('apply', '--yes', '--force');
    expect(rows()).toEqual({ Bonn: 4 });
  });

  it('make a plan stale where the file is another than the one that was planned', async () => {
    await done('plan', '--out', 'plan.json');
    await csv({ Bonn: 5, Kiel: 2, Ulm: 1 });
    const { code } = await place.strategos(['apply', 'plan.json', '--yes']);
    expect(code).toBe(4);
    expect(rows()).toEqual({});
  });

  it('go back to what a run found', async () => {
    await done('apply', '--yes');
    await csv({ Bonn: 9, Kiel: 2, Ulm: 1, Essen: 3 });
    await done('apply', '--yes');
    expect(rows()).toEqual({ Bonn: 9, Kiel: 2, Ulm: 1, Essen: 3 });
    await done('rollback', await lastApply(), '--yes');
    expect(rows()).toEqual({ Bonn: 4, Kiel: 2, Ulm: 1 });
  });

  it('that a person changed have drifted', async () => {
    await done('apply', '--yes');
    const path = `/api/v2/flows/datatables/${id()}/rows/Bonn`;
    await place.request('PUT', path, { key: 'Bonn', agents: 7 }, 'ben');
    const { code, stdout } = await place.strategos(['drift']);
    expect([code, stdout]).toEqual([2, expect.stringContaining('rows["Bonn"]["agents"]')]);
    expect(stdout).toMatch(/rows\["Bonn"\]\["agents"\].*Ben/s);
    await done('apply', '--yes');
    expect(rows()).toEqual({ Bonn: 4, Kiel: 2, Ulm: 1 });
  });

  it('stay seeded in an export over their manifest, whoever works on them', async () => {
    const inline = TABLE('seed').replace('from: sites.csv', 'items: [{ site: Bonn, agents: 4 }]');
    await place.write('strategies/sites.yaml', inline);
    await done('apply', '--yes');
    const path = `/api/v2/flows/datatables/${id()}/rows`;
    await place.request('POST', path, { key: 'Essen', agents: 7 }, 'ben');
    await done('export', '--out', 'strategies', '--overwrite');
    expect(await place.read('strategies/sites.yaml')).toBe(inline);
  });

  it('stay seeded where one of them is gone in the org, and others are people’s', async () => {
    const items =
      '    items:\n      - { site: Bonn, agents: 4 }\n      - { site: Ulm, agents: 1 }\n';
    const inline = (rest: string): string =>
      TABLE('seed').replace(' { mode: seed, from: sites.csv }\n', `\n    mode: seed\n${rest}`);
    await place.write('strategies/sites.yaml', inline(items));
    await done('apply', '--yes');
    const path = `/api/v2/flows/datatables/${id()}/rows`;
    await place.request('POST', path, { key: 'Essen', agents: 7 }, 'ben');
    await place.request('DELETE', `${path}/Ulm`, undefined, 'ben');
    await done('export', '--out', 'strategies', '--overwrite');
    expect(await place.read('strategies/sites.yaml')).toBe(
      inline(items.replace(/ {6}- \{ site: Ulm.*\n/, '')),
    );
    expect((await done('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('are left in their file by an export as long as they are what the org has', async () => {
    await done('apply', '--yes');
    await done('export', '--out', 'strategies');
    expect(await place.read('strategies/sites.yaml')).toBe(TABLE('owned'));
    const table = await place.request('GET', `/api/v2/flows/datatables/${id()}?expand=schema`);
    const body = { ...(table as object), description: 'by hand' };
    await place.request('PUT', `/api/v2/flows/datatables/${id()}`, body, 'ben');
    const described = TABLE('owned').replace('spec:\n', 'spec:\n  description: sites\n');
    await place.write('strategies/sites.yaml', described);
    await done('export', '--out', 'strategies', '--overwrite');
    expect(await place.read('strategies/sites.yaml')).toBe(
      described.replace('description: sites', 'description: by hand'),
    );
  });

  it.each(['owned', 'seed'])(
    '%s, stand in the manifest that goes to another folder',
    async (mode) => {
      await place.write('strategies/sites.yaml', TABLE(mode));
      await done('apply', '--yes');
      const path = `/api/v2/flows/datatables/${id()}/rows`;
      await place.request('POST', path, { key: 'Essen', agents: 7 }, 'ben');
      const over = ['--target', 'DataTable', '--out'];
      await done('export', ...over, 'without');
      expect(await place.read('without/sites.yaml')).not.toContain('rows:');
      await done('export', ...over, 'other', '--with', 'rows');
      const text = await place.read('other/sites.yaml');
      expect(text).toContain(`mode: ${mode}`);
      expect(text).not.toContain('sites.csv');
      for (const row of ['Bonn, agents: 4', 'Kiel, agents: 2']) expect(text).toContain(row);
      expect(text.includes('Essen')).toBe(mode === 'owned');
      for (const dir of ['other', 'without']) {
        await done('validate', '--dir', dir);
      }
    },
  );

  it('that are wrong are told by their line, and nothing is sent', async () => {
    await place.write('strategies/sites.csv', 'site,agents\nBonn,4\nKiel,two\n');
    const { code, stderr } = await place.strategos(['apply', '--yes']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('strategies/sites.csv:3:6')]);
    expect(place.simulator.org.tables.size).toBe(0);
  });

  it('that are wrong are told where their manifest alone is validated', async () => {
    const validate = async (...paths: string[]): Promise<unknown[]> => {
      const { code, stdout } = await place.strategos(['validate', ...paths]);
      return [code, stdout.split(': ')[0]];
    };
    const text = TABLE('owned').replace('sites.csv', '../../rows/places.csv');
    for (const one of ['eu/west', 'rows']) {
      await mkdir(path.join(place.dir, 'strategies', one), { recursive: true });
    }
    await place.write(
      'strategies/eu/west/places.yaml',
      text.replace('name: Sites', 'name: Places'),
    );
    await place.write('strategies/rows/places.csv', 'site,agents\nBonn,4\nKiel,two\n');
    await place.write('strategies/sites.csv', 'site,agents\nBonn,no\n');
    const [here, higher] = ['strategies/sites.csv:2:6', 'strategies/rows/places.csv:3:6'];
    expect(await validate('strategies/sites.yaml')).toEqual([3, here]);
    expect(await validate('strategies/eu/west/places.yaml')).toEqual([3, higher]);
    expect(await validate('strategies/eu')).toEqual([3, higher]);
    await place.write('strategies/rows/places.csv', 'site,agents\nBonn,4\n');
    expect(await validate('strategies/eu')).toEqual([0, '1 manifest in 2 files']);
  });

  it('are in the audit log, each with what became of it', async () => {
    await done('apply', '--yes');
    await done('audit', 'verify');
    const text = await place.read(`.strategos/runs/${await lastApply()}/audit.jsonl`);
    const records = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LogRecord);
    const own = records.filter(({ detail }) => detail?.step === 'part rows');
    expect(own.map(({ type, detail }) => `${type} ${detail?.body?.key ?? ''}`)).toEqual([
      'intent Bonn',
      'outcome ',
      'intent Kiel',
      'outcome ',
      'intent Ulm',
      'outcome ',
    ]);
  });
});

interface LogRecord {
  readonly type: string;
  readonly detail?: { readonly step?: string; readonly body?: { readonly key?: string } };
}
