/** `strategos apply`: the given plan or a fresh one, after the guards and the user have agreed. */
import path from 'node:path';
import { InvalidInput, WrongUsage, type ExitCode } from '../../core/errors.js';
import type { Plan } from '../../core/types.js';
import type { Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readPlanFile } from '../../files/plan-file.js';
import { carryOut } from '../carry-out.js';
import { confirmedBy } from '../confirmed.js';
import { refuseUnasked } from '../consent.js';
import type { ApplyOptions, CommonOptions } from '../options.js';
import { predicting } from '../predicting.js';
import { inSession, recordPlan, scopeOf, writingAlso } from '../session.js';
import type { Ending, Session, SessionRequest } from '../session.js';
import type { World } from '../world.js';
import { writingRun } from '../writing.js';

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
      [],
      { hint: `leave --env out, or make a plan with --env ${options.env}` },
    );
  }
  return inSession(applySession(given, options), options, world, async (session) =>
    applying(session, given, options, world),
  );
}

/** A session that may write, to where the plan was made for. */
export function applySession(
  given: Plan | null,
  { env }: Pick<CommonOptions, 'env'>,
): SessionRequest<Writer> {
  return {
    command: 'apply',
    environment: given?.environment.name ?? env,
    plans: true,
    tells: true,
    open: writingAlso,
  };
}

/** The given plan, once it is confirmed, or a fresh one. */
export async function applying(
  session: Session<Writer>,
  given: Plan | null,
  options: CommonOptions & ApplyOptions,
  world: World,
): Promise<Ending> {
  const scope = scopeOf(given === null ? options.target : given.scope);
  // Only a plan that was made to adopt has adoptions of what is as it should be.
  const adopt = options.adopt ?? given?.changes.some(({ action }) => action === 'adopt');
  const request = { plan: { scope, adopt }, lockTimeoutSeconds: options.lockTimeout };
  const run = writingRun(session, request, options, world);
  const fresh = await run.plan();
  // One that was reviewed keeps what it said then.
  const planned =
    given === null
      ? await predicting(session, fresh, {})
      : { ...fresh, plan: confirmedBy(fresh, given, session) };
  await recordPlan(session, planned, undefined, given?.digest);
  // What is left of the plan that is expected is what is expected.
  const isExpected = given !== null && options.expectDigest === given.digest;
  const expected = isExpected ? { expectDigest: planned.plan.digest } : {};
  const consent = { ...options, ...expected, seen: given !== null };
  return carryOut(session, run, planned, consent, world);
}
