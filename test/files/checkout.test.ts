/** What git has and the checkout has not is never taken for deleted. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests } from '../../src/files/manifests.js';
import { GONE } from '../support/gone.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'strategos-checkout-'));
});
afterEach(() => rmSync(root, GONE));

function git(dir: string, ...args: string[]): void {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  const all = [...who, '-c', 'protocol.file.allow=always', ...args];
  execFileSync('git', all, { cwd: path.join(root, dir), stdio: 'ignore' });
}

function repository(name: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name, file)), { recursive: true });
    writeFileSync(path.join(root, name, file), text);
  }
  git(name, 'init', '-q', '-b', 'main', '.');
  git(name, 'add', '-A');
  git(name, 'commit', '-qm', 'x');
}

async function found(dir: string): Promise<string[]> {
  const { issues } = await readManifests('strategies', path.join(root, dir));
  return issues.map(({ code, severity, at }) => `${severity} ${code} ${at?.file ?? ''}`);
}

describe('a checkout', () => {
  it('without a submodule is not whole, and with it is', async () => {
    repository('parts', { 'b.yaml': 'b' });
    repository('main', { 'strategies/a.yaml': 'a' });
    git('main', 'submodule', 'add', path.join(root, 'parts'), 'strategies/parts');
    git('main', 'commit', '-qm', 'y');
    expect(await found('main')).toEqual([]);
    git('.', 'clone', '-q', path.join(root, 'main'), 'fresh');
    const missing = ['error submodule-missing strategies/parts'];
    expect(await found('fresh')).toEqual(missing);
    // Also where git has nothing to say.
    rmSync(path.join(root, 'fresh/.git/HEAD'));
    expect(await found('fresh')).toEqual(['warning git-unasked strategies', ...missing]);
  });

  it('that is sparse says which manifests it leaves out', async () => {
    repository('main', {
      'strategies/a.yaml': 'a',
      'strategies/more/b.yaml': 'b',
      'strategies/c.md': '',
    });
    git('main', 'update-index', '--skip-worktree', 'strategies/more/b.yaml', 'strategies/c.md');
    rmSync(path.join(root, 'main/strategies/more'), { recursive: true });
    expect(await found('main')).toEqual(['error not-checked-out strategies/more/b.yaml']);
  });

  it('with a pointer of Git LFS has no manifest there', async () => {
    repository('main', {
      'strategies/a.yaml': 'version https://git-lfs.github.com/spec/v1\noid x\n',
    });
    expect(await found('main')).toEqual(['error lfs-pointer strategies/a.yaml']);
  });

  it('is whole where a manifest was deleted, and where there is no git', async () => {
    repository('main', { 'strategies/a.yaml': 'a', 'strategies/b.yaml': 'b' });
    rmSync(path.join(root, 'main/strategies/b.yaml'));
    expect(await found('main')).toEqual([]);
    rmSync(path.join(root, 'main/.git'), { recursive: true });
    expect(await found('main')).toEqual([]);
  });
});
