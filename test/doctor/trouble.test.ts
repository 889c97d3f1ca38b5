/** Orgs that want to have nothing to do with a doctor. */
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/doctor/report.js';
import {
  NoAnswer,
  type Exchange,
  type HttpRequest,
  type HttpResponse,
} from '../../src/genesys/transport.js';
import { examined, notHolding, type Examined } from '../support/doctor.js';

type Instead = (
  request: HttpRequest,
  path: string,
) => HttpResponse | 'lost' | 'done and lost' | null;

/** Answers otherwise where `instead` says so. */
function answering(instead: Instead): (exchange: Exchange) => Exchange {
  return (exchange) => async (request) => {
    const { pathname } = new URL(request.url);
    const answer = pathname === '/oauth/token' ? null : instead(request, pathname);
    if (answer === null) return exchange(request);
    if (answer === 'done and lost') await exchange(request);
    if (typeof answer === 'string') throw new NoAnswer('ECONNRESET');
    return answer;
  };
}

function refusal(status: number, body: object | string = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: {}, body: text };
}

const FORBIDDEN = refusal(403, { status: 403, code: 'missing.any.permissions', message: 'no' });

function codeOf({ checks, own }: Examined): number {
  const table = own.isMade ? { name: own.name, removed: own.removed } : null;
  return exitCodeOf({
    format: 1,
    version: '0',
    at: '',
    environment: 'e',
    host: 'h',
    backend: 'datatable',
    organization: null,
    mode: 'write',
    requests: 0,
    table,
    left: [],
    checks,
    observed: {},
  });
}

describe('a doctor', () => {
  it('at an org that answers 403 to everything names what is missing, and ends with 6', async () => {
    const seen = await examined(
      {},
      'datatable',
      answering(() => FORBIDDEN),
    );
    expect(codeOf(seen)).toBe(6);
    const { 'permission.plan.routing:queue:view': queues, login } = notHolding(seen.checks);
    expect([queues, login]).toEqual(['does not cope', undefined]);
    expect(seen.checks.filter(({ verdict }) => verdict === 'holds').map(({ id }) => id)).toEqual([
      'login',
    ]);
    // What it may not ask for it does not know; nothing of it is a fault of the org.
    const others = seen.checks.filter(
      ({ id, verdict }) => !id.startsWith('permission.') && verdict === 'differs',
    );
    expect(others.map(({ id }) => id)).toEqual(['rate-limit']);
    expect(seen.org.tables.size).toBe(0);
  });

  it('that is not let in says so, and asks nothing more', async () => {
    let asked = 0;
    const seen = await examined(
      { login: { status: 401, code: 'invalid_client' } },
      'datatable',
      answering(() => {
        asked += 1;
        return null;
      }),
    );
    expect(codeOf(seen)).toBe(6);
    expect(asked).toBe(0);
    const told = new Set(seen.checks.map(({ verdict }) => verdict));
    expect(told).toEqual(new Set(['differs', 'cannot tell']));
    const again = await examined(seen.observed);
    expect(again.observed).toEqual(seen.observed);
  });

  it('in a storm of 429 gives up, and takes its table away', async () => {
    let writes = 0;
    const seen = await examined(
      {},
      'datatable',
      answering(({ method }, path) => {
        if (path.endsWith('/rows') && method === 'POST') writes += 1;
        const isStorm = writes > 3 && method !== 'DELETE' && !path.endsWith('/datatables');
        return isStorm ? { ...refusal(429), headers: { 'retry-after': '30' } } : null;
      }),
    );
    expect(seen.own.bench.givenUp?.code).toBe('http-429');
    expect(seen.org.tables.size).toBe(0);
    const told = notHolding(seen.checks);
    expect(told['import.begun']).toBe('not answered');
    expect(told['row.listed']).toBe(undefined);
  });

  it.each(['lost', 'done and lost'] as const)(
    'whose table was asked for and %s leaves none',
    async (how) => {
      const seen = await examined(
        {},
        'datatable',
        answering(({ method }, path) =>
          method === 'POST' && path.endsWith('/datatables') ? how : null,
        ),
      );
      expect(seen.own.removed).toBe(true);
      expect(seen.org.tables.size).toBe(0);
      expect(notHolding(seen.checks)['table.made']).toBe('not answered');
    },
  );

  it('that cannot remove its table says so, and ends with 5', async () => {
    const seen = await examined(
      {},
      'datatable',
      answering(({ method }, path) =>
        method === 'DELETE' && !path.includes('/rows/') ? refusal(409, { code: 'in.use' }) : null,
      ),
    );
    expect(seen.own.removed).toBe(false);
    expect(codeOf(seen)).toBe(5);
    expect([...seen.org.tables.values()].map(({ name }) => name)).toEqual([seen.own.name]);
  });

  it('is not misled by the page of a proxy', async () => {
    const page = refusal(200, '<html>please log in</html>');
    const seen = await examined(
      {},
      'datatable',
      answering((_, path) => (path.endsWith('/query') || path.includes('/rows') ? page : null)),
    );
    const told = notHolding(seen.checks);
    expect(told['query.observation']).toBe('does not cope');
    expect(told['row.race']).not.toBe(undefined);
    expect(seen.org.tables.size).toBe(0);
  });

  it('tells a fault of the platform from a manner of it', async () => {
    const seen = await examined(
      {},
      'datatable',
      answering(({ method, body = '' }, path) =>
        method === 'POST' && path.endsWith('/rows') && body.includes('"race"')
          ? refusal(503)
          : null,
      ),
    );
    expect(notHolding(seen.checks)['row.race']).toBe('not answered');
    expect(codeOf(seen)).not.toBe(0);
    expect(seen.org.tables.size).toBe(0);
  });
});
