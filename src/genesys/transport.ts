/**
 * Between the SDK and the wire: says what may be sent at all, keeps the platform's pace, repeats
 * what may be repeated, and leaves a platform alone that answers nothing but errors. The SDK itself
 * sends every request once and knows nothing of rate limits.
 *
 * What is repeated here: a 429 says that nothing was done, so any request; a 5xx or silence leaves
 * open what was done, so only requests that change nothing. Writes that got no clear answer are
 * repeated as well, but not here: `engine/ledger.ts` looks first what became of them. A PUT that is
 * sent again blindly would overwrite whatever a person has changed in between.
 */
import { fullJitterMs } from '../core/backoff.js';
import { MOST_AT_ONCE } from '../core/rate-limit.js';
import type { Clock, Events, Random } from '../engine/ports.js';
import { Breaker } from './breaker.js';
import { Pace } from './pace.js';

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

/** The request was not sent, because it could not have ended well: nothing was changed by it. */
export class NotSent extends Error {
  /**
   * `circuit-open`: the platform has answered nothing but errors for `ms`; `asked-to-wait`: it
   * wants to be left alone for longer than we are patient, for `ms` from now.
   */
  constructor(
    readonly code: 'circuit-open' | 'asked-to-wait',
    readonly ms: number,
    /** The last request that went wrong: `GET /api/v2/users answered 503 (correlation id …)`. */
    readonly last: string,
  ) {
    super(`${code} (${ms} ms)`);
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
  /** Share of the platform's rate limit that is left to others, from 0 to below 1. Default 0.3. */
  readonly leave?: number;
}

export interface Transport {
  readonly send: Exchange;
  /** Requests that have left this process. */
  readonly count: () => number;
  /** Requests a minute that the platform's limit leaves to us; `null` until it has said. */
  readonly perMinute: () => number | null;
}

const MOST_TRIES = 8;
/** The longest that we wait for one request, all its repetitions together. */
const PATIENCE_MS = 180_000;
const BACKOFF = { firstMs: 500, mostMs: 20_000 };
const LEAVE = 0.3;

const LOGIN = /^\/oauth\/token$/;

/** POSTs that ask and change nothing; the token request is one of them. */
const QUERY_POSTS = [
  LOGIN,
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
  const line = new Line(options);
  const send: Exchange = async (request) => {
    const { pathname } = new URL(request.url);
    const path = request.shown ?? pathname;
    const read = isRead(request.method, pathname);
    if (!read && options.access === 'read') {
      throw new WriteRefused(`a reader may not send ${request.method} ${path}`);
    }
    return line.send(request, { path, read, counted: !LOGIN.test(pathname) });
  };
  return { send, count: () => line.sent, perMinute: () => line.perMinute() };
}

interface Sending {
  /** As it may be seen. */
  readonly path: string;
  readonly read: boolean;
  /** The platform counts it towards the limit of a token. */
  readonly counted: boolean;
}

interface Tried {
  readonly result: HttpResponse | NoAnswer;
  /** The circuit opened on it. */
  readonly open: boolean;
  readonly tookMs: number;
}

/** The way to one org, shared by all requests of a run. */
class Line {
  sent = 0;
  private readonly pace: Pace;
  private readonly breaker = new Breaker();
  private readonly inTurn = turnstile(MOST_AT_ONCE);
  private lastTrouble = '';
  /** Until when the listeners know that we wait. */
  private announcedMs = 0;

  constructor(private readonly options: TransportOptions) {
    this.pace = new Pace(options.leave ?? LEAVE);
  }

  perMinute(): number | null {
    return this.pace.perMinute();
  }

  async send(request: HttpRequest, sending: Sending): Promise<HttpResponse> {
    const { clock, events } = this.options;
    const last = { tookMs: 0 };
    events.emit({ type: 'asked' });
    try {
      return await this.repeated(request, sending, last);
    } finally {
      events.emit({ type: 'answered', budget: this.pace.budget(clock.now()), ...last });
    }
  }

