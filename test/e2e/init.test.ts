/** init: from an empty folder to a repository of manifests that can be planned; offline. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startSimulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { processOf, type Ended } from '../support/cli.js';
import { strategosHere } from '../support/here.js';
import { validatorOf } from '../support/schemas.js';
import { GONE } from '../support/gone.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let top: string;
/** Where init writes; its parent is no repository. */
let dir: string;

beforeEach(async () => {
  top = await mkdtemp(path.join(tmpdir(), 'strategos-init-'));
  dir = path.join(top, 'routing');
  await mkdir(dir);
});
afterEach(() => rm(top, GONE));

/** Nothing of this machine but the path; the home folder is empty. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path_ = process.env['PATH'] ?? '';
  return { PATH: path_, HOME: path.join(top, 'home'), USER: 'tester', ...more };
}

/** In this process; `built` is for what only the built command line can show. */
async function strategos(args: readonly string[], env = environment()): Promise<Ended> {
  return strategosHere(args, { cwd: dir, env });
}

async function built(args: readonly string[]): Promise<Ended> {
  return processOf(args, { cwd: dir, env: environment() });
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: dir, env: environment(), stdio: 'pipe' });
}

const read = (file: string): Promise<string> => readFile(path.join(dir, file), 'utf8');
const filesThere = (): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${path.sep}.git${path.sep}`))
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(`.git${path.sep}`))
    .sort();

async function ownerWritten(): Promise<string> {
  const { spec } = parse(await read('strategies/environment.yaml')) as { spec: { owner: string } };
  return spec.owner;
}

describe('init', () => {
  it('starts a repository whose manifests are valid, in an empty folder, without a home', async () => {
    const ended = await built(['init']);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(
      `${filesThere().length} files written.\n  .gitattributes\n  .github/CODEOWNERS\n`,
    );
    expect(ended.stdout).toMatch(
      /\nNext, in \.:\n {2}git init -b main\n {2}npm install\n {2}npx --no -- strategos validate\n {2}git add [^\n]+\n$/,
    );
    expect(ended.stdout).toContain('package.json asks npm for strategos 0.1.0. README.md has');
    git('init', '--quiet');
    const valid = await strategos(['validate']);
    expect(valid.stdout).toBe('1 manifest in 1 file: valid.\n');
    expect(valid.code).toBe(0);
  });

  it('brings the schemas of manifests as they are in the package', async () => {
    await strategos(['init']);
    const schemas = ['environment', 'overlay', 'routing-strategy'].map(
      (kind) => `${kind}.schema.json`,
    );
    for (const name of ['definitions.json', ...schemas]) {
      const file = `schemas/${name}`;
      expect(await readFile(path.join(dir, file))).toEqual(readFileSync(path.join(ROOT, file)));
    }
  });

  it('writes nothing the second time, and says so', async () => {
    await strategos(['init', '--owner', 'us', '--environment', 'stage']);
    const before = filesThere();
    const again = await strategos(['init', '--owner', 'us', '--environment', 'stage']);
    expect(again.stdout).toBe(
      `.: nothing to write: all ${before.length} files are there already.\n`,
    );
    expect(again.code).toBe(0);
    expect(filesThere()).toEqual(before);
  });

  it('writes what is missing when the rest is there', async () => {
    await strategos(['init']);
    await rm(path.join(dir, 'README.md'));
    const ended = await strategos(['init']);
    const rest = filesThere().length - 1;
    expect(ended.stdout).toContain(`.: 1 file written, ${rest} unchanged.\n  README.md\n`);
  });

  it.each(['README.md', 'strategies/example.yaml.unfinished'])(
    'goes on with what is missing when %s is there with other content',
    async (file) => {
      await mkdir(path.join(dir, path.dirname(file)), { recursive: true });
      await writeFile(path.join(dir, file), '# ours\n');
      const ended = await strategos(['init']);
      expect(ended.code).toBe(0);
      expect(ended.stdout).toMatch(new RegExp(`[Ll]eft as they are[^]*:\n {2}${file}\n`));
      expect(filesThere().length).toBeGreaterThan(20);
      expect(await read(file)).toBe('# ours\n');
      const again = await strategos(['init']);
      expect(again.stdout).toContain('nothing to write: all ');
    },
  );

  it('puts nothing beside manifests that are there', async () => {
    await mkdir(path.join(dir, 'strategies'));
    const environment = ['apiVersion: strategos/v1', 'kind: Environment', 'metadata: { name: eu }'];
    await writeFile(
      path.join(dir, 'strategies/env.yaml'),
      `${environment.join('\n')}\nspec: { backend: datatable }\n`,
    );
    const own = [
      'apiVersion: strategos/v1',
      'kind: Skill',
      'metadata: { name: A }',
      'spec: {}',
      '',
    ];
    await writeFile(path.join(dir, 'strategies/own.yaml'), own.join('\n'));
    expect((await strategos(['init'])).code).toBe(0);
    expect(readdirSync(path.join(dir, 'strategies'))).toEqual(['env.yaml', 'own.yaml']);
    expect(await read('README.md')).toContain('Make the environment `eu`');
  });

  it.each(['strategies/environment.yaml', 'package.json', '.github/workflows/strategos-plan.yml'])(
    'writes nothing where %s is there and cannot be read',
    async (file) => {
      // In place of one that this user may not read: whoever runs the tests may read all.
      await mkdir(path.join(dir, file), { recursive: true });
      const ended = await strategos(['init']);
      expect([ended.code, ended.stderr.includes(file)]).toEqual([3, true]);
      expect(existsSync(path.join(dir, 'strategies', 'billing.yaml'))).toBe(false);
    },
  );

  it('leaves a link that leads nowhere as it is, and says so', async () => {
    await symlink('nowhere.md', path.join(dir, 'README.md'));
    const { code, stdout } = await strategos(['init']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Left as they are.*\n(?: {2}.*\n)*? {2}README\.md$/m),
    ]);
    expect(await readlink(path.join(dir, 'README.md'))).toBe('nowhere.md');
  });

  it('writes nothing when a file stands where a folder has to be', async () => {
    await writeFile(path.join(dir, 'strategies'), 'ours\n');
    const ended = await strategos(['init']);
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('not written over: strategies/environment.yaml');
    expect(filesThere()).toEqual(['strategies']);
  });

  it.each([
    ['a bare repository', 'central.git', 'central.git'],
    ['a folder of one', 'central.git', 'central.git/hooks/new'],
    ['the .git of a checkout', 'work', 'work/.git'],
  ])('writes nothing into %s, which is git’s own', async (_, made, folder) => {
    git('init', '--quiet', ...(made === 'work' ? [] : ['--bare']), path.join(dir, made));
    const before = readdirSync(dir, { recursive: true }).sort();
    const ended = await strategos(['init', folder]);
    expect([ended.code, ended.stdout]).toEqual([64, '']);
    expect(ended.stderr).toContain('that is git’s own folder');
    expect(ended.stderr).toContain('clone');
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(before);
  });

  it('makes the folder that it is given', async () => {
    const ended = await strategos(['init', 'new/folder']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Next, in new/folder:\n');
    expect(existsSync(path.join(dir, 'new/folder/strategies/example.yaml.unfinished'))).toBe(true);
  });

  it('has a result for machines', async () => {
    const ended = await strategos(['init', '--format', 'json', '--owner', 'us']);
    const result = JSON.parse(ended.stdout);
    const validate = validatorOf('result');
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect(result).toMatchObject({ format: 1, folder: '.', owner: 'us', unchanged: [] });
    expect(result.written).toEqual(filesThere());
    expect(result.next).toHaveLength(4);
    await writeFile(path.join(dir, 'README.md'), 'ours\n');
    const kept = JSON.parse((await strategos(['init', '--format', 'json'])).stdout);
    expect(validate(kept), JSON.stringify(validate.errors)).toBe(true);
    expect(kept).toMatchObject({ written: [], kept: ['README.md'] });
    const other = ['init', '--format', 'json', '--package', '9.9.9'];
    const refused = await strategos(other);
    expect(validate(JSON.parse(refused.stdout)), JSON.stringify(validate.errors)).toBe(true);
    expect(refused.code).toBe(4);
  });
});

describe('the default branch', () => {
  const branches = async (): Promise<unknown> =>
    (parse(await read('.github/workflows/strategos-apply.yml')) as { on: { push: object } }).on
      .push;
  const commit = (): void =>
    git(
      ...['-c', 'user.name=A', '-c', 'user.email=a@example.com'],
      ...['commit', '--quiet', '--allow-empty', '--message', 'x'],
    );

  it.each([
    ['a branch without a commit', [['init', '--quiet', '-b', 'trunk']], 'trunk', 'the branch here'],
    [
      'what the remote says, whatever is checked out',
      [
        ['init', '--quiet', '-b', 'main'],
        ['remote', 'add', 'origin', 'https://github.com/acme/routing'],
        ['commit'],
        ['update-ref', 'refs/remotes/origin/release/1', 'HEAD'],
        ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release/1'],
      ],
      'release/1',
      'origin/HEAD',
    ],
    [
      'what the remote has, where what it said is gone',
      [
        ['init', '--quiet', '-b', 'change'],
        ['remote', 'add', 'origin', 'https://github.com/acme/routing'],
        ['commit'],
        ['update-ref', 'refs/remotes/origin/master', 'HEAD'],
        ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/gone'],
      ],
      'master',
      'of the branches here, by its name',
    ],
    [
      "git's own setting, where there is such a branch",
      [
        ['init', '--quiet', '-b', 'live'],
        ['commit'],
        ['switch', '--quiet', '--create', 'change'],
        ['config', 'init.defaultBranch', 'live'],
      ],
      'live',
      "git's init.defaultBranch",
    ],
    [
      'no setting that no branch has',
      [['init', '--quiet', '-b', 'trunk'], ['commit'], ['config', 'init.defaultBranch', 'main']],
      'trunk',
      'the only branch',
    ],
    ['none without a repository, and says so', [], 'main', 'as GitHub names it'],
  ])('is %s', async (_name, commands, branch, how) => {
    for (const args of commands)
      if (args[0] === 'commit') commit();
      else git(...args);
    const ended = await strategos(['init']);
    expect(ended.stdout).toContain(`Default branch: ${branch} (${how}`);
    expect(await branches()).toEqual({ branches: [branch] });
    expect(await read('README.md')).toContain(`a merge to \`${branch}\` applies`);
    expect((await strategos(['init'])).stdout).toMatch(/nothing to write: all \d+ files[^\n]+\n$/);
  });

  it('that another branch became is told, and nothing written over', async () => {
    const first = await strategos(['init']);
    expect(first.stdout).toContain('No git repository is here yet.');
    expect(first.stdout).toMatch(/^Next, in \.:\n {2}git init -b main\n {2}npm install\n/m);
    git('init', '--quiet', '-b', 'trunk');
    const again = await strategos(['init']);
    expect(again.stdout).toContain(
      'applies pushes to main, and the default branch seems\nto be trunk',
    );
    expect(again.code).toBe(0);
  });

  it('can be given', async () => {
    await strategos(['init', '--branch', 'live']);
    expect(await branches()).toEqual({ branches: ['live'] });
    const ended = await strategos(['init', 'other', '--branch', 'a b']);
    expect([ended.code, existsSync(path.join(dir, 'other'))]).toEqual([64, false]);
  });
});

