/** Steps of workflows by themselves, where a whole session on GitHub would show no more. */
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markerLine } from '../../src/render/marker.js';
import { Workplace, type Ended } from '../support/cli.js';
import { GitHubApi } from '../support/github-api.js';
import { onRunner } from '../support/npx-here.js';

let place: Workplace;
let api: GitHubApi;

beforeEach(async () => {
  [place, api] = await Promise.all([Workplace.open(), GitHubApi.open()]);
});
afterEach(() => Promise.all([place.close(), api.close()]));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...who, '-c', 'commit.gpgsign=false', ...args], {
    cwd: place.dir,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

const step = (file: string): string => path.join(place.dir, '.git', file);

async function committed(): Promise<string> {
  git('init', '--quiet', '--initial-branch', 'main');
  await writeFile(path.join(place.dir, '.gitignore'), '.strategos/\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  return git('rev-parse', 'HEAD');
}

/** A step of a job, with files for its outputs and its summary. */
async function ci(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = place.dir,
): Promise<Ended & { readonly outputs: string; readonly summary: string }> {
  const [outputs, summary] = [step('outputs'), step('summary')];
  for (const file of [outputs, summary]) await writeFile(file, '');
  const job = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'acme/routing',
    GITHUB_RUN_ID: '7001',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'plan',
    GITHUB_WORKSPACE: place.dir,
    GITHUB_OUTPUT: outputs,
    GITHUB_STEP_SUMMARY: summary,
  };
  const ended = await onRunner(['ci', ...args], {
    cwd,
    env: place.environment({ ...job, ...env }),
    clock: place.clock,
  });
  const texts = await Promise.all([outputs, summary].map((file) => readFile(file, 'utf8')));
  return { ...ended, outputs: texts[0] ?? '', summary: texts[1] ?? '' };
}

describe('ci matrix --if-changed', () => {
  /** What is checked out is GitHub's merge of a branch that changes this file. */
  async function merged(file: string): Promise<void> {
    await committed();
    git('checkout', '--quiet', '-b', 'branch');
    await writeFile(path.join(place.dir, file), '# changed\n', { flag: 'a' });
    git('add', '.');
    git('commit', '--quiet', '--message', 'second');
    git('checkout', '--quiet', 'main');
    git('merge', '--quiet', '--no-ff', '--message', 'merge', 'branch');
  }

  /** The workflow of one folder of a repository runs in that folder. */
  const matrix = async (event: string, folder = '.'): Promise<string> => {
    const cwd = path.join(place.dir, folder);
    const env = { GITHUB_EVENT_NAME: event };
    const { code, stdout } = await ci(['matrix', '--if-changed', '--dir', '.'], env, cwd);
    expect(code).toBe(0);
    return stdout;
  };

  it('has every environment where the pull request changes its folder', async () => {
    await merged('strategies/billing.yaml');
    expect(await matrix('pull_request', 'strategies')).toBe('["demo"]\n');
  });

  it('has none where it changes other folders of the repository only', async () => {
    await merged('notes.md');
    expect(await matrix('pull_request', 'strategies')).toBe('[]\n');
    // On main there is something to apply, whoever has merged what.
    expect(await matrix('push', 'strategies')).toBe('["demo"]\n');
  });

  it('has every environment where nobody can tell: no merge, or one without parents', async () => {
    await committed();
    expect(await matrix('pull_request', 'strategies')).toBe('["demo"]\n');
    await rm(path.join(place.dir, '.git'), { recursive: true });
    await merged('notes.md');
    const commit = git('rev-parse', 'HEAD');
    await writeFile(step('shallow'), `${commit}\n`);
    expect(await matrix('pull_request', 'strategies')).toBe('["demo"]\n');
  });
});

describe('variables of GitHub that are none', () => {
  it.each([
    [['drift'], { GITHUB_API_URL: 'notaurl', GITHUB_TOKEN: 't' }, 'GITHUB_API_URL'],
    [['plan'], { GITHUB_RUN_ATTEMPT: 'abc' }, 'GITHUB_RUN_ATTEMPT'],
    [['validate'], { GITHUB_REPOSITORY: 'routing' }, 'GITHUB_REPOSITORY'],
  ])('end ci %j before any request, by their names: %j', async (args, env, name) => {
    await committed();
    const ended = await ci(args, env);
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining(`${name} is not`)]);
    expect(place.simulator.requests()).toBe(0);
  });
});

