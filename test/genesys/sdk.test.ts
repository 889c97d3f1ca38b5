/** The SDK as we use it: tokens, pages, silence, and a real wire. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import type { Reader } from '../../src/engine/ports.js';
import { openReader, openWriter, type Connection } from '../../src/genesys/sdk.js';
import type { Exchange, HttpResponse } from '../../src/genesys/transport.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty, html, refusal, type Fault } from '../support/faults.js';
import { bench, half, Recorder, type Bench } from '../support/org.js';
import { carryOut, live, manifest, ORG, plan, statuses } from '../support/reconcile.js';

async function failure(attempt: Promise<unknown>): Promise<PlatformError> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PlatformError)) throw new Error(`no platform error: ${String(error)}`);
  return error;
}

/** A reader with faults in front of it, and what it sent. */
function reading(on: Bench, faults: readonly Fault[] = [], client = 'demo') {
  const { exchange, sent } = faulty(on.exchange, faults);
  const reader = openReader(on.connection(client, exchange));
  const logins = () => sent.filter(({ path }) => path === '/oauth/token').length;
  return { reader, sent, logins };
}

const TOKEN = /^\/oauth\/token$/;

describe('a part of a path that is a dot or two', () => {
  const rows = '/api/v2/flows/datatables/a1b2/rows';

  it.each(['..', '.', '%2E%2e', '..?showbrief=false'])('%s is never sent', async (key) => {
    const on = bench(ORG);
    const { exchange, sent } = faulty(on.exchange, []);
    const writer = openWriter(on.connection('demo', exchange));
    const path = `${rows}/${key}`;
    const errors = [
      await failure(writer.send({ method: 'DELETE', path })),
      await failure(writer.send({ method: 'PUT', path, body: { key: '..' } })),
      await failure(writer.get(path)),
    ];
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('unreachable-path'));
    expect(errors[0]?.message).toContain(`DELETE ${rows}/`);
    expect(errors[0]?.message).toContain('was not sent');
    // What it would be about by an address that leaves such parts out: the table, all of its rows.
    expect(sent.filter(({ path: asked }) => asked.startsWith('/api/'))).toEqual([]);
  });

  it('is sent where it is a part of a longer name', async () => {
    const { reader, sent } = reading(bench(ORG));
    await failure(reader.get(`${rows}/..a`));
    await failure(reader.get(`${rows}/a..`));
    expect(sent.filter(({ path }) => path.startsWith(rows))).toHaveLength(2);
  });
});

