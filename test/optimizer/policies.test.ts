import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimatedWait } from '../../src/optimizer/least-wait.js';
import { policies, policyFor } from '../../src/optimizer/policies.js';
import type { Load, Past, Policy, Situation } from '../../src/optimizer/policy.js';

const load = (slots: number, interacting: number, waiting = 0): Load => ({
  slots,
  interacting,
  waiting,
});

/** What a policy that follows what is seen says of it. */
function followed(policy: Policy, loads: readonly Load[]): number[] {
  if (policy.steers) throw new Error('it steers');
  return policy.weights(loads, 1);
}

function weights(name: string, ...loads: Load[]): number[] {
  return followed(policies[name]!, loads).map((weight) => Number(weight.toFixed(4)));
}

const anyLoad = fc.record({
  slots: fc.integer({ min: 1, max: 500 }),
  interacting: fc.integer({ min: 0, max: 600 }),
  waiting: fc.integer({ min: 0, max: 600 }),
});

describe('inverse-occupancy', () => {
  it('is the reference formula, number for number', () => {
    const seen = [load(10, 0), load(10, 5), load(10, 10), load(3, 1)];
    expect(weights('inverse-occupancy', ...seen)).toEqual([1, 0.6667, 0.5, 0.75]);
  });

  it('sees neither size nor who waits', () => {
    expect(weights('inverse-occupancy', load(40, 20), load(4, 2, 9))).toEqual([0.6667, 0.6667]);
  });
});

describe('headroom', () => {
  it('is what could begin within a handle time, relative to the greatest', () => {
    // 20, 15, 10 and 4 - 1 of 20.
    const seen = [load(10, 0), load(10, 5), load(10, 10), load(2, 1)];
    expect(weights('headroom', ...seen)).toEqual([1, 0.75, 0.5, 0.15]);
  });

  it('counts those who wait, and is never below nothing', () => {
    expect(weights('headroom', load(10, 10, 5), load(5, 5, 40))).toEqual([1, 0]);
    expect(weights('headroom', load(5, 5, 40), load(5, 5, 40))).toEqual([1, 1]);
  });
});

describe('least-wait', () => {
  it('estimates what the books say for a queue of so many agents', () => {
    // Erlang C for M/M/1 is exact: ρ / (1 − ρ) handle times.
    expect(estimatedWait(load(10, 0))).toBe(0);
    expect(estimatedWait(load(2, 1))).toBeCloseTo(0.5 ** (Math.sqrt(6) - 1) / (2 * 0.5), 10);
    // M/M/10 at 80 %: Erlang C gives 0.2046 handle times; the approximation is within a tenth.
    expect(Math.abs(estimatedWait(load(10, 8)) - 0.2046)).toBeLessThan(0.02);
  });

  it('adds the time of those who wait already', () => {
    const full = estimatedWait(load(10, 10));
    expect(estimatedWait(load(10, 10, 20))).toBeCloseTo(full + 2, 10);
  });

  it('gives more to the larger of two queues that are as busy', () => {
    const [large = 0, small = 0] = weights('least-wait', load(40, 32), load(4, 3, 0));
    expect(large).toBe(1);
    // A tenth of the agents: less than a tenth of the calls.
    expect(small).toBeLessThan(0.1);
  });
});

const queue = (over: Partial<Situation> = {}): Situation => ({
  slots: 10,
  interacting: 8,
  waiting: 0,
  weight: 1,
  meanShare: 0.5,
  slotsBefore: 10,
  past: came(8),
  ...over,
});

/** Calls of 240 s of an hour that kept so many agents busy. */
const came = (busy: number, handleSeconds = 240) => ({
  perSecond: busy / handleSeconds,
  seconds: 1e6,
  handled: 2000,
  handledSeconds: 2000 * handleSeconds,
  openSeconds: null,
});

function steered(name: string, queues: readonly Situation[], gain = 0): number[] | string {
  const policy = policies[name]!;
  if (!policy.steers) throw new Error('it does not steer');
  const found = policy.weights(queues, 1, gain);
  return typeof found === 'string' ? found : found.map((weight) => Number(weight.toFixed(3)));
}

