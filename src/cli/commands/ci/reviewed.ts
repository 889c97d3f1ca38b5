/** What the merged pull request had shown to its reviewers. It is told, never carried out. */
import { AppError } from '../../../core/errors.js';
import { isDigest } from '../../../core/is-digest.js';
import { isObject, textOf, type JsonObject } from '../../../core/json.js';
import type { Digest, Plan } from '../../../core/types.js';
import { sha256 } from '../../../files/digest.js';
import { planFrom } from '../../../files/plan-file.js';
import { PLAN_FILE } from '../../../files/runs.js';
import { openGitHub, type GitHub } from '../../../github/api.js';
import { fileInArtifact } from '../../../github/artifact.js';
import { ourComments } from '../../../github/comment.js';
import { mergedPullRequest, type MergedPullRequest } from '../../../github/merged.js';
import { visible } from '../../../core/visible.js';
import { BROKEN_REVIEW, handshakeMarkdown, UNKNOWN_REVIEW } from '../../../render/handshake.js';
import { isMarked, markedFor, markerIn, markerLine, writtenBy } from '../../../render/marker.js';
import type { Planning } from '../../../render/review.js';
import { stopOf } from '../../stop.js';
import type { World } from '../../world.js';
import { writerOf } from './report.js';

/** The first line of the comment: what an apply will want to know of it. */
export function planMarker(
  plannings: readonly Planning[],
  { head, folder }: { readonly head: string; readonly folder: string },
  world: World,
): string {
  const environments = Object.fromEntries(
    plannings.flatMap(({ environment, plan, run }) =>
      plan === null ? [] : [[environment, { digest: plan.digest, run }] as const],
    ),
  );
  return markerLine('plan', { head, folder, ...writtenBy(writerOf(world)), environments });
}

/** The pull request behind the commit; `null` where there is none, `undefined`: nobody can say. */
export async function pullRequestOf(
  commit: string | null,
  world: World,
): Promise<MergedPullRequest | null | undefined> {
  if (world.workflow === null) return null;
  if (commit === null) {
    // Not the same as a commit without a pull request.
    const text = 'git did not say which commit is checked out: who reviewed it cannot be looked up';
    world.err(`${world.errStyle.warn('warning')}: ${visible(text)}\n`);
    return undefined;
  }
  return told(world, async () => mergedPullRequest(gitHubOf(world), commit));
}

/** One sentence, and the difference where there is one, on top of a plan of what is on main. */
export async function reviewedMarkdown(
  merged: MergedPullRequest | null | undefined,
  now: Plan,
  { author, folder }: { readonly author: string; readonly folder: string },
  world: World,
): Promise<string> {
  if (world.workflow === null) return '';
  if (merged === undefined) return UNKNOWN_REVIEW;
  if (merged === null) return handshakeMarkdown(null, now);
  const github = gitHubOf(world);
  const comments = await told(world, async () =>
    ourComments(github, merged.number, author, (body) => isMarked('plan', body)),
  );
  if (comments === undefined) return UNKNOWN_REVIEW;
  const [comment] = markedFor('plan', folder, comments);
  const marker = comment === undefined ? {} : markerIn('plan', comment.body);
  const entry = marker === null ? 'unreadable' : entryOf(marker, now.environment.name);
  if (marker === null || entry === 'unreadable') return BROKEN_REVIEW;
  const { digest, run } = entry;
  const isCurrent = textOf(marker['head']) === merged.head;
  const differs = digest !== null && digest !== now.digest && run !== null;
  const runId = textOf(marker['workflowRun']);
  const plan = differs ? await planOf(github, { runId, name: run, digest }, world) : null;
  return handshakeMarkdown({ pullRequest: merged.number, digest, plan, isCurrent }, now);
}

export function gitHubOf(world: World): GitHub {
  const stop = stopOf(world);
  const onWait = (text: string): void => world.err(`${text}\n`);
  const patience = { clock: stop.clock(), onWait };
  return openGitHub(world.env, `strategos/${world.version}`, patience, stop);
}

function entryOf(
  marker: JsonObject,
  environment: string,
): { readonly digest: Digest | null; readonly run: string | null } | 'unreadable' {
  const all = marker['environments'];
  const entry = isObject(all) && Object.hasOwn(all, environment) ? all[environment] : null;
  if (entry === undefined || entry === null) return { digest: null, run: null };
  const digest = isObject(entry) ? textOf(entry['digest']) : '';
  if (!isObject(entry) || !isDigest(digest)) return 'unreadable';
  const run = textOf(entry['run']);
  return { digest, run: /^[\w.-]+$/.test(run) ? run : null };
}

/** From the artifact, as long as it is the plan that the comment tells of. */
async function planOf(
  github: GitHub,
  { runId, name, digest }: { runId: string; name: string; digest: Digest },
  world: World,
): Promise<Plan | null> {
  if (!/^\d+$/.test(runId)) return null;
  const found = await told(world, async () => {
    const text = await fileInArtifact(github, { runId, name, file: PLAN_FILE });
    if (text === null) return null;
    const plan = await planFrom(text, `artifact ${name}`, sha256);
    return plan.digest === digest ? plan : null;
  });
  return found ?? null;
}

/** What cannot be looked up is said; it keeps nobody from planning. */
export async function told<T>(world: World, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const hint = error.hint === undefined ? '' : ` → ${error.hint}`;
    world.err(`${world.errStyle.warn('warning')}: ${visible(`${error.message}${hint}`)}\n`);
    return undefined;
  }
}
