/** Whether git tracks a folder of runs; where it does not say, that is said. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseTracked, trackedIn } from '../../src/files/tracked.js';
import { GONE } from '../support/gone.js';

let dir: string;
let runs: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'strategos-tracked-')));
  runs = path.join(dir, '.strategos', 'runs');
});
afterEach(() => rm(dir, GONE));

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: dir, stdio: 'pipe' });
}

async function logged(): Promise<void> {
  await mkdir(path.join(runs, 'a run'), { recursive: true });
  await writeFile(path.join(runs, 'a run', 'audit.jsonl'), '');
}

async function withVariable<T>(name: string, value: string, act: () => Promise<T>): Promise<T> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await act();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  }
}

const withPath = <T>(folders: string, act: () => Promise<T>): Promise<T> =>
  withVariable('PATH', folders, act);

describe('a folder of runs', () => {
  it('that git tracks is refused, and so is a link to it', async () => {
    git('init', '--quiet');
    await logged();
    git('add', '--force', '.');
    expect(await trackedIn(runs, {})).toMatchObject({ is: 'tracked' });
    await symlink(runs, path.join(dir, 'link'));
    expect(await trackedIn(path.join(dir, 'link'), {})).toMatchObject({ is: 'tracked' });
    await expect(refuseTracked(runs, '.strategos/runs', {})).rejects.toMatchObject({ exitCode: 3 });
  });

  it('that git tracks is refused also where somebody has removed it from the work tree', async () => {
    git('init', '--quiet');
    await logged();
    git('add', '--force', '.');
    await rm(path.join(dir, '.strategos'), { recursive: true });
    expect(await trackedIn(runs, {})).toMatchObject({ is: 'tracked' });
  });

  it('that git tracks is refused where the repository is elsewhere, and a variable names it', async () => {
    git('init', '--quiet');
    await logged();
    git('add', '--force', '.');
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'strategos-tracked-'));
    const repository = path.join(elsewhere, 'repository');
    await rename(path.join(dir, '.git'), repository);
    const found = await withVariable('GIT_DIR', repository, async () =>
      withVariable('GIT_WORK_TREE', dir, async () => trackedIn(runs, process.env)),
    );
    await rm(elsewhere, { recursive: true });
    expect(found).toMatchObject({ is: 'tracked' });
  });

  it('that git does not have is fine, and so is one outside of any repository', async () => {
    await logged();
    expect(await refuseTracked(runs, 'runs', {})).toBeNull();
    git('init', '--quiet');
    expect(await refuseTracked(runs, 'runs', {})).toBeNull();
  });
});

describe('nobody can tell, and that is said', () => {
  it('where git does not read the repository', async () => {
    git('init', '--quiet');
    await logged();
    await writeFile(path.join(dir, '.git', 'index'), 'this is no index');
    const said = await refuseTracked(runs, 'runs', {});
    expect(said).toMatch(/^runs: git does not say whether it tracks .*\(.+\): records may have/);
  });

  it('where there is a repository and no git', async () => {
    git('init', '--quiet');
    await logged();
    const said = await withPath(runs, async () => refuseTracked(runs, 'runs', {}));
    expect(said).toContain('(there is no git on this machine)');
  });

  it('and without a repository no git is needed to know', async () => {
    await logged();
    expect(await withPath(runs, async () => trackedIn(runs, {}))).toEqual({ is: 'not tracked' });
  });
});
