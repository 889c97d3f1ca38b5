/** Whether the workflow run behind a lock has ended, by GitHub's own word. */
import { PlatformError } from '../core/errors.js';
import type { Clock, Stopping } from '../engine/ports.js';
import {
  oddVariables,
  type AttemptState,
  type Variables,
  type WorkflowAttempt,
} from '../core/workflow.js';
import { asked, openGitHub } from './api.js';

const PERMISSION = 'actions: read';
/** Whoever asks waits for a lock, and asks again. */
const MOST_WAIT_MS = 60_000;
const PUBLIC = 'https://github.com';

/** Never rejects for what GitHub answers, or does not: then it is not known. */
export async function attemptState(
  { server, repository, id, attempt }: WorkflowAttempt,
  env: Variables,
  through: { readonly userAgent: string; readonly clock: Clock; readonly stopping: Stopping },
): Promise<AttemptState> {
  const ours = (env['GITHUB_SERVER_URL'] || PUBLIC).replace(/\/+$/, '');
  if (server.toLowerCase() !== ours.toLowerCase()) {
    return unknown(`it ran on ${server}, and ${ours} is what can be asked from here`);
  }
  if (ours.toLowerCase() !== PUBLIC && !env['GITHUB_API_URL']) {
    return unknown('GITHUB_API_URL is not set, and only GitHub could tell');
  }
  if (!env['GITHUB_TOKEN']) return unknown('GITHUB_TOKEN is not set, and only GitHub could tell');
  const [odd] = oddVariables(env);
  if (odd !== undefined) return unknown(odd);
  try {
    const github = openGitHub(
      { ...env, GITHUB_REPOSITORY: repository },
      through.userAgent,
      { clock: through.clock, mostMs: MOST_WAIT_MS },
      through.stopping,
    );
    const { owner, repo } = github;
    const { data } = await asked(
      github,
      'look at the workflow run of the lock',
      PERMISSION,
      async () =>
        github.rest.rest.actions.getWorkflowRunAttempt({
          owner,
          repo,
          run_id: Number(id),
          attempt_number: attempt,
        }),
    );
    const isThat = data.id === Number(id) && data.run_attempt === attempt;
    if (!isThat || typeof data.status !== 'string') {
      return unknown('what GitHub answered is not about that run');
    }
    return { is: data.status === 'completed' ? 'ended' : 'running' };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return unknown(`${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`);
  }
}

function unknown(why: string): AttemptState {
  return { is: 'unknown', why };
}
