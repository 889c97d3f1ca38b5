/**
 * What GitHub means by an answer that is none. Several of its refusals share the status 403: being
 * asked too often, a conversation that is locked, a repository that is archived, and a permission
 * that the token lacks. It has no codes for them, so the headers and the page of its documentation
 * that it points to are looked at first, and its words where there is neither.
 */
import type { PlatformFault } from '../core/errors.js';
import { isObject } from '../core/json.js';
import { httpDateMs, retryAfterMs } from '../core/retry-after.js';

/** The pieces of @octokit/request-error that matter, also when two copies of it are installed. */
export interface Answered {
  readonly status: number;
  readonly message: string;
  readonly request?: { readonly method?: string; readonly url?: string };
  readonly response?: {
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly data?: unknown;
  };
}

export interface Refusal {
  readonly fault: PlatformFault;
  readonly code: string;
  /** What to do; `null` where the missing permission is what there is to say. */
  readonly hint: string | null;
  /** For how long GitHub wants to be left alone before it is asked again; `null`: not a limit. */
  readonly waitMs: number | null;
}

/** Nobody may comment there. */
export const LOCKED = 'github-locked';
/** What its documentation asks for where the answer does not say how long to wait. */
const UNSAID_MS = 60_000;
/** Its times are in whole seconds. */
const SECOND_MS = 1000;

/** `limits`: how many times in a row GitHub has limited this question before. */
export function refusalOf(error: Partial<Answered>, limits: number, nowMs: number): Refusal {
  const status = error.response === undefined ? null : (error.status ?? null);
  if (status === null || status >= 500) return UNAVAILABLE;
  const said = saidIn(error);
  const state = STATES.find(({ statuses, words }) => statuses.has(status) && words.test(said));
  if (state !== undefined) return state.refusal;
  const waitMs = limitMs(error, status, said, limits, nowMs);
  if (waitMs !== null) return { ...LIMITED, waitMs };
  // A token that may not see a thing is told that there is none.
  if (status === 401 || status === 403 || status === 404) return DENIED;
  return { fault: 'rejected', code: 'github', hint: '', waitMs: null };
}

const UNAVAILABLE: Refusal = {
  fault: 'unavailable',
  code: 'github',
  waitMs: null,
  hint: 'run the job again; githubstatus.com tells of trouble',
};
const LIMITED: Refusal = {
  fault: 'unavailable',
  code: 'github-limited',
  waitMs: null,
  hint: 'GitHub limits how often it may be asked: run the job again later',
};
const DENIED: Refusal = { fault: 'denied', code: 'github', hint: null, waitMs: null };

/** What somebody has set, and no permission or patience changes. */
const STATES: readonly {
  readonly statuses: ReadonlySet<number>;
  readonly words: RegExp;
  readonly refusal: Refusal;
}[] = [
  {
    statuses: new Set([403, 422]),
    words: /locking-conversations|\b(issue|conversation|pull request) is locked\b/i,
    refusal: inTheWay(LOCKED, 'the conversation is locked: unlock it, and run again'),
  },
  {
    statuses: new Set([403]),
    words: /\barchived\b.*\bread-only\b/i,
    refusal: inTheWay('github-archived', 'the repository is archived: unarchive it'),
  },
  {
    statuses: new Set([410]),
    words: /\bdisabled\b/i,
    refusal: inTheWay('github-off', 'switch Issues on in the settings of the repository'),
  },
];

function inTheWay(code: string, hint: string): Refusal {
  return { fault: 'conflict', code, hint, waitMs: null };
}

/** `null` where the answer is no word about asking too often. */
function limitMs(
  { response }: Partial<Answered>,
  status: number,
  said: string,
  limits: number,
  nowMs: number,
): number | null {
  if (status !== 403 && status !== 429) return null;
  const headers = textsOf(response?.headers);
  const isSpent = headers['x-ratelimit-remaining'] === '0';
  const isSaid = /rate[ -]limit|abuse detection/i.test(said) || 'retry-after' in headers;
  // The last request of the hour can be one that the token may not make.
  const isSpentOn = isSpent && !/not accessible/i.test(said);
  if (status === 403 && !isSaid && !isSpentOn) return null;
  const asked = retryAfterMs(headers, nowMs);
  if (asked !== null) return asked;
  const resetMs = Number(headers['x-ratelimit-reset']) * SECOND_MS;
  if (isSpent && Number.isFinite(resetMs)) {
    // Held against the clock of the same answer: ours may be wrong.
    const serverMs = httpDateMs(headers['date'] ?? '') ?? nowMs;
    return Math.max(0, resetMs - serverMs) + SECOND_MS;
  }
  return UNSAID_MS * 2 ** limits;
}

function textsOf(headers: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const known = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Its words, and where it says that there is more of them. */
function saidIn({ response }: Partial<Answered>): string {
  const data = response?.data;
  if (!isObject(data)) return '';
  const { message, documentation_url: page } = data;
  return [message, page].filter((one) => typeof one === 'string').join(' ');
}
