/** What was merged since the last apply: it is applied together, under the newest pull request. */
import { parseRecord } from '../../../core/audit.js';
import { sameOwner, type Owner } from '../../../core/owner.js';
import { commandIn } from '../../../core/run-id.js';
import type { State } from '../../../core/state.js';
import { isCommit, type MergedSince } from '../../../core/workflow.js';
import { AUDIT_FILE } from '../../../files/runs.js';
import { fileInArtifactOf } from '../../../github/artifact.js';
import { mergedSince, type MergedPullRequest } from '../../../github/merged.js';
import type { World } from '../../world.js';
import { gitHubOf, told } from './reviewed.js';

interface Asked {
  readonly state: Pick<State, 'records' | 'heads'>;
  readonly owner: Owner | null;
  readonly environment: string;
  /** The commit that is checked out, and its pull request; each may not be known. */
  readonly head: string | null;
  readonly merged: MergedPullRequest | null | undefined;
}

/** `null` where it cannot be told, which is never taken for none. */
export async function sinceLastApply(asked: Asked, world: World): Promise<MergedSince> {
  const { head, merged: newest } = asked;
  const run = lastRun(asked);
  // After a rollback, what was applied before it may be applied again.
  if (head === null || newest === undefined || run === null) return null;
  if (commandIn(run) !== 'apply') return null;
  const found = await told(world, async () => {
    const github = gitHubOf(world);
    const log = await fileInArtifactOf(github, { name: run, file: AUDIT_FILE });
    const commit = log === null ? null : appliedIn(log, run, asked.environment);
    if (commit === null) return null;
    const merged = await mergedSince(github, commit, head);
    if (merged === null) return null;
    const numbers = new Set(merged.flatMap(({ number }) => number ?? []));
    numbers.delete(newest?.number ?? 0);
    const pushed = merged.filter(({ number }) => number === null).map((one) => one.commit);
    return { commit, pullRequests: [...numbers], pushed };
  });
  return found ?? null;
}

const APPLYING: ReadonlySet<string> = new Set(['apply', 'rollback']);

/** Ids of runs begin with their time. Rounds of the optimizer apply nothing that is merged. */
function lastRun({ state, owner }: Asked): string | null {
  if (owner === null) return null;
  const records = [...state.records.values(), ...state.heads.values()];
  const runs = records.flatMap((one) =>
    one !== null && sameOwner(one.owner, owner) && APPLYING.has(commandIn(one.run))
      ? [one.run]
      : [],
  );
  return runs.sort().at(-1) ?? null;
}

/** Of a log that says that all of its commit was applied. */
function appliedIn(log: string, run: string, environment: string): string | null {
  const lines = log.trim().split('\n');
  const [first, last] = [lines[0], lines.at(-1)].map((line = '') => parseRecord(line));
  if (first?.run !== run || first.environment !== environment) return null;
  if (last?.type !== 'run-ended' || last.detail?.['exitCode'] !== 0) return null;
  const { commit, uncommitted } = first.detail ?? {};
  return uncommitted === undefined && typeof commit === 'string' && isCommit(commit)
    ? commit
    : null;
}
