/** export: what the org has becomes manifests, and a plan of them finds nothing to do. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile, OrgFileStrategy } from '../../src/simulator/org-file-types.js';
import { Workplace } from '../support/cli.js';

const target = (queue: string, priority: number, weight: number): object => ({
  queue,
  priority,
  weight,
  capacity: 5,
});

/** Strategies that this tool never wrote, in every state and with names of every kind. */
const FOREIGN = [
  { name: 'Überlauf Nacht', status: 'active', targets: [target('Sales', 1, 0.25)] },
  { name: 'Überlauf-Nacht', status: 'draft', targets: [target('Billing', 3, 2)] },
  {
    name: 'on / off: "quoted"',
    status: 'failed',
    errorMessage: 'a queue was disabled',
    selectionCriteria: { skills: [{ skill: 'Billing', required: false }, { skill: 'Sales' }] },
    targets: [target('Billing', 2, 1), target('Sales', 1, 0.5), target('Sales Overflow', 2, 0)],
    fallback: { queue: { queue: 'Support Overflow', priority: 7, weight: 0 } },
  },
  { name: 'yes', status: 'active', targets: [target('Support Tier 1', 1, 1)] },
] as unknown as OrgFileStrategy[];

const ORG: OrgFile = { ...DEMO_ORG, strategies: FOREIGN };

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open(ORG);
});
afterEach(() => place.close());

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(path.join(place.dir, folder))).sort();
  const texts = await Promise.all(names.map((name) => place.read(`${folder}/${name}`)));
  return Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']));
}

describe('export', () => {
  it('writes a manifest a strategy, and a plan of the folder is empty', async () => {
    const ended = await place.strategos(['export']);
    expect(ended.stderr).not.toContain('error');
    expect(ended.stdout).toBe('4 strategies exported to exported: 5 files written, 0 unchanged\n');
    expect(ended.code).toBe(0);
    expect(Object.keys(await contents('exported'))).toEqual([
      'environment.yaml',
      'on-off-quoted.yaml',
      'u-berlauf-nacht-2.yaml',
      'u-berlauf-nacht.yaml',
      'yes.yaml',
    ]);
    const plan = await place.strategos(['plan', '--dir', 'exported', '--detailed-exitcode']);
    expect(plan.stdout).toContain(
      'Plan: 0 to create, 0 to change, 0 to delete, 0 to adopt; 4 unchanged.',
    );
    expect(plan.code).toBe(0);
  });

  it('speaks in names and puts a target on a line of its own', async () => {
    await place.strategos(['export', '--target', 'on / off: "quoted"']);
    expect(await place.read('exported/on-off-quoted.yaml')).toBe(
      [
        'apiVersion: strategos/v1',
        'kind: RoutingStrategy',
        'metadata:',
        `  name: 'on / off: "quoted"'`,
        'spec:',
        '  status: draft',
        '  selection:',
        '    skills:',
        '      - { skill: Billing, required: false }',
        '      - { skill: Sales, required: true }',
        '  targets:',
        '    - { queue: Sales, priority: 1, weight: 0.5, capacity: 5 }',
        '    - { queue: Billing, priority: 2, weight: 1, capacity: 5 }',
        '    - { queue: Sales Overflow, priority: 2, weight: 0, capacity: 5 }',
        '  fallback:',
        '    queue: Support Overflow',
        '    priority: 7',
        '    weight: 0',
        '',
      ].join('\n'),
    );
  });

  it('gives the same bytes for the same org, and says what is unchanged', async () => {
    await place.strategos(['export']);
    const first = await contents('exported');
    const again = await place.strategos(['export', '--out', 'again']);
    expect(again.code).toBe(0);
    expect(await contents('again')).toEqual(first);
    const same = await place.strategos(['export']);
    expect(same.stdout).toContain('0 files written, 5 unchanged');
  });

  it('writes over nothing that somebody has edited, unless told to', async () => {
    await place.strategos(['export']);
    await place.edit('exported/yes.yaml', 'capacity: 5', 'capacity: 50');
    const before = await contents('exported');
    const refused = await place.strategos(['export']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('not written over: yes.yaml');
    expect(await contents('exported')).toEqual(before);
    expect((await place.strategos(['export', '--overwrite'])).code).toBe(0);
    expect(await place.read('exported/yes.yaml')).toContain('capacity: 5 }');
  });

  it('says which exported manifest cannot be planned, and writes it all the same', async () => {
    await place.close();
    place = await Workplace.open({
      ...DEMO_ORG,
      strategies: [...FOREIGN, { ...FOREIGN[0]!, name: 'idle', targets: [zero('Sales')] }],
    });
    const ended = await place.strategos(['export']);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/exported\/idle\.yaml:\d+:\d+: error: /);
    expect(Object.keys(await contents('exported'))).toContain('idle.yaml');
  });
});

function zero(queue: string): OrgFileStrategy['targets'][number] {
  return { queue, priority: 1, weight: 0, capacity: 1 };
}
