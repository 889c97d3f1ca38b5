/** What goes before what. */
import { describe, expect, it } from 'vitest';
import { topological } from '../../src/core/order.js';

/** `b<a` : b waits for a; `c<a,b`. */
function parse(text: string): { address: string; waitsFor: string[] }[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [address = '', waitsFor = ''] = word.split('<');
      return { address, waitsFor: waitsFor.split(',').filter((one) => one !== '') };
    });
}

describe('topological', () => {
  it.each([
    ['nothing', '', '', ''],
    ['no waiting: as given', 'c a b', 'c a b', ''],
    ['one waits for a later one', 'a<b b', 'b a', ''],
    ['a chain, given backwards', 'd<c c<b b<a a', 'a b c d', ''],
    ['a diamond: ties as given', 'd<b,c c<a b<a a', 'a c b d', ''],
    ['the first that can go, not the first that was freed', 'x<z a y<z z b', 'a z x y b', ''],
    ['waiting for what is not there is no waiting', 'a<ghost b', 'a b', ''],
    ['waiting twice for the same', 'a<b,b b', 'b a', ''],
    ['itself', 'a<a b', 'b', 'a'],
    ['a circle, in any order of the items', 'c<a a<b b<c d', 'd', 'a b c'],
    ['what waits for a circle', 'a<b b<a c<a d', 'd', 'a b c'],
    ['two circles', 'd<c c<d b<a a<b', '', 'a b c d'],
  ])('%s: %s', (_name, items, order, circle) => {
    const { ordered, cycle } = topological(parse(items));
    expect(ordered.map((one) => one.address).join(' ')).toBe(order);
    expect(cycle.join(' ')).toBe(circle);
  });

  it('takes a chain of ten thousand', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => ({
      address: `n${index}`,
      waitsFor: [`n${index + 1}`],
    }));
    expect(topological(items).ordered[0]?.address).toBe('n9999');
  });
});
