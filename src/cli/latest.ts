/** `latest` in place of the id of a run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AuditRecord, Chain } from '../core/audit.js';
import { InvalidInput } from '../core/errors.js';
import { adoptedBy, foundBy, mayHaveChanged } from '../core/rollback.js';
import { sha256 } from '../files/digest.js';
import { idsInOrder } from '../files/folder-chain.js';
import { readPlanFile } from '../files/plan-file.js';
import { AUDIT_FILE, hasPlan, PLAN_FILE, readRun, type StoredRun } from '../files/runs.js';
import type { FolderOf } from './whose-run.js';

/**
 * The id that is meant: of the newest run, of the environment where one is given, or the one given.
 * Throws `InvalidInput` for none.
 */
export async function runMeant(runsDir: string, id: string, environment?: string): Promise<string> {
  if (id !== 'latest') return id;
  for (const one of (await idsInOrder(runsDir)).reverse()) {
    if (environment === undefined || (await mayBeOf(runsDir, one, environment))) return one;
  }
  const of = environment === undefined ? '' : ` of the environment ${environment}`;
  throw none(`there are no runs${of}`, runsDir);
}

/** True of one that nobody can read: it is not passed over. */
async function mayBeOf(runsDir: string, id: string, environment: string): Promise<boolean> {
  try {
    const { chain } = await readRun(runsDir, id, sha256, 'what stands');
    return (chain.records[0]?.environment ?? environment) === environment;
  } catch (error) {
    if (error instanceof InvalidInput) return true;
    throw error;
  }
}

/**
 * The newest run of the environment that changed something, where `latest` is asked for; what
 * another folder of manifests did with the same folder of runs is not meant. One whose
 * log is broken, empty or gone is not passed over where it may be that: what it changed cannot be
 * told.
 */
export async function changeMeant(
  runsDir: string,
  id: string,
  environment: string | undefined,
  folderOf: FolderOf,
): Promise<StoredRun> {
  if (id !== 'latest') return readRun(runsDir, id, sha256);
  for (const one of (await idsInOrder(runsDir)).reverse()) {
    const dir = path.join(runsDir, one);
    const run = existsSync(path.join(dir, AUDIT_FILE)) ? await readRun(runsDir, one, sha256) : null;
    const { records = [], problems = [] } = run?.chain ?? {};
    const [first] = records;
    if (run !== null && first !== undefined && problems.length === 0) {
      const isElsewhere = environment !== undefined && first.environment !== environment;
      if (isElsewhere || !hasChanged(records)) continue;
      if ((await folderOf(records)) === null) return run;
    } else if (await mayBeMeant({ id: one, dir, chain: { records, problems } }, environment)) {
      if (problems.length === 0 && run !== null) throw emptied(dir);
      // Whoever is given a broken one says what is wrong with it, and this of one that is gone.
      return run ?? (await readRun(runsDir, one, sha256));
    }
  }
  const where = environment === undefined ? '' : ` of the environment ${environment}`;
  throw none(`there is no run${where} that changed something`, runsDir);
}

/** A run of which no whole log is there: it may have changed something in the environment. */
async function mayBeMeant(
  { id, dir, chain }: { id: string; dir: string; chain: Pick<Chain, 'records' | 'problems'> },
  environment: string | undefined,
): Promise<boolean> {
  const { records, problems } = chain;
  // It has a record before it has a plan, and a plan before it changes anything.
  if (problems.length === 0 && !hasPlan({ dir })) return false;
  if (!mayHaveChanged(id)) return false;
  const said = new Set(records.map((record) => record.environment));
  const planned = await plannedFor(dir);
  if (planned !== null) said.add(planned);
  return environment === undefined || said.size === 0 || said.has(environment);
}

/** The environment that the run has made a plan for; `null` where no whole plan says. */
async function plannedFor(dir: string): Promise<string | null> {
  try {
    return (await readPlanFile(path.join(dir, PLAN_FILE), sha256)).environment.name;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

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
