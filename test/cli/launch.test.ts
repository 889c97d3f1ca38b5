/** What loads the command line: with compiled code or without, from where nobody else can write. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readableStack } from '../../src/cli/stack.js';
import { GONE } from '../support/gone.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let dir: string;
let main: string;
let home: string;

beforeEach(() => {
  // As another version of Node finds it: without code that this one compiled.
  dir = mkdtempSync(path.join(tmpdir(), 'strategos-launch-'));
  home = path.join(dir, 'home');
  mkdirSync(home);
  cpSync(path.join(ROOT, 'dist'), path.join(dir, 'package', 'dist'), { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(dir, 'package', 'package.json'));
  const cli = path.join(dir, 'package', 'dist', 'cli');
  for (const file of readdirSync(cli)) if (file.endsWith('.cache')) rmSync(path.join(cli, file));
  main = path.join(cli, 'main.js');
});

afterEach(() => rmSync(dir, GONE));

function strategos(...args: string[]): string {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const stdio = 'pipe';
  return execFileSync(process.execPath, [main, ...args], {
    env,
    encoding: 'utf8',
    cwd: dir,
    stdio,
  });
}

const folder = (): string => path.join(home, '.cache', 'strategos', 'compiled');

const kept = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);

describe('the launcher', () => {
  it('tells the version without the command line', () => {
    rmSync(path.join(dir, 'package', 'dist', 'cli'), { recursive: true });
    cpSync(path.join(ROOT, 'dist', 'cli', 'main.js'), main);
    expect(strategos('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('keeps what was compiled in the home of the user, and takes it from there', () => {
    const first = strategos('--help');
    const [kept = ''] = readdirSync(folder());
    expect(kept).toContain(process.version);
    const file = path.join(folder(), kept);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = statSync(file).mtimeMs;
    expect(strategos('--help')).toBe(first);
    expect([readdirSync(folder()), statSync(file).mtimeMs]).toEqual([[kept], before]);
  });

  it('loads for a check of manifests no more than that', () => {
    strategos('plan', '--help');
    const [all = ''] = readdirSync(folder());
    strategos('validate', '--help');
    const [check = ''] = readdirSync(folder()).filter((file) => file !== all);
    const size = (kept: string): number =>
      statSync(path.join(path.dirname(main), `${kept.split('.')[0] ?? ''}.js`)).size;
    expect(size(check)).toBeLessThan(size(all) / 2);
  });

  it('keeps for each command what it uses, whichever was the first', () => {
    strategos('plan', '--help');
    strategos('completion', 'bash');
    strategos('version');
    const commands = kept().map((file) => file.split('.').at(-2));
    expect(commands.sort()).toEqual(['completion', 'help', 'version']);
    expect(new Set(kept().map((file) => file.split('.')[0])).size).toBe(1);
  });

  it('keeps nothing for ever: what older versions left goes, and what is of late stays', () => {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    const aged = (name: string, days: number): void => {
      const file = path.join(folder(), name);
      writeFileSync(file, '');
      const at = Date.now() / 1000 - days * 86_400;
      utimesSync(file, at, at);
    };
    aged('strategos-0123456789abcdef.v20.20.0-x64.plan.cache', 100);
    aged('strategos-fedcba9876543210.v20.20.0-x64.plan.cache', 10);
    aged('notes.txt', 100);
    strategos('version');
    const others = kept().filter((file) => !file.endsWith('.version.cache'));
    expect(others.sort()).toEqual([
      'notes.txt',
      'strategos-fedcba9876543210.v20.20.0-x64.plan.cache',
    ]);
  });

  it.each(['no-such', 'plan --no-such', '../../plan', 'plan'])(
    'keeps nothing of a command that could not be carried out: %s',
    (line) => {
      expect(() => strategos(...line.split(' '))).toThrow();
      expect(kept()).toEqual([]);
    },
  );

  it('keeps what a check uses, also one that finds something', () => {
    const file = path.join(dir, 'wrong.yaml');
    writeFileSync(file, 'kind: Queue');
    expect(() => strategos('validate', file)).toThrow();
    expect(kept().length).toBeGreaterThan(0);
  });

  it('goes on without, where what was kept is no compiled code', () => {
    const first = strategos('--help');
    const [kept = ''] = readdirSync(folder());
    writeFileSync(path.join(folder(), kept), 'no compiled code');
    expect(strategos('--help')).toBe(first);
    expect(statSync(path.join(folder(), kept)).size).toBeGreaterThan(1000);
  });

  it.each<[string, () => void]>([
    ['that others can write to', () => chmodSync(folder(), 0o777)],
    [
      'that is a link to elsewhere',
      () => {
        rmSync(folder(), { recursive: true });
        mkdirSync(path.join(dir, 'elsewhere'));
        symlinkSync(path.join(dir, 'elsewhere'), folder());
      },
    ],
  ])('leaves a folder alone %s', (_, spoil) => {
    mkdirSync(folder(), { recursive: true });
    spoil();
    strategos('--help');
    expect(readdirSync(folder())).toEqual([]);
  });

  it('reads as Latin-1 what is ASCII alone, a minus in a pattern as well', () => {
    const cli = path.dirname(main);
    const read = readdirSync(cli).filter((file) => /^strategos-\w+\.js$/.test(file));
    expect(read.length).toBeGreaterThan(0);
    for (const file of read) {
      // Each with some characters before it, so that it can be found.
      const others = /.{0,40}[^\u0000-\u007f]/gu;
      expect(readFileSync(path.join(cli, file), 'utf8').match(others)).toBeNull();
    }
    expect(strategos('predict', '--agents', 'Billing=\u22122', '--help')).toContain('Usage:');
  });

  it('runs code whose places are told as those of its sources', () => {
    const cli = path.dirname(main);
    const files = readdirSync(cli).filter((file) => /^strategos-\w+\.js$/.test(file));
    const places = files.flatMap((file) => {
      const lines = readFileSync(path.join(cli, file), 'latin1').split('\n');
      const at = lines.findIndex((line) => line.includes('function schemaIssues('));
      const column = (lines[at]?.indexOf('schemaIssues(') ?? 0) + 1;
      return at === -1 ? [] : [`${path.join(cli, file)}:${at + 1}:${column}`];
    });
    const source = readFileSync(path.join(ROOT, 'src/manifest/schema-issues.ts'), 'utf8');
    const line = source.split('\n').findIndex((one) => one.includes('function schemaIssues(')) + 1;
    expect(places.length).toBeGreaterThan(1);
    for (const place of places) {
      expect(readableStack(`at schemaIssues (${place})`)).toContain(
        `src/manifest/schema-issues.ts:${line}:`,
      );
    }
  });

  it('needs no home', () => {
    rmSync(home, { recursive: true });
    expect(strategos('--help')).toContain('Usage: strategos');
  });
});

it('Node knows the flags that are set for a large folder', () => {
  const text = readFileSync(path.join(ROOT, 'src', 'cli', 'compiler.ts'), 'utf8');
  const flags = [...text.matchAll(/'(--[^']+)'/g)].map(([, flag = '']) => flag);
  expect(flags.map((flag) => flag.split('=')[0])).toEqual([
    '--max-inlined-bytecode-size-cumulative',
    '--interrupt-budget',
  ]);
  // It refuses to start with one that it does not know.
  expect(execFileSync(process.execPath, [...flags, '-p', '1'], { encoding: 'utf8' })).toBe('1\n');
});
