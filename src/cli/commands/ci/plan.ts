/** `strategos ci plan`: the plan of one environment, as the summary of its job. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../../core/errors.js';
import { guardText } from '../../../core/guard.js';
import { exitOf, failedGuards, refusedOr } from '../../../core/outcome.js';
import { mergedText } from '../../../core/workflow.js';
import type { Plan } from '../../../core/types.js';
import type { Reader } from '../../../engine/ports.js';
import { commitOf } from '../../../files/git.js';
import type { Runner } from '../../../github/runner.js';
import { pullRequestIn } from '../../../github/event.js';
import { SUMMARY_BYTES } from '../../../render/budget.js';
import { sinceMarkdown } from '../../../render/handshake.js';
import { reviewMarkdown } from '../../../render/review.js';
import { planText } from '../../../render/text.js';
import type { Authored, CiOptions } from '../../options.js';
import { predicting } from '../../predicting.js';
import { inSession, planIn, readingAlso, recordPlan, type SessionRequest } from '../../session.js';
import type { World } from '../../world.js';
import { askedBeforeBranch } from './before.js';
import { folderOf, inText, reporting, reviewOf, runnerOf } from './report.js';
import { pullRequestOf, reviewedMarkdown } from './reviewed.js';
import { sinceLastApply } from './since.js';

/** Outputs: `digest`, `changes` (0: nothing to approve) and `pull-request`. */
export async function ciPlan(options: CiOptions & Authored, world: World): Promise<ExitCode> {
  const runner = runnerOf(world);
  const event = await pullRequestIn(world.env);
  const isReview = event !== null;
  const head = isReview ? null : await commitHere(options.dir, world);
  const merged = isReview ? null : await pullRequestOf(head, world);
  const known = aboutPullRequest(world, merged?.number ?? null);
  const request: SessionRequest<Reader> = {
    command: 'plan',
    environment: options.env,
    plans: true,
    open: readingAlso,
  };
  const environment = options.env ?? options.dir;
  const about = { environment, otherwise: 'no plan', runner, world };
  return reporting(about, async () =>
    inSession(request, inText(options), known, async (session) => {
      const planned = await predicting(session, await planIn(session, { scope: null }, world), {});
      const { plan } = planned;
      await recordPlan(session, planned);
      const run = session.run.context.run;
      runner.output('digest', plan.digest);
      runner.output('changes', String(toApprove(plan)));
      const state = planned.observation.state;
      const isMerge = world.workflow !== null && !isReview && toApprove(plan) > 0;
      const asked = { state, owner: session.owner, environment: plan.environment.name };
      const since = isMerge ? await sinceLastApply({ ...asked, head, merged }, world) : undefined;
      runner.output('pull-request', mergedText(merged?.number ?? null, since));
      world.out(`${planText(plan, world.outStyle)}\n`);
      const of = { author: options.author, folder: folderOf(options, world) };
      const reviewed = isReview ? '' : await reviewedMarkdown(merged, plan, of, world);
      const lead = [reviewed, sinceMarkdown(since)].filter((part) => part !== '').join('\n\n');
      const plannings = [{ environment: plan.environment.name, plan, failure: '', run }];
      const before = await askedBeforeBranch(options.dir, plannings, world);
      const review = { ...reviewOf(world), before, plannings, lead, commit: event?.head ?? null };
      await runner.summarise(reviewMarkdown(review, SUMMARY_BYTES));
      // A check that is green says that an apply may follow.
      const exitCode = refusedOr(plan, exitOf(plan, EXIT.done));
      annotateRefusals(plan, runner);
      return { exitCode, state: 'planned', plan, outcomes: [] };
    }),
  );
}

/** As git has it, else as GitHub says that it checked it out. */
async function commitHere(dir: string, { cwd, env }: World): Promise<string | null> {
  return (await commitOf(path.resolve(cwd, dir))) ?? env['GITHUB_SHA'] ?? null;
}

function annotateRefusals({ guards }: Plan, runner: Runner): void {
  for (const failed of failedGuards(guards)) {
    const message = guardText(failed);
    runner.annotate({ level: 'error', title: failed.guard, message, at: null });
  }
}

/** The same world, in which everybody knows which pull request it is about. */
export function aboutPullRequest(world: World, number: number | null): World {
  if (world.workflow === null || number === null) return world;
  return { ...world, workflow: { ...world.workflow, pullRequest: number } };
}

/** What an apply would do or be refused for. */
function toApprove({ changes, records, guards }: Plan): number {
  return changes.length + records + failedGuards(guards).length;
}
