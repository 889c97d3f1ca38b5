/**
 * Whatever is in a file: its reader ends with a value or a refusal, with work as its size says, in
 * bounds, and leaves the prototypes alone. Measured in a process of its own, from the source.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const DOOR = fileURLToPath(new URL('door.mjs', import.meta.url));
const MOST_MEMORY_MB = 512;
/** Garbage that nobody has collected is not held against a reader. */
const HEAP = '--max-old-space-size=320';
const PATIENCE_MS = 600_000;

interface Passed {
  readonly results: readonly { name: string; ending: string }[];
  /** What took more than its size, or an honest file, allows. */
  readonly slow: readonly string[];
}

const DOORS = ['manifests', 'plan', 'audit', 'org', 'faults'] as const;

let passed: {
  readonly doors: Readonly<Record<(typeof DOORS)[number], Passed>>;
  readonly memoryMb: number;
  /** Texts after which a prototype was another. */
  readonly polluted: readonly string[];
};

beforeAll(async () => {
  const args = [HEAP, '--import', 'tsx', DOOR];
  const options = { maxBuffer: 2 ** 26, timeout: PATIENCE_MS };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  passed = JSON.parse(stdout) as typeof passed;
}, PATIENCE_MS);

describe.each(DOORS)('the reader of %s', (door) => {
  it('takes the whole corpus', () => {
    const { results, slow } = passed.doors[door];
    expect(results.length).toBeGreaterThan(90);
    const crashed = results.filter(({ ending }) => !/^(read|refused)$/.test(ending));
    expect(crashed).toEqual([]);
    expect(slow).toEqual([]);
    if (door === 'plan') expect(results.filter(({ ending }) => ending === 'read')).toEqual([]);
  });
});

describe('all of them', () => {
  it('hold little, and leave the prototypes alone', () => {
    expect(passed.memoryMb).toBeLessThan(MOST_MEMORY_MB);
    expect(passed.polluted).toEqual([]);
  });
});
