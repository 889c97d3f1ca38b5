/** `strategos rollback`: a plan back to what a run found, through the same guards as an apply. */
import path from 'node:path';
import { EXIT, InvalidInput, Refused, type ExitCode } from '../../core/errors.js';
import { objectName } from '../../core/outcome.js';
import { foundBy, manifestsOf } from '../../core/rollback.js';
import { textOf } from '../../core/json.js';
import { visible } from '../../core/visible.js';
import type { Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { AUDIT_FILE, readRun, type StoredRun } from '../../files/runs.js';
import { API_VERSION } from '../../manifest/check.js';
import { carryOut } from '../carry-out.js';
import { refuseUnasked } from '../consent.js';
import { RunLock } from '../lock.js';
import type { CommonOptions, RollbackOptions } from '../options.js';
import { inSession, planIn, recordPlan, type SessionRequest } from '../session.js';
import type { World } from '../world.js';
import { planAs } from './plan.js';

export async function rollback(
  id: string,
  options: CommonOptions & RollbackOptions,
  world: World,
): Promise<ExitCode> {
  if (!options.dryRun) refuseUnasked('rollback', options, world);
  const run = await readRun(path.resolve(world.cwd, options.runs), id, sha256);
  const environment = environmentOf(run, options);
  const found = foundBy(run.chain.records);
  if (found.length === 0) throw new InvalidInput(`run ${id} changed nothing: there is no way back`);
  const file = path.relative(world.cwd, path.join(run.dir, AUDIT_FILE));
  const request: SessionRequest<Writer> = {
    ...{ command: 'rollback', environment },
    plans: true,
    open: (sdk, connection) => sdk.openWriter(connection),
  };
  return inSession(request, options, world, async (session) => {
    const lock = new RunLock(session, options.lockTimeout, world);
    const back = {
      scope: found.map(({ address }) => objectName(address)),
      manifests: manifestsOf(found, file, API_VERSION),
      // What the run made was not there before it.
      prune: true,
    };
    if (options.dryRun) {
      const { plan } = await planIn(session, back, world);
      await recordPlan(session, plan);
      world.out(planAs(plan, options.format, world.outStyle));
      return { exitCode: EXIT.done, state: 'planned', plan, outcomes: [] };
    }
    const homes = await lock.takeEarly();
    const planned = await planIn(session, { ...back, homes }, world);
    refuseOtherOrg(run, planned.plan.organization);
    await recordPlan(session, planned.plan);
    const ending = await carryOut(session, lock, planned, options, world);
    if (ending.outcomes.length > 0) {
      world.err(
        'Git still says otherwise: revert it there as well, or the next apply undoes this.\n',
      );
    }
    return ending;
  });
}

/** What a broken log says was found is not to be written into an org. */
function environmentOf({ id, chain, dir }: StoredRun, { env }: CommonOptions): string {
  const [problem] = chain.problems;
  if (problem !== undefined) {
    throw new InvalidInput(
      `${path.join(dir, AUDIT_FILE)}:${problem.line}: ${problem.message}; what the run found ` +
        'cannot be relied on',
      [],
      { hint: 'restore the run folder from the artifact of its workflow run' },
    );
  }
  const environment = chain.records[0]?.environment ?? '';
  if (env !== undefined && env !== environment) {
    throw new InvalidInput(`run ${id} was in environment ${environment}, not in ${env}`);
  }
  return environment;
}

function refuseOtherOrg({ id, chain }: StoredRun, now: { id: string; name: string }): void {
  const planned = chain.records.find(({ type }) => type === 'planned');
  const then = textOf(planned?.detail?.['organization']);
  if (then === '' || then === now.id) return;
  throw new Refused(
    'other-organization',
    `run ${id} was in another organization than "${visible(now.name)}", which these credentials ` +
      'belong to',
  );
}
