/** The simulator's door: from this machine only, for no web page, and nothing breaks it. */
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { answer, createOrg } from '../../src/simulator/org.js';
import { ROUTES } from '../../src/simulator/routes.js';

let simulator: Simulator;
const lines: string[] = [];

beforeEach(async () => {
  lines.length = 0;
  simulator = await startSimulator({ org: createOrg(DEMO_ORG), log: (line) => lines.push(line) });
});
afterEach(() => simulator.close());

/** What came back for these bytes until the other side hung up, or fell silent for so long. */
function talk(bytes: string | Buffer, silenceMs = 60_000): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(simulator.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.setTimeout(silenceMs, () => socket.destroy());
  });
}

function statusOf(text: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}

function get(headers: readonly string[], target = '/api/v2/users', version = '1.1'): string {
  return [`GET ${target} HTTP/${version}`, ...headers, 'Connection: close', '', ''].join('\r\n');
}

const LOCAL = 'Host: 127.0.0.1';

async function expectAlive(): Promise<void> {
  expect(statusOf(await talk(get([LOCAL])))).toBe(401);
  expect(lines.filter((line) => line.startsWith('unexpected'))).toEqual([]);
}

/** `connected`, or the code of the system for why not. */
function knock(address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(simulator.port, address, () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
  });
}

describe('from outside', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
    .map(({ address }) => address);

  it.skipIf(outside.length === 0)('every address of this machine refuses', async () => {
    expect(await knock('127.0.0.1')).toBe('connected');
    for (const address of outside)
      expect([address, await knock(address)]).toEqual([address, 'ECONNREFUSED']);
  });

  it('so do the other addresses of the loopback', async () => {
    expect(await knock('127.0.0.2')).toBe('ECONNREFUSED');
    expect(await knock('::1')).toMatch(/^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|EAFNOSUPPORT)$/);
  });
});

describe('the Host header', () => {
  it.each([
    ...['127.0.0.1.nip.io', 'localtest.me', 'localhost.', 'localhost.localdomain', '0.0.0.0'],
    ...['127.1', '2130706433', '0x7f000001', '127.0.0.2', '[::ffff:127.0.0.1]', '[::]', '::1'],
    ...['localhost:80:80', 'localhost:999999', 'localhost:', 'localhost/', 'a@localhost'],
    ...['localhost,evil.example', 'localhost evil.example', 'xn--localhost', 'lo\xadcalhost', ''],
    ...['evil.example#localhost', 'evil.example\\localhost', '%6cocalhost'],
  ])('%j is refused', async (host) => {
    expect(statusOf(await talk(Buffer.from(get([`Host: ${host}`]), 'latin1')))).toBe(421);
    expect(simulator.org.tokens.size).toBe(0);
  });

  it.each([
    ['missing', [], 400],
    ['there twice, the first is another', ['Host: evil.example', LOCAL], 421],
    ['there twice, the second is another', [LOCAL, 'host: evil.example'], 421],
    ['there twice', [LOCAL, LOCAL], 421],
    ['in IPv6', ['Host: [::1]:8080'], 401],
    ['of a name', ['Host: localhost:1'], 401],
    ['folded', ['Host: evil.example\r\n localhost'], 400],
    ['with a space before the colon', ['Host : localhost'], 400],
  ])('%s', async (_name, headers, status) => {
    expect(statusOf(await talk(get(headers)))).toBe(status);
  });

  it.each([
    [[LOCAL], 401],
    [[], 421],
    [['Host: evil.example'], 421],
  ])('with HTTP/1.0 and %j', async (headers, status) => {
    expect(statusOf(await talk(get(headers, '/api/v2/users', '1.0')))).toBe(status);
  });

  it.each(['http://evil.example/api/v2/users', 'http://127.0.0.1/api/v2/users', '*', 'x:80'])(
    'cannot be spoken against by the target %s',
    async (target) => {
      expect(statusOf(await talk(get([LOCAL], target)))).toBe(400);
    },
  );
});

describe('a page in a browser', () => {
  it.each([
    ['Origin: https://evil.example', 403],
    ['Origin: http://127.0.0.1.evil.example', 403],
    ['Origin: null', 403],
    ['Origin: file://', 403],
    ['Sec-Fetch-Site: cross-site', 403],
    ['Origin: http://localhost:3000', 401],
    ['Sec-Fetch-Site: same-origin', 401],
  ])('%s', async (header, status) => {
    const text = await talk(get([LOCAL, header]));
    expect(statusOf(text)).toBe(status);
    expect(text.toLowerCase()).not.toContain('access-control-');
  });

  it('is not told before a request that it may send one', async () => {
    const ask = `OPTIONS /oauth/token HTTP/1.1\r\n${LOCAL}\r\nOrigin: https://evil.example\r\n\r\n`;
    expect(statusOf(await talk(ask))).toBe(403);
  });
});

