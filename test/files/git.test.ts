/** What git knows about a folder, and that nothing depends on git being there. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitOf, sourcesBeforeMerge } from '../../src/files/git.js';
import { GONE } from '../support/gone.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-git-'));
});
afterEach(() => rm(dir, GONE));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...who, '-c', 'commit.gpgsign=false', ...args], {
    cwd: dir,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

describe('commitOf', () => {
  it('is the commit that is checked out, from any folder below', async () => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'first');
    await mkdir(path.join(dir, 'strategies'));
    const commit = git('rev-parse', 'HEAD');
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(await commitOf(path.join(dir, 'strategies'))).toBe(commit);
  });

  it('is nothing before the first commit', async () => {
    git('init', '--quiet');
    expect(await commitOf(dir)).toBeNull();
  });

  it('is nothing outside a repository, or where there is no folder', async () => {
    expect(await commitOf(dir)).toBeNull();
    expect(await commitOf(path.join(dir, 'nothing'))).toBeNull();
    await writeFile(path.join(dir, 'file'), '');
    expect(await commitOf(path.join(dir, 'file'))).toBeNull();
  });

  it('is nothing without git', async () => {
    const before = process.env['PATH'];
    process.env['PATH'] = dir;
    try {
      expect(await commitOf(process.cwd())).toBeNull();
    } finally {
      process.env['PATH'] = before;
    }
  });
});

describe('what a merge was made onto', () => {
  const manifest = (text: string): Promise<void> => writeFile(path.join(dir, 'a.yaml'), text);

  async function merged(rules = ''): Promise<void> {
    git('init', '--quiet', '--initial-branch', 'main');
    await manifest('before');
    if (rules !== '') await writeFile(path.join(dir, '.strategosignore'), rules);
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
    git('checkout', '--quiet', '-b', 'branch');
    await manifest('after');
    git('commit', '--quiet', '--all', '--message', 'second');
    git('checkout', '--quiet', 'main');
    git('merge', '--quiet', '--no-ff', '--message', 'merge', 'branch');
  }

  it('is read from git', async () => {
    await merged();
    expect(await sourcesBeforeMerge(dir)).toMatchObject({
      is: 'known',
      sources: [{ path: 'a.yaml', bytes: Buffer.from('before') }],
    });
  });

  it('leaves out what that commit left out', async () => {
    await merged('x.yaml\na.yaml\n');
    expect(await sourcesBeforeMerge(dir)).toEqual({ is: 'known', sources: [] });
  });

  it('is nothing where there is no merge, and no repository', async () => {
    expect(await sourcesBeforeMerge(dir)).toEqual({ is: 'none' });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'first');
    expect(await sourcesBeforeMerge(dir)).toEqual({ is: 'none' });
  });

  it('is not known in a shallow clone, which is not the same as nothing', async () => {
    await merged();
    const clone = path.join(dir, 'clone');
    git('clone', '--quiet', '--depth', '1', `file://${dir}`, clone);
    expect(await sourcesBeforeMerge(clone)).toMatchObject({ is: 'unknown' });
  });

  it('is not known where git refuses, or is not there', async () => {
    await merged();
    await rm(path.join(dir, '.git', 'objects'), { recursive: true });
    await mkdir(path.join(dir, '.git', 'objects'));
    expect(await sourcesBeforeMerge(dir)).toMatchObject({ is: 'unknown' });
    const before = process.env['PATH'];
    process.env['PATH'] = path.join(dir, 'nothing');
    try {
      expect(await sourcesBeforeMerge(dir)).toEqual({
        is: 'unknown',
        why: 'there is no git on this machine',
      });
    } finally {
      process.env['PATH'] = before;
    }
  });
});
