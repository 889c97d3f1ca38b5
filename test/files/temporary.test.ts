import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../src/files/temporary.js';
import { strategosHere } from '../support/here.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('is a new folder where the system has those', async () => {
  const made = await temporaryFolder('strategos-test-');
  expect([path.dirname(made), statSync(made).isDirectory()]).toEqual([tmpdir(), true]);
  rmSync(made, { recursive: true });
});

it.each(['/nowhere/at/all', '/dev/null'])('is no bug where %s has no room for one', async (dir) => {
  vi.stubEnv('TMPDIR', dir);
  const { code, stderr } = await strategosHere(['demo'], { cwd: '.', env: {} });
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining(`${dir}: no temporary folder can be made there (E`),
  ]);
});
