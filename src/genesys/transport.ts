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
import { Interrupted } from '../core/errors.js';
import { MOST_AT_ONCE, type Budget } from '../core/rate-limit.js';
import { httpDateMs, retryAfterMs } from '../core/retry-after.js';
import { steadyMs, type Clock, type Events, type Random, type Stopping } from '../engine/ports.js';
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

/**
 * Sends one request, once. Resolves for every status; rejects with `NoAnswer` when none came, or
 * not the whole of one within its bounds.
 */
export type Exchange = (request: HttpRequest) => Promise<HttpResponse>;

export class NoAnswer extends Error {
  /** `code` is the operating system's or the client's: `ECONNREFUSED`, `ETIMEDOUT`, `TOO_LARGE`. */
  constructor(readonly code: string) {
    super(`no answer: ${code}`);
  }
}

/** An answer that has no end, or unpacks to more than may be kept. */
export const TOO_LARGE = 'TOO_LARGE';

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
  /** The longest that figures of calls are waited for, where they are no more than an extra. */
  readonly figuresPatienceMs?: number | undefined;
  readonly stopping?: Stopping | undefined;
}

export interface Transport {
  readonly send: Exchange;
  /** Requests that have left this process. */
  readonly count: () => number;
  /** Requests a minute that the platform's limit leaves to us; `null` until it has said. */
  readonly perMinute: () => number | null;
  /** The time of day by the platform's clock; by ours where the two agree, or it has not said. */
  readonly nowMs: () => number;
}

const MOST_TRIES = 8;
/** The longest that we wait for one request, all its repetitions together. */
const PATIENCE_MS = 180_000;
const ASKED_TO_WAIT = 'the platform asked to wait';
const BACKOFF = { firstMs: 500, mostMs: 20_000 };
const LEAVE = 0.3;
/** A `Date` is in whole seconds, and has been under way: closer than this two clocks agree. */
const CLOCKS_AGREE_MS = 5000;

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
    return line.send(request, {
      path,
      read,
      ...serviceOf(request),
      counted: !LOGIN.test(pathname),
    });
  };
  return {
    send,
    count: () => line.sent,
    perMinute: () => line.perMinute(),
    nowMs: () => line.nowMs(),
  };
}

/**
 * Logins, the API and the storage of files each have a word of their own to say on waiting. So have
 * the figures of calls and the audit: whoever needs the objects alone can do without those, and a
 * sick one of them says nothing of the rest.
 */
function serviceOf({ url }: HttpRequest): Pick<Sending, 'service' | 'apart'> {
  const { origin, pathname } = new URL(url);
  if (LOGIN.test(pathname)) return { service: `${origin} login`, apart: null };
  const [, apart = null] = APART.exec(pathname) ?? [];
  return { service: apart === null ? origin : `${origin} ${apart}`, apart };
}

const APART = /^\/api\/v2\/(analytics\/[a-z]+|audits)\//;
const FIGURES = 'analytics/conversations';

interface Sending {
  readonly service: string;
  /** What of the API can be done without, by its path; `null` for what cannot. */
  readonly apart: string | null;
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

/** Of one service. */
interface Circuit {
  readonly breaker: Breaker;
  lastTrouble: string;
}

/** The way to one org, shared by all requests of a run. */
class Line {
  sent = 0;
  private readonly pace: Pace;
  private readonly circuits = new Map<string, Circuit>();
  private readonly inTurn = turnstile(MOST_AT_ONCE);
  /** What the platform said when the limit was reached, which is one for all services. */
  private lastLimit = '';
  /** Until when the listeners know that we wait. */
  private announcedMs = 0;
  /** What the platform's time of day is ahead of our steady clock, at the least; `null`: unsaid. */
  private aheadMs: number | null = null;
  /** Until when a service wants to be left alone. */
  private readonly heldUntilMs = new Map<string, number>();

  constructor(private readonly options: TransportOptions) {
    this.pace = new Pace(options.leave ?? LEAVE);
  }

  perMinute(): number | null {
    return this.pace.perMinute();
  }

