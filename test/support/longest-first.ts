/**
 * The order of test files: those with a process of their own, then the rest, the longest first, so
 * that every core has work to the end.
 */
import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where the size of the file misleads; waits count as well. */
const SECONDS: Readonly<Record<string, number>> = {
  'hostile/doors.test.ts': 47,
  'conformance/kinds.test.ts': 41,
  'simulation/simulation.test.ts': 37,
  'e2e/package.test.ts': 33,
  'simulation/mutants.test.ts': 32,
  'e2e/kinds.test.ts': 30,
  'e2e/lock.test.ts': 26,
  'cli/requests.test.ts': 25,
  'e2e/doctor.test.ts': 21,
  'hostile/secrets.test.ts': 20,
  'engine/bulk.test.ts': 18,
  'e2e/rollback.test.ts': 16,
  'e2e/transfer.test.ts': 15,
  'e2e/github.test.ts': 14,
  'mutants/mutants.test.ts': 13,
  'e2e/stopping.test.ts': 11,
  'fidelity/evidence/contradictions.test.ts': 11,
  'e2e/optimize.test.ts': 11,
  'hostile/exhausting.test.ts': 11,
  'browser/page.test.ts': 10,
  'e2e/progress.test.ts': 9,
  'engine/estimate.test.ts': 8,
  'e2e/wfm.test.ts': 8,
  'doctor/fixed-point.test.ts': 7,
  'e2e/drift.test.ts': 7,
  'e2e/faults.test.ts': 7,
  'conformance/live.test.ts': 7,
  'e2e/predict.test.ts': 7,
  'e2e/github-fleet.test.ts': 6,
  'e2e/trail.test.ts': 6,
  'e2e/cycle.test.ts': 5,
  'prediction/predict.test.ts': 5,
  'simulation/references.test.ts': 5,
  'fidelity/evidence/slash.test.ts': 5,
  'e2e/names.test.ts': 5,
  'e2e/init.test.ts': 5,
  'tidy.test.ts': 4,
  'e2e/interrupt.test.ts': 4,
  'e2e/ownership.test.ts': 4,
  'e2e/export.test.ts': 4,
  'conformance/datatable.test.ts': 3,
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