describe('ci validate', () => {
  it.each([
    ['is no JSON', '{'],
    ['is a list', '[]'],
    ['has a pull request without a commit', '{"pull_request":{"number":7}}'],
    ['is not there', null],
  ])('needs no payload of the event: one that %s is said', async (_what, payload) => {
    await committed();
    const file = step('event.json');
    if (payload !== null) await writeFile(file, payload);
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: file };
    const { code, stderr, summary } = await ci(['validate'], env);
    expect(code).toBe(0);
    expect(stderr).toContain(`warning: ${file}`);
    expect(summary).toMatch(/^## /);
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: -8');
    expect((await ci(['validate'], env)).code).toBe(3);
  });
});

describe('ci comment --plans of a folder that is not there', () => {
  const events = async (): Promise<Record<string, string>> => {
    await committed();
    const pull = { number: 7, head: { sha: 'c0ffee', repo: { full_name: 'acme/routing' } } };
    await writeFile(step('event.json'), JSON.stringify({ pull_request: pull }));
    return {
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token({ 'pull-requests': 'write' }),
      GITHUB_EVENT_PATH: step('event.json'),
    };
  };

  it('is refused, and what the comment says stays', async () => {
    const { code, stderr } = await ci(['comment', '--plans', 'planz'], await events());
    expect([code, stderr]).toEqual([3, expect.stringContaining('planz: there is no such folder')]);
    expect(api.comments).toEqual([]);
  });

  it('names those that should have a plan, where it is said which', async () => {
    const args = ['comment', '--plans', 'planz', '--environments', '["demo"]'];
    expect((await ci(args, await events())).code).toBe(0);
    expect(api.comments[0]?.body).toContain('## demo: no plan');
  });

  it('says what is wrong with the manifests', async () => {
    const env = await events();
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: -8');
    expect((await ci(['comment', '--plans', 'planz'], env)).code).toBe(0);
    expect(api.comments[0]?.body).toContain('The manifests are not valid: 1 error');
  });
});

describe('a workflow run that is run again', () => {
  it('says in its comment what it has not planned anew', async () => {
    await committed();
    const pull = { number: 7, head: { sha: 'c0ffee', repo: { full_name: 'acme/routing' } } };
    await writeFile(step('event.json'), JSON.stringify({ pull_request: pull }));
    const event = {
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token({ 'pull-requests': 'write' }),
      GITHUB_EVENT_PATH: step('event.json'),
    };
    expect((await ci(['plan'], event)).code).toBe(0);
    const comment = ['comment', '--plans', '.strategos/runs', '--environments', '["demo"]'];
    const said = 'Planned in an earlier attempt of this workflow run, and not again since: demo.';
    expect((await ci(comment, event)).code).toBe(0);
    expect(api.comments[0]?.body).not.toContain(said);
    expect((await ci(comment, { ...event, GITHUB_RUN_ATTEMPT: '2' })).code).toBe(0);
    expect(api.comments[0]?.body).toContain(said);
    expect((await ci(['plan'], { ...event, GITHUB_RUN_ATTEMPT: '2' })).code).toBe(0);
    expect((await ci(comment, { ...event, GITHUB_RUN_ATTEMPT: '2' })).code).toBe(0);
    expect(api.comments[0]?.body).not.toContain(said);
  });
});

describe('a comment whose marker somebody has broken', () => {
  const marker = markerLine('plan', { head: 'c0ffee', folder: 'strategies', environments: {} });

  it.each([
    ['cut', marker.slice(0, -12)],
    ['no JSON', marker.replace('{', '[')],
    ['without a digest', markerLine('plan', { environments: { demo: { digest: 'x' } } })],
    ['nothing of it left but its name', '<!-- strategos:plan'],
  ])('is not taken for no review: %s', async (_how, line) => {
    const commit = await committed();
    api.pulls.push({ number: 12, head: 'c0ffee', mergeCommit: commit });
    api.commentBy('github-actions[bot]', 12, `${line}\n## Plan`);
    const { code, summary } = await ci(['plan', '--env', 'demo'], {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_SHA: commit,
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token({ 'pull-requests': 'read', issues: 'read', contents: 'read' }),
    });
    expect(code).toBe(0);
    expect(summary).toContain('Whether this plan was reviewed is not known');
    expect(summary).not.toMatch(/nobody has reviewed|is the plan that was reviewed/);
  });
});

