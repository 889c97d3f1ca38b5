/**
 * What goes wrong on the way to the simulated org and inside it: rules and a seed give every
 * request its fate.
 *
 * Terms. A *rule* says which requests a fault may hit, and how often. A *hit* is a rule of which
 * nothing is open any more: it names one request and holds every number that was drawn. The *fate*
 * of a request is the list of its hits. Hits are rules themselves, so a history that was drawn can
 * be played back, whole or in part, without the dice: that is how a failure is made smaller.
 *
 * Premise. A draw follows from the seed, the fault, and which request of its method and path this
 * is. It does not follow from the order of different requests: ten reads that are under way at once
 * meet the same faults whichever of them comes first.
 *
 * `answerUnder` is as synchronous as `answer`; who carries the answer waits `delayMs` before it is
 * delivered, and breaks the connection when there is none.
 */
import type { Random } from '../engine/ports.js';
import { isObject, textOf, type Json } from '../core/json.js';
import type { FaultRule, Faults } from '../generated/types.js';
import { seededRandom, wholeBetween } from './chance.js';
import { unlistedRow } from './datatable-rows.js';
import { carriedToken } from './oauth.js';
import { refuse, advance, type Org, type SimRequest, type SimResponse } from './org.js';
import { answerAndKeep, answerFromPast } from './past.js';
import { personDeletes, personEdits } from './person.js';
import { tooManyRequests } from './rate.js';
import { Refusal } from './refusal.js';

type Fault = FaultRule['fault'];

/** A rule that hits one request; everything that its fault needs is written in it. */
export type Hit = FaultRule & Required<Pick<FaultRule, 'method' | 'path' | 'nth' | 'times'>>;

/** Empty for a request that nothing happens to. At most one hit ends the request. */
export type Fate = readonly Hit[];

export interface FaultSource {
  /** The fate of this request, which is counted. Looks at no org and changes none. */
  decide(request: SimRequest): Fate;
}

export interface Answered {
  /** From the arrival of the request, or from when its answer would have come. */
  readonly delayMs: number;
  /** `null`: no answer comes. The connection breaks, unless `trickle` says what comes instead. */
  readonly response: SimResponse | null;
  /** A byte of an answer every so many milliseconds, and never its end. */
  readonly trickleMs?: number;
}

/** Every request of the source gets the fate that the rules and the seed give it. */
export function createFaults({ rules = [] }: Faults, seed: string | number): FaultSource {
  const seen = new Map<string, number>();
  const fitting = new Map<FaultRule, number>();
  const decide = (request: SimRequest): Fate => {
    const { method } = request;
    if (!isMethod(method)) return [];
    // With a question mark a path is compared whole, so what has none gets one.
    const path = request.path.includes('?') ? request.path : `${request.path}?`;
    const nth = count(seen, `${method} ${path}`);
    const fate: Hit[] = [];
    for (const rule of rules) {
      if (!fits(rule, method, path) || !inWindow(rule, count(fitting, rule))) continue;
      const random = seededRandom(`${seed}/${rule.fault}/${method} ${path}/${nth}`);
      if (random.next() >= (rule.rate ?? 1)) continue;
      if (fate.some((hit) => hit.fault === rule.fault || (ends(hit) && ends(rule)))) continue;
      fate.push({ fault: rule.fault, method, path, nth, times: 1, ...drawn(rule, random) });
    }
    return fate;
  };
  return { decide };
}

/** Answers as `answer` does, for a request with this fate. Updates `org` in place. */
export function answerUnder(org: Org, request: SimRequest, fate: Fate, at: number): Answered {
  const hit = (fault: Fault): Hit | undefined => fate.find((one) => one.fault === fault);
  advance(org, at);
  const edits = hit('person-edits');
  if (edits !== undefined) personEdits(org, request.path, edits.value ?? 0, at);
  const deletes = hit('person-deletes');
  if (deletes !== undefined) personDeletes(org, request.path, deletes.value ?? 0, at);
  if (hit('tokens-expire') !== undefined) expireTokens(org, at);

  const end = fate.find(ends);
  const arrives = end === undefined || end.fault === 'drop-after' || end.tookEffect === true;
  const answered = arrives ? answerWithEffects(org, request, fate, at) : null;
  const response = end === undefined ? answered : endOf(org, request, end, at);
  const trickle = end?.fault === 'trickle' ? { trickleMs: end.fromMs ?? 0 } : {};
  return { delayMs: hit('latency')?.fromMs ?? 0, response, ...trickle };
}

