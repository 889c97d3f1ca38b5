/** Two folders of one repository in one org, and what one has given to the other. */
import { execFileSync } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain, type AuditRecord } from '../../src/core/audit.js';
import { LOCK_KEY, lockRow } from '../../src/core/state.js';
import { sha256 } from '../../src/files/digest.js';
import { Workplace, type Ended } from '../support/cli.js';
import { GitHubApi } from '../support/github-api.js';
import { cellsOf, remember, stateIn, stateTable } from '../support/owned.js';
import { validatorOf } from '../support/schemas.js';

const validate = validatorOf('result');

const WEST = 'github.com/acme/routing//strategies';
const BELONGS = `belong to ${WEST} (environment demo)`;
const EAST = 'github.com/acme/routing//east';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: place.dir, stdio: 'pipe' });
  git('init', '--quiet');
  git('remote', 'add', 'origin', 'git@github.com:Acme/Routing.git');
  await place.edit('strategies/environment.yaml', '  owner: strategos-example\n', '');
  await cp(path.join(place.dir, 'strategies'), path.join(place.dir, 'east'), { recursive: true });
  expect((await west('apply', '--yes')).code).toBe(0);
});
afterEach(() => place.close());

const west = (...args: string[]): Promise<Ended> => place.strategos(args);
const east = (...args: string[]): Promise<Ended> => place.strategos([...args, '--dir', 'east']);
const transfer = (...args: string[]): Promise<Ended> => east('owner', 'transfer', '--yes', ...args);
const WHOLE = ['--from', WEST, '--to', EAST];

function records() {
  return [...stateIn(place.simulator.org).records.values()];
}

function owners(): Record<string, string> {
  return Object.fromEntries(records().map(({ address, owner }) => [address, owner.name]));
}

const all = (owner: string): Record<string, string> => ({
  'RoutingStrategy/billing': owner,
  'RoutingStrategy/optimized-support': owner,
  'RoutingStrategy/sales': owner,
});

async function logOf(run: string): Promise<readonly AuditRecord[]> {
  const chain = verifyChain(await place.read(`.strategos/runs/${run}/audit.jsonl`), sha256);
  expect(chain.problems).toEqual([]);
  return chain.records;
}

describe('what another folder of the repository has applied', () => {
  it('is refused, by every command that compares, and neither changed nor deleted', async () => {
    const [live, kept] = [await place.strategies(), records()];
    await place.edit('east/billing.yaml', 'capacity: 8', 'capacity: 9');
    for (const args of [
      ['plan', '--detailed-exitcode'],
      ['drift'],
      ['apply', '--yes'],
      ['apply', '--yes', '--force', '--adopt'],
    ]) {
      const ended = await east(...args);
      expect([args, ended.code]).toEqual([args, 4]);
    }
    const { stdout } = await east('plan');
    expect(stdout).toContain(`belong to ${WEST} (environment demo)`);
    expect(stdout).toContain('another folder of the same repository');
    expect(stdout).toContain(`we are ${EAST} (environment demo)`);
    expect(stdout).toContain(`strategos owner transfer --from "${WEST}" --to "${EAST}"`);
    expect(stdout).toContain('0 to delete, 0 to adopt; 0 unchanged; 3 not ours.');
    const drift = await east('drift');
    expect(drift.stdout).toContain('No drift in what could be compared; 0 unchanged; 3 not ours.');
    expect([await place.strategies(), records()]).toEqual([live, kept]);
  });

  it('is not deleted where this folder says nothing of it', async () => {
    const [live, kept] = [await place.strategies(), records()];
    for (const file of ['billing', 'support', 'overlay-demo']) {
      await place.write(`east/${file}.yaml`, '');
    }
    const plan = await east('plan', '--detailed-exitcode');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/left alone: .*not ours/)]);
    expect((await east('apply', '--yes', '--force')).code).toBe(0);
    expect([await place.strategies(), records()]).toEqual([live, kept]);
  });

  it('turns checks on GitHub red', async () => {
    const { api, env } = await gitHub();
    try {
      const planned = await place.process(['ci', 'plan', '--dir', 'east'], { env });
      expect([planned.code, planned.stdout], planned.stderr).toEqual([
        4,
        expect.stringContaining(BELONGS),
      ]);
      expect(planned.stdout).toContain('::error title=ownership::');
      expect(await place.read('summary')).toMatch(/RoutingStrategy\/billing, .* belong to /);
    } finally {
      await api.close();
    }
  });

  it('may have drifted: the issue of that drift stays open, and the look is red', async () => {
    const { api, env } = await gitHub();
    try {
      const issues = () => api.issues.map(({ state }) => state);
      expect((await transfer(...WHOLE)).code).toBe(0);
      await drifted('billing');
      const opened = await place.process(['ci', 'drift', '--dir', 'east'], { env });
      expect([opened.code, issues()], opened.stderr).toEqual([0, ['open']]);
      expect((await transfer('--from', EAST, '--to', WEST)).code).toBe(0);
      const looked = await place.process(['ci', 'drift', '--dir', 'east'], { env });
      expect([looked.code, issues()], looked.stderr).toEqual([4, ['open']]);
      expect(looked.stdout).toMatch(/issue \d+: left open/);
      expect(await place.read('summary')).toMatch(/RoutingStrategy\/billing, .* belong to /);
    } finally {
      await api.close();
    }
  });
});

