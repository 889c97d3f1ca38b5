/**
 * The REST API of GitHub, or of an Enterprise host. The one file that makes a client; whoever asks
 * wraps it in `asked`, so that an error has its subject, its exit code and what to do.
 */
import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { AppError, PlatformError, InvalidInput } from '../core/errors.js';
import { isObject } from '../core/json.js';
import { refuseOddVariables, type Variables } from '../core/workflow.js';
import type { Clock, Stopping } from '../engine/ports.js';
import { boundedFetch } from './exchange.js';
import { refusalOf, type Answered, type Refusal } from './refusals.js';

const RetryingOctokit = Octokit.plugin(retry);

export interface GitHub {
  readonly rest: InstanceType<typeof RetryingOctokit>;
  readonly owner: string;
  readonly repo: string;
  readonly patience: Patience;
}

/** How a limit of GitHub is waited for. */
export interface Patience {
  readonly clock: Clock;
  /** Of one question, all its waits together. */
  readonly mostMs?: number;
  /** Told before every wait. */
  readonly onWait?: (text: string) => void;
}

/** Twice that is less than the shortest of our jobs may take. */
const MOST_WAIT_MS = 4 * 60_000;
/** Of one question, should GitHub name very short waits. */
const MOST_LIMITS = 10;

/** Retries after a refusal of the server, with the pauses of @octokit/plugin-retry. */
const RETRIES = 3;
/** Of one question, its repetitions included. */
const TIMEOUT_MS = 60_000;

/** Throws `InvalidInput` where a variable that GitHub sets, or the token, is missing. */
export function openGitHub(
  env: Variables,
  userAgent: string,
  patience: Patience,
  stopping?: Stopping,
): GitHub {
  const [token, repository] = [env['GITHUB_TOKEN'], env['GITHUB_REPOSITORY']];
  const missing = [token ? '' : 'GITHUB_TOKEN', repository ? '' : 'GITHUB_REPOSITORY'];
  if (!token || !repository) {
    const names = missing.filter((name) => name !== '').join(', ');
    throw new InvalidInput(`GitHub is not asked: not set: ${names}`, [], {
      hint: 'give the step env: GITHUB_TOKEN: ${{ github.token }}',
    });
  }
  refuseOddVariables(env);
  const [owner = '', repo = ''] = repository.split('/');
  const rest = new RetryingOctokit({
    auth: token,
    userAgent,
    log: SILENT,
    request: { fetch: boundedFetch(stopping) },
    baseUrl: (env['GITHUB_API_URL'] || 'https://api.github.com').replace(/\/+$/, ''),
    // As an option of every request it would repeat also what was refused for good.
    retry: { retries: RETRIES, doNotRetry: LEFT_ALONE },
  });
  rest.hook.before('request', (options) => {
    options.request = { ...options.request, signal: AbortSignal.timeout(TIMEOUT_MS) };
  });
  return { rest, owner, repo, patience };
}

/** What no repetition mends; 429 has waits of its own. */
const LEFT_ALONE = [400, 401, 403, 404, 410, 422, 429, 451];

/** Its warnings would stand between the lines of a result. */
const SILENT = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
};

/**
 * What `ask` gives. `what` completes "cannot …": `write the comment`; `permission` names what the
 * job needs for it. Where GitHub limits us it is asked again when it says, as long as that is soon.
 * Rejects with a `PlatformError`: exit 6 for 401, 403 and 404, 4 where something that somebody has
 * set is in the way, such as a locked conversation, else 7.
 */
export async function asked<T>(
  { patience }: GitHub,
  what: string,
  permission: string,
  ask: () => Promise<T>,
): Promise<T> {
  const { clock, mostMs = MOST_WAIT_MS, onWait = (): void => undefined } = patience;
  let waitedMs = 0;
  for (let limits = 0; ; limits += 1) {
    try {
      return await ask();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const refusal = refusalOf(cause as Partial<Answered>, limits, clock.now());
      const { waitMs } = refusal;
      const isTooLong = waitMs === null || waitedMs + waitMs > mostMs || limits === MOST_LIMITS;
      if (isTooLong) throw translated(what, permission, cause, refusal, clock.now());
      const seconds = Math.ceil(waitMs / 1000);
      onWait(`GitHub limits how often it may be asked: waiting ${seconds} s to ${what}`);
      await clock.sleep(waitMs);
      waitedMs += waitMs;
    }
  }
}

/** What GitHub answered, where it is what its documentation says; a proxy may have answered. */
export function expected<T>(what: string, data: T, isSo: (data: T) => boolean): T {
  let so;
  try {
    so = isSo(data);
  } catch {
    so = false;
  }
  if (so) return data;
  const request = { method: 'GET', path: '', status: 200, correlationId: null };
  const message = `GitHub: cannot ${what}: the answer is not what GitHub's documentation says`;
  throw new PlatformError('unavailable', 'github-unexpected', message, {
    request,
    hint: 'run the job again; check proxies and GITHUB_API_URL',
  });
}

function translated(
  what: string,
  permission: string,
  cause: unknown,
  { fault, code, hint, waitMs }: Refusal,
  nowMs: number,
): PlatformError {
  const error = cause as Partial<Answered>;
  const status = error.response === undefined ? null : (error.status ?? null);
  const id = error.response?.headers?.['x-github-request-id'];
  const said = status === null ? unanswered(error) : `GitHub answered ${status}${saidIn(error)}`;
  const until = waitMs === null ? '' : untilText(nowMs + waitMs);
  const away = status === null && originOf(error.request?.url) !== PUBLIC_API;
  const todo = away
    ? ELSEWHERE
    : hint === null
      ? `the job needs permissions: ${permission}`
      : `${hint}${until}`;
  return new PlatformError(fault, code, `GitHub: cannot ${what}: ${said}`, {
    request: {
      method: error.request?.method ?? '',
      path: pathOf(error.request?.url),
      status,
      correlationId: typeof id === 'string' ? id : null,
    },
    ...(todo === '' ? {} : { hint: todo }),
    ...(waitMs === null ? {} : { waitMs }),
    cause,
  });
}

const PUBLIC_API = 'https://api.github.com';
/** Of a server of one's own, or of a proxy. */
const ELSEWHERE = 'check GITHUB_API_URL, proxies and the network, and run the job again';
/** Causes have causes; no more of them are looked at. */
const MOST_CAUSES = 8;

/** `no answer came from https://ghe.example.com (ECONNREFUSED)` */
function unanswered(error: Partial<Answered>): string {
  const origin = originOf(error.request?.url);
  let cause: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && cause instanceof Error; depth += 1) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return `no answer came from ${origin} (${code})`;
    cause = cause.cause;
  }
  return `no answer came from ${origin}`;
}

/** Empty for an instant that no calendar has. */
function untilText(atMs: number): string {
  const at = new Date(Math.ceil(atMs / 1000) * 1000);
  return Number.isNaN(at.getTime()) ? '' : `, from ${at.toISOString()} on`;
}

/** Its reason, in its own words: `: Validation Failed`. */
function saidIn({ response }: Partial<Answered>): string {
  const data = response?.data;
  const message = isObject(data) ? data['message'] : undefined;
  return typeof message === 'string' ? `: ${message}` : '';
}

/** Without its query, which may hold the signature of a download. */
function pathOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).pathname : '';
}

function originOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : 'GitHub';
}
