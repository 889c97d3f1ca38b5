/** The workflow run on GitHub that a run of ours is part of, as far as its variables tell. */
import { InvalidInput } from './errors.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';

/** Variables of the environment; a variable that is not set is `undefined`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What came to the branch since a commit that was applied. `null`: that cannot be told. */
export type MergedSince = {
  /** The commit that the environment last applied as a whole. */
  readonly commit: string;
  /** The one that the run is about is not among them. Newest first. */
  readonly pullRequests: readonly number[];
  /** Commits that no pull request has brought. */
  readonly pushed: readonly string[];
} | null;

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
  /** As the workflow names it; empty where nobody has said. */
  readonly job: string;
  /** Who caused the event, and who started this attempt. */
  readonly actor: string;
  readonly triggeredBy: string;
  /** `null` where it is about none, or about one that nobody has looked up yet. */
  readonly pullRequest: number | null;
  /** Merged since an apply before this one; absent where nobody has looked. */
  readonly since?: MergedSince;
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
    server,
    repository,
    id,
    ref,
    actor,
    attempt: Number(env['GITHUB_RUN_ATTEMPT'] || 1),
    url: `${server}/${repository}/actions/runs/${id}`,
    event: env['GITHUB_EVENT_NAME'] ?? '',
    commit: env['GITHUB_SHA'] ?? '',
    job: env['GITHUB_JOB'] ?? '',
    triggeredBy: env['GITHUB_TRIGGERING_ACTOR'] || actor,
    pullRequest: number === undefined ? null : Number(number),
    approvedBy: null,
  };
}

/** What variables of GitHub have to be like, whoever has set them. */
const SHAPES: readonly (readonly [
  name: string,
  shape: string,
  isOne: (text: string) => boolean,
])[] = [
  ['GITHUB_API_URL', 'an http or https address without a user', isAddress],
  ['GITHUB_SERVER_URL', 'an http or https address without a user', isAddress],
  ['GITHUB_REPOSITORY', 'OWNER/NAME', (text) => /^[\w.-]+\/[\w.-]+$/.test(text)],
  ['GITHUB_RUN_ID', 'a number', (text) => /^\d{1,15}$/.test(text)],
  ['GITHUB_RUN_ATTEMPT', 'a number from 1', (text) => /^[1-9]\d{0,5}$/.test(text)],
  ['GITHUB_TOKEN', 'a token without blanks and line ends', (text) => /^[!-~]+$/.test(text)],
];

function isAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s@]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/**
 * Of each that is set and is something else: `GITHUB_API_URL is not …`. Their values are not in
 * it: an address may have a password, and a token is one.
 */
export function oddVariables(env: Variables): string[] {
  return SHAPES.flatMap(([name, shape, isOne]) => {
    const text = env[name];
    return !text || isOne(text) ? [] : [`${name} is not ${shape}`];
  });
}

/** Before anything is asked: what went wrong later would be told as an outage of GitHub. */
export function refuseOddVariables(env: Variables): void {
  const odd = oddVariables(env);
  if (odd.length === 0) return;
  throw new InvalidInput(odd.join('; '), [], {
    hint: 'the runner of GitHub sets these variables: unset them, or give them such a value',
  });
}

export function pullRequestUrl({ server, repository }: WorkflowRun, number: number): string {
  return `${server}/${repository}/pull/${number}`;
}

/** For the first record of a run: `detail.workflow` of docs/audit.md. */
export function workflowDetail(run: WorkflowRun): JsonObject {
  const { repository, url, attempt, job, event, ref, commit } = run;
  const { actor, triggeredBy, approvedBy } = run;
  return {
    repository,
    url,
    attempt,
    job,
    event,
    ref,
    commit,
    actor,
    triggeredBy,
    pullRequest: run.pullRequest === null ? null : pullRequestUrl(run, run.pullRequest),
    ...(run.since === undefined ? {} : { since: sinceDetail(run, run.since) }),
    approvedBy: approvedBy === null ? null : [...approvedBy],
  };
}

function sinceDetail(run: WorkflowRun, since: MergedSince): JsonObject | null {
  if (since === null) return null;
  const { commit, pullRequests, pushed } = since;
  const urls = pullRequests.map((number) => pullRequestUrl(run, number));
  return { commit, pullRequests: urls, pushed: [...pushed] };
}

/** `12 since=COMMIT 11 COMMIT`, for the job that applies; empty for nobody knows. */
export function mergedText(number: number | null, since: MergedSince | undefined): string {
  const [first, last] = [number === null ? 'none' : String(number), 'unknown'];
  if (since === undefined) return number === null ? '' : first;
  if (since === null) return `${first} ${last}`;
  return [first, `since=${since.commit}`, ...since.pullRequests, ...since.pushed].join(' ');
}

