/** What every `ci` command shares: where it runs, and how what goes wrong reaches its reader. */
import path from 'node:path';
import { AppError, InvalidInput } from '../../../core/errors.js';
import { sortIssues, type Issue } from '../../../core/issue.js';
import { folderOnce } from '../../../core/owner.js';
import { kindName } from '../../../core/outcome.js';
import { noteOf, openRunner, type Runner } from '../../../github/runner.js';
import { cut, SUMMARY_BYTES } from '../../../render/budget.js';
import type { Writer } from '../../../render/marker.js';
import { failureMarkdown, reviewMarkdown, type Review } from '../../../render/review.js';
import type { CiOptions, CommonOptions } from '../../options.js';
import { kindOf } from '../../session.js';
import type { World } from '../../world.js';

export function runnerOf(world: World): Runner {
  return openRunner(world.env, world.out);
}

/** The workflow run that a comment or an issue is written by; `null` outside of one. */
export function writerOf({ env }: World): Writer | null {
  const id = env['GITHUB_RUN_ID'];
  return id ? { id, attempt: Number(env['GITHUB_RUN_ATTEMPT'] || 1) } : null;
}

/** The log of a job is text. */
export function inText(options: CiOptions): CommonOptions {
  return { ...options, format: 'text' };
}

/** Every issue at the line of its manifest. */
export function annotate(issues: readonly Issue[], runner: Runner, world: World): void {
  // GitHub shows the first ten of a step: errors must not lose their place to warnings.
  const errors = issues.filter(({ severity }) => severity === 'error');
  const others = issues.filter(({ severity }) => severity !== 'error');
  for (const issue of [...sortIssues(errors), ...sortIssues(others)]) {
    runner.annotate(noteOf(issue, (file) => fileInRepository(file, world)));
  }
}

/** The same path as GitHub knows it: from the top of the repository, with forward slashes. */
export function fileInRepository(file: string, world: World): string {
  const top = world.env['GITHUB_WORKSPACE'];
  if (!top) return file;
  const relative = path.relative(top, path.resolve(world.cwd, file));
  return relative.startsWith('..') ? file : relative.split(path.sep).join('/');
}

/** Which folder of manifests, as seen from the top of the repository: two may be at one org. */
export function folderOf({ dir }: Pick<CiOptions, 'dir'>, world: World): string {
  return folderOnce(fileInRepository(dir, world));
}

interface About {
  readonly environment: string;
  /** What an error means, for the heading of the summary: `no plan`. */
  readonly otherwise: string;
  /** The summary says already what the error was, issues of manifests apart. */
  readonly isTold?: () => boolean;
  readonly runner: Runner;
  readonly world: World;
}

/**
 * Runs `act`. An error that it ends with becomes annotations and a summary, and is thrown on: the
 * command line prints it and knows its exit code.
 */
export async function reporting<T>(
  { environment, otherwise, isTold = () => false, runner, world }: About,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const issues = error instanceof InvalidInput ? error.issues : [];
    annotate(issues, runner, world);
    const { message, hint } = error;
    const at = null;
    if (issues.length === 0) {
      const title = error.code;
      const text = hint === undefined ? message : `${message} → ${hint}`;
      runner.annotate({ level: 'error', title, message: text, at });
    }
    const failure = hint === undefined ? message : `${message} (${hint})`;
    const text =
      issues.length === 0
        ? `${failureMarkdown(environment, otherwise, failure)}\n`
        : reviewMarkdown({ ...reviewOf(world), plannings: [], issues }, SUMMARY_BYTES);
    if (issues.length > 0 || !isTold()) {
      await runner.summarise(cut(text, SUMMARY_BYTES)).catch(() => undefined);
    }
    throw error;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** A review of nothing yet: what all of them have in common. */
export function reviewOf({ workflow }: World): Omit<Review, 'plannings'> {
  return {
    issues: [],
    git: workflow?.event === 'pull_request' ? 'this pull request' : 'git changes',
    lead: '',
    commit: null,
    before: () => NOTHING,
    runUrl: workflow?.url ?? null,
    routesOf: (address, fields) => {
      const { traffic, waiting } = kindOf(kindName(address));
      return traffic?.routes(fields) ?? waiting?.overflow(fields) ?? [];
    },
    factsOf: (address, fields) => kindOf(kindName(address)).waiting?.facts(fields) ?? [],
  };
}
