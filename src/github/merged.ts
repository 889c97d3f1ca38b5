/** From a commit on main back to the pull request that it was merged by, and who approved a run. */
import { asked, expected, type GitHub } from './api.js';

export interface MergedPullRequest {
  readonly number: number;
  /** Commit at the tip of its branch when it was merged. */
  readonly head: string;
}

/** The merged pull request that brought `commit`, the one that it is the merge of first. */
export async function mergedPullRequest(
  github: GitHub,
  commit: string,
): Promise<MergedPullRequest | null> {
  const { rest, owner, repo } = github;
  const { data } = await asked(
    github,
    'look up the pull request',
    'pull-requests: read',
    async () =>
      rest.rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: commit }),
  );
  const about = expected('look up the pull request', data, (all) =>
    all.every(
      (one) =>
        typeof one.number === 'number' && typeof one.head.sha === 'string' && 'merged_at' in one,
    ),
  );
  const merged = about.filter((one) => one.merged_at !== null);
  const found = merged.find((one) => one.merge_commit_sha === commit) ?? merged[0];
  return found === undefined ? null : { number: found.number, head: found.head.sha };
}

/** More are not looked up: each takes a request. */
const MOST_COMMITS = 30;

/**
 * What has come to the branch of `head` after `base`, newest first: a commit that no pull request
 * has brought has `null` for its number. `null` where that is not to be told: too many, or `base`
 * is not in the history of the branch itself.
 */
export async function mergedSince(
  github: GitHub,
  base: string,
  head: string,
): Promise<{ readonly commit: string; readonly number: number | null }[] | null> {
  const { rest, owner, repo } = github;
  const what = 'compare with what was applied';
  const { data } = await asked(github, what, 'contents: read', async () =>
    rest.rest.repos.compareCommitsWithBasehead({
      owner,
      repo,
      basehead: `${base}...${head}`,
      per_page: 100,
    }),
  );
  const { commits } = expected(
    what,
    data,
    ({ commits: all }) => Array.isArray(all) && all.every(({ parents }) => Array.isArray(parents)),
  );
  const parents = new Map(commits.map(({ sha, parents: [first] }) => [sha, first?.sha]));
  const line: string[] = [];
  for (let at: string | undefined = head; at !== base; at = parents.get(at)) {
    if (at === undefined || line.length === MOST_COMMITS) return null;
    line.push(at);
  }
  const found: { commit: string; number: number | null }[] = [];
  for (const commit of line) {
    found.push({ commit, number: (await mergedPullRequest(github, commit))?.number ?? null });
  }
  return found;
}

/** Logins of those who approved the workflow run for a protected environment. */
export async function approversOf(
  github: GitHub,
  runId: string,
  environment: string,
): Promise<string[]> {
  const { rest, owner, repo } = github;
  const { data } = await asked(github, 'read who approved the run', 'actions: read', async () =>
    rest.rest.actions.getReviewsForRun({ owner, repo, run_id: Number(runId) }),
  );
  const reviews = expected('read who approved the run', data, (all) =>
    all.every(({ environments, user }) => Array.isArray(environments) && user.login !== ''),
  );
  const approved = reviews.filter(
    ({ state, environments }) =>
      state === 'approved' && environments.some(({ name }) => name === environment),
  );
  return [...new Set(approved.map(({ user }) => user.login))].sort();
}
