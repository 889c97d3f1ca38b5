/** Without the precondition of a write, the edits of people would be overwritten. */
import { expect, it, vi } from 'vitest';
import type * as planning from '../../../src/engine/plan.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/plan.js', async (original) => {
  const real = await original<typeof planning>();
  const makePlan: typeof real.makePlan = async (ports, input) => {
    const planned = await real.makePlan(ports, input);
    const changes = planned.plan.changes.map((change) => ({ ...change, precondition: null }));
    return { ...planned, plan: { ...planned.plan, changes } };
  };
  return { ...real, makePlan };
});

it('is noticed when no write has a precondition', async () => {
  expect(await isCaughtBy('stale-safe')).toBe(true);
});
