import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erlangA, erlangC } from '../../src/prediction/erlang.js';
import { ERLANG_A, ERLANG_C } from './tables.js';

const close = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));

describe('the tables', () => {
  it.each(ERLANG_C)('Erlang C: %d agents, %d erlang', (...row) => {
    const [agents = 0, load = 0, handleSeconds = 0, within = 0, ...expected] = row;
    const callsPerSecond = load / handleSeconds;
    const found = erlangC({ agents, callsPerSecond, handleSeconds }, within);
    const { waits = 0, waitSeconds = 0, served = 0, occupancy = 0 } = found ?? {};
    [waits, waitSeconds, served, occupancy].forEach((one, index) => close(one, expected[index]!));
  });

  it.each(ERLANG_A)('Erlang A: %d agents, %d erlang', (...row) => {
    const [agents = 0, load = 0, handleSeconds = 0, patience = 0, within = 0, ...expected] = row;
    const callsPerSecond = load / handleSeconds;
    const found = erlangA({ agents, callsPerSecond, handleSeconds }, patience, within);
    const { waits, waitSeconds, abandoned, occupancy, served } = found;
    [waits, waitSeconds, abandoned, occupancy, served].forEach((one, index) =>
      close(one, expected[index]!),
    );
  });
});

/** By 40 digits; columns as in the table. Short calls, many agents and long promises: steep. */
const STEEP = [
  [10, 30, 1, 1, 600, 0.333333005493],
  [10, 12, 1, 1, 600, 0.786367647043],
  [100, 120, 10, 1, 600, 0.820010971818],
  [100, 120, 240, 1, 600, 0.806073344978],
  [1000, 1000, 1, 1, 600, 0.987385388651],
  [1000, 900, 10, 180, 600, 0.999999675732],
  [10_000, 12_000, 10, 180, 600, 0.833333333333],
  [10_000, 9_990, 240, 1, 600, 0.993110020211],
] as const;

it.each(STEEP)('%d agents, %d erlang, calls of %d s, patience %d s: within %d s', (...row) => {
  const [agents, load, handleSeconds, patience, within, served] = row;
  const line = { agents, handleSeconds, callsPerSecond: load / handleSeconds };
  close(erlangA(line, patience, within).served, served);
});

const anyLine = fc.record({
  agents: fc.integer({ min: 1, max: 80 }),
  busy: fc.double({ min: 0.2, max: 1.3, noNaN: true }),
  handleSeconds: fc.integer({ min: 60, max: 600 }),
  patience: fc.integer({ min: 30, max: 600 }),
});

describe('whatever the queue', () => {
  const lineOf = ({
    agents,
    busy,
    handleSeconds,
  }: { agents: number; busy: number } & object & {
      handleSeconds: number;
    }) => ({ agents, handleSeconds, callsPerSecond: (agents * busy) / handleSeconds });

  it('an agent more lets nobody wait longer, and everything is a part of all', () => {
    fc.assert(
      fc.property(anyLine, (drawn) => {
        const line = lineOf(drawn);
        const one = erlangA(line, drawn.patience, 20);
        const more = erlangA({ ...line, agents: line.agents + 1 }, drawn.patience, 20);
        expect(more.waitSeconds).toBeLessThanOrEqual(one.waitSeconds);
        expect(more.served).toBeGreaterThanOrEqual(one.served - 1e-12);
        for (const part of [one.waits, one.abandoned, one.served, one.occupancy]) {
          expect(part >= 0 && part <= 1 + 1e-12).toBe(true);
        }
        expect(one.served + one.abandoned).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('callers of endless patience are those of Erlang C', () => {
    const line = lineOf({ agents: 10, busy: 0.8, handleSeconds: 240 });
    const [a, c] = [erlangA(line, 1e9, 20), erlangC(line, 20)!];
    expect(a.waitSeconds / c.waitSeconds).toBeCloseTo(1, 5);
    expect(a.served).toBeCloseTo(c.served, 5);
  });

  it('where hardly anybody calls everybody is answered', () => {
    expect(
      erlangA({ agents: 1, handleSeconds: 240, callsPerSecond: 1e-9 }, 60, 20).served,
    ).toBeCloseTo(1, 6);
    expect(erlangA({ agents: 1, handleSeconds: 240, callsPerSecond: 0 }, 60, 20).served).toBe(1);
  });

  it('where nobody is there everybody gives up, and what is too much has no Erlang C', () => {
    const line = { agents: 0, handleSeconds: 240, callsPerSecond: 0.1 };
    expect(erlangA(line, 60, 20)).toMatchObject({ waitSeconds: 60, abandoned: 1, served: 0 });
    expect(erlangC(line, 20)).toBeNull();
    expect(erlangC({ agents: 2, handleSeconds: 100, callsPerSecond: 0.02 }, 20)).toBeNull();
  });

  it.each([
    [5, 1, 3600, 3600, 0],
    [50, 1, 1800, 7200, 50 / 240],
    [1000, 10, 3600, 20, 0],
    [1, 5, 3600, 86_400, 1 / 1200],
  ])('%i agents in overload by callers who wait: what can be done is', (...drawn) => {
    const [agents, callsPerSecond, patience, within, served] = drawn;
    const handleSeconds = 240;
    const found = erlangA({ agents, callsPerSecond, handleSeconds }, patience, within);
    expect(found.occupancy).toBeCloseTo(1, 6);
    expect(found.abandoned).toBeCloseTo(1 - agents / (callsPerSecond * handleSeconds), 6);
    expect(found.served).toBeCloseTo(served, 6);
  });

  it('a clock that is slower by a factor changes no part', () => {
    fc.assert(
      fc.property(anyLine, fc.double({ min: 0.1, max: 10, noNaN: true }), (drawn, factor) => {
        const line = lineOf(drawn);
        const one = erlangA(line, drawn.patience, 20);
        const slower = erlangA(
          {
            agents: line.agents,
            callsPerSecond: line.callsPerSecond / factor,
            handleSeconds: line.handleSeconds * factor,
          },
          drawn.patience * factor,
          20 * factor,
        );
        expect(slower.waitSeconds / factor).toBeCloseTo(one.waitSeconds, 6);
        expect(slower.served).toBeCloseTo(one.served, 9);
        expect(slower.abandoned).toBeCloseTo(one.abandoned, 9);
      }),
    );
  });
});