describe('a folder of a repository', () => {
  beforeEach(() => git('init', '--quiet', '-b', 'main'));
  const WORKFLOWS = '.github/workflows';

  it('has its workflows where GitHub looks, and says so', async () => {
    const ended = await strategos(['init', 'deep/cc']);
    expect(ended.stdout).toContain('  ../../.github/workflows/strategos-plan.yml\n');
    expect(ended.stdout).toContain(
      'at the root of the repository alone: they are in ../../.github/',
    );
    expect(existsSync(path.join(dir, 'deep/cc/.github'))).toBe(false);
    expect(await read(`${WORKFLOWS}/strategos-plan.yml`)).toContain('working-directory: deep/cc\n');
    expect(await read('.github/CODEOWNERS')).toContain('# /deep/cc/strategies/ ');
    expect(await read('deep/cc/README.md')).toContain('`../../.github/workflows/`');
    expect((await strategos(['init', 'deep/cc'])).stdout).toContain('nothing to write');
  });

  it('leaves workflows and owners of others as they are', async () => {
    await mkdir(path.join(dir, WORKFLOWS), { recursive: true });
    await writeFile(path.join(dir, '.github/CODEOWNERS'), '* @all\n');
    await writeFile(path.join(dir, WORKFLOWS, 'ci.yml'), 'on: push\n');
    expect((await strategos(['init', 'eu'])).code).toBe(0);
    const eu = await read(`${WORKFLOWS}/strategos-plan.yml`);
    expect((await strategos(['init', 'us'])).code).toBe(0);
    expect(await read('.github/CODEOWNERS')).toBe('* @all\n');
    expect(await read(`${WORKFLOWS}/strategos-plan.yml`)).toBe(eu);
    expect(await read(`${WORKFLOWS}/strategos-us-plan.yml`)).toContain('working-directory: us\n');
    for (const folder of ['eu', 'us']) {
      expect((await strategos(['init', folder])).stdout).toContain('nothing to write');
    }
  });

  it('is refused where GitHub would read its name as an expression', async () => {
    const ended = await strategos(['init', 'a${{ github.token }}']);
    expect(ended.code).toBe(64);
    expect(filesThere()).toEqual([]);
  });
});

