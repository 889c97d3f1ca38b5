/** One POST over the network: follows nothing, repeats nothing, and ends in time. */
import type { Readable } from 'node:stream';
import axios from 'axios';
import type { Stopping } from '../engine/ports.js';
import type { Headers } from './signature.js';

export interface Posted {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Headers;
  /** The beginning of the answer. */
  readonly text: string;
}

/** Resolves for every status; rejects with `Unanswered` when no answer came in time. */
export type Post = (to: Address, headers: Headers, body: string) => Promise<Posted>;

export interface Address {
  readonly url: string;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

export class Unanswered extends Error {
  /** `code` is the operating system's: `ECONNREFUSED`, or `ETIMEDOUT` for one that hangs. */
  constructor(readonly code: string) {
    super(`no answer: ${code}`);
  }
}

/** More than is ever shown of an answer. */
const MOST_READ = 10_000;

/**
 * Proxies of the environment are honoured; this machine is never asked through one. A run that is
 * to end waits for no answer.
 */
export const postUntil =
  (stopping: Stopping): Post =>
  async (to, headers, body) => {
    const controller = new AbortController();
    // Not of the connection alone: an endpoint that sends a byte now and then hangs as well.
    const timer = setTimeout(() => controller.abort(), to.timeoutMs);
    const forget = stopping.onCut(() => controller.abort());
    if (stopping.isCut()) controller.abort();
    try {
      return await posted(to, headers, body, controller.signal);
    } finally {
      clearTimeout(timer);
      forget();
    }
  };

/** The same for whoever is never stopped. */
export const networkPost: Post = postUntil({ isCut: () => false, onCut: () => () => undefined });

async function posted(
  { url }: Address,
  headers: Headers,
  body: string,
  signal: AbortSignal,
): Promise<Posted> {
  const direct = url.startsWith('https:') ? {} : ({ proxy: false } as const);
  try {
    const answer = await axios.post<Readable>(url, body, {
      headers,
      signal,
      maxRedirects: 0,
      responseType: 'stream',
      ...direct,
      validateStatus: () => true,
      transformRequest: (data: unknown) => data,
    });
    const names = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: answer.status,
      headers: Object.fromEntries(names) as Headers,
      text: await beginningOf(answer.data),
    };
  } catch (error) {
    // The client's error holds the request: only its code may leave this function.
    throw new Unanswered(signal.aborted ? 'ETIMEDOUT' : codeOf(error));
  }
}

async function beginningOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_READ) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_READ).toString('utf8');
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
