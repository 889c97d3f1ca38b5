/** The engine's run, with everything of this world that it needs: for commands that write. */
import path from 'node:path';
import type { Seen } from '../engine/observe.js';
import type { Planned } from '../engine/planning.js';
import type { Writer } from '../engine/ports.js';
import { Run, type RunInput } from '../engine/run.js';
import { sha256 } from '../files/digest.js';
import { attemptOf, type AttemptState, type WorkflowAttempt } from '../core/workflow.js';
import { sameOwner, type Owner } from '../core/owner.js';
import {
  endsIn,
  lastLeftIn,
  mayTakeOver,
  openRuns,
  type Asking,
  type RunEnd,
} from '../files/open-runs.js';
import type { CommonOptions } from './options.js';
import { bindingOf, planIn, type PlanRequest, type Session } from './session.js';
import { stopOf } from './stop.js';
import type { World } from './world.js';

export interface WritingRequest {
  /** What to plan, or who does. */
  readonly plan: Omit<PlanRequest, 'seen'> | ((seen: Seen) => Promise<Planned>);
  readonly lockTimeoutSeconds: number;
}

/** A run that gives its lock back when the session ends. */
export function writingRun(
  session: Session<Writer>,
  { plan, lockTimeoutSeconds }: WritingRequest,
  options: CommonOptions,
  world: World,
): Run {
  const manifests = typeof plan === 'function' ? undefined : plan.manifests;
  const { client, run: folder, events, environment, command } = session;
  const { random } = world;
  const attempt = attemptOf(world.env);
  const clock = stopOf(world).clock();
  const { run, actor } = folder.context;
  const runsDir = path.resolve(world.cwd, options.runs);
  const ports = { writer: client, audit: folder, events, clock, random, hash: sha256 };
  // One for all plans of the run: what was judged by it can be told to hold still.
  const binding = bindingOf(session, manifests === undefined ? undefined : { manifests });
  const writing = new Run(ports, {
    binding,
    me: {
      holder: actor,
      host: world.host,
      command,
      run,
      at: '',
      ...(attempt === null ? {} : { attempt }),
    },
    patienceMs: lockTimeoutSeconds * 1000,
    activationTimeoutMs: environment.activation.timeoutMs,
    plan:
      typeof plan === 'function'
        ? plan
        : async (seen): Promise<Planned> => planIn(session, { ...plan, binding, seen }, world),
    ...earlierRuns(runsDir, {
      environment: environment.name,
      self: run,
      isOwner: isOwnerIn(session),
    }),
    isGone: async (holder) => mayTakeOver(runsDir, holder.run, run),
    stateOf: async (of) => attemptStateIn(of, world),
  });
  session.atEnd(async () => writing.end());
  return writing;
}

/** What the head is looked for in is what open writes are looked for in next: it is read once. */
function earlierRuns(
  runsDir: string,
  asking: Asking,
): Required<Pick<RunInput, 'leftOpen' | 'lastLeft'>> {
  let read: Promise<RunEnd[]> | null = null;
  return {
    lastLeft: async (owner) => {
      read = endsIn(runsDir);
      return lastLeftIn(await read, (other) => sameOwner(other, owner));
    },
    leftOpen: async () => {
      const ends = read ?? endsIn(runsDir);
      // A run that plans again, after somebody has taken their time, looks again.
      read = null;
      return openRuns(await ends, asking);
    },
  };
}

export function isOwnerIn({ owner }: Pick<Session, 'owner'>): (other: Owner) => boolean {
  return (other) => owner === null || sameOwner(other, owner);
}

/** Whether the workflow run that holds a lock has ended. GitHub is loaded only to be asked. */
export async function attemptStateIn(of: WorkflowAttempt, world: World): Promise<AttemptState> {
  const { attemptState } = await import('../github/attempts.js');
  const userAgent = `strategos/${world.version}`;
  const stop = stopOf(world);
  return attemptState(of, world.env, { userAgent, clock: stop.clock(), stopping: stop });
}
