/** Predictions of centres that are then really played, and when there is none. */
import { describe, expect, it } from 'vitest';
import { NO_FIGURES } from '../../src/core/metrics.js';
import type { Predicted } from '../../src/core/prediction.js';
import { erlangA } from '../../src/prediction/erlang.js';
import { expectedIn, fitted, shapeOf, traitsOf } from '../../src/prediction/fit.js';
import { toldApart } from '../../src/prediction/flows.js';
import {
  sharesIn,
  type Asked,
  type Flow,
  type MeasuredQueue,
  type Ways,
  type WhatIf,
} from '../../src/prediction/measured.js';
import { play, type Routing } from '../../src/prediction/centre.js';
import { predict, routingOf } from '../../src/prediction/predict.js';
import { scenario, type Plan } from '../bench/scenarios.js';
import { bookedQueue, PATIENCE, WITHIN } from './booked.js';
import { flowOf, waysOf } from './ways.js';
import { askedOf, figuresIn, opened, playTo } from './world.js';

const BUSY = (agents: number) => ({ perSecond: agents / 240 });
const one = (plan: Partial<Plan> = {}) =>
  scenario('one', '', { agents: [12, 8], weights: [1, 1], ours: [BUSY(16)], ...plan });

/** What callers of each queue met on the mean of many hours, with these weights throughout. */
function met(plan: Partial<Plan>, weights: readonly number[]): { served: number; waitS: number }[] {
  const played = opened(one({ ...plan, weights }), 99);
  playTo(played, 45);
  return played.ids.map((id) => {
    const parts = figuresIn(played, id, 1, 45);
    const sum = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((total, part) => total + of(part), 0);
    return {
      served: sum((part) => part.inTime) / sum((part) => part.judged),
      waitS: sum((part) => part.waitMs + part.gaveUpMs) / 1000 / sum((part) => part.judged),
    };
  });
}

function asked(plan: Partial<Plan>, after: readonly number[], over: Partial<Flow> = {}): Asked {
  const played = opened(one(plan), 7);
  // What is tested is the model, and not how well three hours are counted.
  playTo(played, 41);
  const weights = plan.weights ?? [1, 1];
  const flow = flowOf(waysOf(played.ids, weights), waysOf(played.ids, after), over);
  return askedOf(played, [flow], [1, 41]);
}

/** The same queue at an hour when nobody calls. */
function silent(queue: MeasuredQueue): MeasuredQueue {
  return { ...queue, parts: queue.parts.map(() => NO_FIGURES) };
}

function only(predictions: readonly Predicted[]): Predicted {
  expect(predictions).toHaveLength(1);
  return predictions[0]!;
}

describe('how many agents there are', () => {
  const part = {
    ...NO_FIGURES,
    offered: 30,
    answered: 25,
    handled: 25,
    abandoned: 5,
    judged: 30,
    inTime: 25,
    handleMs: 25 * 240_000,
    waitMs: 25 * 5000,
    gaveUpMs: 5 * 30_000,
  };
  it.each<[string, Partial<typeof part>]>([
    ['as it is', {}],
    ['callers give up at once', { waitMs: 0, gaveUpMs: 0 }],
    ['calls take no time', { handleMs: 0 }],
    ['nobody was judged', { judged: 0, inTime: 0 }],
    ['nobody calls', NO_FIGURES],
  ])('is a number, and how far it is off: %s', (_, over) => {
    const traits = traitsOf({ parts: Array.from({ length: 12 }, () => ({ ...part, ...over })) });
    for (const slots of [0, 1, 10]) {
      expect(Object.values(fitted(traits, slots, 20)).every(Number.isFinite)).toBe(true);
    }
  });
});

