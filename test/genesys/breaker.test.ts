/** When the platform is left alone, and when it is asked again. */
import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/genesys/breaker.js';

/** Failures at these instants, in seconds. */
function failingAt(...seconds: readonly number[]): Breaker {
  const breaker = new Breaker();
  for (const second of seconds) breaker.failed(second * 1000);
  return breaker;
}

describe('the circuit', () => {
  it.each<[string, Breaker, number, number | null]>([
    ['lets everything through at first', new Breaker(), 0, null],
    ['stays closed for a moment’s trouble, however many fail', failingAt(...many(9)), 9, null],
    ['stays closed for a few failures, however long it takes', failingAt(0, 5, 10, 60), 61, null],
    ['opens for five failures over ten seconds', failingAt(0, 1, 2, 4, 10), 10, 30_000],
    ['says how long it stays open', failingAt(0, 1, 2, 4, 10), 25, 15_000],
    ['lets one try after half a minute', failingAt(0, 1, 2, 4, 10), 40, null],
  ])('%s', (_name, breaker, second, ms) => {
    expect(breaker.refusesForMs(second * 1000)).toBe(ms);
  });

  it('stays closed where an answer came in between', () => {
    const breaker = failingAt(0, 1, 2, 4);
    breaker.succeeded();
    expect(breaker.failed(10_000)).toBe(false);
    expect(breaker.refusesForMs(10_000)).toBeNull();
  });

  it('lets only one try at a time', () => {
    const breaker = failingAt(0, 1, 2, 4, 10);
    expect(breaker.refusesForMs(40_000)).toBeNull();
    breaker.left();
    expect(breaker.refusesForMs(40_001)).toBeGreaterThan(0);
  });

  it('lets another try where the answer to that one tells neither way', () => {
    const breaker = failingAt(0, 1, 2, 4, 10);
    breaker.left();
    breaker.undecided();
    expect(breaker.refusesForMs(40_001)).toBeNull();
  });

  it('closes when that one succeeds, and stays open when it fails', () => {
    const closing = failingAt(0, 1, 2, 4, 10);
    closing.left();
    closing.succeeded();
    expect(closing.refusesForMs(40_000)).toBeNull();
    const failing = failingAt(0, 1, 2, 4, 10);
    failing.left();
    expect(failing.failed(40_000)).toBe(true);
    expect([failing.refusesForMs(40_000), failing.failingForMs(40_000)]).toEqual([30_000, 40_000]);
  });
});

function many(seconds: number): number[] {
  return Array.from({ length: 50 }, (_, index) => (index * seconds) / 50);
}
