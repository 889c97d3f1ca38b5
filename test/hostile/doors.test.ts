/**
 * Whatever is in a file: its reader ends with a value or a refusal, with work as its size says, in bounds, and leaves
 * the prototypes of this process alone. Measured in a process of its own, from the source.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const DOOR = fileURLToPath(new URL('door.mjs', import.meta.url));
const MOST_MEMORY_MB = 512;
/** Garbage that nobody has collected is not held against a reader. */
const HEAP = '--max-old-space-size=320';
const PATIENCE_MS = 240_000;

interface Passed {
  readonly results: readonly { name: string; ending: string }[];
  /** What took more than its size, or an honest file, allows. */
  readonly slow: readonly string[];
  readonly memoryMb: number;
  readonly polluted: boolean;
}

async function pass(door: string): Promise<Passed> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [HEAP, '--import', 'tsx', DOOR, door],
    {
      maxBuffer: 2 ** 26,
      timeout: PATIENCE_MS,
    },
  );
  return JSON.parse(stdout) as Passed;
}

describe.each(['manifests', 'plan', 'audit', 'org', 'faults'])('the reader of %s', (door) => {
  it(
    'takes the whole corpus',
    async () => {
      const { results, slow, memoryMb, polluted } = await pass(door);
      expect(results.length).toBeGreaterThan(90);
      const crashed = results.filter(({ ending }) => !/^(read|refused)$/.test(ending));
      expect(crashed).toEqual([]);
      expect(slow).toEqual([]);
      expect(memoryMb).toBeLessThan(MOST_MEMORY_MB);
      expect(polluted).toBe(false);
      if (door === 'plan') expect(results.filter(({ ending }) => ending === 'read')).toEqual([]);
    },
    PATIENCE_MS,
  );
});
