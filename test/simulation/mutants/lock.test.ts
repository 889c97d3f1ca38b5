/** Without the lock, two runs would write at once. */
import { expect, it, vi } from 'vitest';
import type * as lock from '../../../src/engine/lock.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/lock.js', async (original) => ({
  ...(await original<typeof lock>()),
  acquire: () => Promise.resolve(),
  release: () => Promise.resolve(true),
}));

it('is noticed when nobody takes the lock', async () => {
  expect(await isCaughtBy('alone')).toBe(true);
});