/** A stand-in for GitHub, with a pull request, and the variables of a job. */
async function gitHub() {
  const api = await GitHubApi.open();
  const payload = { pull_request: { number: 7, head: { sha: 'abc', repo: {} } } };
  await place.write('summary', '');
  await place.write('event.json', JSON.stringify(payload));
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/routing',
    GITHUB_SHA: 'abc',
    GITHUB_WORKSPACE: place.dir,
    GITHUB_API_URL: api.url,
    GITHUB_TOKEN: api.token({ issues: 'write', 'pull-requests': 'write' }),
    GITHUB_STEP_SUMMARY: path.join(place.dir, 'summary'),
    GITHUB_EVENT_PATH: path.join(place.dir, 'event.json'),
  };
  return { api, env };
}

/** A person changes the live strategy. */
async function drifted(name: string): Promise<void> {
  const { id = '', targets = [] } = (await place.strategies())[name] ?? {};
  const [first, ...rest] = targets;
  await place.request('PUT', `/api/v2/routing/strategies/${id}`, {
    targets: [{ ...first, weight: 0.3 }, ...rest],
  });
}

describe('two folders with one name of an environment, on GitHub', () => {
  beforeEach(async () => {
    for (const name of ['billing', 'support', 'overlay-demo']) {
      await rm(path.join(place.dir, `east/${name}.yaml`));
    }
    const [text = ''] = (await place.read('strategies/billing.yaml')).split('\n---\n');
    await place.write('east/outbound.yaml', text.replace('name: billing', 'name: outbound'));
    expect((await east('apply', '--yes')).code).toBe(0);
  });

  it('have a comment each at a pull request', async () => {
    const { api, env } = await gitHub();
    try {
      const bodies = () => api.comments.map(({ body }) => body ?? '');
      const review = async (dir: string): Promise<string> => {
        const runs = ['--runs', `.strategos/${dir}`];
        const planned = await place.process(['ci', 'plan', '--dir', dir, ...runs], { env });
        expect([planned.code, planned.stderr]).toEqual([0, expect.anything()]);
        const args = ['ci', 'comment', '--dir', dir, '--plans', `.strategos/${dir}`];
        const said = await place.process(args, { env });
        expect(said.code, said.stderr).toBe(0);
        return said.stdout.trim();
      };
      await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
      await place.edit('east/outbound.yaml', 'capacity: 8', 'capacity: 9');
      const made = 'comment at pull request 7: made';
      expect([await review('strategies'), await review('east')]).toEqual([made, made]);
      const [ours = '', theirs = ''] = bodies();
      expect(ours).toContain('RoutingStrategy/billing');
      expect(theirs).toContain('RoutingStrategy/outbound');
      expect(theirs).toContain('Manifests in folder <code>east</code>.');
      expect(await review('strategies')).toBe('comment at pull request 7: updated');
      expect(bodies()).toHaveLength(2);
      expect(bodies()[1]).toBe(theirs);
    } finally {
      await api.close();
    }
  });

  it('have an issue each where they have drifted, and close no other', async () => {
    const { api, env } = await gitHub();
    try {
      const look = async (dir: string): Promise<string> => {
        const looked = await place.process(['ci', 'drift', '--dir', dir], { env });
        expect(looked.code, looked.stderr).toBe(0);
        return (
          looked.stdout
            .trim()
            .split(/issue \d+: /)
            .at(-1) ?? ''
        );
      };
      await drifted('billing');
      await drifted('outbound');
      expect(await look('strategies')).toBe('opened');
      expect(await look('east')).toBe('opened');
      expect(api.issues.map(({ body }) => body?.includes('folder <code>east</code>'))).toEqual([
        ...[false, true],
      ]);
      expect((await east('apply', '--yes')).code).toBe(0);
      expect(await look('east')).toBe('closed');
      expect(await look('strategies')).toBe('brought up to date');
      expect(api.issues.map(({ state }) => state)).toEqual(['open', 'closed']);
    } finally {
      await api.close();
    }
  });
});

