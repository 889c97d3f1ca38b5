/**
 * The embedded Genesys Cloud: one org, one request, one instant, one answer.
 *
 * Terms. An *org* is everything that the simulated platform remembers. A *request* is what came
 * over the wire, a *call* the same once its route, caller and parameters are known. A *refusal* is
 * an answer with an error body. *Advancing* means to end what was due before this request.
 *
 * Premise. `answer` is synchronous and knows the time only as its argument, so the platform's own
 * slowness (an activation, an import, an audit query) is a comparison of instants and needs no
 * timer. It has no chance and no I/O, and ids follow from a counter: the same requests at the same
 * instants give the same bytes. Tokens and upload URLs can therefore be guessed; this is a
 * simulator that listens on loopback.
 *
 * The org is updated in place. Returning a new org for each request would be purer and was the
 * first idea, but a test that makes 5,000 strategies would copy or path-copy seven maps for every
 * one of them, and nobody ever looked at an old org. Strategies themselves are replaced whole, so
 * what a test took out of the org does not change under its hands.
 *
 * What is simulated, and on whose word, is in BEHAVIOUR.md.
 */
import { nextId, type Call, type Reply } from './call.js';
import { advanceImports, takeUpload, UPLOADS } from './datatable-imports.js';
import { answeredBefore } from './manners.js';
import type { Org, Token } from './model.js';
import { authenticate, mintToken } from './oauth.js';
import { demand } from './permissions.js';
import { rateHeaders, spend } from './rate.js';
import { errorBody, Refusal } from './refusal.js';
import { findRoute } from './routes.js';
import { advanceActivations } from './strategies.js';
import { advanceTraffic } from './traffic.js';

export type { Org } from './model.js';
export { createOrg, type OrgOptions } from './seed.js';

export interface SimRequest {
  readonly method: string;
  /** With the query string, as on the request line. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** JSON, but for a token (a form) and an upload (CSV). */
  readonly body: string;
}

export interface SimResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or empty; HTML when a fault lets a proxy answer. */
  readonly body: string;
}

const TOKEN_PATH = '/oauth/token';
/** Where an org is reached when the request does not say: nobody need send a `Host` in-process. */
const NO_HOST = '127.0.0.1';

/**
 * Answers one request at the instant `at` (milliseconds since the epoch, never before that of the
 * request before) and updates `org` in place. Every input has an answer; what is thrown is a bug.
 */
export function answer(org: Org, request: SimRequest, at: number): SimResponse {
  advance(org, at);
  const seen: { token: Token | null } = { token: null };
  try {
    const reply = respond(org, request, at, seen);
    return compose(reply, { org, at, token: seen.token, correlationId: nextId(org, 'request') });
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    return refuse(org, problem, at, seen.token);
  }
}

/** Ends what was due at `at`, in place. */
export function advance(org: Org, at: number): void {
  advanceActivations(org, at);
  advanceImports(org, at);
  advanceTraffic(org, at);
}

/** An error answer; also for what the transport itself refuses, such as an oversized body. */
export function refuse(
  org: Org,
  refusal: Refusal,
  at: number,
  token: Token | null = null,
): SimResponse {
  const correlationId = nextId(org, 'request');
  const reply = { status: refusal.status, body: errorBody(refusal, correlationId) };
  return compose(reply, { org, at, token, correlationId }, refusal.extras.headers);
}

interface Envelope {
  readonly org: Org;
  readonly at: number;
  /** Whose allowance the headers tell; `null` where no token was accepted. */
  readonly token: Token | null;
  readonly correlationId: string;
}

function compose(
  { status, body }: Reply,
  { org, at, token, correlationId }: Envelope,
  extra: Readonly<Record<string, string>> = {},
): SimResponse {
  return {
    status,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      date: new Date(at).toUTCString(),
      'inin-correlation-id': correlationId,
      ...rateHeaders(org, token, at),
      ...extra,
    },
    body: body === undefined ? '' : JSON.stringify(body),
  };
}

function respond(org: Org, request: SimRequest, at: number, seen: { token: Token | null }): Reply {
  const [path, query] = splitPath(request.path);
  const { authorization, host = NO_HOST } = request.headers;
  if (path === TOKEN_PATH) {
    if (request.method === 'POST') return mintToken(org, { authorization, form: request.body }, at);
    throw new Refusal(405, 'method.not.allowed', 'This path takes POST', {
      headers: { allow: 'POST' },
    });
  }
  if (path.startsWith(UPLOADS)) return takeUpload(org, { ...request, path }, at);
  const [route, params] = findRoute(request.method, path);
  const caller = authenticate(org, authorization, at);
  seen.token = caller.token;
  spend(org, caller.token, at);
  demand(caller, route.anyOf);
  const origin = `http://${host}`;
  const call: Call = { org, at, caller, origin, path, params, query, text: request.body };
  return answeredBefore(call, route.method, route.pattern) ?? route.respond(call);
}

function splitPath(path: string): [string, URLSearchParams] {
  const mark = path.indexOf('?');
  if (mark < 0) return [path, new URLSearchParams()];
  return [path.slice(0, mark), new URLSearchParams(path.slice(mark + 1))];
}
