/** `strategos rollback`: a plan back to what a run found, through the same guards as an apply. */
import { isInScope, refuseUnknown, scopeOfAll, type Scope } from '../../core/scope.js';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { same } from '../../core/canonical.js';
import { EXIT, InvalidInput, Refused, type ExitCode } from '../../core/errors.js';
import { isObject } from '../../core/json.js';
import { exitOf, kindName, objectName, succeeded } from '../../core/outcome.js';
import {
  adoptedBy,
  effectsOf,
  foundBy,
  manifestsOf,
  mayHaveChanged,
  type FormerState,
} from '../../core/rollback.js';
import type { Ids } from '../../core/state.js';
import { visible } from '../../core/visible.js';
import type { Address, Plan } from '../../core/types.js';
import { TRANSFER_STEP } from '../../engine/hand-over.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { idsInOrder } from '../../files/folder-chain.js';
import { AUDIT_FILE, readRun, type StoredRun } from '../../files/runs.js';
import { API_VERSION } from '../../manifest/check.js';
import { carryOut } from '../carry-out.js';
import { refuseUnasked } from '../consent.js';
import { changeMeant } from '../latest.js';
import type { CommonOptions, RollbackOptions } from '../options.js';
import {
  inSession,
  kindOf,
  planIn,
  recordPlan,
  scopeOf,
  type PlanRequest,
  type SessionRequest,
} from '../session.js';
import { otherFolders } from '../whose-run.js';
import type { World } from '../world.js';
import { writingRun } from '../writing.js';
import { planAs } from './plan.js';

export async function rollback(
  given: string,
  options: CommonOptions & RollbackOptions,
  world: World,
): Promise<ExitCode> {
  if (!options.dryRun) refuseUnasked('rollback', options, world);
  const runs = path.resolve(world.cwd, options.runs);
  const folderOf = otherFolders(options, world);
  const run = await changeMeant(runs, given, options.env, folderOf);
  const { id } = run;
  if (given !== id) world.err(`rolling back ${id}\n`);
  const environment = environmentOf(run, options);
  const all = foundBy(run.chain.records);
  const adopted = adoptedBy(run.chain.records);
  if (all.length === 0 && adopted.size === 0) {
    const handedOver = run.chain.records.some((one) => one.detail?.['step'] === TRANSFER_STEP);
    const hint = 'strategos owner transfer hands back what it has handed over';
    const message = `run ${id} changed nothing: there is no way back`;
    throw new InvalidInput(message, [], handedOver ? { hint } : {});
  }
  refuseOthers(id, await folderOf(run.chain.records));
  const scope = scopeOf(options.target);
  const found = inScope(all, adopted, id, scope);
  const isMeant = new Set(found.map(({ address }) => address));
  const disowned = new Set(
    [...adopted].filter((address) => isMeant.has(address) || isInScope(scope, address)),
  );
  const file = path.relative(world.cwd, path.join(run.dir, AUDIT_FILE));
  const back: PlanRequest = {
    scope: scopeOfAll([...found.map(({ address }) => address), ...disowned]),
    manifests: manifestsOf(found, file, API_VERSION, kindOf),
    findings: new Map(found.map(({ address, exact }) => [address, exact])),
    effects: effectsOf(found),
    objects: new Map(found.map(({ address, id = '' }) => [address, id])),
    deletedSince: await deletedSince(run, found),
    disowned,
    asFound: options.force === true,
    // What the run made was not there before it, and may be gone by now.
    prune: true,
    namesMayBeGone: true,
    adopt: options.adopt,
    ids: idsOf(run),
  };
  const request = { command: 'rollback', environment, plans: true };
  if (options.dryRun) return preview(run, back, request, options, world);
  return inSession(
    { ...request, tells: true, open: (sdk, connection) => sdk.openWriter(connection) },
    options,
    world,
    async (session) => {
      const wanted = { plan: back, lockTimeoutSeconds: options.lockTimeout };
      const writing = writingRun(session, wanted, options, world);
      const planned = await writing.plan();
      refuseOther(run, planned.plan);
      await recordPlan(session, planned);
      const ending = await carryOut(session, writing, planned, options, world);
      if (ending.outcomes.some(succeeded)) world.err(REVERT_IN_GIT);
      return ending;
    },
  );
}

const REVERT_IN_GIT =
  'Where git still says otherwise (plan shows it), revert it there as well, or the next apply ' +
  'undoes this.\n';

