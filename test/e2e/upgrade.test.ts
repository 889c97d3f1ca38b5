/** upgrade: what init wrote, brought to this version; nothing of a team's is written over. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { blobName } from '../../src/files/three-way.js';
import type { Ended } from '../support/cli.js';
import { strategosHere } from '../support/here.js';
import { validatorOf } from '../support/schemas.js';
import { GONE } from '../support/gone.js';

const RECORD = '.strategos-init.json';
const DRIFT = '.github/workflows/strategos-drift.yml';
const SCHEMA = 'schemas/overlay.schema.json';

let dir: string;
/** What this version writes. */
const now = new Map<string, string>();

const strategos = (...args: string[]): Promise<Ended> =>
  strategosHere(args, { cwd: dir, env: { PATH: process.env['PATH'] ?? '', HOME: dir } });
const read = (file: string): Promise<string> => readFile(path.join(dir, file), 'utf8');
const write = (file: string, text: string): Promise<void> => writeFile(path.join(dir, file), text);
const git = (...args: string[]): void => {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'pipe' });
};

/** As if an older version had written this, and somebody had committed it. */
async function wrote(file: string, text: string): Promise<void> {
  const record = JSON.parse(await read(RECORD)) as { files: Record<string, string> };
  record.files[file] = blobName(text);
  await write(RECORD, `${JSON.stringify(record, null, 2)}\n`);
  await write(file, text);
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'x');
}

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-upgrade-'));
  git('init', '--quiet', '-b', 'main');
  await strategos('init');
  for (const file of [DRIFT, SCHEMA, 'README.md', RECORD]) now.set(file, await read(file));
});
afterEach(() => rm(dir, GONE));

it('has nothing to do right after init', async () => {
  // Also where nobody can be asked: there is nothing to agree to.
  for (const options of [['--yes'], [], ['--format', 'json']]) {
    const ended = await strategos('upgrade', ...options);
    expect([options, ended.code, ended.stderr]).toEqual([options, 0, '']);
    if (options.length < 2) expect(ended.stdout).toMatch(/^Nothing to do: all 2\d files are as/);
    expect(await read(RECORD)).toBe(now.get(RECORD));
  }
});

it('writes anew what nobody has changed, and shows it first', async () => {
  await wrote(SCHEMA, '{ "old": true }\n');
  await wrote(DRIFT, (now.get(DRIFT) ?? '').replace('cron:', 'cron:  '));
  commit();
  const dry = await strategos('upgrade', '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain(`diff --git a/${SCHEMA} b/${SCHEMA}\n`);
  expect(dry.stdout).toContain('-{ "old": true }');
  expect(await read(SCHEMA)).toBe('{ "old": true }\n');
  expect((await strategos('upgrade')).code).toBe(64);
  const ended = await strategos('upgrade', '--yes');
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  for (const file of [SCHEMA, DRIFT, RECORD]) expect(await read(file)).toBe(now.get(file));
});

it('asks before it writes, and says so where it cannot', async () => {
  await wrote(SCHEMA, '{ "old": true }\n');
  commit();
  const ended = await strategos('upgrade');
  expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining('there is no terminal')]);
  expect(await read(SCHEMA)).toBe('{ "old": true }\n');
});

it('puts changes of a team and of this version together', async () => {
  const text = now.get(DRIFT) ?? '';
  const [first = ''] = text.split('\n');
  await wrote(DRIFT, text.replace(first, `${first} (old)`));
  commit();
  await write(DRIFT, `${await read(DRIFT)}# ours\n`);
  const ended = await strategos('upgrade', '--yes');
  expect(ended.stdout).toContain(`${DRIFT}: your changes, and those of this version`);
  expect(await read(DRIFT)).toBe(`${text}# ours\n`);
  expect((await strategos('upgrade', '--yes')).stdout).toContain('Nothing to do');
  expect(await read(DRIFT)).toBe(`${text}# ours\n`);
});

