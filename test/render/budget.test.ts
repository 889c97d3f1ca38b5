/** Laws of what is cut to a budget, of drawings and of markers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, fit, utf8, type Group } from '../../src/render/budget.js';
import { laterWriter, markerIn, markerLine, writtenBy } from '../../src/render/marker.js';
import { routesGraph } from '../../src/render/mermaid.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const group: fc.Arbitrary<Group> = fc.record({
  head: text,
  tail: text,
  blocks: fc.array(
    fc.record({
      full: fc.string({ minLength: 1, maxLength: 400 }).map((one) => `F${one}`),
      brief: fc.nat(999).map((one) => `- ${one}`),
    }),
    { maxLength: 60 },
  ),
});

describe('a text with a budget', () => {
  it('never exceeds it, and is whole when it says so', () => {
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 4 }),
        fc.integer({ min: 200, max: 9000 }),
        (groups, bytes) => {
          const fitted = fit('top', groups, 'bottom', { bytes, where: 'It is elsewhere.' });
          expect(utf8(fitted.text)).toBeLessThanOrEqual(bytes);
          expect(fitted.text.startsWith('top\n')).toBe(true);
          if (!fitted.whole) return;
          for (const { blocks } of groups) {
            for (const { full } of blocks) expect(fitted.text).toContain(full.trimEnd());
          }
          expect(fitted.text).not.toContain('It is elsewhere.');
        },
      ),
    );
  });

  it('says where the rest is as soon as anything is left out', () => {
    const blocks = Array.from({ length: 50 }, (_, nth) => ({
      full: `${nth} ${'x'.repeat(100)}`,
      brief: `- ${nth}`,
    }));
    const { text: shown } = fit('top', [{ head: 'head', blocks, tail: 'tail' }], 'bottom', {
      bytes: 2000,
      where: 'It is elsewhere.',
    });
    expect(shown.match(/It is elsewhere\./g)).toHaveLength(1);
    expect(shown.trimEnd().endsWith('tail\n\nbottom')).toBe(true);
    expect(shown.match(/^(\d+ x|- \d+$)/gm)).toHaveLength(50);
  });

  it('that is a list ends at the end of a line', () => {
    const lines = Array.from({ length: 100 }, (_, nth) => `- line ${nth} é`).join('\n');
    expect(cut(lines, 10_000)).toBe(lines);
    const short = cut(lines, 200);
    expect(utf8(short)).toBeLessThanOrEqual(200);
    expect(short).toMatch(/^(- line \d+ é\n)+…\n$/);
  });
});

describe('a drawing', () => {
  const route = (to: string, isLast = false, facts = ['priority 1', 'weight 1 (100 %)']) => ({
    to,
    isLast,
    facts,
  });

  it('shows any name as a name: it ends no label, no line and no fence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        const lines = routesGraph(name, [], [route(name)]).split('\n');
        expect(lines).toHaveLength(7);
        expect(lines[2]).toMatch(/^ {2}s\(\["new: [^"`<>[\]{}|\\]*"\]\)$/);
        expect(lines[3]).toMatch(/^ {2}s -->\|"[^"`]*"\| q0\["new: [^"`<>[\]{}|\\]*"\]$/);
      }),
    );
  });

  it('marks what is new, gone and changed, and nothing else', () => {
    const graph = routesGraph(
      'billing',
      [route('A'), route('B'), route('C'), route('Out', true, ['fallback'])],
      [
        route('A'),
        route('B', false, ['priority 1', 'weight 2 (50 %)']),
        route('D'),
        route('C', true),
      ],
    );
    expect(graph).toContain('q0["A"]');
    expect(graph).toContain('|"priority 1<br>weight 1 (100 %) → 2 (50 %)"| q1["changed: B"]');
    expect(graph).toMatch(/class q2,q3 new\n {2}class q4,q5 gone\n {2}class q1 changed\n/);
    // The same queue as a target that goes and as the fallback that comes.
    expect(graph).toContain('-.->|"priority 1<br>weight 1 (100 %)"| q3["new: C"]');
  });
});

describe('a marker', () => {
  it('is read back as it was written, and nothing in it ends it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (data) => {
        const line = markerLine('plan', data);
        expect(line).not.toContain('\n');
        expect(line.indexOf('-->')).toBe(line.length - 3);
        expect(markerIn('plan', `${line}\r\nmore -->`)).toEqual({ ...data });
        expect(markerIn('drift', line)).toBeNull();
        expect(markerIn('plan', ` ${line}`)).toBeNull();
      }),
    );
  });

  it.each(['', '<!-- strategos:plan -->', '<!-- strategos:plan [1] -->', '<!-- strategos:plan {'])(
    '%j is none',
    (body) => {
      expect(markerIn('plan', body)).toBeNull();
    },
  );
});

describe('who wrote a marker', () => {
  const own = { id: '70', attempt: 2 };
  it.each([
    ['a later run', { id: '71', attempt: 1 }, '71'],
    ['a later run, of more digits', { id: '100', attempt: 1 }, '100'],
    ['a later attempt', { id: '70', attempt: 3 }, '70'],
    ['the same attempt', own, null],
    ['an earlier attempt', { id: '70', attempt: 1 }, null],
    ['an earlier run', { id: '9', attempt: 9 }, null],
    ['nobody', null, null],
  ])('is held against who is to write: %s', (_name, writer, expected) => {
    const marker = markerIn('drift', markerLine('drift', writtenBy(writer)));
    expect(laterWriter(marker, own)).toBe(expected);
    expect(laterWriter(marker, null)).toBeNull();
    expect(laterWriter(null, own)).toBeNull();
  });
});
