/** A rename on the command line: as a reviewed plan, on record, and back again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open(undefined, { backend: 'datatable' });
});
afterAll(() => place.close());

const queue = (name: string, previously = ''): Promise<void> =>
  place.write(
    'strategies/mail.yaml',
    `apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: ${name}${previously} }\n` +
      'spec: { description: Letters }\n',
  );
const done = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await place.strategos(args);
  expect([args[0], code], stderr).toEqual([args[0], 0]);
  return stdout;
};
const queues = async (): Promise<Map<string, string>> => {
  const all = await place.entities('/api/v2/routing/queues?pageSize=100');
  return new Map(all.map(({ name, id }) => [name, id]));
};

it('a queue is renamed by its plan, and a rollback gives it its name back', async () => {
  await queue('Mail');
  await done('apply', '--yes', '--quiet');
  const id = (await queues()).get('Mail');
  await queue('Letters', ', previously: Mail');
  await done('plan', '--out', 'plan.json');
  expect(await done('plan', '--format', 'markdown')).toContain('Letters');
  await done('apply', 'plan.json', '--yes', '--quiet');
  expect((await queues()).get('Letters')).toBe(id);
  expect(await done('plan', '--detailed-exitcode')).toContain('0 to change');
  await done('drift');
  const run = (await place.runs()).filter((one) => one.includes('-apply-')).at(-1) ?? '';
  expect(await done('audit', 'show', run)).toContain('Queue/Letters');
  // By the name that the run has given it, which is the one that the plan and the log show.
  for (const name of ['Queue/Letters', 'Letters', 'Mail']) {
    expect(await done('rollback', run, '--dry-run', '--target', name)).toContain('Queue/Mail');
  }
  await done('rollback', run, '--yes', '--target', 'Letters');
  expect((await queues()).get('Mail')).toBe(id);
  await queue('Mail');
  expect(await done('plan', '--detailed-exitcode')).toContain('0 to change');
  await done('audit', 'verify');
});

it('what a rollback of a rename wrote back is no deed of somebody else', async () => {
  const strategy = (to: string, capacity: number): Promise<void> =>
    place.write(
      'strategies/letters.yaml',
      'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: letters }\n' +
        `spec: { targets: [{ queue: ${to}, capacity: ${capacity} }], checks: { skills: off, capacity: off } }\n`,
    );
  await queue('Mail');
  await strategy('Mail', 3);
  await done('apply', '--yes', '--quiet');
  await queue('Letters', ', previously: Mail');
  await strategy('Letters', 4);
  await done('apply', '--yes', '--quiet');
  await done('rollback', 'latest', '--yes', '--quiet');
  const told = await done('drift');
  expect(told).toContain('No drift');
  expect(told).toMatch(/took back what git still says.*: Queue\/Letters, RoutingStrategy\/letters/);
});

it('what refers to it goes back with it, and forth again', async () => {
  const hours = (name: string, previously: string, zone: string): Promise<void> =>
    place.write(
      'strategies/hours.yaml',
      `apiVersion: strategos/v1\nkind: Schedule\nmetadata: { name: ${name}${previously} }\n` +
        'spec: { start: 2026-01-05T08:00:00, end: 2026-01-05T18:00:00 }\n---\n' +
        'apiVersion: strategos/v1\nkind: ScheduleGroup\nmetadata: { name: Desk }\n' +
        `spec: { timeZone: ${zone}, openSchedules: [${name}] }\n`,
    );
  await hours('Open', '', 'Europe/Berlin');
  await done('apply', '--yes', '--quiet');
  await hours('Office', ', previously: Open', 'Europe/Paris');
  await done('apply', '--yes', '--quiet');
  await done('rollback', 'latest', '--yes');
  await hours('Open', '', 'Europe/Berlin');
  expect(await done('plan', '--detailed-exitcode')).toContain('0 to change');
  await done('rollback', 'latest', '--yes');
  await hours('Office', '', 'Europe/Paris');
  expect(await done('plan', '--detailed-exitcode')).toContain('0 to change');
});

it('a previous name that is its own, or another manifest’s, is an error', async () => {
  await queue('Mail', ', previously: Mail');
  const same = await place.strategos(['validate']);
  expect([same.code, same.stdout]).toEqual([
    3,
    expect.stringContaining('mail.yaml:3:25: error: metadata.previously: Mail is its name now'),
  ]);
  await place.write(
    'strategies/letters.yaml',
    'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Letters, previously: Mail }\nspec: {}\n',
  );
  await queue('Mail');
  const both = await place.strategos(['validate']);
  expect([both.code, both.stdout]).toEqual([
    3,
    expect.stringContaining('metadata.previously: Queue/Mail is declared, in'),
  ]);
  await queue('Post', ', previously: Mail');
  const twice = await place.strategos(['validate']);
  expect([twice.code, twice.stdout]).toEqual([
    3,
    expect.stringContaining('metadata.previously: Queue/Letters was Mail as well, in'),
  ]);
});

it('of several previous names each is held against the others, at its own place', async () => {
  await place.write('strategies/letters.yaml', '');
  await queue('Post', ', previously: [Mail, Post, Letters]');
  const { code, stdout } = await place.strategos(['validate']);
  expect(code).toBe(3);
  expect(stdout).toContain('mail.yaml:3:44: error: metadata.previously: Post is its name now');
  await queue('Post', ', previously: [Mail, Letters]');
  await place.write(
    'strategies/letters.yaml',
    'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Letters }\nspec: {}\n',
  );
  const both = await place.strategos(['validate']);
  expect([both.code, both.stdout]).toEqual([
    ...[3, expect.stringContaining('mail.yaml:3:44: error: metadata.previously: Queue/Letters')],
  ]);
});