describe('pull requests that were merged before one apply', () => {
  const COMPARED = { 'pull-requests': 'read', issues: 'read', contents: 'read', actions: 'read' };

  function onMain(): Record<string, string> {
    return {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_API_URL: api.url,
      GITHUB_TOKEN: api.token(COMPARED),
    };
  }

  const outputIn = (outputs: string, name: string): string =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(outputs)?.[1] ??
    new RegExp(`^${name}<<(\\S+)\\n([^]*?)\\n\\1$`, 'm').exec(outputs)?.[2] ??
    '';

  /** Summary of the last plan. */
  let told = '';

  /** Plans and applies what is checked out, as two jobs do; what was told of the merge between. */
  async function applied(): Promise<string> {
    const planned = await ci(['plan', '--env', 'demo'], onMain());
    expect(planned.code, planned.stderr).toBe(0);
    told = planned.summary;
    const [digest, merged] = ['digest', 'pull-request'].map((one) =>
      outputIn(planned.outputs, one),
    ) as [string, string];
    const args = ['--expect-digest', digest, '--pull-request', merged];
    const ended = await ci(['apply', '--env', 'demo', ...args], onMain());
    expect(ended.code, ended.stderr).toBe(0);
    return merged;
  }

  async function lastLog(): Promise<[run: string, log: string]> {
    const run = (await place.runs()).filter((one) => one.includes('-apply-')).at(-1) ?? '';
    return [run, await place.read(`.strategos/runs/${run}/audit.jsonl`)];
  }

  async function kept(): Promise<void> {
    const [run, log] = await lastLog();
    api.keep('7001', run, new Map([[`${run}/audit.jsonl`, new TextEncoder().encode(log)]]));
  }

  async function next(capacity: number, number: number | null): Promise<string> {
    const text = await place.read('strategies/billing.yaml');
    const changed = text.replace(/capacity: \d+/, `capacity: ${capacity}`);
    await place.write('strategies/billing.yaml', changed);
    git('commit', '--quiet', '--all', '--message', `capacity ${capacity}`);
    const commit = git('rev-parse', 'HEAD');
    if (number !== null) api.pulls.push({ number, head: `${number}`, mergeCommit: commit });
    return commit;
  }

  /** GitHub knows what came after this commit, and of no other. */
  function compared(base: string): void {
    api.compare = (from, to) =>
      from === base
        ? git('rev-list', '--parents', `${from}..${to}`)
            .split('\n')
            .map((line) => line.split(' '))
        : null;
  }

  const sinceOf = (log: string): unknown =>
    (JSON.parse(log.split('\n')[0] ?? '') as { detail: { workflow: { since?: unknown } } }).detail
      .workflow.since;

  it('are all on record, and commits of none, and the trail names them', async () => {
    const first = await committed();
    api.pulls.push({ number: 11, head: '11', mergeCommit: first });
    // Nothing was ever applied here: since when cannot be told.
    expect(await applied()).toBe('11 unknown');
    await kept();
    const line = [await next(9, 12), await next(10, null), await next(11, 14)] as const;
    compared(first);
    expect(await applied()).toBe(`14 since=${first} 12 ${line[1]}`);
    expect(told).toContain(
      `Merged since the last apply (${first}), too: #12, ${line[1]} (of no pull request).`,
    );
    const [, log] = await lastLog();
    expect(sinceOf(log)).toEqual({
      commit: first,
      pullRequests: ['https://github.com/acme/routing/pull/12'],
      pushed: [line[1]],
    });
    const trail = await place.strategos(['audit', 'trail', '--since', '1h']);
    expect(trail.stdout.replace(/\s+/g, ' ')).toContain(
      `with all since ${first.slice(0, 12)}: pull request https://github.com/acme/routing/pull/12 ` +
        `and commit ${line[1].slice(0, 12)} of no pull request`,
    );
    await kept();
    // One by itself has no company.
    await next(12, 15);
    compared(line[2]);
    expect(await applied()).toBe(`15 since=${line[2]}`);
    expect(await place.strategos(['audit', 'verify'])).toMatchObject({ code: 0 });
  });

  it('are not known where the log of the last apply is gone, or its commit: never none', async () => {
    const first = await committed();
    api.pulls.push({ number: 11, head: '11', mergeCommit: first });
    await applied();
    await next(9, 12);
    expect(await applied()).toBe('12 unknown');
    expect(sinceOf((await lastLog())[1])).toBeNull();
    expect(told).toContain('What else was merged since the last apply is not known');
    await kept();
    await next(10, 13);
    // GitHub has no such commit any more.
    expect(await applied()).toBe('13 unknown');
    await kept();
    const [run] = await lastLog();
    const env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/routing',
      GITHUB_RUN_ID: '7002',
    };
    const back = await place.strategos(['rollback', run, '--yes'], { env });
    expect(back.code, back.stderr).toBe(0);
    compared(git('rev-parse', 'HEAD'));
    await next(11, 14);
    expect(await applied()).toBe('14 unknown');
    const trail = await place.strategos(['audit', 'trail', '--since', '1h']);
    expect(trail.stdout.replace(/\s+/g, ' ')).toContain(
      'what else was merged since the last apply is not known',
    );
  });
});
