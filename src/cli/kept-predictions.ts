/** Predictions of applies, as the folders of their runs have them. */
import { groupedBy } from '../core/grouped.js';
import path from 'node:path';
import { digestOf } from '../core/canonical.js';
import type { Json } from '../core/json.js';
import { succeeded } from '../core/outcome.js';
import type { AuditRecord } from '../core/audit.js';
import { SETTLED_MS, type Kept } from '../engine/backtest.js';
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
    const run = await readRun(runsDir, id, sha256).catch(() => null);
    if (run === null || run.chain.records[0]?.environment !== environment) continue;
    const [problem] = run.chain.problems;
    if (problem === undefined) runs.push(run);
    else broken.push({ run: id, why: `its log is broken: ${problem.message}` });
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
      const untilMs = atMs + SETTLED_MS + HOUR_MS;
      const isDisturbed = all.some(
        (one) => one.run !== run.id && one.atMs > atMs && one.atMs < untilMs,
      );
      const { widen = USUAL } = prediction;
      kept.push({ run: run.id, atMs, widen, predicted, isDisturbed });
    }
  }
  return { kept, broken };
}

function isChange({ type, outcome, detail }: AuditRecord): boolean {
  const state = outcome?.state ?? '';
  return type === 'outcome' && detail?.['step'] === 'change' && succeeded({ state } as never);
}
