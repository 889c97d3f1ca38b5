/** Rows singly or in a file: whichever takes fewer requests. */
import { describe, expect, it } from 'vitest';
import { TABLE_LIMITS } from '../../src/core/table.js';
import {
  fileWrites,
  pagesOf,
  requestsToWrite,
  rowsInFile,
  witnessesOf,
} from '../../src/core/row-traffic.js';

const rows = (count: number): { key: string; agents: number }[] =>
  Array.from({ length: count }, (_, n) => ({ key: `Site ${n}`, agents: n }));

describe('rows to write', () => {
  it.each([
    [1, 1, false],
    [6, 6, false],
    [7, 6, true],
    [5000, 6, true],
  ])('%d take %d requests at most', (count, least, inFile) => {
    const { singly, inFile: filed } = requestsToWrite(rows(count));
    expect([Math.min(singly, filed), fileWrites(rows(count))]).toEqual([least, inFile]);
  });

  it('go in several files where a line of the log could not hold one', () => {
    const columns = TABLE_LIMITS.columns + 1;
    expect(rowsInFile(columns)).toBeLessThan(TABLE_LIMITS.rows);
    expect(rowsInFile(2)).toBeGreaterThan(TABLE_LIMITS.rows);
    const wide = Object.fromEntries(
      Array.from({ length: columns }, (_, n) => [n === 0 ? 'key' : `c${n}`, 'x']),
    );
    expect(requestsToWrite(Array.from({ length: 5000 }, () => wide)).inFile).toBe(12);
  });

  it('that have other columns than each other go by themselves', () => {
    expect(fileWrites([...rows(20), { key: 'x' }])).toBe(false);
    expect(fileWrites([...rows(20), { key: 'x', other: 1 }])).toBe(false);
  });

  it('have witnesses: the longest, and one for whatever else a file may lose', () => {
    const plain = { key: 'the longest of them', cell: 'plain' };
    expect(witnessesOf([{ key: 'a', cell: 'b' }, plain])).toEqual([plain]);
    const odd = ['', ' b', 'a\nb', '"', 'é'].map((cell, n) => ({ key: `k${n}`, cell }));
    expect(witnessesOf([plain, ...odd])).toEqual([plain, ...odd]);
    const all = { key: 'x', cell: ' "é\n', empty: '' };
    expect(witnessesOf([{ ...plain, empty: 'x' }, all, all])).toHaveLength(2);
    expect(witnessesOf([])).toEqual([]);
  });
});

it('rows are listed by the largest page', () => {
  expect([0, 1, 500, 501, 5000].map(pagesOf)).toEqual([1, 1, 1, 2, 10]);
});
