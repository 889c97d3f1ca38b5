/** A single read that lags behind would make a run leave its lock, and blame somebody for it. */
import { expect, it, vi } from 'vitest';
import { rowPath } from '../../../src/core/table.js';
import type * as lock from '../../../src/engine/lock.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/lock.js', async (original) => {
  const real = await original<typeof lock>();
  const release: typeof lock.release = async (ledger, rows, run) => {
    if ((await real.lockIn(ledger.writer, rows))?.run !== run) return false;
    const look = (): Promise<never> => Promise.reject(new Error('nobody looks'));
    await ledger.send({ method: 'DELETE', path: rowPath(rows, 'lock') }, { step: 'unlock', look });
    return true;
  };
  return { ...real, release };
});

it('is noticed when one look is enough', async () => {
  expect(await isCaughtBy('blameless')).toBe(true);
});
