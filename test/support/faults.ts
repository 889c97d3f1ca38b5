/** Faults on the way to an org: an exchange that goes wrong at the n-th request of a kind. */
import {
  NoAnswer,
  type Exchange,
  type HttpRequest,
  type HttpResponse,
} from '../../src/genesys/transport.js';

/** What goes wrong. */
export type Mishap =
  /** Somebody else answers: the request never reaches the org. */
  | { readonly answer: Partial<HttpResponse> & { readonly status: number } }
  /** No answer comes, and the request took effect (`after`) or not (`before`). */
  | { readonly lost: 'before' | 'after'; readonly code?: string }
  /** The org answers, and what it said is changed on the way back. */
  | { readonly mangle: (response: HttpResponse) => HttpResponse }
  /** Something happens in the org just before the request arrives. */
  | { readonly meanwhile: () => unknown };

export interface Fault {
  /** Default: any. */
  readonly method?: string;
  /** Of the path without its query. Default: any. */
  readonly path?: RegExp;
  /** The first request of this kind that is hit, from 1. Default 1. */
  readonly nth?: number;
  /** How many in a row are hit. Default 1. */
  readonly times?: number;
  readonly does: Mishap;
}

/** One request that left the client, whatever became of it. */
export interface Sent {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string | undefined;
  /** `null` when no answer came. */
  readonly status: number | null;
}

export interface Faulty {
  readonly exchange: Exchange;
  /** In the order in which they left the client. */
  readonly sent: readonly Sent[];
}

/**
 * `exchange` until `lost` goes through, whose answer nobody gets; from then on nobody is there, which
 * nobody waits out.
 */
export function silentAfter(
  exchange: Exchange,
  lost: Pick<Fault, 'method' | 'path' | 'nth'>,
  when: 'before' | 'after',
): Exchange {
  let silent = false;
  let seen = 0;
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (fits({ ...lost, does: { lost: when } }, request.method, pathname)) seen += 1;
    if (silent) throw new NoAnswer('ECONNREFUSED');
    if (seen < (lost.nth ?? 1)) return exchange(request);
    silent = true;
    if (when === 'after') await exchange(request);
    throw new NoAnswer('ECONNRESET');
  };
}

/** The HTML page of a proxy. */
export function html(status: number, text = 'The proxy had a bad day'): HttpResponse {
  const body = `<html><head><title>Oops</title></head>\n<body><h1>${text}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html' }, body };
}

/** A Genesys Cloud error body. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = JSON.stringify({ status, code, message, contextId: 'c-1', details: [], errors: [] });
  return { status, headers: { 'inin-correlation-id': 'c-1', ...headers }, body };
}

/** `exchange` with `faults`; the first one that fits a request is the one that hits it. */
export function faulty(exchange: Exchange, faults: readonly Fault[] = []): Faulty {
  const sent: { method: string; path: string; body: string | undefined; status: number | null }[] =
    [];
  const seen = new Map<Fault, number>();
  const through: Exchange = async (request) => {
    const { pathname, search } = new URL(request.url);
    const entry = {
      method: request.method,
      path: pathname + search,
      body: request.body,
      status: null as number | null,
    };
    sent.push(entry);
    const hits = faults.filter((fault) => fits(fault, request.method, pathname));
    for (const fault of hits) seen.set(fault, (seen.get(fault) ?? 0) + 1);
    const hit = hits.find((fault) => isDue(fault, seen.get(fault) ?? 0));
    const response = await carry(exchange, request, hit?.does);
    entry.status = response.status;
    return response;
  };
  return { exchange: through, sent };
}

function fits({ method, path }: Fault, ofMethod: string, ofPath: string): boolean {
  return (method === undefined || method === ofMethod) && (path?.test(ofPath) ?? true);
}

function isDue({ nth = 1, times = 1 }: Fault, count: number): boolean {
  return count >= nth && count < nth + times;
}

async function carry(
  exchange: Exchange,
  request: HttpRequest,
  mishap: Mishap | undefined,
): Promise<HttpResponse> {
  if (mishap === undefined) return exchange(request);
  if ('answer' in mishap) return { headers: {}, body: '', ...mishap.answer };
  if ('mangle' in mishap) return mishap.mangle(await exchange(request));
  if ('meanwhile' in mishap) {
    await mishap.meanwhile();
    return exchange(request);
  }
  if (mishap.lost === 'after') await exchange(request);
  throw new NoAnswer(mishap.code ?? 'ECONNRESET');
}
