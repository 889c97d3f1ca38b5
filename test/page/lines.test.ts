import { describe, expect, it } from 'vitest';
import { clockTexts } from '../../src/page/format.js';
import { aloneIn, courseOf, strokeOf } from '../../src/page/lines.js';
import type { TunedRound } from '../../src/view/model.js';

describe('lines of a chart', () => {
  it('are told apart by colour and dash, also those beyond the colours', () => {
    const pairs = Array.from({ length: 36 }, (_, index) => JSON.stringify(strokeOf(index)));
    expect(new Set(pairs).size).toBe(36);
  });

  it.each<[string, readonly (number | null)[], readonly number[]]>([
    ['between unknown ones', [1, 2, null, 3, null, 4, 5], [3]],
    ['at both ends', [1, null, null, 2], [0, 3]],
    ['of which there is one', [null, 0, null], [1]],
    ['none', [null, null], []],
    ['a line without a gap', [1, 2, 3], []],
  ])('have points for values that no line leads to: %s', (_name, values, alone) => {
    expect(aloneIn(values)).toEqual(alone);
  });
});

describe('times along an axis', () => {
  const at = (text: string): number => Date.parse(`2026-11-26T${text}Z`);
  const clocks = (...times: readonly string[]): string[] =>
    clockTexts(times.map(at)).map((text) => text.split('\n')[0] ?? '');

  it('have seconds where two of one minute would read alike', () => {
    const texts = clocks('19:51:10', '19:51:20', '19:51:30');
    expect(new Set(texts).size).toBe(3);
    expect(texts[0]).toMatch(/:51:10$/);
  });

  it('have none where they lie further apart', () => {
    expect(clocks('19:50:00', '19:51:00')[1]).toMatch(/^\d\d:51$/);
  });

  it('are days where they lie days apart', () => {
    const day = 86_400_000;
    expect(clockTexts([0, day, 2 * day])[1]).toBe('2 Jan');
  });
});

describe('the course of weights', () => {
  const round = (second: number, before: number, after: number): TunedRound => ({
    at: `2026-11-26T08:00:${second}.000Z`,
    run: 'r',
    state: 'moved',
    reason: '',
    before: [before],
    weights: [after],
    aims: [null],
    occupancy: [null],
  });
  const values = (rounds: readonly TunedRound[]): unknown =>
    courseOf(rounds).map(({ weights }) => weights[0]);

  it('begins with what was before the first move', () => {
    expect(values([round(10, 0.7, 0.6), round(20, 0.6, 0.5)])).toEqual([0.7, 0.6, 0.5]);
  });

  it('shows what somebody else has moved in between', () => {
    expect(values([round(10, 0.7, 0.6), round(20, 0.9, 0.8)])).toEqual([0.7, 0.6, 0.9, 0.8]);
  });

  it('is in the order of its times', () => {
    const times = courseOf([round(10, 0.7, 0.6), round(11, 0.9, 0.8)]).map(({ at }) => at);
    expect([...times].sort()).toEqual(times);
  });
});
