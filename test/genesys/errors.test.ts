/** What the platform's refusals become: fault, exit code, and a message to act on. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.js';
import { errorOf, noAnswer, unreadable } from '../../src/genesys/errors.js';
import { expectGrowth } from '../support/growth.js';

const PATH = '/api/v2/routing/strategies/1';

function refused(status: number, body: Json, over: Record<string, unknown> = {}) {
  const request = { method: 'PUT', path: PATH, status, correlationId: 'abc-1', ...over };
  return errorOf({ request, body });
}

const said = (code: string, message: string): Json => ({
  code,
  message,
  status: 0,
  contextId: 'x',
});

/** Bodies as the platform and those in front of it send them. */
const TABLE: [string, number, Json, string, number, string, RegExp][] = [
  [
    'a wrong field',
    ...([400, said('bad.request', 'weight must be a number'), 'rejected', 1] as const),
    ...(['bad.request', /answered 400 bad\.request: weight must be a number/] as const),
  ],
  [
    'an expired token',
    ...([401, said('credentials.expired', 'The access token has expired.'), 'denied', 6] as const),
    ...([
      'credentials.expired',
      /401 credentials\.expired: The access token has expired\./,
    ] as const),
  ],
  [
    'a missing permission',
    ...([403, said('missing.permissions', 'You lack routing:queue:view'), 'denied', 6] as const),
    ...(['missing.permissions', /403 missing\.permissions: You lack routing:queue:view/] as const),
  ],
  [
    'what is not there',
    ...([404, said('not.found', 'Routing strategy 1 was not found'), 'gone', 1] as const),
    ...(['not.found', /404 not\.found: Routing strategy 1/] as const),
  ],
  ['what is no more', 410, '', 'gone', 1, 'http-410', /answered 410 \(/],
  [
    'an old version',
    ...([409, said('version.conflict', 'Version 1 is not 2'), 'conflict', 4] as const),
    ...(['version.conflict', /409 version\.conflict: Version 1 is not 2/] as const),
  ],
  [
    'an old version of a schedule',
    ...([
      400,
      said('bad.request', '7 does not match the current version 8'),
      'conflict',
      4,
    ] as const),
    ...(['bad.request', /400 bad\.request: 7 does not match the current version 8/] as const),
  ],
  [
    'a rate limit',
    ...([429, said('too.many.requests', 'Rate limit exceeded'), 'unavailable', 7] as const),
    ...(['too.many.requests', /429 too\.many\.requests: Rate limit/] as const),
  ],
  ['a broken server', 500, said('internal', 'Oops'), 'unavailable', 7, 'internal', /500 internal/],
  [
    'a page of a proxy',
    ...([503, '<html><h1>Service\n  Unavailable</h1></html>', 'unavailable', 7] as const),
    ...([
      'http-503',
      /answered 503 Service Unavailable; whether it took effect is unknown \(/,
    ] as const),
  ],
  ['an empty answer', 502, '', 'unavailable', 7, 'http-502', /answered 502; whether/],
  ['a list', 500, ['no'], 'unavailable', 7, 'http-500', /answered 500; whether/],
  ['null', 504, null, 'unavailable', 7, 'http-504', /answered 504; whether/],
  ['numbers for texts', 400, { code: 5, message: 6 }, 'rejected', 1, 'http-400', /answered 400 \(/],
  ['an odd status', 418, {}, 'rejected', 1, 'http-418', /answered 418 \(/],
  ['a redirection', 302, '', 'unavailable', 7, 'http-302', /302, which is not followed; whether/],
  ['a proxy that wants a login', 407, '', 'unavailable', 7, 'http-407', /answered 407, which/],
  ['a network that wants one', 511, '', 'unavailable', 7, 'http-511', /answered 511, which/],
  ['a request that came too early', 425, '', 'unavailable', 7, 'http-425', /answered 425 \(/],
  ['a request given up on', 408, '', 'unavailable', 7, 'http-408', /answered 408; whether/],
  [
    'OAuth: wrong secret',
    ...([401, { error: 'invalid_client', error_description: 'no such client' }] as const),
    ...(['denied', 6, 'invalid_client', /401 invalid_client: no such client/] as const),
  ],
  [
    'OAuth: wrong secret, the other way',
    ...([400, { error: 'invalid_client', description: 'no such client' }] as const),
    ...(['denied', 6, 'invalid_client', /400 invalid_client: no such client/] as const),
  ],
  [
    'OAuth: wrong grant',
    ...([400, { error: 'unauthorized_client' }] as const),
    ...(['denied', 6, 'unauthorized_client', /400 unauthorized_client \(/] as const),
  ],
];

describe('an answer that refuses', () => {
  it.each(TABLE)('with %s', (_name, status, body, fault, exitCode, code, message) => {
    const error = refused(status, body);
    expect([error.fault, error.exitCode, error.code]).toEqual([fault, exitCode, code]);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^PUT \/api\/v2\/routing\/strategies\/1 answered \d{3}/);
    expect(error.message).toMatch(/\(correlation id abc-1\)$/);
    expect(error.source).toBe('platform');
  });

  it('is kept with its request, and without a correlation id where there was none', () => {
    const error = refused(500, '', { correlationId: null });
    expect(error.request).toEqual({ method: 'PUT', path: PATH, status: 500, correlationId: null });
    expect(error.message).toBe(`PUT ${PATH} answered 500; whether it took effect is unknown`);
  });

  it.each([
    ['PUT', PATH, true],
    ['GET', PATH, false],
  ])(
    '%s %s that may have taken effect: whether to do it again is said (%s)',
    (method, path, is) => {
      const says = is ? /; the next apply looks first at what became of it$/ : /^(?!.*next apply)/;
      expect(refused(503, '', { method, path }).hint).toMatch(says);
    },
  );

  it.each([
    [401, /client id and secret/],
    [403, /permission to a role of this OAuth client/],
    [429, /rate limit; try again in a minute/],
    [500, /correlation id to Genesys Cloud support/],
    [503, /try again later/],
    [400, /which changed nothing/],
  ])('%d says what to do', (status, hint) => {
    expect(refused(status, '').hint).toMatch(hint);
  });

  const LISTINGS = [
    ['GET', '/api/v2/routing/queues'],
    ['GET', '/api/v2/architect/emergencygroups'],
    ['GET', '/api/v2/flows/datatables'],
    ['GET', '/api/v2/organizations/me'],
    ['POST', '/api/v2/analytics/queues/observations/query'],
  ] as const;
  it.each(LISTINGS)('404 or 410 of %s %s is no object that has gone', (method, path) => {
    for (const status of [404, 410]) {
      const { fault, hint } = refused(status, '', { method, path });
      expect(fault).toBe('gone');
      expect(hint).toMatch(/check the region \(host .*GENESYS_DOMAIN\) and proxies/);
      expect(hint).toMatch(/this org has no such feature: .* out of the manifests$/);
    }
  });

  it('404 of a login is a wrong host', () => {
    const { hint } = refused(404, '', { method: 'POST', path: '/oauth/token' });
    expect(hint).toMatch(/^nobody there logs in: check the region/);
  });

  const TABLE_ID = '0b4f2a7e-0000-4000-8000-00000000000a';
  it.each([
    ['GET', `/api/v2/flows/datatables/${TABLE_ID}`],
    ['GET', `/api/v2/flows/datatables/${TABLE_ID}/rows`],
    ['GET', `/api/v2/flows/datatables/${TABLE_ID}/rows/bonn`],
    ['PUT', `/api/v2/routing/queues/${TABLE_ID}`],
    ['POST', '/api/v2/routing/queues'],
  ])('404 of %s %s leaves what to do to whoever asked', (method, path) => {
    expect(refused(404, '', { method, path }).hint).toBeUndefined();
  });

  it.each(['<', '<p ', 'x', ' ', '\n', '<script>x</script>\n'])(
    'of any size takes one short line, and no more time than its size: %j',
    (sign) => {
      expectGrowth((size) => {
        const page = sign.repeat(size / sign.length);
        for (const body of [page, { code: 'a', message: page }]) {
          const { message } = refused(500, body);
          expect(message.length).toBeLessThan(500);
          expect(message).not.toMatch(/\n/);
        }
      }, 2_000_000);
    },
  );

  it('with a code of any size takes one short line as well', () => {
    expect(refused(400, { code: 'c'.repeat(10_000) }).message.length).toBeLessThan(600);
    expect(refused(400, { error: 'c'.repeat(10_000) }).message.length).toBeLessThan(600);
  });

  it('cannot move the cursor, start a line or hide a text', () => {
    const nasty = 'a\u001b[2Jb\u202ec\nd\u0000e';
    const error = refused(400, { code: nasty, message: nasty }, { correlationId: nasty });
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(error.message).toContain('\\u{1b}');
  });

  it.each([297, 298, 299, 300, 301])('is not cut within a character (%d)', (length) => {
    const { message } = refused(400, `${'x'.repeat(length)}${'🙂'.repeat(9)}`);
    expect(message.isWellFormed()).toBe(true);
  });
});

describe('a redirection', () => {
  const away = (location?: string, method = 'GET') =>
    errorOf({
      request: { method, path: PATH, status: 302, correlationId: null },
      body: '',
      headers: location === undefined ? {} : { location },
    });

  it.each([
    [
      'https://login.mypurecloud.ie/oauth?x=s3cret',
      'login.mypurecloud.ie',
      /write mypurecloud\.ie/,
    ],
    ['https://api.usw2.pure.cloud/', 'api.usw2.pure.cloud', /write usw2\.pure\.cloud as host/],
    ['http://wifi.hotel.example/?token=s3cret', 'wifi.hotel.example', /login page of a network/],
  ])('to %s names %s and no more', (location, host, hint) => {
    const error = away(location);
    expect(error.message).toBe(
      `GET ${PATH} answered 302 and points to ${host}, which is not followed`,
    );
    expect(error.hint).toMatch(hint);
    expect(error.message + (error.hint ?? '')).not.toContain('s3cret');
  });

  it.each([undefined, '/somewhere', '', 'x'.repeat(10)])('to %s names nobody', (location) => {
    expect(away(location).message).toBe(`GET ${PATH} answered 302, which is not followed`);
  });

  it('leaves open what became of a write, and says who looks', () => {
    expect([away('', 'PUT').unclear, away('', 'GET').unclear]).toEqual([true, false]);
    expect(away('', 'PUT').hint).toMatch(/; the next apply looks first at what became of it$/);
    expect(away('', 'GET').hint).not.toContain('next apply');
  });
});

it.each([
  ['PUT', true],
  ['GET', false],
])('half an answer to a %s: who looks what became of it is said (%s)', (method, is) => {
  const request = { method, path: PATH, status: 200, correlationId: null };
  const says = is ? /; the next apply looks first at what became of it$/ : /^(?!.*next apply)/;
  expect(unreadable({ request, body: '' }).hint).toMatch(says);
});

describe('no answer', () => {
  const silent = (method: string, path: string, code = 'ETIMEDOUT') =>
    noAnswer({ method, path, status: null, correlationId: null }, code, 'mypurecloud.ie');

  it('is exit 7, with method, path and reason', () => {
    const error = silent('GET', PATH);
    expect([error.fault, error.exitCode, error.code]).toEqual(['unavailable', 7, 'no-answer']);
    expect(error.message).toBe(`GET ${PATH} got no answer from mypurecloud.ie (ETIMEDOUT)`);
    expect(error.hint).toContain('GENESYS_DOMAIN');
    // Refused may have been the proxy, which nobody is told by the code.
    expect(error.hint).toContain('HTTPS_PROXY');
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('to %s leaves the effect unknown', (method) => {
    expect(silent(method, PATH).message).toContain('; whether it took effect is unknown');
    expect(silent(method, PATH).hint).toMatch(/; the next apply looks first at what became of it$/);
  });

  it.each([
    ['GET', PATH, 'ETIMEDOUT'],
    ['POST', '/oauth/token', 'ETIMEDOUT'],
    ['POST', '/api/v2/analytics/queues/observations/query', 'ECONNRESET'],
    // Nobody was there to take effect on.
    ['PUT', PATH, 'ECONNREFUSED'],
    ['POST', PATH, 'ENOTFOUND'],
  ])('to %s %s (%s) leaves nothing unknown', (method, path, code) => {
    expect(silent(method, path, code).message).not.toContain('unknown');
  });
});

it('of a queue that is not empty it says when to come again', () => {
  const { message, hint } = refused(400, said('active.queue', 'Queue is in use'), {
    method: 'DELETE',
    path: '/api/v2/routing/queues/1',
  });
  expect(message).toContain('400 active.queue');
  expect(hint).toContain('apply again once it is empty');
});
