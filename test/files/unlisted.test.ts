/** A folder of runs that may be written and not listed: what it has nobody can tell. */
import type * as promises from 'node:fs/promises';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InvalidInput } from '../../src/core/errors.js';
import { sha256 } from '../../src/files/digest.js';
import { placeIn } from '../../src/files/folder-chain.js';
import { RunFolder, runId } from '../../src/files/runs.js';
import { GONE } from '../support/gone.js';
import { START_MS, VirtualClock } from '../support/org.js';

// Who runs the tests may list everything: the refusal is made here.
const refusal = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const readdir = async (...args: Parameters<typeof real.readdir>): Promise<unknown> => {
    if (refusal.code !== '') throw Object.assign(new Error('refused'), { code: refusal.code });
    return real.readdir(...args);
  };
  return { ...real, readdir };
});

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), 'strategos-unlisted-'));
});
afterEach(async () => {
  refusal.code = '';
  await rm(runs, GONE);
});

const idAt = (ms: number): string => runId('apply', START_MS + ms, 0.5);

it.each(['EACCES', 'EPERM', 'EIO', 'EMFILE'])('is none without runs (%s)', async (code) => {
  const context = { run: idAt(0), actor: 'ada', environment: 'test' };
  const run = await RunFolder.create(runs, context, new VirtualClock(), sha256);
  await run.append({ type: 'run-started' });
  await run.close();
  refusal.code = code;
  const error: unknown = await placeIn(runs, idAt(1)).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(InvalidInput);
  expect((error as InvalidInput).message).toBe(`${runs} cannot be listed (${code})`);
  expect((error as InvalidInput).hint).toContain('--runs');
  refusal.code = '';
  expect((await placeIn(runs, idAt(1))).previousRun?.run).toBe(idAt(0));
});

it('where there is no folder, no run is before this one', async () => {
  expect((await placeIn(path.join(runs, 'none'), idAt(0))).previousRun).toBeNull();
  await mkdir(path.join(runs, 'empty'));
  expect((await placeIn(path.join(runs, 'empty'), idAt(0))).previousRun).toBeNull();
});
