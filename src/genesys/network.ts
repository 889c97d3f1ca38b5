/**
 * One request over the network, and its answer within bounds: of time for the whole of it, of
 * silence, of size on the wire and unpacked. Whatever is on the other side, this comes to an end.
 */
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import axios from 'axios';
import type { Stopping } from '../engine/ports.js';
import { NoAnswer, TOO_LARGE, type Exchange, type HttpResponse } from './transport.js';

export interface Limits {
  /** For the request and the last byte of its answer together. */
  readonly totalMs: number;
  /** Until the headers of the answer are there, and from one piece of its body to the next. */
  readonly silenceMs: number;
  /** Of an answer, as it comes and unpacked. */
  readonly mostBytes: number;
}

export const LIMITS: Limits = {
  totalMs: 60_000,
  silenceMs: 16_000,
  mostBytes: 64 * 1024 * 1024,
};

/**
 * Honours the proxies of the environment and keeps connections alive; follows nothing. A `host`
 * with a scheme is on this machine, and never asked through a proxy.
 */
export function networkExchange(
  host: string,
  limits: Limits,
  stopping: Stopping | undefined,
): Exchange {
  const direct = host.includes('://') ? ({ proxy: false } as const) : {};
  return async ({ method, url, headers, body }) => {
    const end = endOf(limits.totalMs, stopping);
    const { silenceMs } = limits;
    try {
      const answer = await axios.request<Readable>({
        url,
        method,
        data: body,
        timeout: Math.min(silenceMs, limits.totalMs),
        ...direct,
        headers: { ...headers, 'Accept-Encoding': 'gzip, deflate, br' },
        signal: end.signal,
        maxRedirects: 0,
        responseType: 'stream',
        decompress: false,
        transformRequest: (data: unknown) => data,
        validateStatus: () => true,
      });
      const named = namesAndValues(answer.headers);
      const text = await textOf(answer.data, named['content-encoding'], limits, end.signal);
      return { status: answer.status, headers: named, body: text };
    } catch (error) {
      // The client's error holds the bearer token: only its code may leave this function.
      throw error instanceof NoAnswer ? error : new NoAnswer(end.why() ?? codeOf(error));
    } finally {
      end.forget();
    }
  };
}

/** When the exchange is over, whatever has come by then, and why. */
function endOf(
  totalMs: number,
  stopping: Stopping | undefined,
): {
  readonly signal: AbortSignal;
  readonly why: () => string | null;
  readonly forget: () => void;
} {
  const controller = new AbortController();
  let why: string | null = null;
  const endAs = (code: string): void => {
    why ??= code;
    controller.abort();
  };
  const timer = setTimeout(() => endAs('ETIMEDOUT'), totalMs);
  const unheard = stopping?.onCut(() => endAs('INTERRUPTED'));
  const forget = (): void => {
    clearTimeout(timer);
    unheard?.();
  };
  return { signal: controller.signal, why: () => why, forget };
}

function namesAndValues(headers: object): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** All of the answer; rejects as soon as it is more than may be kept. */
async function textOf(
  packed: Readable,
  encoding: string | undefined,
  { mostBytes, silenceMs }: Limits,
  signal: AbortSignal,
): Promise<HttpResponse['body']> {
  const chunks: Buffer[] = [];
  const silence = setTimeout(() => packed.destroy(new NoAnswer('ETIMEDOUT')), silenceMs);
  const onTheWire = within(mostBytes, () => silence.refresh());
  const unpacked = within(mostBytes, (chunk) => chunks.push(chunk));
  const keep = async (source: AsyncIterable<Buffer>): Promise<void> => {
    const all = unpacked(source);
    while ((await all.next()).done !== true);
  };
  try {
    await pipeline(packed, onTheWire, unpacking(encoding), keep, { signal });
  } finally {
    clearTimeout(silence);
    packed.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What passes, until it is too much. */
function within(
  mostBytes: number,
  seen: (chunk: Buffer) => unknown,
): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (source) {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new NoAnswer(TOO_LARGE);
      seen(chunk);
      yield chunk;
    }
  };
}

function unpacking(encoding: string | undefined): Transform {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return new PassThrough();
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip();
    case 'br':
      return createBrotliDecompress();
    default:
      // Of no form that was asked for: what it says cannot be read.
      throw new NoAnswer('UNKNOWN_ENCODING');
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  // How the client calls a time that has run out.
  if (code === 'ECONNABORTED') return 'ETIMEDOUT';
  return typeof code === 'string' ? code : 'UNKNOWN';
}
