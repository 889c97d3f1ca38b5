/** rollback, where others have been at the same objects since: it undoes its run, no more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace } from '../support/cli.js';

const ORG = {
  ...DEMO_ORG,
  clients: [...(DEMO_ORG.clients ?? []), { id: 'ben', secret: 'ben', user: 'Ben' }],
};
const QUEUES = '/api/v2/routing/queues';

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open(ORG, { backend: 'datatable' });
});
afterAll(() => place.close());

const manifest = (name: string, kind: string, spec: string, more = ''): Promise<void> =>
  place.write(
    `strategies/${name.toLowerCase()}.yaml`,
    `apiVersion: strategos/v1\nkind: ${kind}\nmetadata: { name: ${name}${more} }\nspec: ${spec}\n`,
  );
const done = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await place.strategos(args);
  expect([args[0], code], stdout + stderr).toEqual([args[0], 0]);
  return stdout;
};
const applied = async (): Promise<string> => {
  await done('apply', '--yes', '--quiet');
  return (await place.runs()).filter((one) => one.includes('-apply-')).at(-1) ?? '';
};
const idOf = async (name: string): Promise<string> =>
  (await place.entities(`${QUEUES}?pageSize=100`)).find((one) => one.name === name)?.id ?? '';

describe('members, codes and rows', () => {
  const people = async (): Promise<string[]> => {
    const all = await place.entities(`${QUEUES}/${await idOf('Mail')}/members?pageSize=100`);
    return all.map(({ name }) => name).sort();
  };

  it('that others have given since stay, and those that its run gave go', async () => {
    const users = await place.entities('/api/v2/users?pageSize=100');
    const [ada, ben, chi] = users;
    const mail = (person: string): string =>
      `${person.toLowerCase().replaceAll(' ', '.')}@example.com`;
    await manifest('Mail', 'Queue', `{ members: { include: [ '${mail(ada?.name ?? '')}' ] } }`);
    await applied();
    await manifest(
      'Mail',
      'Queue',
      `{ members: { include: [ '${mail(ada?.name ?? '')}', '${mail(ben?.name ?? '')}' ] } }`,
    );
    const run = await applied();
    await place.request(
      'POST',
      `${QUEUES}/${await idOf('Mail')}/members`,
      [{ id: chi?.id }],
      'ben',
    );
    expect(await people()).toEqual([ada?.name, ben?.name, chi?.name].sort());
    await done('rollback', run, '--yes');
    expect(await people()).toEqual([ada?.name, chi?.name].sort());
    expect(await done('rollback', run, '--yes')).toContain('Nothing to do');
  });

  it('rows that people have made or changed since stay, and the plan says which', async () => {
    const sites = (...items: string[]): Promise<void> =>
      manifest(
        'Sites',
        'DataTable',
        '\n  columns: [ { name: site, type: string }, { name: agents, type: integer } ]\n' +
          `  rows: { mode: seed, items: [ ${items.join(', ')} ] }`,
      );
    await sites('{ site: Bonn, agents: 1 }');
    await applied();
    await sites(
      '{ site: Bonn, agents: 1 }',
      '{ site: Kiel, agents: 2 }',
      '{ site: Ulm, agents: 3 }',
    );
    const run = await applied();
    const { org } = place.simulator;
    const id = org.tableNames.get('Sites') ?? '';
    const at = `/api/v2/flows/datatables/${id}/rows`;
    await place.request('POST', at, { key: 'Essen', agents: 7 }, 'ben');
    await place.request('PUT', `${at}/Ulm`, { key: 'Ulm', agents: 9 }, 'ben');
    await place.request('PUT', `${at}/Bonn`, { key: 'Bonn', agents: 8 }, 'ben');
    const back = await done('rollback', run, '--yes');
    expect(back).toContain('rows: somebody has changed "Ulm" since, which stays so');
    const rows = [...(org.tables.get(id)?.rows ?? [])].map(([key, row]) => [
      key,
      row.get('agents'),
    ]);
    expect(Object.fromEntries(rows)).toEqual({ Bonn: 8, Essen: 7, Ulm: 9 });
  });

  it('of a column that its run has added are as they were, and nobody has changed them', async () => {
    const places = (columns: string, row: string): Promise<void> =>
      manifest(
        'Places',
        'DataTable',
        `{ columns: [ { name: site, type: string }${columns} ], ` +
          `rows: { mode: owned, items: [ ${row} ] } }`,
      );
    await places('', '{ site: Bonn }');
    await applied();
    await places(', { name: open, type: boolean }', '{ site: Bonn, open: true }');
    const back = await done('rollback', await applied(), '--yes');
    expect(back).toContain('rows["Bonn"]["open"]: true → false');
    const { org } = place.simulator;
    const rows = org.tables.get(org.tableNames.get('Places') ?? '')?.rows;
    expect(rows?.get('Bonn')?.get('open')).toBe(false);
    expect(await done('drift')).toContain('No drift');
  });
});

describe('a rename', () => {
  it('whose old name a stranger has taken since is refused, with what to do', async () => {
    await manifest('Post', 'Queue', '{ description: Letters }');
    await applied();
    const id = await idOf('Post');
    await manifest('Letters', 'Queue', '{ description: Letters }', ', previously: Post');
    await place.write('strategies/post.yaml', '');
    const run = await applied();
    expect(await idOf('Letters')).toBe(id);
    await place.request('POST', QUEUES, { name: 'Post' }, 'ben');
    const { code, stdout, stderr } = await place.strategos(['rollback', run, '--yes']);
    expect([code, stdout + stderr]).toEqual([5, expect.stringContaining('Queue/Post')]);
    expect(stdout).toContain('is there already, and is another');
    expect(stdout).toContain('give the other Queue/Post another name in the org');
    expect(await idOf('Letters')).toBe(id);
  });
});

describe('a row that somebody had broken before the run', () => {
  it.each([
    [
      'names a queue that nobody has',
      { target_01_queue: 'Nowhere' },
      'it names the queue "Nowhere", which the org has not',
    ],
    ['counts targets that it has not', { targets: 9 }, 'target_02_queue is empty'],
  ])('%s: goes back as it was, which the plan says, and drift', async (_, cells, said) => {
    await applied();
    const { org } = place.simulator;
    const row = org.tables.get(org.tableNames.get('Routing Strategies') ?? '')?.rows.get('billing');
    for (const [key, value] of Object.entries(cells)) {
      (row as Map<string, unknown>).set(key, value);
    }
    const run = await applied();
    const back = await done('rollback', run, '--yes');
    expect(back).toContain(`it goes back to what somebody had made of it: ${said}`);
    const drift = await place.strategos(['drift']);
    expect([drift.code, drift.stdout]).toEqual([2, expect.stringContaining('billing')]);
    expect(drift.stdout).toMatch(/rollback \S+-rollback-\S+ wrote it back so, as it had found it/);
    await applied();
    expect((await place.strategos(['drift'])).code).toBe(0);
  });
});

describe('what a run had made', () => {
  it('and its rollback has deleted is not said to be new in git', async () => {
    await manifest('Newly', 'Queue', '{}');
    await done('rollback', await applied(), '--yes', '--force');
    const { code, stdout } = await place.strategos(['drift']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /something new, or rollback \S+, the last run, took it back; plan shows it: Queue\/Newly/,
    );
  });
});

describe('a run that gave a schedule another name, and deleted the group that had it', () => {
  const of = (kind: string, metadata: object, spec: object): string =>
    JSON.stringify({ apiVersion: 'strategos/v1', kind, metadata, spec });
  const HOURS = { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00' };
  const FILE = 'strategies/hours.yaml';
  const groups = (): unknown => {
    const { things } = place.simulator.org;
    const schedules = things.get('/api/v2/architect/schedules');
    return [...(things.get('/api/v2/architect/schedulegroups')?.values() ?? [])]
      .filter(({ state }) => state === 'active')
      .map(({ name, content }) => [
        name,
        (content['openSchedules'] as { id: string }[]).map(({ id }) => schedules?.get(id)?.name),
      ]);
  };
  const apply = async (text: string): Promise<string> => {
    await place.write(FILE, text);
    expect((await place.strategos(['apply', '--yes', '--force'])).code).toBe(0);
    return (await place.runs()).at(-1) ?? '';
  };

  it.each([[[]], [['--force']]])(
    'goes back with it, made again since: rollback %j',
    async (more) => {
      await place.close();
      place = await Workplace.open();
      const group = of('ScheduleGroup', { name: 'Hours' }, { openSchedules: ['Old'] });
      await apply(`${of('Schedule', { name: 'Old' }, HOURS)}\n---\n${group}`);
      const before = groups();
      const run = await apply(of('Schedule', { name: 'New', previously: 'Old' }, HOURS));
      const later = await apply('');
      expect((await place.strategos(['rollback', later, '--yes', '--force'])).code).toBe(0);
      const back = await place.strategos(['rollback', run, '--yes', ...more]);
      expect([back.code, back.stdout.includes('not given back'), groups()]).toEqual([
        ...[0, false, before],
      ]);
    },
  );
});

it('a column that its run has added stays, which is said where there is nothing else', async () => {
  await place.close();
  place = await Workplace.open();
  const table = (...names: string[]): Promise<void> => {
    const columns = names.map((name) => `{ name: ${name}, type: string }`).join(', ');
    return manifest('Sites', 'DataTable', `{ columns: [${columns}] }`);
  };
  await table('site', 'queue');
  await applied();
  await table('site', 'queue', 'note');
  const run = await applied();
  const back = await place.strategos(['rollback', run, '--yes']);
  expect([back.code, back.stderr]).toEqual([
    ...[0, expect.stringContaining('DataTable/Sites: the column "note" stays')],
  ]);
});
