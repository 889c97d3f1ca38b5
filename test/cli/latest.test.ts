/** `latest` in place of a run: the one that a person means. */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

const capacity = async (): Promise<number | undefined> =>
  (await place.strategies())['billing']?.targets[0]?.capacity;

it('rolls back the newest run that changed something, whatever looked since', async () => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const [, changed = ''] = await place.runs();
  await place.strategos(['plan']);
  await place.strategos(['apply', '--yes']);
  expect(await capacity()).toBe(9);
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect(ended.stderr).toContain(`rolling back ${changed}\n`);
  expect(ended.code).toBe(0);
  expect(await capacity()).toBe(8);
});

const logOf = (run: string): string => path.join(place.dir, '.strategos/runs', run, 'audit.jsonl');

it('does not pass over an apply whose log is broken', async () => {
  await place.strategos(['apply', '--yes']);
  await place.strategos(['apply', '--yes']);
  const [, run = ''] = await place.runs();
  await appendFile(logOf(run), '{"seq":99}\n');
  const ended = await place.strategos(['rollback', 'latest', '--dry-run']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`${run}/audit.jsonl`);
});

type Harm = readonly [what: string, harm: (log: string) => Promise<void>];
const HARMS: readonly Harm[] = [
  ['emptied', async (log) => writeFile(log, '')],
  ['of something else', async (log) => writeFile(log, 'nothing\n')],
  ['broken', async (log) => appendFile(log, '{"seq":99}\n')],
  ['removed', async (log) => rm(log)],
];

it.each(HARMS)('passes over a plan whose log is %s: it has changed nothing', async (_, harm) => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  await place.strategos(['plan']);
  const [, changed = '', looked = ''] = await place.runs();
  await harm(logOf(looked));
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect([ended.code, ended.stderr]).toEqual([
    ...[0, expect.stringContaining(`rolling back ${changed}\n`)],
  ]);
  expect(await capacity()).toBe(8);
});

it.each(HARMS)('and an apply of another environment whose log is %s', async (_, harm) => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const other = (await place.read('strategies/environment.yaml')).replace(
    /name: demo/,
    'name: prod',
  );
  await place.write('strategies/prod.yaml', other);
  await place.strategos(['apply', '--yes', '-e', 'prod']);
  const [, changed = '', elsewhere = ''] = await place.runs();
  await harm(logOf(elsewhere));
  // Of any environment it may be the one that is meant.
  const any = await place.strategos(['rollback', 'latest', '--yes']);
  expect([any.code, any.stderr]).toEqual([3, expect.stringContaining(elsewhere)]);
  const ended = await place.strategos(['rollback', 'latest', '--yes', '-e', 'demo']);
  expect(ended.stderr).toContain(`rolling back ${changed}\n`);
  expect([ended.code, await capacity()]).toEqual([0, 8]);
});

it.each(HARMS)('but not an apply that may have been of this one, its log %s', async (_, harm) => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const [, run = ''] = await place.runs();
  await harm(logOf(run));
  const ended = await place.strategos(['rollback', 'latest', '--yes', '-e', 'demo']);
  expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining(run)]);
  expect(await capacity()).toBe(9);
});

it('passes over an apply that was killed before it had a log', async () => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  await mkdir(path.dirname(logOf('29990101T000000000Z-apply-00000000')));
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect([ended.code, await capacity()]).toEqual([0, 8]);
});

it('and says of a log without a whole record what is wrong with it', async () => {
  await place.strategos(['apply', '--yes']);
  const [run = ''] = await place.runs();
  await writeFile(path.join(place.dir, '.strategos/runs', run, 'audit.jsonl'), 'nothing\n');
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('is not an audit record');
});

it('is the newest run for audit show and audit verify', async () => {
  await place.strategos(['plan']);
  await place.strategos(['plan']);
  const [, newest] = await place.runs();
  const shown = await place.strategos(['audit', 'show', 'latest', '--format', 'json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ run: newest });
  expect((await place.strategos(['audit', 'verify', 'latest'])).stdout).toContain('intact: 1 run');
});

it('of two environments, audit show lists and shows the one that is asked for', async () => {
  await place.strategos(['plan']);
  const environment = await place.read('strategies/environment.yaml');
  await place.write('strategies/other.yaml', environment.replace('name: demo', 'name: other'));
  await place.strategos(['plan', '--env', 'other']);
  const [first = '', second = ''] = await place.runs();
  const shown = async (...args: string[]) => place.strategos(['audit', 'show', ...args]);
  const listed = (await shown('--env', 'demo')).stdout;
  expect([listed.includes(first), listed.includes(second)]).toEqual([true, false]);
  expect((await shown('latest', '--env', 'demo', '--format', 'json')).stdout).toContain(first);
  expect((await shown('latest')).stdout).not.toBe((await shown('latest', '--env', 'demo')).stdout);
  expect(await shown(second, '--env', 'demo')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('a run of the environment other, not of demo') as string,
  });
  expect(await shown('--env', 'othr')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('did you mean other?') as string,
  });
});

