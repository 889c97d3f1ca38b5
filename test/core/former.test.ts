/** What a name once stood for, as the records of an org have it. */
import { expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { declaredId, Learnt, withDeclared } from '../../src/core/declared.js';
import type { RecordField } from '../../src/core/fields.js';
import { explained, formerIn, idsEver, type Former } from '../../src/core/former.js';
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

const TABLE: RecordField = {
  type: 'record',
  fields: { queue: { type: 'reference', to: 'queue' } },
};

it.each<[string, string, string, string | undefined]>([
  ['what the org has', 'Open', 'q0', 'q1'],
  ['what it had, and no longer has', 'Gone', 'q0', 'q0'],
  // The plan makes one of that name, and a way back has to know that another had it.
  ['what it had, although another is to be made', 'Made', 'q0', 'q0'],
  ['what is to be made, where there was none', 'Made', '', declaredId('Queue/Made')],
  ['nothing, where there are several', 'Two', 'q0', undefined],
  ['nothing, where nothing ever was', 'Gone', '', undefined],
])('ids of a run: a name stands for %s', (_, name, was, id) => {
  const org = catalogOf({
    queue: [
      { id: 'q1', name: 'Open' },
      { id: 'q2', name: 'Two' },
      { id: 'q3', name: 'Two' },
    ],
    skill: [],
  });
  const declared = new Map([['queue', new Map<string, Address>([['Made', 'Queue/Made']])]]);
  const catalog = withDeclared(org, declared, new Learnt());
  const former: Former = (_to, _name, of) => (of === OF && was !== '' ? was : null);
  const naming = (address: Address) => ({ address, table: TABLE, fields: { queue: name } });
  const objects = [naming(OF), naming('RoutingStrategy/other')];
  const queue = id === undefined ? {} : { [name]: id };
  expect(idsEver(objects, catalog, former)).toEqual({ queue, skill: {} });
  expect(idsEver(objects.reverse(), catalog, former)).toEqual({ queue, skill: {} });
});
