/** A round of the optimizer as one line, whatever is in it. */
import { describe, expect, it } from 'vitest';
import type { RoundReport, StrategyRound } from '../../src/core/round.js';
import { roundJson, roundsHtml, roundsMarkdown, roundText } from '../../src/render/round.js';
import { plainStyle } from '../../src/render/style.js';
import { expectGolden } from '../support/golden.js';

const target = {
  queue: 'Tier 1',
  from: 1,
  to: 0.9,
  aim: 0.5,
  slots: 3,
  interacting: 2,
  waiting: 0,
};
const strategy = (over: Partial<StrategyRound> = {}): StrategyRound => ({
  address: 'RoutingStrategy/a',
  state: 'moved',
  reason: '',
  targets: [target],
  ...over,
});
const report = (over: Partial<RoundReport> = {}): RoundReport => ({
  at: '2026-03-02T09:31:05.123Z',
  round: 7,
  run: 'r',
  state: 'done',
  reason: '',
  strategies: [strategy()],
  requests: 9,
  ...over,
});

function text(over: Partial<RoundReport>): string {
  return roundText(report(over), plainStyle);
}

describe('a round for people', () => {
  it.each<[string, Partial<RoundReport>, string]>([
    ['that moved a weight', {}, 'a Tier 1 1 → 0.9 (2 of 3 busy, 0 waiting)'],
    [
      'in which each strategy came to something else',
      {
        strategies: [
          strategy({ state: 'planned' }),
          strategy({ state: 'held', reason: 'cooling down, 3 s left', targets: [] }),
          strategy({ state: 'failed', reason: 'was changed in the org' }),
          strategy({ state: 'steady' }),
          strategy({ state: 'steady' }),
        ],
      },
      'a would move Tier 1 1 → 0.9 (2 of 3 busy, 0 waiting); a held: cooling down, 3 s left; ' +
        'a not moved: was changed in the org; 2 strategies steady',
    ],
    [
      'that was skipped',
      { state: 'skipped', reason: 'the lock is held' },
      'skipped: the lock is held',
    ],
    ['that failed', { state: 'failed', reason: 'no answer' }, 'failed: no answer'],
    [
      'without an optimizer',
      { strategies: [], reason: 'no manifest has an optimizer' },
      'no manifest has an optimizer',
    ],
    [
      'of a queue that nothing was reported for',
      {
        strategies: [
          strategy({ targets: [{ ...target, slots: null, interacting: null, waiting: null }] }),
        ],
      },
      'a Tier 1 1 → 0.9 (? of ? busy, ? waiting)',
    ],
  ])('%s', (_name, over, expected) => {
    expect(text(over)).toBe(`09:31:05Z round 7: ${expected}\n`);
  });

  it('stays one line, and shows what would move the cursor', () => {
    const evil = 'a\nround 8: \u001b[2Jgone';
    const line = text({
      strategies: [
        strategy({ address: `RoutingStrategy/${evil}`, targets: [{ ...target, queue: evil }] }),
        strategy({ state: 'held', reason: evil }),
      ],
    });
    expect(line.split('\n')).toHaveLength(2);
    expect(line).not.toContain('\u001b');
    expect(text({ state: 'skipped', reason: evil }).split('\n')).toHaveLength(2);
  });
});

it('a round for programs is one line of JSON with the version of its form', () => {
  const line = roundJson(report({ reason: 'two\nlines' }));
  expect(line.split('\n')).toHaveLength(2);
  expect(JSON.parse(line)).toEqual({ format: 1, ...report({ reason: 'two\nlines' }) });
});

describe('rounds as a page', () => {
  const rounds = [
    report(),
    report({
      round: 8,
      strategies: [strategy({ state: 'held', reason: 'cooling down, 3 s left', targets: [] })],
    }),
    report({ round: 9, state: 'failed', reason: 'no answer', strategies: [] }),
  ];

  it('read as approved', () => {
    expectGolden('rounds.md', roundsMarkdown(rounds));
    expectGolden('rounds.html', roundsHtml(rounds));
  });

  it('show names as they are', () => {
    const evil = '<b>| `x` @all';
    const hostile = [report({ strategies: [strategy({ targets: [{ ...target, queue: evil }] })] })];
    expect(roundsHtml(hostile)).not.toContain('<b>');
    const row = roundsMarkdown(hostile)
      .split('\n')
      .find((line) => line.includes('x'));
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(8);
    expect(row).not.toMatch(/@all/);
  });
});