describe('the token', () => {
  it('is refused for a wrong secret: 6, and nothing else is asked', async () => {
    const on = bench({ ...ORG, clients: [{ id: 'demo', secret: 'another' }] });
    const { reader, sent } = reading(on);
    const error = await failure(reader.queues());
    expect([error.exitCode, error.code]).toEqual([6, 'invalid_client']);
    expect(error.message).toMatch(/^POST \/oauth\/token answered 401 invalid_client/);
    expect(error.hint).toContain('client id and secret');
    expect(sent.map(({ path }) => path)).toEqual(['/oauth/token']);
  });

  it('is asked for once by calls that start together', async () => {
    const { reader, logins } = reading(bench(ORG));
    await Promise.all([reader.queues(), reader.skills(), reader.organization()]);
    await reader.callsPerAgent();
    expect(logins()).toBe(1);
  });

  it('is renewed before it expires, once, by calls that start together', async () => {
    const clients = [{ id: 'demo', secret: 'demo', tokenSeconds: 600 }];
    const on = bench({ ...ORG, clients });
    const { reader, sent, logins } = reading(on);
    await reader.queues();
    await on.clock.sleep(530_000);
    await reader.queues();
    expect(logins()).toBe(1);
    await on.clock.sleep(20_000);
    await Promise.all([reader.queues(), reader.skills(), reader.organization()]);
    expect(logins()).toBe(2);
    expect(sent.every(({ status }) => status === 200)).toBe(true);
  });

  it('of less than two minutes is not asked for with every call', async () => {
    const clients = [{ id: 'demo', secret: 'demo', tokenSeconds: 30 }];
    const on = bench({ ...ORG, clients });
    const { reader, sent, logins } = reading(on);
    for (let call = 0; call < 5; call += 1) await reader.queues();
    expect(logins()).toBe(1);
    await on.clock.sleep(31_000);
    await reader.queues();
    expect(logins()).toBe(2);
    expect(sent.every(({ status }) => status === 200)).toBe(true);
  });

  it('that is refused mid-way is renewed once, and the call made again', async () => {
    const on = bench(ORG);
    const { reader, logins } = reading(on);
    await reader.queues();
    on.org.tokens.clear();
    expect((await reader.queues()).map(({ name }) => name)).toContain('Alpha');
    expect(logins()).toBe(2);
  });

  it('that is refused to many calls at once is renewed once for all of them', async () => {
    const on = bench({ ...ORG, generate: { queues: 3000 } });
    const { reader, logins } = reading(on);
    await reader.organization();
    on.org.tokens.clear();
    const [queues] = await Promise.all([reader.queues(), reader.skills(), reader.organization()]);
    expect(queues).toHaveLength(3006);
    expect(logins()).toBe(2);
  });

  it('that is refused again is the end: 6', async () => {
    const on = bench(ORG);
    const answer = refusal(401, 'bad.credentials', 'Invalid login credentials.');
    const { reader, sent, logins } = reading(on, [{ path: /queues$/, times: 9, does: { answer } }]);
    const error = await failure(reader.queues());
    expect([error.exitCode, error.request?.path]).toEqual([6, '/api/v2/routing/queues']);
    expect([logins(), sent.length]).toEqual([2, 4]);
  });

  it('that could not be had once can be had later', async () => {
    const on = bench(ORG);
    const { reader } = reading(on, [{ path: TOKEN, times: 7, does: { answer: html(503) } }]);
    expect((await failure(reader.queues())).exitCode).toBe(7);
    // Seven in a row over ten seconds have opened the circuit.
    await on.clock.sleep(30_000);
    expect(await reader.queues()).toHaveLength(6);
  });

  it('is waited for where the platform limits logins', async () => {
    const on = bench(ORG);
    const answer = refusal(429, 'too.many.requests', 'x', { 'retry-after': '20' });
    const { reader } = reading(on, [{ path: TOKEN, does: { answer } }]);
    const before = on.clock.now();
    expect(await reader.queues()).toHaveLength(6);
    expect(on.clock.now() - before).toBe(20_000);
  });
});

