/** The platform's audit, asked the way the platform wants it: query, wait, pages. */
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/genesys/sdk.js';
import type { AuditSearch } from '../../src/engine/ports.js';
import { faulty, type Fault } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { live, ORG, reweigh } from '../support/reconcile.js';

const DAY_MS = 86_400_000;

const STRATEGIES = { service: 'Routing', entityType: 'RoutingStrategy' };

async function edited(times: number): Promise<Bench> {
  const on = bench({ ...ORG, strategies: [live('a', 'Alpha')] });
  for (let count = 1; count <= times; count += 1) await reweigh(on, 'a', count / 1000);
  return on;
}

function search(on: Bench, days = 1): AuditSearch {
  const toMs = on.clock.now();
  return { ...STRATEGIES, fromMs: toMs - days * DAY_MS, toMs };
}

describe('audits', () => {
  it('tell who, when, from where and what, oldest first', async () => {
    const on = await edited(2);
    const events = await on.reader().audits(search(on));

    expect(events.map(({ properties }) => properties[0]?.after)).toEqual([['0.001'], ['0.002']]);
    expect(events[0]).toMatchObject({
      action: 'Update',
      entityType: 'RoutingStrategy',
      entityName: 'a',
      user: null,
      client: 'person',
      remoteIp: ['127.0.0.1'],
    });
    expect(events[0]?.atMs).toBe(Date.parse(events[0]?.at ?? ''));
  });

  it('are all there, however many pages they fill', async () => {
    const on = await edited(1201);

    expect(await on.reader().audits(search(on))).toHaveLength(1201);
  });

  it('are asked for in intervals that the platform takes, each event once', async () => {
    const on = await edited(3);
    const { exchange, sent } = faulty(on.exchange, []);
    const reader = openReader(on.connection('demo', exchange));

    expect(await reader.audits(search(on, 100))).toHaveLength(3);
    const queries = sent.filter(({ method, path }) => method === 'POST' && /query$/.test(path));
    expect(queries).toHaveLength(4);
  });

  it('of another kind are not among them', async () => {
    const on = await edited(1);
    const query = { ...search(on), service: 'Datatables', entityType: 'Row' };

    expect(await on.reader().audits(query)).toEqual([]);
  });

  it('name the services and entities that there are', async () => {
    const services = await bench(ORG).reader().auditServices();

    expect(services.get('Datatables')).toContain('Row');
    expect(services.get('Routing')).toContain('RoutingStrategy');
  });

  const state = (text: string): Fault => ({
    method: 'GET',
    path: /audits\/query\/[^/]+$/,
    times: 1000,
    does: {
      mangle: (response) => ({
        ...response,
        body: JSON.stringify({ ...(JSON.parse(response.body) as object), state: text }),
      }),
    },
  });

  it.each(['Failed', 'Cancelled', 'Running'])(
    'end with an error, and not with silence, when the query stays %s',
    async (text) => {
      const on = await edited(1);
      const startMs = on.clock.now();
      const { exchange } = faulty(on.exchange, [state(text)]);
      const reader = openReader(on.connection('demo', exchange));

      await expect(reader.audits(search(on))).rejects.toMatchObject({ fault: 'unavailable' });
      expect(on.clock.now() - startMs).toBeLessThan(240_000);
    },
  );

  /** Results whose pages say these places to go on from, one after the other; what was asked for. */
  function goingOn(on: Bench, placeAfter: (page: number) => object) {
    const asked: string[] = [];
    const exchange: typeof on.exchange = async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (!pathname.endsWith('/results')) return on.exchange(request);
      asked.push(searchParams.get('cursor') ?? '');
      if (asked.length > 1000) throw new Error('read for ever');
      const body = JSON.stringify({ entities: [], ...placeAfter(asked.length) });
      return { status: 200, headers: {}, body };
    };
    return { asked, reader: openReader(on.connection('demo', exchange)) };
  }

  it('are all there where a month has had more than a call of a function takes', async () => {
    const on = await edited(1);
    const entities = Array.from({ length: 500 }, (_, index) => ({ id: String(index) }));
    const { reader } = goingOn(on, (page) => ({
      entities,
      ...(page < 320 ? { cursor: String(page) } : {}),
    }));

    expect(await reader.audits(search(on))).toHaveLength(160_000);
  });

  it('end where the platform goes on from the same place for ever', async () => {
    const on = await edited(1);
    const { reader, asked } = goingOn(on, () => ({ cursor: 'again' }));

    await expect(reader.audits(search(on))).rejects.toMatchObject({ code: 'unreadable-answer' });
    expect(asked).toEqual(['', 'again']);
  });

  it('go on from a place that stands in an address, be it escaped or not', async () => {
    const on = await edited(1);
    const places = ['a%2Bb', '100%'].map((one) => ({ nextUri: `/x?cursor=${one}` }));
    const { reader, asked } = goingOn(on, (page) => places[page - 1] ?? {});

    await reader.audits(search(on));
    expect(asked).toEqual(['', 'a+b', '100%']);
  });

  it('refuse a client without the permission, and name it', async () => {
    const clients = [
      ...(ORG.clients ?? []),
      { id: 'blind', secret: 'blind', permissions: ['a:b'] },
    ];
    const on = bench({ ...ORG, clients });

    await expect(on.reader('blind').audits(search(on))).rejects.toThrow('audits:audit:view');
  });
});
