/** Predictions of applies, as the folders of their runs have them. */
import path from 'node:path';
import type { AuditRecord, Chain } from '../core/audit.js';
import { digestOf } from '../core/canonical.js';
import { InvalidInput } from '../core/errors.js';
import { groupedBy } from '../core/grouped.js';
import type { Json } from '../core/json.js';
import { succeeded } from '../core/outcome.js';
import { lookedAtFrom, type Kept } from '../engine/backtest.js';
import { sha256 } from '../files/digest.js';
import { readPlanFile } from '../files/plan-file.js';
import { PLAN_FILE, readRun, runIds, type StoredRun } from '../files/runs.js';

const HOUR_MS = 3_600_000;
const USUAL = 1;

export interface FoundPredictions {
  readonly kept: readonly Kept[];
  /** Runs of which nothing is believed, and why. */
  readonly broken: readonly { readonly run: string; readonly why: string }[];
}

/** Of one environment and organization, oldest first. */
export async function keptPredictions(
  runsDir: string,
  environment: string,
  organization: string,
): Promise<FoundPredictions> {
  const runs: StoredRun[] = [];
  const broken: { run: string; why: string }[] = [];
  for (const id of await runIds(runsDir)) {
    const run = await readRun(runsDir, id, sha256).catch(unreadIn);
    const why = typeof run === 'string' ? run : doubtIn(run.chain, environment);
    if (why !== null) broken.push({ run: id, why });
    else if (typeof run !== 'string' && isOf(environment, run.chain)) runs.push(run);
  }
  const changes = runs.flatMap(({ id, chain }) =>
    chain.records.filter(isChange).map((one) => ({
      run: id,
      address: one.address,
      atMs: Date.parse(one.at),
    })),
  );
  const byAddress = groupedBy(changes, ({ address }) => address ?? '');
  const changing = new Set(changes.map(({ run }) => run));
  const kept: Kept[] = [];
  for (const run of runs) {
    const said = run.chain.records.find(({ type }) => type === 'planned')?.detail;
    const digest = said?.['prediction'];
    if (typeof digest !== 'string' || said?.['organization'] !== organization) continue;
    if (!changing.has(run.id)) continue;
    const plan = await readPlanFile(path.join(run.dir, PLAN_FILE), sha256).catch(() => null);
    const { prediction } = plan ?? {};
    // The log says that there was one: without it nobody knows what it would have shown.
    if (prediction === undefined) {
      const what = plan === null ? `its ${PLAN_FILE} cannot be read` : `its ${PLAN_FILE} has none`;
      broken.push({ run: run.id, why: `the log has a prediction, and ${what}` });
      continue;
    }
    if (digestOf(sha256, prediction as unknown as Json) !== digest) {
      broken.push({ run: run.id, why: `the prediction in its ${PLAN_FILE} is not what was said` });
      continue;
    }
    for (const predicted of prediction.strategies) {
      const all = byAddress.get(predicted.address) ?? [];
      const made = all.find((one) => one.run === run.id);
      if (made === undefined) continue;
      const { atMs } = made;
      const fromMs = lookedAtFrom(atMs, prediction.at);
      const untilMs = fromMs + HOUR_MS;
      const isDisturbed = all.some(
        (one) => one.run !== run.id && one.atMs > atMs && one.atMs < untilMs,
      );
      const { widen = USUAL } = prediction;
      const countedMs = Date.parse(prediction.to);
      kept.push({ run: run.id, atMs, fromMs, countedMs, widen, predicted, isDisturbed });
    }
  }
  return { kept, broken };
}

/** A log that cannot be read may have a prediction: it is named, and the others are read. */
function unreadIn(error: unknown): string {
  if (error instanceof InvalidInput) return `its log cannot be read: ${error.message}`;
  throw error;
}

/** Why nothing of a log is believed; `null` for a sound one, and for one of other environments. */
function doubtIn(chain: Chain, environment: string): string | null {
  const [problem] = chain.problems;
  if (problem === undefined) {
    return chain.records.length === 0 ? 'its log has no record: nobody can tell whose it is' : null;
  }
  // A first record that is broken does not say whose the run is.
  const isOfOthers = problem.line > 1 && !isOf(environment, chain);
  return isOfOthers ? null : `its log is broken: line ${problem.line}: ${problem.message}`;
}

function isOf(environment: string, { records: [first] }: Chain): boolean {
  return first?.environment === environment;
}

function isChange({ type, outcome, detail }: AuditRecord): boolean {
  const state = outcome?.state ?? '';
  return type === 'outcome' && detail?.['step'] === 'change' && succeeded({ state } as never);
}