describe('listings', () => {
  it('of members are read to the end, also at exactly one full page', async () => {
    const on = bench({ generate: { queues: 1, users: 250, skills: 3, membersPerQueue: 250 } });
    const [queue] = [...on.org.queues.values()];
    const all = await on.reader().members(queue!.id);
    expect(new Set(all.map(({ userId }) => userId))).toEqual(new Set(on.org.users.keys()));
    const full = bench({ generate: { queues: 1, users: 100, membersPerQueue: 100 } });
    const [only] = [...full.org.queues.values()];
    expect(await full.reader().members(only!.id)).toHaveLength(100);
  });

  it('of members are fetched side by side where the listing of queues said how many', async () => {
    const on = bench({ generate: { queues: 1, users: 450, membersPerQueue: 450 } });
    let [underWay, most] = [0, 0];
    const slow: Exchange = async (request) => {
      const counts = request.url.includes('/members') ? 1 : 0;
      underWay += counts;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= counts;
      return on.exchange(request);
    };
    const reader = openReader(on.connection('demo', slow));
    const [queue] = await reader.queues();
    const before = reader.requests();
    expect(await reader.members(queue!.id)).toHaveLength(450);
    expect([reader.requests() - before, most]).toEqual([5, 5]);
  });

  it('of members of whom one has no id is no answer: nobody knows who that is', async () => {
    const on = bench();
    const [queue] = on.org.queues.keys();
    const exchange: Exchange = async (request) => {
      const answer = await on.exchange(request);
      if (!request.url.includes('/members')) return answer;
      const body = JSON.parse(answer.body) as { entities: { id?: string }[] };
      delete body.entities[0]?.id;
      return { ...answer, body: JSON.stringify(body) };
    };
    const reader = openReader(on.connection('demo', exchange));
    await expect(reader.members(queue ?? '')).rejects.toMatchObject({
      code: 'unreadable-answer',
      exitCode: 7,
      message: expect.stringContaining('a member of the queue has no id') as string,
    });
  });

  it('of members without end are a fault of the platform, not a reason to go on for ever', async () => {
    const on = bench({ generate: { queues: 1, users: 100, membersPerQueue: 100 } });
    const [queue] = [...on.org.queues.values()];
    const first = await fullPage(on, queue!.id);
    const { reader } = reading(on, [
      { path: /members$/, times: 1e9, does: { mangle: () => first } },
    ]);
    await expect(reader.members(queue!.id)).rejects.toThrow(/absurd/);
  });

  it('of skills leave out the deleted ones', async () => {
    const on = bench(ORG);
    const mangle = (one: HttpResponse): HttpResponse => {
      const page = JSON.parse(one.body) as { entities: { name: string; state: string }[] };
      for (const skill of page.entities) if (skill.name === 'Voice') skill.state = 'deleted';
      return { ...one, body: JSON.stringify(page) };
    };
    const { reader } = reading(on, [{ path: /skills$/, does: { mangle } }]);
    expect((await reader.skills()).map(({ name }) => name)).toEqual(['Billing']);
  });

  it('of loads ask for more than a hundred queues in portions', async () => {
    const on = bench({ generate: { queues: 250, users: 10, membersPerQueue: 2 } });
    const ids = [...on.org.queues.keys()];
    let n = 0;
    for (const queue of on.org.queues.values()) queue.interacting = n += 1;
    const { reader, sent } = reading(on);
    const loads = await reader.loads(ids);
    expect(ids.map((id) => loads.get(id)?.interacting)).toEqual(ids.map((_, index) => index + 1));
    expect(ids.every((id) => loads.get(id)?.onQueue === 2)).toBe(true);
    expect(sent.filter(({ path }) => path.endsWith('/observations/query'))).toHaveLength(3);
  });

  it('keep one of an object that moved from one page to another', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `s${index}`);
    const on = bench({ ...ORG, strategies: names.map((name) => live(name, 'Alpha')) });
    const again = (one: HttpResponse): HttpResponse => {
      const first = on.org.strategies.values().next().value;
      const page = JSON.parse(one.body) as { entities: { id: string }[] };
      page.entities.unshift({ ...page.entities[0]!, id: first!.id });
      return { ...one, body: JSON.stringify(page) };
    };
    const { reader } = reading(on, [{ path: /strategies$/, nth: 2, does: { mangle: again } }]);
    expect(await reader.list('/api/v2/routing/strategies', 100)).toHaveLength(101);
  });

  it.each([
    ['the page of a proxy', { ...html(200), headers: {} }],
    ['half an answer', { status: 200, headers: {}, body: '{"entities":[{"id":"1","na' }],
    ['nothing at all', { status: 200, headers: {}, body: '' }],
    ['a list', { status: 200, headers: {}, body: '[]' }],
    ['an object that lists nothing', { status: 200, headers: {}, body: '{"hello":"world"}' }],
  ])('do not take %s for an empty org', async (_name, answer) => {
    for (const read of [
      (reader: Reader) => reader.queues(),
      (reader: Reader) => reader.skills(),
      (reader: Reader) => reader.list('/api/v2/routing/strategies', 100),
      (reader: Reader) => reader.members('1'),
    ]) {
      const { reader } = reading(bench(ORG), [{ path: /api\/v2/, times: 99, does: { answer } }]);
      const error = await failure(read(reader));
      expect([error.exitCode, error.code]).toEqual([7, 'unreadable-answer']);
      expect(error.message).toMatch(/^GET \/api\/v2\/routing\/\S+ answered 200/);
    }
  });

  it('do not take a page in place of a token for a login', async () => {
    const { reader, sent } = reading(bench(ORG), [{ path: TOKEN, does: { answer: html(200) } }]);
    const error = await failure(reader.queues());
    expect([error.exitCode, error.code, sent.length]).toEqual([7, 'unreadable-answer', 1]);
  });
});

