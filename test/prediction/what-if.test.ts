/** Other agents, other calls: what if, by the same model, held against the books. */
import { describe, expect, it } from 'vitest';
import { NO_FIGURES } from '../../src/core/metrics.js';
import type { Asked, MeasuredQueue, WhatIf } from '../../src/prediction/measured.js';
import { predict } from '../../src/prediction/predict.js';
import { AGENTS, bookedQueue, books, HANDLE } from './booked.js';
import { flowOf, waysOf } from './ways.js';

const NOW = 8.5 / HANDLE;
const queue = (id: string, members: readonly string[] | null = null): MeasuredQueue =>
  bookedQueue(id, { perSecond: NOW, quarters: 1000, members });

function asked(whatIf: Partial<WhatIf>, queues = [queue('a'), queue('b')]): Asked {
  const ways = waysOf(
    queues.map(({ id }) => id),
    queues.map(() => 1),
  );
  const none = { slots: new Map<string, number>(), calls: new Map<string, number>() };
  return { queues, flows: [flowOf(ways, ways)], seed: 'x', whatIf: { ...none, ...whatIf } };
}

function foreseen(whatIf: Partial<WhatIf>, queues?: MeasuredQueue[]) {
  const [one] = predict(asked(whatIf, queues));
  expect(one?.refused).toBeNull();
  return one!.queues;
}

describe('what if', () => {
  it('nothing is asked for: before is after, and every queue is there', () => {
    const [a, b] = foreseen({});
    expect([a!.served.difference, b!.served.differenceHigh, a!.moves]).toEqual([0, 0, false]);
    expect(Math.abs(a!.served.after - books(AGENTS, NOW).served)).toBeLessThan(0.04);
  });

  it.each([7, 9, 12, 15])('%i agents: as the books have it, and no other queue moves', (agents) => {
    const [a, b] = foreseen({ slots: new Map([['a', agents]]) });
    const truth = books(agents, NOW).served - books(AGENTS, NOW).served;
    expect(Math.abs(a!.served.difference - truth)).toBeLessThan(0.04);
    expect(a!.moves).toBe(true);
    expect([b!.served.difference, b!.moves]).toEqual([0, false]);
  });

  it('one agent more or fewer is what one of those who are there is', () => {
    // Sixteen are on queue, and ten at work: one is 0.6 of one.
    const ten = ['a', 'b'].map((id) => ({ ...queue(id), slots: 16 }));
    const [more] = foreseen({ slots: new Map([['a', 17]]) }, ten);
    const [fewer] = foreseen({ slots: new Map([['a', 15]]) }, ten);
    const by = 10 / 16;
    const at = (agents: number): number => {
      const [low, part] = [Math.floor(agents), agents % 1];
      return (1 - part) * books(low, NOW).served + part * books(low + 1, NOW).served;
    };
    const truth = [at(AGENTS + by), at(AGENTS - by)].map((one) => one - books(AGENTS, NOW).served);
    expect(Math.abs(more!.served.difference - truth[0]!)).toBeLessThan(0.015);
    expect(Math.abs(fewer!.served.difference - truth[1]!)).toBeLessThan(0.015);
  });

  it.each([0.7, 0.9, 1.15, 1.3])('calls × %d: as the books have it', (factor) => {
    const [a, b] = foreseen({ calls: new Map([['a', factor]]) });
    const truth = books(AGENTS, NOW * factor).served - books(AGENTS, NOW).served;
    expect(Math.abs(a!.served.difference - truth)).toBeLessThan(0.04);
    expect([a!.moves, b!.moves]).toEqual([true, false]);
  });

  it('says nothing of more than agents can do', () => {
    const [one] = predict(asked({ calls: new Map([['a', 1.6]]) }));
    expect(one?.refused).toMatch(/^overload: 13\d % of what the agents of a can do$/);
    const [none] = predict(asked({ slots: new Map([['a', 0]]) }));
    expect(none?.refused).toBe('no agent of a would be on queue');
  });

  it('a queue without calls answers none of them late', () => {
    const [one] = predict(asked({ calls: new Map([['a', 0]]) }));
    expect([one?.refused, one?.notes]).toEqual([null, ['a will get no calls']]);
    expect(one?.queues.map(({ queue }) => queue)).toEqual(['b']);
  });

  it('who comes to one queue is not in the other; who leaves first was in it alone', () => {
    const names = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, index) => `agent ${from + index}`);
    // Four of ten in each are in both.
    const both = [queue('a', names(0, 10)), queue('b', names(6, 16))];
    const more = foreseen({ slots: new Map([['a', 13]]) }, both);
    expect(more[0]!.served.difference).toBeGreaterThan(0.03);
    const fewer = foreseen({ slots: new Map([['a', 8]]) }, both);
    expect(fewer[0]!.served.difference).toBeLessThan(-0.03);
    expect(Math.abs(fewer[1]!.served.difference)).toBeLessThan(
      Math.abs(fewer[0]!.served.difference),
    );
  });

  describe('a fallback that nobody comes to', () => {
    const idle = { ...queue('f'), parts: queue('f').parts.map(() => NO_FIGURES) };
    const queues = [queue('a'), queue('b'), idle];
    const led = (capacity: number | null) => {
      const [tier = []] = waysOf(['a', 'b'], [1, 1]).tiers;
      return { tiers: [tier.map((one) => ({ ...one, capacity }))], fallback: 'f' };
    };
    const none = { slots: new Map<string, number>(), calls: new Map<string, number>() };
    const told = (whatIf: WhatIf, capacity: number | null = null) =>
      predict({ queues, flows: [flowOf(led(capacity), led(capacity))], seed: 'x', whatIf })[0]!;

    it('keeps nobody from saying what callers of the targets will meet', () => {
      const { refused, queues: shown, notes } = told(none);
      expect([refused, notes, shown.map(({ queue: name }) => name)]).toEqual([
        null,
        [],
        ['a', 'b'],
      ]);
      expect(told(none, 25).refused).toBeNull();
    });

    it('has no answer where it is asked for itself', () => {
      expect(told({ ...none, slots: new Map([['f', 12]]) }).refused).toMatch(/^only 0 calls of f/);
    });

    it('that all lead to makes no neighbours of strategies, and no guess of whose calls are whose', () => {
      const other = { tiers: [waysOf(['b', 'c'], [1, 1]).tiers[0]!], fallback: 'f' };
      const flows = [
        flowOf(led(null), { ...led(null), tiers: waysOf(['a', 'b'], [1, 0.8]).tiers }),
        flowOf(other, other, { address: 'RoutingStrategy/other', changes: false }),
      ];
      const [one] = predict({ queues: [...queues, queue('c')], flows, seed: 'x' });
      expect([one!.refused, one!.notes]).toEqual([null, []]);
    });
  });
});
