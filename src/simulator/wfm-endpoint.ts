/**
 * A workforce-management endpoint on this machine, for the demo and for trials: it takes what is
 * signed as Standard Webhooks asks, and each message once.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { isObject, type JsonObject } from '../core/json.js';

export interface WfmEndpoint {
  /** `http://127.0.0.1:PORT/hooks/routing` */
  readonly url: string;
  /** Metadata of strategies, in the order of arrival, without repetitions. */
  received(): readonly JsonObject[];
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 64_000;

/** `secret` is `whsec_` and base64. Answers 204, or 401 for what is not signed with it. */
export async function startWfmEndpoint(secret: string): Promise<WfmEndpoint> {
  const webhook = new Webhook(secret);
  const received = new Map<string, JsonObject>();
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const id = String(request.headers['webhook-id'] ?? '');
      const message = text === null ? null : verified(webhook, text, request);
      if (message !== null && !received.has(id)) received.set(id, message);
      response.writeHead(message === null ? 401 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${port}/hooks/routing`,
    received: () => [...received.values()],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function verified(webhook: Webhook, text: string, { headers }: IncomingMessage): JsonObject | null {
  try {
    const value = webhook.verify(text, headers as Record<string, string>);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `null` for what is too long or breaks off. */
function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8')),
    );
    request.on('close', () => resolve(null));
  });
}
