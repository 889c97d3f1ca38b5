import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/core/errors.js';
import { loadFaultsFile } from '../../src/simulator/faults-file.js';

function load(text: string) {
  return loadFaultsFile({ path: 'faults.yaml', bytes: new TextEncoder().encode(text) });
}

/** `line:column code message` of every problem. */
async function problems(text: string): Promise<string[]> {
  try {
    await load(text);
  } catch (problem) {
    if (!(problem instanceof InvalidInput)) throw problem;
    expect(problem.message).toMatch(/^faults.yaml: not a valid faults file: /);
    return problem.issues.map(
      ({ at, code, message }) => `${at?.line}:${at?.column} ${code} ${message}`,
    );
  }
  return [];
}

describe('faults files', () => {
  it('are YAML or JSON, and may say nothing', async () => {
    const rules = [{ fault: 'latency', fromMs: 1, toMs: 1 }];
    expect(await load(JSON.stringify({ rules }))).toEqual({ rules });
    expect(await load('# nothing\n')).toEqual({});
  });

  it('of the end-to-end tests fit', async () => {
    const text = await readFile(new URL('../e2e/faults.yaml', import.meta.url), 'utf8');
    expect(await problems(text)).toEqual([]);
  });

  it('that are wrong say where, all of it at once', async () => {
    const text = `rules:
  - { fault: latency, rate: 2, fromMs: 9, toMs: 3 }
  - { fault: drop-after, status: 500 }
  - { fault: dropafter }
  - { rate: 0.5, methd: PUT }
`;
    expect(await problems(text)).toEqual([
      '2:23 schema rules[0].rate: must be <= 1',
      '2:32 empty-range rules[0].fromMs: is 9, which is more than toMs, 3',
      '3:26 unused-setting rules[1].status: drop-after knows no status',
      expect.stringMatching(/^4:7 schema rules\[2\]\.fault: .*latency, too-many-requests/),
      expect.stringMatching(/^5:5 schema rules\[3\]: .*fault/),
      '5:18 unknown-key rules[3].methd: this key is not known',
    ]);
  });
});
