/** Rounds of the optimizer from the built command line: lines, locks, signals, bad days. */
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import {
  printed,
  Workplace,
  type Ended,
  type OpenOptions,
  type RunOptions,
} from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

/** What a plan needs to read; no observations. */
const BLIND = ['routing', 'architect'];

const ORG: OrgFile = {
  ...DEMO_ORG,
  clients: [
    ...(DEMO_ORG.clients ?? []),
    { id: 'other', secret: 'other' },
    { id: 'blind', secret: 'blind', permissions: BLIND.map((domain) => `${domain}:*:*`) },
  ],
};

interface Line {
  readonly format: 1;
  readonly round: number;
  readonly run: string | null;
  readonly state: string;
  readonly reason: string;
  readonly strategies: readonly {
    readonly address: string;
    readonly state: string;
    readonly reason: string;
    readonly targets: readonly {
      readonly queue: string;
      readonly from: number;
      readonly to: number;
    }[];
  }[];
  readonly requests: number;
}

let place: Workplace;

afterEach(() => place.close());

async function open(options: OpenOptions & { readonly coolDown?: number } = {}): Promise<void> {
  place = await Workplace.open(ORG, options);
  if (options.coolDown !== undefined) {
    const policy = '    policy: inverse-occupancy';
    const cool = `${policy}\n    coolDownSeconds: ${options.coolDown}`;
    await place.edit('strategies/support.yaml', policy, cool);
  }
  expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
}

async function optimize(args: readonly string[] = [], options: RunOptions = {}) {
  const ended = await place.strategos(['optimize', ...args], options);
  return { ...ended, lines: linesIn(ended) };
}

function linesIn({ stdout }: Ended): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** `Support Tier 1 1 → 0.95`, for all that moved. */
function moves(lines: readonly Line[]): string[] {
  return lines.flatMap(({ strategies }) =>
    strategies.flatMap(({ targets }) =>
      targets
        .filter(({ from, to }) => from !== to)
        .map(({ queue, from, to }) => `${queue} ${from} → ${to}`),
    ),
  );
}

function stateTable() {
  const found = [...place.simulator.org.tables.values()].find(
    ({ name }) => name === 'Routing Strategies (strategos)',
  );
  if (found === undefined) throw new Error('the org has no state table');
  return found;
}

function putLock(): void {
  const { columns, rows } = stateTable();
  const empty = [...columns.keys()].map((name): [string, string] => [name, '']);
  const lock = { key: 'lock', holder: 'grace', host: 'ci-7', command: 'apply', run: 'hers' };
  rows.set('lock', new Map([...empty, ...Object.entries(lock)]));
}

async function expectSound(): Promise<void> {
  expect(stateTable().rows.has('lock')).toBe(false);
  const verify = await place.strategos(['audit', 'verify']);
  expect([verify.code, verify.stdout]).toEqual([0, expect.stringMatching(/^intact: /m)]);
}