describe('what is predicted is what callers then meet', () => {
  it.each<[string, Partial<Plan>, readonly number[]]>([
    ['equal weights become those that fit', {}, [1, 0.6]],
    [
      'calls of others stay where they are',
      { agents: [16, 16], weights: [1, 0.3], others: [{ queue: 1, ...BUSY(10) }] },
      [1, 0.6],
    ],
    [
      'handle times differ',
      { agents: [10, 10], handle: [160, 400], ours: [{ perSecond: 0.075 }] },
      [1, 0.4],
    ],
    [
      'agents are in two queues',
      {
        agents: [10, 4, 3],
        shared: { agents: 6, queues: [1, 2] },
        weights: [1, 0.7, 0.6],
        ours: [BUSY(18)],
      },
      [1, 0.4, 0.9],
    ],
  ])('%s', (_, plan, after) => {
    const found = only(predict(asked(plan, after)));
    expect(found.refused).toBeNull();
    const [was, will] = [met(plan, plan.weights ?? [1, 1]), met(plan, after)];
    found.queues.forEach(({ served, waitSeconds, moves }, index) => {
      const truth = will[index]!.served - was[index]!.served;
      expect(Math.abs(served.difference - truth)).toBeLessThan(0.06);
      if (Math.abs(truth) > 0.05)
        expect([moves, Math.sign(served.difference)]).toEqual([true, Math.sign(truth)]);
      expect(served.differenceLow).toBeLessThanOrEqual(served.differenceHigh);
      // An hour by itself may be anything; what the change does to it is known much better.
      expect(served.hourHigh - served.hourLow).toBeGreaterThan(0);
      if (moves) expect(waitSeconds.difference * served.difference).toBeLessThan(0);
    });
  });

  it('is the same for the same counts, byte for byte', () => {
    const question = asked({}, [1, 0.6]);
    expect(JSON.stringify(predict(question))).toBe(JSON.stringify(predict(question)));
    expect(JSON.stringify(predict({ ...question, seed: 'y' }))).not.toBe(
      JSON.stringify(predict(question)),
    );
  });

  it('nothing that changes nothing moves', () => {
    for (const { served, moves } of only(predict(asked({}, [1, 1]))).queues) {
      expect([served.difference, served.differenceLow, moves]).toEqual([0, 0, false]);
    }
  });
});

describe('refused, and its twin just inside is not', () => {
  const base = asked({}, [1, 0.6]);
  const [first, second] = base.queues as [MeasuredQueue, MeasuredQueue];
  const refusedOf = (over: Partial<Asked>): string | null =>
    only(predict({ ...base, ...over })).refused;
  const thinned = (offered: number, handled = offered): MeasuredQueue => ({
    ...second,
    parts: Array.from({ length: 12 }, (_, at) =>
      at > 0
        ? NO_FIGURES
        : {
            offered,
            handled,
            answered: offered,
            judged: offered,
            inTime: offered,
            abandoned: 0,
            waitMs: 0,
            gaveUpMs: 0,
            handleMs: handled * 240_000,
          },
    ),
  });

  it('too few calls', () => {
    expect(refusedOf({ queues: [first, thinned(59)] })).toBe(
      'only 59 calls of Queue 1 in 40 h (60 needed)',
    );
    expect(refusedOf({ queues: [first, thinned(60)] })).not.toMatch(/^only/);
    expect(refusedOf({ queues: [first, thinned(80, 9)] })).toMatch(
      /only 9 calls of Queue 1 handled/,
    );
    expect(refusedOf({ queues: [first, thinned(80, 10)] })).not.toMatch(/handled/);
  });

  it('nobody on queue, and nothing known of a queue', () => {
    expect(refusedOf({ queues: [first, { ...second, slots: 0 }] })).toBe(
      'no agent of Queue 1 is on queue',
    );
    expect(refusedOf({ queues: [first, { ...second, slots: null }] })).toMatch(/says nothing/);
    expect(refusedOf({ queues: [first] })).toBe('a queue is not known in the org');
    expect(refusedOf({})).toBeNull();
    expect(refusedOf({ queues: [first, { ...second, slots: null, onQueue: 7 }] })).toBe(
      "the org's utilization settings say nothing of calls",
    );
  });

  it('a past that the model does not say', () => {
    const worse = (inTime: number): MeasuredQueue => ({
      ...second,
      parts: second.parts.map((part) => ({ ...part, inTime: Math.round(part.judged * inTime) })),
    });
    expect(refusedOf({ queues: [first, worse(0)] })).toMatch(
      /^the model does not say what callers of Queue 1 met/,
    );
  });

  it('more work than agents can do', () => {
    const to = (weights: readonly number[]): Asked['flows'] => [
      flowOf(base.flows[0]!.before, waysOf([first.id, second.id], weights)),
    ];
    expect(refusedOf({ flows: to([0, 1]) })).toMatch(
      /^overload: \d\d\d % of what the agents of Queue 1/,
    );
    expect(refusedOf({ flows: to([1, 1.3]) })).toBeNull();
  });

  it('another strategy with the same queues; one queue in common is none', () => {
    const [flow] = base.flows as [Flow];
    const other = (ids: readonly string[]): Flow =>
      flowOf(waysOf(ids, [1, 1]), waysOf(ids, [1, 1]), {
        address: 'RoutingStrategy/other',
        changes: false,
      });
    expect(refusedOf({ flows: [flow, other([first.id, second.id])] })).toMatch(
      /other sends calls to the same/,
    );
    expect(refusedOf({ flows: [flow, other([second.id])] })).toBeNull();
  });

  it('another that changes as well, unless it leads the same way before and after', () => {
    const [flow] = base.flows as [Flow];
    const { refused, changes } = { refused: null, changes: true };
    const other = { ...flow, address: 'RoutingStrategy/other', refused, changes };
    const away = { ...other, after: waysOf([first.id, second.id], [1, 2]) };
    const said = predict({ ...base, flows: [flow, away], mostRuns: 8 }).map((one) => one.refused);
    expect(said).toEqual([
      expect.stringMatching(/^RoutingStrategy\/other sends calls to the same/),
      expect.stringMatching(/other sends calls to the same/),
    ]);
    const alike = predict({ ...base, flows: [flow, other], mostRuns: 8 });
    expect(alike.map((one) => one.refused)).toEqual([null, null]);
  });

  it('a queue that gets no calls any more has no figures, and is named', () => {
    const found = only(predict({ ...asked({ ours: [BUSY(11)] }, [1, 0]), mostRuns: 8 }));
    expect([found.refused, found.notes]).toEqual([null, ['Queue 1 will get no calls']]);
    expect(found.queues.map(({ queue }) => queue)).toEqual(['Queue 0']);
  });

  it('a queue that nobody has called is told from one that gets no calls any more', () => {
    const none = { ...base, queues: base.queues.map(silent) };
    const [flow] = base.flows as [Flow];
    const found = only(predict({ ...none, flows: [{ ...flow, after: flow.before }], mostRuns: 8 }));
    expect(found.notes).toEqual(['nobody called Queue 0 in 40 h', 'nobody called Queue 1 in 40 h']);
  });

  it('what the change itself says', () => {
    const refused = [flowOf(base.flows[0]!.before, base.flows[0]!.after, { refused: 'it is new' })];
    expect(refusedOf({ flows: refused })).toBe('it is new');
  });
});

