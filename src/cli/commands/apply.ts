/** `strategos apply`: the given plan or a fresh one, after the guards and the user have agreed. */
import path from 'node:path';
import { InvalidInput, Refused, WrongUsage, type ExitCode } from '../../core/errors.js';
import { movedSince } from '../../core/plan.js';
import type { Plan } from '../../core/types.js';
import type { Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readPlanFile } from '../../files/plan-file.js';
import { carryOut } from '../carry-out.js';
import type { ApplyOptions, CommonOptions } from '../options.js';
import { inSession, kindOf, planIn, scopeOf, type SessionRequest } from '../session.js';
import type { World } from '../world.js';

export async function apply(
  file: string | undefined,
  options: CommonOptions & ApplyOptions,
  world: World,
): Promise<ExitCode> {
  if (!options.yes && !world.interactive) {
    throw new WrongUsage('apply cannot ask here, because there is no terminal', {
      hint: 'review a plan first, then pass --yes',
    });
  }
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
    const fresh = await planIn(session, options, scope, world);
    if (given !== null) refuseIfMoved(given, fresh.plan);
    // Guards and checks are of now: they are not what was reviewed, they are what holds.
    const plan = given === null ? fresh.plan : { ...given, guards: fresh.plan.guards };
    // What is on record is what was carried out, not what was planned to compare it with.
    if (given !== null) await session.run.writePlan(plan);
    return carryOut(session, { ...fresh, plan }, options, world);
  });
}

/** A plan is carried out as it was reviewed or not at all. */
function refuseIfMoved(given: Plan, fresh: Plan): void {
  if (given.organization.id !== fresh.organization.id) {
    throw new Refused(
      'other-organization',
      `the plan was made for organization "${given.organization.name}", ` +
        `these credentials belong to "${fresh.organization.name}"`,
    );
  }
  const hint = 'plan again and review what is new';
  if (given.manifests !== fresh.manifests) {
    throw new Refused('stale-plan', 'the plan is stale: the manifests changed after it was made', {
      hint,
    });
  }
  const moved = movedSince(given, fresh, kindOf);
  if (moved.length === 0) return;
  throw new Refused(
    'stale-plan',
    `the plan is stale: changed in the org after it was made: ${moved.join(', ')}`,
    { hint },
  );
}
