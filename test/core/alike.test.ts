/** Names that a person takes for the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areTwins, folded, hiddenDifference, twinText } from '../../src/core/alike.js';
import { suggestion } from '../../src/core/nearest.js';

const TWINS: readonly (readonly [string, string, string])[] = [
  ['letter case', 'Billing', 'BILLING'],
  ['letters with two lower-case forms', 'Straße', 'STRASSE'],
  ['composed and decomposed', 'Z\u00fcrich', 'Zu\u0308rich'],
  ['marks in another order', 'a\u0323\u0307', 'a\u0307\u0323'],
  ['a zero-width space', 'Bonn', 'Bo\u200bnn'],
  ['a mark of direction', 'Bonn', '\u202aBonn'],
  ['a byte order mark', 'Bonn', '\ufeffBonn'],
  ['a no-break space', 'Tier 1', 'Tier\u00a01'],
  ['an ideographic space', 'Tier 1', 'Tier\u30001'],
  ['two spaces', 'Tier 1', 'Tier  1'],
  ['a space at the end', 'Tier 1', 'Tier 1 '],
];

describe('twins', () => {
  it.each(TWINS)('%s', (_name, a, b) => {
    expect([areTwins(a, b), areTwins(b, a)]).toEqual([true, true]);
    expect(twinText(a, b)).toMatch(/^differ in /);
  });

  it.each([
    ['Tier 1', 'Tier 2'],
    ['Bonn', 'Born'],
    ['Tier 1', 'Tier1'],
    ['same', 'same'],
  ])('are not %s and %s', (a, b) => {
    expect(areTwins(a, b)).toBe(false);
  });

  it('are found whatever the text: folding twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(folded(folded(text))).toBe(folded(text));
        expect(folded(text.normalize('NFD'))).toBe(folded(text.normalize('NFC')));
      }),
    );
  });
});

describe('a difference that nobody sees', () => {
  it.each<[string, string, string, string]>([
    [
      'composed',
      'Z\u00fcrich',
      'Zu\u0308rich',
      'character 2 the first has U+00FC, the second U+0075 U+0308',
    ],
    ['nothing', 'Bonn', 'Bonn\u200b', 'character 5 the first has nothing, the second U+200B'],
    [
      'another blank',
      'Tier 1',
      'Tier\u00a01',
      'character 5 the first has U+0020, the second U+00A0',
    ],
    [
      'another script',
      'Sales',
      'S\u0430les',
      'character 2 the first has U+0061, the second U+0430',
    ],
    ['another hyphen', 'a-b', 'a\u2011b', 'character 2 the first has U+002D, the second U+2011'],
  ])('is told as code points: %s', (_name, a, b, said) => {
    expect(hiddenDifference(a, b)).toContain(said);
  });

  it('is nothing where there is none, and where it can be seen', () => {
    expect(hiddenDifference('a', 'a')).toBe('');
    expect(hiddenDifference('a', 'A')).toBe('');
    expect(hiddenDifference('Tier 1', 'Tier 2')).toBe('');
  });

  it('is said with what was probably meant, also of a long name', () => {
    const long = `${'x'.repeat(150)}\u00fc`;
    expect(suggestion(long.normalize('NFD'), ['other', long])).toContain('U+00FC');
    expect(suggestion('Slaes', ['Sales'])).toBe('did you mean Sales?');
    expect(suggestion('nothing near', ['Sales'])).toBeUndefined();
  });
});
