/** One POST over a real socket: bounded in time and size, and it follows nothing. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { networkPost, Unanswered } from '../../src/wfm/post.js';

let server: Server;
let requests = 0;

afterEach(
  () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
);

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    request.resume().on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

describe('a POST', () => {
  it('resolves with status, headers in lower case, and text', async () => {
    const url = await serve((response) => response.writeHead(503, { 'Retry-After': '9' }).end('ü'));
    expect(await networkPost({ url, timeoutMs: 5000 }, {}, '{}')).toMatchObject({
      status: 503,
      text: 'ü',
      headers: { 'retry-after': '9' },
    });
  });

  it('ends when nothing is answered in time', async () => {
    const url = await serve(() => undefined);
    await expect(networkPost({ url, timeoutMs: 50 }, {}, '{}')).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  });

  it('ends when the answer begins and never ends', async () => {
    const url = await serve((response) => {
      response.writeHead(200).write('.');
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    await expect(networkPost({ url, timeoutMs: 100 }, {}, '{}')).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  });

  it('reads the beginning of an answer without end', async () => {
    const url = await serve((response) => {
      response.writeHead(500);
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', flood);
      flood();
    });
    const { status, text } = await networkPost({ url, timeoutMs: 5000 }, {}, '{}');
    expect([status, text.length]).toEqual([500, 10_000]);
  });

  it('does not go where a redirect leads', async () => {
    const url = await serve((response) => response.writeHead(307, { location: '/other' }).end());
    expect((await networkPost({ url, timeoutMs: 5000 }, {}, '{}')).status).toBe(307);
    expect(requests).toBe(1);
  });

  it('rejects with a code alone when nobody listens: no error shows what was sent', async () => {
    const url = await serve((response) => response.end());
    await new Promise((resolve) => server.close(resolve));
    const error: unknown = await networkPost(
      { url, timeoutMs: 5000 },
      { 'webhook-signature': 'v1,x' },
      'body',
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unanswered);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/v1,x|body/);
    expect((error as Unanswered).code).toBe('ECONNREFUSED');
  });
});
