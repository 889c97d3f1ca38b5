/** Files go where the platform says, if that is safe, without our token and without a trace. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import type { Writer } from '../../src/engine/ports.js';
import { openReader, openWriter } from '../../src/genesys/sdk.js';
import { NoAnswer, WriteRefused, type HttpRequest } from '../../src/genesys/transport.js';
import { uploadAddress } from '../../src/genesys/upload.js';
import { startSimulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { bench, half, Recorder, type Bench } from '../support/org.js';
import { manifest, ORG } from '../support/reconcile.js';
import { applyRows, planRows, strategyRows } from '../support/rows.js';

const SECRET = 'c2lnbmVk-by-the-platform';
const STORAGE = `https://files.example:8443/bucket/jobs/${SECRET}?X-Amz-Signature=${SECRET}2#x`;
const SIMULATOR = 'http://127.0.0.1:9';
const HEADERS = { 'Content-Type': 'text/csv', 'x-amz-tagging': 'jobId=1' };

async function failure(attempt: Promise<unknown>): Promise<Error> {
  return attempt.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason as Error,
  );
}

/** A writer whose files are answered by `answer`; what it sent. */
function uploading(
  answer: (request: HttpRequest) => { readonly status: number; readonly body?: string } | string,
): { readonly on: Bench; readonly writer: Writer; readonly sent: readonly HttpRequest[] } {
  const on = bench(ORG);
  const sent: HttpRequest[] = [];
  const writer = openWriter(
    on.connection('demo', (request) => {
      sent.push(request);
      const given = answer(request);
      if (typeof given === 'string') return Promise.reject(new NoAnswer(given));
      return Promise.resolve({ headers: {}, body: '', ...given });
    }),
  );
  return { on, writer, sent };
}

describe('the address of a file', () => {
  it.each([
    ['https://files.example/a/b?s=1', 'mypurecloud.ie', 'https://files.example/a/b?s=1'],
    ['https://files.example/a/b', SIMULATOR, 'https://files.example/a/b'],
    // A simulator does not know what it is called from outside.
    ['http://127.0.0.1/a/b?s=1', SIMULATOR, 'http://127.0.0.1:9/a/b?s=1'],
    ['http://localhost:1234/a/b', SIMULATOR, 'http://127.0.0.1:9/a/b'],
    ['http://127.0.0.1:8080/a', 'http://localhost:8080', 'http://localhost:8080/a'],
    ['http://[::1]:8080/a', 'http://[::1]:8080', 'http://[::1]:8080/a'],
    ['http://127.0.0.1//evil.example/a', SIMULATOR, 'http://127.0.0.1:9//evil.example/a'],
  ])('%s, from %s, is asked at %s', (address, configured, url) => {
    expect(uploadAddress(address, configured).url).toBe(url);
  });

  it.each([
    ['http://files.example/a', 'mypurecloud.ie', 'it is not https'],
    ['http://127.0.0.1/a', 'mypurecloud.ie', 'it is not https'],
    ['http://127.0.0.1/a', 'https://127.0.0.1:9', 'it is not https'],
    ['http://files.example/a', SIMULATOR, 'it is not https'],
    ['http://169.254.169.254/a', SIMULATOR, 'it is not https'],
    ['http://127.0.0.1.evil.example/a', SIMULATOR, 'it is not https'],
    ['http://127.0.0.1/a', 'http://files.example', 'it is not https'],
    ['file:///etc/passwd', SIMULATOR, 'it is not https'],
    ['ftp://127.0.0.1/a', SIMULATOR, 'it is not https'],
    ['/uploads/a', SIMULATOR, 'it is no URL'],
    ['', SIMULATOR, 'it is no URL'],
    ['https://user@files.example/a', SIMULATOR, 'it has a user name or password'],
    ['https://:pass@files.example/a', SIMULATOR, 'it has a user name or password'],
  ])('%s, from %s, is not asked at all: %s', async (address, configured, why) => {
    const { on, sent } = uploading(() => ({ status: 200 }));
    const connection = { ...on.connection('demo'), host: configured };
    const error = await failure(openWriter(connection).upload(address, HEADERS, 'key'));
    expect(error).toBeInstanceOf(PlatformError);
    expect(error.message).toContain(`${why}; nothing was sent`);
    if (address !== '') expect(error.message).not.toContain(address);
    expect([sent, on.events.events]).toEqual([[], []]);
  });
});

