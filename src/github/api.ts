/**
 * The REST API of GitHub, or of an Enterprise host. The one file that makes a client; whoever asks
 * wraps it in `asked`, so that an error has its subject, its exit code and what to do.
 */
import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { AppError, PlatformError, InvalidInput, type PlatformFault } from '../core/errors.js';
import { isObject } from '../core/json.js';
import type { Variables } from '../core/workflow.js';
import type { Stopping } from '../engine/ports.js';
import { boundedFetch } from './exchange.js';

const RetryingOctokit = Octokit.plugin(retry);

export interface GitHub {
  readonly rest: InstanceType<typeof RetryingOctokit>;
  readonly owner: string;
  readonly repo: string;
}

/** Retries after a refusal of the server, with the pauses of @octokit/plugin-retry. */
const RETRIES = 3;
/** Of one question, its repetitions included. */
const TIMEOUT_MS = 60_000;

/** Throws `InvalidInput` where a variable that GitHub sets, or the token, is missing. */
export function openGitHub(env: Variables, userAgent: string, stopping?: Stopping): GitHub {
  const [token, repository] = [env['GITHUB_TOKEN'], env['GITHUB_REPOSITORY']];
  const missing = [token ? '' : 'GITHUB_TOKEN', repository ? '' : 'GITHUB_REPOSITORY'];
  if (!token || !repository) {
    const names = missing.filter((name) => name !== '').join(', ');
    throw new InvalidInput(`GitHub is not asked: not set: ${names}`, [], {
      hint: 'give the step env: GITHUB_TOKEN: ${{ github.token }}',
    });
  }
  const [owner = '', repo = ''] = repository.split('/');
  const rest = new RetryingOctokit({
    ...{ auth: token, userAgent, log: SILENT, request: { fetch: boundedFetch(stopping) } },
    baseUrl: (env['GITHUB_API_URL'] || 'https://api.github.com').replace(/\/+$/, ''),
    // As an option of every request it would repeat also what was refused for good.
    retry: { retries: RETRIES },
  });
  rest.hook.before('request', (options) => {
    options.request = { ...options.request, signal: AbortSignal.timeout(TIMEOUT_MS) };
  });
  return { rest, owner, repo };
}

/** Its warnings would stand between the lines of a result. */
const SILENT = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
};

/**
 * What `ask` gives. `what` completes "cannot …": `write the comment`; `permission` names what the
 * job needs for it. Rejects with a `PlatformError`: exit 6 for 401, 403 and 404, else 7.
 */
export async function asked<T>(
  what: string,
  permission: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw translated(what, permission, cause);
  }
}

/** The pieces of @octokit/request-error that matter, also when two copies of it are installed. */
interface Answered {
  readonly status: number;
  readonly message: string;
  readonly request?: { readonly method?: string; readonly url?: string };
  readonly response?: {
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly data?: unknown;
  };
}

function translated(what: string, permission: string, cause: unknown): PlatformError {
  const error = cause as Partial<Answered>;
  const status = error.response === undefined ? null : (error.status ?? null);
  const id = error.response?.headers?.['x-github-request-id'];
  const fault = faultOf(status);
  const said = status === null ? 'no answer came' : `GitHub answered ${status}${saidIn(error)}`;
  return new PlatformError(fault, 'github', `GitHub: cannot ${what}: ${said}`, {
    request: {
      method: error.request?.method ?? '',
      path: pathOf(error.request?.url),
      ...{ status, correlationId: typeof id === 'string' ? id : null },
    },
    ...hintFor(fault, permission),
    cause,
  });
}

function hintFor(fault: PlatformFault, permission: string): { readonly hint?: string } {
  if (fault === 'denied') return { hint: `the job needs permissions: ${permission}` };
  if (fault === 'rejected') return {};
  return { hint: 'run the job again; githubstatus.com tells of trouble' };
}

/** Its reason, in its own words: `: Validation Failed`. */
function saidIn({ response }: Partial<Answered>): string {
  const data = response?.data;
  const message = isObject(data) ? data['message'] : undefined;
  return typeof message === 'string' ? `: ${message}` : '';
}

function faultOf(status: number | null): PlatformFault {
  // A token that may not see a thing is told that there is none.
  if (status === 401 || status === 403 || status === 404) return 'denied';
  return status !== null && status < 500 && status !== 429 ? 'rejected' : 'unavailable';
}

/** Without its query, which may hold the signature of a download. */
function pathOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).pathname : '';
}
