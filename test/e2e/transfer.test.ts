/** Two folders of one repository in one org, and what one has given to the other. */
import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
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
const BELONGS = `RoutingStrategy/billing belongs to ${WEST} (environment demo)`;
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
    expect(stdout).toContain(`belongs to ${WEST} (environment demo)`);
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

  it('turns checks on GitHub red, and the issue of a drift stays open', async () => {
    const api = await GitHubApi.open();
    try {
      const payload = { pull_request: { number: 7, head: { sha: 'abc', repo: {} } } };
      await place.write('summary', '');
      await place.write('event.json', JSON.stringify(payload));
      const env = {
        ...{ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/routing', GITHUB_SHA: 'abc' },
        ...{ GITHUB_API_URL: api.url, GITHUB_TOKEN: api.token({ issues: 'write' }) },
        GITHUB_STEP_SUMMARY: path.join(place.dir, 'summary'),
      };
      const review = { ...env, GITHUB_EVENT_PATH: path.join(place.dir, 'event.json') };
      const planned = await place.process(['ci', 'plan', '--dir', 'east'], { env: review });
      expect([planned.code, planned.stdout], planned.stderr).toEqual([
        4,
        expect.stringContaining(BELONGS),
      ]);
      expect(planned.stdout).toContain('::error title=ownership::');
      const looked = await place.process(['ci', 'drift', '--dir', 'east'], { env });
      expect([looked.code, looked.stdout], looked.stderr).toEqual([
        4,
        expect.stringContaining(BELONGS),
      ]);
      expect(await place.read('summary')).toContain('RoutingStrategy/billing belongs to');
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
    expect(ended.stdout).toContain('Transferred: 3 records; 0 not; no strategy is changed.');
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
      ...{ state: 'transferred', exitCode: 0, from: before, to: after },
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
    ['nobody', ['--from', WEST, '--to', 'github.com/acme/routing'], 4, 'repository//folder'],
    ['a folder alone', ['--from', WEST, '--to', '//east'], 4, 'repository//folder'],
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
