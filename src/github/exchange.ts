/** Requests to GitHub as every exchange has to be: of bounded size, and over when the run is. */
import type { Stopping } from '../engine/ports.js';

/** Of an answer, unpacked: more than any artifact of ours, or listing of GitHub's. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A `fetch` whose answers are read to their end before they are given. */
export function boundedFetch(
  stopping: Stopping | undefined,
  mostBytes = MOST_BYTES,
): typeof globalThis.fetch {
  return async (input, init) => {
    const controller = new AbortController();
    const giveUp = (): void => controller.abort(new Error('the run is to end'));
    const forget = stopping?.onCut(giveUp);
    if (stopping?.isCut() === true) giveUp();
    const outer = init?.signal;
    const relay = (): void => controller.abort(outer?.reason);
    outer?.addEventListener('abort', relay);
    if (outer?.aborted === true) relay();
    try {
      const answer = await fetch(input, { ...init, signal: controller.signal });
      const body = answer.body === null ? null : await wholeOf(answer.body, mostBytes);
      const { status, statusText, headers, url } = answer;
      const read = new Response(body, { status, statusText, headers });
      return Object.defineProperty(read, 'url', { value: url });
    } finally {
      forget?.();
      outer?.removeEventListener('abort', relay);
    }
  };
}

async function wholeOf(body: ReadableStream<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`an answer of more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