describe('patience', () => {
  it.each([
    ['one long header', [`X: ${'x'.repeat(100_000)}`]],
    ['many headers', Array.from({ length: 5000 }, (_, at) => `X-${at}: y`)],
    ['a long target', []],
  ])('%s is refused and harms nobody', async (name, headers) => {
    const target = name === 'a long target' ? `/${'x'.repeat(100_000)}` : '/';
    expect([0, 404, 431]).toContain(statusOf(await talk(get([LOCAL, ...headers], target))));
    await expectAlive();
  });

  it('others are served while bodies come slowly or never, and closing does not wait', async () => {
    const head = `POST /oauth/token HTTP/1.1\r\n${LOCAL}\r\nContent-Length: 1000\r\n\r\na`;
    const slow = Array.from({ length: 200 }, () => connect(simulator.port, '127.0.0.1'));
    for (const socket of slow) socket.on('error', () => undefined).write(head);
    await expectAlive();
    // None of the bodies will ever end.
    await simulator.close();
    for (const socket of slow) socket.destroy();
    expect(simulator.org.tokens.size).toBe(0);
  });
});

const PIECES = [
  ...['/', '/api/v2', '/api/v2/routing/strategies', '/oauth/token', '/uploads/datatables/a/b'],
  ...['?', '&', '=', '%', '%00', '%2f', '%zz', '..', '//', ';', '__proto__', 'constructor', '\0'],
  ...['pageSize=1e9', 'pageNumber=-1', 'name=*', '\u00ff', ' ', '\t', 'x'.repeat(300), '{', '}'],
];

describe('bytes that mean nothing', () => {
  it('are answered or hung up on, and the next one is served', async () => {
    const words = fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((all) => all.join(''));
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'get', '\u0000'),
      target: words,
      header: fc.tuple(fc.constantFrom('Authorization', 'Content-Length', 'X', 'Expect'), words),
      body: fc.oneof(words, fc.json()),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, target, header: [name, value], body }) => {
        const head = [`${method} /${target} HTTP/1.1`, LOCAL, `${name}: ${value}`];
        const text = `${head.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`;
        const said = await talk(Buffer.from(text, 'latin1'), 50);
        expect(said === '' || statusOf(said) >= 100).toBe(true);
        expect(statusOf(said)).not.toBe(500);
      }),
      { numRuns: 150 },
    );
    await expectAlive();
  });

  it('and values that mean nothing: every route answers every body', () => {
    const org = createOrg(DEMO_ORG, { rateLimitPerMinute: 0 });
    const login = {
      method: 'POST',
      path: '/oauth/token',
      body: 'grant_type=client_credentials',
      headers: { authorization: `Basic ${Buffer.from('demo:demo').toString('base64')}` },
    };
    answer(org, login, 0);
    const [token] = org.tokens.keys();
    const ids = [
      ...[...org.queues.keys()].slice(0, 2),
      ...[...org.users.keys()].slice(0, 1),
      ...['__proto__', 'constructor', '%00', '%F0%9F%98%80', 'x'.repeat(300)],
    ];
    const keys = [
      ...['name', 'status', 'targets', 'id', 'schema', 'properties', 'key', 'filters', 'interval'],
      ...['selectionCriteria', 'skills', 'fallback', 'queue', '__proto__', 'metrics', 'filter'],
    ];
    const body = fc.oneof(
      fc.json(),
      fc
        .dictionary(fc.constantFrom(...keys), fc.jsonValue(), { maxKeys: 8 })
        .map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...ROUTES),
        fc.infiniteStream(fc.constantFrom(...ids)),
        fc.array(
          fc.constantFrom('pageSize=0', 'pageSize=5', 'cursor=x', 'expand=skills', 'id=a,b'),
        ),
        body,
        ({ method, pattern }, some, query, text) => {
          const path = pattern.replaceAll(/\{\w+\}/g, () => some.next().value as string);
          const request = {
            method,
            path: `${path}?${query.join('&')}`,
            body: text,
            headers: { authorization: `Bearer ${token}`, host: '127.0.0.1' },
          };
          const { status } = answer(org, request, 1);
          expect(status === 500 || status < 200).toBe(false);
        },
      ),
      { numRuns: 3000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
