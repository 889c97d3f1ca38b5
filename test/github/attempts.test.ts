/** Whether a workflow run has ended is GitHub's to say; what it does not say is not known. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptState } from '../../src/core/workflow.js';
import { attemptState } from '../../src/github/attempts.js';
import { GitHubApi, type Permissions } from '../support/github-api.js';
import { HurriedClock } from '../support/hurried.js';

const ATTEMPT = {
  server: 'https://github.com',
  repository: 'acme/routing',
  id: '7',
  attempt: 2,
  job: 'apply',
};
const clock = new HurriedClock();
const NEVER = { isCut: () => false, onCut: () => () => undefined };

let api: GitHubApi;
beforeEach(async () => {
  api = await GitHubApi.open();
});
afterEach(() => api.close());

async function ask(
  over: Partial<typeof ATTEMPT> = {},
  env: Record<string, string | undefined> = {},
  permissions: Permissions = { actions: 'read' },
): Promise<AttemptState> {
  const variables = { GITHUB_API_URL: api.url, GITHUB_TOKEN: api.token(permissions), ...env };
  const through = { userAgent: 'strategos/test', clock, stopping: NEVER };
  return attemptState({ ...ATTEMPT, ...over }, variables, through);
}

describe('an attempt', () => {
  it('that GitHub calls completed has ended', async () => {
    api.attempts.set('7/2', 'completed');
    expect(await ask()).toEqual({ is: 'ended' });
  });

  it.each(['in_progress', 'queued', 'waiting', 'requested', 'pending', 'anything new'])(
    'that is %s has not',
    async (status) => {
      api.attempts.set('7/2', status);
      expect(await ask()).toEqual({ is: 'running' });
    },
  );

  it('is told from an earlier one of the same run', async () => {
    api.attempts.set('7/1', 'completed').set('7/2', 'in_progress');
    expect([await ask({ attempt: 1 }), await ask()]).toEqual([{ is: 'ended' }, { is: 'running' }]);
  });
});

describe('nobody can tell', () => {
  it.each<[string, Partial<typeof ATTEMPT>, Record<string, string | undefined>, RegExp]>([
    ['without a token', {}, { GITHUB_TOKEN: undefined }, /GITHUB_TOKEN is not set/],
    ['of a run that GitHub does not know', { id: '8' }, {}, /404.*actions: read/],
    ['of another repository', { repository: 'acme/other' }, {}, /GitHub answered 404/],
    [
      'of another server',
      { server: 'https://ghe.example' },
      {},
      /it ran on https:\/\/ghe\.example/,
    ],
    [
      'of an Enterprise server whose API nobody has named',
      { server: 'https://ghe.example' },
      { GITHUB_SERVER_URL: 'https://ghe.example', GITHUB_API_URL: undefined },
      /GITHUB_API_URL is not set/,
    ],
  ])('%s', async (_name, over, env, why) => {
    api.attempts.set('7/2', 'completed');
    const state = await ask(over, env);
    expect(state.is).toBe('unknown');
    expect((state as { why: string }).why).toMatch(why);
  });

  it('from an answer that is about another attempt', async () => {
    api.attempts.set('7/2', 'completed');
    api.attemptTold = 1;
    expect(await ask()).toMatchObject({ is: 'unknown' });
  });

  it('without the permission', async () => {
    api.attempts.set('7/2', 'completed');
    const state = await ask({}, {}, { contents: 'read' });
    expect(state).toMatchObject({
      is: 'unknown',
      why: expect.stringContaining('actions: read') as string,
    });
  });
});
