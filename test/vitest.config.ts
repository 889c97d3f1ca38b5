import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages that are inlined come without the sources that their maps name; nobody reads those.
  logLevel: 'error',
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts', 'test/fidelity/setup.ts'],
    // End-to-end tests start processes; the machine of a continuous-integration run is small.
    testTimeout: 30_000,
    // It imports JSON as only a bundler can.
    server: { deps: { inline: ['@actions/workflow-parser'] } },
  },
});
