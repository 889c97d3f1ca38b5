/** Without the head in the org, whoever can write a folder of runs could rewrite its end. */
import { expect, it, vi } from 'vitest';
import type * as verdict from '../../../src/core/verdict.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/core/verdict.js', async (original) => {
  const real = await original<typeof verdict>();
  const verdictWith: typeof real.verdictWith = (runs) => real.verdictOn(runs, true);
  return { ...real, verdictWith };
});

it('is noticed when a verdict does not look at the head', async () => {
  expect(await isCaughtBy('tamper-evident')).toBe(true);
});
