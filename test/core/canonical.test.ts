/** RFC 8785: the examples of the standard, and what JSON cannot hold. */
import { describe, expect, it } from 'vitest';
import { canonical, measuredDigest, same } from '../../src/core/canonical.js';
import type { Json } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';

/** Appendix B of the RFC: the bits of a double and how it is written. */
const NUMBERS: readonly (readonly [bits: string, text: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

describe('canonical', () => {
  it.each(NUMBERS)('writes the number %s as %s', (bits, text) => {
    expect(canonical(double(bits))).toBe(text);
  });

  it('writes the example of section 3.2.2', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],' +
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units, as section 3.2.3 does', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonical(value)) as object)).toHaveLength(7);
    expect([...canonical(value).matchAll(/:"(.*?)"/g)].map(([, text]) => text)).toEqual([
      ...['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis'],
      ...['Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet'],
    ]);
  });

  it.each<[string, Json, string]>([
    [
      'keys by code unit, not by number',
      { '10': 1, '9': 2, a: 3, B: 4 },
      '{"10":1,"9":2,"B":4,"a":3}',
    ],
    ['every level', [{ b: { d: 1, c: [] }, a: {} }], '[{"a":{},"b":{"c":[],"d":1}}]'],
    [
      'short escapes and others',
      '\b\f\n\r\t\u001f\u007f\u2028',
      '"\\b\\f\\n\\r\\t\\u001f\u007f\u2028"',
    ],
    [
      'a key that is an accessor elsewhere',
      JSON.parse('{"__proto__":1}') as Json,
      '{"__proto__":1}',
    ],
  ])('writes %s', (_name, value, text) => {
    expect(canonical(value)).toBe(text);
  });

  // What has the same keys as an object before it is written by another way.
  it.each<[string, Json]>([
    ['few keys', { b: 1, a: [], ä: { '€': 'ü' } }],
    ['no key', {}],
    ['the same inside', { a: { a: { a: 1 } } }],
    [
      'more keys than are kept',
      Object.fromEntries([...Array(100).keys()].map((n) => [`k${n}`, n])),
    ],
    ['a key as long as a piece', { ['ä'.repeat(70_000)]: 'ö', ['x'.repeat(70_000)]: 1 }],
    ['a text of two pieces', ['ß'.repeat(70_000), 'y'.repeat(140_000)]],
  ])('writes the second as the first, and measures both: %s', (_name, value) => {
    const texts = [1, 2, 3].map(() => canonical(value));
    expect(new Set(texts).size).toBe(1);
    const [text = ''] = texts;
    expect(JSON.parse(text)).toEqual(value);
    expect(measuredDigest(sha256, value)).toMatchObject({
      digest: sha256(text),
      length: text.length,
    });
  });

  it('refuses a key with a lone surrogate each time', () => {
    for (let time = 0; time < 3; time += 1) {
      expect(() => canonical({ z: 1, '\udc00': 1 })).toThrow(RangeError);
    }
    expect(canonical({ z: 1, y: 1 })).toBe('{"y":1,"z":1}');
  });

  it.each<[string, Json]>([
    ['NaN', NaN],
    ['infinity', [1, -Infinity]],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', { a: '\udc00b' }],
    ['a lone surrogate in a key', { '\ud800': 1 }],
  ])('refuses %s', (_name, value) => {
    expect(() => canonical(value)).toThrow(RangeError);
  });
});

describe('same', () => {
  it.each<[Json | undefined, Json | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, null, false],
    [null, {}, false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [0, -0, true],
    ['1', 1, false],
    [{}, [], false],
    [[], {}, false],
    [[{ a: { b: 1 } }], [{ a: { b: 1 } }], true],
    [[{ a: { b: 1 } }], [{ a: { b: 2 } }], false],
    [[1], [1, 2], false],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: null }, { b: null }, false],
    [{ a: null }, { toString: null }, false],
    [{ a: 0 }, { a: -0 }, true],
    [JSON.parse('{"__proto__":{"a":1}}') as Json, {}, false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(same(a, b)).toBe(equal);
  });
});
