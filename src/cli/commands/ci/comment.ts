/** `strategos ci comment`: the one comment at a pull request, from the runs that planned. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AuditRecord } from '../../../core/audit.js';
import { EXIT, InvalidInput, WrongUsage, type ExitCode } from '../../../core/errors.js';
import { byText, hasErrors } from '../../../core/issue.js';
import { isObject } from '../../../core/json.js';
import { plural } from '../../../core/plural.js';
import { someOf } from '../../../core/some.js';
import { visible } from '../../../core/visible.js';
import { sha256 } from '../../../files/digest.js';
import { readPlanFile } from '../../../files/plan-file.js';
import { idsInOrder } from '../../../files/folder-chain.js';
import { PLAN_FILE, readRun, type StoredRun } from '../../../files/runs.js';
import { ourComments, writeComment } from '../../../github/comment.js';
import { pullRequestIn, type PullRequestEvent } from '../../../github/event.js';
import { COMMENT_BYTES, utf8 } from '../../../render/budget.js';
import { escapeMarkdown } from '../../../render/markdown.js';
import { isMarked, laterWriter, markedFor, markerIn } from '../../../render/marker.js';
import { folderMarkdown, reviewMarkdown, type Planning } from '../../../render/review.js';
import type { CiCommentOptions, CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { validated } from '../validate.js';
import { askedBeforeBranch } from './before.js';
import { folderOf, reviewOf, writerOf } from './report.js';
import { gitHubOf, planMarker } from './reviewed.js';

/** Of a repository with one folder of manifests. */
const USUAL = 'strategies';

export async function ciComment(
  options: CiOptions & CiCommentOptions,
  world: World,
): Promise<ExitCode> {
  const event = await pullRequestIn(world.env);
  // On the machine of whoever tries it there is nobody to post to: it is shown.
  if (event === null && world.workflow !== null) {
    throw new WrongUsage('ci comment: the event is about no pull request', {
      hint: 'run it in a workflow on: pull_request',
    });
  }
  const { marker, text, folder, plannings } = await commentOf(options, event, world);
  if (event === null) {
    const { length } = plannings.filter(({ plan }) => plan !== null);
    const from = `${plural(length, 'plan')} in ${options.plans ?? options.runs}`;
    const said = `nothing is posted. The comment would be, of ${from}:`;
    world.err(`Not in a workflow of GitHub: ${visible(said)}\n`);
    world.out(`${text}\n`);
    return EXIT.done;
  }
  const github = gitHubOf(world);
  const all = await ourComments(github, event.number, options.author, (body) =>
    isMarked('plan', body),
  );
  const existing = markedFor('plan', folder, all);
  const later = laterWriter(markerIn('plan', existing[0]?.body ?? ''), writerOf(world));
  if (later !== null) {
    // Of an older commit, or of an older look at the org.
    world.out(
      `comment at pull request ${event.number}: left as it is: the later workflow run ${later} ` +
        'wrote it; push to the branch for a new plan\n',
    );
    return EXIT.done;
  }
  const done = await writeComment(github, event.number, existing, `${marker}\n${text}`);
  world.out(`comment at pull request ${event.number}: ${done}\n`);
  return EXIT.done;
}

interface Found extends Planning {
  readonly attempt: number | null;
}

interface Comment {
  readonly marker: string;
  readonly text: string;
  readonly folder: string;
  readonly plannings: readonly Planning[];
}

async function commentOf(
  options: CiOptions & CiCommentOptions,
  event: Pick<PullRequestEvent, 'head'> | null,
  world: World,
): Promise<Comment> {
  const { issues } = await validated(options.dir, world);
  const expected = namesIn(options.environments);
  const plans = path.resolve(world.cwd, options.plans ?? options.runs);
  if (!hasErrors(issues)) refuseNowhere(options, plans);
  // Of this machine there are runs of other commands as well.
  const among = { isPlansAlone: options.plans !== undefined };
  const plannings = hasErrors(issues) ? [] : await planningsIn(plans, expected, among);
  const folder = folderOf(options, world);
  const commit = event?.head ?? null;
  const marker = planMarker(plannings, { head: commit ?? '', folder }, world);
  const before = await askedBeforeBranch(options.dir, plannings, world);
  const review = {
    ...reviewOf(world),
    before,
    plannings,
    commit,
    // Where there is one folder, nobody asks which.
    lead: [
      folder === USUAL ? '' : `Manifests in ${folderMarkdown(folder)}.`,
      earlierText(plannings, world),
    ]
      .filter((text) => text !== '')
      .join('\n\n'),
    issues: hasErrors(issues) ? issues : [],
  };
  const text = reviewMarkdown(review, COMMENT_BYTES - utf8(marker) - 1);
  return { marker, text, folder, plannings };
}

