/** A run that takes no notice of the head that is there would begin a history of its own. */
import { expect, it, vi } from 'vitest';
import type * as head from '../../../src/core/head.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/core/head.js', async (original) => ({
  ...(await original<typeof head>()),
  behind: (_previous: unknown, self: string) => ({ chain: self, number: 1 }),
}));

it('is noticed when runs do not count on', async () => {
  expect(await isCaughtBy('anchored')).toBe(true);
});
