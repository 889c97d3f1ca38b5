/**
 * What every command that talks to an org shares: manifests, environment, credentials, a client of
 * the right rank, and a run folder whose audit log is closed whatever happens.
 */
import { digestOf } from '../core/canonical.js';
import type { Json } from '../core/json.js';
import path from 'node:path';
import { AppError, EXIT, Interrupted, Refused, type ExitCode } from '../core/errors.js';
import type { GuardPolicy } from '../core/guard.js';
import { formerIn, idsEver } from '../core/former.js';
import { kindsByName } from '../core/kind.js';
import { kindName } from '../core/outcome.js';
import { refuseOtherKinds, scopeOf as scopeIn, type Scope } from '../core/scope.js';
import type { Ids } from '../core/state.js';
import type { Manifest, Outcome, Plan } from '../core/types.js';
import { uncommittedDetail, type Uncommitted } from '../core/uncommitted.js';
import { visible } from '../core/visible.js';
import { workflowDetail } from '../core/workflow.js';
import { makePlan } from '../engine/plan.js';
import type { Planned, PlanInput } from '../engine/planning.js';
import { bind, type Asked, type Binding } from '../engine/bind.js';
import type { Findings } from '../engine/exact.js';
import type { Seen } from '../engine/observe.js';
import type { Examiner, Reader, Writer } from '../engine/ports.js';
import type { UsHere } from '../engine/who-we-are.js';
import { sha256 } from '../files/digest.js';
import { processMark } from '../files/process-mark.js';
import { provenanceOf, type Provenance } from '../files/provenance.js';
import { placeDetail, placeIn } from '../files/folder-chain.js';
import { closeToOthers, RunFolder, runId } from '../files/runs.js';
import { refuseTracked } from '../files/tracked.js';
import type * as sdk from '../genesys/sdk.js';
import { reconciledKinds } from '../kinds/index.js';
import type { Environment } from '../manifest/settings.js';
import type { RunHead } from '../render/markdown.js';
import { runSummary } from '../render/run-summary.js';
import { loadBundle, targetOf, type Bundle, type Needs } from './bundle.js';
import { compileLater } from './compiler.js';
import type { CommonOptions } from './options.js';
import { progress, type Progress } from './progress.js';
import { stopOf, type Stop } from './stop.js';
import { usIn } from './us.js';
import { withAllLacking } from './uses.js';
import { unsigned } from './wfm-endpoint.js';
import type { World } from './world.js';

export const kindOf = kindsByName(reconciledKinds);

/** An environment with a client of its org. */
export interface Connected<C extends Reader = Reader> extends Bundle {
  /** Folder of the manifests. */
  readonly dir: string;
  /** `null` for a session that makes no plan. */
  readonly owner: UsHere | null;
  readonly host: string;
  /** The OAuth client that the requests are sent as. */
  readonly clientId: string;
  readonly client: C;
  readonly events: Progress;
}

export interface Session<C extends Reader = Reader> extends Connected<C> {
  readonly command: string;
  /** Of the manifests; `null` outside a git repository. */
  readonly commit: string | null;
  /** What that commit does not have as it was read. */
  readonly uncommitted: Uncommitted | null;
  readonly run: RunFolder;
  /**
   * From here on the run writes to the org: a signal no longer ends it at once, it makes the
   * returned function true, and whoever writes stops after the change in flight.
   */
  readonly deferInterrupt: () => () => boolean;
  /** What has to be given back when the run ends, however it does; before its log is closed. */
  readonly atEnd: (act: () => Promise<void>) => void;
  /** What may take its time: done after all of that, when the lock is free again. */
  readonly atLast: (act: () => Promise<void>) => void;
  /** The user wants the run to end. */
  readonly stopping: () => boolean;
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
  /** It will make a plan, for which somebody has to be the owner. */
  readonly plans?: boolean;
  /** What it changes is told to workforce management. */
  readonly tells?: boolean;
  /** `environment`: the manifests are not even read; absent for everything. */
  readonly needs?: Needs;
  /** It reads objects of every kind, whichever are declared. */
  readonly all?: boolean | undefined;
  /** Where what happens is told; absent for a place of its own. */
  readonly events?: Progress;
  /** Where warnings about manifests are told; absent for standard error. */
  readonly warn?: (text: string) => void;
  /** See `ProgressOptions`. */
  readonly brief?: boolean;
  /** Of what goes on until it is stopped: how it ends then. */
  readonly whenStopped?: Ending;
}

