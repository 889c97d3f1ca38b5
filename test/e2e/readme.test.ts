/** Every command of the README, as somebody types it who has read nothing else. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';
import { strategosHere, type Ended } from '../support/here.js';
import { GONE } from '../support/gone.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const README = read('README.md');

/** What is to be typed: lines of the code, and what the prose has between backticks. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)\n([^]*?)^```/gm)].flatMap(
    ([all, code = '']) =>
      code
        .split('\n')
        .filter((line) => !all.startsWith('```console') || line.startsWith('$ '))
        .map((line) => line.replace(/^\$ /, '').replace(/ +#.*/, '')),
  );
  const prose = text.replace(/^```[^]*?^```/gm, '');
  const inline = [...prose.matchAll(/`((?:npx|npm|strategos) [^`]+)`/g)].map(
    ([, line = '']) => line,
  );
  const lines = [...blocks, ...inline].flatMap((line) => line.split(' && '));
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))];
}

/** What a shell gives the command line; `null` for what is no command of strategos. */
function argsOf(command: string): string[] | null {
  const [, rest] = /^(?:npx (?:--no -- )?)?strategos (.+)$/.exec(command) ?? [];
  return rest?.split(' ') ?? null;
}

/** Beside what is typed: where nobody can be asked, and where a server has to end. */
const BESIDE: Readonly<Record<string, { readonly more?: string[]; readonly until?: string }>> = {
  'apply --adopt': { more: ['--yes'] },
  'apply plan.json': { more: ['--yes'] },
  'rollback latest': { more: ['--yes'] },
  upgrade: { more: ['--yes'] },
  'optimize --watch': { until: 'round' },
  console: { more: ['--port', '0'], until: 'http://' },
  simulator: { more: ['--port', '0'], until: 'http://' },
};

/** In the order in which a reader comes by them. */
const STORY: readonly string[] = [
  ...['export --out strategies', 'init', 'validate', 'plan', 'apply --adopt'],
  ...['plan --out plan.json', 'apply plan.json', 'drift', 'optimize --watch', 'rollback latest'],
  ...['audit verify', 'upgrade', 'doctor', 'console', 'report --out report.html', 'simulator'],
];

/** What is run by others: where, and by what text one sees it there. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'npm install ./strategos-0.1.0.tgz': ['test/e2e/package.test.ts', "run('npm', 'install'"],
  'npx --no -- strategos demo': ['test/e2e/package.test.ts', "strategos('demo')"],
  'npm pack': ['test/e2e/package.test.ts', "const pack = ['pack'"],
  'npm ci': ['.ci/run', 'npm ci'],
  'npm test': ['.ci/run', 'npm test'],
  'npm run test:sweeps': ['.ci/run', 'npm run test:sweeps'],
  'npm run demo': ['package.json', '"demo": "node dist/cli/main.js demo"'],
  'npm run demo -- --full': ['test/e2e/cycle.test.ts', "['run', 'demo', '--', '--full']"],
  'eval "$(strategos completion bash)"': [
    'test/cli/completion.test.ts',
    'eval "$(strategos completion bash)"',
  ],
  'npx vitest run --config test/vitest.config.ts test/conformance': [
    'test/conformance/live.test.ts',
    'describe',
  ],
};

describe('the README', () => {
  it('has no command that nothing runs', () => {
    const commands = commandsIn(README);
    expect(commands.length).toBeGreaterThan(20);
    const unknown = commands.filter((command) => {
      if (/^export (GENESYS_|PATH=)/.test(command)) return false;
      const line = argsOf(command)?.join(' ') ?? '';
      return ELSEWHERE[command] === undefined && !STORY.includes(line);
    });
    expect(unknown).toEqual([]);
  });

  it('has every command that is run here', () => {
    const typed = commandsIn(README);
    const args = typed.map((command) => argsOf(command)?.join(' '));
    expect(STORY.filter((one) => !args.includes(one))).toEqual([]);
    expect(Object.keys(ELSEWHERE).filter((one) => !typed.includes(one))).toEqual([]);
  });

  it.each(Object.entries(ELSEWHERE))('%s is run elsewhere', (_command, [file, text]) => {
    expect(read(file)).toContain(text);
  });
});

describe('an org in use, and an empty folder', () => {
  let place: Workplace;
  let dir: string;
  const ended = new Map<string, Ended>();

  beforeAll(async () => {
    place = await Workplace.open(undefined, { backend: 'datatable' });
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    // Somebody has made the rows by hand: no record says whose they are.
    const { tables, tableNames } = place.simulator.org;
    const records = tables.get(tableNames.get('Routing Strategies (strategos)') ?? '');
    records?.rows.clear();
    dir = await mkdtemp(path.join(tmpdir(), 'strategos-readme-'));
  });
  afterAll(async () => {
    await place.close();
    await rm(dir, GONE);
  });

  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
    execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'pipe' });
  };

  /** What a reader does between two commands. */
  const BEFORE: Readonly<Record<string, () => Promise<void> | void>> = {
    'apply --adopt': () => {
      git('init', '--quiet', '-b', 'main');
      git('add', '--all');
      git('commit', '--quiet', '--message', 'x');
    },
    'plan --out plan.json': async () => {
      const file = path.join(dir, 'strategies/billing.yaml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace(/capacity: \d+/, 'capacity: 9'));
      git('commit', '--quiet', '--all', '--message', 'More for billing');
    },
  };

  it.each(STORY)('strategos %s', async (command) => {
    await BEFORE[command]?.();
    const { more = [], until } = BESIDE[command] ?? {};
    const env = place.environment({ HOME: dir });
    const around = { cwd: dir, env, clock: place.clock };
    const found = await strategosHere(
      [...command.split(' '), ...more],
      until === undefined ? around : { ...around, until },
    );
    ended.set(command, found);
    expect([found.code, found.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)]);
  });

  it('does what the README says of it', () => {
    const said = (command: string): string => ended.get(command)?.stdout ?? '';
    expect(said('plan')).toContain('0 to create, 0 to change, 0 to delete');
    expect(said('plan --out plan.json')).toContain('1 to change');
    expect(said('apply plan.json')).toContain('Applied: 0 created, 1 changed');
    expect(said('drift')).toContain('No drift');
    expect(said('rollback latest')).toContain('RoutingStrategy/billing');
    expect(said('audit verify')).toMatch(/^intact: /);
    expect(said('upgrade')).toContain('Nothing to do');
  });
});
