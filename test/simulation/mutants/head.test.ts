/** Without the head of the log in the org, whoever can write the folder could write its history. */
import { expect, it, vi } from 'vitest';
import type * as anchor from '../../../src/engine/anchor.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/anchor.js', async (original) => {
  const { Anchor } = await original<typeof anchor>();
  class Mutant extends Anchor {
    override leave(): Promise<void> {
      return Promise.resolve();
    }
  }
  return { Anchor: Mutant };
});

it('is noticed when no run leaves its head', async () => {
  expect(await isCaughtBy('anchored')).toBe(true);
});