/** Clients of what is about something else, and shows figures of calls where there are any. */
export const readingAlso: SessionRequest<Examiner>['open'] = (sdk, connection) =>
  sdk.openReader({ ...connection, ...sdk.FIGURES_ARE_EXTRA });
export const writingAlso: SessionRequest<Writer & Examiner>['open'] = (sdk, connection) =>
  sdk.openWriter({ ...connection, ...sdk.FIGURES_ARE_EXTRA });

/** Runs `body` in a session. The audit log has its `run-ended` record also when `body` throws. */
export async function inSession<C extends Reader>(
  request: SessionRequest<C>,
  options: CommonOptions,
  world: World,
  body: (session: Session<C>) => Promise<Ending>,
): Promise<ExitCode> {
  const connected = await connect(request, options, world);
  // Both ask git, and neither needs what the other is told.
  const [of, untold] = await Promise.all([
    provenanceOf(connected.dir, connected.sources, world.cwd),
    refuseTracked(runsIn(options, world), options.runs, world.env),
  ]);
  const run = await openRun(request.command, { ...of, untold }, options, connected, world);
  const stop = stopOf(world);
  const signal = interruption(stop, world);
  const closing = closers();
  try {
    const { deferInterrupt, stopping } = signal;
    const { command } = request;
    const acts = { atEnd: closing.add, atLast: closing.addLast };
    const session = { ...connected, command, ...of, run, deferInterrupt, stopping, ...acts };
    const ending = await stop.inTime(Promise.race([body(session), signal.atOnce]));
    const before = stop.asked();
    stop.closing();
    await stop.inTime(closing.close());
    const cutShort = stop.asked() && !before && ending.exitCode === EXIT.done;
    const ended = cutShort ? { ...ending, exitCode: EXIT.interrupted } : ending;
    return await concluded(run, command, ended, world);
  } catch (error) {
    stop.closing();
    await stop.inTime(closing.close()).catch((problem: unknown) => {
      // The first error is the one to report, this one is said beside it.
      world.err(`${world.errStyle.bad('error')}: ${visible(messageOf(problem))}\n`);
    });
    const { command, whenStopped } = request;
    if (error instanceof Interrupted && whenStopped !== undefined) {
      return await concluded(run, command, whenStopped, world);
    }
    await abandonRun(run, command, error);
    throw await withAllLacking(error, { ...request, ...connected }, world);
  } finally {
    signal.ignore();
    connected.events.end();
    await run.close();
    if (!options.quiet) world.err(`run ${path.relative(world.cwd, run.dir) || run.dir}\n`);
  }
}

/** The manifests of an environment and a client of its org; no request is made yet. */
export async function connect<C extends Reader>(
  {
    environment,
    open,
    plans = false,
    tells = false,
    needs,
    ...told
  }: Omit<SessionRequest<C>, 'command'>,
  options: CommonOptions,
  world: World,
): Promise<Connected<C>> {
  const telling = told.warn === undefined ? world : { ...world, err: told.warn };
  const loaded = await loadBundle(options, environment, telling, needs);
  const events = told.events ?? progress(world, { ...options, ...told });
  const beside = tells ? unsigned(loaded.environment, world) : [];
  const target = targetOf(loaded.environment, world, beside);
  const dir = path.resolve(world.cwd, options.dir);
  // The SDK is loaded while git looks for the remote.
  const us = plans ? usIn(loaded.environment, dir, world) : Promise.resolve(null);
  // Until it is awaited nobody looks at how it ended.
  us.catch(() => undefined);
  const stop = stopOf(world);
  const client = open(await import('../genesys/sdk.js'), {
    ...target,
    clock: stop.clock(),
    random: world.random,
    events,
    stopping: stop,
    leave: loaded.environment.rateLimit.leave,
    limits: { totalMs: loaded.environment.requests.timeoutMs },
    userAgent: `strategos/${world.version}`,
  });
  const { host, clientId } = target;
  return { ...loaded, dir, owner: await us, host, clientId, client, events };
}

