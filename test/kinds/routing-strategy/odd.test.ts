/** What is said of a row that a person has made odd, and the nearest that a manifest can say. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.js';
import { meantBy, odditiesOf } from '../../../src/kinds/routing-strategy/odd.js';
import { fieldsOf, rowOf } from '../../../src/kinds/routing-strategy/row.js';

const row = (over: JsonObject): JsonObject => ({
  ...rowOf('two', {
    status: 'active',
    selection: { skills: [{ skill: 'Voice', required: true }] },
    targets: [
      { queue: 'A', priority: 1, weight: 1, capacity: 2 },
      { queue: 'B', priority: 2, weight: 1, capacity: 3 },
      { queue: 'C', priority: 2, weight: 3, capacity: 4 },
    ],
    fallback: { queue: 'F', priority: 99, weight: 0.1 },
  }),
  ...over,
});

/** `A 1 1`: queue, priority, weight. */
function meant(edit: JsonObject): readonly string[] | null {
  const fields = meantBy(fieldsOf(row(edit)), row(edit));
  const targets = fields?.['targets'] as JsonObject[] | undefined;
  if (targets === undefined) return null;
  return targets.map(({ queue, priority, weight }) =>
    [queue, priority, weight].map((one) => String(one as string | number)).join(' '),
  );
}

describe('a row that a person has made odd', () => {
  it.each<[string, JsonObject, string, readonly string[] | null]>([
    ['nothing', {}, '', ['A 1 1', 'B 2 1', 'C 2 3']],
    [
      ...(['a priority out of order', { target_01_priority: 3 }] as const),
      'target_02_priority 2 comes after target_01_priority 3: a flow takes the slots as they stand',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['a priority below 1', { target_01_priority: 0 }] as const),
      'target_01_priority is 0, and priorities begin with 1',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['a tier that ends below 1', { target_01_share: 0.4 }] as const),
      'target_01_share is 0.4, and the last of a tier ends at 1: some calls pass the tier by',
      ['A 1 0.4', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['shares that do not rise', { target_02_share: 1.5 }] as const),
      'target_02_share is 1.5, and shares are from 0 to 1',
      ['A 1 1', 'B 2 1', 'C 2 0'],
    ],
    [
      ...(['a gap between the slots', { target_02_queue: '' }] as const),
      'target_02_queue is empty: a flow finds no queue',
      ['A 1 1', 'C 2 3'],
    ],
    [
      ...(['a queue twice', { target_02_queue: 'A' }] as const),
      'target_02_queue is the queue of target_01_queue once more',
      ['A 1 1', 'C 2 3'],
    ],
    [
      ...(['a slot beyond their number', { target_05_queue: 'E' }] as const),
      'target_05_queue: not read, because targets is 3; the next write empties it',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['a fallback that is a target', { fallback_queue: 'A' }] as const),
      'fallback_queue is a target as well',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['a separator too many', { skills: 'Voice|' }] as const),
      'skills has a separator too many: a flow looks for a skill without a name',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['a status of its own', { status: 'Active ' }] as const),
      'status is "Active ", neither active nor draft: a flow uses an active row alone',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    [
      ...(['no status', { status: '' }] as const),
      'status is empty, neither active nor draft',
      ['A 1 1', 'B 2 1', 'C 2 3'],
    ],
    ['no target', { targets: 0 }, 'not read', null],
    ['shares of nothing', { targets: 1, target_01_share: 0 }, 'not read', null],
  ])('%s', (_name, edit, said, nearest) => {
    const told = odditiesOf(row(edit)).join('; ');
    if (said === '') expect(told).toBe('');
    else expect(told).toContain(said);
    expect(meant(edit)).toEqual(nearest);
  });
});
