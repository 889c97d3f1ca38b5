/** The record of init: it is read from git, where anybody who may push can write. */
import { describe, expect, it } from 'vitest';
import { recordIn, recordText } from '../../src/starter/record.js';

const settings = {
  environment: 'prod',
  host: null,
  packageSpec: '0.1.0',
  branch: 'main',
  below: '',
  codeowners: true,
  workflowPrefix: 'strategos-',
  patience: false,
};

const read = (over: Partial<typeof settings>, file: string) =>
  recordIn(
    recordText({ settings: { ...settings, ...over }, files: new Map([[file, 'a'.repeat(40)]]) }),
  );

describe('a record', () => {
  it.each([
    ['', 'README.md'],
    ['', '.github/workflows/strategos-plan.yml'],
    ['', 'a..b/..c'],
    ['teams/north', '../../.github/workflows/strategos-north-plan.yml'],
    ['teams/north', 'schemas/queue.schema.json'],
  ])('of a folder below "%s" may name %s', (below, file) => {
    expect(read({ below }, file)?.files.has(file)).toBe(true);
    expect(read({ below }, file)?.settings.below).toBe(below);
  });

  it.each([
    ['', '../README.md'],
    ['', 'x/../../README.md'],
    ['', '/etc/passwd'],
    ['', 'a//b'],
    ['', './a'],
    ['', '..'],
    ['', 'a\\..\\..\\b'],
    ['north', '../../README.md'],
    ['north', '../x/../../README.md'],
    ['../..', 'README.md'],
    ['a/../../b', 'README.md'],
    ['/', 'README.md'],
  ])('of a folder below "%s" that names %s is none', (below, file) => {
    expect(read({ below }, file)).toBeNull();
  });

  it('with a prefix of workflows that is a path is none', () => {
    expect(read({ workflowPrefix: '../../' }, 'README.md')).toBeNull();
  });
});