/** Acts that are done once, last added first. */
function closers(): {
  readonly add: (act: () => Promise<void>) => void;
  readonly addLast: (act: () => Promise<void>) => void;
  readonly close: () => Promise<void>;
} {
  const acts: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let act = acts.pop(); act !== undefined; act = acts.pop()) await act();
  };
  return { add: (act) => acts.push(act), addLast: (act) => acts.unshift(act), close };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Interruption {
  /** Rejects on the first signal, unless the run has begun to write. */
  readonly atOnce: Promise<never>;
  readonly deferInterrupt: () => () => boolean;
  readonly stopping: () => boolean;
  readonly ignore: () => void;
}

function interruption(stop: Stop, world: World): Interruption {
  const state = { deferred: false, asked: false };
  let reject: (error: Interrupted) => void = () => undefined;
  const atOnce = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  atOnce.catch(() => undefined);
  const stopped = (): Interrupted => new Interrupted('stopped; nothing was changed');
  const ignore = stop.onSignal(() => {
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
  return { atOnce, deferInterrupt, stopping: () => state.asked, ignore };
}

const runsIn = ({ runs }: CommonOptions, { cwd }: World): string => path.resolve(cwd, runs);

async function openRun(
  command: string,
  { commit, uncommitted, untold }: Provenance & { readonly untold: string | null },
  options: CommonOptions,
  { environment, owner }: Pick<Connected, 'environment' | 'owner'>,
  world: World,
): Promise<RunFolder> {
  const runs = runsIn(options, world);
  const id = runId(command, world.clock.now(), world.random.next());
  const place = await placeIn(runs, id);
  const mark = processMark();
  const context = {
    run: id,
    actor: world.actor,
    environment: environment.name,
  };
  const run = await RunFolder.create(runs, context, world.clock, sha256);
  const exposed = await closeToOthers(runs);
  for (const text of [untold, exposed]) {
    if (text !== null) world.err(`${world.errStyle.warn('warning')}: ${visible(text)}\n`);
  }
  await run.append({
    type: 'run-started',
    detail: {
      command,
      version: world.version,
      commit,
      ...uncommittedDetail(uncommitted),
      // Two folders may have an environment of one name, and one folder of runs.
      ...(owner === null ? {} : { owner: { name: owner.name, environment: owner.environment } }),
      ...placeDetail(place),
      ...(world.workflow === null ? {} : { workflow: workflowDetail(world.workflow) }),
      // A later run on this machine can tell by it that this one was killed.
      ...(mark === null ? {} : { process: mark }),
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
    const message = messageOf(error);
    world.err(`${world.errStyle.bad('error')}: ${visible(message)}\n`);
    return ending.exitCode === EXIT.done ? EXIT.unexpected : ending.exitCode;
  }
}

async function endRun(run: RunFolder, command: string, ending: Ending): Promise<void> {
  const { exitCode, state, plan, outcomes } = ending;
  await run.writeSummary(runSummary(headOf(run, command), plan, outcomes, state));
  await run.end({ state, message: '' }, { exitCode, changes: outcomes.length });
}

/** The first error is the one to report: a log that cannot take another record stays as it is. */
async function abandonRun(run: RunFolder, command: string, error: unknown): Promise<void> {
  const message = messageOf(error);
  const state = endStateOf(error);
  const exitCode = error instanceof AppError ? error.exitCode : EXIT.unexpected;
  const outcome = { state, message };
  try {
    if (error instanceof Refused) await run.append({ type: 'refused', outcome });
    await run.writeSummary(runSummary(headOf(run, command), null, [], `${state}: ${message}`));
    await run.end(outcome, { exitCode });
  } catch {
    return;
  }
}

/** What every summary of a run begins with. */
export function headOf({ context }: RunFolder, command: string): RunHead {
  const { run: id, actor, environment } = context;
  return { id, command, actor, environment };
}

function endStateOf(error: unknown): string {
  if (error instanceof Interrupted) return 'interrupted';
  return error instanceof Refused ? 'refused' : 'failed';
}

export interface PlanRequest {
  readonly scope: Scope;
  /** In place of the manifests of the session. */
  readonly manifests?: readonly Manifest[];
  /** See `PlanInput`. */
  readonly findings?: Findings;
  readonly effects?: PlanInput['effects'];
  readonly objects?: PlanInput['objects'];
  readonly deletedSince?: PlanInput['deletedSince'];
  readonly disowned?: PlanInput['disowned'];
  readonly asFound?: boolean;
  /** In place of what the environment says. */
  readonly prune?: boolean;
  /** Names in scope need not be anywhere: nobody typed them. */
  readonly namesMayBeGone?: boolean;
  /** Given with `--adopt`. */
  readonly adopt?: boolean | undefined;
  readonly seen?: Seen;
  /** In place of one of its own, for plans that follow each other in a run. */
  readonly binding?: Binding;
  /** What names once stood for, beside what the org's records say. */
  readonly ids?: Ids | undefined;
  /** False for a plan that nobody will carry out. */
  readonly checked?: boolean;
}

/** A plan of everything, or of the strategies in scope. */
export async function planIn(
  session: Session,
  { scope, manifests, prune, adopt = false, seen, ids, checked, ...rest }: PlanRequest,
  world: World,
): Promise<Planned> {
  const { environment, owner, client, events } = session;
  const { name, backend } = environment;
  compileLater(session.manifests.length);
  if (owner === null) throw new Error(`${session.command} makes a plan and has not said so`);
  return makePlan(
    { reader: client, events, clock: world.clock, hash: sha256 },
    {
      manifests: manifests ?? session.manifests,
      inGit: session.manifests,
      binding: rest.binding ?? bindingOf(session, { manifests: manifests ?? session.manifests }),
      environment: { name, backend, host: session.host },
      seen,
      ids,
      checked,
      owner,
      scope,
      adopt,
      environments: session.environments,
      namesMayBeGone: rest.namesMayBeGone,
      findings: rest.findings,
      effects: rest.effects,
      objects: rest.objects,
      deletedSince: rest.deletedSince,
      disowned: rest.disowned,
      asFound: rest.asFound,
      prune: prune ?? environment.prune,
      guards: guardsOf(environment),
      commit: session.commit,
      uncommitted: session.uncommitted,
      version: world.version,
    },
  );
}

/** Where objects live in the environment of the session; `asked`: default, by its manifests. */
export function bindingOf(
  { environment, manifests }: Pick<Connected, 'environment' | 'manifests'>,
  asked: Asked = { manifests },
): Binding {
  return bind(reconciledKinds, environment, asked);
}

export function guardsOf(environment: Environment): GuardPolicy {
  const at: GuardPolicy['at'] = (guard, kind) =>
    environment.at(`/spec/guards/${kind === null ? '' : `kinds/${kind}/`}${guard}`);
  return { ...environment.guards, at };
}

/**
 * Puts the plan that is shown, and perhaps carried out, on record; `text`: see `writePlan`;
 * `given`: digest of the plan of which this one is what was left.
 */
export async function recordPlan(
  { run }: Session,
  { plan, observation }: Pick<Planned, 'plan' | 'observation'>,
  text?: string,
  given = plan.digest,
): Promise<void> {
  await run.writePlan(plan, text);
  const { digest, counts, observed, organization } = plan;
  const { backend, tables } = plan.environment;
  const place = { organization: organization.id, home: { backend, ...tables } };
  // For a way back: a name that is found may stand for nothing by then.
  const former = formerIn(observation.state.records);
  const ids = idsEver(touchedBy(plan), observation.catalog, former);
  const uncommitted = uncommittedDetail(plan.uncommitted);
  const prediction =
    plan.prediction === undefined
      ? {}
      : { prediction: digestOf(sha256, plan.prediction as unknown as Json) };
  const from = given === digest ? {} : { given };
  const about = { ...from, ...uncommitted, ...place, ...prediction, ids };
  const detail = { digest, counts: { ...counts }, observed, ...about };
  await run.append({ type: 'planned', detail });
}

function touchedBy({ changes }: Plan): Parameters<typeof idsEver>[0] {
  return changes.flatMap(({ address, before, after }) =>
    [before, after].flatMap((fields) =>
      fields === null ? [] : [{ address, table: kindOf(kindName(address)).fields, fields }],
    ),
  );
}

/** What was given with `--target`, for a command about kinds that have `facet` and no others. */
export function scopeAmong(
  facet: Facet,
  target: readonly string[] | null | undefined,
  command: string,
): Scope {
  const scope = scopeOf(target);
  refuseOtherKinds(
    scope,
    reconciledKinds.filter((kind) => kind[facet] !== undefined),
    command,
  );
  return scope;
}

/** What a kind may have and lack, and a command is about. */
export type Facet = 'tuning' | 'traffic';

/** What was given with `--target`; nothing is everything. */
export function scopeOf(target: readonly string[] | null | undefined): Scope {
  return scopeIn(
    target ?? null,
    reconciledKinds.map(({ name }) => name),
  );
}
