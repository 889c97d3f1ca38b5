/** The server of the page: who is let in, what they get, and that nothing is asked of anybody. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { hostsOf, serve, type Served } from '../../src/console/server.js';

const ASSET = { script: 'x()', style: 'p{}', scriptHash: "'sha256-a'", styleHash: "'sha256-b'" };

let served: Served | null = null;

afterEach(async () => {
  await served?.close();
  served = null;
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** `until`: the answer goes on for ever; enough of it has come with this. */
async function get(
  path: string,
  { headers = {}, method = 'GET', until = '' }: AskOptions = {},
): Promise<Got> {
  const { port } = new URL(served?.url ?? '');
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        let text = '';
        const done = (): void => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        };
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (until === '' || !text.includes(until)) return;
          done();
          response.destroy();
        });
        response.once('end', done);
      },
    );
    request.once('error', reject);
    request.end();
  });
}

interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly until?: string;
}

async function opened(): Promise<string> {
  served = await serve(ASSET, 0);
  const { search } = new URL(served.url);
  const { headers } = await get(`/${search}`);
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

describe('who is let in', () => {
  it('the address is good once, and its cookie from then on', async () => {
    served = await serve(ASSET, 0);
    const { search } = new URL(served.url);
    const first = await get(`/${search}`);
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/');
    expect(String(first.headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    expect((await get('/', { headers: { cookie } })).status).toBe(200);
    // Loaded again by who is in already.
    expect((await get(`/${search}`, { headers: { cookie } })).status).toBe(303);
    expect((await get(`/${search}`)).status).toBe(401);
  });

  it.each([
    ['without anything', '/', {}, 401],
    ['a cookie that is made up', '/', { cookie: 'strategos=guessed' }, 401],
    ['a token that is made up', '/?token=guessed', {}, 401],
    ['the name of another place', '/', { host: 'evil.example' }, 403],
    ['no port', '/', { host: '127.0.0.1' }, 403],
    ['a page from elsewhere', '/', { origin: 'https://evil.example' }, 403],
    ['a frame from elsewhere', '/', { 'sec-fetch-site': 'cross-site' }, 403],
    ['events without the cookie', '/events', {}, 401],
  ])('not with %s', async (_name, path, headers, status) => {
    await opened();
    const got = await get(path, { headers });
    expect(got.status).toBe(status);
    expect(got.text).not.toContain('<html');
    expect(got.headers['set-cookie']).toBeUndefined();
  });

  it('nor by a path that is no address, which ends nothing', async () => {
    const cookie = await opened();
    for (const path of ['//', '/\\', '/%zz', '//evil.example/?token=x']) {
      expect([401, 404]).toContain((await get(path)).status);
    }
    expect((await get('/', { headers: { cookie } })).status).toBe(200);
  });

  it('with a cookie of its own for each port, so that two can be open at once', async () => {
    const first = await opened();
    const one = served;
    const second = await opened();
    expect(first.split('=')[0]).not.toBe(second.split('=')[0]);
    const cookie = `${first}; ${second}`;
    expect((await get('/', { headers: { cookie } })).status).toBe(200);
    await one?.close();
  });

  it('a look at the headers alone does not use the address up', async () => {
    served = await serve(ASSET, 0);
    const { search } = new URL(served.url);
    expect((await get(`/${search}`, { method: 'HEAD' })).status).toBe(401);
    expect((await get(`/${search}`)).status).toBe(303);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('not to write: %s', async (method) => {
    const cookie = await opened();
    expect((await get('/', { method, headers: { cookie } })).status).toBe(405);
  });

  it('neither through a name of this machine that leads elsewhere, nor from another port', async () => {
    const cookie = await opened();
    const { port } = new URL(served?.url ?? '');
    const there = { cookie, origin: `http://127.0.0.1:${Number(port) + 1}` };
    expect((await get('/', { headers: there })).status).toBe(403);
    expect((await get('/', { headers: { cookie, host: `localhost:${port}` } })).status).toBe(200);
  });
});

it.each([
  [80, ['127.0.0.1:80', 'localhost:80', '127.0.0.1', 'localhost']],
  [8080, ['127.0.0.1:8080', 'localhost:8080']],
])('the page on port %i is called so by a browser', (port, hosts) => {
  expect(hostsOf(port)).toEqual(hosts);
});

describe('what they get', () => {
  it('never kept, never framed, never anything from elsewhere', async () => {
    const cookie = await opened();
    const { headers } = await get('/', { headers: { cookie } });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'sha256-a'; style-src 'sha256-b'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('names are data, whatever is in them', async () => {
    const cookie = await opened();
    served?.show(JSON.stringify({ name: '</script><script>alert(1)</script><!--' }));
    const { text } = await get('/', { headers: { cookie } });
    expect(text).not.toContain('</script><script>alert');
    const given = /<script type="application\/json" id="view">(.*)<\/script>/.exec(text)?.[1] ?? '';
    expect(JSON.parse(given)).toEqual({ name: '</script><script>alert(1)</script><!--' });
  });

  it('what is shown, as it is shown; and why it is old', async () => {
    const cookie = await opened();
    const headers = { cookie };
    served?.show('{"at":1}');
    const events = get('/events', { headers, until: '"gone"' });
    await expect.poll(() => served?.viewers()).toBe(1);
    served?.show('{"at":1}');
    served?.show('{"at":2}');
    served?.fail('gone');
    expect((await events).text.replace(/id: \d+/g, 'id: …')).toBe(
      [
        'event: view\nid: …\ndata: {"at":1}\n\n',
        'event: seen\nid: …\ndata: \n\n',
        'event: view\nid: …\ndata: {"at":2}\n\n',
        'event: failure\ndata: "gone"\n\n',
      ].join(''),
    );
    await expect.poll(() => served?.viewers()).toBe(0);
    // Who comes later sees the last state, and that it is old.
    const late = await get('/events', { headers, until: '"gone"' });
    expect(late.text.replace(/id: \d+/, 'id: …')).toBe(
      'event: view\nid: …\ndata: {"at":2}\n\nevent: failure\ndata: "gone"\n\n',
    );
    const seenMs = Number(/id: (\d+)/.exec(late.text)?.[1]);
    expect((await get('/', { headers })).text).toContain(`data-seen="${seenMs}"`);
  });

  it('the times alone where nothing else has changed', async () => {
    const headers = { cookie: await opened() };
    served?.show('{"at":1,"x":1}', { rest: '{"x":1}', times: { at: 1 } });
    const events = get('/events', { headers, until: '"x":2' });
    await expect.poll(() => served?.viewers()).toBe(1);
    served?.show('{"at":2,"x":1}', { rest: '{"x":1}', times: { at: 2 } });
    // Who comes now is told the newest.
    expect((await get('/', { headers })).text).toContain('{"at":2,"x":1}');
    served?.show('{"at":3,"x":2}', { rest: '{"x":2}', times: { at: 3 } });
    expect((await events).text.replace(/id: \d+/g, 'id: …')).toBe(
      [
        'event: view\nid: …\ndata: {"at":1,"x":1}\n\n',
        'event: seen\nid: …\ndata: {"at":2}\n\n',
        'event: view\nid: …\ndata: {"at":3,"x":2}\n\n',
      ].join(''),
    );
  });

  it('nothing else', async () => {
    const cookie = await opened();
    for (const path of ['/etc/passwd', '/../package.json', '/view', '//', '/%', '/?x=1/../..']) {
      const { status } = await get(path, { headers: { cookie } });
      expect([path, status]).toEqual([path, path.startsWith('/?') ? 200 : 404]);
    }
  });
});

describe('who means no good', () => {
  /** What comes back of these bytes until the other side closes, or has said enough. */
  async function told(bytes: string, enough = '\u0000'): Promise<string> {
    const { port } = new URL(served?.url ?? '');
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes(enough)) socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(text));
    });
  }

  async function isWell(cookie: string): Promise<boolean> {
    return (await get('/', { headers: { cookie } })).status === 200;
  }

  it.each<[string, (host: string) => string, RegExp]>([
    ['bytes that are no HTTP', () => '\u0016\u0003\u0001\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'headers without an end',
      (host) => `GET / HTTP/1.1\r\nhost: ${host}\r\ncookie: ${'a'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
    ['a tunnel', (host) => `CONNECT evil.example:443 HTTP/1.1\r\nhost: ${host}\r\n\r\n`, /^$/],
    [
      'a whole address of elsewhere',
      () => 'GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
      /^HTTP\/1\.1 403 /,
    ],
    [
      'two hosts',
      (host) =>
        `GET / HTTP/1.1\r\nhost: evil.example\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      /^HTTP\/1\.1 (400|403) /,
    ],
    [
      'a body as long as a lie',
      (host) =>
        `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 9999999999\r\nconnection: close\r\n\r\n`,
      /^HTTP\/1\.1 405 /,
    ],
  ])('gets nothing and breaks nothing: %s', async (_name, bytes, answer) => {
    const cookie = await opened();
    const { host } = new URL(served?.url ?? '');
    expect(await told(bytes(host), '\r\n\r\n')).toMatch(answer);
    expect(await isWell(cookie)).toBe(true);
  });

  it('a socket of another protocol is none of ours', async () => {
    const cookie = await opened();
    const { host } = new URL(served?.url ?? '');
    const upgrade = [
      'GET /events HTTP/1.1',
      `host: ${host}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version: 13',
    ];
    expect(await told(`${upgrade.join('\r\n')}\r\n\r\n`, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /);
    expect(await isWell(cookie)).toBe(true);
  });

  it.each([
    ['strategos', '='],
    ['=;=;;=', ';'],
    ['a=b; '.repeat(500), 'none'],
    ['strategos-%00=x', '\u00ff'],
  ])('cookies that are none: %s', async (one, other) => {
    await opened();
    const { status } = await get('/', { headers: { cookie: `${one}; ${other}` } });
    expect(status).toBe(401);
  });

  it('whoever sends a line a minute is let go, and keeps nobody out', async () => {
    served = await serve(ASSET, 0, { requestMs: 200 });
    const { host, search } = new URL(served.url);
    const slow = Array.from({ length: 50 }, async () =>
      told(`GET / HTTP/1.1\r\nhost: ${host}\r\n`),
    );
    expect((await get(`/${search}`)).status).toBe(303);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^(HTTP\/1\.1 408 |$)/);
  }, 20_000);

  it('a hundred watch at most; whoever has gone makes room', async () => {
    const cookie = await opened();
    const headers = { cookie };
    served?.show('{"at":1}');
    const { host } = new URL(served?.url ?? '');
    const stream = `GET /events HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`;
    const watching = Array.from({ length: 100 }, async () => told(stream, '"at":2'));
    await expect.poll(() => served?.viewers()).toBe(100);
    expect((await get('/events', { headers })).status).toBe(503);
    served?.show('{"at":2}');
    await Promise.all(watching);
    await expect.poll(() => served?.viewers()).toBe(0);
    expect((await get('/events', { headers, until: '"at":2' })).status).toBe(200);
  });

  it('whoever does not listen is let go, and the others are told', async () => {
    const cookie = await opened();
    const { port, host } = new URL(served?.url ?? '');
    const deaf = connect(Number(port), '127.0.0.1', () => {
      deaf.pause();
      deaf.write(`GET /events HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`);
    });
    deaf.on('error', () => undefined);
    await expect.poll(() => served?.viewers()).toBe(1);
    const much = JSON.stringify('x'.repeat(9_000_000));
    // Told of more in one go, as after a machine that has slept.
    for (let round = 0; round < 6; round += 1) served?.show(`[${round},${much}]`);
    await expect.poll(() => served?.viewers()).toBe(0);
    served?.show('{"at":3}');
    const headers = { cookie };
    expect((await get('/events', { headers, until: '"at":3' })).status).toBe(200);
    deaf.destroy();
  });
});

it('a port that is taken is named, with what to do', async () => {
  served = await serve(ASSET, 0);
  const { port } = new URL(served.url);
  await expect(serve(ASSET, Number(port))).rejects.toMatchObject({
    message: `port ${port} of 127.0.0.1 cannot be used (EADDRINUSE)`,
    // As the port of a simulator: whoever gave it gives another.
    exitCode: 64,
  });
});
