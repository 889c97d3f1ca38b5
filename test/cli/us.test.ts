/** Who the manifests of a folder are for, from real checkouts. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usIn } from '../../src/cli/us.js';
import type { World } from '../../src/cli/world.js';
import type { UsHere } from '../../src/engine/who-we-are.js';
import { loadManifests } from '../../src/manifest/load.js';
import { readEnvironment } from '../../src/manifest/settings.js';
import { GONE } from '../support/gone.js';

let top: string;
beforeEach(async () => {
  top = await realpath(await mkdtemp(path.join(tmpdir(), 'strategos-us-')));
});
afterEach(() => rm(top, GONE));

function git(cwd: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...who, ...args], { cwd, stdio: 'pipe' });
}

async function repository(name: string, origin: string | null = null): Promise<string> {
  const dir = path.join(top, name);
  await mkdir(path.join(dir, 'strategies'), { recursive: true });
  git(dir, 'init', '--quiet', '--initial-branch', 'main');
  if (origin !== null) git(dir, 'remote', 'add', 'origin', origin);
  return dir;
}

const text = (owner: string | null, name = 'prod'): string =>
  `apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: ${name} }\n` +
  `spec: { backend: datatable${owner === null ? '' : `, owner: '${owner}'`} }\n`;

interface Given {
  readonly owner?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

async function us(dir: string, { owner, env = {}, cwd = top }: Given = {}): Promise<UsHere> {
  const bytes = Buffer.from(text(owner ?? null));
  const [document] = loadManifests([{ path: 'env.yaml', bytes }]).documents;
  if (document === undefined) throw new Error('there is an environment');
  const world = { env: { HOME: top, ...env }, cwd } as unknown as World;
  return usIn(readEnvironment(document), dir, world);
}

const name = async (dir: string, given?: Given): Promise<string> => (await us(dir, given)).name;
const HUB = 'https://github.com/Acme/Routing.git';
const OURS = 'github.com/acme/routing//strategies';

describe('one repository', () => {
  it.each([
    HUB,
    'git@github.com:acme/routing.git',
    'ssh://git@ssh.github.com:443/acme/routing',
    'git@github-work:acme/routing',
  ])('is one owner, its origin written %s', async (remote) => {
    const dir = await repository('a', remote);
    expect(await name(path.join(dir, 'strategies'))).toBe(OURS);
  });

  it('is one in a subfolder, a worktree, a shallow clone, a clone of a clone and in Actions', async () => {
    const dir = await repository('a', HUB);
    git(dir, 'commit', '--quiet', '--allow-empty', '--message', 'first');
    await writeFile(path.join(dir, 'strategies', 'a.yaml'), '');
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--message', 'second');
    git(dir, 'worktree', 'add', '--quiet', '../worktree');
    git(top, 'clone', '--quiet', 'a', 'clone');
    git(top, 'clone', '--quiet', '--depth', '1', `file://${dir}`, 'shallow');
    await symlink(path.join(dir, 'strategies'), path.join(top, 'link'));
    const dirs = ['a/strategies', 'worktree/strategies', 'clone/strategies', 'shallow/strategies'];
    for (const one of [...dirs, 'link']) expect(await name(path.join(top, one))).toBe(OURS);
    await mkdir(path.join(top, 'plain', 'strategies'), { recursive: true });
    const env = { GITHUB_REPOSITORY: 'Acme/Routing', GITHUB_WORKSPACE: path.join(top, 'plain') };
    expect(await name(path.join(top, 'plain', 'strategies'), { env })).toBe(OURS);
    const elsewhere = { ...env, GITHUB_SERVER_URL: 'https://ghe.example.com' };
    expect(await name(path.join(top, 'plain', 'strategies'), { env: elsewhere })).toBe(
      'ghe.example.com/Acme/Routing//strategies',
    );
  });

  it('is known by what its shorthand stands for, and by an alias of ssh', async () => {
    const dir = await repository('a', 'gh:Acme/Routing');
    git(dir, 'config', 'url.https://github.com/.insteadOf', 'gh:');
    expect(await name(path.join(dir, 'strategies'))).toBe(OURS);
    await mkdir(path.join(top, '.ssh'));
    await writeFile(path.join(top, '.ssh', 'config'), 'Host cc\n  HostName github.com\n');
    git(dir, 'remote', 'set-url', 'origin', 'git@cc:acme/routing');
    const found = await us(path.join(dir, 'strategies'));
    expect(found.name).toBe(OURS);
    expect(found.how).toContain('the git remote "origin" (cc is github.com, by .ssh/config)');
  });

  it.each(['git@cc:acme/routing', 'ssh://cc/acme/routing'])(
    'is nobody knows whose where the alias of %s may stand in a file that cannot be read',
    async (remote) => {
      const dir = await repository('a', remote);
      // In place of one that this user may not read: whoever runs the tests may read all.
      await mkdir(path.join(top, '.ssh', 'config'), { recursive: true });
      await expect(us(path.join(dir, 'strategies'))).rejects.toMatchObject({
        exitCode: 3,
        message: expect.stringMatching(/config: it is there and cannot be read/) as string,
        hint: expect.stringContaining('spec.owner') as string,
      });
      // A whole name stands for itself.
      git(dir, 'remote', 'set-url', 'origin', 'git@git.acme.example:acme/routing');
      expect(await name(path.join(dir, 'strategies'))).toBe(
        'git.acme.example/acme/routing//strategies',
      );
    },
  );

  it('is nobody knows whose where git does not read what it is a clone of', async () => {
    const dir = await repository('a');
    await mkdir(path.join(top, 'b'));
    await writeFile(path.join(top, 'b', '.git'), 'gitdir: ../nowhere\n');
    await mkdir(path.join(top, 'no-repository'));
    git(dir, 'remote', 'add', 'origin', '../b');
    const where = path.join(dir, 'strategies');
    await expect(us(where)).rejects.toThrow(/b is in a git repository, and git does not say which/);
    git(dir, 'remote', 'set-url', 'origin', '../no-repository');
    await expect(us(where)).rejects.toThrow(/no git remote that names a repository/);
  });

  it('may have no origin', async () => {
    const dir = await repository('a');
    git(dir, 'remote', 'add', 'company', HUB);
    expect(await name(path.join(dir, 'strategies'))).toBe(OURS);
    git(dir, 'remote', 'add', 'fork', 'https://github.com/ada/routing');
    await expect(us(path.join(dir, 'strategies'))).rejects.toThrow(
      /several git remotes.*acme.*ada/,
    );
    const env = { GITHUB_REPOSITORY: 'acme/routing' };
    expect(await name(path.join(dir, 'strategies'), { env })).toBe(OURS);
    git(dir, 'config', 'branch.main.remote', 'company');
    expect(await name(path.join(dir, 'strategies'))).toBe(OURS);
  });
});

describe('never one', () => {
  it('are two folders of a repository, whatever spec.owner says', async () => {
    const dir = await repository('a', HUB);
    await mkdir(path.join(dir, 'emea', 'strategies'), { recursive: true });
    for (const given of [{}, { owner: 'lab' }, { owner: 'github.com/acme/routing' }]) {
      const names = ['strategies', 'emea/strategies', '.'].map((one) => path.join(dir, one));
      const found = await Promise.all(names.map((one) => name(one, given)));
      expect(new Set(found).size).toBe(3);
    }
  });

  it('are two repositories that call themselves by the name of a folder', async () => {
    const a = await repository('a', 'https://github.com/acme/teamA');
    const b = await repository('b');
    git(b, 'remote', 'add', 'upstream', 'git@github.com:acme/teamB.git');
    const found = await us(path.join(a, 'strategies'), { owner: 'routing' });
    expect(found.name).toBe('routing of github.com/acme/teama//strategies');
    expect(found.shared?.name).toBe('routing');
    expect(await name(path.join(b, 'strategies'), { owner: 'routing' })).toBe(
      'routing of github.com/acme/teamb//strategies',
    );
  });

  it('are a repository and its submodule', async () => {
    const dir = await repository('a', HUB);
    const inner = await repository('a/strategies/billing', 'https://github.com/acme/billing');
    expect(await name(inner)).toBe('github.com/acme/billing//.');
    expect(await name(path.join(dir, 'strategies'))).toBe(OURS);
  });

  it('are two folders outside of any repository', async () => {
    await mkdir(path.join(top, 'x'));
    await mkdir(path.join(top, 'y'));
    expect(await name(path.join(top, 'x'), { owner: 'lab' })).toBe('lab//x');
    expect(await name(path.join(top, 'y'), { owner: 'lab' })).toBe('lab//y');
  });
});

describe('spec.owner', () => {
  it('with a folder is the whole name, wherever it is read', async () => {
    await mkdir(path.join(top, 'exported'));
    const owner = 'github.com/Acme/routing//strategies';
    expect(await name(path.join(top, 'exported'), { owner })).toBe(OURS);
  });

  it('keeps its name when a remote comes, where nobody else can have it', async () => {
    const owner = 'routing-0c8a6c3e-6a75-4d21-9c1f-2b8a4a7f3e11';
    const dir = await repository('a');
    const before = await name(path.join(dir, 'strategies'), { owner });
    git(dir, 'remote', 'add', 'origin', HUB);
    expect(await name(path.join(dir, 'strategies'), { owner })).toBe(before);
  });

  it('is asked for where nothing else names anybody', async () => {
    const dir = await repository('a', path.join(top, 'nowhere'));
    const said =
      /no git remote that names a repository, and spec\.owner is not set \(env\.yaml:4\)/;
    await expect(us(path.join(dir, 'strategies'))).rejects.toThrow(said);
    await mkdir(path.join(top, 'x'));
    await expect(us(path.join(top, 'x'))).rejects.toThrow(said);
  });
});

describe('a git that refuses', () => {
  it('is no repository without a remote', async () => {
    const dir = await repository('a', HUB);
    await writeFile(path.join(dir, '.git', 'config'), 'no config at all [');
    await expect(us(path.join(dir, 'strategies'))).rejects.toThrow(/git does not say which/);
    await expect(us(path.join(dir, 'strategies'), { owner: 'lab' })).rejects.toThrow(/git/);
    const env = { GITHUB_REPOSITORY: 'acme/routing' };
    await expect(us(path.join(dir, 'strategies'), { env })).rejects.toThrow(/git/);
    expect(await name(path.join(dir, 'strategies'), { owner: 'github.com/acme/routing' })).toBe(
      OURS,
    );
  });
});

describe('namesakes', () => {
  const files = async (dir: string, owner?: string): Promise<readonly string[]> => {
    const found = await us(path.join(dir, 'strategies'), owner === undefined ? {} : { owner });
    return (await found.namesakes?.()) ?? [];
  };

  it('are the other folders that an older version called the same', async () => {
    const dir = await repository('a', HUB);
    await writeFile(path.join(dir, 'strategies', 'env.yaml'), text(null));
    await mkdir(path.join(dir, 'emea'));
    expect(await files(dir)).toEqual([]);
    await writeFile(path.join(dir, 'emea', 'stage.yaml'), text(null, 'stage'));
    await writeFile(path.join(dir, 'emea', 'own.yaml'), text('somebody else'));
    await writeFile(
      path.join(dir, 'emea', 'copy.yaml'),
      text('github.com/acme/routing//strategies'),
    );
    expect(await files(dir)).toEqual([]);
    await writeFile(path.join(dir, 'emea', 'prod.yaml'), text(null));
    expect(await files(dir)).toEqual(['emea/prod.yaml']);
    expect(await files(dir, 'github.com/acme/elsewhere')).toEqual(['emea/prod.yaml']);
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--message', 'all');
    git(dir, 'sparse-checkout', 'set', 'strategies');
    expect(await files(dir)).toEqual(['emea/prod.yaml']);
  });

  it('are looked for outside of a repository too', async () => {
    await mkdir(path.join(top, 'strategies'));
    await mkdir(path.join(top, 'other'));
    await writeFile(path.join(top, 'strategies', 'env.yaml'), text('lab'));
    expect(await files(top, 'lab')).toEqual([]);
    await writeFile(path.join(top, 'other', 'env.yaml'), text('lab'));
    expect(await files(top, 'lab')).toEqual(['other/env.yaml']);
  });
});