describe.each(['datatable', 'strategies-api'] as const)('optimize on %s', (backend) => {
  it('prints a line a round, each a run of its own, and plan has nothing to say', async () => {
    await open({ backend, coolDown: 0 });
    const { code, lines } = await optimize(['--rounds', '3', '--interval', '1']);
    expect(code).toBe(0);
    const validate = validatorOf('optimizer-round');
    for (const line of lines) expect(validate(line), JSON.stringify(validate.errors)).toBe(true);
    expect(lines.map(({ round, state }) => [round, state])).toEqual([
      [1, 'done'],
      [2, 'done'],
      [3, 'done'],
    ]);
    // One of three agents is busy: 0.75 is liked, and a fifth of the way is gone each time.
    expect(moves(lines)).toEqual([
      ...['Support Tier 1 1 → 0.95', 'Support Tier 2 1 → 0.95'],
      ...['Support Tier 1 0.95 → 0.91', 'Support Tier 2 0.95 → 0.91'],
      ...['Support Tier 1 0.91 → 0.878', 'Support Tier 2 0.91 → 0.878'],
    ]);
    const runs = (await place.runs()).filter((run) => run.includes('-optimize-'));
    expect(lines.map(({ run }) => run)).toEqual(runs);
    expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect((await place.strategos(['drift'])).code).toBe(0);
    await expectSound();
    // A round is a run like any other: there is a way back from it.
    const back = await place.strategos(['rollback', runs[0] ?? '', '--yes']);
    expect(back.code).toBe(0);
    expect((await optimize(['--dry-run'])).lines[0]?.strategies[0]?.targets[0]?.from).toBe(1);
  });

  it('skips the round while another run holds the lock, and says who', async () => {
    await open({ backend });
    putLock();
    const { code, lines } = await optimize();
    expect(code).toBe(4);
    expect(lines).toMatchObject([{ state: 'skipped', strategies: [] }]);
    expect(lines[0]?.reason).toContain('the lock is held by grace on ci-7 (apply, run hers');
    expect(stateTable().rows.has('lock')).toBe(true);
  });

  it('sends nothing but reads in a dry run, and needs no lock', async () => {
    await open({ backend });
    putLock();
    const before = place.simulator.org.audits.length;
    const { code, lines } = await optimize(['--dry-run']);
    expect([code, lines[0]?.state, lines[0]?.strategies[0]?.state]).toEqual([
      ...[0, 'dry-run', 'planned'],
    ]);
    expect(moves(lines)).toHaveLength(2);
    expect(place.simulator.org.audits).toHaveLength(before);
  });

  it('names the permission that it lacks, having changed nothing', async () => {
    await open({ backend });
    const env = { GENESYS_CLIENT_ID: 'blind', GENESYS_CLIENT_SECRET: 'blind' };
    const { code, stdout, stderr } = await place.strategos(['optimize', '--watch'], { env });
    expect(code).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({ format: 1, error: { exitCode: 6 } });
    expect(stderr).toContain('analytics:queueObservation:view');
    await expectSound();
  });
});

describe('a watch', () => {
  it('is stopped by SIGTERM between two rounds: exit 0, no lock, every record closed', async () => {
    await open();
    const { code, lines } = await optimize(['--watch', '--interval', '3600'], {
      onStart: (kill, seen) => void printed(seen, '"round":1').then(() => kill('SIGTERM')),
    });
    expect([code, lines.map(({ state }) => state)]).toEqual([0, ['done']]);
    await expectSound();
  });

  it('is stopped by SIGTERM in the middle of a round just as well', async () => {
    await open({ latencyMs: 150 });
    const before = place.simulator.requests();
    const watched = optimize(['--watch'], {
      onStart: (kill) => {
        const look = setInterval(() => {
          if (!stateTable().rows.has('lock') && place.simulator.requests() < before + 4) return;
          clearInterval(look);
          kill('SIGTERM');
        }, 5);
      },
    });
    expect((await watched).code).toBe(0);
    await expectSound();
  });

  it('has a standby: of two, never both move a weight within its cool-down', async () => {
    await open({ coolDown: 3600 });
    const both = await Promise.all(
      ['demo', 'other'].map((id) =>
        optimize(['--rounds', '3', '--interval', '1'], {
          env: { GENESYS_CLIENT_ID: id, GENESYS_CLIENT_SECRET: id },
        }),
      ),
    );
    // Whoever met the other in each of its rounds was refused; which one that is nobody can say.
    for (const one of both) {
      const isRefused = one.lines.every(({ state }) => state === 'skipped');
      expect(one.code).toBe(isRefused ? 4 : 0);
    }
    const lines = both.flatMap((one) => one.lines);
    expect(moves(lines)).toHaveLength(2);
    const others = lines.filter((line) => moves([line]).length === 0);
    expect(others).toHaveLength(5);
    for (const { state, strategies } of others) {
      if (state !== 'skipped') expect(strategies[0]?.reason).toMatch(/^cooling down, \d+ s left$/);
    }
    await expectSound();
  });

  it('goes on after a round that could not be carried out, and says why', async () => {
    await open();
    await place.edit('strategies/support.yaml', 'policy: inverse', 'policy: inverted');
    const { code, lines, stderr } = await optimize(['--watch', '--interval', '1'], {
      onStart: (kill, seen) =>
        void printed(seen, '"round":2').then(async () => {
          await place.edit('strategies/support.yaml', 'policy: inverted', 'policy: inverse');
          await printed(seen, '"state":"done"');
          kill('SIGTERM');
        }),
    });
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ round: 1, state: 'failed', run: null });
    expect(lines[0]?.reason).toMatch(
      / are not valid: strategies.support\.yaml:\d+:\d+: .*inverted/,
    );
    // All of them, once.
    expect(stderr.match(/support\.yaml:\d+:\d+: error: .*inverted/g)).toHaveLength(1);
    expect(lines.at(-1)?.state).toBe('done');
    await expectSound();
  });
});

