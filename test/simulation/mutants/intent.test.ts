/** Without its intent on disk, a write could not be accounted for. */
import { expect, it, vi } from 'vitest';
import type * as ledger from '../../../src/engine/ledger.js';
import type { AuditLog } from '../../../src/engine/ports.js';
import { isCaughtBy } from './caught.js';

vi.mock('../../../src/engine/ledger.js', async (original) => {
  const { Ledger } = await original<typeof ledger>();
  class Mutant extends Ledger {
    constructor(...[writer, audit, patience]: ConstructorParameters<typeof Ledger>) {
      const append: AuditLog['append'] = async (entry) =>
        audit.append(entry.type === 'intent' ? { type: 'checked' } : entry);
      super(writer, { append, last: () => audit.last() }, patience);
    }
  }
  return { Ledger: Mutant };
});

it('is noticed when no intent is written down', async () => {
  expect(await isCaughtBy('witnessed')).toBe(true);
});