it('leaves what both have changed in one place, and what git no longer has', async () => {
  const text = now.get(DRIFT) ?? '';
  const [first = ''] = text.split('\n');
  await wrote(DRIFT, text.replace(first, `${first} (old)`));
  commit();
  const ours = (await read(DRIFT)).replace(`${first} (old)`, `${first} (ours)`);
  await write(DRIFT, ours);
  await wrote('README.md', 'old\n');
  await write('README.md', 'ours\n');
  const ended = await strategos('upgrade', '--yes', '--format', 'json');
  const result = JSON.parse(ended.stdout);
  const validate = validatorOf('result');
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  expect(result.files).toContainEqual({ file: DRIFT, is: 'left' });
  expect(result.files).toContainEqual({ file: 'README.md', is: 'left' });
  expect(result.leftover).toContain('(ours)');
  expect(await read(DRIFT)).toBe(ours);
  expect(await read('README.md')).toBe('ours\n');
  // It is said again the next time.
  expect((await strategos('upgrade', '--dry-run')).stdout).toContain(
    'README.md: left: you changed',
  );
});

it('makes what is new, removes what is not written any more, and leaves out what was removed', async () => {
  await rm(path.join(dir, SCHEMA));
  const record = JSON.parse(await read(RECORD)) as { files: Record<string, string> };
  delete record.files['schemas/skill.schema.json'];
  await rm(path.join(dir, 'schemas/skill.schema.json'));
  await write(RECORD, JSON.stringify(record));
  await wrote('schemas/former.schema.json', '{}\n');
  const ended = await strategos('upgrade', '--yes');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain(`${SCHEMA}: left out: you removed it`);
  await expect(read(SCHEMA)).rejects.toThrow('ENOENT');
  await expect(read('schemas/former.schema.json')).rejects.toThrow('ENOENT');
  expect(await read('schemas/skill.schema.json')).toContain('Skill');
});

it('never touches manifests, and asks npm for this version', async () => {
  const version = (await strategos('version')).stdout.trim();
  await write('strategies/example.yaml.unfinished', '# ours\n');
  const own = {
    private: true,
    name: 'ours',
    devDependencies: { strategos: '0.0.9', other: '0.0.9' },
  };
  await write('package.json', `${JSON.stringify(own, null, 4)}\n`);
  const ended = await strategos('upgrade', '--yes');
  expect(ended.stdout).toContain('-        "strategos": "0.0.9"');
  expect(await read('strategies/example.yaml.unfinished')).toBe('# ours\n');
  const wanted = { ...own, devDependencies: { strategos: version, other: '0.0.9' } };
  expect(await read('package.json')).toBe(`${JSON.stringify(wanted, null, 4)}\n`);
  const git_ = { ...own, devDependencies: { strategos: 'git+https://example.com/s.git' } };
  await write('package.json', JSON.stringify(git_));
  await strategos('upgrade', '--yes');
  expect(await read('package.json')).toBe(JSON.stringify(git_));
  await write('package.json', JSON.stringify({ devDependencies: { strategos: '99.0.0' } }));
  const older = await strategos('upgrade', '--yes');
  expect([older.code, older.stderr]).toEqual([3, expect.stringContaining('npm install, then')]);
});

it.each(['{', 'nope', ''])('is refused where package.json is not JSON: %j', async (text) => {
  await write('package.json', text);
  const { code, stderr } = await strategos('upgrade', '--yes');
  expect([code, stderr]).toEqual([3, expect.stringContaining('package.json: not JSON')]);
  expect(await read('package.json')).toBe(text);
});

it('reads a package.json with a byte order mark, as npm does, and keeps that', async () => {
  const asks = (version: string): string =>
    `\ufeff{\n  "devDependencies": { "strategos": "${version}" }\n}\n`;
  await write('package.json', asks('0.0.9'));
  expect((await strategos('init')).code).toBe(0);
  expect(await read('package.json')).toBe(asks('0.0.9'));
  expect((await strategos('upgrade', '--yes')).code).toBe(0);
  const version = (await strategos('version')).stdout.trim();
  expect(await read('package.json')).toBe(asks(version));
});

it('without a record leaves everything that differs, and is refused where init was never', async () => {
  await rm(path.join(dir, RECORD));
  await write(DRIFT, 'on: push\n');
  const ended = await strategos('upgrade', '--yes');
  expect(ended.stdout).toContain(`${DRIFT}: left`);
  expect(await read(DRIFT)).toBe('on: push\n');
  await rm(path.join(dir, RECORD));
  await rm(path.join(dir, 'strategies'), { recursive: true });
  const none = await strategos('upgrade', '--yes');
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('strategos init')]);
});
