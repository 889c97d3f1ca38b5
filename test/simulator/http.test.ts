import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WrongUsage } from '../../src/core/errors.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { STRATEGIES, type Body } from './client.js';

let simulator: Simulator;
const lines: string[] = [];

beforeEach(async () => {
  lines.length = 0;
  simulator = await startSimulator({ org: createOrg(DEMO_ORG), log: (line) => lines.push(line) });
});
afterEach(() => simulator.close());

function parsed(text: string): Body {
  return JSON.parse(text) as Body;
}

interface Sent {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send(
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const options = { port: simulator.port, host: '127.0.0.1', path, method, headers };
    const sent = request({ ...options, headers: { ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function bearer(id: string): Promise<{ authorization: string }> {
  const { text } = await send('/oauth/token', {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${id}`).toString('base64')}` },
    body: 'grant_type=client_credentials',
  });
  return { authorization: `Bearer ${parsed(text).access_token}` };
}

/** Writes bytes as they are, and waits for the answer, the end of the connection, or silence. */
function sendBytes(bytes: string | Buffer, silenceMs = 60_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(simulator.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.setTimeout(silenceMs, () => socket.destroy());
  });
}

async function alive(): Promise<void> {
  const { status } = await send('/api/v2/organizations/me', { headers: await bearer('demo') });
  expect(status).toBe(200);
}

describe('over HTTP', () => {
  it('the demo client can create a strategy and read it back', async () => {
    const headers = await bearer('demo');
    const queues = parsed((await send('/api/v2/routing/queues', { headers })).text).entities;
    const targets = [{ id: queues[0]?.id, priority: 1, weight: 1, capacity: 1 }];
    const body = JSON.stringify({ name: 'é', status: 'draft', targets });
    const created = await send(STRATEGIES, { method: 'POST', headers, body });
    expect(created.status).toBe(200);
    expect(created.headers['content-type']).toBe('application/json');
    const { selfUri } = parsed(created.text);
    expect(parsed((await send(selfUri, { headers })).text).name).toBe('é');
    const gone = await send(selfUri, { method: 'DELETE', headers });
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect(simulator.requests()).toBe(5);
  });

  it('the planner reads and cannot write; admin-ui leaves a name', async () => {
    const headers = await bearer('planner');
    expect((await send(STRATEGIES, { headers })).status).toBe(200);
    const refused = await send(STRATEGIES, { method: 'POST', headers, body: '{}' });
    expect(parsed(refused.text).message).toContain('routing:strategy:add');
    const [queue] = simulator.org.queues.values();
    await send(`/api/v2/routing/queues/${queue?.id}`, {
      method: 'PUT',
      headers: await bearer('admin-ui'),
      body: '{"name":"Renamed"}',
    });
    expect(simulator.org.audits).toMatchObject([{ user: { name: 'Ada' } }]);
  });

  it('logs neither tokens nor secrets', async () => {
    const { authorization } = await bearer('demo');
    await send(STRATEGIES, { headers: { authorization } });
    expect(lines).toEqual(['POST "/oauth/token" 200', `GET "${STRATEGIES}" 200`]);
    expect(lines.join()).not.toContain(authorization.slice(7));
  });
});

describe('only for this machine', () => {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  it.skipIf(addresses.length === 0)('no other address is listened on', async () => {
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect(simulator.port, addresses[0]?.address ?? '');
      socket.on('connect', () => resolve('connected'));
      socket.on('error', () => resolve('refused'));
      socket.setTimeout(1000, () => resolve('silence'));
    });
    expect(outcome).not.toBe('connected');
  });

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST:80', '[::1]:9999', '127.0.0.1:1'])(
    'Host: %s is served',
    async (host) => {
      expect((await send('/nothing', { headers: { host } })).status).toBe(404);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil',
    '10.0.0.1',
    '[::2]',
    'x@localhost',
  ])('Host: %s is refused', async (host) => {
    const { status, headers, text } = await send('/oauth/token', { headers: { host } });
    expect(status).toBe(421);
    expect(parsed(text).contextId).toBe(headers['inin-correlation-id']);
  });

  it('no Host at all is refused', async () => {
    expect(await sendBytes('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421/);
  });
});

describe('garbage', () => {
  it('a body over 512,000 bytes is 413, one of that size is read', async () => {
    const headers = await bearer('demo');
    const size = (bytes: number) =>
      send(STRATEGIES, { method: 'POST', headers, body: 'x'.repeat(bytes) });
    expect((await size(512_000)).status).toBe(400);
    const large = await size(512_001);
    expect(large.status).toBe(413);
    expect(parsed(large.text).code).toBe('request.entity.too.large');
    await alive();
  });

  const host = 'Host: 127.0.0.1\r\n';
  it.each([
    ['binary', Buffer.from([0, 1, 2, 255, 13, 10, 13, 10])],
    ['absurd method', `FROBNICATE / HTTP/1.1\r\n${host}\r\n`],
    ['TRACE', `TRACE /api/v2/users HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT', `CONNECT 127.0.0.1:1 HTTP/1.1\r\n${host}\r\n`],
    ['upgrade', `GET / HTTP/1.1\r\n${host}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['star', `OPTIONS * HTTP/1.1\r\n${host}\r\n`],
    ['absolute form', `GET http://127.0.0.1/api/v2/users HTTP/1.1\r\n${host}\r\n`],
    ['bad encoding', `GET /api/v2/users/%E0%A4%A?x=%zz HTTP/1.1\r\n${host}\r\n`],
    ['latin-1 path', Buffer.from(`GET /\xff\xfe HTTP/1.1\r\n${host}\r\n`, 'latin1')],
    ['many slashes', `GET ${'/'.repeat(5000)} HTTP/1.1\r\n${host}\r\n`],
    ['wrong length', `POST /oauth/token HTTP/1.1\r\n${host}Content-Length: 99\r\n\r\nshort`],
    ['bad chunk', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    [
      'two headers',
      `GET /api/v2/users HTTP/1.1\r\n${host}Authorization: a\r\nAuthorization: b\r\n\r\n`,
    ],
  ])('%s does no harm', async (_, bytes) => {
    // Some of them have no answer to wait for.
    await sendBytes(bytes, 500);
    await alive();
    expect(lines.filter((line) => line.startsWith('unexpected'))).toEqual([]);
  });

  it.each(['{', '{"__proto__":{"x":1}}', '[[[['.repeat(9000), '{"targets":{"length":1e9}}', '\0'])(
    'the body %.20s is 400',
    async (body) => {
      const headers = await bearer('demo');
      const { status, text } = await send(STRATEGIES, { method: 'POST', headers, body });
      expect([status, parsed(text).code]).toEqual([400, 'bad.request']);
      expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
    },
  );
});

describe('time', () => {
  it('latency is added to every answer', async () => {
    const slow = await startSimulator({ org: createOrg({}), latencyMs: 80 });
    const before = performance.now();
    await fetch(`${slow.url}/nothing`);
    expect(performance.now() - before).toBeGreaterThan(70);
    await slow.close();
  });

  it('comes from the clock that is given', async () => {
    const now = () => Date.UTC(2030, 0, 1);
    const other = await startSimulator({ org: createOrg(DEMO_ORG), now });
    const authorization = `Basic ${Buffer.from('demo:demo').toString('base64')}`;
    const body = 'grant_type=client_credentials';
    await fetch(`${other.url}/oauth/token`, { method: 'POST', headers: { authorization }, body });
    const [token] = other.org.tokens.values();
    expect(token?.expiresAt).toBe(now() + 86_400_000);
    await other.close();
  });

  it('a taken port is wrong usage', async () => {
    const again = startSimulator({ org: createOrg({}), port: simulator.port });
    await expect(again).rejects.toBeInstanceOf(WrongUsage);
  });
});
