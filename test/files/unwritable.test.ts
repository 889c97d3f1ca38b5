/** Where nothing can be written, and what is no folder: what is wrong there, and what to do. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.js';
import { writeFiles } from '../../src/files/manifests-out.js';
import { folderPlaceOf } from '../../src/files/repository.js';
import { hintOfUnwritable, refuseUnwritable } from '../../src/files/whole-file.js';
import { loadProfile } from '../../src/simulator/profile-file.js';
import { GONE } from '../support/gone.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'strategos-unwritable-'));
  await writeFile(path.join(root, 'file'), '');
  await mkdir(path.join(root, 'folder'));
});
afterEach(async () => rm(root, GONE));

async function told(act: Promise<unknown>): Promise<[number, string, string | undefined]> {
  const error: unknown = await act.then(
    () => null,
    (problem: unknown) => problem,
  );
  if (!(error instanceof AppError)) throw new Error(`no such error: ${String(error)}`);
  return [error.exitCode, error.message.replace(root, ''), error.hint];
}

describe('a place where nothing can be written', () => {
  it.each([
    ['file/x', 'ENOTDIR', 'a file is where a folder is needed: name another place'],
    ['folder', 'EISDIR', 'a folder is where a file is needed: name another place'],
    ['nowhere/x', 'ENOENT', 'make its folder first, or name another place'],
  ])('%s', async (name, code, hint) => {
    expect(await told(refuseUnwritable(path.join(root, name), 'the plan'))).toEqual([
      ...[3, `/${name}: the plan cannot be written (${code})`, hint],
    ]);
  });

  it('whatever keeps it from being written, something can be done', () => {
    const hints = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', undefined].map((code) =>
      hintOfUnwritable(Object.assign(new Error('x'), { code })),
    );
    expect(new Set(hints)).toEqual(
      new Set([
        'make room, or name another place',
        'name another place, or let it be written there',
      ]),
    );
  });
});

it('of many files the one that cannot be written is named, and nothing is left beside it', async () => {
  const files = ['a.yaml', 'folder'].map((file) => ({ file, text: 'a: 1' }));
  const writing = Promise.resolve().then(() => writeFiles(root, files, true));
  expect(await told(writing)).toEqual([
    ...[3, '/folder: cannot be written (EISDIR)'],
    'a folder is where a file is needed: name another place',
  ]);
  expect((await readdir(root)).sort()).toEqual(['a.yaml', 'file', 'folder']);
});

it('a file in the place of a folder is not said to be unreadable', async () => {
  expect(await told(folderPlaceOf(path.join(root, 'file'), root))).toEqual([
    ...[3, '/file: a file is there, and no folder'],
    'name a folder: the one that the file is in, or another',
  ]);
});

it.each(['', '\n', '# cut off\n'])('an empty profile is none: %j', async (text) => {
  const source = { path: 'profile.json', bytes: Buffer.from(text) };
  const [exitCode, message] = await told(loadProfile(source));
  expect([exitCode, message]).toEqual([
    ...[3, 'profile.json: not a valid report of a doctor: it is empty'],
  ]);
});
