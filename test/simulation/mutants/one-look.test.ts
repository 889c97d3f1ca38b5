/** A read that lags behind would make a run give up the record of what was made a moment ago. */
import { expect, it, vi } from 'vitest';
import type * as looks from '../../../src/engine/looks.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/looks.js', () => {
  const once: Pick<typeof looks, 'lookUntil'> = { lookUntil: async (_clock, look) => look() };
  return {
    ...once,
    entitySeen: async (...[ports, resource, root, id]: Parameters<typeof looks.entitySeen>) =>
      ports.reader.get(resource.itemPath(root, id)).then(
        ({ body }) => body,
        () => null,
      ),
  };
});

it('is noticed when one look at what a listing lacks is enough', async () => {
  expect(await isCaughtBy('converges', 600_372)).toBe(true);
});