describe('a file', () => {
  it('is sent with the headers of its job, and with nothing of ours', async () => {
    const { on, writer, sent } = uploading(() => ({ status: 200 }));
    const { request, body } = await writer.upload(STORAGE, HEADERS, 'key\r\na\r\n');
    expect(sent).toMatchObject([{ method: 'PUT', headers: HEADERS, body: 'key\r\na\r\n' }]);
    expect(sent[0]?.url).toBe(STORAGE);
    expect(Object.keys(sent[0]?.headers ?? {})).toEqual(Object.keys(HEADERS));
    const path = '/bucket/jobs/***';
    expect([request, body]).toEqual([
      ...[{ method: 'PUT', path, status: 200, correlationId: null }, null],
    ]);
    expect(writer.requests()).toBe(1);
    expect(on.events.events.filter(({ type }) => type === 'request')).toEqual([
      { type: 'request', method: 'PUT', path, answer: '200' },
    ]);
  });

  it.each([
    [403, `<Error><Code>SignatureDoesNotMatch</Code><X>${SECRET}</X></Error>`, 'denied'],
    [400, `<Error><Code>${'x'.repeat(80)}</Code><X>${SECRET}</X></Error>`, 'rejected'],
    [403, `{"code":"access.denied","message":"${SECRET} is not valid"}`, 'denied'],
    [403, `{"code":"no ${SECRET}"}`, 'denied'],
    [302, `<a href="${STORAGE}">moved</a>`, 'rejected'],
    [404, STORAGE, 'gone'],
    [409, STORAGE, 'conflict'],
    [413, STORAGE, 'rejected'],
    [500, STORAGE, 'unavailable'],
    [503, STORAGE, 'unavailable'],
  ])('that is answered %d is not sent again', async (status, said, fault) => {
    const { on, writer, sent } = uploading(() => ({ status, body: said }));
    const error = await failure(writer.upload(STORAGE, HEADERS, 'key'));
    expect(error).toMatchObject({ fault, request: { status, correlationId: null } });
    expect(error.message).toMatch(
      new RegExp(`^PUT /bucket/jobs/\\*\\*\\* to files.example:8443 answered ${status}`),
    );
    expect(sent).toHaveLength(1);
    expect(JSON.stringify([error, error.message, error.stack, on.events.events])).not.toContain(
      SECRET,
    );
  });

  it('is told by the code of a storage', async () => {
    const { writer } = uploading(() => ({ status: 403, body: '<Code>AccessDenied</Code>' }));
    const error = await failure(writer.upload(STORAGE, HEADERS, 'key'));
    expect(error).toMatchObject({ code: 'AccessDenied' });
    expect(error.message).toMatch(/answered 403 AccessDenied$/);
  });

  it.each([
    ['ECONNRESET', 'no-answer', true],
    ['ETIMEDOUT', 'no-answer', true],
    ['ENOTFOUND', 'nobody-there', false],
    ['ECONNREFUSED', 'nobody-there', false],
  ])('that gets no answer (%s) is not sent again', async (code, as, inDoubt) => {
    const { on, writer, sent } = uploading(() => code);
    const error = await failure(writer.upload(STORAGE, HEADERS, 'key'));
    const who = inDoubt ? 'strategos looks itself at what the import has done; ' : '';
    const hint = expect.stringContaining(`${who}files go to files.example:8443`);
    expect(error).toMatchObject({ fault: 'unavailable', code: as, hint });
    expect(error.message.includes('whether it took effect is unknown')).toBe(inDoubt);
    expect(sent).toHaveLength(1);
    expect(JSON.stringify([error, error.message, on.events.events])).not.toContain(SECRET);
  });

  it('that comes too fast is sent again: a 429 says that it was not taken', async () => {
    let tries = 0;
    const { on, writer } = uploading(() => ({ status: (tries += 1) === 1 ? 429 : 200 }));
    expect((await writer.upload(STORAGE, HEADERS, 'key')).request.status).toBe(200);
    expect([tries, writer.requests()]).toEqual([2, 2]);
    expect(JSON.stringify(on.events.events)).not.toContain(SECRET);
  });

  it('cannot be sent by a reader, whatever is called on it', async () => {
    const on = bench(ORG);
    let sent = 0;
    const reader = openReader(
      on.connection('demo', () => {
        sent += 1;
        return Promise.resolve({ status: 200, headers: {}, body: '' });
      }),
    ) as unknown as Writer;
    const error = await failure(reader.upload(STORAGE, HEADERS, 'key'));
    expect(error).toBeInstanceOf(WriteRefused);
    expect(error.message).toBe('a reader may not send PUT /bucket/jobs/***');
    expect(sent).toBe(0);
  });
});

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

