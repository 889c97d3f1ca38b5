/** `latest` in place of the id of a run. */
import path from 'node:path';
import type { AuditRecord } from '../core/audit.js';
import { InvalidInput } from '../core/errors.js';
import { adoptedBy, foundBy } from '../core/rollback.js';
import { sha256 } from '../files/digest.js';
import { idsInOrder } from '../files/folder-chain.js';
import { AUDIT_FILE, hasPlan, readRun, type StoredRun } from '../files/runs.js';

/** The id that is meant: of the newest run, or the one given. Throws `InvalidInput` for none. */
export async function runMeant(runsDir: string, id: string): Promise<string> {
  if (id !== 'latest') return id;
  const newest = (await idsInOrder(runsDir)).at(-1);
  if (newest === undefined) throw none('there are no runs', runsDir);
  return newest;
}

/**
 * The newest run of the environment that changed something, where `latest` is asked for. One whose
 * log is broken or empty is not passed over: what it changed cannot be told.
 */
export async function changeMeant(
  runsDir: string,
  id: string,
  environment: string | undefined,
): Promise<StoredRun> {
  if (id !== 'latest') return readRun(runsDir, id, sha256);
  for (const one of (await idsInOrder(runsDir)).reverse()) {
    const run = await readRun(runsDir, one, sha256);
    const { records, problems } = run.chain;
    if (records.length === 0 && problems.length === 0 && hasPlan(run)) throw emptied(run.dir);
    const isElsewhere = environment !== undefined && records[0]?.environment !== environment;
    if (problems.length > 0 || (!isElsewhere && hasChanged(records))) return run;
  }
  const where = environment === undefined ? '' : ` of the environment ${environment}`;
  throw none(`there is no run${where} that changed something`, runsDir);
}

/** A run has a record before it has a plan. */
function emptied(dir: string): InvalidInput {
  const message = `${path.join(dir, AUDIT_FILE)} has no record, and the run has come to a plan`;
  return new InvalidInput(`${message}: what it changed cannot be told`, [], {
    hint: 'restore the log (of a workflow run: from its artifact), or name the run to roll back',
  });
}

function hasChanged(records: readonly AuditRecord[]): boolean {
  return foundBy(records).length > 0 || adoptedBy(records).size > 0;
}

function none(message: string, runsDir: string): InvalidInput {
  return new InvalidInput(`${message} in ${runsDir}`, [], {
    hint: 'name the folder of run records with --runs',
  });
}
