import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/generated/types.js';
import { answerUnder, createFaults, type Answered, type Fate } from '../../src/simulator/faults.js';
import { createOrg, type SimRequest } from '../../src/simulator/org.js';
import { openReader, openWriter } from '../../src/genesys/sdk.js';
import { bench, underFaults } from '../support/org.js';
import { checkExchange } from '../support/fidelity.js';
import {
  SMALL,
  START,
  STRATEGIES,
  strategyBody,
  worldOf,
  type Body,
  type World,
} from './client.js';

const QUEUES = '/api/v2/routing/queues';

function get(path: string): SimRequest {
  return { method: 'GET', path, headers: {}, body: '' };
}

/** A world in which requests of `demo` meet these rules. */
function troubled(rules: readonly FaultRule[], seed = 1) {
  const world = worldOf(SMALL);
  world.send('GET', QUEUES);
  const [token] = world.org.tokens.keys();
  const faults = createFaults({ rules: [...rules] }, seed);
  const send = (method: string, path: string, body?: object): Answered & { body: Body | null } => {
    const request = {
      method,
      path,
      headers: { authorization: `Bearer ${token}` },
      body: body === undefined ? '' : JSON.stringify(body),
    };
    const answered = answerUnder(world.org, request, faults.decide(request), world.at);
    const text = answered.response?.body ?? '';
    const json = text.startsWith('{') ? (JSON.parse(text) as Body) : null;
    return { ...answered, body: json };
  };
  return { world, send };
}

function names(world: World): string[] {
  return world.send('GET', STRATEGIES).body.entities.map(({ name }) => name);
}

const RULES: readonly FaultRule[] = [
  { fault: 'latency', rate: 0.5 },
  { fault: 'too-many-requests', rate: 0.2 },
  { fault: 'server-error', rate: 0.2 },
  { fault: 'drop-before', rate: 0.1 },
  { fault: 'drop-after', rate: 0.1 },
  { fault: 'person-edits', rate: 0.1 },
  { fault: 'tokens-expire', rate: 0.05 },
];

