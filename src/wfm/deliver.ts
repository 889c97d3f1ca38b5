/**
 * Outbox → endpoint: in order, at least once. The first message that is not taken ends a delivery,
 * because those behind it may say what has become of the same strategy since.
 */
import { Interrupted } from '../core/errors.js';
import { excerptOf } from '../core/excerpt.js';
import { retryAfterMs } from '../core/retry-after.js';
import type { Clock, Random } from '../engine/ports.js';
import type { Message } from './message.js';
import type { Outbox } from './outbox.js';
import { Unanswered, type Address, type Post, type Posted } from './post.js';
import type { Signer } from './signature.js';
import { takeTurn } from './turn.js';

export interface Endpoint extends Address {
  readonly signer: Signer;
}

export interface DeliveryPorts {
  readonly post: Post;
  readonly clock: Clock;
  readonly random: Random;
  /** Name of this machine. */
  readonly host: string;
  /** Told of every message that was taken, before it leaves the outbox. */
  readonly delivered: (message: Message, answer: Posted) => Promise<void>;
}

export interface DeliveryOptions {
  /** Times that one message is sent before it is left for later. */
  readonly tries: number;
  /** Asked before every attempt: true once the user wants to stop. */
  readonly interrupted: () => boolean;
}

/** Why a message was not taken. */
export interface Failure {
  /** `null` where nothing was sent. */
  readonly message: Message | null;
  readonly attempts: number;
  /** `null` where no answer came. */
  readonly status: number | null;
  readonly text: string;
  readonly hint: string;
}

export interface Delivery {
  readonly delivered: readonly Message[];
  readonly failure: Failure | null;
  /** Messages that are still in the outbox. */
  readonly waiting: number;
  /** Which: that of the failure first. */
  readonly left: readonly Message[];
}

type Counted = Omit<Delivery, 'left'>;

const FIRST_DELAY_MS = 1000;
/** No message is waited for longer than this, whatever `Retry-After` asks. */
const MOST_DELAY_MS = 60_000;
/** A receiver that follows the specification refuses what is further off. */
const MOST_SKEW_MS = 5 * 60_000;

/** Rejects only where the outbox cannot be read or written, or `delivered` rejects. */
export async function deliver(
  outbox: Outbox,
  endpoint: Endpoint,
  ports: DeliveryPorts,
  options: DeliveryOptions,
): Promise<Delivery> {
  const counted = await deliverAll(outbox, endpoint, ports, options);
  return { ...counted, left: counted.waiting === 0 ? [] : await outbox.left() };
}

async function deliverAll(
  outbox: Outbox,
  endpoint: Endpoint,
  ports: DeliveryPorts,
  options: DeliveryOptions,
): Promise<Counted> {
  if (outbox.before === null) return deliverOwn(outbox, endpoint, ports, options);
  const older = await deliverAll(outbox.before, endpoint, ports, options);
  // What is behind it may be about the same strategy.
  if (older.failure !== null || older.waiting > 0) {
    return { ...older, waiting: await outbox.waiting() };
  }
  const own = await deliverOwn(outbox, endpoint, ports, options);
  return { ...own, delivered: [...older.delivered, ...own.delivered] };
}

async function deliverOwn(
  outbox: Outbox,
  endpoint: Endpoint,
  ports: DeliveryPorts,
  options: DeliveryOptions,
): Promise<Counted> {
  const delivered: Message[] = [];
  if ((await outbox.turns()).length === 0) return { delivered, failure: null, waiting: 0 };
  const taken = await takeTurn(outbox.dir, ports.host, ports.clock);
  if ('heldBy' in taken) {
    return { delivered, failure: othersTurn(taken), waiting: (await outbox.turns()).length };
  }
  const { turn } = taken;
  try {
    let failure: Failure | null = null;
    // What is queued while this goes on is delivered as well: nobody else can now.
    for (let before = -1; failure === null && delivered.length > before;) {
      before = delivered.length;
      for (const name of await outbox.turns()) {
        const message = await outbox.read(name);
        if (message === null) continue;
        const sent = await send(message, endpoint, { ...ports, keep: turn.keep }, options);
        if ('failure' in sent) {
          failure = sent.failure;
          break;
        }
        await ports.delivered(message, sent.answer);
        await outbox.remove(name);
        delivered.push(message);
      }
    }
    return { delivered, failure, waiting: (await outbox.turns()).length };
  } finally {
    await turn.end();
  }
}

type Sent = { readonly answer: Posted } | { readonly failure: Failure };
type SendPorts = DeliveryPorts & { readonly keep: () => Promise<void> };

async function send(
  message: Message,
  endpoint: Endpoint,
  { post, clock, random, keep }: SendPorts,
  { tries, interrupted }: DeliveryOptions,
): Promise<Sent> {
  let result: Posted | Unanswered | null = null;
  for (let attempts = 1; ; attempts += 1) {
    if (interrupted()) return { failure: stopped(message, attempts - 1, result, endpoint) };
    await keep();
    // The id stays, the time of the attempt does not: receivers refuse what is old.
    const headers = {
      'content-type': 'application/json',
      ...endpoint.signer.headers(message.id, clock.now(), message.body),
    };
    result = await answerTo(post(endpoint, headers, message.body));
    if (!(result instanceof Unanswered) && isTaken(result)) return { answer: result };
    if (interrupted()) return { failure: stopped(message, attempts, result, endpoint) };
    const delayMs = attempts < tries ? delayBefore(result, attempts, clock, random) : null;
    if (delayMs === null) {
      return { failure: { message, attempts, ...whyNot(result, endpoint, clock.now()) } };
    }
    // Cut short by the end of the run: the next look at `interrupted` says so.
    await clock.sleep(delayMs).catch(unlessInterrupted);
  }
}