describe('the owner', () => {
  it.each([
    'https://someone:ghp_secret@github.com/acme/routing.git',
    'git@github.com:acme/routing.git',
    'ssh://git@github.com/acme/routing.git/',
  ])('is the repository behind origin: %s', async (remote) => {
    git('init', '--quiet');
    git('remote', 'add', 'origin', remote);
    const ended = await strategos(['init']);
    expect(await ownerWritten()).toBe('github.com/acme/routing');
    const everything =
      ended.stdout + ended.stderr + (await Promise.all(filesThere().map(read))).join();
    expect(everything).not.toMatch(/ghp_secret|someone/);
  });

  it('of a folder inside a repository is that repository, also before the folder is made', async () => {
    git('init', '--quiet');
    git('remote', 'add', 'origin', 'https://github.com/acme/contact-centre');
    await strategos(['init', 'deep/inside']);
    const text = await read('deep/inside/strategies/environment.yaml');
    expect(text).toContain('owner: github.com/acme/contact-centre\n');
    const again = await strategos(['init', 'deep/inside']);
    expect(again.stdout).toContain('nothing to write');
  });

  it('is nobody else’s where there is no remote, and stays so once there is one', async () => {
    await strategos(['init']);
    const owner = await ownerWritten();
    const four = /^routing-[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    expect(owner).toMatch(four);
    git('init', '--quiet');
    git('remote', 'add', 'origin', 'https://github.com/acme/routing.git');
    expect((await strategos(['init'])).stdout).toContain('nothing to write');
    await strategos(['init', 'another/routing', '--owner', 'routing']);
    await rm(path.join(dir, '.git'), { recursive: true });
    await strategos(['init', 'third/routing']);
    expect(await read('third/routing/strategies/environment.yaml')).not.toContain(owner);
  });

  it('can be given, and loses its credentials then too', async () => {
    await strategos(['init', '--owner', 'https://x:ghp_secret@example.com/team/repo.git']);
    expect(await ownerWritten()).toBe('example.com/team/repo');
    const ended = await strategos(['init', 'other', '--owner', 'x:ghp_secret@example.com/team']);
    expect(ended.code).toBe(64);
    expect(ended.stderr).not.toContain('ghp_secret');
    expect(existsSync(path.join(dir, 'other'))).toBe(false);
  });
});

describe('what does not fit', () => {
  it.each([
    [['--host', 'http://example.com'], 3, 'strategies/environment.yaml:9:3: error'],
    [['--owner', ' us'], 3, 'spec.owner'],
    [['--environment', 'prod; rm -rf'], 64, 'not a name that a workflow can use'],
    [['--package', 'git+https://x:ghp_secret@github.com/a/b.git'], 64, 'a user or a password'],
    [['--format', 'html'], 64, 'Allowed choices are text, json'],
  ])('is refused before anything is written: %s', async (args, code, message) => {
    const ended = await strategos(['init', ...args]);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain('ghp_secret');
    expect(ended.code).toBe(code);
    expect(filesThere()).toEqual([]);
  });

  it.each([
    'git+ssh://git@github.com/acme/strategos.git#v1.0.0',
    'git+https://github.com/acme/strategos.git',
    'file:../strategos-0.1.0.tgz',
    '^1.2.3',
  ])('--package %s stands in package.json as it is given', async (spec) => {
    const ended = await strategos(['init', '--package', spec]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toContain('asks npm for');
    const { devDependencies } = JSON.parse(await read('package.json')) as {
      devDependencies: object;
    };
    expect(devDependencies).toEqual({ strategos: spec });
  });
});

describe('a package.json that is there', () => {
  const write = (content: object): Promise<void> =>
    writeFile(path.join(dir, 'package.json'), JSON.stringify(content));
  const TARBALL = { dependencies: { strategos: 'file:strategos-0.1.0.tgz' } };

  it.each([
    ['file:../strategos-0.1.0.tgz', true],
    ['/opt/strategos-0.1.0.tgz', true],
    ['file:strategos-0.1.0.tgz', false],
    ['git+https://github.com/acme/strategos.git#v0.1.0', false],
  ])('that names %s is told where no other checkout has that', async (spec, isOutside) => {
    const { code, stdout } = await strategos(['init', '--package', spec]);
    expect([code, stdout.includes('outside of this folder')]).toEqual([0, isOutside]);
  });

  it('is left as it is where strategos was installed first, and says where from', async () => {
    await write(TARBALL);
    const ended = await strategos(['init']);
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toContain(`${filesThere().length - 1} files written, 1 unchanged.`);
    expect(ended.stdout).toContain('  npm install\n  npx --no -- strategos validate\n');
    expect(JSON.parse(await read('package.json'))).toEqual(TARBALL);
    expect(await read('README.md')).not.toContain('asks npm for');
  });

  it('is left as it is where it does not know strategos, and the way to tell it is said', async () => {
    await write({ private: true, scripts: { lint: 'true' } });
    const ended = await strategos(['init', '--package', "file:it's here.tgz"]);
    expect(ended.stdout).toContain(
      "  npm install --save-dev --save-exact 'strategos@file:it'\\''s here.tgz'\n  npx ",
    );
    expect(JSON.parse(await read('package.json'))).toEqual({
      private: true,
      scripts: { lint: 'true' },
    });
  });

  it.each([
    [['--package', '9.9.9'], TARBALL, 4, 'not written over: package.json'],
    [[], null, 3, 'package.json: not JSON; nothing was written'],
  ] as const)('stops everything where it cannot be: %s', async (args, content, code, message) => {
    await writeFile(
      path.join(dir, 'package.json'),
      content === null ? '{' : JSON.stringify(content),
    );
    const ended = await strategos(['init', ...args]);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
    expect(filesThere()).toEqual(['package.json']);
  });
});

describe('the first plan', () => {
  it('is empty, and one of the example once that has names of the org', async () => {
    const org = createOrg(DEMO_ORG, { activationMs: 20 });
    const simulator = await startSimulator({ org, latencyMs: 0 });
    const client = { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' };
    try {
      await strategos(['init', '--host', simulator.url]);
      const first = await strategos(['plan'], environment(client));
      expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('0 to create')]);
      const names = {
        'REPLACE skill': 'Billing',
        'REPLACE first queue': 'Billing',
        'REPLACE second queue': 'Billing Overflow',
        'REPLACE third queue': 'Support Overflow',
        'REPLACE overflow queue': 'Sales Overflow',
      };
      let text = await read('strategies/example.yaml.unfinished');
      for (const [from, to] of Object.entries(names)) text = text.replace(from, to);
      await writeFile(path.join(dir, 'strategies/example.yaml'), text);
      const plan = await strategos(['plan'], environment(client));
      expect(plan.stderr).not.toContain('error');
      expect(plan.stdout).toContain('+ create RoutingStrategy/example');
      expect(plan.stdout).toContain('Plan: 1 to create, 0 to change, 0 to delete');
      expect(plan.code).toBe(0);
      const apply = await strategos(['apply', '--yes'], environment(client));
      expect(apply.code).toBe(0);
      const again = await strategos(['plan', '--detailed-exitcode'], environment(client));
      expect(again.stdout).toContain('Plan: 0 to create, 0 to change, 0 to delete');
      expect(again.code).toBe(0);
    } finally {
      await simulator.close();
    }
  });
});