/** The name that git gives a commit, in full. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

/** Of a text that `mergedText` wrote; of anything else, nothing. */
export function mergedIn(text: string): Pick<WorkflowRun, 'pullRequest' | 'since'> {
  const [first = '', about, ...rest] = text.split(' ');
  const isNumber = (one: string): boolean => /^[1-9]\d{0,9}$/.test(one);
  const pullRequest = isNumber(first) ? Number(first) : null;
  if (about === undefined || (pullRequest === null && first !== 'none')) return { pullRequest };
  const [, commit = ''] = /^since=(.*)$/.exec(about) ?? [];
  if (!isCommit(commit)) return { pullRequest, since: null };
  const pushed = rest.filter(isCommit);
  const pullRequests = rest.filter(isNumber).map(Number);
  return { pullRequest, since: { commit, pullRequests, pushed } };
}

/** That detail for people; what is not known is left out. */
export function workflowTexts(detail: JsonObject): string[] {
  const { url, attempt, pullRequest, approvedBy } = detail;
  const again = typeof attempt === 'number' && attempt > 1 ? ` (attempt ${attempt})` : '';
  const approvers = Array.isArray(approvedBy) ? approvedBy.map(textOf).join(' and ') : '';
  return [
    url === undefined ? '' : `workflow run ${textOf(url)}${again}`,
    pullRequest == null ? '' : `pull request ${textOf(pullRequest)}`,
    ...sinceTexts(detail['since']),
    approvers === '' ? '' : `approved by ${approvers}`,
  ].filter((text) => text !== '');
}

function sinceTexts(since: Json | undefined): string[] {
  // Logs of versions that did not look say nothing of it.
  if (since === undefined) return [];
  if (!isObject(since)) return ['what else was merged since the last apply is not known'];
  const { commit, pullRequests, pushed } = since;
  const others = (Array.isArray(pullRequests) ? pullRequests : []).map(textOf);
  const direct = (Array.isArray(pushed) ? pushed : []).map((one) => textOf(one).slice(0, 12));
  const brought = [
    ...others.map((one) => `pull request ${one}`),
    ...direct.map((one) => `commit ${one} of no pull request`),
  ];
  if (brought.length === 0) return [];
  return [`with all since ${textOf(commit).slice(0, 12)}: ${brought.join(' and ')}`];
}

/** Whether the first record of a run, by its detail, is of this job in this attempt. */
export function isOfJob(detail: JsonObject | null, run: WorkflowRun): boolean {
  const workflow = detail?.['workflow'];
  if (!isObject(workflow)) return false;
  const { url, attempt, job } = workflow;
  return url === run.url && attempt === run.attempt && job === run.job;
}

/** One attempt of a workflow run, which a later one elsewhere can ask GitHub about. */
export type WorkflowAttempt = Pick<WorkflowRun, 'server' | 'repository' | 'id' | 'attempt' | 'job'>;

/** What GitHub says of an attempt. `unknown` is never taken for either of the others. */
export type AttemptState =
  { readonly is: 'ended' | 'running' } | { readonly is: 'unknown'; readonly why: string };

/** `null` outside GitHub Actions. */
export function attemptOf(env: Variables): WorkflowAttempt | null {
  const run = workflowRunOf(env);
  if (run === null || !/^\d+$/.test(run.id) || !(run.attempt >= 1)) return null;
  const { server, repository, id, attempt } = run;
  return { server, repository, id, attempt, job: env['GITHUB_JOB'] ?? '' };
}

/** `https://github.com/acme/routing/actions/runs/7/attempts/2, job apply` */
export function attemptText({ server, repository, id, attempt, job }: WorkflowAttempt): string {
  return `${server}/${repository}/actions/runs/${id}/attempts/${attempt}, job ${job}`;
}

const ATTEMPT = new RegExp(
  String.raw`^(https?://[^\s/,]+)/([\w.-]+/[\w.-]+)` +
    String.raw`/actions/runs/(\d{1,15})/attempts/(\d{1,6}), job (.*)$`,
);

/** Of a text that `attemptText` wrote; `null` for every other. */
export function attemptIn(text: string): WorkflowAttempt | null {
  const [, server = '', repository = '', id = '', attempt = '', job = ''] =
    ATTEMPT.exec(text) ?? [];
  return server === '' ? null : { server, repository, id, attempt: Number(attempt), job };
}