describe('on a real wire', () => {
  it('a large file arrives whole, in UTF-8, and a redirect is not followed', async () => {
    const got: { headers: IncomingHttpHeaders; url: string | undefined; text: string }[] = [];
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        got.push({ headers: request.headers, url: request.url, text });
        response.writeHead(307, { location: '/elsewhere' });
        response.end();
      });
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    const on = bench(ORG);
    const { clock, events } = on;
    const writer = openWriter({
      host: `http://127.0.0.1:${port}`,
      clientId: 'demo',
      clientSecret: 'demo',
      userAgent: 'strategos/test',
      clock,
      random: half,
      events,
    });
    const text = `key,note\r\n${'a,"é 🎉"\r\n'.repeat(700_000)}`;
    const url = `http://127.0.0.1/uploads/${SECRET}?x=1`;
    const error = await failure(writer.upload(url, HEADERS, text));
    expect(error).toMatchObject({ fault: 'rejected', request: { path: '/uploads/***' } });
    expect(got).toHaveLength(1);
    expect([got[0]?.url, got[0]?.text === text]).toEqual([`/uploads/${SECRET}?x=1`, true]);
    expect(got[0]?.headers).toMatchObject({
      'content-type': 'text/csv',
      'x-amz-tagging': 'jobId=1',
    });
    expect(got[0]?.headers['authorization']).toBeUndefined();
  });

  it('an import of the simulator works at the address that it names', async () => {
    const org = createOrg(ORG, { rateLimitPerMinute: 0, importMs: 1 });
    const log: string[] = [];
    const simulator = await startSimulator({ org, log: (line) => log.push(line) });
    try {
      const events = new Recorder();
      const clock = {
        now: Date.now,
        sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms / 10)),
      };
      const on = { ...bench(ORG), org, events, clock };
      const connection = () => ({
        host: simulator.url,
        clientId: 'demo',
        clientSecret: 'demo',
        userAgent: 'strategos/test',
        clock,
        random: half,
        events,
      });
      const wired = { ...on, connection } as unknown as Bench;
      const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
      const files = Object.fromEntries(
        names.map((name) => [`${name}.yaml`, manifest(name, 'Alpha')]),
      );
      const { exitCode } = await applyRows(wired, files);
      expect([exitCode, Object.keys(strategyRows(org)).length]).toEqual([0, 12]);
      expect(log.filter((line) => line.includes('/uploads/'))).toHaveLength(3);
      expect((await planRows(wired, files)).plan.changes).toEqual([]);
    } finally {
      await simulator.close();
    }
  });
});
