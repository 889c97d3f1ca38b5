/** A record that is given up because a listing lacks its object leaves that object to nobody. */
import { expect, it, vi } from 'vitest';
import type * as observe from '../../../src/engine/observe.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/observe.js', async (original) => ({
  ...(await original<typeof observe>()),
  // Of what a listing lacks, nothing is ever there.
  entityAt: () => Promise.resolve(null),
}));

it('is noticed when nobody looks at what a listing lacks', async () => {
  expect(await isCaughtBy('certain', 180)).toBe(true);
});
