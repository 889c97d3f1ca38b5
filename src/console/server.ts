/**
 * Serves the page on loopback to whoever has the address that was printed. It tells what it was
 * told and asks nobody: however many look, the org is asked no more.
 *
 * Other pages of the same browser, and other users of the same machine, can send requests here as
 * well. So the token of the address is good once and becomes a cookie, and the host and the origin
 * of every request are held against our own.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WrongUsage } from '../core/errors.js';
import { documentOf, policyOf, type PageAsset } from './document.js';

export interface Served {
  /** With the token. */
  readonly url: string;
  /** JSON of what the page shows. */
  readonly show: (view: string, still?: Still) => void;
  /** Why the last look failed. */
  readonly fail: (reason: string) => void;
  /** How many are looking. */
  readonly viewers: () => number;
  readonly close: () => Promise<void>;
}

/** What of a view tells nothing but the time, and the rest of it. */
export interface Still {
  readonly rest: string;
  /** As the page takes them. */
  readonly times: object;
}

const LOOPBACK = '127.0.0.1';
/** More than a viewer who listens ever has waiting. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** A connection that nobody closed is found out by this. */
const BEAT_MS = 15_000;
const MOST_VIEWERS = 100;
/** Whoever else is on this machine can open as many: some are left for the org. */
const MOST_CONNECTIONS = 512;

export interface ServeLimits {
  /** For the whole of a request, which is a line and some headers. */
  readonly requestMs: number;
}

const LIMITS: ServeLimits = { requestMs: 10_000 };

export async function serve(
  asset: PageAsset,
  port: number,
  { requestMs }: ServeLimits = LIMITS,
): Promise<Served> {
  const page = new PageServer(asset);
  const server = createServer(
    {
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: requestMs / 2,
    },
    (request, response) => page.answer(request, response),
  );
  server.maxConnections = MOST_CONNECTIONS;
  const { port: taken } = await listening(server, port);
  page.port = taken;
  const beat = setInterval(() => page.beat(), BEAT_MS);
  beat.unref();
  return {
    url: `http://${LOOPBACK}:${taken}/?token=${page.token}`,
    show: (view, still) => page.show(view, still),
    fail: (reason) => page.fail(reason),
    viewers: () => page.viewers.size,
    close: async () => {
      clearInterval(beat);
      await page.close(server);
    },
  };
}

async function listening(server: Server, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `port ${port} of ${LOOPBACK} cannot be used (${cause.code ?? cause.message})`;
      const hint = 'choose another with --port, or leave it out for any free one';
      reject(new WrongUsage(message, { hint, cause }));
    });
    server.listen(port, LOOPBACK, resolve);
  });
  return server.address() as AddressInfo;
}

interface NoStill {
  readonly rest: string;
  readonly times: null;
}

/** What a browser calls us; it leaves out the port that it would take anyway. */
export function hostsOf(port: number): string[] {
  const names = [LOOPBACK, 'localhost'];
  const whole = names.map((name) => `${name}:${port}`);
  return port === 80 ? [...whole, ...names] : whole;
}

class PageServer {
  port = 0;
  readonly token = secret();
  readonly viewers = new Set<ServerResponse>();
  private isTokenUsed = false;
  private readonly session = secret();
  private view: string | null = null;
  private rest: string | null = null;
  private failure: string | null = null;
  private seenMs = Date.now();
  /** The page as it was sent last; made anew where something else is shown. */
  private document: Buffer | null = null;

  constructor(private readonly asset: PageAsset) {}

  show(view: string, { rest, times }: Still | NoStill = { rest: view, times: null }): void {
    const isNew = rest !== this.rest || this.failure !== null;
    this.view = view;
    this.rest = rest;
    this.failure = null;
    this.seenMs = Date.now();
    this.document = null;
    this.tell(
      isNew
        ? this.viewEvent(view)
        : eventOf('seen', times === null ? '' : JSON.stringify(times), this.seenMs),
    );
  }

