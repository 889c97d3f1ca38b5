import { describe, expect, it } from 'vitest';
import {
  apartFrom,
  commitSuffix,
  uncommittedDetail,
  uncommittedOf,
  uncommittedText,
  type Uncommitted,
} from '../../src/core/uncommitted.js';

const COMMIT = '0123456789ab'.padEnd(40, '0');

/** `file blob` each. */
function apart(held: readonly string[], read: readonly string[]): string[] {
  const pairs = (texts: readonly string[]): [string, string][] =>
    texts.map((text) => text.split(' ') as [string, string]);
  const files = pairs(read).map(([at, blob]) => [at, { shown: `cc/${at}`, blob }] as const);
  const found = apartFrom(new Map(pairs(held)), new Map(files), (at) => `cc/${at}`);
  return [...found.values()].map(({ file, how }) => `${file} ${how}`);
}

describe('what was read and the commit does not have', () => {
  it.each([
    ['nothing, where all is the same', ['a.yaml 1', 'b/c.yml 2'], ['a.yaml 1', 'b/c.yml 2'], []],
    ['what was edited', ['a.yaml 1'], ['a.yaml 2'], ['cc/a.yaml changed']],
    ['what git does not have', ['a.yaml 1'], ['a.yaml 1', 'b.yaml 1'], ['cc/b.yaml untracked']],
    ['what is gone', ['a.yaml 1', 'b.yaml 2'], ['a.yaml 1'], ['cc/b.yaml removed']],
    ['a file that moved', ['a.yaml 1'], ['b.yaml 1'], ['cc/b.yaml untracked', 'cc/a.yaml removed']],
    ['everything, in no commit', [], ['a.yaml 1'], ['cc/a.yaml untracked']],
    ['no file that is no manifest', ['README.md 1', 'a.yaml 1'], ['a.yaml 1'], []],
    ['nothing below folders that are passed over', ['.x/a.yaml 1', 'node_modules/b.yml 2'], [], []],
    ['a file of another ending that was read', ['a.txt 1'], ['a.txt 2'], ['cc/a.txt changed']],
  ])('%s', (_what, held, read, expected) => {
    expect(apart(held, read)).toEqual(expected);
  });

  const changed = (names: string): Uncommitted | null =>
    uncommittedOf(
      [...names].map((name) => ({ file: `${name}.yaml`, how: 'changed' as const })),
      [],
    );

  it.each([
    ['', null],
    [
      'a',
      'commit 0123456789ab + changes: a.yaml (changed); 1 file is not committed as it was read',
    ],
    [
      'edcba',
      'commit 0123456789ab + changes: a.yaml (changed), b.yaml (changed), c.yaml (changed) ' +
        'and 2 more; 5 files are not committed as they were read',
    ],
  ])('is said: "%s"', (names, text) => {
    const found = changed(names);
    expect(found === null ? null : uncommittedText(COMMIT, found)).toBe(text);
    expect(commitSuffix(found)).toBe(found === null ? '' : ' + changes');
  });

  it('is not taken for nothing where git cannot tell', () => {
    const found = uncommittedOf([], ['dubious ownership', 'dubious ownership']);
    expect(found).toEqual({ files: [], count: 0, unknown: 'dubious ownership' });
    expect(commitSuffix(found)).toBe(' (changes unknown)');
    expect(uncommittedDetail(found)).toEqual({ uncommitted: found });
    expect(found && uncommittedText(null, found)).toBe(
      'git cannot tell whether a commit has what was read: dubious ownership',
    );
  });

  it('lists a hundred and counts all', () => {
    const many = Array.from({ length: 250 }, (_one, index) => ({
      file: `${String(index).padStart(3, '0')}.yaml`,
      how: 'untracked' as const,
    }));
    const found = uncommittedOf(many.reverse(), []);
    expect(found?.count).toBe(250);
    expect(found?.files.map(({ file }) => file).slice(-1)).toEqual(['099.yaml']);
    expect(uncommittedDetail(null)).toEqual({});
  });
});