async function fullPage(on: Bench, queueId: string): Promise<HttpResponse> {
  let first: HttpResponse = { status: 0, headers: {}, body: '' };
  const { reader } = reading(on, [{ path: /members$/, does: { mangle: (one) => (first = one) } }]);
  await reader.members(queueId);
  return first;
}

describe('an error', () => {
  it('names the missing permission and the correlation id', async () => {
    const clients = [{ id: 'demo', secret: 'demo', permissions: ['routing:skill:view'] }];
    const error = await failure(
      bench({ ...ORG, clients })
        .reader()
        .queues(),
    );
    expect([error.exitCode, error.fault]).toEqual([6, 'denied']);
    expect(error.message).toContain('routing:queue:view');
    expect(error.message).toContain(`correlation id ${error.request?.correlationId ?? '-'}`);
  });

  it('holds no secret and no token, even when a page shows them back', async () => {
    const secret = 's3cr3t-of-the-client';
    const on = bench({ ...ORG, clients: [{ id: secret, secret }] });
    const seen: string[] = [];
    const { exchange } = faulty(async (request) => {
      const { Authorization: credential = '' } = request.headers;
      seen.push(credential.split(' ')[1] ?? '');
      const answer = await on.exchange(request);
      if (request.url.includes('/skills')) return html(200, `You sent ${credential}`);
      if (request.url.includes('/queues') || answer.status !== 200) {
        return html(500, `You sent ${credential} and ${request.body ?? ''}`);
      }
      return answer;
    });
    const reader = openReader(on.connection(secret, exchange));
    const errors = [await failure(reader.skills()), await failure(reader.queues())];
    on.org.tokens.clear();
    const wrong = { ...on.connection(secret, exchange), clientSecret: 'wr0ng-but-typed-in' };
    errors.push(await failure(openReader(wrong).organization()));
    const tokens = [...new Set(seen)].filter((one) => one !== '');
    expect(tokens).toHaveLength(3);
    for (const error of errors) {
      const all = `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)}`;
      expect(error.message).toContain('You sent');
      expect(error.cause).toBeUndefined();
      for (const one of [...tokens, secret, 'wr0ng-but-typed-in']) expect(all).not.toContain(one);
    }
  });

  it('of the network holds no secret either', async () => {
    const error = await failure(openReader(connection('http://127.0.0.1:1')).queues());
    const all = JSON.stringify([error, error.message, error.stack, error.cause]);
    expect(all).not.toContain(Buffer.from('demo:demo').toString('base64'));
  });
});

