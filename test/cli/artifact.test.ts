/** What a job uploads is its own run: not one that was there, whatever its name and number say. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { workflowDetail, workflowRunOf, type Variables } from '../../src/core/workflow.js';
import { sha256 } from '../../src/files/digest.js';
import { placeDetail, placeIn } from '../../src/files/folder-chain.js';
import { RunFolder, runId } from '../../src/files/runs.js';
import { START_MS, VirtualClock } from '../support/org.js';
import { strategosHere, type Ended } from '../support/here.js';
import { GONE } from '../support/gone.js';

const JOB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'acme/routing',
  GITHUB_RUN_ID: '7001',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'apply',
  GITHUB_SHA: 'c0ffee',
};
const clock = new VirtualClock();
/** The toolkit of GitHub takes them from its process, and keeps them. */
const kept = mkdtempSync(path.join(tmpdir(), 'strategos-artifact-'));
const FILES = {
  GITHUB_OUTPUT: path.join(kept, 'out'),
  GITHUB_STEP_SUMMARY: path.join(kept, 'summary'),
};
let dir: string;
let runs: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-artifact-'));
  runs = path.join(dir, '.strategos', 'runs');
});
afterEach(() => rm(dir, GONE));
beforeAll(() => {
  for (const [name, file] of Object.entries(FILES)) vi.stubEnv(name, file);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(kept, GONE);
});

/** A run of the job that the variables name, at its place in the folder. */
async function made(ms: number, env: Variables | null): Promise<string> {
  const id = runId('apply', START_MS + ms, 0.5);
  const place = await placeIn(runs, id);
  const context = { run: id, actor: 'ada', environment: 'test' };
  const run = await RunFolder.create(runs, context, clock, sha256);
  const of = env === null ? null : workflowRunOf(env);
  const workflow = of === null ? {} : { workflow: workflowDetail(of) };
  await run.append({ type: 'run-started', detail: { ...placeDetail(place), ...workflow } });
  await run.end({ state: 'applied', message: '' }, { exitCode: 0 });
  await run.close();
  return id;
}

async function artifact(
  env: Readonly<Record<string, string>> = JOB,
): Promise<{ ended: Ended; outputs: string }> {
  for (const file of Object.values(FILES)) await writeFile(file, '');
  const all = { PATH: process.env['PATH'] ?? '', HOME: dir, ...FILES, ...env };
  const ended = await strategosHere(['ci', 'artifact'], { cwd: dir, env: all });
  return { ended, outputs: await readFile(FILES.GITHUB_OUTPUT, 'utf8') };
}

describe('ci artifact', () => {
  it.each([
    ['of another workflow run', { ...JOB, GITHUB_RUN_ID: '7000' }],
    ['of another attempt', { ...JOB, GITHUB_RUN_ATTEMPT: '1' }],
    ['of another job', { ...JOB, GITHUB_JOB: 'plan' }],
    ['of another repository', { ...JOB, GITHUB_REPOSITORY: 'eve/routing' }],
    ['of no job', null],
  ])('takes none %s', async (_what, env) => {
    const own = await made(0, JOB);
    const other = await made(1000, env);
    const { ended, outputs } = await artifact();
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('left out')]);
    expect(outputs).toContain(own);
    expect(outputs).toContain(`!.strategos/runs/${other}`);
    expect(ended.stdout).toContain(`${own}: 2 records, last sha256:`);
    expect(await readFile(FILES.GITHUB_STEP_SUMMARY, 'utf8')).not.toContain(other);
    await rm(path.join(runs, own), { recursive: true });
    const alone = await artifact();
    expect(alone.ended.stdout).toContain('no run of this job');
    expect(alone.outputs).not.toContain(other);
  });

  it('takes the one that was made last, also where the clock was ahead before', async () => {
    await made(60_000, JOB);
    const last = await made(0, JOB);
    expect((await artifact()).ended.stdout).toMatch(new RegExp(`^${last}: `));
  });

  it('takes no folder without a first record for one of its own', async () => {
    const own = await made(0, JOB);
    await mkdir(path.join(runs, runId('apply', START_MS + 5000, 0.5)));
    expect((await artifact()).ended.stdout).toMatch(new RegExp(`^${own}: `));
  });

  it('refuses a folder that git tracks', async () => {
    await made(0, JOB);
    const git = (...args: readonly string[]): unknown => execFileSync('git', args, { cwd: dir });
    git('init', '--quiet');
    git('add', '--force', '.strategos');
    const { ended, outputs } = await artifact();
    expect([ended.code, outputs]).toEqual([3, '']);
    expect(ended.stderr).toContain('git tracks files of this folder of runs');
  });
});
