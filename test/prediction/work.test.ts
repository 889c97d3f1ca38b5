/**
 * How the work of a prediction grows with the changes of a plan: counted, and not timed. Counted are
 * logarithms, as each time that is drawn while a centre is played is one, and every look at a queue or
 * a strategy.
 */
import { afterEach, expect, it } from 'vitest';
import type { Asked, Flow, MeasuredQueue } from '../../src/prediction/measured.js';
import { predict } from '../../src/prediction/predict.js';
import { AGENTS, bookedQueue, HANDLE } from './booked.js';
import { flowOf, waysOf } from './ways.js';

const work = { drawn: 0, looks: 0 };

const { log } = Math;
afterEach(() => {
  Math.log = log;
});

/** Each look at what it has is counted. */
function watched<T extends object>(one: T): T {
  return new Proxy(one, {
    get: (target, key): unknown => {
      work.looks += 1;
      return Reflect.get(target, key);
    },
  });
}

/** So many strategies of two queues each, none of which another has, all of them changed. */
function changes(count: number, hasTwins = false): Asked {
  const queues: MeasuredQueue[] = [];
  const flows: Flow[] = [];
  for (let at = 0; at < count; at += 1) {
    const ids = [`a${at}`, `b${at}`];
    for (const id of ids) {
      const members = Array.from({ length: AGENTS }, (_, one) => `${id} ${one}`);
      queues.push(watched({ ...MEASURED, id, members }));
    }
    const [before, after] = [waysOf(ids, [1, 1]), waysOf(ids, [1, 0.8])];
    flows.push(watched(flowOf(before, after, { address: `RoutingStrategy/${at}` })));
    const twin = { address: `RoutingStrategy/twin-${at}`, changes: false };
    if (hasTwins) flows.push(watched(flowOf(before, before, twin)));
  }
  return { queues, flows, seed: 'x', mostRuns: 8 };
}

const MEASURED = bookedQueue('any', { perSecond: 8 / HANDLE, quarters: 12, members: [] });

it('is for 100 changes at most twelve times that for 10', () => {
  // A spy of the test runner would keep each of the millions of calls.
  Math.log = (x) => {
    work.drawn += 1;
    return log(x);
  };
  const workOf = (count: number): number => {
    Object.assign(work, { drawn: 0, looks: 0 });
    const found = predict(changes(count));
    expect(found.filter(({ refused }) => refused === null)).toHaveLength(count);
    // A change is played eight times at least, before and after, some hours of two queues.
    expect(work.drawn).toBeGreaterThan(1000 * count);
    return work.drawn + work.looks;
  };
  expect(workOf(100) / workOf(10)).toBeLessThanOrEqual(12);
});

it('looks ten times as often at ten times as many, where nothing has to be played', () => {
  const looksOf = (count: number): number => {
    work.looks = 0;
    const found = predict(changes(count, true));
    expect(found.filter(({ refused }) => refused?.includes('the same queues'))).toHaveLength(count);
    return work.looks;
  };
  expect(looksOf(300) / looksOf(30)).toBeLessThanOrEqual(12);
});

it('is bounded for many changes of large queues: what cannot be played is said by the books', () => {
  const large = bookedQueue('large', { agents: 100, perSecond: 92 / HANDLE, quarters: 12 });
  const asked = (count: number): Asked => {
    const { queues, flows } = changes(count);
    return { queues: queues.map(({ id }) => ({ ...large, id, members: [] })), flows, seed: 'x' };
  };
  expect(predict(asked(2)).map(({ byBooks }) => byBooks)).toEqual([undefined, undefined]);
  const many = predict(asked(30));
  expect(many.filter(({ refused }) => refused !== null)).toEqual([]);
  expect(many.every(({ byBooks }) => byBooks === true)).toBe(true);
});
