/** What a row cannot do is said once, of whatever number of strategies, and only where it is so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.js';
import { resourceOf } from '../../../src/core/kind.js';
import { routingStrategy } from '../../../src/kinds/routing-strategy/index.js';
import { unenforced } from '../../../src/kinds/routing-strategy/unenforced.js';
import { json } from '../../property/generators.js';

const target = (priority?: number): JsonObject => ({
  queue: 'A',
  capacity: 5,
  ...(priority === undefined ? {} : { priority }),
});
const FLAT: JsonObject = { targets: [target(), target(1)], fallback: null };
const CAPACITY = /does not hold back calls beyond capacity/;
const TIERS = /no lower tier takes over from busy queues/;

describe('what nothing sees to', () => {
  it('is capacity, wherever there is a target', () => {
    const said = unenforced([FLAT, FLAT]);
    expect(said).toMatch(CAPACITY);
    expect(said).not.toMatch(TIERS);
    expect(said).toContain('docs/call-flow.md');
    // A note, and no essay: two lines of a terminal at most.
    expect(unenforced([{ targets: [target(1), target(2)] }])?.length).toBeLessThan(130);
  });

  it.each<[string, JsonObject]>([
    ['two tiers', { targets: [target(1), target(2)] }],
    ['a tier below the default', { targets: [target(), target(2)] }],
    ['a fallback', { targets: [target()], fallback: { queue: 'F' } }],
  ])('is also the order of %s', (_name, spec) => {
    expect(unenforced([FLAT, spec])).toMatch(CAPACITY);
    expect(unenforced([FLAT, spec])).toMatch(TIERS);
  });

  it('is nothing where there is no target, nor where the platform has strategies', () => {
    expect([unenforced([]), unenforced([{}, { targets: [] }])]).toEqual([null, null]);
    const on = (backend: string): string | null | undefined =>
      resourceOf(routingStrategy, backend).unenforced?.([FLAT]);
    expect(on('strategies-api')).toBeUndefined();
    expect(on('datatable')).toMatch(CAPACITY);
  });

  it('is told of whatever a manifest holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom('targets', 'fallback'), json)),
        (specs) => {
          expect(() => unenforced(specs)).not.toThrow();
        },
      ),
    );
  });
});
