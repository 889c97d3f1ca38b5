/** What the variables of GitHub Actions say of a run. */
import { describe, expect, it } from 'vitest';
import {
  isOfJob,
  refuseOddVariables,
  type Variables,
  workflowDetail,
  workflowRunOf,
  mergedIn,
  mergedText,
} from '../../src/core/workflow.js';

const ENV: Variables = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'acme/routing',
  GITHUB_SERVER_URL: 'https://github.example/',
  GITHUB_RUN_ID: '7001',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'plan',
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_REF: 'refs/pull/12/merge',
  GITHUB_SHA: 'c0ffee',
  GITHUB_ACTOR: 'ada',
  GITHUB_TRIGGERING_ACTOR: 'grace',
};

describe('a workflow run', () => {
  it('is on record with its address, also on an Enterprise host', () => {
    const run = workflowRunOf(ENV);
    expect(run && workflowDetail(run)).toEqual({
      repository: 'acme/routing',
      url: 'https://github.example/acme/routing/actions/runs/7001',
      attempt: 2,
      event: 'pull_request',
      ref: 'refs/pull/12/merge',
      commit: 'c0ffee',
      job: 'plan',
      actor: 'ada',
      triggeredBy: 'grace',
      pullRequest: 'https://github.example/acme/routing/pull/12',
      approvedBy: null,
    });
  });

  it('of a push is about no pull request that the variables name', () => {
    const run = workflowRunOf({ ...ENV, GITHUB_REF: 'refs/heads/pull/12/merge' });
    expect(run?.pullRequest).toBeNull();
  });

  it.each(['GITHUB_ACTIONS', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID'])(
    'is none where %s is not set',
    (name) => {
      expect(workflowRunOf({ ...ENV, [name]: undefined })).toBeNull();
    },
  );

  it('is on github.com where nothing else is said, started by whoever caused it', () => {
    const unset = {
      GITHUB_SERVER_URL: '',
      GITHUB_TRIGGERING_ACTOR: '',
      GITHUB_RUN_ATTEMPT: '',
    };
    const run = workflowRunOf({ ...ENV, ...unset });
    expect(run).toMatchObject({ server: 'https://github.com', triggeredBy: 'ada', attempt: 1 });
  });
});

describe('a variable of GitHub that is none', () => {
  it.each([
    ['GITHUB_API_URL', 'notaurl'],
    ['GITHUB_API_URL', 'ftp://ghe.example.com'],
    ['GITHUB_API_URL', ' https://ghe.example.com'],
    ['GITHUB_API_URL', 'https://ada:s3cret@ghe.example.com'],
    ['GITHUB_SERVER_URL', 'ghe.example.com'],
    ['GITHUB_REPOSITORY', 'routing'],
    ['GITHUB_REPOSITORY', 'acme/routing/x'],
    ['GITHUB_RUN_ID', 'abc'],
    ['GITHUB_RUN_ATTEMPT', 'abc'],
    ['GITHUB_RUN_ATTEMPT', '0'],
    ['GITHUB_TOKEN', 'ghs_s3cret\n'],
  ])('is refused by its name, without its value: %s=%j', (name, value) => {
    const refused = (): void => refuseOddVariables({ ...ENV, [name]: value });
    expect(refused).toThrow(expect.objectContaining({ exitCode: 3 }) as Error);
    expect(refused).toThrow(`${name} is not`);
    expect(refused).not.toThrow(/s3cret/);
  });

  it('is not one that is as the runner sets it, or not set', () => {
    const local = { GITHUB_API_URL: 'http://127.0.0.1:8080/api/v3/', GITHUB_TOKEN: 'ghs_A1' };
    for (const env of [ENV, { ...ENV, ...local }, { GITHUB_API_URL: '', GITHUB_TOKEN: '' }]) {
      expect(() => refuseOddVariables(env)).not.toThrow();
    }
  });
});

describe('a run on record', () => {
  const job = workflowRunOf(ENV)!;

  it('is of the job in the attempt that made it', () => {
    expect(isOfJob({ workflow: workflowDetail(job) }, job)).toBe(true);
  });

  it.each([
    { GITHUB_REPOSITORY: 'eve/routing' },
    { GITHUB_SERVER_URL: 'https://github.com' },
    { GITHUB_RUN_ID: '7000' },
    { GITHUB_RUN_ATTEMPT: '1' },
    { GITHUB_JOB: 'apply' },
  ])('is of no other: %j', (over) => {
    const other = workflowRunOf({ ...ENV, ...over })!;
    expect(isOfJob({ workflow: workflowDetail(other) }, job)).toBe(false);
  });

  it('is of no job where it was made outside of any', () => {
    expect([null, {}, { workflow: null }].map((one) => isOfJob(one, job))).toEqual(
      Array(3).fill(false),
    );
  });
});

describe('what was merged, from the job that plans to the one that applies', () => {
  const [base, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const since = { commit: base, pullRequests: [11, 9], pushed: [other] };

  it.each([
    [12, since, `12 since=${base} 11 9 ${other}`],
    [null, since, `none since=${base} 11 9 ${other}`],
    [12, null, '12 unknown'],
    [null, null, 'none unknown'],
    [12, undefined, '12'],
    [null, undefined, ''],
  ])('is a text, and back: %j, %j', (number, of, text) => {
    expect(mergedText(number, of)).toBe(text);
    const back = { pullRequest: number, ...(of === undefined ? {} : { since: of }) };
    expect(mergedIn(text)).toEqual(back);
  });

  it.each([
    ['x', { pullRequest: null }],
    ['0', { pullRequest: null }],
    ['12 since=x 11', { pullRequest: 12, since: null }],
  ])('is never made up: %j', (text, back) => {
    expect(mergedIn(text)).toEqual(back);
  });
});
