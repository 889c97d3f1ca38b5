/**
 * What stands between a client and the simulated org: answers in its stead, or changes what it
 * said, as public evidence says that a real org does.
 */
import { createServer, request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Passing {
  readonly method: string;
  /** As it came, its query with it. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

export interface Manners {
  /** An answer in the org's stead, or another request in its place; `null` lets it through. */
  readonly meet?: (request: Passing) => Said | Passing | null;
  /** What the org said, as this one says it. */
  readonly tell?: (request: Passing, said: Said) => Said;
}

export interface Proxy {
  readonly url: string;
  /** `GET /api/v2/…`, in the order of arrival. */
  readonly passed: readonly string[];
  close(): Promise<void>;
}

/** Headers of the answer of one hop, not of what it says. */
const OF_THE_WAY = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);

/** Listens on loopback, before the org at `url`. */
export async function startProxy(url: string, { meet, tell }: Manners): Promise<Proxy> {
  const passed: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      passed.push(`${method} ${path}`);
      const met = meet?.(request) ?? null;
      const answer =
        met !== null && 'status' in met ? Promise.resolve(met) : ask(url, met ?? request);
      void answer
        .then((said) => tell?.(request, said) ?? said)
        .then(
          ({ status, headers: named, body }) => {
            const own = Object.entries(named).filter(([name]) => !OF_THE_WAY.has(name));
            response.writeHead(status, Object.fromEntries(own) as Record<string, string>).end(body);
          },
          () => incoming.socket.destroy(),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Raw, because `fetch` would resolve the path first. */
function ask(url: string, { method, path, headers, body }: Passing): Promise<Said> {
  const { hostname, port } = new URL(url);
  const length = Buffer.byteLength(body);
  const sized = length > 0 ? { ...headers, 'content-length': String(length) } : headers;
  return new Promise((resolve, reject) => {
    const outgoing = send({ hostname, port, method, path, headers: sized }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const named = response.headers as Said['headers'];
        resolve({ status: response.statusCode ?? 0, headers: named, body: text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A body of the platform for what it refuses. */
export function refused(status: number, code: string, message: string, more: object = {}): Said {
  const body = { message, code, status, contextId: 'c-1', details: [], errors: [], ...more };
  return json(status, body, { 'inin-correlation-id': 'c-1' });
}

export function json(status: number, body: unknown, headers: Said['headers'] = {}): Said {
  const type = { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

/** The answer with a JSON body, changed; any other as it is. */
export function changed(said: Said, change: (body: Record<string, unknown>) => unknown): Said {
  try {
    const body = JSON.parse(said.body) as Record<string, unknown>;
    return { ...said, body: JSON.stringify(change(body)) };
  } catch {
    return said;
  }
}