const someRequests = fc.array(
  fc.record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
    path: fc.constantFrom(QUEUES, `${QUEUES}?pageNumber=2`, STRATEGIES, '/oauth/token'),
    headers: fc.constant({}),
    body: fc.constant(''),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('the fate of a request', () => {
  it('is the same for the same seed and the same requests', () => {
    fc.assert(
      fc.property(someRequests, fc.integer({ min: 0 }), (requests, seed) => {
        const [one, other] = [1, 2].map(() => createFaults({ rules: [...RULES] }, seed));
        expect(requests.map((request) => one?.decide(request))).toEqual(
          requests.map((request) => other?.decide(request)),
        );
      }),
    );
  });

  it('does not follow from the order of different requests', () => {
    const paths = Array.from({ length: 60 }, (_, page) => `${QUEUES}?pageNumber=${page}`);
    const fates = (order: readonly string[]): Map<string, Fate> => {
      const faults = createFaults({ rules: [...RULES] }, 7);
      return new Map(order.map((path) => [path, faults.decide(get(path))]));
    };
    const forth = fates(paths);
    expect(fates([...paths].reverse())).toEqual(new Map([...forth].reverse()));
    expect(new Set([...forth.values()].map((fate) => JSON.stringify(fate))).size).toBeGreaterThan(
      20,
    );
  });

  it('hits as often as the rate says', () => {
    const faults = createFaults({ rules: [{ fault: 'drop-before', rate: 0.2 }] }, 3);
    const hits = Array.from({ length: 5000 }, () => faults.decide(get(QUEUES)).length);
    expect(hits.reduce((all, one) => all + one) / 5000).toBeCloseTo(0.2, 1);
  });

  it('can be played back without the dice, hit by hit', () => {
    fc.assert(
      fc.property(someRequests, fc.integer({ min: 0 }), (requests, seed) => {
        const drawn = createFaults({ rules: [...RULES] }, seed);
        const fates = requests.map((request) => drawn.decide(request));
        const replay = createFaults({ rules: fates.flat() }, seed + 1);
        expect(requests.map((request) => replay.decide(request))).toEqual(fates);
      }),
    );
  });

  it('ends a request in one way only', () => {
    const faults = createFaults(
      { rules: [{ fault: 'drop-after' }, { fault: 'server-error' }, { fault: 'latency' }] },
      1,
    );
    expect(faults.decide(get(QUEUES)).map(({ fault }) => fault)).toEqual(['drop-after', 'latency']);
  });

  it.each<[string, Omit<FaultRule, 'fault'>, boolean]>([
    ['any', {}, true],
    ['the method', { method: 'GET' }, true],
    ['another method', { method: 'PUT' }, false],
    ['the path, whatever its query', { path: '/api/v2/routing/queues' }, true],
    ['a part that may be anything', { path: '/api/*/routing/*' }, true],
    ['a part too few', { path: '/api/*/routing' }, false],
    ['the whole of it', { path: '/api/v2/routing/queues?pageNumber=2' }, true],
    ['another query', { path: '/api/v2/routing/queues?pageNumber=1' }, false],
    ['no query', { path: '/api/v2/routing/queues?' }, false],
    ['the first', { nth: 1, times: 1 }, true],
    ['not the first', { nth: 2 }, false],
  ])('fits: %s', (_, match, expected) => {
    const faults = createFaults({ rules: [{ fault: 'drop-before', ...match }] }, 1);
    expect(faults.decide(get(`${QUEUES}?pageNumber=2`)).length > 0).toBe(expected);
  });

  it('is counted by rule: the second and third of three', () => {
    const rules: FaultRule[] = [{ fault: 'drop-before', nth: 2, times: 2 }];
    const faults = createFaults({ rules }, 1);
    const paths = [QUEUES, STRATEGIES, QUEUES, STRATEGIES];
    expect(paths.map((path) => faults.decide(get(path)).length)).toEqual([0, 1, 1, 0]);
  });

  it('leaves the rate limit to what is limited, and methods that nobody has to the org', () => {
    const rules: FaultRule[] = [{ fault: 'too-many-requests' }];
    const faults = createFaults({ rules }, 1);
    const token = { method: 'POST', path: '/oauth/token', headers: {}, body: '' };
    expect(faults.decide(token)).toEqual([]);
    expect(faults.decide({ ...get(QUEUES), method: 'TRACE' })).toEqual([]);
  });
});

describe('an answer', () => {
  it('of nobody: dropped before the effect, and after it', () => {
    const { world, send } = troubled([
      { fault: 'drop-before', method: 'POST', times: 1 },
      { fault: 'drop-after', method: 'POST', nth: 2, times: 1 },
    ]);
    const body = strategyBody(world);
    expect(send('POST', STRATEGIES, body).response).toBeNull();
    expect(names(world)).toEqual([]);
    expect(send('POST', STRATEGIES, body).response).toBeNull();
    expect(names(world)).toEqual(['support']);
  });

  it('of 429 says when to come back, and is of another limit than that of the token', () => {
    const { world, send } = troubled([
      { fault: 'too-many-requests', method: 'POST', retryAfterSeconds: 7 },
    ]);
    const { response, body } = send('POST', STRATEGIES, strategyBody(world));
    expect(response).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '7',
        'inin-ratelimit-count': '1',
        'inin-ratelimit-allowed': '300',
        'inin-ratelimit-reset': '60',
      },
    });
    expect(body).toMatchObject({ code: 'too.many.requests.retry.after', status: 429 });
    expect(body?.message).toContain('[7] seconds');
    expect(names(world)).toEqual([]);
  });

  it.each([500, 502, 503, 504] as const)('of %d is an error body like any other', (status) => {
    const rules: FaultRule[] = [{ fault: 'server-error', status, page: false, tookEffect: false }];
    const { send } = troubled(rules);
    const { response } = send('GET', QUEUES);
    expect(response?.status).toBe(status);
    expect(response && checkExchange(get(QUEUES), response)).toEqual([]);
    expect(response?.headers['inin-ratelimit-count']).toBe('1');
  });

  it('of a gateway is a page without a correlation id', () => {
    const { send } = troubled([{ fault: 'server-error', status: 502, page: true }]);
    const { response } = send('GET', QUEUES);
    expect(response?.headers).toEqual({ 'content-type': 'text/html' });
    expect(response?.body).toContain('<h1>502 bad gateway</h1>');
  });

  it.each([true, false])('of 5xx whose request took effect: %s', (tookEffect) => {
    const { world, send } = troubled([{ fault: 'server-error', status: 504, tookEffect }]);
    expect(send('POST', STRATEGIES, strategyBody(world)).response?.status).toBe(504);
    expect(names(world)).toEqual(tookEffect ? ['support'] : []);
  });

  it('takes as long as its latency', () => {
    const { send } = troubled([{ fault: 'latency', fromMs: 40, toMs: 45 }]);
    const delays = Array.from({ length: 60 }, () => send('GET', QUEUES).delayMs);
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([40, 45]);
  });
});

