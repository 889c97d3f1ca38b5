/** Requests a minute and token, in fixed windows that start with the first request. */
import type { Org, Token } from './model.js';
import { Refusal } from './refusal.js';

const WINDOW_MS = 60_000;

/** What the headers say where no limit is set: clients may pace themselves on `allowed`. */
const NO_LIMIT = 1_000_000;

/** Counts one request. Over the limit: 429 with `retry-after` in whole seconds, not counted. */
export function spend(org: Org, token: Token, at: number): void {
  if (at >= token.windowStart + WINDOW_MS) {
    token.windowStart = at;
    token.count = 0;
  }
  if (org.rateLimitPerMinute > 0 && token.count >= org.rateLimitPerMinute) {
    throw tooManyRequests(resetSeconds(token, at));
  }
  token.count += 1;
}

/** 429 `too.many.requests.retry.after`: come again in so many seconds. */
export function tooManyRequests(seconds: number): Refusal {
  return new Refusal(
    429,
    'too.many.requests.retry.after',
    `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
    { headers: { 'retry-after': String(seconds) } },
  );
}

/** What the headers call the limit. */
function allowedRequests(org: Org): number {
  return org.rateLimitPerMinute > 0 ? org.rateLimitPerMinute : NO_LIMIT;
}

/** The three `inin-ratelimit-*` headers; `token` is `null` where none was accepted. */
export function rateHeaders(org: Org, token: Token | null, at: number): Record<string, string> {
  if (org.manners.rateLimit?.allowedPerMinute === null) return {};
  return {
    'inin-ratelimit-count': String(token?.count ?? 0),
    'inin-ratelimit-allowed': String(allowedRequests(org)),
    'inin-ratelimit-reset': String(token === null ? WINDOW_MS / 1000 : resetSeconds(token, at)),
  };
}

function resetSeconds(token: Token, at: number): number {
  return Math.max(1, Math.ceil((token.windowStart + WINDOW_MS - at) / 1000));
}
