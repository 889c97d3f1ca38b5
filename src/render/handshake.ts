/** Whether the plan that is about to be applied is the one that was reviewed, in words. */
import type { Digest, Plan } from '../core/types.js';
import type { MergedSince } from '../core/workflow.js';
import { differenceMarkdown } from './difference.js';
import { escapeMarkdown } from './markdown.js';

/** What a merged pull request showed to its reviewers for one environment. */
export interface Reviewed {
  readonly pullRequest: number;
  /** `null` where its comment has no plan of this environment. */
  readonly digest: Digest | null;
  /** `null` where the plan itself cannot be had any more. */
  readonly plan: Plan | null;
  /** The comment was made for the commit that was merged, not for an earlier one. */
  readonly isCurrent: boolean;
}

/** Where GitHub could not be asked: that is not the same as no review. */
export const UNKNOWN_REVIEW =
  '> ⚠️ Whether this plan was reviewed is not known: GitHub could not be asked, the log says why.';

/** Somebody, or a tool, has edited what the comment says of itself. */
export const BROKEN_REVIEW =
  '> ⚠️ Whether this plan was reviewed is not known: what the comment at its pull request says ' +
  'of itself cannot be read.';

/** `null` for `reviewed`: no pull request was merged with this commit. */
export function handshakeMarkdown(reviewed: Reviewed | null, now: Plan): string {
  if (reviewed === null) {
    return '> ⚠️ No merged pull request is behind this commit: nobody has reviewed this plan.';
  }
  const { pullRequest, digest, plan, isCurrent } = reviewed;
  const where = `pull request #${pullRequest}`;
  if (digest === null) {
    const name = escapeMarkdown(now.environment.name);
    return `> ⚠️ There was no plan of ${name} in ${where}: nobody has reviewed this one there.`;
  }
  const stale = isCurrent ? '' : ' The comment there is of an earlier commit than was merged.';
  if (digest === now.digest) {
    return `> ✅ This is the plan that was reviewed in ${where}: it has the same digest.${stale}`;
  }
  const head = `> ⚠️ **This is not the plan that was reviewed in ${where}.**${stale}`;
  const difference =
    plan === null
      ? `The reviewed plan, \`${digest}\`, is not there any more to compare with.`
      : differenceMarkdown(plan, now, { then: 'reviewed', now: 'now' });
  return `${head} What is different:\n\n${difference}`;
}

/** What is approved together with the newest pull request; empty where there is nothing to say. */
export function sinceMarkdown(since: MergedSince | undefined): string {
  if (since === undefined) return '';
  if (since === null) {
    return '> ⚠️ What else was merged since the last apply is not known: it may be in this plan.';
  }
  const { commit, pullRequests, pushed } = since;
  const others = [
    ...pullRequests.map((number) => `#${number}`),
    ...pushed.map((one) => `${one} (of no pull request)`),
  ];
  if (others.length === 0) return '';
  return `> ⚠️ Merged since the last apply (${commit}), too: ${others.join(', ')}.`;
}

/** For an apply that stopped because the plan is no longer the one that was approved. */
export function stoppedMarkdown(approved: Plan | null, digest: string, now: Plan): string {
  const head =
    '> ❌ **Stopped before anything was written: the plan is not the approved one any more.**\n' +
    '> Run the workflow again: it makes a new plan, to be looked at and approved.';
  const moved =
    approved === null
      ? `Approved was \`${escapeMarkdown(digest)}\`, now it would be \`${now.digest}\`.`
      : differenceMarkdown(approved, now, { then: 'approved', now: 'now' });
  return `${head}\n\nWhat moved since:\n\n${moved}`;
}