describe('optimize', () => {
  it('has a line for people', async () => {
    await open();
    const ended = await place.strategos(['optimize', '--format', 'text']);
    expect(ended.stdout).toMatch(
      /^\d\d:\d\d:\d\dZ round 1: optimized-support Support Tier 1 1 → 0\.95 \(1 of 3 busy, 1 waiting\), Support Tier 2 1 → 0\.95 \(1 of 3 busy, 0 waiting\)\n$/,
    );
    const again = await place.strategos(['optimize', '--format', 'text']);
    expect(again.stdout).toMatch(/round 1: optimized-support held: cooling down, 1\d\d s left\n$/);
  });

  it('has one page of all rounds, and none of a watch', async () => {
    await open();
    const rounds = ['optimize', '--rounds', '2', '--interval', '1', '--dry-run'];
    const { code, stdout } = await place.strategos([...rounds, '--format', 'html']);
    expect(code).toBe(0);
    expect(stdout).toContain('<h1>Optimizer: 2 rounds, 4 moves.</h1>');
    const watch = await place.strategos(['optimize', '--watch', '--format', 'markdown']);
    expect([watch.code, watch.stdout]).toEqual([64, '']);
  });

  it('says a warning about a manifest once, and not with every round', async () => {
    await open();
    await place.edit('strategies/support.yaml', 'max: 1.0', 'max: 0.9');
    const { code, lines, stderr } = await optimize(['--rounds', '3', '--interval', '1', '--quiet']);
    expect([code, lines.length]).toEqual([0, 3]);
    // One for each of two targets.
    expect(stderr.match(/weight-out-of-bounds/g)).toHaveLength(2);
  });

  it('says that there is nothing to do where no manifest has an optimizer', async () => {
    await open();
    const none = 'none of what --target takes in has an optimizer in its manifest';
    for (const more of [[], ['--dry-run']]) {
      const { code, lines } = await optimize(['--target', 'billing', ...more]);
      expect([code, lines[0]?.strategies, lines[0]?.reason]).toEqual([0, [], none]);
    }
    const page = await place.strategos(['optimize', '--target', 'billing', '--format', 'markdown']);
    expect(page.stdout).toContain(': done: none of what ');
    const text = await place.read('strategies/support.yaml');
    await place.write('strategies/support.yaml', text.replace(/\n +optimizer:(?:\n {4,}.*)+/, ''));
    const { lines } = await optimize([]);
    expect(lines[0]?.reason).toBe('no manifest has an optimizer');
  });

  it('refuses a --target that no manifest has, also in a watch', async () => {
    await open();
    for (const more of [[], ['--dry-run'], ['--watch']]) {
      const ended = await place.strategos(['optimize', '--target', 'biling', ...more]);
      expect(ended.code).toBe(64);
      expect(JSON.parse(ended.stdout)).toMatchObject({ format: 1, error: { exitCode: 64 } });
      expect(ended.stderr).toContain('--target biling: no manifest has that name');
      expect(ended.stderr).toContain('did you mean billing?');
    }
  });

  it('has lines alone for a program, also where it cannot go on', async () => {
    await open();
    await place.edit('strategies/support.yaml', 'policy: inverse', 'policy: inverted');
    const ended = await place.strategos(['optimize']);
    expect([ended.code, ended.stdout.split('\n').length]).toEqual([3, 2]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ format: 1, error: { exitCode: 3 } });
  });

  it('takes either --watch or --rounds, and an interval that is one', async () => {
    place = await Workplace.open(ORG);
    for (const args of [
      ['--watch', '--rounds', '2'],
      ['--interval', '0'],
      ['--rounds', 'x'],
    ]) {
      expect((await place.strategos(['optimize', ...args])).code).toBe(64);
    }
  });

  it('changes nothing before the first apply, and says what to do', async () => {
    place = await Workplace.open(ORG);
    const { code, lines } = await optimize();
    expect([code, lines[0]?.strategies[0]?.reason]).toEqual([
      ...[0, 'it is not in the org: apply it first'],
    ]);
    expect(place.simulator.org.audits).toEqual([]);
  });
});
