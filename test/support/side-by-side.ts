/**
 * Tests whose time is the waiting of processes run beside each other (`describe.concurrent`); each
 * opens places of its own, which are closed when it ends.
 */
import { test } from 'vitest';
import { Workplace } from './cli.js';

export const it = test.extend<{ open: typeof Workplace.open }>({
  open: ({ onTestFinished }, use) =>
    use(async (file, options) => {
      const place = await Workplace.open(file, options);
      onTestFinished(() => place.close());
      return place;
    }),
});
