import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests } from '../../src/files/manifests.js';
import { provenanceOf, type Provenance } from '../../src/files/provenance.js';
import { GONE } from '../support/gone.js';

const top = { dir: '' };

beforeEach(() => {
  top.dir = mkdtempSync(path.join(tmpdir(), 'strategos-test-'));
  git('init', '--quiet');
});
afterEach(() => {
  rmSync(top.dir, GONE);
});

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example.com'];
  const options = ['-c', 'protocol.file.allow=always', ...who, '-C', top.dir];
  return execFileSync('git', [...options, ...args], { stdio: 'pipe' })
    .toString()
    .trim();
}

function put(file: string, text: string): void {
  const at = path.join(top.dir, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, text);
}

function committed(...files: readonly string[]): void {
  for (const file of files) put(file, `# ${file}\n`);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'x');
}

async function provenance(dir = 'cc'): Promise<Provenance> {
  const { sources } = await readManifests(dir, top.dir);
  return provenanceOf(path.join(top.dir, dir), sources, top.dir);
}

/** `file how` of each, and why git cannot tell. */
async function apart(dir = 'cc'): Promise<string[]> {
  const { uncommitted } = await provenance(dir);
  const told = uncommitted?.files.map(({ file, how }) => `${file} ${how}`) ?? [];
  return [...told, ...(uncommitted?.unknown ? [uncommitted.unknown] : [])];
}

describe('manifests held against the commit', () => {
  it('has nothing to say of a clean checkout, whatever else was touched in it', async () => {
    committed('cc/a.yaml', 'cc/b/c.yml', 'cc/README.md', 'other.yaml');
    put('other.yaml', 'edited');
    put('cc/README.md', 'edited');
    expect(await provenance()).toEqual({ commit: git('rev-parse', 'HEAD'), uncommitted: null });
  });

  it.each([
    ['edited', () => put('cc/a.yaml', 'x'), ['cc/a.yaml changed']],
    [
      'staged',
      () => {
        put('cc/a.yaml', 'x');
        git('add', '--all');
      },
      ['cc/a.yaml changed'],
    ],
    ['untracked', () => put('cc/n.yaml', 'x'), ['cc/n.yaml untracked']],
    ['removed', () => rmSync(path.join(top.dir, 'cc/a.yaml')), ['cc/a.yaml removed']],
    [
      'ignored',
      () => {
        put('.git/info/exclude', 'n.yaml');
        put('cc/n.yaml', 'x');
      },
      ['cc/n.yaml untracked'],
    ],
    [
      'assumed to be unchanged',
      () => {
        git('update-index', '--assume-unchanged', 'cc/a.yaml');
        put('cc/a.yaml', 'x');
      },
      ['cc/a.yaml changed'],
    ],
    [
      'of a repository in the repository',
      () => {
        git('init', '--quiet', 'cc/in');
        put('cc/in/n.yaml', 'x');
      },
      ['cc/in/n.yaml untracked'],
    ],
    [
      'a link that git does not have',
      () => symlinkSync('notes.txt', path.join(top.dir, 'cc/l.yaml')),
      ['cc/l.yaml untracked'],
    ],
    ['line ends that git would not keep', () => put('cc/a.yaml', '# cc/a.yaml\r\n'), []],
  ])('says what is %s', async (what, act, expected) => {
    committed('cc/a.yaml', 'cc/notes.txt');
    if (what.startsWith('line ends')) git('config', 'core.autocrlf', 'true');
    act();
    expect(await apart()).toEqual(expected);
  });

  it('knows a link that is committed, and one file given by its name', async () => {
    put('cc/notes.txt', 'x');
    symlinkSync('notes.txt', path.join(top.dir, 'cc/l.yaml'));
    committed('cc/a.yaml');
    expect(await apart()).toEqual([]);
    expect(await apart('cc/a.yaml')).toEqual([]);
    put('cc/a.yaml', 'x');
    expect(await apart('cc/a.yaml')).toEqual(['cc/a.yaml changed']);
  });

  it('reads a folder that the commit does not have', async () => {
    committed('a.yaml');
    put('cc/n.yaml', 'x');
    expect(await apart()).toEqual(['cc/n.yaml untracked']);
  });

  it('has everything to say before there is a commit, and nothing outside of git', async () => {
    put('cc/a.yaml', 'x');
    expect(await apart()).toEqual(['cc/a.yaml untracked']);
    renameSync(path.join(top.dir, '.git'), path.join(top.dir, 'git'));
    expect(await provenance()).toEqual({ commit: null, uncommitted: null });
  });

  it('says so where git cannot tell', async () => {
    committed('cc/a.yaml');
    put('.git/config', '[broken');
    const { commit, uncommitted } = await provenance();
    expect([commit, uncommitted?.count]).toEqual([null, 0]);
    expect(uncommitted?.unknown).toContain('config');
  });
});

