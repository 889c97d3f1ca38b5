/** Lines of a terminal: broken between words, paths and names whole, wide characters counted. */
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { sortIssues } from '../../src/core/issue.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { tableLines } from '../../src/render/columns.js';
import { fitted } from '../../src/render/fit.js';
import { plainStyle } from '../../src/render/style.js';
import { issueText } from '../../src/render/text.js';
import { cut } from '../../src/render/width.js';
import { environment, overlay, source, strategy } from '../manifest/issue-text.js';
import { expectFits } from '../support/fits.js';
import { worldWith } from '../support/here.js';

const widest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => Array.from(line).length));

describe('a text on a terminal', () => {
  it('is left alone where it fits', () => {
    expect(fitted('one\n  two three\n', 40)).toBe('one\n  two three\n');
  });

  it('is broken between words, and goes on below', () => {
    const text = fitted(
      'error: the queue of this target is not in the org, as far as it says\n',
      40,
    );
    expect(text).toBe('error: the queue of this target is not\n  in the org, as far as it says\n');
  });

  it('keeps a word whole, however long it is', () => {
    const word = 'strategies/very/deep/folder/with-a-long-name.yaml:120:15';
    const text = fitted(`    ${word}: error: it is wrong there`, 40);
    expect(text.split('\n').some((line) => line.includes(word))).toBe(true);
  });

  it('counts columns and not characters', () => {
    const text = fitted('キュー キュー キュー キュー キュー キュー キュー', 20);
    expect(widest(text)).toBeLessThanOrEqual(11);
  });

  it('keeps colours whole', () => {
    const red = (word: string): string => `\u001b[31m${word}\u001b[39m`;
    const text = fitted(`${red('one')} two three four five six seven eight nine`, 20);
    expect(
      text
        .replace(/\u001b\[\d+m/g, '')
        .split('\n')
        .every((line) => line.length <= 20),
    ).toBe(true);
  });
});

const DAMAGED = {
  'strategies/a.yaml': strategy(
    '  targts: []\n  selection: { skills: 3 }\n  fallback: { queue: Overflow, weight: -1 }\n',
    'refunds-of-the-northern-region',
  ),
  'strategies/deep/in/folders/of-a-team/b.yaml': strategy(
    '  targets:\n    - { queue: Tier 1, capacity: 0 }\n    - { queue: Tier 1, capacity: 5 }\n' +
      '  fallback: { queue: Tier 1 }\n  optimizer: { bounds: { min: 1, max: 0.5 } }\n',
    'billing',
  ),
  'strategies/c.yaml': strategy('  targets: [ { queue: サポート窓口, capacity: 1 }\n', 'c'),
  'strategies/d.yaml': 'apiVersion: strategos/v1\nkind: RoutingStrategie\nmetadata: {}\nspec: {}\n',
  'strategies/e.yaml': strategy('  targets: [{ queue: Tier 1, capacity: 1 }]\n', 'billing'),
  'strategies/prod.yaml': environment('  host: mypurecloud.i\n  guards: { maxDeletes: 200% }\n'),
  'strategies/o.yaml': overlay(
    '    - { op: replace, path: /spec/none, value: 1 }\n',
    'o',
    'absent',
  ),
};

it('errors of many kinds are read at 40, 80 and 120 columns', () => {
  const sources = Object.entries(DAMAGED).map(([path, text]) => source(text, path));
  const issues = sortIssues(validateAll(loadManifests(sources)));
  expect(new Set(issues.map(({ code }) => code)).size).toBeGreaterThan(9);
  expectFits('validate', (style) => issues.map((one) => issueText(one, style)).join('\n'));
});

describe('a table', () => {
  const head = ['Queue', 'Weight', 'Target'];
  const numbers = new Set(['Weight']);
  const rows = [
    ['サポート窓口', '1', '80 % within 20 s'],
    ['👩‍💻 Zoë’s team', '0.25', ''],
    ['Support', '10', 'none'],
  ];
  const lines = (columns?: number): string[] =>
    tableLines({ head, rows, numbers, indent: 2 }, { ...plainStyle, columns });

  it('has its cells below each other, however wide their characters are', () => {
    expect(lines()).toEqual([
      '  Queue          Weight  Target',
      '  サポート窓口        1  80 % within 20 s',
      '  👩‍💻 Zoë’s team    0.25',
      '  Support            10  none',
    ]);
  });

  it('breaks cells between words where a terminal is narrow', () => {
    expect(lines(32)).toEqual([
      '  Queue         Weight  Target',
      '  サポート窓口       1  80 %',
      '                        within',
      '                        20 s',
      '  👩‍💻 Zoë’s        0.25',
      '  team',
      '  Support           10  none',
    ]);
  });

  it('is a list where words would have to be broken', () => {
    expect(lines(20)).toEqual([
      '  サポート窓口',
      '    Weight: 1',
      '    Target: 80 % within 20 s',
      '  👩‍💻 Zoë’s team',
      '    Weight: 0.25',
      '  Support',
      '    Weight: 10',
      '    Target: none',
    ]);
  });

  it('of nothing is its heading, and without one nothing', () => {
    expect(tableLines({ head, rows: [] }, plainStyle)).toEqual(['Queue  Weight  Target']);
    expect(tableLines({ rows: [] }, plainStyle)).toEqual([]);
  });
});

describe('what does not fit', () => {
  it.each([
    ['Support', 7, 'Support'],
    ['Support', 6, 'Suppo…'],
    ['東京東京', 6, '東京…'],
    ['👩‍💻👩‍💻👩‍💻', 5, '👩‍💻👩‍💻…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['Support', 1, '…'],
    ['Support', 0, ''],
  ])('%s in %d columns', (text, columns, shown) => {
    expect(cut(text, columns)).toBe(shown);
  });
});

describe('the command line on a terminal', () => {
  it('breaks what is for reading, and nothing that is for programs', async () => {
    const shown = async (...args: string[]): Promise<string> => {
      const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
      const around = { cwd: tmpdir(), env: { HOME: tmpdir(), NO_COLOR: '1' } };
      await run(args, worldWith(around, { stdout: stream, stderr: stream }));
      return String(stream.read() ?? '');
    };
    const told = await shown('validate', '--dir', 'nothing-of-this-name');
    expect(told).toContain('nothing-of-this-name:1:1:');
    for (const line of told.split('\n')) {
      if (line.trim().includes(' ')) expect(line.length, line).toBeLessThanOrEqual(40);
    }
    const script = await shown('completion', 'bash');
    expect(script.split('\n').some((line) => line.length > 40)).toBe(true);
  });
});
