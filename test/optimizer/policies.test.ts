import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimatedWait } from '../../src/optimizer/least-wait.js';
import { policies } from '../../src/optimizer/policies.js';
import type { Load } from '../../src/optimizer/policy.js';

const load = (slots: number, interacting: number, waiting = 0): Load => ({
  ...{ slots, interacting, waiting },
});

function weights(name: string, ...loads: Load[]): number[] {
  return policies[name]!.weights(loads, 1).map((weight) => Number(weight.toFixed(4)));
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

describe.each(Object.entries(policies))('%s, whatever is seen,', (_, policy) => {
  it('gives each queue a weight that is a number and not negative', () => {
    fc.assert(
      fc.property(fc.array(anyLoad, { minLength: 1, maxLength: 10 }), (loads) => {
        const found = policy.weights(loads, 1);
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
          const [own = 0, ...others] = policy.weights(all, 1);
          const sum = own + others.reduce((a, b) => a + b, 0);
          return sum === 0 ? 0 : own / sum;
        };
        // All of it at 0 is where every queue is as good as any other.
        if (policy.weights([busier, ...rest], 1).every((one) => one === 1)) return;
        expect(share([busier, ...rest])).toBeLessThanOrEqual(share([first, ...rest]) + 1e-9);
      }),
    );
  });

  it('has a formula and a unit for people', () => {
    expect(policy.formula).toMatch(/^[\x20-\x7e]+$/);
    expect(policy.unit).not.toBe('');
  });
});
