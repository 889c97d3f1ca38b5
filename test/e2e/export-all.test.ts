/** A whole org in one command: every kind, a folder for each, and names of people only when asked. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace } from '../support/cli.js';

const TIMES = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00', rrule: 'FREQ=DAILY' };
const COLUMN = { key: { $id: '/properties/key', type: 'string', title: 'site', displayOrder: 0 } };

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open(DEMO_ORG, { backend: 'datatable' });
  expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
  const make = async (at: string, body: object): Promise<{ id: string }> =>
    (await place.request('POST', `/api/v2/${at}`, body)) as { id: string };
  await make('routing/languages', { name: 'German' });
  const { id: code } = await make('routing/wrapupcodes', { name: 'Solved' });
  const { id: schedule } = await make('architect/schedules', { name: 'Daily', ...TIMES });
  await make('architect/schedulegroups', { name: 'Hours', openSchedules: [{ id: schedule }] });
  const emergencyCallFlows = [{ emergencyFlow: { id: 'f-1' }, ivrs: [] }];
  await make('architect/emergencygroups', { name: 'Fire', enabled: true, emergencyCallFlows });
  const terms = { routingSkill: 'Billing', comparator: 'EqualTo', proficiency: 5 };
  const condition = { operation: 'And', routingSkillConditions: [terms] };
  await make('routing/skillgroups', {
    name: 'Billers',
    skillConditions: [{ ...condition, languageSkillConditions: [] }],
  });
  const schema = { type: 'object', required: ['key'], additionalProperties: false };
  await make('flows/datatables', { name: 'Sites', schema: { ...schema, properties: COLUMN } });
  const { id: queue } = await make('routing/queues', {
    name: 'Mail',
    description: 'Letters',
    mediaSettings: {
      email: { alertingTimeoutSeconds: 300, allOutboundEmailAddresses: [{ domain: { id: 'd' } }] },
    },
  });
  await make(`routing/queues/${queue}/wrapupcodes`, [{ id: code }]);
  const [ada] = await place.entities('/api/v2/users?pageSize=100');
  await make(`routing/queues/${queue}/members`, [{ id: ada?.id }]);
});
afterAll(() => place.close());

async function filesIn(folder: string): Promise<Map<string, string>> {
  const at = path.join(place.dir, folder);
  const names = await readdir(at, { recursive: true });
  const found = names.filter((name) => name.endsWith('.yaml')).sort();
  const texts = found.map((name) => readFile(path.join(at, name), 'utf8'));
  return new Map((await Promise.all(texts)).map((text, n) => [found[n] ?? '', text]));
}

describe('export --all', () => {
  it('writes every kind into a folder of its own; a plan of it is empty', async () => {
    const { code, stdout, stderr } = await place.strategos(['export', '--all', '--out', 'org']);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(stdout).toContain('1 skill group');
    const files = await filesIn('org');
    const folders = new Set([...files.keys()].map((file) => path.dirname(file)));
    expect([...folders].sort()).toEqual([
      '.',
      'data-tables',
      'emergency-groups',
      'languages',
      'queues',
      'schedule-groups',
      'schedules',
      'skill-groups',
      'skills',
      'strategies',
      'wrap-up-codes',
    ]);
    const again = ['export', '--all', '--out', 'org', '--format', 'json'];
    const counted = await place.strategos(again);
    const { objects, strategies } = JSON.parse(counted.stdout) as Record<string, number>;
    const manifests = [...files.keys()].filter((file) => /\/.*\.yaml$/.test(file)).length;
    const own = [...files.keys()].filter((file) => file.startsWith('strategies/')).length;
    expect([objects, strategies]).toEqual([manifests, own]);
    expect(own).toBeLessThan(manifests);
    expect(files.get('queues/mail.yaml')).toContain('alertingTimeoutSeconds: 300');
    // Nobody asked who is where, nor which codes a queue has; an emergency is left to people.
    expect([...files.values()].join('')).not.toMatch(/@example|members|wrapupCodes|enabled: true/);
    const planned = await place.strategos(['plan', '--dir', 'org', '--format', 'json']);
    expect([planned.code, JSON.parse(planned.stdout)]).toEqual([
      0,
      expect.objectContaining({ changes: [] }),
    ]);
    const adopting = await place.strategos(['plan', '--dir', 'org', '--adopt', '--format', 'json']);
    const { changes } = JSON.parse(adopting.stdout) as { changes: { fields: unknown[] }[] };
    expect(changes.filter(({ fields }) => fields.length > 0)).toEqual([]);
    expect(changes.length).toBeGreaterThan(10);
  });

  it('says what the org shows and no manifest can say', async () => {
    const { stderr } = await place.strategos(['export', '--all', '--out', 'org']);
    const said = stderr.split('\n').filter((line) => line.includes('no manifest can say it'));
    expect(said).toEqual([
      'warning: mediaSettings.email.allOutboundEmailAddresses of Queue Mail: ' +
        'no manifest can say it, and it stays as the org has it',
      'warning: emergencyCallFlows of EmergencyGroup Fire: ' +
        'no manifest can say it, and it stays as the org has it',
    ]);
  });

  it('writes the same bytes again, and nothing where nothing changed', async () => {
    const before = await filesIn('org');
    const { stdout } = await place.strategos(['export', '--all', '--out', 'org']);
    expect(stdout).toContain('0 files written');
    await place.strategos(['export', '--all', '--out', 'twice']);
    expect(await filesIn('org')).toEqual(before);
    expect(await filesIn('twice')).toEqual(before);
  });

  it('amends what is there in another folder, in place', async () => {
    const file = 'mine/deep/letters.yaml';
    const head = 'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Mail }\n';
    await mkdir(path.join(place.dir, path.dirname(file)), { recursive: true });
    await place.write(file, `${head}spec:\n  description: Post # as it was called\n`);
    const args = ['export', '--all', '--out', 'mine', '--overwrite'];
    expect((await place.strategos(args)).code).toBe(0);
    expect(await place.read(file)).toContain('description: Letters # as it was called');
    expect([...(await filesIn('mine')).keys()]).not.toContain('queues/mail.yaml');
  });

  it('has members and codes where they are asked for, or where a manifest names them', async () => {
    const args = ['export', '--all', '--members', '--with', 'wrapupCodes', '--out', 'people'];
    expect((await place.strategos(args)).code).toBe(0);
    const mail = (await filesIn('people')).get('queues/mail.yaml');
    expect(mail).toMatch(/wrapupCodes:\n\s+- Solved/);
    expect(mail).toMatch(/members:\n\s+- \{ user: \S+@example.com, ring: 1 \}/);
    const planned = await place.strategos(['plan', '--dir', 'people', '--format', 'json']);
    expect(JSON.parse(planned.stdout)).toMatchObject({ changes: [] });
    // Without the flags what stands there stays, and is kept up.
    await place.strategos(['export', '--all', '--out', 'people', '--overwrite']);
    expect((await filesIn('people')).get('queues/mail.yaml')).toBe(mail);
  });

  it('and single kinds are not asked for together; a part is one that there is', async () => {
    const both = await place.strategos(['export', '--all', '--target', 'Queue']);
    expect([both.code, both.stderr]).toEqual([64, expect.stringContaining('not both')]);
    const none = await place.strategos(['export', '--with', 'skills']);
    expect([none.code, none.stderr]).toEqual([
      64,
      expect.stringContaining('memberDivisions, members, rows, wrapupCodes'),
    ]);
  });
});
