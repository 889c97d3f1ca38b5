/** Metrics of strategies from figures of queues: nothing is lost, invented or hidden. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { durationMs, durationText } from '../../src/core/duration.js';
import {
  metricsOf,
  NO_FIGURES,
  queuesOf,
  sumOf,
  type Figures,
  type MetricsScene,
} from '../../src/core/metrics.js';
import type { Live } from '../../src/core/types.js';
import { kindsByName } from '../../src/core/kind.js';
import { NO_FORMER, sought } from '../../src/core/former.js';
import { reconciledKinds } from '../../src/kinds/index.js';

const NAMES = ['Alpha', 'Beta', 'Gamma', 'Delta'];
const catalog = catalogOf({
  queue: NAMES.map((name) => ({ id: `id-${name}`, name })),
  skill: [],
});

function strategy(name: string, targets: readonly string[], fallback?: string): Live {
  return {
    address: `RoutingStrategy/${name}`,
    kind: 'RoutingStrategy',
    name,
    id: name,
    state: 'active',
    errorMessage: null,
    version: null,
    entity: {},
    fields: {
      status: 'active',
      targets: targets.map((queue) => ({ queue, priority: 1, weight: 0.5, capacity: 1 })),
      fallback: fallback === undefined ? null : { queue: fallback, priority: 99, weight: 0.1 },
    },
  };
}

function scene(live: readonly Live[], shown = live): MetricsScene {
  return {
    shown,
    live,
    catalog,
    kindOf: kindsByName(reconciledKinds),
    queueOf: ({ address }, queue) => sought('queue', queue, address, catalog, NO_FORMER),
  };
}

const figures = (over: Partial<Figures>): Figures => ({ ...NO_FIGURES, ...over });

describe('metrics of a strategy', () => {
  it('are averages in seconds and percent to a tenth, and null where there is nothing', () => {
    const [one] = metricsOf(
      scene([strategy('s', ['Alpha', 'Beta'])]),
      new Map([
        [
          'id-Alpha',
          figures({
            offered: 4,
            answered: 3,
            abandoned: 1,
            waitMs: 10_000,
            handled: 3,
            handleMs: 100_000,
            inTime: 2,
            judged: 3,
          }),
        ],
      ]),
    );
    expect(one?.queues[0]).toMatchObject({
      queue: 'Alpha',
      role: 'target',
      weight: 0.5,
      offered: 4,
      answered: 3,
      abandoned: 1,
      averageWaitSeconds: 3.3,
      averageHandleSeconds: 33.3,
      serviceLevelPercent: 66.7,
    });
    expect(one?.queues[1]).toMatchObject({
      queue: 'Beta',
      offered: 0,
      averageWaitSeconds: null,
      averageHandleSeconds: null,
      serviceLevelPercent: null,
    });
  });

  it('weigh the average of all targets by their calls', () => {
    const [one] = metricsOf(
      scene([strategy('s', ['Alpha', 'Beta'])]),
      new Map([
        ['id-Alpha', figures({ answered: 9, waitMs: 9000 })],
        ['id-Beta', figures({ answered: 1, waitMs: 11_000 })],
      ]),
    );
    expect(one?.total.averageWaitSeconds).toBe(2);
  });

  it('leave the fallback out of the total: what comes there was offered before', () => {
    const [one] = metricsOf(
      scene([strategy('s', ['Alpha'], 'Beta')]),
      new Map(NAMES.map((name) => [`id-${name}`, figures({ offered: 5 })])),
    );
    expect(one?.queues.map(({ role }) => role)).toEqual(['target', 'fallback']);
    expect(one?.total.offered).toBe(5);
  });

  it('name who shares a queue, also those that are not shown', () => {
    const live = [
      strategy('a', ['Alpha'], 'Beta'),
      strategy('b', ['Beta']),
      strategy('c', ['Alpha', 'Beta']),
    ];
    const [one] = metricsOf(scene(live, [live[0]!]), new Map());
    expect(one?.queues.map(({ sharedWith }) => sharedWith)).toEqual([
      ['RoutingStrategy/c'],
      ['RoutingStrategy/b', 'RoutingStrategy/c'],
    ]);
  });

  it('call a queue that is gone by its id', () => {
    const gone = strategy('a', []);
    const fields = { targets: [{ queue: { id: 'x' }, weight: 1 }] };
    const [one] = metricsOf(scene([{ ...gone, fields }]), new Map());
    expect(one?.queues).toMatchObject([{ queue: 'x', queueId: 'x' }]);
  });

  const strategies = fc.array(
    fc.tuple(
      fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
      fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
    ),
    { maxLength: 5 },
  );

  it('ask for every queue once, and for no other', () => {
    fc.assert(
      fc.property(strategies, (list) => {
        const live = list.map(([targets, fallback], index) =>
          strategy(`s${index}`, targets, fallback),
        );
        const named = list.flatMap(([targets, fallback = targets[0]!]) => [...targets, fallback]);
        expect(queuesOf(scene(live))).toEqual(
          [...new Set(named)].map((name) => `id-${name}`).sort(),
        );
      }),
    );
  });

  it('add up: the sum of parts is the sum of the whole, in any order', () => {
    const count = fc.nat(1e6);
    const some = fc.record({
      offered: count,
      answered: count,
      abandoned: count,
      waitMs: count,
      handled: count,
      handleMs: count,
      inTime: count,
      judged: count,
      gaveUpMs: count,
    });
    fc.assert(
      fc.property(fc.array(some), fc.array(some), (a, b) => {
        expect(sumOf([sumOf(a), sumOf(b)])).toEqual(sumOf([...b, ...a]));
      }),
    );
  });
});

describe('a span of time', () => {
  it.each([
    ['90s', 90_000, '90 s'],
    ['15m', 900_000, '15 min'],
    ['60m', 3_600_000, '1 h'],
    ['36h', 129_600_000, '36 h'],
    ['7d', 604_800_000, '7 d'],
  ])('%s is %i ms, or %s', (text, ms, shown) => {
    expect([durationMs(text), durationText(ms)]).toEqual([ms, shown]);
  });

  it.each(['', '1', 'h', '0h', '-1h', '1.5h', '1w', '9999999s', '1h30m', 'toString'])(
    '%j is none',
    (text) => {
      expect(durationMs(text)).toBeNull();
    },
  );
});