/** False for the page of a gateway, which is not held to what the platform promises. */
export function isOfPlatform({ headers }: SimResponse): boolean {
  return headers['content-type'] !== PAGE;
}

const PAGE = 'text/html';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function isMethod(method: string): method is (typeof METHODS)[number] {
  return (METHODS as readonly string[]).includes(method);
}

function count<K>(counts: Map<K, number>, key: K): number {
  const next = (counts.get(key) ?? 0) + 1;
  counts.set(key, next);
  return next;
}

const STRATEGY = /^\/api\/v2\/routing\/strategies\/([^/]+)$/;
const CREATES = /^\/api\/v2\/(?:routing\/strategies|flows\/datatables\/([^/]+)\/rows)$/;

const READS_ONE = /^\/api\/v2\/(?:routing\/strategies|flows\/datatables\/[^/]+\/rows)\/[^/]+$/;

interface Scope {
  readonly method?: string;
  readonly path: RegExp;
}

/** The requests on which a fault can show at all; where nothing stands, every request. */
const SCOPES: Readonly<Partial<Record<Fault, Scope>>> = {
  'too-many-requests': { path: /^\/api\// },
  'slow-activation': { method: 'PUT', path: STRATEGY },
  'failed-activation': { method: 'PUT', path: STRATEGY },
  'listing-lag': { method: 'POST', path: CREATES },
  'stale-read': { method: 'GET', path: READS_ONE },
};

/** `path` always has a question mark. */
function fits(rule: FaultRule, method: string, path: string): boolean {
  const pathname = path.slice(0, path.indexOf('?'));
  const scope = SCOPES[rule.fault];
  if (scope !== undefined) {
    if (scope.method !== undefined && scope.method !== method) return false;
    if (!scope.path.test(pathname)) return false;
  }
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path === undefined) return true;
  if (rule.path.includes('?')) return rule.path === path;
  const wanted = rule.path.split('/');
  const parts = pathname.split('/');
  return (
    wanted.length === parts.length &&
    wanted.every((part, index) => part === '*' || part === parts[index])
  );
}

/** `fitted` requests have fitted the rule so far, this one included. */
function inWindow({ nth = 1, times = Infinity }: FaultRule, fitted: number): boolean {
  return fitted >= nth && fitted < nth + times;
}

/** Whether the request gets no answer of the org: an error in its place, or none at all. */
function ends({ fault }: FaultRule): boolean {
  return (
    fault === 'too-many-requests' ||
    fault === 'server-error' ||
    fault === 'drop-before' ||
    fault === 'drop-after' ||
    fault === 'trickle'
  );
}

const SHORTEST_MS = {
  latency: 5,
  'slow-activation': 5000,
  'listing-lag': 500,
  'stale-read': 100,
  trickle: 1000,
} as const;
const LONGEST_MS = {
  latency: 250,
  'slow-activation': 60_000,
  'listing-lag': 10_000,
  'stale-read': 2000,
  trickle: 1000,
} as const;
const LONGEST_RETRY_SECONDS = 10;
const STATUSES = [500, 502, 503, 504] as const;