/**
 * Of a folder that is not there nothing could be said but that nothing was planned. Where it is
 * said which environments should have a plan, each is named as missing: jobs may leave nothing.
 */
function refuseNowhere({ plans, environments }: CiCommentOptions, folder: string): void {
  if (plans === undefined || environments !== undefined || existsSync(folder)) return;
  throw new InvalidInput(`${plans}: there is no such folder of plans`, [], {
    hint: 'name the folder where the artifacts of the jobs that planned are, with --plans',
  });
}

/**
 * Of a job that is run again and leaves nothing, the artifact of its attempt before is still there,
 * as it is of one that did well and is not run again: nobody here can tell the two apart.
 */
function earlierText(plannings: readonly Found[], { workflow }: World): string {
  if (workflow === null) return '';
  const names = plannings.flatMap(({ environment, attempt }) =>
    attempt !== null && attempt < workflow.attempt ? [environment] : [],
  );
  if (names.length === 0) return '';
  const which = escapeMarkdown(visible(someOf(names, MOST_NAMES)));
  return `Planned in an earlier attempt of this workflow run, and not again since: ${which}.`;
}

/** In one sentence. */
const MOST_NAMES = 10;

/** Names that `ci matrix` had printed; none where it was not reached. */
function namesIn(text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  } catch {
    // Said below.
  }
  throw new WrongUsage('--environments is no JSON array of names', {
    hint: 'pass the output environments of ci matrix',
  });
}

/** What became of every environment, by name: its newest run, or that there was none. */
async function planningsIn(
  folder: string,
  expected: readonly string[],
  { isPlansAlone }: { readonly isPlansAlone: boolean },
): Promise<Found[]> {
  const byName = new Map<string, Found>();
  for (const id of await idsInOrder(folder)) {
    const stored = await storedRun(folder, id);
    const command = stored?.chain.records[0]?.detail?.['command'];
    if (!isPlansAlone && command !== 'plan') continue;
    const planning = await planningOf(stored, id);
    byName.set(planning.environment, planning);
  }
  for (const environment of expected) {
    if (byName.has(environment)) continue;
    const failure =
      'its job has left no run that can be read: the log of the workflow run says why';
    byName.set(environment, { environment, plan: null, failure, run: null, attempt: null });
  }
  return [...byName.values()].sort((a, b) => byText(a.environment, b.environment));
}

/** One broken artifact is no reason to hide the others, and none to be silent about it. */
async function planningOf(stored: StoredRun | null, id: string): Promise<Found> {
  if (stored === null) {
    const failure = 'its records cannot be read, and so which environment it was about';
    return { environment: `(run ${id})`, plan: null, failure, run: id, attempt: null };
  }
  const { dir, chain } = stored;
  const environment = chain.records[0]?.environment ?? id;
  const attempt = attemptIn(chain.records[0]);
  const last = chain.records.at(-1);
  const file = path.join(dir, PLAN_FILE);
  const about = { environment, run: id, attempt };
  if (!existsSync(file)) return { ...about, plan: null, failure: failureOf(last) };
  try {
    return { ...about, plan: await readPlanFile(file, sha256), failure: '' };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ...about, plan: null, failure: 'its plan cannot be read' };
  }
}

/** Of the workflow run that it was made in; `null` where it does not say. */
function attemptIn(first: AuditRecord | undefined): number | null {
  const workflow = first?.detail?.['workflow'];
  const attempt = isObject(workflow) ? workflow['attempt'] : null;
  return typeof attempt === 'number' ? attempt : null;
}

async function storedRun(folder: string, id: string): Promise<StoredRun | null> {
  try {
    return await readRun(folder, id, sha256);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return null;
  }
}

function failureOf(last: AuditRecord | undefined): string {
  const message = last?.type === 'run-ended' ? last.outcome?.message : undefined;
  return message ? message : 'its run was cut off: the log of the workflow run says more';
}