/** The real network and the real clock. */
function connection(host: string): Connection {
  return {
    host,
    clientId: 'demo',
    clientSecret: 'demo',
    userAgent: 'strategos/test',
    clock: {
      now: Date.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    random: half,
    events: new Recorder(),
  };
}

const WIRE_ORG: OrgFile = {
  ...ORG,
  generate: { queues: 30, users: 5, membersPerQueue: 2 },
  strategies: [live('gone', 'Beta')],
};

describe('on a real wire', () => {
  let simulator: Simulator;

  beforeEach(async () => {
    const org = createOrg(WIRE_ORG, { rateLimitPerMinute: 0, activationMs: 0 });
    simulator = await startSimulator({ org });
  });

  afterEach(() => simulator.close());

  it('plans and applies as it does in memory, and finds nothing left to do', async () => {
    const on: Bench = { ...bench(WIRE_ORG), org: simulator.org };
    const wired: Bench = { ...on, connection: () => connection(simulator.url) };
    const files = {
      'ä.yaml': manifest('größe ✓ 🙂', 'Alpha', { fallback: { queue: 'Overflow' } }),
    };
    const planned = await plan(wired, files);
    const { exitCode, log } = await carryOut(wired, planned, { activationTimeoutMs: 1000 });
    expect(exitCode).toBe(0);
    expect(statuses(on)).toEqual({ 'größe ✓ 🙂': 'active' });
    expect((await plan(wired, files)).plan.changes).toEqual([]);
    expect(log.records.find(({ type }) => type === 'outcome')?.request?.correlationId).toMatch(/-/);
  });

  it('tells statuses, bodies and correlation ids apart', async () => {
    const reader = openReader(connection(simulator.url));
    const error = await failure(reader.get('/api/v2/routing/strategies/nothing'));
    expect([error.fault, error.request?.status]).toEqual(['gone', 404]);
    expect(error.message).toMatch(/not\.found: .* \(correlation id [0-9a-f-]{36}\)$/);
    const denied = openReader({ ...connection(simulator.url), clientSecret: 'x' });
    expect((await failure(denied.queues())).exitCode).toBe(6);
  });

  it('reaches a loopback host past every proxy of the environment', async () => {
    await withProxy('http://127.0.0.1:1', async () => {
      const reader = openReader(connection(simulator.url));
      expect(await reader.queues()).toHaveLength(36);
    });
  });

  it('shows a proxy the name of a region and nothing else', async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.end();
    });
    proxy.on(
      'connect',
      (request: { url: string; headers: object }, socket: { end(text: string): void }) => {
        seen.push(`CONNECT ${request.url} ${Object.keys(request.headers).sort().join(' ')}`);
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      },
    );
    const url = await listen(proxy);
    await withProxy(url, async () => {
      const error = await failure(openReader(connection('mypurecloud.invalid')).organization());
      expect(error.message).toContain('POST /oauth/token answered 407');
    });
    proxy.close();
    expect(seen).toEqual(['CONNECT login.mypurecloud.invalid:443 connection host']);
  });

  it('is unreachable at once where the connection is refused: 7', async () => {
    await simulator.close();
    const real = connection(simulator.url);
    const waits: number[] = [];
    const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
    const clock = { ...real.clock, sleep };
    const error = await failure(openReader({ ...real, clock }).queues());
    expect([error.exitCode, error.code]).toEqual([7, 'no-answer']);
    expect(error.message).toEqual(
      expect.stringMatching(
        /^POST \/oauth\/token got no answer from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/,
      ),
    );
    expect(waits).toEqual([]);
  });

  it('follows no redirection with a token in its hand', async () => {
    const seen: string[] = [];
    const thief = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    });
    const away = await listen(thief);
    const server = createServer((_request, response) => {
      response.writeHead(307, { location: `${away}/stolen` });
      response.end();
    });
    const url = await listen(server);
    const error = await failure(openReader(connection(url)).queues());
    expect(error.request?.status).toBe(307);
    expect(seen).toEqual([]);
    server.close();
    thief.close();
  });

  it('keeps connections alive: one for requests that follow one another', async () => {
    let connections = 0;
    const server = createServer((request, response) => {
      request.resume();
      const isLogin = (request.url ?? '').startsWith('/oauth/token');
      response.setHeader('content-type', 'application/json');
      response.end(isLogin ? '{"access_token":"t","expires_in":3600}' : '{"id":"1","name":"n"}');
    });
    server.on('connection', () => (connections += 1));
    const url = await listen(server);
    const reader = openReader(connection(url));
    for (let asked = 0; asked < 5; asked += 1) await reader.organization();
    expect(connections).toBe(1);
    server.closeAllConnections();
    server.close();
  });

  it('takes a connection that breaks for no answer', async () => {
    const server = createServer((request) => request.socket.destroy());
    const url = await listen(server);
    const fast = { ...connection(url), clock: bench(ORG).clock };
    const error = await failure(openReader(fast).queues());
    expect([error.exitCode, error.code]).toEqual([7, 'no-answer']);
    server.close();
  });
});

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

async function withProxy(url: string, body: () => Promise<void>): Promise<void> {
  const names = [
    'HTTP_PROXY',
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'ALL_PROXY',
    'all_proxy',
  ];
  const all = [...names, 'NO_PROXY', 'no_proxy'];
  const before = all.map((name) => [name, process.env[name]] as const);
  for (const name of all) Reflect.deleteProperty(process.env, name);
  for (const name of names) process.env[name] = url;
  try {
    await body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
