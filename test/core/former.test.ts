/** What a name once stood for, as the records of an org have it. */
import { expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { explained, formerIn } from '../../src/core/former.js';
import type { Ids, StateRecord } from '../../src/core/state.js';
import type { Address } from '../../src/core/types.js';

const OF: Address = 'RoutingStrategy/a';

function records(all: Record<Address, unknown>): ReadonlyMap<Address, StateRecord> {
  const made = Object.entries(all).map(([address, ids]) => {
    const record = { address, ids: ids as Ids } as unknown as StateRecord;
    return [address as Address, record] as const;
  });
  return new Map(made);
}

it.each<[string, Record<Address, unknown>, Ids, string | null]>([
  [
    'its own record',
    { [OF]: { queue: { Sales: 'q1' } }, 'A/b': { queue: { Sales: 'q2' } } },
    {},
    'q1',
  ],
  ['another record', { [OF]: {}, 'A/b': { queue: { Sales: 'q2' } } }, {}, 'q2'],
  ['what is known beside', { 'A/b': { queue: { Sales: 'q2' } } }, { queue: { Sales: 'q3' } }, 'q3'],
  [
    'records that agree',
    { 'A/b': { queue: { Sales: 'q2' } }, 'A/c': { queue: { Sales: 'q2' } } },
    {},
    'q2',
  ],
  [
    'nobody, where they do not',
    {
      'A/b': { queue: { Sales: 'q1' } },
      'A/c': { queue: { Sales: 'q2' } },
      'A/d': { queue: { Sales: 'q1' } },
    },
    {},
    null,
  ],
  ['nobody, of another type', { 'A/b': { skill: { Sales: 's1' } } }, {}, null],
  ['nobody, where a record is odd', { 'A/b': { skill: null, queue: { Sales: 7 } } }, {}, null],
  [
    'another, beside an odd one',
    { 'A/b': { skill: null }, 'A/c': { queue: { Sales: 'q2' } } },
    {},
    'q2',
  ],
  ['nobody, where nothing is on record', { 'A/b': undefined }, {}, null],
])('is told by %s', (_, all, more, id) => {
  const former = formerIn(records(all), more);
  expect(former('queue', 'Sales', OF)).toBe(id);
  expect(former('queue', 'constructor', OF)).toBeNull();
});

it.each([
  ['is called otherwise', 'Big sales', 'is called "Big sales" now'],
  // What a queue goes on to name by its id, and no listing has: nobody can call it so.
  ['is named by its id alone', '', 'was deleted, or this client no longer sees its division'],
])('a name whose object %s', (_, name, told) => {
  const catalog = catalogOf({ queue: [{ id: 'q1', name }] });
  const unresolved = { pointer: '', to: 'queue', reference: 'Sales', reason: 'no "Sales"' };
  const { message, hint } = explained(
    unresolved,
    { of: OF, where: 'the manifest' },
    catalog,
    formerIn(records({ [OF]: { queue: { Sales: 'q1' } } })),
  );
  expect(message).toBe(`no "Sales"; the one that it was (id q1) ${told}`);
  expect(hint).not.toContain('q1');
});
