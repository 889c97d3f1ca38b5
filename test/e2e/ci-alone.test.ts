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
