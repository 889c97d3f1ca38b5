/** Every exchange comes to an end, whatever is on the other side of it. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createSocketServer,
  type Server as SocketServer,
  type AddressInfo,
} from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import { networkExchange, type Limits } from '../../src/genesys/network.js';
import { openWriter } from '../../src/genesys/sdk.js';
import { NoAnswer } from '../../src/genesys/transport.js';
import { half, Recorder, VirtualClock } from '../support/org.js';

const TINY: Limits = { totalMs: 300, silenceMs: 120, mostBytes: 10_000 };
/** Where time is not what a test is about. */
const PATIENT: Limits = { ...TINY, totalMs: 100_000, silenceMs: 100_000 };
const JSON_TYPE = { 'content-type': 'application/json' };

const open: (Server | SocketServer)[] = [];
const timers: NodeJS.Timeout[] = [];

afterEach(() => {
  timers.splice(0).forEach((timer) => clearInterval(timer));
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server | SocketServer): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answering(answer: (response: ServerResponse) => void): Promise<string> {
  return listening(
    createServer((request, response) => {
      request.resume();
      answer(response);
    }),
  );
}

/** A server that writes exactly this, and then so much again and again. */
function writing(first: string, again: string, everyMs: number): Promise<string> {
  return listening(
    createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(first);
      timers.push(setInterval(() => socket.write(again), everyMs));
    }),
  );
}

async function codeOf(url: string, limits: Limits = TINY): Promise<unknown> {
  const exchange = networkExchange(url, limits, undefined);
  try {
    const { status, body } = await exchange({ method: 'GET', url, headers: {} });
    return [status, body];
  } catch (error) {
    return error instanceof NoAnswer ? error.code : error;
  }
}

const packed: [string, (text: string) => Buffer][] = [
  ['gzip', (text) => gzipSync(text)],
  ['deflate', (text) => deflateSync(text)],
  ['br', (text) => brotliCompressSync(text)],
];

describe('an answer', () => {
  it.each([['identity', (text: string): Buffer => Buffer.from(text)] as const, ...packed])(
    'in %s is read, up to its bound to the byte',
    async (encoding, pack) => {
      const text = 'ä'.repeat(TINY.mostBytes / 2);
      const send = (what: string): Promise<string> =>
        answering((response) => {
          response.writeHead(200, { ...JSON_TYPE, 'content-encoding': encoding });
          response.end(pack(what));
        });
      expect(await codeOf(await send(text), PATIENT)).toEqual([200, text]);
      expect(await codeOf(await send(`${text}x`), PATIENT)).toBe('TOO_LARGE');
    },
  );

  it.each(packed)(
    'in %s that unpacks to a thousand times its size is no answer',
    async (encoding, pack) => {
      const bomb = pack('0'.repeat(20_000_000));
      const url = await answering((response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': encoding });
        response.end(bomb);
      });
      expect(await codeOf(url, { ...PATIENT, mostBytes: 1_000_000 })).toBe('TOO_LARGE');
    },
  );

  it('without an end is no answer', async () => {
    const url = await writing('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(4000), 1);
    expect(await codeOf(url, PATIENT)).toBe('TOO_LARGE');
  });

  it('that is packed without an end, and unpacks to nothing, is none either', async () => {
    const empty = gzipSync('').toString('latin1');
    const url = await answering((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      timers.push(setInterval(() => response.write(Buffer.from(empty.repeat(20), 'latin1')), 1));
    });
    expect(await codeOf(url)).toMatch(/TOO_LARGE|ETIMEDOUT/);
  });

  it('of which half is missing is no answer', async () => {
    const half = gzipSync('x'.repeat(1000)).subarray(0, 20);
    const url = await answering((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', connection: 'close' });
      response.end(half);
    });
    expect(await codeOf(url)).toBe('Z_BUF_ERROR');
  });

  it('in a form that nobody asked for is no answer', async () => {
    const url = await answering((response) => {
      response.writeHead(200, { 'content-encoding': 'zstd' });
      response.end('x');
    });
    expect(await codeOf(url)).toBe('UNKNOWN_ENCODING');
  });
});

describe('an exchange ends in time', () => {
  const cases: [string, () => Promise<string>][] = [
    ['accepted and never answered', () => writing('', '', 1000)],
    ['a byte of the headers now and then', () => writing('HTTP/1.1 200 OK\r\nx: ', 'y', 30)],
    ['a byte of the body now and then', () => writing('HTTP/1.1 200 OK\r\n\r\n', ' ', 30)],
    ['a body that begins and stops', () => writing('HTTP/1.1 200 OK\r\n\r\n{', '', 1000)],
    ['more to come, and more', () => writing('', 'HTTP/1.1 100 Continue\r\n\r\n', 30)],
  ];
  it.each(cases)('%s', async (_name, server) => {
    const startedMs = performance.now();
    expect(await codeOf(await server())).toBe('ETIMEDOUT');
    // By our limits, which are parts of a second, and not by those of the machine.
    expect(performance.now() - startedMs).toBeLessThan(PATIENT.totalMs);
  });

  it('by the time for the whole of it, although there is never silence', async () => {
    const url = await writing('HTTP/1.1 200 OK\r\n\r\n', ' ', 30);
    expect(await codeOf(url, { ...PATIENT, totalMs: 300 })).toBe('ETIMEDOUT');
  });

  it('when the run is to end, whatever is under way', async () => {
    let giveUp = (): void => undefined;
    const stopping = {
      isCut: () => false,
      onCut: (act: () => void) => {
        giveUp = act;
        return () => (giveUp = () => undefined);
      },
    };
    const url = await writing('HTTP/1.1 200 OK\r\n\r\n', ' ', 30);
    const exchange = networkExchange(url, { ...TINY, totalMs: 60_000 }, stopping);
    const answer = exchange({ method: 'GET', url, headers: {} }).catch((error: unknown) => error);
    setTimeout(() => giveUp(), 50);
    expect(await answer).toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('through the client', () => {
  it.each([
    ['a trickle', ' ', 30, 'no answer from'],
    ['a flood', 'x'.repeat(9000), 1, 'that is too large to be one'],
  ])('%s is unavailable, and leaves a write open', async (_name, again, everyMs, said) => {
    const url = await listening(
      createServer((request, response) => {
        request.resume();
        response.writeHead(200, JSON_TYPE);
        if (request.url?.startsWith('/oauth') === true) {
          response.end('{"access_token":"t","expires_in":3600}');
        } else timers.push(setInterval(() => response.write(again), everyMs));
      }),
    );
    const writer = openWriter({
      host: url,
      clientId: 'demo',
      clientSecret: 'demo',
      userAgent: 'strategos/test',
      clock: new VirtualClock(),
      random: half,
      events: new Recorder(),
      limits: TINY,
    });
    const failed = await writer
      .send({ method: 'PUT', path: '/api/v2/x', body: {} })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PlatformError);
    expect(failed).toMatchObject({ fault: 'unavailable', exitCode: 7, unclear: true });
    expect((failed as Error).message).toContain(said);
  });
});
