/** Without folders in names of owners, two of one repository would prune each other's objects. */
import { expect, it, vi } from 'vitest';
import type * as owner from '../../../src/core/owner.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/core/owner.js', async (original) => {
  const real = await original<typeof owner>();
  const sameOwner: typeof real.sameOwner = (written, us) => {
    const [theirs, ours] = [written, us].map(({ name }) => real.partsOfName(name).repository);
    return theirs === ours && written.environment === us.environment;
  };
  return { ...real, sameOwner };
});

it('is noticed when a repository is one owner, whatever its folders', async () => {
  expect(await isCaughtBy('apart')).toBe(true);
});
