import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/longest-first.js';

/** They put other modules in the place of ours. */
const MUTANTS = [
  'test/simulation/mutants.test.ts',
  'test/prediction/mutants.test.ts',
  'test/mutants/*.test.ts',
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
          exclude: [...MUTANTS, WORKFLOWS],
          // A test leaves nothing behind in its process, so all of them can share what was loaded.
          isolate: false,
        },
      },
    ],
  },
});
