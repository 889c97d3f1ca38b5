/** Keys of records: what a path takes as it is, one for each address, and the address from each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressAt, isCut, isOldKey, recordKey } from '../../src/core/record-key.js';
import { recordRow, stateOfRows } from '../../src/core/state.js';
import { KEY, rowPath, TABLE_LIMITS } from '../../src/core/table.js';
import type { Address } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { hostile } from '../property/generators.js';
import { recordOf } from '../support/owned.js';

const kind = fc.constantFrom('RoutingStrategy', 'Queue', 'Skill', 'head', 'lock');
const name = fc.oneof(
  hostile.map((text) => text.toWellFormed()),
  fc.constantFrom(
    '.',
    '..',
    '~',
    '~~',
    '~41',
    '%2F',
    'a/b',
    'a\\b',
    ' a ',
    '',
    "!'()*",
    '__proto__',
  ),
  fc.string({ unit: 'grapheme', minLength: 20, maxLength: 256 }).map((text) => text.toWellFormed()),
);
const address = fc.tuple(kind, name).map(([of, one]): Address => `${of}/${one}`);

const keyOf = (one: Address): string => recordKey(one, sha256);

describe('the key of a record', () => {
  it.each<[Address, string]>([
    ['RoutingStrategy/billing', 'RoutingStrategy~billing'],
    ['RoutingStrategy/Support Tier 1', 'RoutingStrategy~Support~20Tier~201'],
    ['RoutingStrategy/billing/eu', 'RoutingStrategy~billing~2Feu'],
    ['RoutingStrategy/100 % ~ #?;\\', 'RoutingStrategy~100~20~25~20~7E~20~23~3F~3B~5C'],
    ['RoutingStrategy/Über', 'RoutingStrategy~~C3~9Cber'],
    ['RoutingStrategy/.', 'RoutingStrategy~.'],
    ['RoutingStrategy/..', 'RoutingStrategy~..'],
    ["RoutingStrategy/it's (*!)", 'RoutingStrategy~it~27s~20~28~2A~21~29'],
  ])('of %s', (one, key) => {
    expect(keyOf(one)).toBe(key);
    expect(addressAt(key, null, sha256)).toEqual({ address: one, mark: '' });
  });

  it('is as a path has it, no longer than a row takes, and of one address alone', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        const key = keyOf(one);
        expect(key).toMatch(/^[\w.~-]+$/);
        expect(key.length).toBeLessThanOrEqual(TABLE_LIMITS.keyCharacters);
        expect(rowPath('/rows', key)).toBe(`/rows/${key}`);
        expect(new URL(`http://h/rows/${key}`).pathname).toBe(`/rows/${key}`);
        expect([isOldKey(key), isOldKey(one)]).toEqual([false, true]);
        const said = isCut(key) ? one : null;
        expect(addressAt(key, said, sha256)).toEqual({ address: one, mark: '' });
        const marked = recordKey(one, sha256, 'an-endpoint');
        expect(marked).not.toBe(key);
        expect(marked.length).toBeLessThanOrEqual(TABLE_LIMITS.keyCharacters);
        const also = isCut(marked) ? one : null;
        expect(addressAt(marked, also, sha256)).toEqual({ address: one, mark: 'an-endpoint' });
        if (one !== other) expect(keyOf(other)).not.toBe(key);
      }),
    );
  });

  it('is read back with its row, however long the name is', () => {
    fc.assert(
      fc.property(address, (one) => {
        const row = recordRow(recordOf(one, { applied: { status: 'active' } }), sha256);
        expect(row[KEY]).toBe(keyOf(one));
        expect([...stateOfRows([row], sha256).records.keys()]).toEqual([one]);
      }),
    );
  });

  it('is cut where it would be too long, and nobody but its own row says what is missing', () => {
    const long: Address = `RoutingStrategy/${'夜間の窓口'.repeat(20)}`;
    const key = keyOf(long);
    expect(key).toMatch(/^RoutingStrategy\.cut~(~[\dA-F]{2})+~[\da-f]{32}$/);
    expect(addressAt(key, null, sha256)).toBeNull();
    expect(addressAt(key, `${long}!`, sha256)).toBeNull();
    expect(addressAt(key, long, sha256)).toEqual({ address: long, mark: '' });
    // The longest that a manifest may have, each character of four bytes.
    expect(keyOf(`RoutingStrategy/${'🌙'.repeat(128)}`).length).toBeLessThanOrEqual(256);
    expect(isCut(keyOf(`RoutingStrategy/${'x'.repeat(128)}`))).toBe(false);
  });

  it.each([
    ...['note', 'lock', 'lock-heir-of-r', 'a~~2f', 'a~~2', 'a~~ZZ', 'a~~FF', 'a~~41', 'a~b~'],
    ...['a.~b', 'a.m.cut~b', `a.m.cut~b~${'0'.repeat(32)}`],
    ...['~b', 'a.cut~b', `a.cut~b~${'0'.repeat(32)}`, 'a~b c', 'a~b%20c'],
  ])('is not taken for one when somebody wrote %j', (key) => {
    expect(addressAt(key, 'a/b', sha256)).toBeNull();
  });
});