describe('square-root', () => {
  it('stays where every queue gets what it should', () => {
    expect(steered('square-root', [queue(), queue()])).toEqual([1, 1]);
    // 16 and 4 agents, 16 erlang: β = 4 / 6, so that 13.333 and 2.667 are due.
    const fit = [
      queue({ slots: 16, past: came(16 - 4 * (4 / 6)), meanShare: 5 / 6 }),
      queue({ slots: 4, past: came(4 - 2 * (4 / 6)), meanShare: 1 / 6 }),
    ];
    expect(steered('square-root', fit)).toEqual([1, 0.2]);
  });

  it('takes from the share of a queue what comes there by others', () => {
    // 16 + 16 agents; ours 16 erlang, split evenly; others keep 10 of the second.
    const uneven = [
      queue({ slots: 16, past: came(8), meanShare: 0.5 }),
      queue({ slots: 16, past: came(18), meanShare: 0.5 }),
    ];
    const [first = 0, second = 0] = steered('square-root', uneven) as number[];
    expect(first).toBe(1);
    expect(second).toBeLessThan(0.55);
    // Where each of them has 13 it rests, however the calls are ours.
    const settled = [
      queue({ slots: 16, past: came(13), meanShare: 13 / 16 }),
      queue({ slots: 16, past: came(13), meanShare: 3 / 16 }),
    ];
    expect(steered('square-root', settled)).toEqual([1, 0.231]);
  });

  it('gives fewer calls where a call takes longer', () => {
    const uneven = [
      queue({ past: came(8.5, 160), meanShare: 400 / 560 }),
      queue({ past: came(8.5, 400), meanShare: 160 / 560 }),
    ];
    const [first, second] = steered('square-root', uneven) as number[];
    expect(first).toBe(1);
    expect(second).toBeCloseTo(0.4, 1);
  });

  it.each([0.5, 1, 2, 3])(
    'knows %d h after opening how long calls take that have not ended',
    (hours) => {
      const openSeconds = hours * 3600;
      // Of exponential times those that have ended are the shorter ones.
      const ended = (busy: number, h: number) => {
        const mean = (openSeconds * h - 2 * h ** 2) / (openSeconds - h);
        return { ...came(busy, h), handledSeconds: 2000 * mean, openSeconds };
      };
      const pair = (of: (busy: number, h: number) => Past) => [
        queue({ past: of(8.5, 160), meanShare: 400 / 560 }),
        queue({ past: of(8.5, 300), meanShare: 160 / 560 }),
      ];
      const [, truth = 0] = steered('square-root', pair(came)) as number[];
      const [, found = 0] = steered('square-root', pair(ended)) as number[];
      // Half an hour has hardly begun to say it, and more than a quarter is never added.
      expect(Math.abs(found - truth)).toBeLessThan(hours === 0.5 ? 0.03 : 0.005);
      const still = pair((busy, h) => ({ ...ended(busy, h), openSeconds: 60 }));
      for (const weight of steered('square-root', still) as number[])
        expect(weight).toBeGreaterThan(0);
    },
  );

  it('takes how long calls took the day before for so many calls of today, and no more', () => {
    const few = { ...came(8.5, 300), handled: 20, handledSeconds: 20 * 300 };
    const second = (calls: number, handleSeconds: number): number => {
      const earlier = { handled: calls, handledSeconds: calls * handleSeconds };
      const pair = [queue({ past: few }), queue({ past: { ...few, earlier } })];
      return (steered('square-root', pair) as number[])[1] ?? 0;
    };
    expect([second(0, 300), second(500, 300)]).toEqual([1, 1]);
    // Longer calls, so that fewer are due.
    expect(second(100, 450)).toBeLessThan(second(20, 450));
    expect(second(200, 450)).toBeLessThan(0.8);
    expect(second(50_000, 450)).toBeCloseTo(second(200, 450), 3);
  });

  it('is a number for whatever can be counted', () => {
    const flooded = [queue({ slots: 1, waiting: 100_000 }), queue({ slots: 1, interacting: 0 })];
    expect(steered('square-root', flooded, 1)).toEqual([0.002, 1]);
    const instant = queue({ past: { ...came(8), handledSeconds: 0 } });
    expect(steered('square-root', [instant, instant], 0.2)).toBe('no call took any time');
    const half = steered('square-root', [instant, queue()], 0.2) as number[];
    expect(half.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
  });

  it('does not follow what may be chance', () => {
    const hour = (busy: number) => ({ ...came(busy), seconds: 3600 });
    const second = (busy: number): number => {
      const pair = [queue({ past: hour(8) }), queue({ past: hour(busy) })];
      return (steered('square-root', pair) as number[])[1] ?? 0;
    };
    // 120 calls are 11 more or less by chance: 5 are nothing, 60 are somebody.
    expect(second(8.33)).toBeGreaterThan(0.99);
    expect(second(12)).toBeLessThan(0.75);
  });

  it('does not take one hour without a call for certain: of two calls none may be by chance', () => {
    const calls = (count: number) => ({ ...came(1), perSecond: count / 3600, seconds: 3600 });
    const found = steered('square-root', [queue({ past: calls(2) }), queue({ past: calls(0) })]);
    const [first = 0, second = 0] = found as number[];
    expect([second, first > 0.4]).toEqual([1, true]);
  });

  it('holds in overload, and where hardly anybody calls', () => {
    const over = [queue({ past: came(14) }), queue({ slots: 5, past: came(8) })];
    const idle = [queue({ past: came(0.1) }), queue({ slots: 5, past: came(0.1) })];
    for (const queues of [over, idle]) {
      const found = steered('square-root', queues, 0.2) as number[];
      expect(found.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
      expect(Math.max(...found)).toBe(1);
    }
  });

  it('leans away from what is full at the moment, by the gain', () => {
    const pair = [queue(), queue({ interacting: 10, waiting: 6 })];
    expect(steered('square-root', pair)).toEqual([1, 1]);
    const [, leaning = 1] = steered('square-root', pair, 0.2) as number[];
    expect(leaning).toBeLessThan(0.9);
  });

  it('says what it lacks', () => {
    expect(steered('square-root', [queue({ past: null }), queue()])).toContain('nobody knows');
    const few = {
      perSecond: 0.001,
      seconds: 3600,
      handled: 2,
      handledSeconds: 400,
      openSeconds: null,
    };
    const pair = [queue({ past: few }), queue({ past: few })];
    expect(steered('square-root', pair)).toBe('too little data: 4 calls handled');
    const quiet = queue({ past: { ...came(8), perSecond: 0 } });
    expect(steered('square-root', [quiet, quiet])).toBe(
      'too little data: no call has come within the hour',
    );
    const none = { ...few, handled: 0, handledSeconds: 0, openSeconds: 900 };
    const found = steered('square-root', [queue(), queue({ past: none })]) as number[];
    expect(found.every((weight) => weight >= 0)).toBe(true);
  });
});

describe('level', () => {
  it('takes from what holds more than its due, a small part at a time', () => {
    const pair = [queue({ interacting: 6 }), queue({ interacting: 10, waiting: 2 })];
    const [first, second = 0] = steered('level', pair, 0.2) as number[];
    expect([first, second > 0.8, second < 0.95]).toEqual([1, true, true]);
    expect(steered('level', [queue(), queue()], 0.2)).toEqual([1, 1]);
    const [, far = 0] = steered('level', [queue(), queue({ waiting: 500 })], 1) as number[];
    expect(far).toBeCloseTo(Math.exp(-0.3), 2);
  });

  it('follows agents who come or go at once', () => {
    expect(steered('level', [queue(), queue({ slots: 5 })])).toEqual([1, 0.5]);
    // Nobody was there: its weight says nothing.
    const back = [queue(), queue({ slots: 5, slotsBefore: 0, weight: 0.1 })];
    expect(steered('level', back)).toEqual([1, 0.5]);
  });
});

describe.each(Object.entries(policies).filter(([, { steers }]) => !steers))(
  '%s, whatever is seen,',
  (_, policy) => {
    it('gives each queue a weight that is a number and not negative', () => {
      fc.assert(
        fc.property(fc.array(anyLoad, { minLength: 1, maxLength: 10 }), (loads) => {
          const found = followed(policy, loads);
          expect(found).toHaveLength(loads.length);
          for (const weight of found) expect(weight >= 0 && weight <= 1).toBe(true);
        }),
      );
    });

    it('never gives a queue more for one call more in it', () => {
      fc.assert(
        fc.property(fc.array(anyLoad, { minLength: 2, maxLength: 10 }), (loads) => {
          const [first, ...rest] = loads as [Load, ...Load[]];
          const busier = { ...first, interacting: first.interacting + 1 };
          const share = (all: readonly Load[]): number => {
            const [own = 0, ...others] = followed(policy, all);
            const sum = own + others.reduce((a, b) => a + b, 0);
            return sum === 0 ? 0 : own / sum;
          };
          // All of it at 0 is where every queue is as good as any other.
          if (followed(policy, [busier, ...rest]).every((one) => one === 1)) return;
          expect(share([busier, ...rest])).toBeLessThanOrEqual(share([first, ...rest]) + 1e-9);
        }),
      );
    });

    it('has a formula and a unit for people', () => {
      expect(policy.formula).toMatch(/^[\x20-\x7e]+$/);
      expect(policy.unit).not.toBe('');
    });
  },
);

describe('the policy of a name', () => {
  it('is level in the place of one that cannot do without the past, where that is not known', () => {
    expect(policyFor('square-root', true)).toBe(policies['square-root']);
    expect(policyFor('square-root', false)).toBe(policies['level']);
  });

  it('is itself where it needs no past', () => {
    for (const name of ['level', 'headroom', 'inverse-occupancy', 'least-wait']) {
      expect([policyFor(name, true), policyFor(name, false)]).toEqual([
        policies[name],
        policies[name],
      ]);
    }
  });

  it('is an error of ours where there is none', () => {
    expect(() => policyFor('luck', true)).toThrow('no policy is named luck');
  });
});
