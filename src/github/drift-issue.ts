/** One open issue an environment, for as long as it has drifted. */
import { AppError } from '../core/errors.js';
import { asked, expected, type GitHub } from './api.js';
import { LOCKED } from './refusals.js';

const PERMISSION = 'issues: write';

export interface OpenIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

/** The open issues that `author` wrote and `isOurs` knows by their text, newest first. */
export async function openIssues(
  github: GitHub,
  author: string,
  isOurs: (issue: OpenIssue) => boolean,
): Promise<OpenIssue[]> {
  const { rest, owner, repo } = github;
  const all = await asked(github, 'read the issues', 'issues: read', async () =>
    rest.paginate(rest.rest.issues.listForRepo, {
      owner,
      repo,
      state: 'open' as const,
      creator: author,
      per_page: 100,
    }),
  );
  const issues = expected('read the issues', all, (some) =>
    some.every(({ number }) => typeof number === 'number'),
  );
  return issues.flatMap(({ number, title, body, user, pull_request: request }) => {
    const issue = { number, title, body: body ?? '' };
    const isOurOwn = request === undefined && user?.login === author && isOurs(issue);
    return isOurOwn ? [issue] : [];
  });
}

/** Opens the issue, or brings it up to date; returns its number. */
export async function tellDrift(
  github: GitHub,
  existing: OpenIssue | null,
  text: { readonly title: string; readonly body: string },
): Promise<number> {
  const { rest, owner, repo } = github;
  if (existing === null) {
    const { data } = await asked(github, 'open an issue', PERMISSION, async () =>
      rest.rest.issues.create({ owner, repo, ...text }),
    );
    return data.number;
  }
  const { number } = existing;
  if (existing.title !== text.title || existing.body !== text.body) {
    await asked(github, 'update the issue', PERMISSION, async () =>
      rest.rest.issues.update({ owner, repo, issue_number: number, ...text }),
    );
  }
  return number;
}

export async function closeIssue(github: GitHub, number: number, farewell: string): Promise<void> {
  const { rest, owner, repo } = github;
  try {
    await asked(github, 'comment on the issue', PERMISSION, async () =>
      rest.rest.issues.createComment({ owner, repo, issue_number: number, body: farewell }),
    );
  } catch (error) {
    // Where nobody may comment any more, it can be closed all the same.
    if (!(error instanceof AppError && error.code === LOCKED)) throw error;
  }
  await asked(github, 'close the issue', PERMISSION, async () =>
    rest.rest.issues.update({
      owner,
      repo,
      issue_number: number,
      state: 'closed' as const,
      state_reason: 'completed' as const,
    }),
  );
}