describe('what leaves no pattern', () => {
  it('a strategy of one queue is as others are, and a capacity out of reach as none', () => {
    const base = asked({}, [1.3, 0.7]);
    const [flow] = base.flows;
    const ids = base.queues.map(({ id }) => id);
    const single = ids.map((id) => ({
      ...flowOf(waysOf([id], [1]), waysOf([id], [1]), { changes: false }),
      address: `RoutingStrategy/own ${id}`,
    }));
    const capped = (capacity: number) => (ways: Flow['before']) => ({
      ...ways,
      tiers: ways.tiers.map((tier) => tier.map((one) => ({ ...one, capacity }))),
    });
    const roomy = {
      ...flow!,
      before: capped(1000)(flow!.before),
      after: capped(1000)(flow!.after),
    };
    const alone = predict(base)[0]?.queues;
    expect(alone?.length).toBeGreaterThan(1);
    expect(predict({ ...base, flows: [flow!, ...single] })[0]?.queues).toEqual(alone);
    expect(predict({ ...base, flows: [roomy] })[0]?.queues).toEqual(alone);
  });
});

describe('whose calls they are', () => {
  const shares = (weights: readonly number[]): ReadonlyMap<string, number> =>
    sharesIn(waysOf(['a', 'b'], weights));
  const calls = (a: number, b: number): ReadonlyMap<string, number> =>
    new Map([
      ['a', a],
      ['b', b],
    ]);

  it('all are ours where they come as the weights are', () => {
    const { own, others } = toldApart({ calls: calls(310, 148), shares: [shares([2, 1])] });
    expect([Math.round(own[0]!), [...others.values()]]).toEqual([458, [0, 0]]);
  });

  it('what is over is others', () => {
    const { own, others } = toldApart({ calls: calls(300, 400), shares: [shares([3, 1])] });
    expect(Math.round(own[0]!)).toBe(400);
    expect([...others.values()].map(Math.round)).toEqual([0, 300]);
  });

  it('two strategies that meet in a queue are told apart by their others', () => {
    const all = new Map([
      ['a', 100],
      ['b', 300],
      ['c', 200],
    ]);
    const found = toldApart({
      calls: all,
      shares: [shares([1, 1]), sharesIn(waysOf(['b', 'c'], [1, 1]))],
    });
    expect(found.own.map(Math.round)).toEqual([200, 400]);
    expect(toldApart({ calls: all, shares: [new Map()] }).own).toEqual([0]);
  });
});

