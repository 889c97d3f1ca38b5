/**
 * Between the SDK and the wire: says what may be sent at all, counts, and repeats what may be
 * repeated. The SDK itself sends every request once and knows nothing of rate limits.
 *
 * What may be repeated: a 429 says that nothing was done, so any request; a 5xx or silence leaves
 * open what was done, so only requests that change nothing.
 */
import type { Clock, Events, Random } from '../engine/ports.js';

export interface HttpRequest {
  readonly method: string;
  /** Absolute, with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The path as it may be seen, where that of the URL is a secret. */
  readonly shown?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one request, once. Resolves for every status; rejects with `NoAnswer` when none came. */
export type Exchange = (request: HttpRequest) => Promise<HttpResponse>;

export class NoAnswer extends Error {
  /** `code` is the operating system's or the client's: `ECONNREFUSED`, `ETIMEDOUT`. */
  constructor(readonly code: string) {
    super(`no answer: ${code}`);
  }
}

/** A plan tried to write. This is our own fault, never the user's. */
export class WriteRefused extends Error {}

export interface TransportOptions {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  /** `read`: only GET, the query POSTs and the token request leave this process. */
  readonly access: 'read' | 'write';
}

export interface Transport {
  readonly send: Exchange;
  /** Requests that have left this process. */
  readonly count: () => number;
}

const MOST_TRIES = 5;
/** Requests in flight: enough to hide the round trip, few enough not to burst the rate limit. */
const MOST_AT_ONCE = 10;
/** The longest that we wait for one request, all its repetitions together. */
const PATIENCE_MS = 180_000;
const FIRST_DELAY_MS = 500;

/** POSTs that ask and change nothing; the token request is one of them. */
const QUERY_POSTS = [
  /^\/oauth\/token$/,
  /^\/api\/v2\/analytics\/[a-z/]+\/query$/,
  /^\/api\/v2\/audits\/query(\/realtime)?$/,
];

export function isRead(method: string, path: string): boolean {
  return method === 'GET' || (method === 'POST' && QUERY_POSTS.some((one) => one.test(path)));
}

/** Nobody listens at that address: the request has not even left. */
export function nobodyThere(code: string): boolean {
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND';
}

export function transport(options: TransportOptions): Transport {
  let count = 0;
  const inTurn = turnstile(MOST_AT_ONCE);
  const send: Exchange = async (request) => {
    const { pathname } = new URL(request.url);
    const read = isRead(request.method, pathname);
    const path = request.shown ?? pathname;
    if (!read && options.access === 'read') {
      throw new WriteRefused(`a reader may not send ${request.method} ${path}`);
    }
    const deadline = options.clock.now() + PATIENCE_MS;
    for (let tries = 1; ; tries += 1) {
      count += 1;
      const result = await inTurn(() => attempt(options.exchange, request));
      const answer = result instanceof NoAnswer ? result.code : `${result.status}`;
      options.events.emit({ type: 'request', method: request.method, path, answer });
      const delayMs = delayBeforeRepeat(result, read, tries, options.random);
      if (delayMs === null || options.clock.now() + delayMs > deadline) {
        if (result instanceof NoAnswer) throw result;
        return result;
      }
      options.events.emit({
        type: 'waiting',
        reason: `${request.method} ${path} answered ${answer}`,
        ms: delayMs,
      });
      await options.clock.sleep(delayMs);
    }
  };
  return { send, count: () => count };
}

/** Lets `places` calls run at a time; the others wait in the order in which they came. */
function turnstile(places: number): <T>(call: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (call) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

async function attempt(exchange: Exchange, request: HttpRequest): Promise<HttpResponse | NoAnswer> {
  try {
    return await exchange(request);
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}

/** Milliseconds to wait before sending again; `null` when the result has to be lived with. */
function delayBeforeRepeat(
  result: HttpResponse | NoAnswer,
  read: boolean,
  tries: number,
  random: Random,
): number | null {
  if (tries >= MOST_TRIES) return null;
  const backoffMs = random.next() * FIRST_DELAY_MS * 2 ** (tries - 1);
  if (result instanceof NoAnswer) {
    // Repeating would only keep the user waiting.
    return read && !nobodyThere(result.code) ? backoffMs : null;
  }
  const { status, headers } = result;
  if (status === 429) {
    return (
      secondsOf(headers['retry-after']) ?? secondsOf(headers['inin-ratelimit-reset']) ?? backoffMs
    );
  }
  const transient = status === 500 || status === 502 || status === 503 || status === 504;
  if (!transient || !read) return null;
  return secondsOf(headers['retry-after']) ?? backoffMs;
}

/** The platform sends whole seconds. */
function secondsOf(header: string | undefined): number | null {
  const seconds = Number(header);
  return header === undefined || header.trim() === '' || !(seconds >= 0) ? null : seconds * 1000;
}
