/**
 * The order of test files: those with a process of their own, then the rest, the longest first, so
 * that every core has work to the end.
 */
import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where the size of the file misleads; waits count as well. */
const SECONDS: Readonly<Record<string, number>> = {
  'e2e/lock.test.ts': 90,
  'hostile/doors.test.ts': 50,
  'e2e/github.test.ts': 50,
  'conformance/live.test.ts': 40,
  'e2e/progress.test.ts': 30,
  'e2e/github-fleet.test.ts': 25,
  'simulation/simulation.test.ts': 25,
  'engine/bulk.test.ts': 20,
  'e2e/rollback.test.ts': 20,
  'cli/requests.test.ts': 15,
  'engine/estimate.test.ts': 15,
  'manifest/parse.test.ts': 15,
  'hostile/secrets.test.ts': 12,
  'conformance/datatable.test.ts': 12,
  'conformance/strategies-api.test.ts': 12,
  'e2e/optimize.test.ts': 10,
  'e2e/init.test.ts': 10,
  'e2e/wfm.test.ts': 10,
  'e2e/metrics.test.ts': 8,
  'e2e/cycle.test.ts': 8,
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
