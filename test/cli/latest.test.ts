/** `latest` in place of a run: the one that a person means. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
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

it('does not pass over a run whose log is broken', async () => {
  await place.strategos(['apply', '--yes']);
  await place.strategos(['plan']);
  const [, run = ''] = await place.runs();
  await appendFile(path.join(place.dir, '.strategos/runs', run, 'audit.jsonl'), '{"seq":99}\n');
  const ended = await place.strategos(['rollback', 'latest', '--dry-run']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`${run}/audit.jsonl`);
});

it('and says of a log without a whole record what is wrong with it', async () => {
  await place.strategos(['apply', '--yes']);
  const [run = ''] = await place.runs();
  await writeFile(path.join(place.dir, '.strategos/runs', run, 'audit.jsonl'), 'nothing\n');
  const ended = await place.strategos(['rollback', 'latest', '--yes']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('is not an audit record');
});

it.each([[[]], [['-e', 'demo']]])('nor one whose log was emptied: %s', async (of) => {
  await place.strategos(['apply', '--yes']);
  await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
  await place.strategos(['apply', '--yes']);
  const [, run = ''] = await place.runs();
  await writeFile(path.join(place.dir, '.strategos/runs', run, 'audit.jsonl'), '');
  const ended = await place.strategos(['rollback', 'latest', '--yes', ...of]);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`${run}/audit.jsonl`);
  expect(await capacity()).toBe(9);
});

it('is the newest run for audit show and audit verify', async () => {
  await place.strategos(['plan']);
  await place.strategos(['plan']);
  const [, newest] = await place.runs();
  const shown = await place.strategos(['audit', 'show', 'latest', '--format', 'json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ run: newest });
  expect((await place.strategos(['audit', 'verify', 'latest'])).stdout).toContain('intact: 1 run');
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