function unlessInterrupted(error: unknown): void {
  if (!(error instanceof Interrupted)) throw error;
}

async function answerTo(posted: Promise<Posted>): Promise<Posted | Unanswered> {
  try {
    return await posted;
  } catch (error) {
    if (error instanceof Unanswered) return error;
    throw error;
  }
}

/** A page for people with status 200 comes from a proxy or a login, not from an endpoint. */
function isTaken({ status, text }: Posted): boolean {
  return status >= 200 && status <= 299 && !isPage(text);
}

/** Comments and an XML declaration may come first. */
function isPage(text: string): boolean {
  const first = text.replace(/^\s*(?:<!--(?:(?!-->).)*-->\s*|<\?xml\b[^>]*>\s*)*/is, '');
  return /^<(?:!doctype\s+html|html)\b/i.test(first);
}

/** Milliseconds until the same may be tried again; `null` where that would change nothing. */
function delayBefore(
  result: Posted | Unanswered,
  attempts: number,
  clock: Clock,
  random: Random,
): number | null {
  const backoffMs = (0.5 + random.next() / 2) * FIRST_DELAY_MS * 2 ** (attempts - 1);
  if (result instanceof Unanswered) return backoffMs;
  const { status, headers } = result;
  if (status !== 408 && status !== 425 && status !== 429 && status < 500) return null;
  const delayMs = retryAfterMs(headers, clock.now()) ?? backoffMs;
  return delayMs > MOST_DELAY_MS ? null : delayMs;
}

/** The hint where nothing but time is missing. */
export const SYNC_DELIVERS = 'strategos sync delivers it later';

type Reason = Pick<Failure, 'status' | 'text' | 'hint'>;

function whyNot(result: Posted | Unanswered, { url, timeoutMs }: Address, nowMs: number): Reason {
  const where = shownAddress(url);
  if (result instanceof Unanswered) {
    const hangs = result.code === 'ETIMEDOUT' || result.code === 'ECONNABORTED';
    const text = hangs
      ? `${where} gave no answer within ${timeoutMs / 1000} s`
      : `${where} could not be reached (${result.code})`;
    // What refuses may be the proxy, of which the code says nothing.
    const proxy = url.startsWith('https:') ? ', and HTTPS_PROXY where it is set' : '';
    return { status: null, text, hint: `check that the endpoint is up, and its address${proxy}` };
  }
  const { status } = result;
  const said = excerptOf(withoutSecrets(result.text, url));
  const text = `${where} answered ${status}${said === '' ? '' : `: ${said}`}`;
  return { status, text, hint: skewHint(result, nowMs) ?? hintFor(result) };
}

function hintFor({ status, text }: Posted): string {
  if (status < 300 || (isPage(text) && status < 500)) {
    return 'that is a page for people: check the address, and proxies or logins on the way to it';
  }
  if (status < 400) return 'redirects are not followed: give the address that it leads to';
  if (status === 401 || status === 403) {
    return 'check that both sides have the same signing secret';
  }
  if (status === 410) return 'it wants no more messages: take spec.wfm out, or correct its url';
  if (status === 429 || status >= 500) return SYNC_DELIVERS;
  return 'the endpoint refuses this message as sent: look there for why';
}

/** Receivers refuse signatures of another time, and seldom say that it is for the clock. */
function skewHint({ status, headers }: Posted, nowMs: number): string | null {
  const theirsMs = Date.parse(headers['date'] ?? '');
  const offMs = theirsMs - nowMs;
  if (status < 400 || status > 499 || !(Math.abs(offMs) > MOST_SKEW_MS)) return null;
  const minutes = Math.round(Math.abs(offMs) / 60_000);
  const off = `${minutes} min ${offMs > 0 ? 'behind' : 'ahead of'} the endpoint's`;
  return `the clock of this machine is ${off}: signatures of another time are refused`;
}

/** The address without what may be a secret in it. */
export function shownAddress(url: string): string {
  return new URL(url).origin;
}

/** Some endpoints repeat the request on their error pages. */
function withoutSecrets(text: string, url: string): string {
  const { search, pathname } = new URL(url);
  const secrets = [search.slice(1), pathname.slice(1)].filter((part) => part.length >= 8);
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

function stopped(
  message: Message,
  attempts: number,
  last: Posted | Unanswered | null,
  { url }: Endpoint,
): Failure {
  const status = last === null || last instanceof Unanswered ? null : last.status;
  const text = `stopped before ${shownAddress(url)} had everything`;
  return { message, attempts, status, text, hint: 'strategos sync delivers the rest' };
}

function othersTurn({
  heldBy,
  file,
  since,
}: {
  heldBy: string;
  file: string;
  since: string;
}): Failure {
  return {
    message: null,
    attempts: 0,
    status: null,
    text: `${heldBy} is delivering from this outbox${since === '' ? '' : ` since ${since}`}`,
    hint: `wait for it; if it is gone, remove ${file}`,
  };
}
