/**
 * What every command that talks to an org shares: manifests, environment, credentials, a client of
 * the right rank, and a run folder whose audit log is closed whatever happens.
 */
import path from 'node:path';
import {
  AppError,
  EXIT,
  InvalidInput,
  Interrupted,
  Refused,
  type ExitCode,
} from '../core/errors.js';
import type { GuardPolicy } from '../core/guard.js';
import { hasErrors, type Issue } from '../core/issue.js';
import type { Manifest, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { kindsByName, makePlan, type Planned } from '../engine/plan.js';
import type { Events, Reader } from '../engine/ports.js';
import { sha256 } from '../files/digest.js';
import { commitOf } from '../files/git.js';
import { readManifests } from '../files/manifests.js';
import { lastHead, RunFolder, runId } from '../files/runs.js';
import type * as sdk from '../genesys/sdk.js';
import { reconciledKinds } from '../kinds/index.js';
import { bundle, loadManifests } from '../manifest/load.js';
import { hostOf, type Environment } from '../manifest/settings.js';
import { runMarkdown } from '../render/markdown.js';
import type { CommonOptions } from './options.js';
import { progress } from './progress.js';
import { printIssues } from './report.js';
import type { World } from './world.js';

export const kindOf = kindsByName(reconciledKinds);

export interface Bundle {
  readonly environment: Environment;
  readonly manifests: readonly Manifest[];
}

/** Throws `InvalidInput` with every issue; warnings are printed and do not stop anything. */
export async function loadBundle(
  options: Pick<CommonOptions, 'dir'>,
  environmentName: string | undefined,
  world: World,
): Promise<Bundle> {
  const read = await readManifests(options.dir, world.cwd);
  const found = bundle(loadManifests(read.sources), environmentName);
  const issues: Issue[] = [...read.issues, ...found.issues];
  const [only] = issues;
  if (issues.length === 1 && only !== undefined && only.at === null) {
    throw new InvalidInput(only.message, [], only.hint === undefined ? {} : { hint: only.hint });
  }
  if (hasErrors(issues) || found.environment === null) {
    throw new InvalidInput(`the manifests in ${options.dir} are not valid`, issues, {
      hint: 'mend what is listed above; strategos validate checks without an org',
    });
  }
  printIssues(issues, world);
  return { environment: found.environment, manifests: found.manifests };
}

interface Target {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Names everything that is missing in one message, before any request is made. */
function targetOf(environment: Environment, world: World): Target {
  const { clientIdEnv, clientSecretEnv } = environment.credentials;
  const where = `environment ${environment.name}`;
  const host = environment.host ?? world.env['GENESYS_DOMAIN'];
  const clientId = world.env[clientIdEnv];
  const clientSecret = world.env[clientSecretEnv];
  if (!host || !clientId || !clientSecret) {
    const missing = [
      host ? null : 'GENESYS_DOMAIN (or spec.host in the Environment manifest)',
      clientId ? null : clientIdEnv,
      clientSecret ? null : clientSecretEnv,
    ].filter((name) => name !== null);
    throw new InvalidInput(`${where}: not set: ${missing.join(', ')}; no request was made`, [], {
      hint: 'set the variables of an OAuth client (grant type: client credentials)',
    });
  }
  const safe = hostOf(host);
  if (safe === null) {
    // The value may hold a password: it is not repeated.
    throw new InvalidInput(`${where}: GENESYS_DOMAIN is no host that is safe to talk to`, [], {
      hint: 'give a region such as mypurecloud.ie, or http://127.0.0.1:PORT for a simulator',
    });
  }
  if (reconciledKinds.some((kind) => kind.wires[environment.backend] === undefined)) {
    const at = environment.at('/spec/backend');
    throw new InvalidInput(
      `${where}: backend ${environment.backend} is not available in this version ` +
        `(${at.file}:${at.line})`,
      [],
      { hint: 'use strategies-api, the backend of the simulator' },
    );
  }
  return { host: safe, clientId, clientSecret };
}

export interface Session<C extends Reader = Reader> extends Bundle {
  readonly command: string;
  readonly host: string;
  readonly client: C;
  readonly events: Events;
  readonly run: RunFolder;
  /**
   * From here on the run writes to the org: a signal no longer ends it at once, it makes the
   * returned function true, and whoever writes stops after the change in flight.
   */
  readonly deferInterrupt: () => () => boolean;
}

/** How a run ended: what goes into its last record, its summary and the exit code. */
export interface Ending {
  readonly exitCode: ExitCode;
  readonly state: string;
  /** `null` where the run was about something else than a plan. */
  readonly plan: Plan | null;
  readonly outcomes: readonly Outcome[];
}

type Sdk = typeof sdk;

export interface SessionRequest<C extends Reader> {
  readonly command: string;
  readonly environment: string | undefined;
  /** Decides what the run can do at all: a reader's transport refuses every write. */
  readonly open: (sdk: Sdk, connection: sdk.Connection) => C;
}

/** Runs `body` in a session. The audit log has its `run-ended` record also when `body` throws. */
export async function inSession<C extends Reader>(
  request: SessionRequest<C>,
  options: CommonOptions,
  world: World,
  body: (session: Session<C>) => Promise<Ending>,
): Promise<ExitCode> {
  const loaded = await loadBundle(options, request.environment, world);
  const events: Events = { emit: progress(world, options) };
  const target = targetOf(loaded.environment, world);
  const client = request.open(await import('../genesys/sdk.js'), {
    ...target,
    ...{ clock: world.clock, random: world.random, events },
    userAgent: `strategos/${world.version}`,
  });
  const run = await openRun(request.command, options, loaded, world);
  const signal = interruption(world);
  try {
    const { deferInterrupt } = signal;
    const { command } = request;
    const { host } = target;
    const session = { ...loaded, command, host, client, events, run, deferInterrupt };
    const ending = await Promise.race([body(session), signal.atOnce]);
    return await concluded(run, command, ending, world);
  } catch (error) {
    await abandonRun(run, request.command, error);
    throw error;
  } finally {
    signal.ignore();
    await run.close();
    if (!options.quiet) world.err(`run ${path.relative(world.cwd, run.dir) || run.dir}\n`);
  }
}

interface Interruption {
  /** Rejects on the first signal, unless the run has begun to write. */
  readonly atOnce: Promise<never>;
  readonly deferInterrupt: () => () => boolean;
  readonly ignore: () => void;
}

function interruption(world: World): Interruption {
  const state = { deferred: false, asked: false };
  let reject: (error: Interrupted) => void = () => undefined;
  const atOnce = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  atOnce.catch(() => undefined);
  const stopped = (): Interrupted => new Interrupted('stopped; nothing was changed');
  const ignore = world.onInterrupt(() => {
    const first = !state.asked;
    state.asked = true;
    if (!state.deferred) reject(stopped());
    else if (first) world.err('stopping after the change in flight…\n');
  });
  const deferInterrupt = (): (() => boolean) => {
    // The signal came first and the run is being closed: nothing may be sent any more.
    if (state.asked) throw stopped();
    state.deferred = true;
    return () => state.asked;
  };
  return { atOnce, deferInterrupt, ignore };
}

async function openRun(
  command: string,
  options: CommonOptions,
  { environment }: Bundle,
  world: World,
): Promise<RunFolder> {
  const runs = path.resolve(world.cwd, options.runs);
  const previousRun = await lastHead(runs);
  const context = {
    run: runId(command, world.clock.now(), world.random.next()),
    actor: world.actor,
    environment: environment.name,
  };
  const run = await RunFolder.create(runs, context, world.clock, sha256);
  await run.append({
    type: 'run-started',
    detail: {
      ...{ command, version: world.version },
      commit: await commitOf(path.resolve(world.cwd, options.dir)),
      previousRun,
    },
  });
  return run;
}

/** What was done is done and printed: a log that cannot be closed changes the exit code alone. */
async function concluded(
  run: RunFolder,
  command: string,
  ending: Ending,
  world: World,
): Promise<ExitCode> {
  try {
    await endRun(run, command, ending);
    return ending.exitCode;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    world.err(`${world.errStyle.bad('error')}: ${visible(message)}\n`);
    return ending.exitCode === EXIT.done ? EXIT.unexpected : ending.exitCode;
  }
}

async function endRun(run: RunFolder, command: string, ending: Ending): Promise<void> {
  const { exitCode, state, plan, outcomes } = ending;
  const { run: id, actor, environment } = run.context;
  await run.writeSummary(runMarkdown({ id, command, actor, environment }, plan, outcomes, state));
  await run.append({
    type: 'run-ended',
    outcome: { state, message: '' },
    detail: { exitCode, changes: outcomes.length },
  });
}

/** The first error is the one to report: a log that cannot take another record stays as it is. */
async function abandonRun(run: RunFolder, command: string, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const state = stateOf(error);
  const exitCode = error instanceof AppError ? error.exitCode : EXIT.unexpected;
  const outcome = { state, message };
  const { run: id, actor, environment } = run.context;
  const head = { id, command, actor, environment };
  try {
    if (error instanceof Refused) await run.append({ type: 'refused', outcome });
    await run.writeSummary(runMarkdown(head, null, [], `${state}: ${message}`));
    await run.append({ type: 'run-ended', outcome, detail: { exitCode } });
  } catch {
    return;
  }
}

function stateOf(error: unknown): string {
  if (error instanceof Interrupted) return 'interrupted';
  return error instanceof Refused ? 'refused' : 'failed';
}

/** A plan of everything, or of the strategies that `--target` names. */
export async function planIn(
  session: Session,
  options: Pick<CommonOptions, 'dir'>,
  scope: readonly string[] | null,
  world: World,
): Promise<Planned> {
  const { environment, manifests, client, events } = session;
  const planned = await makePlan(
    { reader: client, events, clock: world.clock, hash: sha256 },
    {
      manifests,
      kinds: reconciledKinds,
      environment: {
        ...{ name: environment.name, backend: environment.backend },
        host: session.host,
      },
      prune: environment.prune,
      guards: guardsOf(environment),
      scope,
      commit: await commitOf(path.resolve(world.cwd, options.dir)),
      version: world.version,
    },
  );
  return planned;
}

export function guardsOf(environment: Environment): GuardPolicy {
  return { ...environment.guards, at: (guard) => environment.at(`/spec/guards/${guard}`) };
}

/** Puts the plan that is shown, and perhaps carried out, on record. */
export async function recordPlan({ run }: Session, plan: Plan): Promise<void> {
  await run.writePlan(plan);
  const { digest, counts, observed } = plan;
  await run.append({ type: 'planned', detail: { digest, counts: { ...counts }, observed } });
}

/** Names given with `--target`, with or without their kind. */
export function scopeOf(target: readonly string[] | undefined): string[] | null {
  if (target === undefined) return null;
  const prefixes = reconciledKinds.map((kind) => `${kind.name}/`);
  const names = target.map((one) => {
    const prefix = prefixes.find((candidate) => one.startsWith(candidate)) ?? '';
    return one.slice(prefix.length);
  });
  return [...new Set(names)].sort();
}
