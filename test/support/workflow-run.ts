/**
 * Workflows as a runner of GitHub carries them out, as far as ours need it: jobs in the order of
 * their needs, matrices, called workflows, secrets of environments, tokens with the permissions of
 * their job, a fresh clone a job, the steps' scripts in bash. Expressions are evaluated by GitHub's
 * own package. Actions are stood in for by what they do to files.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { parse } from 'yaml';
import type { Clock } from '../../src/engine/ports.js';
import type { GitHubApi, Permissions } from './github-api.js';
import { NpxHere } from './npx-here.js';
import { GONE } from './gone.js';

/** GitHub starts no run with a larger matrix. */
const MOST_JOBS = 256;
const STATUS_FUNCTION = /\b(always|cancelled|success|failure)\s*\(/;

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, Scalar>>;
  readonly 'continue-on-error'?: boolean;
}

interface Job {
  readonly name?: string;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly environment?: string | { readonly name: string };
  readonly permissions?: Permissions;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Of one variable. */
  readonly strategy?: { readonly matrix: Readonly<Record<string, string>> };
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly with?: Readonly<Record<string, Scalar>>;
}

interface Workflow {
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run: { readonly 'working-directory': string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a step has done. */
export interface StepResult {
  readonly name: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface JobResult {
  /** `plan`, `plans 1 / plan (prod)`, `environments 1 / environment (prod) / apply` */
  readonly name: string;
  readonly conclusion: 'success' | 'failure' | 'skipped' | 'rejected';
  readonly steps: readonly StepResult[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown of its summary. */
  readonly summary: string;
}

export interface RunResult {
  readonly id: string;
  readonly jobs: readonly JobResult[];
  job(name: string): JobResult;
}

/** What happens: which commit is checked out by default, and what GitHub says about it. */
export interface WorkflowEvent {
  readonly name: 'merge_group' | 'pull_request' | 'push' | 'schedule' | 'workflow_dispatch';
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Settings {
  /** The repository, with its branches. */
  readonly origin: string;
  readonly api: GitHubApi;
  readonly clock: Clock;
  readonly secrets: Readonly<Record<string, string>>;
  /** By name of the environment. */
  readonly environmentSecrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly vars: Readonly<Record<string, string>>;
  /** Environments that somebody has to approve, and what happens meanwhile; false: rejected. */
  readonly protectedBy: Readonly<Record<string, () => Promise<boolean>>>;
}

type Context = Record<string, unknown>;
type Result = { result: string; outputs: Record<string, string> };

export class Actions {
  /** Digests of what was attested. */
  readonly attested: string[] = [];
  private readonly top = mkdtempSync(path.join(tmpdir(), 'strategos-actions-'));
  private readonly npx: NpxHere;
  private runs = 7000;

  constructor(private readonly settings: Settings) {
    this.npx = new NpxHere(path.join(this.top, 'bin'), settings.clock);
  }

  close(): void {
    this.npx.close();
    rmSync(this.top, GONE);
  }

  /** Runs the workflow file of the commit that the event is for. */
  async run(file: string, event: WorkflowEvent): Promise<RunResult> {
    await this.npx.open();
    const id = String(++this.runs);
    const { secrets } = this.settings;
    const isFork = forked(event);
    const base = {
      github: this.gitHubContext(id, event),
      vars: this.settings.vars,
      secrets: isFork ? {} : secrets,
      inputs: {},
    };
    const jobs: JobResult[] = [];
    await this.workflow(this.workflowAt(event.sha, file), event, base, '', null, jobs);
    const job = (name: string): JobResult => {
      const found = jobs.find((one) => one.name === name);
      if (found === undefined)
        throw new Error(`no job ${name}: ${jobs.map((one) => one.name).join(', ')}`);
      return found;
    };
    return { id, jobs, job };
  }

  private gitHubContext(id: string, { name, ref, sha, actor, payload }: WorkflowEvent): Context {
    return {
      event: payload,
      event_name: name,
      ref,
      sha,
      actor,
      run_id: id,
      run_attempt: '1',
      repository: 'acme/routing',
      ref_name: ref.replace(/^refs\/(heads|pull)\//, ''),
    };
  }

  private workflowAt(sha: string, file: string): Workflow {
    const text = this.git('show', `${sha}:.github/workflows/${path.basename(file)}`);
    return parse(text) as Workflow;
  }

  private async workflow(
    { jobs, env = {}, defaults }: Workflow,
    event: WorkflowEvent,
    base: Context,
    prefix: string,
    cap: Permissions | null,
    into: JobResult[],
  ): Promise<void> {
    const needs: Record<string, Result> = {};
    for (const [key, job] of Object.entries(jobs)) {
      const own = [job.needs ?? []].flat();
      const known = Object.fromEntries(own.map((one) => [one, needs[one]]));
      const context = { ...base, needs: known };
      const results = Object.values(known).map((one) => one?.result ?? 'skipped');
      const fine = results.every((one) => one === 'success');
      const functions = { always: true, success: fine, failure: results.includes('failure') };
      if (!truthy(job.if, context, { ...functions, cancelled: false }, fine)) {
        into.push({ ...SKIPPED, name: prefix + key });
        needs[key] = { result: 'skipped', outputs: {} };
        continue;
      }
      const [variable, values] = Object.entries(job.strategy?.matrix ?? {})[0] ?? [];
      const each: (Context | null)[] =
        variable === undefined || values === undefined
          ? [null]
          : (JSON.parse(evaluated(values, context)) as unknown[]).map((one) => ({
              [variable]: one,
            }));
      if (each.length > MOST_JOBS) throw new Error(`${key}: a matrix of ${each.length} jobs`);
      const done: JobResult[] = [];
      const folder = defaults?.run['working-directory'] ?? '.';
      const shared = { env: evaluatedAll(env, context), folder };
      for (const matrix of each) {
        const inside = { ...context, matrix: matrix ?? {}, shared };
        const plain = matrix === null ? key : `${key} (${String(Object.values(matrix)[0])})`;
        const name = prefix + (job.name === undefined ? plain : evaluated(job.name, inside));
        if (job.uses !== undefined) {
          const called = this.workflowAt(event.sha, job.uses);
          const inputs = evaluatedAll(job.with ?? {}, inside);
          const before = into.length;
          const next = { ...base, inputs };
          await this.workflow(called, event, next, `${name} / `, job.permissions ?? {}, into);
          const failed = into.slice(before).some((one) => one.conclusion === 'failure');
          done.push({ ...SKIPPED, name, conclusion: failed ? 'failure' : 'success' });
        } else {
          const result = await this.job(name, job, event, inside, cap);
          into.push(result);
          done.push(result);
        }
      }
      const bad = done.find(({ conclusion }) => conclusion !== 'success');
      const outputs = Object.assign({}, ...done.map((one) => one.outputs)) as Result['outputs'];
      needs[key] = { result: bad === undefined ? 'success' : 'failure', outputs };
    }
  }

  private async job(
    name: string,
    job: Job,
    event: WorkflowEvent,
    outside: Context,
    cap: Permissions | null,
  ): Promise<JobResult> {
    const environment = job.environment === undefined ? null : nameOf(job.environment, outside);
    const approve = this.settings.protectedBy[environment ?? ''];
    if (approve !== undefined && !(await approve())) {
      return { ...SKIPPED, name, conclusion: 'rejected' };
    }
    const permissions = this.granted(job.permissions ?? {}, cap, event);
    const secrets = {
      ...(outside['secrets'] as object),
      ...(forked(event) ? {} : this.settings.environmentSecrets[environment ?? '']),
    };
    const token = this.settings.api.token(permissions);
    const github = { ...(outside['github'] as object), token };
    const room = mkdtempSync(path.join(this.top, 'job-'));
    const place = { room, workspace: path.join(room, 'work'), event };
    mkdirSync(place.workspace);
    const steps: StepResult[] = [];
    const outputs: Record<string, Result['outputs']> = {};
    let failed = false;
    for (const step of job.steps ?? []) {
      const known = Object.entries(outputs).map(([id, own]) => [id, { outputs: own }]);
      const context = { ...outside, github, secrets, steps: Object.fromEntries(known) };
      const functions = { always: true, success: !failed, failure: failed, cancelled: false };
      const hashFiles = (pattern: string): string => found(place.workspace, pattern).join();
      if (!truthy(step.if, context, functions, !failed, hashFiles)) continue;
      const result = await this.step(step, context, place);
      steps.push(result.step);
      if (step.id !== undefined) outputs[step.id] = result.outputs;
      if (result.step.code !== 0 && step['continue-on-error'] !== true) failed = true;
    }
    const ids = Object.entries(outputs).map(([id, own]) => [id, { outputs: own }]);
    const context = { ...outside, steps: Object.fromEntries(ids) };
    return {
      name,
      conclusion: failed ? 'failure' : 'success',
      steps,
      outputs: evaluatedAll(job.outputs ?? {}, context),
      summary: existsSync(path.join(room, 'summary'))
        ? readFileSync(path.join(room, 'summary'), 'utf8')
        : '',
    };
  }

  /** A called workflow has no more than its caller, and a fork can write nothing. */
  private granted(own: Permissions, cap: Permissions | null, event: WorkflowEvent): Permissions {
    return Object.fromEntries(
      Object.entries(own).map(([scope, level]) => {
        const most = cap === null ? level : (cap[scope] ?? 'none');
        if (cap !== null && most === 'none') throw new Error(`${scope}: more than its caller has`);
        if (cap !== null && level === 'write' && most === 'read') {
          throw new Error(`${scope}: write, and its caller may read`);
        }
        return [scope, forked(event) && level === 'write' ? 'read' : level];
      }),
    );
  }

  private async step(
    step: Step,
    context: Context,
    place: Place,
  ): Promise<{ readonly step: StepResult; readonly outputs: Result['outputs'] }> {
    const name = step.name ?? step.uses ?? step.run ?? '';
    if (step.uses !== undefined) {
      const problem = this.action(step.uses, evaluatedAll(step.with ?? {}, context), place);
      const code = problem === null ? 0 : 1;
      return { step: { name, code, stdout: '', stderr: problem ?? '' }, outputs: {} };
    }
    // Packages are installed once, for the tests as a whole.
    if (step.run === 'npm ci') return { step: { name, code: 0, ...SILENT }, outputs: {} };
    const files = { output: path.join(place.room, 'output'), payload: '' };
    writeFileSync(files.output, '');
    files.payload = path.join(place.room, 'event.json');
    writeFileSync(files.payload, JSON.stringify(place.event.payload));
    const { env: given, folder } = context['shared'] as Shared;
    const env = {
      ...this.variables(context, place),
      ...given,
      GITHUB_OUTPUT: files.output,
      GITHUB_EVENT_PATH: files.payload,
      ...evaluatedAll(step.env ?? {}, context),
    };
    const ended = await script(step.run ?? '', env, path.join(place.workspace, folder));
    return { step: { name, ...ended }, outputs: outputsIn(readFileSync(files.output, 'utf8')) };
  }

  private variables({ github }: Context, { room, workspace, event }: Place): NodeJS.ProcessEnv {
    const { run_id: id } = github as { run_id: string };
    const summary = path.join(room, 'summary');
    if (!existsSync(summary)) writeFileSync(summary, '');
    return {
      PATH: `${path.join(this.top, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: room,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/routing',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_API_URL: this.settings.api.url,
      GITHUB_RUN_ID: id,
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'job',
      GITHUB_EVENT_NAME: event.name,
      GITHUB_REF: event.ref,
      GITHUB_SHA: event.sha,
      GITHUB_WORKSPACE: workspace,
      GITHUB_ACTOR: event.actor,
      GITHUB_TRIGGERING_ACTOR: event.actor,
      GITHUB_STEP_SUMMARY: summary,
    };
  }

  /** Null, or why the action failed. */
  private action(uses: string, given: Record<string, string>, place: Place): string | null {
    const [action = ''] = uses.split('@');
    const { workspace, event } = place;
    const id = this.runs.toString();
    switch (action) {
      case 'actions/checkout':
        this.git('worktree', 'prune');
        execFileSync('git', ['clone', '--quiet', this.settings.origin, workspace], QUIET);
        execFileSync('git', ['checkout', '--quiet', '--detach', given['ref'] ?? event.sha], {
          cwd: workspace,
          stdio: 'pipe',
        });
        return null;
      case 'actions/setup-node':
        return null;
      case 'actions/upload-artifact': {
        const folder = path.join(workspace, given['path'] ?? '');
        const files = new Map(
          listed(folder).map((file) => [file, readFileSync(path.join(folder, file))]),
        );
        if (files.size === 0) return 'no files were found';
        this.settings.api.keep(id, given['name'] ?? '', files);
        return null;
      }
      case 'actions/download-artifact':
        return this.download(given, workspace, id);
      case 'actions/attest': {
        const subjects = found(workspace, given['subject-path'] ?? '');
        if (subjects.length === 0) return 'no subject';
        this.attested.push(...subjects);
        return null;
      }
      default:
        return `nobody stands in for ${uses}`;
    }
  }

  private download(given: Record<string, string>, workspace: string, id: string): string | null {
    const { name, pattern } = given;
    const matches = this.settings.api.artifacts.filter(
      (one) =>
        one.runId === id &&
        (name === undefined ? globbed(pattern ?? '*').test(one.name) : one.name === name),
    );
    if (name !== undefined && matches.length === 0) return `Artifact '${name}' not found`;
    for (const { files } of matches) {
      for (const [file, bytes] of files) {
        const to = path.join(workspace, given['path'] ?? '', file);
        mkdirSync(path.dirname(to), { recursive: true });
        writeFileSync(to, bytes);
      }
    }
    return null;
  }

  private git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.settings.origin, encoding: 'utf8' });
  }
}

/** What every step of a workflow has. */
interface Shared {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

interface Place {
  readonly room: string;
  readonly workspace: string;
  readonly event: WorkflowEvent;
}

const QUIET = { stdio: 'pipe' } as const;
const SILENT = { stdout: '', stderr: '' };
const SKIPPED = { conclusion: 'skipped', steps: [], outputs: {}, summary: '' } as const;

function forked({ payload }: WorkflowEvent): boolean {
  const request = payload['pull_request'] as { head: { repo: { full_name: string } } } | undefined;
  return request !== undefined && request.head.repo.full_name !== 'acme/routing';
}

function nameOf(environment: NonNullable<Job['environment']>, context: Context): string {
  return evaluated(typeof environment === 'string' ? environment : environment.name, context);
}

async function script(
  text: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', text], { cwd, env, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  child.stdin.end();
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (ended) => resolve(ended ?? 1));
  });
  return { code, stdout, stderr };
}

/** `name<<delimiter`, lines, delimiter: what @actions/core writes. */
function outputsIn(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, delimiter] = /^(.+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, at + 1);
    out[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return out;
}

type Flags = Readonly<Record<'always' | 'success' | 'failure' | 'cancelled', boolean>>;

/** A condition without a function of the status holds only while everything before went well. */
function truthy(
  condition: string | undefined,
  context: Context,
  flags: Flags,
  fine: boolean,
  hashFiles: (pattern: string) => string = () => '',
): boolean {
  if (condition === undefined) return fine;
  const inner = condition.replace(/^\s*\$\{\{([\s\S]*)\}\}\s*$/, '$1').trim();
  if (!STATUS_FUNCTION.test(inner) && !fine) return false;
  const value = evaluate(inner, context, flags, hashFiles);
  return value !== 'false' && value !== '' && value !== '0';
}

/** YAML has numbers and booleans where an action gets text. */
type Scalar = string | number | boolean;

/** The text with every expression in it evaluated. */
export function evaluated(value: Scalar, context: Context): string {
  return String(value).replace(/\$\{\{([\s\S]*?)\}\}/g, (_all, inner: string) =>
    evaluate(inner.trim(), context, {
      always: true,
      success: true,
      failure: false,
      cancelled: false,
    }),
  );
}

function evaluatedAll(
  texts: Readonly<Record<string, Scalar>>,
  context: Context,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, evaluated(text, context)]),
  );
}

function evaluate(
  text: string,
  context: Context,
  flags: Flags,
  hashFiles: (pattern: string) => string = () => '',
): string {
  const contexts = ['github', 'needs', 'steps', 'matrix', 'inputs', 'vars', 'secrets'];
  const functions = [
    ...Object.entries(flags).map(([name, value]) => ({
      name,
      minArgs: 0,
      maxArgs: 0,
      call: () => new data.BooleanData(value),
    })),
    {
      name: 'hashfiles',
      minArgs: 1,
      maxArgs: 1,
      call: (pattern: data.ExpressionData) =>
        new data.StringData(hashFiles(pattern.coerceString())),
    },
  ];
  const { tokens } = new Lexer(text).lex();
  const all = JSON.parse(
    JSON.stringify(Object.fromEntries(contexts.map((name) => [name, context[name] ?? {}]))),
    data.reviver,
  ) as data.Dictionary;
  const tree = new Parser(tokens, contexts, functions).parse();
  const byName = new Map(functions.map((one) => [one.name, one]));
  const value = new Evaluator(tree, all, byName).evaluate();
  return value.kind === data.Kind.Array || value.kind === data.Kind.Dictionary
    ? JSON.stringify(value, data.replacer)
    : value.coerceString();
}

function globbed(pattern: string): RegExp {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${text}$`);
}

function listed(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function found(folder: string, pattern: string): string[] {
  return listed(folder).filter((file) => globbed(pattern).test(file));
}
