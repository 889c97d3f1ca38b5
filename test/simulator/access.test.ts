import { describe, expect, it } from 'vitest';
import { covers } from '../../src/core/permission.js';
import { ROUTES } from '../../src/simulator/routes.js';
import { login, SMALL, STRATEGIES, worldOf } from './client.js';

describe('tokens', () => {
  it('are given for the right secret, for as long as the client says', () => {
    const world = worldOf({ clients: [{ id: 'demo', secret: 'dé:mo', tokenSeconds: 60 }] });
    const answered = login(world, 'demo', 'dé:mo');
    expect(answered.body).toMatchObject({ token_type: 'bearer', expires_in: 60 });
    const authorization = `Bearer ${answered.body.access_token}`;
    const me = () => world.raw('GET', '/api/v2/organizations/me', { authorization });
    world.at += 59_999;
    expect(me().status).toBe(200);
    world.at += 1;
    expect([me().status, me().body.code]).toEqual([401, 'credentials.expired']);
  });

  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const grant = 'grant_type=client_credentials';
  it.each([
    ['wrong secret', basic('demo:wrong'), grant, 401, 'invalid_client'],
    ['wrong id', basic('nobody:demo'), grant, 400, 'invalid_client'],
    ['no colon', basic('demo'), grant, 400, 'invalid_client'],
    ['no base64', 'Basic %%%', grant, 400, 'invalid_client'],
    ['bytes that are no text', 'Basic /////w==', grant, 400, 'invalid_client'],
    ['__proto__', basic('__proto__:x'), grant, 400, 'invalid_client'],
    ['another grant', basic('demo:demo'), 'grant_type=password', 400, 'unsupported_grant_type'],
    ['no grant', basic('demo:demo'), '', 400, 'unsupported_grant_type'],
  ])('are refused: %s', (_, authorization, form, status, error) => {
    const world = worldOf({});
    const answered = world.raw('POST', '/oauth/token', { authorization }, form);
    expect([answered.status, answered.body.error]).toEqual([status, error]);
    expect(answered.body.error_description).toBe(answered.body.description);
    expect(world.org.tokens.size).toBe(0);
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'authentication.required'],
    [{ authorization: 'Basic ZGVtbzpkZW1v' }, 'authentication.required'],
    [{ authorization: 'Bearer invented' }, 'bad.credentials'],
  ])('are needed: %o', (headers, code) => {
    const answered = worldOf({}).raw('GET', STRATEGIES, headers);
    expect([answered.status, answered.body.code]).toEqual([401, code]);
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/api/v2/nothing', 404, 'not.found'],
    ['GET', '', 404, 'not.found'],
    ['GET', '/api/v2/routing/strategies/', 404, 'not.found'],
    ['GET', '/api/v2/routing/strategies/__proto__', 404, 'not.found'],
    ['GET', '/api/v2/routing/strategies/%E0%A4%A', 400, 'bad.request'],
    ['PATCH', '/api/v2/routing/strategies', 405, 'method.not.allowed'],
    ['GET', '/api/v2/audits/query/realtime', 405, 'method.not.allowed'],
    ['GET', '/oauth/token', 405, 'method.not.allowed'],
    ['POST', '/api/v2/routing/strategies', 400, 'bad.request'],
  ])('%s %s is %i with the whole ErrorBody', (method, path, status, code) => {
    const { headers, body, ...answered } = worldOf(SMALL).send(method, path);
    expect(answered.status).toBe(status);
    expect(body).toMatchObject({ code, status, errors: [] });
    expect(body.contextId).toBe(headers['inin-correlation-id']);
    expect(body.message).not.toBe('');
    expect(Array.isArray(body.details)).toBe(true);
  });

  it.each(['{', '[]', 'null', '"x"', '', '{"name":'])('a body %s is bad.request', (text) => {
    const world = worldOf(SMALL);
    expect(world.send('POST', STRATEGIES, text).body.code).toBe('bad.request');
  });
});

