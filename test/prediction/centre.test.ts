import { describe, expect, it } from 'vitest';
import { play, type Centre, type Routing, type Tally } from '../../src/prediction/centre.js';
import { erlangA } from '../../src/prediction/erlang.js';

const all = (tallies: readonly (readonly Tally[])[], queue: number) => {
  const sum = (of: (one: Tally) => number): number =>
    tallies.reduce((total, hour) => total + of(hour[queue]!), 0);
  const offered = sum((one) => one.offered);
  return {
    offered,
    served: sum((one) => one.inTime) / offered,
    abandoned: sum((one) => one.abandoned) / offered,
    waitSeconds: sum((one) => one.waitSeconds) / offered,
    occupancy: sum((one) => one.occupancy) / tallies.length,
  };
};
const to = (queue: number): Routing => ({
  tiers: [[{ queue, weight: 1, capacity: null }]],
  fallback: null,
});
const queue = { handleSeconds: 240, patienceSeconds: 180, withinSeconds: 20 };
const stream = (busy: number, routing: Routing, name = 's') => ({
  name,
  perSecond: busy / 240,
  shape: [1],
  routing,
});
const HOURS = 400;
const span = { warmUpSeconds: 1800, hours: HOURS };

describe('the centre', () => {
  it.each([
    [10, 8.5],
    [3, 2.7],
    [12, 14],
  ])('of one queue of %d agents and %d erlang is that of the books', (agents, busy) => {
    const centre: Centre = {
      queues: [queue],
      groups: [{ agents, queues: [0] }],
      streams: [stream(busy, to(0))],
    };
    const line = { agents, callsPerSecond: busy / 240, handleSeconds: 240 };
    const [found, books] = [all(play(centre, 'x', span), 0), erlangA(line, 180, 20)];
    expect(Math.abs(found.offered / HOURS / (busy * 15) - 1)).toBeLessThan(0.02);
    expect(Math.abs(found.served - books.served)).toBeLessThan(0.015);
    expect(Math.abs(found.abandoned - books.abandoned)).toBeLessThan(0.01);
    expect(Math.abs(found.waitSeconds / books.waitSeconds - 1)).toBeLessThan(0.06);
    expect(Math.abs(found.occupancy - books.occupancy)).toBeLessThan(0.015);
  });

  it('of two queues with the same agents is that of one', () => {
    const centre = (shared: boolean): Centre => ({
      queues: [queue, queue],
      groups: shared
        ? [{ agents: 10, queues: [0, 1] }]
        : [
            { agents: 5, queues: [0] },
            { agents: 5, queues: [1] },
          ],
      streams: [stream(4, to(0), 'a'), stream(4, to(1), 'b')],
    });
    const pooled = erlangA({ agents: 10, callsPerSecond: 8 / 240, handleSeconds: 240 }, 180, 20);
    const apart = erlangA({ agents: 5, callsPerSecond: 4 / 240, handleSeconds: 240 }, 180, 20);
    expect(Math.abs(all(play(centre(true), 'x', span), 0).served - pooled.served)).toBeLessThan(
      0.015,
    );
    expect(Math.abs(all(play(centre(false), 'x', span), 0).served - apart.served)).toBeLessThan(
      0.015,
    );
  });

  it('goes by weight, by room, to the next tier, and to the fallback', () => {
    const routing: Routing = {
      tiers: [
        [
          { queue: 0, weight: 3, capacity: null },
          { queue: 1, weight: 1, capacity: 2 },
        ],
        [{ queue: 2, weight: 1, capacity: 1 }],
      ],
      fallback: 3,
    };
    const queues = [queue, queue, queue, queue];
    const groups = [0, 1, 2, 3].map((one) => ({ agents: 30, queues: [one] }));
    const centre = (of: Routing): Centre => ({ queues, groups, streams: [stream(10, of)] });
    const offered = (of: Routing): number[] =>
      [0, 1, 2, 3].map((one) => all(play(centre(of), 'x', span), one).offered / HOURS);
    const [first = 0, second = 0, third] = offered(routing);
    expect([Math.round(first + second) > 140, third]).toEqual([true, 0]);
    // M/M/2/2 would lose a good part of 2.5 erlang: those go to the first.
    expect(first / second).toBeGreaterThan(5);
    const capped = [{ queue: 0, weight: 1, capacity: 3 }];
    const [a = 0, , c = 0, d = 0] = offered({ ...routing, tiers: [capped, routing.tiers[1]!] });
    expect([a > c, d > a]).toEqual([true, true]);
    expect(offered({ tiers: [[{ queue: 0, weight: 0, capacity: null }]], fallback: null })).toEqual(
      [0, 0, 0, 0],
    );
  });

  it('has the same callers however they are routed', () => {
    const short = { warmUpSeconds: 0, hours: 30 };
    const both = (weight: number): Centre => ({
      queues: [queue, queue],
      groups: [
        { agents: 6, queues: [0] },
        { agents: 6, queues: [1] },
      ],
      streams: [
        stream(9, {
          tiers: [
            [
              { queue: 0, weight: 1, capacity: null },
              { queue: 1, weight, capacity: null },
            ],
          ],
          fallback: null,
        }),
      ],
    });
    const hours = (weight: number, seed: string): number[] =>
      play(both(weight), seed, short).map((hour) => hour[0]!.offered + hour[1]!.offered);
    expect(hours(1, 'a')).toEqual(hours(0.2, 'a'));
    expect(hours(1, 'a')).not.toEqual(hours(1, 'b'));
    expect(play(both(1), 'a', short)).toEqual(play(both(1), 'a', short));
  });

  it('comes in the shape that it is given', () => {
    const centre: Centre = {
      queues: [queue],
      groups: [{ agents: 50, queues: [0] }],
      streams: [{ ...stream(10, to(0)), shape: [0, 0, 0, 0, 2, 2, 2, 2] }],
    };
    const hours = play(centre, 'x', { warmUpSeconds: 0, hours: 100 }).map(([one]) => one!.offered);
    const odd = hours.filter((_, hour) => hour % 2 === 1);
    expect(hours.filter((_, hour) => hour % 2 === 0).every((one) => one === 0)).toBe(true);
    expect(odd.reduce((a, b) => a + b, 0) / odd.length / 300).toBeCloseTo(1, 1);
  });
});
