/** The package as others get it: packed, installed in an empty folder, offline, and used there. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobName } from '../../src/files/three-way.js';
import { GitHubApi } from '../support/github-api.js';
import { processOf } from '../support/cli.js';
import { GONE } from '../support/gone.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_BYTES = 3 * 1024 * 1024;
const MOST_FILES = 80;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const top = mkdtempSync(path.join(tmpdir(), 'strategos-package-'));
/** An empty folder, but for the tarball and the versions that `npm ci` has left in npm's cache. */
const folder = path.join(top, 'routing');
const installed = path.join(folder, 'node_modules/strategos');
let packed: Packed;

beforeAll(() => {
  mkdirSync(folder);
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const said = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  const [first] = JSON.parse(said) as Packed[];
  if (first === undefined) throw new Error(`npm pack said: ${said}`);
  packed = first;
  const { packages } = json(path.join(ROOT, 'package-lock.json')) as Lock;
  const used = Object.entries(packages).filter(([name, { dev }]) => name !== '' && dev !== true);
  const lock = { lockfileVersion: 3, requires: true, packages: Object.fromEntries(used) };
  writeFileSync(path.join(folder, 'package.json'), '{}\n');
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`);
});
afterAll(() => rmSync(top, GONE));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** In the folder, as a person there would; throws unless it ends well. */
function run(program: string, ...args: readonly string[]): Ended {
  const ended = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 290_000 });
  if (ended.status === 0) return ended;
  throw new Error(`${program} ${args.join(' ')}: ${ended.status}\n${ended.stdout}${ended.stderr}`);
}

/** What `npx --no -- strategos` starts, without npm, which takes longer than all of it. */
const strategos = (...args: readonly string[]): Ended =>
  run(path.join(folder, 'node_modules/.bin/strategos'), ...args);

/** Where the relative links of a page lead, from the top of the package. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(installed, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to.split('#')[0] ?? '')
    .filter((to) => to !== '' && !/^[a-z]+:/.test(to))
    .map((to) => path.posix.join(path.posix.dirname(page), to));
}

describe('the package', () => {
  it('is small, and has nothing in it that only its maintainers need', () => {
    const files = packed.files.map((file) => file.path);
    process.stdout.write(`${packed.filename}: ${packed.size} bytes, ${files.length} files\n`);
    expect(packed.size).toBeLessThan(MOST_BYTES);
    expect(files.length).toBeLessThan(MOST_FILES);
    const odd = files.filter((file) =>
      /(^|\/)(test|node_modules|\.\w|built-from)|\.cache$/.test(file),
    );
    expect(odd).toEqual([]);
    expect(files.filter((file) => /\.m?[jt]s$/.test(file) && !file.startsWith('dist/'))).toEqual(
      [],
    );
    const maps = files.filter((file) => file.endsWith('.map'));
    for (const map of maps) {
      const { sources } = json(path.join(installed, map)) as { sources: string[] };
      expect(sources.filter((source) => source.includes('node_modules'))).toEqual([]);
    }
  });

  it('is installed with what it names and nothing of its development', () => {
    const { dependencies, devDependencies } = json(path.join(ROOT, 'package.json')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies)).toEqual(
      expect.arrayContaining([
        ...['ajv', 'commander', 'fast-json-patch', 'purecloud-platform-client-v2', 'yaml'],
      ]),
    );
    const modules = path.join(folder, 'node_modules');
    for (const [name, version] of Object.entries(dependencies)) {
      expect(json(path.join(modules, name, 'package.json'))).toMatchObject({ version });
    }
    const development = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
    expect(development.filter((name) => existsSync(path.join(modules, name)))).toEqual([]);
  });

  it('names every package whose code is in its bundles, so that an audit sees them', () => {
    const licences = readFileSync(path.join(installed, 'dist/licences.txt'), 'utf8');
    const inside = [...licences.matchAll(/^(@?[\w./-]+) (\d+\.\d+\.\d+\S*) \(/gm)].map(
      ([, name = '', version = '']) => `${name}@${version}`,
    );
    expect(inside.length).toBeGreaterThan(20);
    const said = execFileSync('bash', ['.ci/sbom'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    const { bomFormat, components } = JSON.parse(said) as {
      bomFormat: string;
      components: readonly { readonly name: string; readonly version: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
    expect(inside.filter((one) => !listed.has(one))).toEqual([]);
    expect(components.map(({ name }) => name)).not.toContain('vitest');
  });

  it('has what the links of its pages lead to', () => {
    const pages = packed.files.map((file) => file.path).filter((file) => file.endsWith('.md'));
    expect(linksOf('README.md').length).toBeGreaterThan(20);
    const broken = pages.flatMap((page) =>
      linksOf(page)
        // Figures and faults of the tests are in the repository alone.
        .filter((to) => page === 'README.md' || !to.startsWith('test/'))
        .filter((to) => !existsSync(path.join(installed, to)))
        .map((to) => `${page} → ${to}`),
    );
    expect(broken).toEqual([]);
  });

  it('is ready to be published', () => {
    const content = json(path.join(installed, 'package.json')) as Record<string, unknown>;
    expect(content).not.toHaveProperty('private');
    expect(content).toMatchObject({
      name: 'strategos',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      license: 'MIT',
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:/) as string },
      publishConfig: { access: 'public', provenance: true },
    });
    expect((content['keywords'] as string[]).length).toBeGreaterThan(3);
  });
});

describe('installed in an empty folder', () => {
  it('starts a repository there, and finds it valid', () => {
    expect(run('npx', '--no', '--', 'strategos', '--version').stdout).toBe('0.1.0\n');
    expect(strategos('--help').stdout).toContain('Usage: strategos');
    expect(strategos('init').stdout).toContain('files written');
    expect(strategos('validate').stdout).toBe('1 manifest in 1 file: valid.\n');
    expect(json(path.join(folder, 'package.json'))).toEqual({
      dependencies: { strategos: `file:${packed.filename}` },
    });
  });

  it('plays the demo, with the worked example that came with it', () => {
    const { stdout } = strategos('demo');
    expect(stdout).toContain('nothing left this machine');
    // From nothing to calls: those of the queue that an apply has made.
    expect(stdout).toContain('RoutingStrategy/returns created');
    expect(stdout).toMatch(/1 strategy, 2 queues; \d+ offered, [1-9]\d* answered/);
  });

  it('can be imported and required, and has its schemas', () => {
    const program = `
      import { createRequire } from 'node:module';
      import { loadManifests, validate, plan, apply, AppError, EXIT } from 'strategos';
      import schema from 'strategos/schemas/plan.schema.json' with { type: 'json' };
      const required = createRequire(import.meta.url)('strategos');
      const { manifests } = await loadManifests(${JSON.stringify(path.join(installed, 'strategies'))});
      const error = await plan({ dir: ${JSON.stringify(path.join(installed, 'strategies'))}, env: {} })
        .catch((one) => one);
      console.log(JSON.stringify({
        title: schema.title, manifests: manifests.length, plan: required.plan === plan,
        functions: [validate, apply].map((one) => typeof one), exit: error.exitCode === EXIT.invalid,
        isOurs: error instanceof AppError, message: error.message,
      }));`;
    writeFileSync(path.join(folder, 'program.mjs'), program);
    const { stdout } = run(process.execPath, '--no-warnings', 'program.mjs');
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'Plan',
      manifests: 13,
      plan: true,
      functions: ['function', 'function'],
      exit: true,
      isOurs: true,
      message: expect.stringContaining('not set: GENESYS_DOMAIN') as string,
    });
  });

  it('has types for programs', () => {
    const program = `
      import { apply, loadManifests, plan, validate } from 'strategos';
      import type { Applied, Issue, Plan } from 'strategos';
      const made: Plan = await plan({ environment: 'prod', target: ['billing'] });
      const { outcomes, exitCode }: Applied = await apply({ plan: made, expectDigest: made.digest });
      const { issues }: { issues: readonly Issue[] } = await validate('strategies');
      const { manifests } = await loadManifests(['a.yaml'], { environment: 'prod' });
      console.log(outcomes[0]?.state === 'created', exitCode, issues[0]?.at?.line);
      console.log(manifests[0]?.positions.at('/spec').file);
      // @ts-expect-error: no such option
      await plan({ enviroment: 'prod' });`;
    writeFileSync(path.join(folder, 'program.mts'), program);
    const tsc = path.join(ROOT, 'node_modules/@typescript/native/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const types = ['--types', 'node', '--typeRoots', path.join(ROOT, 'node_modules/@types')];
    run(process.execPath, tsc, ...options, ...types, 'program.mts');
  });
});

describe('the first hour', () => {
  const hour = path.join(top, 'hour');
  const main = path.join(installed, 'dist/cli/main.js');
  const variables = { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo', HOME: top };
  let simulator: ChildProcess;
  let url = '';

  beforeAll(async () => {
    mkdirSync(hour);
    simulator = spawn(process.execPath, [main, 'simulator', '--port', '0'], { stdio: 'pipe' });
    for await (const chunk of simulator.stdout ?? []) {
      url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0] ?? '';
      if (url !== '') break;
    }
  }, 60_000);
  afterAll(() => simulator.kill());

  function step(...args: readonly string[]): { code: number | null; out: string; err: string } {
    const PATH = process.env['PATH'] ?? '';
    const env = { PATH, GENESYS_DOMAIN: url, ...variables };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: hour,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** What somebody in the admin UI does. */
  async function ask(method: string, route: string, body?: object): Promise<unknown> {
    const login = Buffer.from('admin-ui:admin-ui').toString('base64');
    // A connection that is kept may be closed from the other side while a step holds this process.
    const connection = 'close';
    const form = { 'content-type': 'application/x-www-form-urlencoded', connection };
    const token = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${login}`, ...form },
      body: 'grant_type=client_credentials',
    });
    const { access_token: bearer } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${url}${route}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        connection,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** What the job of a pull request calls: plan, then the one comment. */
  async function reviewed(head: string): Promise<string> {
    const api = await GitHubApi.open();
    const [event, summary] = ['event.json', 'summary.md'].map((name) => path.join(top, name));
    const whose = { repo: { full_name: 'acme/routing' }, sha: head };
    const pull = { number: 7, head: whose, user: { login: 'ada' } };
    const payload = { pull_request: pull, repository: { full_name: 'acme/routing' } };
    writeFileSync(event ?? '', JSON.stringify(payload));
    writeFileSync(summary ?? '', '');
    const env = {
      PATH: process.env['PATH'] ?? '',
      GENESYS_DOMAIN: url,
      ...variables,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/routing',
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token({ 'pull-requests': 'write', contents: 'read' }),
      GITHUB_RUN_ID: '70',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: event ?? '',
      GITHUB_STEP_SUMMARY: summary ?? '',
      GITHUB_ACTOR: 'ada',
    };
    try {
      const names = JSON.stringify([environment()]);
      const plans = ['--plans', '.strategos/runs', '--environments', names];
      for (const args of [['validate'], ['plan'], ['comment', ...plans]]) {
        const ended = await processOf(['ci', ...args], { cwd: hour, env, main });
        expect([args, ended.code, ended.stderr]).toEqual([args, 0, expect.any(String)]);
      }
      expect(api.comments).toHaveLength(1);
      expect(readFileSync(summary ?? '', 'utf8')).toContain('1 to change');
      return api.comments[0]?.body ?? '';
    } finally {
      await api.close();
    }
  }

  const environment = (): string => {
    const text = readFileSync(path.join(hour, 'strategies/environment.yaml'), 'utf8');
    return /name: (\S+)/.exec(text)?.[1] ?? '';
  };

  /** As if an older version had written this file, and somebody had committed it. */
  function older(file: string, text: string): void {
    const record = path.join(hour, '.strategos-init.json');
    const wrote = json(record) as { files: Record<string, string> };
    wrote.files[file] = blobName(text);
    writeFileSync(record, `${JSON.stringify(wrote, null, 2)}\n`);
    writeFileSync(path.join(hour, file), text);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'As of an older version');
  }

  const rowsOf = async (name: string): Promise<string> => {
    const tables = (await ask('GET', '/api/v2/flows/datatables')) as {
      entities: { id: string; name: string }[];
    };
    return `/api/v2/flows/datatables/${tables.entities.find((one) => one.name === name)?.id}/rows`;
  };
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      cwd: hour,
      encoding: 'utf8',
      stdio: 'pipe',
    });

  it('goes from an org in use over a pull request to drift, the way back and an upgrade', async () => {
    // Somebody has made these rows by hand, and no record says whose they are.
    expect(step('apply', '--dir', path.join(installed, 'strategies'), '--yes').code).toBe(0);
    const records = await rowsOf('Routing Strategies (strategos)');
    const { entities } = (await ask('GET', `${records}?pageSize=100`)) as {
      entities: { key: string }[];
    };
    for (const { key } of entities) await ask('DELETE', `${records}/${encodeURIComponent(key)}`);

    const exported = step('export', '--out', 'strategies');
    expect([exported.code, exported.err]).toEqual([0, expect.not.stringContaining('error')]);
    writeFileSync(path.join(hour, 'package.json'), '{}\n');
    expect(step('init').out).toContain('files written');
    expect(step('validate').out).toContain('valid.');
    const first = step('plan', '--detailed-exitcode');
    expect([first.code, first.out]).toEqual([0, expect.stringContaining('0 to change')]);
    git('init', '--quiet', '-b', 'main');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Start with strategos');
    expect(step('apply', '--adopt', '--yes').code).toBe(0);

    git('switch', '--quiet', '--create', 'change');
    const file = path.join(hour, 'strategies/billing.yaml');
    const before = readFileSync(file, 'utf8');
    expect(before).toContain('# yaml-language-server: $schema=../schemas/');
    writeFileSync(file, before.replace(/capacity: \d+/, 'capacity: 9'));
    git('commit', '--quiet', '--all', '--message', 'More for billing');
    const plan = step('plan', '--out', 'plan.json');
    expect([plan.code, plan.out]).toEqual([0, expect.stringContaining('strategies/billing.yaml:')]);
    const comment = await reviewed(git('rev-parse', 'HEAD').trim());
    expect(comment).toContain('### ~ update RoutingStrategy/billing');
    expect(comment).toMatch(/capacity \| 8 \| 9 \| strategies\/billing\.yaml:\d+/);
    git('switch', '--quiet', 'main');
    git('merge', '--quiet', '--ff-only', 'change');
    expect(step('apply', 'plan.json', '--yes').code).toBe(0);

    const row = `${await rowsOf('Routing Strategies')}/billing`;
    const live = (await ask('GET', `${row}?showbrief=false`)) as Record<string, unknown>;
    await ask('PUT', row, { ...live, fallback_queue: 'Support Overflow' });
    const drift = step('drift');
    expect([drift.code, drift.out]).toEqual([2, expect.stringContaining('billing')]);
    expect(step('apply', '--yes').code).toBe(0);
    expect(step('drift').code).toBe(0);
    const back = step('rollback', 'latest', '--yes');
    expect([back.code, back.out]).toEqual([0, expect.stringContaining('billing')]);
    expect(step('upgrade', '--yes').out).toContain('Nothing to do');
    const schema = path.join(hour, 'schemas/overlay.schema.json');
    const written = readFileSync(schema, 'utf8');
    older('schemas/overlay.schema.json', '{ "old": true }\n');
    const upgraded = step('upgrade', '--yes');
    expect([upgraded.code, upgraded.out]).toEqual([0, expect.stringContaining('-{ "old": true }')]);
    expect(readFileSync(schema, 'utf8')).toBe(written);
    expect(step('upgrade', '--yes').out).toContain('Nothing to do');
    expect(step('audit', 'verify').code).toBe(0);
  }, 240_000);
});
