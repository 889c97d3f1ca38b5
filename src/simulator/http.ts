/** The simulated org behind a real socket. Loopback only; everything decided is in `org.ts`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WrongUsage } from '../core/errors.js';
import { visible } from '../core/visible.js';
import { MAX_UPLOAD_BYTES, UPLOADS, withoutUploadSecret } from './datatable-imports.js';
import { answerUnder, isOfPlatform, type Answered, type Fate, type FaultSource } from './faults.js';
import { refuse, type Org, type SimRequest, type SimResponse } from './org.js';
import { Refusal } from './refusal.js';

export interface SimulatorOptions {
  readonly org: Org;
  /** 0, the default, for any free port. */
  readonly port?: number;
  /** Added to every answer, in milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** What goes wrong. Default: nothing. */
  readonly faults?: FaultSource;
  /** Milliseconds since the epoch. Default: the clock of this machine. */
  readonly now?: () => number;
  /** One line a request: method, path, status, faults. Never a header or a body. */
  readonly log?: (line: string) => void;
  /** Sees every answer of the platform before it is sent, secrets included. For tests. */
  readonly tap?: (request: SimRequest, response: SimResponse) => void;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly org: Org;
  /** Requests answered so far, refused ones included. */
  requests(): number;
  /** Stops listening and cuts what is still connected. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** `request.bytes.max` of the platform. */
const MAX_BODY_BYTES = 512_000;
/** A page in a browser can make its own name resolve to 127.0.0.1, but it cannot send this. */
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Listens on 127.0.0.1. `WrongUsage` when the port is taken or may not be opened. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { org, port = 0, now = Date.now, log = () => {}, tap } = options;
  let requests = 0;
  const server = createServer((incoming, response) => {
    void receive(incoming).then(async ({ request, refusal }) => {
      const fate = refusal === null ? (options.faults?.decide(request) ?? []) : [];
      const answered = respond(org, { request, refusal, fate }, { at: now(), log });
      const delayMs = (options.latencyMs ?? 0) + answered.delayMs;
      if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
      requests += 1;
      log(lineOf(request, answered.response, fate));
      if (answered.trickleMs !== undefined) {
        trickle(response, answered.trickleMs);
        return;
      }
      if (answered.response === null) {
        incoming.socket.resetAndDestroy();
        return;
      }
      if (isOfPlatform(answered.response)) tap?.(request, answered.response);
      send(response, answered.response);
    });
  });
  await listen(server, port);
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${LOOPBACK}:${bound}`,
    port: bound,
    org,
    requests: () => requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${cause.code})`;
      const hint = 'choose another port, or 0 for any free one';
      reject(new WrongUsage(`simulator: port ${port} ${why}`, { hint, cause }));
    });
    server.listen(port, LOOPBACK, resolve);
  });
}

/** Why a request is not let in, whatever it asks; `null` when it is. */
function refusalAtTheDoor({ headers, rawHeaders, url = '' }: IncomingMessage): Refusal | null {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length !== 1 || !LOCAL_HOST.test(headers.host ?? '')) {
    const message = 'The simulator answers local requests only';
    return closing(421, 'misdirected.request', message);
  }
  const origin = headers.origin ?? '';
  const fromPage = origin !== '' && !LOCAL_HOST.test(origin.replace(/^https?:\/\//i, ''));
  if (fromPage || headers['sec-fetch-site'] === 'cross-site') {
    return closing(403, 'not.authorized', 'The simulator answers no pages of other sites');
  }
  // Another host in the target would stand against the one that was just looked at.
  if (url.startsWith('/')) return null;
  return closing(400, 'bad.request', 'The target of a request is a path');
}

interface Received {
  /** Without its body when that was not read to its end. */
  readonly request: SimRequest;
  /** Why the request does not reach the org; `null` when it does. */
  readonly refusal: Refusal | null;
}

async function receive(incoming: IncomingMessage): Promise<Received> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()]),
  );
  const { method = '', url: path = '' } = incoming;
  const request = { method, path, headers, body: '' };
  const refusal = refusalAtTheDoor(incoming);
  if (refusal !== null) return { request, refusal };
  const limit = path.startsWith(UPLOADS) ? MAX_UPLOAD_BYTES : MAX_BODY_BYTES;
  const body = await readBody(incoming, limit);
  return typeof body === 'string'
    ? { request: { ...request, body }, refusal: null }
    : { request, refusal: body };
}

function respond(
  org: Org,
  { request, refusal, fate }: Received & { readonly fate: Fate },
  { at, log }: { readonly at: number; readonly log: (line: string) => void },
): Answered {
  try {
    if (refusal !== null) return { delayMs: 0, response: refuse(org, refusal, at) };
    return answerUnder(org, request, fate, at);
  } catch (problem) {
    log(`unexpected: ${problem instanceof Error ? (problem.stack ?? '') : String(problem)}`);
    const message = 'The simulator itself failed; this is a bug';
    const response = refuse(org, new Refusal(500, 'internal.server.error', message), at);
    return { delayMs: 0, response };
  }
}

function lineOf(request: SimRequest, response: SimResponse | null, fate: Fate): string {
  const path = visible(JSON.stringify(withoutUploadSecret(request.path)));
  const status = response === null ? 'no answer' : String(response.status);
  const faults = fate.length === 0 ? '' : ` (${fate.map(({ fault }) => fault).join(', ')})`;
  return `${request.method} ${path} ${status}${faults}`;
}

/** Closes the connection after the answer: what the client still sends is not waited for. */
function closing(status: number, code: string, message: string): Refusal {
  return new Refusal(status, code, message, { headers: { connection: 'close' } });
}

/**
 * The body as text, or why it is not taken. Half a body must not pass for a whole one: half a file
 * of rows may be sound, and would replace the whole table.
 */
function readBody(request: IncomingMessage, limit: number): Promise<string | Refusal> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const broken = (): void =>
      resolve(closing(400, 'bad.request', 'The request ended before its body did'));
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        const message = `A request may have ${limit} bytes at most`;
        resolve(closing(413, 'request.entity.too.large', message));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', broken);
    request.on('close', broken);
  });
}

/** Spaces, which JSON may begin with, for as long as somebody reads them. */
function trickle(response: ServerResponse, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(' ');
  const timer = setInterval(() => response.write(' '), everyMs);
  response.on('close', () => clearInterval(timer));
}

function send(response: ServerResponse, answered: SimResponse): void {
  if (response.destroyed) return;
  response.writeHead(answered.status, answered.headers);
  response.end(answered.body);
}