it('arrivals have a shape only where it is more than chance', () => {
  const parts = (counts: readonly number[]) => counts.map((offered) => ({ offered }));
  expect(shapeOf(parts([30, 36, 28, 31, 25, 33]))).toEqual([1]);
  expect(shapeOf(parts([60, 60, 20, 20, 60, 20]))).toEqual([1.5, 1.5, 0.5, 0.5, 1.5, 0.5]);
  expect(shapeOf(parts([0, 0, 0, 0]))).toEqual([1]);
});

it.each(['rising', 'falling'])('%s arrivals are met as they came, no part of them twice', (way) => {
  const counts = Array.from({ length: 12 }, (_, at) => 20 + 5 * (way === 'rising' ? at : 11 - at));
  const parts = counts.map((offered) => ({
    ...NO_FIGURES,
    offered,
    answered: offered * 0.92,
    abandoned: offered * 0.08,
    waitMs: offered * 0.92 * 15_000,
    gaveUpMs: offered * 0.08 * 60_000,
    handled: offered * 0.92,
    handleMs: offered * 0.92 * 240_000,
    inTime: offered * 0.7,
    judged: offered,
  }));
  const queue = { id: 'a', name: 'a', withinSeconds: 20, slots: 22, members: null, parts };
  const ways = waysOf(['a'], [1]);
  const whatIf = { slots: new Map<string, number>(), calls: new Map<string, number>() };
  const found = only(predict({ queues: [queue], flows: [flowOf(ways, ways)], seed: 'x', whatIf }));
  const books = expectedIn(traitsOf(queue), fitted(traitsOf(queue), 22, 20).agents, 20);
  expect(Math.abs(found.queues[0]!.served.after - books.served)).toBeLessThan(0.03);
  expect(Math.abs(found.queues[0]!.occupancy.after - books.occupancy)).toBeLessThan(0.03);
});

it.each([240, 1800, 7200])('calls of %d s fill the centre before it counts', (handleSeconds) => {
  const [agents, perSecond] = [40, 36 / handleSeconds];
  const queue = bookedQueue('a', { agents, handleSeconds, perSecond, quarters: 1000 });
  const ways = waysOf(['a'], [1]);
  const whatIf = { slots: new Map<string, number>(), calls: new Map<string, number>() };
  const found = only(predict({ queues: [queue], flows: [flowOf(ways, ways)], seed: 'x', whatIf }));
  const line = { agents, handleSeconds, callsPerSecond: perSecond };
  const books = erlangA(line, PATIENCE, WITHIN);
  expect(Math.abs(found.queues[0]!.occupancy.after - books.occupancy)).toBeLessThan(0.05);
  expect(Math.abs(found.queues[0]!.served.after - books.served)).toBeLessThan(0.07);
});

it('callers of whom hardly one gives up in hours of waiting are that patient', () => {
  const hour = {
    ...NO_FIGURES,
    offered: 400,
    answered: 400,
    handled: 400,
    handleMs: 1,
    judged: 400,
  };
  const traits = (waitMs: number, abandoned: number) =>
    traitsOf({ parts: [{ ...hour, waitMs, abandoned }] }).patienceSeconds;
  expect(traits(20_000_000, 2)).toBe(10_000);
  expect(traits(20_000_000, 0)).toBe(36_000);
  // Without any waiting nobody can tell.
  expect(traits(0, 0)).toBe(3600);
});

