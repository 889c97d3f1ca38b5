/** GitHub's answers come to an end as well. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { boundedFetch } from '../../src/github/exchange.js';

let server: Server | null = null;
const timers: NodeJS.Timeout[] = [];

afterEach(() => {
  timers.splice(0).forEach((timer) => clearInterval(timer));
  server?.closeAllConnections();
  server?.close();
});

async function serving(answer: Parameters<typeof createServer>[1]): Promise<string> {
  server = createServer(answer as () => void);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

describe('an answer of GitHub', () => {
  it('is as it was sent', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'x-a': 'b' });
      response.end('{"ä":1}');
    });
    const answer = await boundedFetch(undefined)(url);
    expect([answer.status, answer.url, answer.headers.get('x-a')]).toEqual([201, url, 'b']);
    expect(await answer.json()).toEqual({ ä: 1 });
  });

  it('without a body has none', async () => {
    const url = await serving((_request, response) => response.writeHead(204).end());
    expect((await boundedFetch(undefined)(url)).status).toBe(204);
  });

  it('that unpacks to more than may be kept is none', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('0'.repeat(1_000_000)));
    });
    await expect(boundedFetch(undefined, 100_000)(url)).rejects.toThrow('more than 100000 bytes');
  });

  it('is waited for no longer than the run may last', async () => {
    let giveUp = (): void => undefined;
    const stopping = {
      isCut: () => false,
      onCut: (act: () => void) => {
        giveUp = act;
        return () => undefined;
      },
    };
    const url = await serving((_request, response) => {
      response.writeHead(200);
      timers.push(setInterval(() => response.write(' '), 20));
    });
    const answer = boundedFetch(stopping)(url);
    setTimeout(() => giveUp(), 60);
    await expect(answer).rejects.toThrow('the run is to end');
  });
});