describe('inside the org', () => {
  it('an activation takes long, or fails', () => {
    const { world, send } = troubled([
      { fault: 'slow-activation', fromMs: 60_000, toMs: 60_000, times: 1 },
      { fault: 'failed-activation', nth: 2 },
    ]);
    const made = ['slow', 'failing'].map((name) =>
      world.send('POST', STRATEGIES, strategyBody(world, { name })),
    );
    for (const { body } of made) send('PUT', `${STRATEGIES}/${body.id}`, { status: 'active' });
    const status = (): unknown[] =>
      world.send('GET', STRATEGIES).body.entities.map((one) => [one.status, one.errorMessage]);
    world.at += 59_999;
    expect(status()).toEqual([
      ['activating', undefined],
      ['failed', 'Activation failed: internal error'],
    ]);
    world.at += 1;
    expect(status()[0]).toEqual(['active', undefined]);
  });

  it('a person edits the strategy that a request is about, and is audited for it', () => {
    const { world, send } = troubled([
      { fault: 'person-edits', method: 'PUT', value: 0.25, times: 1 },
    ]);
    const made = world.send('POST', STRATEGIES, strategyBody(world)).body;
    const stale = send('PUT', `${STRATEGIES}/${made.id}`, { ...strategyBody(world), version: 1 });
    expect(stale.body?.code).toBe('version.conflict');
    const live = world.send('GET', `${STRATEGIES}/${made.id}`).body;
    expect(live.targets[0]).toMatchObject({ weight: 0.25 });
    expect(world.org.audits.at(-1)).toMatchObject({
      action: 'Update',
      entityType: 'RoutingStrategy',
      user: { name: 'Ada' },
      client: { id: '' },
    });
  });

  it('a person edits or deletes a row, and leaves tables without numbers alone', () => {
    const { world, send } = troubled([
      { fault: 'person-edits', path: '/api/v2/flows/datatables/*/rows/*', value: 0.5, times: 1 },
      { fault: 'person-deletes', path: QUEUES, value: 1 },
    ]);
    const table = (name: string, type: string): string =>
      world.send('POST', '/api/v2/flows/datatables', {
        name,
        schema: {
          title: name,
          additionalProperties: false,
          required: ['key'],
          properties: {
            key: { $id: '/properties/key', type: 'string' },
            cell: { $id: '/properties/cell', type },
          },
        },
      }).body.id;
    const shares = `/api/v2/flows/datatables/${table('Shares', 'number')}/rows`;
    const notes = `/api/v2/flows/datatables/${table('Notes', 'string')}/rows`;
    world.send('POST', shares, { key: 'a/b', cell: 0.5 });
    world.send('POST', notes, { key: 'n', cell: 'text' });
    const seen = send('GET', `${shares}/a%2Fb?showbrief=false`);
    // It was 0.5 before: a person who edits changes something.
    expect(seen.body).toEqual({ key: 'a/b', cell: 0 });
    send('GET', QUEUES);
    send('GET', QUEUES);
    expect(world.send('GET', shares).body.entities).toEqual([]);
    expect(world.send('GET', notes).body.entities).toHaveLength(1);
    expect(world.org.audits.at(-1)).toMatchObject({ action: 'Delete', user: { name: 'Ada' } });
  });

  it('nobody edits where nobody is', () => {
    const org = createOrg({ queues: [{ name: 'Q' }] });
    const [queue] = [...org.queues.keys()];
    const before = org.audits.length;
    const fate = createFaults({ rules: [{ fault: 'person-edits' }] }, 1).decide(get(QUEUES));
    expect(fate).toHaveLength(1);
    answerUnder(org, get(`${QUEUES}/${queue}`), fate, START);
    expect(org.audits).toHaveLength(before);
  });

  it('a listing lags behind a create that reads by id find', () => {
    const { world, send } = troubled([{ fault: 'listing-lag', fromMs: 2000, toMs: 2000 }]);
    const made = send('POST', STRATEGIES, strategyBody(world));
    const at = `${STRATEGIES}/${made.body?.id}`;
    expect(names(world)).toEqual([]);
    expect(world.send('GET', at).status).toBe(200);
    world.at += 1999;
    expect(names(world)).toEqual([]);
    world.at += 1;
    expect(names(world)).toEqual(['support']);
  });

  it('every token dies', () => {
    const { world, send } = troubled([{ fault: 'tokens-expire', nth: 2, times: 1 }]);
    expect(send('GET', QUEUES).response?.status).toBe(200);
    expect(send('GET', QUEUES).body?.code).toBe('credentials.expired');
    expect([...world.org.tokens.values()].every(({ expiresAt }) => expiresAt <= world.at)).toBe(
      true,
    );
  });
});

