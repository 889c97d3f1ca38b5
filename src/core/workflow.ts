/** The workflow run on GitHub that a run of ours is part of, as far as its variables tell. */
import type { JsonObject } from './json.js';

/** Variables of the environment; a variable that is not set is `undefined`. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface WorkflowRun {
  /** `https://github.com`, or the address of an Enterprise host. */
  readonly server: string;
  /** `acme/routing` */
  readonly repository: string;
  readonly id: string;
  /** From 1; above it somebody has run it again. */
  readonly attempt: number;
  readonly url: string;
  /** `pull_request`, `push`, `schedule`, … */
  readonly event: string;
  readonly ref: string;
  /** Of the event. What is checked out can be newer. */
  readonly commit: string;
  /** Who caused the event, and who started this attempt. */
  readonly actor: string;
  readonly triggeredBy: string;
  /** `null` where it is about none, or about one that nobody has looked up yet. */
  readonly pullRequest: number | null;
  /** Who approved the job in its environment; empty where nobody had to. `null`: not known. */
  readonly approvedBy: readonly string[] | null;
}

/** `null` outside GitHub Actions. The number of a pull request is part of its ref. */
export function workflowRunOf(env: Variables): WorkflowRun | null {
  const repository = env['GITHUB_REPOSITORY'];
  const id = env['GITHUB_RUN_ID'];
  if (env['GITHUB_ACTIONS'] !== 'true' || !repository || !id) return null;
  const server = (env['GITHUB_SERVER_URL'] || 'https://github.com').replace(/\/+$/, '');
  const ref = env['GITHUB_REF'] ?? '';
  const actor = env['GITHUB_ACTOR'] ?? '';
  const [, number] = /^refs\/pull\/([1-9]\d*)\//.exec(ref) ?? [];
  return {
    ...{ server, repository, id, ref, actor },
    attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? 1),
    url: `${server}/${repository}/actions/runs/${id}`,
    event: env['GITHUB_EVENT_NAME'] ?? '',
    commit: env['GITHUB_SHA'] ?? '',
    triggeredBy: env['GITHUB_TRIGGERING_ACTOR'] || actor,
    pullRequest: number === undefined ? null : Number(number),
    approvedBy: null,
  };
}

export function pullRequestUrl({ server, repository }: WorkflowRun, number: number): string {
  return `${server}/${repository}/pull/${number}`;
}

/** For the first record of a run: `detail.workflow` of docs/audit.md. */
export function workflowDetail(run: WorkflowRun): JsonObject {
  const { repository, url, attempt, event, ref, commit, actor, triggeredBy, approvedBy } = run;
  return {
    ...{ repository, url, attempt, event, ref, commit, actor, triggeredBy },
    pullRequest: run.pullRequest === null ? null : pullRequestUrl(run, run.pullRequest),
    approvedBy: approvedBy === null ? null : [...approvedBy],
  };
}
