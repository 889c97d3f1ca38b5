/** The one comment of ours at a pull request: found by its marker, made once, then updated. */
import { asked, expected, type GitHub } from './api.js';

const PERMISSION = 'pull-requests: write';

export interface StickyComment {
  readonly id: number;
  readonly body: string;
}

/**
 * Our comments at the pull request, oldest first: those that `isOurs` knows by their text and that
 * `author` wrote. Anybody can write the marker; nobody else can be the author.
 */
export async function ourComments(
  github: GitHub,
  pullRequest: number,
  author: string,
  isOurs: (body: string) => boolean,
): Promise<StickyComment[]> {
  const { rest, owner, repo } = github;
  const all = await asked(github, 'read the comments', 'pull-requests: read', async () =>
    rest.paginate(rest.rest.issues.listComments, {
      owner,
      repo,
      issue_number: pullRequest,
      per_page: 100,
    }),
  );
  const comments = expected('read the comments', all, (some) =>
    some.every(({ id }) => typeof id === 'number'),
  );
  return comments.flatMap(({ id, body, user }) =>
    user?.login === author && isOurs(body ?? '') ? [{ id, body: body ?? '' }] : [],
  );
}

/** Writes `body` over the first of `existing`, or as a new comment; tells which it was. */
export async function writeComment(
  github: GitHub,
  pullRequest: number,
  existing: readonly StickyComment[],
  body: string,
): Promise<'made' | 'updated' | 'unchanged'> {
  const { rest, owner, repo } = github;
  const [first, ...surplus] = existing;
  // A request whose answer was lost may have been sent twice.
  for (const { id } of surplus) {
    await asked(github, 'remove a surplus comment', PERMISSION, async () =>
      rest.rest.issues.deleteComment({ owner, repo, comment_id: id }),
    );
  }
  if (first === undefined) {
    await asked(github, 'write the comment', PERMISSION, async () =>
      rest.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body }),
    );
    return 'made';
  }
  if (first.body === body) return 'unchanged';
  await asked(github, 'update the comment', PERMISSION, async () =>
    rest.rest.issues.updateComment({ owner, repo, comment_id: first.id, body }),
  );
  return 'updated';
}
