import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/longest-first.js';

/** They put other modules in the place of ours, or of Node's: what has been loaded stays as it is. */
const MUTANTS = [
  'test/files/unlisted.test.ts',
  'test/simulation/mutants.test.ts',
  'test/prediction/mutants.test.ts',
  'test/mutants/*.test.ts',
];
/**
 * They go through every place of something: histories from seeds, what a generator draws, every kind
 * by every case, every command at every size of an org, a kill before and after every request, a
 * proxy in the place of every answer, whatever a file may hold. They take as long as the rest, so
 * they are a command of their own, which CI runs as well: `npm run test:sweeps`.
 */
const SWEEPS = [
  'test/simulation/{simulation,references,everything,once}.test.ts',
  'test/conformance/*.test.ts',
  'test/property/*.test.ts',
  'test/hostile/{doors,exhausting,secrets}.test.ts',
  'test/kinds/{queue-circles,parts-killed,rollback-killed}.test.ts',
  'test/doctor/fixed-point.test.ts',
  'test/fidelity/evidence/*.test.ts',
  'test/cli/requests{,-kinds}.test.ts',
  'test/e2e/{package,unwound}.test.ts',
];
/** They read workflows with a package that imports JSON as only a bundler can. */
const WORKFLOWS = 'test/starter/workflows.test.ts';

export default defineConfig({
  // Packages that are inlined come without the sources that their maps name; nobody reads those.
  logLevel: 'error',
  test: {
    root: new URL('..', import.meta.url).pathname,
    setupFiles: ['test/support/seed.ts', 'test/fidelity/setup.ts'],
    // For a test that hangs. One that is slow is slow on a machine that has other work.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Left alone, Vitest keeps a core for itself, which is half of a small machine; and at any time
    // some tests wait for another process: with one worker more than cores a fifth of it was idle.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'mutants',
          include: MUTANTS,
        },
      },
      {
        extends: true,
        test: {
          name: 'workflows',
          include: [WORKFLOWS],
          server: { deps: { inline: ['@actions/workflow-parser'] } },
        },
      },
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [...MUTANTS, ...SWEEPS, WORKFLOWS],
          // A test leaves nothing behind in its process, so all of them can share what was loaded.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'sweeps',
          include: SWEEPS,
          isolate: false,
        },
      },
    ],
  },
});
