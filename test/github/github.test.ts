/** The adapter to GitHub by itself: events, errors, comments of others, artifacts from outside. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asked, openGitHub } from '../../src/github/api.js';
import { fileInArtifact } from '../../src/github/artifact.js';
import { ourComments, writeComment } from '../../src/github/comment.js';
import { closeIssue, openIssues, tellDrift } from '../../src/github/drift-issue.js';
import { pullRequestIn } from '../../src/github/event.js';
import { approversOf, mergedPullRequest } from '../../src/github/merged.js';
import { noteOf } from '../../src/github/runner.js';
import { GitHubApi, type Permissions } from '../support/github-api.js';
import { HurriedClock } from '../support/hurried.js';
import { GONE } from '../support/gone.js';

const AUTHOR = 'github-actions[bot]';
const AT = '2026-03-02T09:00:00Z';
let api: GitHubApi;
let dir: string;
let clock: HurriedClock;
beforeEach(async () => {
  api = await GitHubApi.open();
  clock = new HurriedClock();
  dir = mkdtempSync(path.join(tmpdir(), 'strategos-github-'));
});
afterEach(async () => {
  await api.close();
  rmSync(dir, GONE);
});

const open = (permissions: Permissions) =>
  openGitHub(
    {
      GITHUB_API_URL: `${api.url}/`,
      GITHUB_REPOSITORY: 'acme/routing',
      GITHUB_TOKEN: api.token(permissions),
    },
    'strategos/test',
    { clock },
  );
const isOurs = (body: string): boolean => body.startsWith('ours');

describe('the event', () => {
  const write = (payload: unknown): { GITHUB_EVENT_PATH: string } => {
    const file = path.join(dir, 'event.json');
    writeFileSync(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
    return { GITHUB_EVENT_PATH: file };
  };
  const request = (repo: unknown) => ({
    repository: { full_name: 'acme/routing' },
    pull_request: { number: 12, user: { login: 'ada' }, head: { sha: 'c0ffee', repo } },
  });

  it.each([
    ['a branch of the repository', { full_name: 'acme/routing' }, false],
    ['a fork', { full_name: 'mallory/routing' }, true],
    ['a fork that was deleted', null, true],
  ])('of %s', async (_name, repo, isFork) => {
    const event = await pullRequestIn(write(request(repo)));
    expect(event).toEqual({ number: 12, head: 'c0ffee', isFork, author: 'ada' });
  });

  it('of a push is about no pull request, and outside of GitHub there is none', async () => {
    expect(await pullRequestIn(write({ ref: 'refs/heads/main' }))).toBeNull();
    expect(await pullRequestIn({})).toBeNull();
  });

  it.each(['', '[]', '{"pull_request":{"number":"12","head":{"sha":1}}}'])(
    'that is %j is refused, and not taken for a push',
    async (text) => {
      await expect(pullRequestIn(write(text))).rejects.toMatchObject({ exitCode: 3 });
    },
  );
});

describe('what GitHub refuses', () => {
  it('for want of a permission names the permission, with exit code 6', async () => {
    const github = open({ contents: 'read' });
    await expect(mergedPullRequest(github, '0'.repeat(40))).rejects.toMatchObject({
      exitCode: 6,
      hint: 'the job needs permissions: pull-requests: read',
      message:
        'GitHub: cannot look up the pull request: GitHub answered 403: ' +
        'Resource not accessible by integration',
      request: { method: 'GET', status: 403, correlationId: 'C0DE:1' },
    });
    expect(api.requests).toHaveLength(1);
  });

  it('for the moment is asked for again', async () => {
    api.troubles.push({ status: 502 });
    api.approveBy('grace', 'demo');
    api.approveBy('ada', 'another');
    expect(await approversOf(open({ actions: 'read' }), '7', 'demo')).toEqual(['grace']);
    expect(api.requests).toHaveLength(2);
  });

  it('before it is asked: a missing token is named', () => {
    expect(() => openGitHub({ GITHUB_REPOSITORY: 'acme/routing' }, 'x', { clock })).toThrow(
      'GitHub is not asked: not set: GITHUB_TOKEN',
    );
  });
});

describe('where no answer comes', () => {
  const failed = (url: string) =>
    Object.assign(new Error('fetch failed', { cause: Object.assign(new Error('x'), GONE_AWAY) }), {
      status: 500,
      request: { method: 'GET', url },
    });
  const GONE_AWAY = { code: 'ECONNREFUSED' };

  it.each([
    ['https://ghe.example.com/api/v3/repos', 'https://ghe.example.com', 'check GITHUB_API_URL'],
    ['https://api.github.com/repos', 'https://api.github.com', 'githubstatus.com'],
  ])('from %s, it is said from where, and why', async (url, origin, hint) => {
    const asking = asked(open({}), 'read the issues', '', () => Promise.reject(failed(url)));
    await expect(asking).rejects.toMatchObject({
      exitCode: 7,
      message: `GitHub: cannot read the issues: no answer came from ${origin} (ECONNREFUSED)`,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it('of what is no address, nothing is asked', () => {
    const env = { GITHUB_REPOSITORY: 'acme/routing', GITHUB_TOKEN: 't', GITHUB_API_URL: 'x' };
    expect(() => openGitHub(env, 'x', { clock })).toThrow('GITHUB_API_URL is not');
  });
});

describe('a limit of GitHub', () => {
  const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes.';
  const PRIMARY = 'API rate limit exceeded for installation ID 1.';
  const DATE = 'Mon, 02 Mar 2026 09:00:00 GMT';
  const AT = Date.parse(DATE) / 1000;
  const reset = (afterSeconds: number) => ({
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(AT + afterSeconds),
    date: DATE,
  });
  const waited = (): number => Math.round(clock.skippedMs() / 1000);
  const write = () => writeComment(open({ 'pull-requests': 'write' }), 12, [], 'ours');

  it.each([
    ['secondary, with a time', 403, SECONDARY, { 'retry-after': '7' }, 7],
    ['secondary, without one', 403, SECONDARY, {}, 60],
    ['secondary, by its page of the documentation', 403, 'Slow down', {}, 60],
    [
      'secondary, in its older words',
      403,
      'You have triggered an abuse detection mechanism',
      {},
      60,
    ],
    [
      'secondary, a date',
      429,
      SECONDARY,
      { 'retry-after': 'Mon, 02 Mar 2026 09:00:30 GMT', date: DATE },
      30,
    ],
    ['primary, 403', 403, PRIMARY, reset(20), 21],
    ['primary, 429', 429, PRIMARY, reset(20), 21],
    ['primary, and the reset is past', 403, PRIMARY, reset(-5), 1],
    ['429 and no more', 429, 'Too many requests', {}, 60],
  ] as const)('is waited for: %s', async (name, status, message, headers, seconds) => {
    const documentation_url = name.includes('page')
      ? 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api'
      : 'https://docs.github.com/rest';
    api.troubles.push({ status, headers, body: { message, documentation_url } });
    expect(await write()).toBe('made');
    expect(api.comments.map(({ body }) => body)).toEqual(['ours']);
    expect(api.requests).toHaveLength(2);
    expect(waited()).toBe(seconds);
  });

  it('is waited for longer each time that GitHub does not say how long', async () => {
    const trouble = { status: 403, body: { message: SECONDARY } };
    api.troubles.push(trouble, trouble);
    expect(await write()).toBe('made');
    expect(waited()).toBe(60 + 120);
  });

  it.each([
    ['longer than a job may take', reset(3000), /, from \d{4}-\d\d-\d\dT\S+Z on$/],
    ['absurd', { 'retry-after': '99999999999999999999' }, /^GitHub limits how often/],
  ])('that is %s ends as unreachable, and says until when', async (_name, headers, hint) => {
    api.troubles.push({ status: 403, headers, body: { message: PRIMARY } });
    await expect(write()).rejects.toMatchObject({
      exitCode: 7,
      code: 'github-limited',
      hint: expect.stringMatching(hint),
      message: `GitHub: cannot write the comment: GitHub answered 403: ${PRIMARY}`,
    });
    expect(api.requests).toHaveLength(1);
    expect(waited()).toBe(0);
  });

  it('that does not end is not waited for without end', async () => {
    for (let nth = 0; nth < 30; nth += 1) {
      const headers = { 'retry-after': '1' };
      api.troubles.push({ status: 403, headers, body: { message: SECONDARY } });
    }
    await expect(write()).rejects.toMatchObject({ exitCode: 7, code: 'github-limited' });
    expect(api.requests).toHaveLength(11);
  });

  it('is told', async () => {
    const told: string[] = [];
    const github = { ...open({ 'pull-requests': 'write' }) };
    const patience = { clock, onWait: (text: string) => told.push(text) };
    api.troubles.push({ status: 403, body: { message: SECONDARY } });
    await writeComment({ ...github, patience }, 12, [], 'ours');
    expect(told).toEqual([
      'GitHub limits how often it may be asked: waiting 60 s to write the comment',
    ]);
  });

  it('is none where the last request of the hour is one that the token may not make', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99999999999' };
    const body = { message: 'Resource not accessible by integration' };
    api.troubles.push({ status: 403, headers, body });
    await expect(write()).rejects.toMatchObject({
      exitCode: 6,
      hint: 'the job needs permissions: pull-requests: write',
    });
  });
});

describe('what somebody has set', () => {
  it.each([
    [403, 'Unable to create comment because issue is locked.', 'locked', /unlock it/],
    [403, 'Repository was archived so is read-only.', 'archived', /unarchive/],
    [410, 'Issues are disabled for this repo', 'off', /switch Issues on/],
  ])('is told from a missing permission: %s %s', async (status, message, code, hint) => {
    api.troubles.push({ status, body: { message } });
    const writing = writeComment(open({ 'pull-requests': 'write' }), 12, [], 'ours');
    await expect(writing).rejects.toMatchObject({
      exitCode: 4,
      code: `github-${code}`,
      hint: expect.stringMatching(hint),
    });
    expect(api.requests).toHaveLength(1);
    expect(clock.skippedMs()).toBe(0);
  });

  it('keeps no issue open: it is closed also where nobody may comment any more', async () => {
    const github = open({ issues: 'write' });
    const number = await tellDrift(github, null, { title: 'Drift', body: 'ours' });
    api.troubles.push({ status: 403, body: { message: 'issue is locked' } });
    await closeIssue(github, number, 'over');
    expect(api.issues[0]?.state).toBe('closed');
  });
});

describe('the comment', () => {
  it("is looked for on every page, and another author's is not ours", async () => {
    const github = open({ 'pull-requests': 'write' });
    for (let nth = 0; nth < 120; nth += 1)
      api.commentBy('mallory', 12, `ours, says mallory ${nth}`);
    expect(await writeComment(github, 12, [], 'ours: 1')).toBe('made');
    const found = await ourComments(github, 12, AUTHOR, isOurs);
    expect(found.map(({ body }) => body)).toEqual(['ours: 1']);
    expect(await writeComment(github, 12, found, 'ours: 1')).toBe('unchanged');
    expect(await writeComment(github, 12, found, 'ours: 2')).toBe('updated');
    expect(api.comments).toHaveLength(121);
  });

  it('is one again when it was written twice', async () => {
    const github = open({ 'pull-requests': 'write' });
    for (const body of ['ours: 1', 'ours: 1']) await writeComment(github, 12, [], body);
    const found = await ourComments(github, 12, AUTHOR, isOurs);
    expect(found).toHaveLength(2);
    await writeComment(github, 12, found, 'ours: 2');
    expect(api.comments.map(({ body }) => body)).toEqual(['ours: 2']);
  });
});

describe('an artifact', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const read = (name: string) =>
    fileInArtifact(open({ actions: 'read' }), { runId: '7', name, file: 'plan.json' });

  it('gives the file that is asked for, of the run that is named', async () => {
    api.keep(
      '7',
      'a',
      new Map([
        ['a/plan.json', bytes('{"a":1}')],
        ['a/audit.jsonl', bytes('x')],
      ]),
    );
    api.keep('8', 'b', new Map([['b/plan.json', bytes('{}')]]));
    expect(await read('a')).toBe('{"a":1}');
    expect(await read('b')).toBeNull();
    expect(await read('nothing')).toBeNull();
  });

  it('without that file, or that is no archive, gives nothing', async () => {
    api.keep('7', 'a', new Map([['a/xplan.json', bytes('{}')]]));
    expect(await read('a')).toBeNull();
    api.garbled.add('a');
    expect(await read('a')).toBeNull();
  });
});

describe('an annotation', () => {
  it('has the line of the manifest, from the top of the repository', () => {
    const at = { file: 'strategies/a.yaml', line: 3, column: 5 };
    const issue = {
      code: 'minimum',
      severity: 'error' as const,
      at,
      message: 'too small',
      hint: 'more',
    };
    expect(noteOf(issue, (file) => `team/${file}`)).toEqual({
      level: 'error',
      title: 'minimum',
      message: 'too small → more',
      at: { ...at, file: 'team/strategies/a.yaml' },
    });
  });
});

describe('an answer that is none of GitHub’s', () => {
  const ALL = { 'pull-requests': 'write', issues: 'write', actions: 'read', contents: 'read' };
  const page = { status: 200, body: { message: 'Sign in to the proxy' } };
  const artifact = { runId: '7', name: 'run', file: 'plan.json' };

  it.each<[string, unknown, (github: ReturnType<typeof open>) => Promise<unknown>]>([
    ['merged', page.body, async (github) => mergedPullRequest(github, 'c0ffee')],
    ['merged', [{ number: 1, merged_at: AT }], async (github) => mergedPullRequest(github, 'c')],
    ['merged', [null], async (github) => mergedPullRequest(github, 'c0ffee')],
    ['approvers', page.body, async (github) => approversOf(github, '7', 'prod')],
    ['approvers', [{ state: 'approved' }], async (github) => approversOf(github, '7', 'prod')],
    ['artifacts', page.body, async (github) => fileInArtifact(github, artifact)],
    ['comments', [null], async (github) => ourComments(github, 12, AUTHOR, isOurs)],
    ['issues', [{ title: 'x' }], async (github) => openIssues(github, AUTHOR, () => true)],
  ])('is an error and not the news that there are no %s: %j', async (_name, body, ask) => {
    api.troubles.push({ status: 200, body });
    await expect(ask(open(ALL))).rejects.toMatchObject({
      code: 'github-unexpected',
      exitCode: 7,
    });
  });
});