it('and each command says which newest it means', async () => {
  const help = async (args: string[]): Promise<string> =>
    (await place.strategos([...args, '--help'])).stdout.replace(/\s+/g, ' ');
  expect(await help(['rollback'])).toContain('latest: the newest that changed something');
  expect(await help(['audit', 'show'])).toContain('latest: the newest of all');
  expect(await help(['audit', 'verify'])).toContain('latest: the newest of all');
});

it('a log that is cut in its last record is told so, and not as one that did not end', async () => {
  await place.strategos(['apply', '--yes']);
  const [run = ''] = await place.runs();
  const log = path.join(place.dir, '.strategos/runs', run, 'audit.jsonl');
  const text = await readFile(log, 'utf8');
  await writeFile(log, text.slice(0, -20));
  for (const args of [[], ['--org']]) {
    const verified = await place.strategos(['audit', 'verify', ...args]);
    expect([verified.code, verified.stdout]).toEqual([
      ...[0, expect.stringContaining('intact, but for 1 last record cut off: 1 run')],
    ]);
    expect(verified.stdout).toContain('or somebody has cut the log');
    expect(verified.stdout).not.toContain('did not end');
  }
  expect((await place.strategos(['audit', 'show'])).stdout).toContain('cut off');
  const shown = await place.strategos(['audit', 'show', run]);
  expect(shown.stderr).toContain('its last record is cut off');
});

it.each([
  [['rollback', 'latest', '--yes'], 'there is no run that changed something in'],
  [['rollback', 'latest', '--yes', '-e', 'prod'], 'of the environment prod that changed something'],
  [['audit', 'show', 'latest'], 'there are no runs in'],
])('is nothing where there is none: %s', async (args, said) => {
  const ended = await place.strategos(args);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(said);
});

it('passes over what another folder of the repository did, and is not told it by its id', async () => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const [, ours = ''] = await place.runs();
  await mkdir(path.join(place.dir, 'theirs'));
  await place.write('theirs/environment.yaml', await place.read('strategies/environment.yaml'));
  const queue = ['apiVersion: strategos/v1', 'kind: Queue', 'metadata: { name: Theirs }'].join(
    '\n',
  );
  await place.write('theirs/queue.yaml', `${queue}\nspec: {}\n`);
  await place.strategos(['apply', '--yes', '--dir', 'theirs']);
  await place.write('theirs/queue.yaml', '');
  const gone = await place.strategos(['apply', '--yes', '--force', '--dir', 'theirs']);
  expect(gone.code).toBe(0);
  const theirs = (await place.runs()).at(-1) ?? '';
  for (const args of [['--dry-run'], ['--yes', '--force']]) {
    const refused = await place.strategos(['rollback', theirs, ...args]);
    expect([refused.code, refused.stderr]).toEqual([
      4,
      expect.stringContaining(`run ${theirs} is of another folder of manifests: theirs`),
    ]);
  }
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect([ended.code, ended.stderr]).toEqual([
    ...[0, expect.stringContaining(`rolling back ${ours}\n`)],
  ]);
  expect(await capacity()).toBe(8);
  const back = await place.strategos(['rollback', 'latest', '--yes', '--dir', 'theirs']);
  expect([back.code, back.stderr]).toEqual([
    ...[0, expect.stringContaining(`rolling back ${theirs}\n`)],
  ]);
  expect((await place.entities('/api/v2/routing/queues')).map(({ name }) => name)).toContain(
    'Theirs',
  );
});

it('passes over another folder also where that has an environment that ours has not', async () => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const [, ours = ''] = await place.runs();
  await mkdir(path.join(place.dir, 'theirs'));
  const environment = await place.read('strategies/environment.yaml');
  await place.write('theirs/environment.yaml', environment.replace(/name: demo/, 'name: prod'));
  const queue = ['apiVersion: strategos/v1', 'kind: Queue', 'metadata: { name: Theirs }'];
  await place.write('theirs/queue.yaml', `${queue.join('\n')}\nspec: {}\n`);
  const made = await place.strategos(['apply', '--yes', '--dir', 'theirs']);
  expect(made.code).toBe(0);
  const theirs = (await place.runs()).at(-1) ?? '';
  const refused = await place.strategos(['rollback', theirs, '--yes']);
  expect([refused.code, refused.stderr]).toEqual([
    ...[4, expect.stringContaining(`run ${theirs} is of another folder of manifests: theirs`)],
  ]);
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect([ended.code, ended.stderr]).toEqual([
    ...[0, expect.stringContaining(`rolling back ${ours}\n`)],
  ]);
  expect(await capacity()).toBe(8);
});
