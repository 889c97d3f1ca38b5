/** What goes before what. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOfTurn,
  makingOrder,
  readingOrder,
  topological,
  turnsOf,
} from '../../src/core/order.js';
import type { Action } from '../../src/core/types.js';

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

describe('changes', () => {
  /** `+a` create, `~a` update, `±a` adopt, `-a` delete; each with what it waits for. */
  const ACTIONS: Record<string, Action> = {
    '+': 'create',
    '~': 'update',
    '±': 'adopt',
    '-': 'delete',
  };
  const changes = (text: string) =>
    parse(text.replace(/(^| )[+~±-]/g, ' ')).map((one, index) => {
      const sign = text.trim().split(/ +/)[index]?.[0] ?? '';
      return { ...one, action: ACTIONS[sign] ?? 'create' };
    });
  const names = (all: readonly { readonly address: string }[]): string =>
    all.map(({ address }) => address).join(' ');

  it.each([
    ['deletes stand first and are made last', '~u -d +c', 'd c u', 'c u d'],
    ['what a create waits for is made before it', '+s<k +k ~u', 'k s u', 'k s u'],
    ['an update may come before a create', '+s<u ~u', 'u s', 'u s'],
    ['deletes stand in their order as well', '-k<s -s +c', 's k c', 'c s k'],
    ['adoptions come after creates', '~u ±a +c', 'c a u', 'c a u'],
    ['a circle hides nothing', '+a<b +b<a -d ~u', 'd u a b', 'u d'],
  ])('%s', (_name, text, read, made) => {
    const shown = readingOrder(changes(text));
    expect(names(shown)).toBe(read);
    expect(names(makingOrder(changes(text)).ordered)).toBe(made);
    // What is read is what is made: apply orders the changes of a plan in the same way.
    expect(names(makingOrder(shown).ordered)).toBe(made);
  });

  it.each([
    ['a pair of creates', ['+a', '+b<a'], { a: ['b'] }, 'a1 b a2'],
    ['a pair of deletes', ['-a<b', '-b'], { a: ['b'] }, 'a1 b a2'],
    ['a ring of three creates', ['+a', '+b<c', '+c<a'], { a: ['b'] }, 'a1 c b a2'],
    ['a ring of three deletes', ['-a<c', '-b', '-c<b'], { a: ['b'] }, 'a1 b c a2'],
    ['whoever is outside waits for both', ['+a', '+b<a', '+s<a'], { a: ['b'] }, 'a1 b a2 s'],
    ['two of one ring', ['+a', '+b<a', '+c<a,b'], { a: ['b', 'c'], b: ['c'] }, 'a1 b1 c a2 b2'],
  ] as const)('in two halves: %s', (_name, texts, closing, order) => {
    const closes: Readonly<Record<string, readonly string[]>> = closing;
    const all = changes(texts.join(' ')).map((one) => ({
      ...one,
      ...(closes[one.address] === undefined ? {} : { closes: closes[one.address] ?? [] }),
    }));
    const HALF = { whole: '', first: '1', second: '2' };
    const { ordered, cycle } = topological(turnsOf(all));
    expect(ordered.map(({ change, part }) => change.address + HALF[part]).join(' ')).toBe(order);
    expect([cycle, makingOrder(all).cycle]).toEqual([[], []]);
    expect(new Set(makingOrder(all).ordered)).toEqual(new Set(all));
    expect(names(makingOrder(readingOrder(all)).ordered)).toBe(names(makingOrder(all).ordered));
  });

  it('are told from their halves by no text that a name may end with', () => {
    const address = 'Queue/Sales (first half)';
    expect(addressOfTurn(address)).toBe(address);
  });

  it('are made in the order in which they stand, whatever waits for what', () => {
    const change = fc.record({
      action: fc.constantFrom<Action>('create', 'update', 'adopt', 'delete'),
      waits: fc.array(fc.nat(11), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (drawn) => {
        const all = drawn.map(({ action, waits }, index) => ({
          address: `n${index}`,
          action,
          waitsFor: waits.filter((one) => one !== index).map((one) => `n${one}`),
        }));
        const shown = readingOrder(all);
        expect(new Set(shown)).toEqual(new Set(all));
        const { ordered, cycle } = makingOrder(shown);
        expect(names(ordered)).toBe(names(makingOrder(all).ordered));
        const isMade = ({ address }: { address: string }): boolean => !cycle.includes(address);
        const rest = shown.filter(({ action }) => action !== 'delete').filter(isMade);
        expect(names(ordered.filter(({ action }) => action !== 'delete'))).toBe(names(rest));
      }),
    );
  });
});
