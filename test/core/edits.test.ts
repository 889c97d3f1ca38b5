import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOperations, diff } from '../../src/core/edits.js';
import type { Json } from '../../src/core/json.js';
import type { Operation } from '../../src/core/types.js';

const json: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 4 })
  // Minus nought is not JSON's, and the key is refused on purpose.
  .filter((value) => !/__proto__/.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

const BEFORE: Json = { a: [1, 2], b: { c: null }, 'x/y~z': 1 };

describe('applyOperations', () => {
  it.each<[string, Operation[], Json]>([
    ['nothing', [], BEFORE],
    [
      'add a key',
      [{ op: 'add', path: '/d', value: 1 }],
      { a: [1, 2], b: { c: null }, 'x/y~z': 1, d: 1 },
    ],
    ['add over a key', [{ op: 'add', path: '/b', value: [] }], { a: [1, 2], b: [], 'x/y~z': 1 }],
    [
      'insert',
      [{ op: 'add', path: '/a/0', value: 0 }],
      { a: [0, 1, 2], b: { c: null }, 'x/y~z': 1 },
    ],
    [
      'append',
      [{ op: 'add', path: '/a/-', value: 3 }],
      { a: [1, 2, 3], b: { c: null }, 'x/y~z': 1 },
    ],
    [
      'append by index',
      [{ op: 'add', path: '/a/2', value: 3 }],
      { a: [1, 2, 3], b: { c: null }, 'x/y~z': 1 },
    ],
    [
      'remove',
      [
        { op: 'remove', path: '/a/0' },
        { op: 'remove', path: '/b' },
      ],
      { a: [2], 'x/y~z': 1 },
    ],
    [
      'replace null',
      [{ op: 'replace', path: '/b/c', value: 1 }],
      { a: [1, 2], b: { c: 1 }, 'x/y~z': 1 },
    ],
    [
      'escaped keys',
      [{ op: 'replace', path: '/x~1y~0z', value: 2 }],
      { a: [1, 2], b: { c: null }, 'x/y~z': 2 },
    ],
    [
      'move in a list',
      [{ op: 'move', from: '/a/0', path: '/a/1' }],
      { a: [2, 1], b: { c: null }, 'x/y~z': 1 },
    ],
    ['move to itself', [{ op: 'move', from: '/a', path: '/a' }], BEFORE],
    [
      'copy',
      [{ op: 'copy', from: '/a', path: '/b/c' }],
      { a: [1, 2], b: { c: [1, 2] }, 'x/y~z': 1 },
    ],
    [
      'test, keys in any order',
      [{ op: 'test', path: '', value: { b: { c: null }, 'x/y~z': 1, a: [1, 2] } }],
      BEFORE,
    ],
    ['replace the root', [{ op: 'replace', path: '', value: 1 }], 1],
    [
      'own keys that objects inherit',
      [
        { op: 'add', path: '/toString', value: 1 },
        { op: 'remove', path: '/toString' },
      ],
      BEFORE,
    ],
  ])('%s', (_, operations, expected) => {
    expect(applyOperations(BEFORE, operations)).toEqual({ document: expected });
  });

  it.each<[string, Operation[], number, string]>([
    [
      'a key that is not there',
      [{ op: 'remove', path: '/z' }],
      0,
      '/z: no key "z" in the document',
    ],
    [
      'after others',
      [
        { op: 'remove', path: '/a' },
        { op: 'test', path: '/a', value: 1 },
      ],
      1,
      '/a: no key "a" in the document',
    ],
    [
      'an inherited key',
      [{ op: 'replace', path: '/toString', value: 1 }],
      0,
      '/toString: no key "toString" in the document',
    ],
    [
      'the length of a list',
      [{ op: 'replace', path: '/a/length', value: 0 }],
      0,
      '/a/length: not the index of an item; /a has 2 items',
    ],
    [
      'an index past the end',
      [{ op: 'add', path: '/a/3', value: 0 }],
      0,
      '/a/3: no such item; /a has 2 items',
    ],
    ['the end, to read', [{ op: 'remove', path: '/a/-' }], 0, '/a/-: no such item; /a has 2 items'],
    [
      'an index with a nought before',
      [{ op: 'remove', path: '/a/01' }],
      0,
      '/a/01: not the index of an item; /a has 2 items',
    ],
    [
      'below a scalar',
      [{ op: 'add', path: '/b/c/d', value: 0 }],
      0,
      '/b/c/d: /b/c is neither a mapping nor a list',
    ],
    [
      'a move past the end',
      [{ op: 'move', from: '/a/0', path: '/a/2' }],
      0,
      '/a/2: no such item; /a has 1 item',
    ],
    [
      'a move into itself',
      [{ op: 'move', from: '/b', path: '/b/c/d' }],
      0,
      '/b/c/d: a value cannot be moved into itself',
    ],
    [
      'a failed test',
      [{ op: 'test', path: '/a', value: [1] }],
      0,
      '/a: test failed: found [1,2], not [1]',
    ],
    [
      'a prototype',
      [{ op: 'add', path: '/__proto__/x', value: 1 }],
      0,
      '/__proto__/x: the key __proto__ is not allowed',
    ],
    [
      'by way of a constructor',
      [{ op: 'add', path: '/constructor/prototype', value: 1 }],
      0,
      '/constructor/prototype: no key "constructor" in the document',
    ],
    ['no slash', [{ op: 'add', path: 'a', value: 1 }], 0, 'a: a path begins with "/"'],
    ['no value', [{ op: 'replace', path: '/a' }], 0, '/a: replace needs "value"'],
    ['no from', [{ op: 'move', path: '/a' }], 0, '/a: move needs "from"'],
    ['no such operation', [{ op: 'merge' as 'add', path: '/a' }], 0, 'merge: no such operation'],
  ])('refuses %s', (_, operations, failedIndex, reason) => {
    expect(applyOperations(BEFORE, operations)).toMatchObject({ failedIndex, reason });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('names what is there instead', () => {
    expect(applyOperations(BEFORE, [{ op: 'remove', path: '/b/d/e' }])).toMatchObject({
      missing: { parent: '/b', key: 'd', keys: ['c'] },
    });
  });

  it('changes neither the document nor the operations, and shares nothing with them', () => {
    const value: Json = { deep: [1] };
    const document: Json = { a: { b: 1 } };
    const result = applyOperations(document, [
      { op: 'add', path: '/v', value },
      { op: 'add', path: '/v/deep/-', value: 2 },
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ]);
    expect(result).toEqual({ document: { a: { b: 1 }, v: { deep: [1, 2] }, c: { b: 2 } } });
    expect([document, value]).toEqual([{ a: { b: 1 } }, { deep: [1] }]);
  });

  it('never throws', () => {
    const path = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        '/',
        '/a',
        '/a/0',
        '/__proto__',
        '/constructor/prototype/x',
        '/a/-',
        '/b/c',
      ),
    );
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
        path,
        from: path,
        value: json,
      },
      { requiredKeys: ['op', 'path'] },
    ) as fc.Arbitrary<Operation>;
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (document, operations) => {
        applyOperations(document, operations);
      }),
      { numRuns: 2000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('diff', () => {
  it('applied to what was before gives what is after', () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(applyOperations(before, diff(before, after))).toEqual({ document: after });
      }),
      { numRuns: 2000 },
    );
  });

  it('of equals is empty, and of others is not', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(diff(a, JSON.parse(JSON.stringify(a)) as Json)).toEqual([]);
        expect(diff(a, b).length === 0).toBe(
          'document' in applyOperations(a, [{ op: 'test', path: '', value: b }]),
        );
      }),
    );
  });

  it('says the least', () => {
    expect(diff({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] })).toEqual([
      { op: 'replace', path: '/b/1', value: 3 },
    ]);
    expect(diff([], {})).toEqual([{ op: 'replace', path: '', value: {} }]);
  });
});

it('moves nothing when a value is moved to where it is', () => {
  const operation = { op: 'move', path: '/a/0', from: '/a/0' } as const;
  expect(applyOperations({ a: [1, 2] }, [operation])).toEqual({ document: { a: [1, 2] } });
});