/**
 * By which later run something that this run made was deleted, as far as the logs of the folder
 * say: a row that was made again has the key that it had. What has an id is known by that.
 */
async function deletedSince(
  { dir, id, chain }: StoredRun,
  found: readonly FormerState[],
): Promise<ReadonlyMap<Address, string>> {
  const runsDir = path.dirname(dir);
  const rows = found.filter(
    (one) => one.before === null && (one.id ?? objectName(one.address)) === objectName(one.address),
  );
  const made = new Set(rows.map(({ address }) => address));
  const deleted = new Map<Address, string>();
  if (made.size === 0) return deleted;
  const all = await idsInOrder(runsDir);
  const environment = chain.records[0]?.environment;
  for (const later of all.slice(all.indexOf(id) + 1)) {
    if (!mayHaveChanged(later) || !existsSync(path.join(runsDir, later, AUDIT_FILE))) continue;
    // One that cannot be read keeps every run from its work, this one as well.
    const { records } = (await readRun(runsDir, later, sha256)).chain;
    if (records[0]?.environment !== environment) continue;
    for (const { address, after, isReplaced } of foundBy(records)) {
      const isGone = after === null && isReplaced === undefined;
      if (isGone && made.has(address)) deleted.set(address, later);
    }
  }
  return deleted;
}

/** Only shows the plan, with a client that cannot write. */
async function preview(
  run: StoredRun,
  back: PlanRequest,
  request: Omit<SessionRequest<Reader>, 'open'>,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  const open: SessionRequest<Reader>['open'] = (sdk, connection) => sdk.openReader(connection);
  return inSession({ ...request, open }, options, world, async (session) => {
    const planned = await planIn(session, back, world);
    const { plan } = planned;
    refuseOther(run, plan);
    await recordPlan(session, planned);
    world.out(planAs(plan, options.format, world.outStyle));
    return { exitCode: exitOf(plan, EXIT.done), state: 'planned', plan, outcomes: [] };
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
    throw new InvalidInput(`run ${id} was in environment ${environment}, not in ${env}`, [], {
      hint: 'leave --env out, or name a run of that environment: strategos audit show lists them',
    });
  }
  return environment;
}

/** What another folder has deleted would be made again as ours, and all else of it is not ours. */
function refuseOthers(id: string, folder: string | null): void {
  if (folder === null) return;
  throw new Refused('other-folder', `run ${id} is of another folder of manifests: ${folder}`, {
    hint: `roll it back with --dir ${folder} from the top of the repository`,
  });
}

/** Those of the objects that are to go back. */
function inScope(
  found: readonly FormerState[],
  adopted: ReadonlySet<Address>,
  run: string,
  scope: Scope,
): FormerState[] {
  const known = [...new Set([...found.flatMap(namesOf), ...adopted])];
  refuseUnknown(scope, known, `run ${run} changed nothing of that name`, changedText(known));
  return found.filter((one) => namesOf(one).some((address) => isInScope(scope, address)));
}

/** What the run found is known by the name that it had, and by the one that the run gave it. */
function namesOf({ address, now }: FormerState): Address[] {
  return now === undefined ? [address] : [address, `${kindName(address)}/${now}`];
}

function changedText(known: readonly Address[]): string {
  return `it changed: ${known.slice(0, 10).map(objectName).join(', ')}`;
}

/** What the names stood for that the run found or wrote. */
function idsOf({ chain }: StoredRun): Ids | undefined {
  const ids = chain.records.find(({ type }) => type === 'planned')?.detail?.['ids'];
  return isObject(ids) ? (ids as Ids) : undefined;
}

/** What the run found is written back where it was found, and nowhere else. */
function refuseOther({ id, chain }: StoredRun, now: Plan): void {
  const detail = chain.records.find(({ type }) => type === 'planned')?.detail ?? {};
  const { organization, environment } = now;
  if ((detail['organization'] ?? organization.id) !== organization.id) {
    throw new Refused(
      'other-organization',
      `run ${id} was in another organization than "${visible(organization.name)}", which these ` +
        'credentials belong to',
    );
  }
  const { backend, tables } = environment;
  const then = detail['home'] ?? null;
  if (then === null || same(then, { backend, ...tables })) return;
  throw new Refused(
    'other-backend',
    `run ${id} wrote elsewhere than the environment ${environment.name} does now: its backend or ` +
      'the names of its data tables have changed',
    { hint: 'set spec.backend and spec.datatable.table as they were, and roll back' },
  );
}