describe('permissions', () => {
  it.each([
    ['*', 'routing:strategy:edit', true],
    ['routing:strategy', 'routing:strategy:edit', true],
    ['routing:*', 'routing:strategy:edit', true],
    ['routing:strategy:*', 'routing:strategy:edit', true],
    ['routing:*:edit', 'routing:strategy:edit', true],
    ['routing:strategy:edit', 'routing:strategy:edit', true],
    ['routing:strategy:view', 'routing:strategy:edit', false],
    ['routing', 'routing:strategy:edit', false],
    ['routing:strategy:edit:x', 'routing:strategy:edit', false],
    ['routing:strateg', 'routing:strategy:edit', false],
  ])('%s covers %s: %s', (held, needed, expected) => {
    expect(covers(held, needed)).toBe(expected);
  });

  const guarded = ROUTES.filter(({ anyOf }) => anyOf.length > 0);
  it.each(guarded.map(({ method, pattern, anyOf }) => [method, pattern, anyOf] as const))(
    '%s %s needs one of %o',
    (method, pattern, anyOf) => {
      const clients = [
        { id: 'none', secret: 'none', permissions: ['other:thing:view'] },
        ...anyOf.map((permission) => ({
          id: permission.replaceAll(':', '-'),
          secret: permission.replaceAll(':', '-'),
          permissions: [permission],
        })),
      ];
      const world = worldOf({ ...SMALL, clients });
      const path = pattern.replaceAll(/\{\w+\}/g, 'x');
      const refused = world.send(method, path, {}, 'none');
      expect(refused.status).toBe(403);
      expect(refused.body.code).toBe('missing.any.permissions');
      expect(refused.body.message).toBe(
        'Unable to perform the requested action. You must have at least one of the following ' +
          `permissions assigned: [${anyOf.join(', ')}]`,
      );
      for (const permission of anyOf) {
        const client = permission.replaceAll(':', '-');
        expect(world.send(method, path, {}, client).status).not.toBe(403);
      }
    },
  );

  it('a reader reads and cannot write', () => {
    const world = worldOf(SMALL);
    expect(world.send('GET', STRATEGIES, undefined, 'reader').status).toBe(200);
    expect(world.send('POST', STRATEGIES, {}, 'reader').body.message).toContain(
      'routing:strategy:add',
    );
  });

  it('are shown to the client, with its org', () => {
    const world = worldOf(SMALL);
    const subject = world.send('GET', '/api/v2/authorization/subjects/me', undefined, 'reader');
    expect(subject.body.grants[0]?.role.policies).toEqual([
      { domain: 'routing', entityName: 'strategy', actions: ['view'] },
    ]);
    const token = world.send('GET', '/api/v2/tokens/me').body;
    const org = world.send('GET', '/api/v2/organizations/me').body;
    expect(token.organization).toEqual({ id: org.id, name: 'Small' });
    expect(token.OAuthClient.id).toBe('demo');
  });
});

describe('rate limit', () => {
  it('counts per token and minute, and says when to come back', () => {
    const world = worldOf(SMALL, { rateLimitPerMinute: 3 });
    for (const count of [1, 2, 3]) {
      const { status, headers } = world.send('GET', STRATEGIES);
      expect([status, headers['inin-ratelimit-count']]).toEqual([200, String(count)]);
      expect(headers['inin-ratelimit-allowed']).toBe('3');
    }
    world.at += 20_500;
    const limited = world.send('POST', STRATEGIES, {});
    expect([limited.status, limited.body.code]).toEqual([429, 'too.many.requests.retry.after']);
    expect(limited.headers['retry-after']).toBe('40');
    expect(limited.headers['inin-ratelimit-reset']).toBe('40');
    expect(world.send('GET', STRATEGIES, undefined, 'reader').status).toBe(200);
    world.at += 39_499;
    expect(world.send('GET', STRATEGIES).status).toBe(429);
    world.at += 1;
    expect(world.send('GET', STRATEGIES).status).toBe(200);
  });

  it('is 300 by default; 0 is none', () => {
    const tries = (limit: object) => {
      const world = worldOf(SMALL, limit);
      const statuses = Array.from({ length: 301 }, () => world.send('GET', STRATEGIES).status);
      return statuses.filter((status) => status === 200).length;
    };
    expect(tries({})).toBe(300);
    expect(tries({ rateLimitPerMinute: 0 })).toBe(301);
  });

  it('every answer carries its headers and a new correlation id', () => {
    const world = worldOf(SMALL);
    const answers = [
      world.send('GET', STRATEGIES),
      world.send('GET', '/nowhere'),
      world.raw('GET', STRATEGIES, {}),
      login(world, 'demo', 'wrong'),
      login(world, 'demo', 'demo'),
    ];
    const ids = answers.map(({ headers }) => headers['inin-correlation-id']);
    expect(new Set(ids).size).toBe(answers.length);
    for (const { headers } of answers) {
      for (const name of ['count', 'allowed', 'reset']) {
        expect(headers[`inin-ratelimit-${name}`]).toMatch(/^\d+$/);
      }
    }
  });
});

it('the same requests at the same instants give the same bytes', () => {
  const run = () => {
    const world = worldOf(SMALL);
    return [
      login(world, 'demo', 'demo'),
      world.send('GET', '/api/v2/routing/queues'),
      world.send('POST', STRATEGIES, { name: 'x' }),
    ];
  };
  expect(run()).toEqual(run());
});