/** What the fault needs to know, all of it. */
function drawn(rule: FaultRule, random: Random): Partial<FaultRule> {
  switch (rule.fault) {
    case 'latency':
    case 'slow-activation':
    case 'stale-read':
    case 'trickle':
    case 'listing-lag': {
      const shortest = SHORTEST_MS[rule.fault];
      const fromMs = rule.fromMs ?? Math.min(shortest, rule.toMs ?? shortest);
      const toMs = rule.toMs ?? Math.max(LONGEST_MS[rule.fault], fromMs);
      const ms = wholeBetween(random, fromMs, toMs);
      const tookEffect = rule.tookEffect ?? random.next() < 0.5;
      return { fromMs: ms, toMs: ms, ...(rule.fault === 'trickle' ? { tookEffect } : {}) };
    }
    case 'too-many-requests': {
      const seconds = wholeBetween(random, 1, LONGEST_RETRY_SECONDS);
      return { retryAfterSeconds: rule.retryAfterSeconds ?? seconds };
    }
    case 'server-error': {
      const chosen = STATUSES[wholeBetween(random, 0, STATUSES.length - 1)] ?? 500;
      const status = rule.status ?? chosen;
      // A server that is too busy has not begun; a gateway does not know what happened behind it.
      const tookEffect = random.next() < 0.5 && status !== 503;
      const page = random.next() < 0.5 && status !== 500;
      return { status, tookEffect: rule.tookEffect ?? tookEffect, page: rule.page ?? page };
    }
    case 'person-edits':
    case 'person-deletes':
      return { value: rule.value ?? wholeBetween(random, 0, 100) / 100 };
    case 'drop-before':
    case 'drop-after':
    case 'failed-activation':
    case 'tokens-expire':
      return {};
  }
}

/** The org's own answer, and what the fate adds to what the request did. */
function answerWithEffects(org: Org, request: SimRequest, fate: Fate, at: number): SimResponse {
  const pathname = request.path.split('?', 1)[0] ?? '';
  const id = STRATEGY.exec(pathname)?.[1] ?? '';
  const before = org.activations.get(id);
  const stale = fate.find(({ fault }) => fault === 'stale-read');
  const response =
    stale === undefined
      ? answerAndKeep(org, request, at)
      : answerFromPast(org, request, { at, lagMs: stale.fromMs ?? 0 });
  const begun = org.activations.get(id);
  for (const { fault, fromMs = 0 } of fate) {
    if (begun !== undefined && begun !== before) {
      if (fault === 'slow-activation') begun.dueAt = at + fromMs;
      if (fault === 'failed-activation') begun.error = 'Activation failed: internal error';
    }
    if (fault === 'listing-lag' && response.status === 200) {
      const created = JSON.parse(response.body) as Json;
      const tableId = CREATES.exec(pathname)?.[1];
      const [name, key] = isObject(created)
        ? [textOf(created['id']), textOf(created['key'])]
        : ['', ''];
      org.unlisted.set(tableId === undefined ? name : unlistedRow(tableId, key), at + fromMs);
    }
  }
  if (begun !== undefined) org.nextDueAt = Math.min(org.nextDueAt, begun.dueAt);
  return response;
}

function expireTokens(org: Org, at: number): void {
  for (const [value, token] of org.tokens) {
    org.tokens.set(value, { ...token, expiresAt: Math.min(token.expiresAt, at) });
  }
}

const REASONS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  500: ['internal.server.error', 'The server encountered an unexpected condition'],
  502: ['bad.gateway', 'The upstream service gave no usable answer'],
  503: ['service.unavailable', 'Service Unavailable - the service is overloaded'],
  504: ['request.timeout', 'The request timed out'],
};

/** What comes in place of the org's answer. */
function endOf(org: Org, request: SimRequest, end: Hit, at: number): SimResponse | null {
  const token = carriedToken(org, request.headers['authorization']);
  if (end.fault === 'too-many-requests') {
    // Another limit than the token's own, of which the headers go on to tell.
    return refuse(org, tooManyRequests(end.retryAfterSeconds ?? 0), at, token);
  }
  if (end.fault !== 'server-error') return null;
  const { status = 500 } = end;
  const [code, message] = REASONS[status] ?? ['internal.server.error', 'Unknown error'];
  if (end.page !== true) return refuse(org, new Refusal(status, code, message), at, token);
  const title = `${status} ${code.split('.').join(' ')}`;
  return {
    status,
    headers: { 'content-type': PAGE },
    body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}