  /** What runs on other machines have dated is held against this, so that no clock decides. */
  nowMs(): number {
    const { clock } = this.options;
    const ours = clock.now();
    if (this.aheadMs === null) return ours;
    const theirs = this.aheadMs + steadyMs(clock);
    return Math.abs(theirs - ours) <= CLOCKS_AGREE_MS ? ours : theirs;
  }

  async send(request: HttpRequest, sending: Sending): Promise<HttpResponse> {
    const { clock, events } = this.options;
    const last = { tookMs: 0 };
    events.emit({ type: 'asked' });
    try {
      return await this.repeated(request, sending, last);
    } finally {
      events.emit({ type: 'answered', budget: this.budget(clock.now()), ...last });
    }
  }

  /** The pace knows no time of day. */
  private budget(nowMs: number): Budget | null {
    const steady = steadyMs(this.options.clock);
    const budget = this.pace.budget(steady);
    return budget === null ? null : { ...budget, endsAtMs: budget.endsAtMs - steady + nowMs };
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
      const now = steadyMs(clock);
      deadline ??= now + this.patienceMs(sending);
      const answer = result instanceof NoAnswer ? result.code : `${result.status}`;
      const mayBeRepeated = !open && tries < MOST_TRIES && isRepeatable(result, sending.read);
      const backoffMs = fullJitterMs(BACKOFF, tries, random.next());
      const delayMs = mayBeRepeated ? (askedWaitMs(result, clock.now()) ?? backoffMs) : null;
      if (delayMs === null || now + delayMs > deadline) {
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
  private async once(request: HttpRequest, sending: Sending): Promise<Tried> {
    const { path, counted, service } = sending;
    const { clock, events, exchange } = this.options;
    await this.admitted(sending);
    this.sent += 1;
    if (counted) this.pace.left();
    this.circuitOf(service).breaker.left();
    const sentMs = steadyMs(clock);
    const result = await attempt(exchange, request);
    const now = steadyMs(clock);
    const tookMs = now - sentMs;
    const headers = result instanceof NoAnswer ? null : result.headers;
    if (counted) {
      this.pace.returned(headers, now);
      const dateMs = httpDateMs(headers?.['date'] ?? '');
      if (dateMs !== null) this.noteDate(dateMs, { sentMs, now });
    }
    const answer = result instanceof NoAnswer ? result.code : `${result.status}`;
    events.emit({ type: 'request', method: request.method, path, answer });
    const id = headers?.['inin-correlation-id'];
    const reference = id === undefined ? '' : ` (correlation id ${id})`;
    const open = this.judged(
      result,
      sending,
      `${request.method} ${path} answered ${answer}${reference}`,
    );
    return { result, open, tookMs };
  }

  /**
   * A `Date` has no parts of a second and has been under way, so that each says no more than how
   * late it is at the least. The latest of them holds: time would go back with every other answer.
   */
  private noteDate(dateMs: number, { sentMs, now }: { sentMs: number; now: number }): void {
    const least = dateMs - now;
    const most = dateMs + 1000 - sentMs;
    const known = this.aheadMs ?? -Infinity;
    // Their clock was set back, or one of their machines had a wrong one.
    const isOther = most + CLOCKS_AGREE_MS < known;
    if (least > known || isOther) this.aheadMs = least;
  }

  /** What the next request may learn from this answer. True when the circuit opened on it. */
  private judged(
    result: HttpResponse | NoAnswer,
    { service, apart, counted }: Sending,
    said: string,
  ): boolean {
    const { clock, events } = this.options;
    const now = steadyMs(clock);
    const askedMs = askedWaitMs(result, clock.now());
    if (askedMs !== null) {
      // Whoever asks next is held back as well: a look at what became of a write, for one.
      this.heldUntilMs.set(service, Math.max(this.heldUntilMs.get(service) ?? 0, now + askedMs));
    }
    const circuit = this.circuitOf(service);
    const { breaker } = circuit;
    if (!(result instanceof NoAnswer) && result.status === 429) {
      circuit.lastTrouble = said;
      breaker.undecided();
      // What can be done without may have a limit of its own, and says so of itself alone.
      if (counted && (apart === null || isLimitOfAll(result))) {
        this.lastLimit = said;
        this.pace.hold(now + (askedMs ?? 0));
      }
      return false;
    }
    if (!isTrouble(result)) {
      breaker.succeeded();
      return false;
    }
    circuit.lastTrouble = said;
    const open = breaker.failed(now);
    if (open) events.emit({ type: 'circuit-open', forMs: breaker.failingForMs(now) });
    return open;
  }

  private circuitOf(service: string): Circuit {
    const known = this.circuits.get(service);
    if (known !== undefined) return known;
    const made: Circuit = { breaker: new Breaker(), lastTrouble: '' };
    this.circuits.set(service, made);
    return made;
  }

  private patienceMs({ apart }: Sending): number {
    const { figuresPatienceMs = PATIENCE_MS } = this.options;
    return apart === FIGURES ? figuresPatienceMs : PATIENCE_MS;
  }

  private async admitted(sending: Sending): Promise<void> {
    const { service, counted } = sending;
    const { clock, events, stopping } = this.options;
    const circuit = this.circuitOf(service);
    const { breaker } = circuit;
    for (;;) {
      if (stopping?.isCut() === true) throw new Interrupted('stopped; nothing more was sent');
      const now = steadyMs(clock);
      if (breaker.refusesForMs(now) !== null) {
        throw new NotSent('circuit-open', breaker.failingForMs(now), circuit.lastTrouble);
      }
      const heldMs = (this.heldUntilMs.get(service) ?? 0) - now;
      const ms = Math.max(heldMs, counted ? this.pace.waitMs(now) : 0);
      if (ms <= 0) return;
      if (ms > this.patienceMs(sending))
        throw new NotSent('asked-to-wait', ms, heldMs >= ms ? circuit.lastTrouble : this.lastLimit);
      // Ten requests that wait for the same moment are one piece of news.
      if (now + ms > this.announcedMs) {
        this.announcedMs = now + ms;
        const reason = heldMs >= ms ? ASKED_TO_WAIT : this.pace.reason();
        events.emit({ type: 'waiting', reason, ms, limit: true });
      }
      await clock.sleep(ms);
    }
  }
}

/** The limit of the token, which is one for all: it counts as many as it allows. */
function isLimitOfAll({ headers }: HttpResponse): boolean {
  const [used, allowed] = ['count', 'allowed'].map((one) => headers[`inin-ratelimit-${one}`]);
  return Number(allowed) > 0 && Number(used) >= Number(allowed);
}

/** Not of our making, and it may pass: what retries and the circuit breaker are for. */
function isTrouble(result: HttpResponse | NoAnswer): boolean {
  if (result instanceof NoAnswer) return true;
  return TRANSIENT.has(result.status);
}

/** Nothing was done: the server would not risk a request that may come twice (RFC 8470). */
const TOO_EARLY = 425;

/** 408: the server gave up on the request before it had the whole of it. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

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

/** False when the result has to be lived with. */
function isRepeatable(result: HttpResponse | NoAnswer, read: boolean): boolean {
  if (result instanceof NoAnswer) {
    // Repeating would only keep the user waiting.
    return read && !nobodyThere(result.code) && result.code !== TOO_LARGE;
  }
  const isUndone = result.status === 429 || result.status === TOO_EARLY;
  return isUndone || isLoginLimit(result) || (read && isTrouble(result));
}

/**
 * Too many logins are refused with 400 and no code of their own: the words are all there is to
 * tell it by. Source: the platform's terraform provider, `InitClientConfig`.
 */
function isLoginLimit({ status, body }: HttpResponse): boolean {
  return status === 400 && /"error_description"\s*:\s*"rate limit exceeded/i.test(body);
}

/**
 * How long the answer asks to be left alone; `null` where it asks for nothing. Of a 429 the end of
 * the window counts as well; the order of trust is that of the platform's own clients.
 */
function askedWaitMs(result: HttpResponse | NoAnswer, nowMs: number): number | null {
  if (result instanceof NoAnswer) return null;
  const { status, headers } = result;
  const isLimit = status === 429 || isLoginLimit(result);
  if (!isLimit && !isTrouble(result)) return null;
  const askedMs = retryAfterMs(headers, nowMs);
  if (askedMs !== null || status !== 429) return askedMs;
  return retryAfterMs({ 'retry-after': headers['inin-ratelimit-reset'] }, nowMs);
}