  fail(reason: string): void {
    this.failure = reason;
    this.tell(eventOf('failure', JSON.stringify(reason)));
  }

  /** With when it was seen: whoever looks later is told how old it is. */
  private viewEvent(view: string): string {
    return eventOf('view', view, this.seenMs);
  }

  beat(): void {
    this.tell(': still here\n\n');
  }

  /** Whoever does not listen is let go, and comes back with what is so by then. */
  private tell(text: string): void {
    for (const viewer of this.viewers) {
      if (viewer.writableLength <= MOST_WAITING_BYTES) viewer.write(text);
      else {
        this.viewers.delete(viewer);
        viewer.destroy();
      }
    }
  }

  async close(server: Server): Promise<void> {
    for (const viewer of this.viewers) viewer.end();
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.headers())) response.setHeader(name, value);
    const { method = '', url = '' } = request;
    if (!this.isOurs(request)) return refuse(response, 403, 'not for this address');
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'this page only reads');
    }
    const [pathname = '', query = ''] = url.split('?', 2);
    const token = new URLSearchParams(query).get('token');
    if (pathname === '/' && token !== null && method === 'GET') {
      return this.admit(token, request, response);
    }
    if (!this.isAdmitted(request)) {
      return refuse(response, 401, 'open the address that strategos console has printed');
    }
    if (pathname === '/') return this.sendPage(response);
    if (pathname === '/events' && method === 'GET') return this.listen(response);
    return refuse(response, 404, 'there is nothing here');
  }

  private headers(): Readonly<Record<string, string>> {
    return {
      'cache-control': 'no-store',
      'content-security-policy': `${policyOf(this.asset, true)}; frame-ancestors 'none'`,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    };
  }

  /** A name that leads here from elsewhere, or a page from elsewhere, is not ours. */
  private isOurs({ headers }: IncomingMessage): boolean {
    const hosts = hostsOf(this.port);
    if (!hosts.includes(headers.host ?? '')) return false;
    const { origin } = headers;
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return false;
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  private admit(token: string, request: IncomingMessage, response: ServerResponse): void {
    // Whoever is in already has only loaded the address again.
    if (!this.isAdmitted(request)) {
      if (this.isTokenUsed || !isSame(token, this.token)) {
        return refuse(response, 401, 'this address was used already, or is of another run');
      }
      this.isTokenUsed = true;
      const cookie = `${this.cookie()}; HttpOnly; SameSite=Strict; Path=/`;
      response.setHeader('set-cookie', cookie);
    }
    response.writeHead(303, { location: '/' }).end();
  }

  private isAdmitted({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim());
    return cookies.some((one) => isSame(one, this.cookie()));
  }

  /** A browser sends the cookies of every port: two consoles have one each. */
  private cookie(): string {
    return `strategos-${this.port}=${this.session}`;
  }

  private sendPage(response: ServerResponse): void {
    const { seenMs } = this;
    this.document ??= Buffer.from(documentOf(this.asset, this.view, { seenMs }));
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(this.document);
  }

  private listen(response: ServerResponse): void {
    if (this.viewers.size >= MOST_VIEWERS) return refuse(response, 503, 'too many are looking');
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    if (this.view !== null) response.write(this.viewEvent(this.view));
    if (this.failure !== null) response.write(eventOf('failure', JSON.stringify(this.failure)));
    this.viewers.add(response);
    // One that is gone is no trouble of ours, also where the next piece was on its way.
    response.on('error', () => this.viewers.delete(response));
    response.once('close', () => this.viewers.delete(response));
  }
}

function eventOf(name: string, json: string, seenMs: number | null = null): string {
  const id = seenMs === null ? '' : `id: ${seenMs}\n`;
  // JSON has no line breaks, so that it is one line of an event.
  return `event: ${name}\n${id}data: ${json}\n\n`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
