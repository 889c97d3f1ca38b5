/** `strategos ci validate`: the offline check of a pull request, forks included. */
import { EXIT, InvalidInput, type ExitCode } from '../../../core/errors.js';
import { hasErrors } from '../../../core/issue.js';
import { visible } from '../../../core/visible.js';
import { pullRequestIn, type PullRequestEvent } from '../../../github/event.js';
import { SUMMARY_BYTES, cut } from '../../../render/budget.js';
import { issuesMarkdown } from '../../../render/review.js';
import { issueText } from '../../../render/text.js';
import type { CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { validated } from '../validate.js';
import { annotate, runnerOf } from './report.js';

export async function ciValidate(options: CiOptions, world: World): Promise<ExitCode> {
  const runner = runnerOf(world);
  const { env: environment } = options;
  const { issues, total } = await validated(options.dir, world, { environment });
  annotate(issues, runner, world);
  const lines = [...issues.map((issue) => issueText(issue, world.outStyle)), total];
  world.out(`${lines.join('\n')}\n`);
  const why = whyNoPlan(await eventOf(world));
  if (why !== null) {
    runner.annotate({ level: 'notice', title: 'No live plan', message: why, at: null });
    world.out(`${why}\n`);
  }
  const verdict = issues.length === 0 ? `## ${total}` : issuesMarkdown(issues);
  const summary = [verdict, ...(why === null ? [] : [`**No live plan.** ${why}`])].join('\n\n');
  await runner.summarise(cut(`${summary}\n`, SUMMARY_BYTES));
  return hasErrors(issues) ? EXIT.invalid : EXIT.done;
}

/** `null` also where the payload cannot be read: manifests are valid or not without it. */
async function eventOf(world: World): Promise<PullRequestEvent | null> {
  try {
    return await pullRequestIn(world.env);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    world.err(`${world.errStyle.warn('warning')}: ${visible(error.message)}\n`);
    return null;
  }
}

/** Secrets are handed to no workflow that anybody outside can write; a plan needs them. */
function whyNoPlan(event: PullRequestEvent | null): string | null {
  const how =
    'The manifests are validated only. For a plan, somebody who may write to this repository ' +
    'pushes the branch to it.';
  if (event?.isFork === true) {
    return `This pull request comes from a fork, and GitHub gives no secrets to those. ${how}`;
  }
  if (event?.author === 'dependabot[bot]') {
    return `This pull request is made by Dependabot, and GitHub gives no secrets to it. ${how}`;
  }
  return null;
}
