/** What git knows about a folder, and that nothing depends on git being there. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitOf, originOf, repositoryName } from '../../src/files/git.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-git-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...who, '-c', 'commit.gpgsign=false', ...args], {
    ...{ cwd: dir, encoding: 'utf8', stdio: 'pipe' },
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

describe('originOf', () => {
  it('is the repository that a clone came from, from any folder below', async () => {
    git('init', '--quiet');
    git('remote', 'add', 'origin', 'git@github.com:acme/routing.git');
    git('remote', 'add', 'fork', 'git@github.com:ben/routing.git');
    await mkdir(path.join(dir, 'strategies'));
    expect(await originOf(path.join(dir, 'strategies'))).toBe('github.com/acme/routing');
  });

  it('is nothing without that remote, outside a repository, or where there is no folder', async () => {
    expect(await originOf(dir)).toBeNull();
    git('init', '--quiet');
    git('remote', 'add', 'fork', 'git@github.com:ben/routing.git');
    expect(await originOf(dir)).toBeNull();
    expect(await originOf(path.join(dir, 'nothing'))).toBeNull();
  });
});

describe('repositoryName', () => {
  it.each([
    'https://github.com/acme/routing',
    'https://github.com/acme/routing.git',
    'https://github.com/acme/routing.git/',
    'https://GitHub.com/acme/routing',
    'https://x-access-token:ghs_secret@github.com/acme/routing.git',
    'git@github.com:acme/routing.git',
    'github.com:acme/routing',
    'ssh://git@github.com/acme/routing.git',
    'git://github.com/acme/routing.git',
  ])('is one name for all forms of a remote: %s', (remote) => {
    expect(repositoryName(remote)).toBe('github.com/acme/routing');
  });

  it.each([
    ['git@gitlab.example.com:group/sub/routing.git', 'gitlab.example.com/group/sub/routing'],
    ['https://git.example.com:8443/acme/routing.git', 'git.example.com/acme/routing'],
    ['https://github.com/acme/Routing.github.io.git', 'github.com/acme/Routing.github.io'],
  ])('%s is %s', (remote, name) => {
    expect(repositoryName(remote)).toBe(name);
  });

  it.each(['', '/srv/git/routing.git', '../routing', 'file:///srv/git/routing.git', 'https://'])(
    'is nothing for what names no host: %j',
    (remote) => {
      expect(repositoryName(remote)).toBeNull();
    },
  );
});
