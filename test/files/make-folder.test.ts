import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/files/make-folder.js';
import { GONE } from '../support/gone.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'folders-'));
});
afterEach(() => rmSync(dir, GONE));

describe('makeFolder', () => {
  it('makes what is missing, and says from where on', () => {
    expect(makeFolder(join(dir, 'a', 'b', 'c'), 0o700)).toBe(join(dir, 'a'));
    expect(statSync(join(dir, 'a', 'b', 'c')).mode & 0o777).toBe(0o700);
    expect(makeFolder(join(dir, 'a', 'b', 'd'))).toBe(join(dir, 'a', 'b', 'd'));
    expect(makeFolder(join(dir, 'a', 'b'))).toBeNull();
    expect(makeFolder('/')).toBeNull();
  });

  it('throws where a file is in the way', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => makeFolder(join(dir, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder(join(dir, 'file', 'below', 'it'))).toThrow('ENOTDIR');
  });

  // Node's own goes on for ever there.
  it.runIf(existsSync('/proc/1'))('ends where the system knows of no new folder', () => {
    expect(() => makeFolder('/proc/1/runs/below')).toThrow('ENOENT');
  });
});