describe('owner transfer', () => {
  it('hands records over: then the other folder has it, and this one is refused', async () => {
    const [live, kept] = [await place.strategies(), records()];
    const ended = await transfer(...WHOLE);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`from ${WEST} (environment demo)`);
    expect(ended.stdout).toContain(`to   ${EAST} (environment demo)`);
    expect(ended.stdout).toContain('✓ RoutingStrategy/billing transferred');
    expect(ended.stdout).toContain('Transferred: 3 records; 0 not; no object is changed.');
    expect(await place.strategies()).toEqual(live);
    const owner = { name: EAST, environment: 'demo' };
    expect(records()).toEqual(kept.map((record) => ({ ...record, owner })));
    const plan = await east('plan', '--detailed-exitcode');
    expect(plan.stdout).toContain('0 to adopt; 3 unchanged.');
    expect(plan.code).toBe(0);
    expect((await west('plan', '--detailed-exitcode')).code).toBe(4);
    expect((await west('apply', '--yes')).code).toBe(4);
    expect(stateIn(place.simulator.org).lock).toBeNull();
  });

  it('is on record: who had each, who has it, the request and what came of it', async () => {
    const { stdout } = await transfer(...WHOLE, '--target', 'billing', '--format', 'json');
    const result = JSON.parse(stdout) as { run: string };
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    const [before, after] = [
      { name: WEST, environment: 'demo' },
      { name: EAST, environment: 'demo' },
    ];
    expect(result).toMatchObject({
      state: 'transferred',
      exitCode: 0,
      from: before,
      to: after,
      records: [{ address: 'RoutingStrategy/billing', state: 'transferred', before, after }],
    });
    const log = (await logOf(result.run)).filter(({ detail }) => detail?.['step'] === 'transfer');
    const told = {
      address: 'RoutingStrategy/billing',
      before: { owner: WEST, environment: 'demo' },
      after: { owner: EAST, environment: 'demo' },
    };
    expect(log).toMatchObject([
      { type: 'intent', ...told, request: { method: 'PUT' } },
      { type: 'outcome', ...told, request: { status: 200 }, outcome: { state: 'sent' } },
    ]);
    expect(owners()).toEqual({ ...all(WEST), 'RoutingStrategy/billing': EAST });
    expect((await west('audit', 'verify', '--org')).code).toBe(0);
    const back = await west('rollback', result.run, '--yes');
    expect([back.code, back.stderr]).toEqual([3, expect.stringContaining('changed nothing')]);
    expect(back.stderr).toContain('owner transfer hands back what it has handed over');
  });

  it('shows what it would do, and does nothing, with --dry-run', async () => {
    for (const format of ['text', 'markdown', 'json']) {
      const args = [...WHOLE, '--dry-run', '--format', format];
      const ended = await east('owner', 'transfer', ...args);
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain('acme/routing//east');
      expect(ended.stdout).toContain('acme/routing//strategies');
      expect(ended.stdout).toContain('RoutingStrategy/billing');
      if (format === 'json') expect(validate(JSON.parse(ended.stdout))).toBe(true);
    }
    expect(owners()).toEqual(all(WEST));
  });

  it('asks, and does nothing where it cannot', async () => {
    const ended = await east('owner', 'transfer', ...WHOLE);
    expect([ended.code, owners()]).toEqual([64, all(WEST)]);
    expect(ended.stderr).toContain('--yes');
  });

  const other = 'github.com/acme/elsewhere//strategies';
  it.each([
    ['who holds nothing', ['--from', other, '--to', EAST], 4, 'holds nothing'],
    ['nobody', ['--from', WEST, '--to', 'github.com/acme/routing'], 64, 'repository//folder'],
    ['a folder alone', ['--from', WEST, '--to', '//east'], 64, 'repository//folder'],
    [
      'itself',
      ['--from', WEST, '--to', `https://GitHub.com/acme/routing.git//strategies/`],
      4,
      'one and the same',
    ],
    ['neither of which we are', ['--from', WEST, '--to', other], 4, 'of neither'],
    ['of what it has not', [...WHOLE, '--target', 'bill'], 64, 'has no record of that name'],
  ])('refuses: %s', async (_name, args, code, why) => {
    const ended = await transfer(...args);
    expect([ended.code, owners()]).toEqual([code, all(WEST)]);
    expect(ended.stderr).toContain(why);
    expect(stateIn(place.simulator.org).lock).toBeNull();
  });

  it('goes between two others where it is forced to', async () => {
    expect((await transfer('--from', WEST, '--to', other, '--force')).code).toBe(0);
    expect(owners()).toEqual(all(other));
  });

  it('takes the lock', async () => {
    const ada = { holder: 'ada', host: 'ci-7', command: 'apply', run: 'r', at: '' };
    stateTable(place.simulator.org).rows.set(LOCK_KEY, cellsOf(lockRow(ada)));
    const ended = await transfer(...WHOLE);
    expect([ended.code, owners()]).toEqual([4, all(WEST)]);
    expect(ended.stderr).toContain('held by ada');
  });

  it('hands over what an older version has written, in any spelling', async () => {
    const old = { name: 'routing', environment: 'demo' };
    for (const record of records()) remember(place.simulator.org, { ...record, owner: old });
    // A word may be anybody's.
    const refused = await east('plan', '--detailed-exitcode');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toContain('strategos owner transfer --from "routing" --to');
    const to = ['--to', 'ssh://git@github.com/Acme/Routing.git//east'];
    expect((await transfer('--from', 'routing', ...to)).code).toBe(0);
    expect(owners()).toEqual(all(EAST));
    expect((await east('plan', '--detailed-exitcode')).code).toBe(0);
  });
});
