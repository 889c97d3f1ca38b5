/** Lines of a terminal: broken between words, paths and names whole, wide characters counted. */
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { fitted } from '../../src/render/fit.js';
import { golden } from './fit-captures.js';
import { expectGolden } from '../support/golden.js';
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

describe.each([40, 80, 120])('%i columns', (columns) => {
  it.each(golden)('show a %s whole', (name, text) => {
    const shown = fitted(text, columns);
    expect(shown.replace(/\s+/g, ' ').trim()).toBe(text.replace(/\s+/g, ' ').trim());
    const over = shown.split('\n').filter((line) => Array.from(line).length > columns);
    expect(over.filter((line) => line.trim().includes(' '))).toEqual([]);
    expectGolden(`fit-${name}-${columns}.txt`, shown);
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
