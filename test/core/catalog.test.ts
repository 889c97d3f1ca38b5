/** Names and ids: what a reference stands for, and what to say when it stands for nothing. */
import { describe, expect, it } from 'vitest';
import { catalogOf, referenceKey, shownName, type Resolution } from '../../src/core/catalog.js';
import type { Json } from '../../src/core/json.js';

const catalog = catalogOf({
  queue: [
    { id: '1', name: 'Support' },
    { id: '2', name: 'Billing' },
    { id: '3', name: 'Twin' },
    { id: '4', name: 'Twin' },
    { id: '1', name: 'Support (listed again on the next page)' },
    { id: '5', name: '__proto__' },
    { id: '6', name: '2' },
  ],
  skill: [{ id: '1', name: 'Spanish' }],
});

const missing = (reason: string, hint?: string): Resolution => ({
  found: false,
  reason,
  ...(hint === undefined ? {} : { hint }),
});

const OTHER_ID = 'write its name, or the id that it has in this org: every org has its own';

describe('resolve', () => {
  it.each<[string, Json, Resolution]>([
    ['a name', 'Support', { found: true, id: '1', label: 'Support' }],
    ['an id', { id: '1' }, { found: true, id: '1', label: 'Support' }],
    ['an id whose name is shared', { id: '4' }, { found: true, id: '4', label: { id: '4' } }],
    ['a name that is the id of another', '2', { found: true, id: '6', label: '2' }],
    [
      'a name that objects have by themselves',
      '__proto__',
      { found: true, id: '5', label: '__proto__' },
    ],
    [
      'a name that none has, though objects do',
      'toString',
      missing(
        'the org has no queue "toString"',
        'create the queue in the org first, or check that this client may see its division',
      ),
    ],
    [
      'a name of the example that init writes',
      'REPLACE first queue',
      missing(
        'the org has no queue "REPLACE first queue"',
        'a placeholder: write the name of a queue of your org in its place',
      ),
    ],
    ['a slip', 'Suport', missing('the org has no queue "Suport"', 'did you mean "Support"?')],
    [
      'another case',
      'billing',
      missing('the org has no queue "billing"', 'did you mean "Billing"?'),
    ],
    [
      'a shared name',
      'Twin',
      missing('the org has 2 queues named "Twin"', 'say which one: { id: 3 } or { id: 4 }'),
    ],
    ['an unknown id', { id: 'x' }, missing('the org has no queue with id "x"', OTHER_ID)],
    ['no id at all', {}, missing('the org has no queue with id ""', OTHER_ID)],
  ])('%s', (_name, reference, expected) => {
    expect(catalog.resolve('queue', reference)).toEqual(expected);
  });

  it('keeps queues and skills apart', () => {
    expect(catalog.resolve('skill', 'Support')).toMatchObject({ found: false });
    expect(catalog.resolve('skill', { id: '1' })).toMatchObject({ label: 'Spanish' });
  });
});

describe('labels', () => {
  it('are the name where it is the only one, else the id', () => {
    expect(['1', '3', 'unknown'].map((id) => catalog.label('queue', id))).toEqual([
      ...['Support', { id: '3' }, { id: 'unknown' }],
    ]);
  });

  it('for people are the name, else the id', () => {
    expect(['1', '3', 'x'].map((id) => catalog.nameOf('queue', id))).toEqual([
      'Support',
      'Twin',
      'x',
    ]);
  });

  it('for people who are to tell them apart have the id beside a name that is not the only one', () => {
    expect(['1', '3', 'x'].map((id) => shownName(catalog, 'queue', id))).toEqual([
      'Support',
      'Twin [3]',
      'x',
    ]);
  });

  it('tell items of a list apart', () => {
    expect([referenceKey('a'), referenceKey({ id: 'a' }), referenceKey(null)]).toEqual([
      ...['a', 'id:a', ''],
    ]);
  });
});

it('knows what was mentioned without a name by its id, though no other has none', () => {
  const mentioned = catalogOf({ queue: [{ id: '7', name: '' }] });
  expect(mentioned.label('queue', '7')).toEqual({ id: '7' });
  expect(mentioned.nameOf('queue', '7')).toBe('7');
});
