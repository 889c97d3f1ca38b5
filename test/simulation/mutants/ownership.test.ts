/** Without the ownership test, strangers would be deleted. */
import { expect, it, vi } from 'vitest';
import type * as ownership from '../../../src/core/ownership.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/core/ownership.js', async (original) => ({
  ...(await original<typeof ownership>()),
  holdOf: () => ({ by: 'us' }),
}));

it('is noticed when everything counts as ours', async () => {
  expect(await isCaughtBy('untouched')).toBe(true);
});