describe('the client of this tool', () => {
  it('gets through reads that fail now and then, and through a dead token', async () => {
    const { org, clock, ...at } = bench();
    const fates: Fate[] = [];
    const rules: FaultRule[] = [
      { fault: 'server-error', rate: 0.2 },
      { fault: 'drop-after', rate: 0.1 },
      { fault: 'too-many-requests', rate: 0.1 },
      { fault: 'latency', rate: 1 },
      { fault: 'tokens-expire', path: QUEUES, times: 1 },
    ];
    const exchange = underFaults(org, clock, createFaults({ rules }, 5), fates);
    const reader = openReader(at.connection('demo', exchange));
    const before = clock.now();
    expect((await reader.queues()).length).toBe(org.queues.size);
    expect((await reader.skills()).length).toBe(org.skills.size);
    expect(new Set(fates.flat().map(({ fault }) => fault))).toContain('tokens-expire');
    expect(clock.now()).toBeGreaterThan(before);
  });

  it('is told of a write whose answer was lost', async () => {
    const { org, clock, ...at } = bench();
    const rules: FaultRule[] = [{ fault: 'drop-after', method: 'PUT', nth: 1 }];
    const exchange = underFaults(org, clock, createFaults({ rules }, 1));
    const writer = openWriter(at.connection('demo', exchange));
    const [queue] = await writer.queues();
    const path = `${QUEUES}/${queue?.id}`;
    const sent = writer.send({ method: 'PUT', path, body: { name: 'Renamed' } });
    await expect(sent).rejects.toMatchObject({ code: expect.stringMatching(/.+/) as string });
    expect(org.queues.get(queue?.id ?? '')?.name).toBe('Renamed');
  });
});

describe('a stale read', () => {
  const rules: readonly FaultRule[] = [{ fault: 'stale-read', fromMs: 1000, toMs: 1000 }];

  it('shows an object as it was before the last write to it, for as long as it lags', () => {
    const { world, send } = troubled(rules);
    const made = send('POST', STRATEGIES, strategyBody(world));
    const at = `${STRATEGIES}/${made.body?.id ?? ''}`;
    expect(send('GET', at).response?.status).toBe(404);
    world.at += 1001;
    expect(send('GET', at).response?.status).toBe(200);
    send('DELETE', at);
    expect(send('GET', at).body?.name).toBe('support');
    world.at += 1001;
    expect(send('GET', at).response?.status).toBe(404);
  });
});

describe('an answer that trickles', () => {
  it.each([true, false])('never comes, and took effect: %s', (tookEffect) => {
    const rules: readonly FaultRule[] = [{ fault: 'trickle', method: 'POST', tookEffect }];
    const { world, send } = troubled(rules);
    const before = names(world).length;
    const { response, trickleMs } = send('POST', STRATEGIES, strategyBody(world));
    expect([response, trickleMs]).toEqual([null, 1000]);
    expect(names(world).length - before).toBe(tookEffect ? 1 : 0);
  });
});
