/** `strategos ci apply`: exactly the plan that was approved, or nothing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, type ExitCode } from '../../../core/errors.js';
import type { Plan } from '../../../core/types.js';
import { mergedIn, type WorkflowRun } from '../../../core/workflow.js';
import { visible } from '../../../core/visible.js';
import { sha256 } from '../../../files/digest.js';
import { readPlanFile } from '../../../files/plan-file.js';
import { PLAN_FILE, runIds, SUMMARY_FILE } from '../../../files/runs.js';
import { approversOf } from '../../../github/merged.js';
import { cut, SUMMARY_BYTES } from '../../../render/budget.js';
import { stoppedMarkdown } from '../../../render/handshake.js';
import type { CiApplyOptions, CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { apply } from '../apply.js';
import { aboutPullRequest } from './plan.js';
import { inText, reporting, runnerOf } from './report.js';
import { gitHubOf } from './reviewed.js';

export async function ciApply(
  options: CiOptions & CiApplyOptions,
  world: World,
): Promise<ExitCode> {
  const runner = runnerOf(world);
  const { expectDigest } = options;
  const runs = path.resolve(world.cwd, options.runs);
  const before = new Set(await runIds(runs));
  const approvedBy = await approvers(options.env, world);
  const { pullRequest, ...merged } = mergedIn(options.pullRequest ?? '');
  const known = aboutPullRequest(withKnown(world, { approvedBy, ...merged }), pullRequest);
  let isTold = false;
  const about = {
    environment: options.env ?? options.dir,
    otherwise: 'not applied',
    runner,
    world,
    isTold: () => isTold,
  };
  return reporting(about, async () => {
    try {
      return await apply(undefined, { ...inText(options), ...options, yes: true }, known);
    } finally {
      const id = (await runIds(runs)).filter((one) => !before.has(one)).at(-1);
      if (id !== undefined) {
        const dir = path.join(runs, id);
        const summary = await readFile(path.join(dir, SUMMARY_FILE), 'utf8').catch(() => '');
        const stopped = await whatMoved(dir, expectDigest, options, world);
        isTold = stopped !== '';
        const parts = [stopped, summary].filter((part) => part !== '');
        await runner.summarise(cut(parts.join('\n\n'), SUMMARY_BYTES)).catch(() => undefined);
      }
    }
  });
}

/** Empty where the plan of the run is the approved one, or where there was none. */
async function whatMoved(
  dir: string,
  digest: string,
  { planned }: CiApplyOptions,
  world: World,
): Promise<string> {
  const now = await planIn(dir);
  // A plan with nothing left to do was carried out before; that is no refusal.
  if (now === null || now.digest === digest) return '';
  const approved = planned === undefined ? null : await approvedPlan(planned, digest, world);
  const text = stoppedMarkdown(approved, digest, now);
  world.err(`${text}\n`);
  return text;
}

/** The plan of the job that planned, found by its digest. */
async function approvedPlan(folder: string, digest: string, world: World): Promise<Plan | null> {
  const below = path.resolve(world.cwd, folder);
  for (const id of await runIds(below)) {
    const plan = await planIn(path.join(below, id));
    if (plan?.digest === digest) return plan;
  }
  return null;
}

async function planIn(dir: string): Promise<Plan | null> {
  return readPlanFile(path.join(dir, PLAN_FILE), sha256).catch((error: unknown) => {
    if (error instanceof AppError) return null;
    throw error;
  });
}

/** For the record. That nobody can say is no reason to stop: GitHub has let the job begin. */
async function approvers(
  environment: string | undefined,
  world: World,
): Promise<readonly string[] | null> {
  const { workflow } = world;
  if (workflow === null || environment === undefined) return null;
  try {
    return await approversOf(gitHubOf(world), workflow.id, environment);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const text = `who approved the run is not known: ${error.message}`;
    world.err(`${world.errStyle.warn('warning')}: ${visible(text)}\n`);
    return null;
  }
}

function withKnown(world: World, known: Pick<WorkflowRun, 'approvedBy' | 'since'>): World {
  return world.workflow === null ? world : { ...world, workflow: { ...world.workflow, ...known } };
}