  /** Repeats as long as it makes sense; the last result is the one to live with. */
  private async repeated(
    request: HttpRequest,
    sending: Sending,
    last: { tookMs: number },
  ): Promise<HttpResponse> {
    const { clock, events, random } = this.options;
    let deadline: number | null = null;
    for (let tries = 1; ; tries += 1) {
      const { result, open, tookMs } = await this.inTurn(async () => this.once(request, sending));
      last.tookMs = tookMs;
      // Waiting for a place behind hundreds of others is not this request's time.
      deadline ??= clock.now() + PATIENCE_MS;
      const answer = result instanceof NoAnswer ? result.code : `${result.status}`;
      const delayMs = open ? null : delayBeforeRepeat(result, sending.read, tries, random);
      if (delayMs === null || clock.now() + delayMs > deadline) {
        if (result instanceof NoAnswer) throw result;
        return result;
      }
      const reason = `${request.method} ${sending.path} answered ${answer}`;
      const limited = !(result instanceof NoAnswer) && result.status === 429;
      events.emit({ type: 'waiting', reason, ms: delayMs, ...(limited ? { limit: true } : {}) });
      await clock.sleep(delayMs);
    }
  }

  /** One try, when the platform's pace and its health allow it. */
  private async once(request: HttpRequest, { path, counted }: Sending): Promise<Tried> {
    const { clock, events, exchange } = this.options;
    await this.admitted(counted);
    this.sent += 1;
    if (counted) this.pace.left();
    this.breaker.left();
    const sentMs = clock.now();
    const result = await attempt(exchange, request);
    const now = clock.now();
    const tookMs = now - sentMs;
    const headers = result instanceof NoAnswer ? null : result.headers;
    if (counted) this.pace.returned(headers, now);
    const answer = result instanceof NoAnswer ? result.code : `${result.status}`;
    events.emit({ type: 'request', method: request.method, path, answer });
    const id = headers?.['inin-correlation-id'];
    const reference = id === undefined ? '' : ` (correlation id ${id})`;
    const said = `${request.method} ${path} answered ${answer}${reference}`;
    if (!(result instanceof NoAnswer) && result.status === 429) {
      this.lastTrouble = said;
      this.breaker.undecided();
      this.pace.hold(now + (askedWaitMs(result.headers) ?? 0));
      return { result, open: false, tookMs };
    }
    if (!isTrouble(result)) {
      this.breaker.succeeded();
      return { result, open: false, tookMs };
    }
    this.lastTrouble = said;
    const open = this.breaker.failed(now);
    if (open) events.emit({ type: 'circuit-open', forMs: this.breaker.failingForMs(now) });
    return { result, open, tookMs };
  }

  private async admitted(counted: boolean): Promise<void> {
    const { clock, events } = this.options;
    for (;;) {
      const now = clock.now();
      if (this.breaker.refusesForMs(now) !== null) {
        throw new NotSent('circuit-open', this.breaker.failingForMs(now), this.lastTrouble);
      }
      const ms = counted ? this.pace.waitMs(now) : 0;
      if (ms <= 0) return;
      if (ms > PATIENCE_MS) throw new NotSent('asked-to-wait', ms, this.lastTrouble);
      // Ten requests that wait for the same moment are one piece of news.
      if (now + ms > this.announcedMs) {
        this.announcedMs = now + ms;
        events.emit({ type: 'waiting', reason: this.pace.reason(), ms, limit: true });
      }
      await clock.sleep(ms);
    }
  }
}

/** Not of our making, and it may pass: what retries and the circuit breaker are for. */
function isTrouble(result: HttpResponse | NoAnswer): boolean {
  if (result instanceof NoAnswer) return true;
  return TRANSIENT.has(result.status);
}

const TRANSIENT: ReadonlySet<number> = new Set([500, 502, 503, 504]);

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
  const backoffMs = fullJitterMs(BACKOFF, tries, random.next());
  if (result instanceof NoAnswer) {
    // Repeating would only keep the user waiting.
    return read && !nobodyThere(result.code) ? backoffMs : null;
  }
  const { status, headers } = result;
  if (status === 429) return askedWaitMs(headers) ?? backoffMs;
  if (isLoginLimit(result)) return backoffMs;
  if (!isTrouble(result) || !read) return null;
  return secondsOf(headers['retry-after']) ?? backoffMs;
}

/**
 * Too many logins are refused with 400 and no code of their own: the words are all there is to
 * tell it by. Source: the platform's terraform provider, `InitClientConfig`.
 */
function isLoginLimit({ status, body }: HttpResponse): boolean {
  return status === 400 && /"error_description"\s*:\s*"rate limit exceeded/i.test(body);
}

/** What a 429 asks for; the order of trust is that of the platform's own clients. */
function askedWaitMs(headers: Readonly<Record<string, string>>): number | null {
  return secondsOf(headers['retry-after']) ?? secondsOf(headers['inin-ratelimit-reset']);
}

/** The platform sends whole seconds. */
function secondsOf(header: string | undefined): number | null {
  const seconds = Number(header);
  return header === undefined || header.trim() === '' || !(seconds >= 0) ? null : seconds * 1000;
}
