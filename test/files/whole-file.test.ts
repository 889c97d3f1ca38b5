/** What a command writes to the file that it was told to: whole, and into whatever is there. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refuseUnwritable, writeWholeFile } from '../../src/files/whole-file.js';
import { GONE } from '../support/gone.js';

const OLD = '{\n  "format": 1\n}\n';

let dir: string;
const at = (...names: string[]): string => path.join(dir, ...names);
const written = async (file: string): Promise<void> => {
  await refuseUnwritable(file, 'the plan');
  await writeWholeFile(file, 'new', 'the plan');
};

beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(tmpdir(), 'strategos-whole-'));
});
afterEach(() => fs.rm(dir, GONE));

it('a file that is there is replaced, and is as open to others as it was', async () => {
  await fs.writeFile(at('plan.json'), OLD);
  await fs.chmod(at('plan.json'), 0o600);
  await written(at('plan.json'));
  expect(await fs.readFile(at('plan.json'), 'utf8')).toBe('new');
  expect((await fs.stat(at('plan.json'))).mode & 0o777).toBe(0o600);
  expect(await fs.readdir(dir)).toEqual(['plan.json']);
});

it.each([
  ['a file', true],
  ['no file yet', false],
])('a link to %s stays one, and leads to what is written', async (_, isThere) => {
  await fs.mkdir(at('kept'));
  if (isThere) await fs.writeFile(at('kept', 'plan.json'), OLD);
  await fs.symlink(path.join('kept', 'plan.json'), at('plan.json'));
  await written(at('plan.json'));
  expect((await fs.lstat(at('plan.json'))).isSymbolicLink()).toBe(true);
  expect(await fs.readFile(at('kept', 'plan.json'), 'utf8')).toBe('new');
  expect(await fs.readdir(at('kept'))).toEqual(['plan.json']);
});

it('a device is written to, and not replaced by a file', async () => {
  await fs.symlink('/dev/null', at('null'));
  await written(at('null'));
  expect((await fs.lstat(at('null'))).isSymbolicLink()).toBe(true);
  expect((await fs.stat(at('null'))).isCharacterDevice()).toBe(true);
  expect(await fs.readdir(dir)).toEqual(['null']);
});

it('what a shell has led to a file is added to what is in it', async () => {
  const log = await fs.open(at('log'), 'a');
  await log.write('said before, ');
  await written(`/dev/fd/${log.fd}`);
  await log.close();
  expect(await fs.readFile(at('log'), 'utf8')).toBe('said before, new');
  expect(await fs.readdir(dir)).toEqual(['log']);
});

it('whoever reads from a pipe gets it, and the pipe stays', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const [read] = await Promise.all([fs.readFile(at('pipe'), 'utf8'), written(at('pipe'))]);
  expect(read).toBe('new');
  expect((await fs.stat(at('pipe'))).isFIFO()).toBe(true);
});

it('a folder is refused before anything is done', async () => {
  await expect(refuseUnwritable(dir, 'the plan')).rejects.toThrow(
    `${dir}: the plan cannot be written (EISDIR)`,
  );
  await expect(refuseUnwritable(at('none', 'plan.json'), 'the plan')).rejects.toThrow(
    'the plan cannot be written (ENOENT)',
  );
});

it.each([
  ['a manifest', 'apiVersion: strategos/v1\n'],
  ['another document', '{ "name": "ours", "format": 1 }\n'],
  ['settings', '[core]\n'],
])('%s is not written over, and said before anything is done', async (_, text) => {
  await fs.writeFile(at('plan.json'), text);
  await expect(written(at('plan.json'))).rejects.toMatchObject({
    exitCode: 4,
    message: `${at('plan.json')}: not written over: what is there is not what the plan looks like`,
  });
  expect(await fs.readFile(at('plan.json'), 'utf8')).toBe(text);
});

it('an empty file, as mktemp makes it, is', async () => {
  await fs.writeFile(at('plan.json'), '');
  await written(at('plan.json'));
  expect(await fs.readFile(at('plan.json'), 'utf8')).toBe('new');
});
