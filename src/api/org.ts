/** Manifests held against an org, and carried out there, for programs. */
import { applying, applySession } from '../cli/commands/apply.js';
import { planning, planSession } from '../cli/commands/plan.js';
import type { CommonOptions } from '../cli/options.js';
import { inSession, type Ending } from '../cli/session.js';
import { realWorld, type World } from '../cli/world.js';
import { WrongUsage, type ExitCode } from '../core/errors.js';
import { isDigest } from '../core/is-digest.js';
import type { Outcome, Plan } from '../core/types.js';
import { workflowRunOf } from '../core/workflow.js';
import { sha256 } from '../files/digest.js';
import { planFrom } from '../files/plan-file.js';
import { plainStyle } from '../render/style.js';

export interface PlanOptions {
  /** Folder of manifests; `strategies` unless it is given. */
  readonly dir?: string;
  /** Name of the environment; the only one unless it is given. */
  readonly environment?: string;
  /** Only these strategies. */
  readonly target?: readonly string[];
  /** Take over what is in the org and belongs to nobody. */
  readonly adopt?: boolean;
  /** Folder of run records; `.strategos/runs` unless it is given. */
  readonly runs?: string;
  /** Where relative paths begin; the folder of the process unless it is given. */
  readonly cwd?: string;
  /** Credentials and host, as the command line finds them in its own; that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who is accountable, for the audit log; the user of the process unless it is given. */
  readonly actor?: string;
  /** Gets what the command line says on standard error: progress, warnings, lines of a report. */
  readonly log?: (text: string) => void;
  /** Ends the run: before it has written anything at once, then after the change in flight. */
  readonly signal?: AbortSignal;
}

export interface ApplyOptions extends PlanOptions {
  /** Carried out as it is, or refused when the manifests or an object of it moved since. */
  readonly plan?: Plan;
  /** Go on although a guard against too much at once objects. */
  readonly force?: boolean;
  /** Refuse unless the plan has this digest. */
  readonly expectDigest?: string;
  /** How long to wait for a lock that another run holds; not at all unless it is given. */
  readonly lockTimeoutSeconds?: number;
}

export interface Applied {
  /** Id of the run: its records are in the folder of that name. */
  readonly run: string;
  /** Such as `applied`, `applied in part` or `nothing to do`. */
  readonly state: string;
  /** As of the command line: 0, or 5 when something was not made or could not be compared. */
  readonly exitCode: ExitCode;
  readonly plan: Plan;
  /** What became of every change. */
  readonly outcomes: readonly Outcome[];
}

/** What an apply would do; sends nothing but reads. */
export async function plan(options: PlanOptions = {}): Promise<Plan> {
  const world = worldOf(options);
  const common = commonOf(options);
  let made: Plan | undefined;
  await inSession(planSession(common), common, world, async (session) => {
    const planned = await planning(session, scopeOf(options), world);
    made = planned.plan;
    return { exitCode: 0, state: 'planned', plan: made, outcomes: [] };
  });
  if (made === undefined) throw new Error('a session has ended without its plan');
  return made;
}

/**
 * Makes the org equal to the manifests, or carries out a plan. A change that could not be made is
 * an outcome; only what keeps the run from going on is thrown. Calling it is the consent that the
 * command line asks for.
 */
export async function apply(options: ApplyOptions = {}): Promise<Applied> {
  const world = worldOf(options);
  const { expectDigest } = options;
  if (expectDigest !== undefined && !isDigest(expectDigest)) {
    throw new WrongUsage(`expectDigest is no digest: ${expectDigest}`, {
      hint: 'a plan has its own as digest: sha256: and 64 digits of 0-9a-f',
    });
  }
  // Whoever hands a plan over may have got it from anywhere: it is read as a file would be.
  const given =
    options.plan === undefined
      ? null
      : await planFrom(JSON.stringify(options.plan), 'the given plan', sha256);
  const common = {
    ...commonOf(options),
    ...scopeOf(options),
    yes: true,
    force: options.force ?? false,
    ...(expectDigest === undefined ? {} : { expectDigest }),
    lockTimeout: options.lockTimeoutSeconds ?? 0,
  };
  let ended: { readonly run: string; readonly ending: Ending } | undefined;
  const exitCode = await inSession(applySession(given, common), common, world, async (session) => {
    const ending = await applying(session, given, common, world);
    ended = { run: session.run.context.run, ending };
    return ending;
  });
  const shown = ended?.ending.plan;
  if (ended === undefined || shown == null) throw new Error('an apply has ended without its plan');
  const { run, ending } = ended;
  return { run, state: ending.state, exitCode, plan: shown, outcomes: ending.outcomes };
}

function commonOf({ dir, runs, environment, log }: PlanOptions): CommonOptions {
  // What a program makes of a variable that is not set is no folder, and not the current one.
  const empty = Object.entries({ dir, runs, environment }).find(([, value]) => value === '');
  if (empty !== undefined) {
    throw new WrongUsage(`${empty[0]} is empty`, { hint: 'give it a value, or leave it out' });
  }
  return {
    dir: dir ?? 'strategies',
    runs: runs ?? '.strategos/runs',
    format: 'json',
    ...(environment === undefined ? {} : { env: environment }),
    quiet: log === undefined,
  };
}

function scopeOf({ target, adopt }: PlanOptions): { target?: string[]; adopt?: boolean } {
  return {
    ...(target === undefined ? {} : { target: [...target] }),
    ...(adopt === undefined ? {} : { adopt }),
  };
}

/** This process without its terminal: a program decides itself what is printed. */
function worldOf({ cwd, env, actor, log, signal }: PlanOptions): World {
  const world = realWorld();
  return {
    ...world,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, workflow: workflowRunOf(env) }),
    ...(actor === undefined ? {} : { actor }),
    interactive: false,
    outIsTerminal: false,
    status: null,
    outStyle: plainStyle,
    errStyle: plainStyle,
    out: () => undefined,
    err: log ?? ((): void => undefined),
    ask: async () => Promise.resolve(''),
    onInterrupt: (stop) => {
      if (signal === undefined) return () => undefined;
      if (signal.aborted) queueMicrotask(stop);
      signal.addEventListener('abort', stop, { once: true });
      return () => signal.removeEventListener('abort', stop);
    },
  };
}
