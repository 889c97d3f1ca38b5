/** `strategos apply`: the given plan or a fresh one, after the guards and the user have agreed. */
import path from 'node:path';
import { InvalidInput, Refused, WrongUsage, type ExitCode } from '../../core/errors.js';
import { guard } from '../../core/guard.js';
import { movedSince, sealed } from '../../core/plan.js';
import type { Plan } from '../../core/types.js';
import type { Planned } from '../../engine/plan.js';
import type { Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readPlanFile } from '../../files/plan-file.js';
import { carryOut } from '../carry-out.js';
import { refuseUnasked } from '../consent.js';
import { RunLock } from '../lock.js';
import type { ApplyOptions, CommonOptions } from '../options.js';
import {
  guardsOf,
  inSession,
  kindOf,
  planIn,
  recordPlan,
  scopeOf,
  type Session,
  type SessionRequest,
} from '../session.js';
import type { World } from '../world.js';

export async function apply(
  file: string | undefined,
  options: CommonOptions & ApplyOptions,
  world: World,
): Promise<ExitCode> {
  refuseUnasked('apply', options, world);
  if (file !== undefined && options.target !== undefined) {
    throw new WrongUsage('--target goes with a fresh plan; a plan file has its own scope');
  }
  const given =
    file === undefined ? null : await readPlanFile(path.resolve(world.cwd, file), sha256);
  if (given !== null && options.env !== undefined && options.env !== given.environment.name) {
    throw new InvalidInput(
      `${file ?? ''} is a plan for ${given.environment.name}, not for ${options.env}`,
    );
  }
  const environment = given?.environment.name ?? options.env;
  const request: SessionRequest<Writer> = {
    ...{ command: 'apply', environment },
    open: (sdk, connection) => sdk.openWriter(connection),
  };
  return inSession(request, options, world, async (session) => {
    const scope = given === null ? scopeOf(options.target) : given.scope;
    const lock = new RunLock(session, options.lockTimeout, world);
    const homes = await lock.takeEarly();
    const fresh = await planIn(session, { scope, homes, adopt: options.adopt }, world);
    const plan = given === null ? fresh.plan : confirmedBy(fresh, given, session);
    await recordPlan(session, plan);
    return carryOut(session, lock, { ...fresh, plan }, options, world);
  });
}

/**
 * The given plan, once git and the org as they are now have confirmed it. A plan whose changes are
 * all in place, because it was carried out before, has nothing left to do.
 */
function confirmedBy(fresh: Planned, given: Plan, session: Session): Plan {
  refuseOther(given, fresh.plan);
  const left = new Set(fresh.plan.changes.map((change) => change.address));
  if (!given.changes.some((change) => left.has(change.address))) return settled(fresh.plan, given);
  const moved = movedSince(given, fresh.plan, kindOf);
  if (moved.length > 0) {
    throw new Refused(
      'stale-plan',
      `the plan is stale: changed in the org after it was made: ${moved.join(', ')}`,
      { hint: REVIEW_HINT },
    );
  }
  // What else moved in the org does not count for the guards: this plan does not touch it.
  const bounds = guard(given.counts, fresh.owned, guardsOf(session.environment));
  const whose = fresh.plan.guards.filter(
    (one) => one.guard === 'adoption' || one.guard === 'ownership',
  );
  return { ...given, guards: [...bounds, ...whose] };
}

function settled(fresh: Plan, given: Plan): Plan {
  const none = { create: 0, update: 0, delete: 0, adopt: 0 };
  const counts = { ...none, unchanged: given.changes.length };
  return sealed({ ...fresh, changes: [], guards: [], counts }, sha256);
}

const REVIEW_HINT = 'plan again and review what is new';

function refuseOther(given: Plan, fresh: Plan): void {
  if (given.organization.id !== fresh.organization.id) {
    throw new Refused(
      'other-organization',
      `the plan was made for organization "${given.organization.name}", ` +
        `these credentials belong to "${fresh.organization.name}"`,
    );
  }
  if (given.manifests !== fresh.manifests) {
    throw new Refused('stale-plan', 'the plan is stale: the manifests changed after it was made', {
      hint: REVIEW_HINT,
    });
  }
}
