/** Manifests made to exhaust their reader: refused, with work as their size says. */
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/manifest/parse.js';
import { DEEP, issueText, source } from '../manifest/issue-text.js';
import { expectGrowth } from '../support/growth.js';

const parse = (text: string) => parseSource(source(text));
const issues = (text: string) => parse(text).issues.map(issueText);

const LARGE =
  'too-many-values the file has more than 10000 documents or 500000 words and signs ' +
  '(split it into several files)';

describe('files made to exhaust', () => {
  const MIB = 1024 * 1024;
  const fill =
    (text: string, before = '', after = '') =>
    (size: number) =>
      before + text.repeat(Math.floor((size - before.length - after.length) / text.length)) + after;
  const bomb = (levels: number) =>
    ['a0: &a0 [1,1,1,1,1,1,1,1,1]']
      .concat(
        Array.from(
          { length: levels },
          (_, i) => `a${i + 1}: &a${i + 1} [${Array<string>(9).fill(`*a${i}`).join(',')}]`,
        ),
      )
      .join('\n');

  it.each<[string, (size: number) => string, string]>([
    [
      'alias bomb',
      (size) => bomb(Math.ceil((90 * size) / MIB)),
      'too-many-values more than 200000 values, those that aliases repeat included (write fewer aliases)',
    ],
    [
      'alias bombs',
      fill(`---\n${bomb(4)}\n`),
      'too-many-values more than 200000 values, those that aliases repeat included (write fewer aliases)',
    ],
    [
      'wide mapping',
      (size) => Array.from({ length: size / 8.2 }, (_, i) => `k${i}:\n`).join(''),
      LARGE,
    ],
    ['one key for ever', fill('a: 1\n'), LARGE],
    ['empty items', fill('-\n'), LARGE],
    ['empty keys', fill('?\n'), LARGE],
    ['commas', fill(',', '[', ']'), LARGE],
    ['comments', fill('#\n', 'a:\n', '  b: 1\n'), LARGE],
    ['line ends', fill('\n'), LARGE],
    ['quotes', fill('"'), LARGE],
    ['documents', fill('---\n'), LARGE],
    ['aliases to nothing', fill('- *a\n'), LARGE],
    ['tags', fill('- !a b\n'), LARGE],
    [
      'bad escapes',
      fill('\\q', 'a: "', '"\n'),
      'yaml-syntax an unknown escape in double quotes (write \\\\ for a backslash)',
    ],
    [
      'brackets that close nothing',
      fill(']'),
      'yaml-syntax this fits nothing before it (quote a text with special characters)',
    ],
    [
      'directives',
      fill('%A b\n'),
      'yaml-syntax a line beginning with % that YAML does not know (remove it)',
    ],
    ['flow deep', fill('{a: ['), DEEP],
    [
      'an endless quote',
      fill('a\n', '"'),
      'yaml-syntax a quoted text has no end (close the quotes)',
    ],
    [
      'an endless key',
      fill('x', '', ': 1'),
      'yaml-syntax a key longer than 1024 characters (shorten it)',
    ],
  ])('%s', (_, made, expected) => {
    expectGrowth((size) => {
      const { issues: found } = parse(made(size));
      expect(found.length).toBeLessThanOrEqual(101);
      if (size === MIB) {
        expect(found.map(issueText).some((one) => one.endsWith(expected))).toBe(true);
      }
    }, MIB);
  });

  it('refuses a large file unread', () => {
    const { issues: found } = parseSource({ path: 'm.yaml', bytes: new Uint8Array(MIB + 1) });
    expect(found.map(issueText)).toEqual([
      'm.yaml:1:1 file-too-large the file has 1048577 bytes; the limit is 1048576 (split it into several files)',
    ]);
  });

  it('counts what nobody would read', () => {
    const text = Array.from({ length: 250 }, (_, i) => `k${i}: .nan`).join('\n');
    expect(issues(text).slice(99)).toEqual([
      'm.yaml:100:1 not-finite .nan: not a finite number (write a finite number)',
      'm.yaml:100:1 more-problems 150 further problems in this file are not shown',
    ]);
  });
});
