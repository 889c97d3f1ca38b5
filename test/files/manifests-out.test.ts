/** Many files into a folder: what is there is replaced, and stays what it was beside its text. */
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFiles } from '../../src/files/manifests-out.js';
import { GONE } from '../support/gone.js';

let dir: string;
const at = (...names: string[]): string => path.join(dir, ...names);
const NEW = [{ file: 'a.yaml', text: 'new' }];

beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(tmpdir(), 'strategos-out-'));
  await fs.mkdir(at('s', 'kept'), { recursive: true });
});
afterEach(() => fs.rm(dir, GONE));

it('a file is as open to others as it was', async () => {
  await fs.writeFile(at('s', 'a.yaml'), 'old');
  await fs.chmod(at('s', 'a.yaml'), 0o600);
  expect(writeFiles(at('s'), NEW, true)).toMatchObject({ written: 1 });
  expect((await fs.stat(at('s', 'a.yaml'))).mode & 0o777).toBe(0o600);
  expect(await fs.readFile(at('s', 'a.yaml'), 'utf8')).toBe('new');
});

it('a link within the folder stays one, and leads to what is written', async () => {
  await fs.writeFile(at('s', 'kept', 'a.yaml'), 'old');
  await fs.symlink(path.join('kept', 'a.yaml'), at('s', 'a.yaml'));
  writeFiles(at('s'), NEW, true);
  expect((await fs.lstat(at('s', 'a.yaml'))).isSymbolicLink()).toBe(true);
  expect(await fs.readFile(at('s', 'kept', 'a.yaml'), 'utf8')).toBe('new');
  expect(await fs.readdir(at('s', 'kept'))).toEqual(['a.yaml']);
});

it('what a link out of the folder leads to is not written to', async () => {
  await fs.writeFile(at('outside'), 'theirs');
  await fs.symlink('../outside', at('s', 'a.yaml'));
  writeFiles(at('s'), NEW, true);
  expect(await fs.readFile(at('outside'), 'utf8')).toBe('theirs');
  expect(await fs.readFile(at('s', 'a.yaml'), 'utf8')).toBe('new');
});
