/** A client that plans cannot write, whatever is called on it. */
import platformClient from 'purecloud-platform-client-v2';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/genesys/sdk.js';
import type { Writer } from '../../src/engine/ports.js';
import { isRead, WriteRefused } from '../../src/genesys/transport.js';
import { ROUTES } from '../../src/simulator/routes.js';
import { faulty, type Sent } from '../support/faults.js';
import { bench } from '../support/org.js';
import { live, ORG } from '../support/reconcile.js';

const WRITES = ['PUT', 'PATCH', 'DELETE'] as const;
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', ...WRITES, 'TRACE', 'CONNECT'];
const QUERIES = [
  '/oauth/token',
  '/api/v2/analytics/queues/observations/query',
  '/api/v2/analytics/conversations/aggregates/query',
  '/api/v2/analytics/conversations/details/query',
  '/api/v2/audits/query',
  '/api/v2/audits/query/realtime',
];
/** Paths that write when they are posted to, and such as look like a query. */
const NO_QUERIES = [
  '/api/v2/routing/strategies',
  '/api/v2/routing/queues',
  '/api/v2/routing/queues/1/members',
  '/api/v2/flows/datatables/1/rows',
  '/api/v2/oauth/clients',
  '/oauth/token/revoke',
  '/x/oauth/token',
  '/api/v2/analytics/conversations/details/jobs',
  '/api/v2/analytics/queues/observations/query/1',
  '/api/v2/analytics/queues/1/query',
  '/api/v2/audits/query/1',
  '/api/v2/audits/query/realtime/x',
  '/api/v2/routing/strategies/query',
  '/api/v2/routing/analytics/query',
  '/api/v2/routing/strategies?/api/v2/audits/query',
  '/api/v2/audits/query#',
  '/api/v2/audits/query\n',
  '',
];

describe('isRead', () => {
  it.each(METHODS)('with %s knows what only asks', (method) => {
    const yes = [...QUERIES, ...NO_QUERIES].filter((path) => isRead(method, path));
    const expected = { GET: [...QUERIES, ...NO_QUERIES], POST: QUERIES }[method] ?? [];
    expect(yes).toEqual(expected);
  });

  it('takes a method for what it is: nothing is made upper case', () => {
    const odd = ['get', 'Get', 'post', ' GET', 'GET ', 'POST,GET', ''];
    expect(odd.filter((method) => isRead(method, '/api/v2/audits/query'))).toEqual([]);
  });

  it('agrees with the permissions of every simulated route', () => {
    const asks = /:(view|readonly)$/;
    for (const { method, pattern, anyOf } of ROUTES) {
      const path = pattern.replace(/\{\w+\}/g, '1');
      const writes = anyOf.length > 0 && !anyOf.some((one) => asks.test(one));
      expect([pattern, isRead(method, path)]).toEqual([pattern, !writes]);
    }
  });
});

/** A reader in front of an org, and everything that got past it. */
function guarded() {
  const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('b', 'Beta')] });
  const { exchange, sent } = faulty(on.exchange);
  return { on, sent, reader: openReader(on.connection('demo', exchange)) };
}

const written = (sent: readonly Sent[]): Sent[] =>
  sent.filter(({ method, path }) => !isRead(method, path.split('?')[0] ?? ''));

describe('a reader', () => {
  it.each([...WRITES, 'POST'] as const)('that is made to send %s does not', async (method) => {
    const { on, sent, reader } = guarded();
    const before = structuredClone(on.org.strategies);
    const id = on.org.strategyNames.get('a') ?? '';
    for (const path of ['/api/v2/routing/strategies', `/api/v2/routing/strategies/${id}`]) {
      const attempt = (reader as unknown as Writer).send({
        method,
        path,
        body: { status: 'draft' },
      });
      await expect(attempt).rejects.toBeInstanceOf(WriteRefused);
    }
    expect(written(sent)).toEqual([]);
    expect(on.org.strategies).toEqual(before);
  });

  it('is not led astray by dots, encodings or a second path', async () => {
    const { sent, reader } = guarded();
    const dots = [
      '/api/v2/audits/query/../../routing/strategies',
      '/api/v2/audits/query/%2e%2e/%2e%2e/routing/strategies',
      '/api/v2/analytics/../routing/strategies/query',
      '//evil.example/api/v2/audits/query/..',
    ];
    const paths = [
      '/api/v2/routing/strategies?x=/api/v2/audits/query',
      '/api/v2/routing/strategies#/api/v2/audits/query',
      '/api/v2/routing/strategies;/oauth/token',
    ];
    const attempt = async (path: string): Promise<unknown> =>
      (reader as unknown as Writer).send({ method: 'POST', path, body: {} });
    for (const path of dots) {
      await expect(attempt(path), path).rejects.toMatchObject({ code: 'unreachable-path' });
    }
    for (const path of paths) {
      await expect(attempt(path), path).rejects.toBeInstanceOf(WriteRefused);
    }
    expect(written(sent)).toEqual([]);
  });

  it('answers every question of the port, so that the refusals above are not just refusals', async () => {
    const { on, reader } = guarded();
    const [queue] = [...on.org.queues.values()];
    const id = on.org.strategyNames.get('a') ?? '';
    expect(await reader.organization()).toEqual({ id: on.org.id, name: 'Bench' });
    expect(await reader.list('/api/v2/routing/strategies', 100)).toHaveLength(2);
    expect((await reader.get(`/api/v2/routing/strategies/${id}`)).body).toMatchObject({ id });
    expect(await reader.queues()).toHaveLength(6);
    expect(await reader.skills()).toHaveLength(2);
    expect(await reader.members(queue!.id)).toHaveLength(3);
    expect([...(await reader.loads([queue!.id])).keys()]).toEqual([queue!.id]);
    expect(await reader.callsPerAgent()).toBe(1);
  });
});

type Sdk = Record<string, unknown>;
type Method = (...args: unknown[]) => unknown;

describe('the SDK behind a reader', () => {
  it('lets none of its own write methods through', async () => {
    const { sent, reader } = guarded();
    // The transport is what is tested: it is reached through the SDK client that the reader holds.
    const { client } = reader as unknown as { client: object };
    await reader.organization();
    const before = sent.length;
    const names = Object.keys(platformClient).filter((name) => name.endsWith('Api'));
    const refused: string[] = [];
    const called: string[] = [];
    for (const name of names) {
      const Api = (platformClient as unknown as Sdk)[name] as new (client: object) => object;
      const api = new Api(client);
      const methods = Object.getOwnPropertyNames(Api.prototype);
      for (const method of methods.filter((one) => /^(post|put|patch|delete)[A-Z]/.test(one))) {
        called.push(method);
        try {
          await (api as Record<string, Method>)[method]?.('1', '2', '3', '4', '5');
        } catch (error) {
          if (error instanceof WriteRefused) refused.push(method);
        }
      }
    }
    const passed = sent.slice(before);
    expect(written(passed)).toEqual([]);
    expect(called.length).toBeGreaterThan(1000);
    // What is not refused is a query, or a call that the SDK itself finds fault with.
    expect(called.length - refused.length).toBeLessThan(called.length * 0.05);
    const through = new Set(passed.map(({ method, path }) => `${method} ${path}`));
    for (const one of through) expect(one).toMatch(/^POST \/api\/v2\/(analytics|audits)\/.*query/);
  });
});