describe('manifests in a submodule', () => {
  /** `cc/sub` at its first commit of two; `s.yaml` differs. */
  function submodule(): void {
    git('init', '--quiet', 'origin');
    const origin = path.join(top.dir, 'origin');
    for (const text of ['one', 'two']) {
      put('origin/s.yaml', text);
      git('-C', origin, 'add', '--all');
      git('-C', origin, 'commit', '--quiet', '--message', text);
    }
    put('.gitignore', 'origin');
    git('submodule', '--quiet', 'add', origin, 'cc/sub');
    git('-C', path.join(top.dir, 'cc/sub'), 'checkout', '--quiet', 'HEAD~1');
    committed('cc/a.yaml');
  }

  it('are held against what the commit has of it, not against what is checked out', async () => {
    submodule();
    expect(await apart()).toEqual([]);
    const sub = path.join(top.dir, 'cc/sub');
    git('-C', sub, 'checkout', '--quiet', '-');
    expect(await apart()).toEqual(['cc/sub/s.yaml changed']);
    git('add', '--all');
    expect(await apart()).toEqual(['cc/sub/s.yaml changed']);
    git('commit', '--quiet', '--message', 'x');
    expect(await apart()).toEqual([]);
    put('cc/sub/s.yaml', 'edited');
    expect(await apart()).toEqual(['cc/sub/s.yaml changed']);
  });

  it('are unknown where it does not have the commit', async () => {
    submodule();
    const gone = '1'.repeat(40);
    git('update-index', '--cacheinfo', `160000,${gone},cc/sub`);
    git('commit', '--quiet', '--message', 'x');
    expect(await apart()).toEqual([expect.stringMatching(/^submodule sub: /)]);
  });
});

describe('.strategosignore', () => {
  it('takes nothing away from the commit that has it', async () => {
    put('cc/.strategosignore', 'wip/\n');
    committed('cc/a.yaml', 'cc/wip/b.yaml');
    expect(await apart()).toEqual([]);
  });

  it.each([
    ['new', () => put('cc/.strategosignore', 'b.yaml\n'), ['cc/.strategosignore untracked']],
    ['above', () => put('.strategosignore', 'b.yaml\n'), ['.strategosignore untracked']],
  ])('%s, is a change of what is applied', async (_name, edit, told) => {
    committed('cc/a.yaml', 'cc/b.yaml');
    edit();
    expect(await apart()).toEqual(told);
  });

  it('is a change when it is edited or gone, wherever it is', async () => {
    put('cc/.strategosignore', 'b.yaml\n');
    put('.strategosignore', 'c.yaml\n');
    committed('cc/a.yaml', 'cc/b.yaml', 'cc/c.yaml');
    expect(await apart()).toEqual([]);
    put('.strategosignore', '# nothing\n');
    rmSync(path.join(top.dir, 'cc/.strategosignore'));
    expect(await apart()).toEqual(['.strategosignore changed', 'cc/.strategosignore removed']);
  });
});
