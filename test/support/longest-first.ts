/**
 * The order of test files: those with a process of their own, then the rest, the longest first, so
 * that every core has work to the end.
 */
import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where the size of the file misleads; waits count as well. */
const SECONDS: Readonly<Record<string, number>> = {
  'e2e/lock.test.ts': 70,
  'e2e/progress.test.ts': 60,
  'hostile/doors.test.ts': 50,
  'simulation/simulation.test.ts': 35,
  'e2e/doctor.test.ts': 32,
  'cli/requests.test.ts': 30,
  'e2e/package.test.ts': 27,
  'hostile/secrets.test.ts': 25,
  'conformance/live.test.ts': 25,
  'e2e/rollback.test.ts': 25,
  'e2e/faults.test.ts': 22,
  'manifest/parse.test.ts': 20,
  'e2e/wfm.test.ts': 20,
  'engine/bulk.test.ts': 20,
  'doctor/fixed-point.test.ts': 20,
  'e2e/optimize.test.ts': 18,
  'e2e/transfer.test.ts': 18,
  'e2e/cycle.test.ts': 16,
  'e2e/github.test.ts': 15,
  'e2e/trail.test.ts': 15,
  'engine/estimate.test.ts': 15,
  'fidelity/evidence/contradictions.test.ts': 15,
  'prediction/predict.test.ts': 14,
  'e2e/drift.test.ts': 12,
  'e2e/ownership.test.ts': 12,
  'e2e/names.test.ts': 11,
  'e2e/init.test.ts': 10,
  'e2e/refusals.test.ts': 9,
  'e2e/old-rows.test.ts': 9,
  'e2e/compare.test.ts': 9,
  'e2e/github-fleet.test.ts': 8,
  'conformance/datatable.test.ts': 8,
  'property/rollback.test.ts': 8,
  'e2e/interrupt.test.ts': 8,
  'property/text.test.ts': 7,
  'e2e/metrics.test.ts': 6,
  'conformance/strategies-api.test.ts': 5,
};
const BYTES_A_SECOND = 20_000;

export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = files
      .map((file) => ({
        file,
        shared: file.project.config.isolate ? 0 : 1,
        seconds: secondsOf(file),
      }))
      .sort((a, b) => a.shared - b.shared || b.seconds - a.seconds);
    return Promise.resolve(sorted.map(({ file }) => file));
  }
}

function secondsOf({ moduleId }: TestSpecification): number {
  const name = moduleId.slice(moduleId.lastIndexOf('/test/') + '/test/'.length);
  return SECONDS[name] ?? statSync(moduleId).size / BYTES_A_SECOND;
}