describe('where calls go past a target that is full', () => {
  const tier = (...rows: readonly (readonly [queue: string, weight: number, capacity: number])[]) =>
    rows.map(([queue, weight, capacity]) => ({ queue, weight, capacity }));
  const ways = (first: number, next = 6): Ways => ({
    tiers: [tier(['a', 1, first], ['b', 0.5, 8]), tier(['c', 1, next])],
    fallback: 'd',
  });

  /** Two hundred hours of it; `others` are calls of nobody we know, an hour and in the first. */
  function foreseen(others: number, [was, will] = [ways(10), ways(5)] as const): Predicted {
    const agents = [14, 12, 8, 6];
    const ids = ['a', 'b', 'c', 'd'];
    const index = new Map(ids.map((id, at) => [id, at]));
    const trait = { handleSeconds: 240, patienceSeconds: 180, withinSeconds: 20 };
    const direct = { tiers: [[{ queue: 0, weight: 1, capacity: null }]], fallback: null };
    const stream = (name: string, hourly: number, routing: Routing) => ({
      name,
      perSecond: hourly / 3600,
      shape: [1],
      routing,
    });
    const centre = {
      queues: ids.map(() => trait),
      groups: agents.map((count, queue) => ({ agents: count, queues: [queue] })),
      streams: [stream('own', 285, routingOf(was, index)), stream('others', others, direct)],
    };
    const hours = play(centre, 'truth', { warmUpSeconds: 3600, hours: 200 });
    const queues = ids.map((id, at) => {
      const parts = hours.map((hour) => {
        const { offered, inTime, abandoned, waitSeconds } = hour[at]!;
        const [handled, waitMs] = [offered - abandoned, waitSeconds * 1000];
        const handleMs = handled * 240_000;
        const counts = { offered, inTime, abandoned, handled, answered: handled };
        return { ...NO_FIGURES, ...counts, judged: offered, waitMs, handleMs };
      });
      // Quarters of an hour, each with what was counted in a whole one by fours.
      const quarters = parts.flatMap((part) => {
        const of = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, value / 4]));
        return Array.from({ length: 4 }, () => of as unknown as typeof part);
      });
      const slots = agents[at]!;
      return { id, name: id, withinSeconds: 20, slots, members: null, parts: quarters };
    });
    return only(predict({ queues, flows: [flowOf(was, will)], seed: 'x', mostRuns: 16 }));
  }

  it('what is said of before is what was, and says by how far', () => {
    const found = foreseen(0);
    expect(found.refused).toBeNull();
    expect(found.fit).toBeLessThan(0.1);
  });

  it('a queue that nobody comes to, before or after, keeps nobody from saying the rest', () => {
    const found = foreseen(0, [ways(10, 1000), ways(5, 1000)]);
    expect([found.refused, found.notes]).toEqual([null, ['nobody called d in 200 h']]);
    expect(found.queues.map(({ queue }) => queue)).toEqual(['a', 'b', 'c']);
  });

  it('a queue that only now gets calls is named: nothing is known of it', () => {
    expect(foreseen(0, [ways(10, 1000), ways(5, 6)]).refused).toBe(
      'calls would go on to d, and in 200 h nobody called it (60 calls needed)',
    );
  });

  it('nothing is said where it shows that calls of others were taken for ours', () => {
    expect(foreseen(60).refused).toMatch(
      /^the model (leads \d+ calls to|does not say what callers)/,
    );
  });
});

it('of a centre that opened within the hours that count, what came since then counts', () => {
  const day = bookedQueue('a', { agents: 40, perSecond: 34 / 240, quarters: 3 });
  const closed = Array.from({ length: 9 }, () => NO_FIGURES);
  const queue = { ...day, parts: [...closed, ...day.parts] };
  const ways = waysOf(['a'], [1]);
  const whatIf = { slots: new Map<string, number>(), calls: new Map<string, number>() };
  const of = (asked: Partial<WhatIf> = {}) =>
    only(
      predict({
        queues: [queue],
        flows: [flowOf(ways, ways)],
        seed: 'x',
        whatIf: { ...whatIf, ...asked },
      }),
    );
  const found = of();
  expect(found.notes).toEqual([
    'nobody called before: only the 0.75 h since the first call are used',
  ]);
  const line = { agents: 40, handleSeconds: 240, callsPerSecond: 34 / 240 };
  const { occupancy } = erlangA(line, PATIENCE, WITHIN);
  expect(Math.abs(found.queues[0]!.occupancy.after - occupancy)).toBeLessThan(0.05);
  expect(of({ calls: new Map([['a', 1.7]]) }).refused).toMatch(/^overload: 1\d\d %/);
});

it('how far the model is off is of what was, not of what chance is thought to leave out', () => {
  // Two deviations more than its share came to the first: the next hour it is its share again.
  const queues = [8.8, 7.8].map((load, at) =>
    bookedQueue('ab'.charAt(at), { perSecond: load / 240, quarters: 12 }),
  );
  const flows = [flowOf(waysOf(['a', 'b'], [1, 1]), waysOf(['a', 'b'], [1, 0.7]))];
  const found = only(predict({ queues, flows, seed: 'x' }));
  expect(found.fit).toBeLessThan(0.02);
});
