/** Without the pace, requests would go out while the platform asks for silence. */
import { expect, it, vi } from 'vitest';
import type * as pace from '../../../src/genesys/pace.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/genesys/pace.js', async (original) => {
  const { Pace } = await original<typeof pace>();
  class Mutant extends Pace {
    override waitMs(): number {
      return 0;
    }
  }
  return { Pace: Mutant };
});

it('is noticed when nobody waits', async () => {
  expect(await isCaughtBy('polite')).toBe(true);
});
