/** What holds for every text: canonical JSON, the audit chain, and names in the output. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf, verifyChain, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import { canonical, digestOf, longestCanonical } from '../../src/core/canonical.js';
import { headStandingOf } from '../../src/core/head.js';
import { isBounded, isObject, type Json, type JsonObject } from '../../src/core/json.js';
import { visible } from '../../src/core/visible.js';
import { sha256 } from '../../src/files/digest.js';
import { escapeHtml } from '../../src/render/html.js';
import { escapeMarkdown } from '../../src/render/markdown.js';
import { valueText } from '../../src/render/value.js';
import { hostile, json } from './generators.js';

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, reversed(item)]);
  return Object.fromEntries(entries.reverse());
}

describe('canonical', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(reversed(value))).toBe(canonical(value));
      }),
    );
  });

  it('is JSON that says the same, and is its own canonical form', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonical(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  it('is the same for two values only when they are equal', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const parsed = (value: Json): unknown => JSON.parse(JSON.stringify(value));
        let equal = true;
        try {
          expect(parsed(a)).toStrictEqual(parsed(b));
        } catch {
          equal = false;
        }
        expect(canonical(a) === canonical(b)).toBe(equal);
      }),
    );
  });

  it('is what the standard says, in few words and slowly', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(value)).toBe(asTheStandardSays(value));
      }),
    );
  });

  it('is never longer than the bound that stands for it', () => {
    fc.assert(
      fc.property(fc.oneof(json, fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        expect(longestCanonical(value)).toBeGreaterThanOrEqual(canonical(value).length);
      }),
      { examples: [[-0.0000010704332132291561], [-5e-324], [-1.7976931348623157e308]] },
    );
  });

  it('is what is hashed, wherever its pieces of 64 KiB end', () => {
    const filling = fc.tuple(fc.constantFrom('a', '"', '\u20ac', '\u{1f642}'), fc.nat(70_000));
    fc.assert(
      fc.property(fc.array(filling, { maxLength: 8 }), json, (fillings, value) => {
        const texts = fillings.map(([character, count]) => character.repeat(count));
        const long = [...texts, value, Object.fromEntries(texts.map((text, at) => [text, at]))];
        expect(digestOf(sha256, long)).toBe(sha256(asTheStandardSays(long)));
        expect(sha256(canonical(long))).toBe(sha256(asTheStandardSays(long)));
      }),
      { numRuns: 30 },
    );
  });

  it('is not disturbed by a value that could not be written, nor by one that is hashed meanwhile', () => {
    expect(() => digestOf(sha256, ['a', NaN])).toThrow(RangeError);
    const inside = digestOf(
      (content) => {
        if (typeof content === 'string') return sha256(content);
        return sha256((put) =>
          content((piece, isLast) => {
            expect(digestOf(sha256, ['other'])).toBe(sha256('["other"]'));
            put(piece, isLast);
          }),
        );
      },
      ['a', 'b'],
    );
    expect(inside).toBe(sha256('["a","b"]'));
  });
});

function asTheStandardSays(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(asTheStandardSays).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${asTheStandardSays(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

describe('isBounded', () => {
  function size(value: Json): { readonly depth: number; readonly values: number } {
    if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
    const inside = Object.values(value).map(size);
    return {
      depth: 1 + Math.max(0, ...inside.map(({ depth }) => depth)),
      values: 1 + Math.max(1, inside.length) + inside.reduce((sum, one) => sum + one.values - 1, 0),
    };
  }

  it('counts how deep a text nests and what it holds, and takes no sign in a text for one', () => {
    fc.assert(
      fc.property(fc.oneof(json, hostile), fc.nat(6), fc.nat(200), (value, depth, more) => {
        const text = JSON.stringify([value, '[[[[{{{{']);
        const found = size([value, '[[[[{{{{']);
        expect(isBounded(text, depth, text.length + 1 + more)).toBe(found.depth <= depth);
        if (found.depth <= depth) expect(isBounded(text, depth, found.values)).toBe(true);
      }),
    );
  });
});

const detail = fc.dictionary(fc.string(), json, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;
const entry: fc.Arbitrary<AuditEntry> = fc.record(
  {
    type: fc.constantFrom('planned' as const, 'intent' as const, 'outcome' as const),
    address: fc.constantFrom('K/a', 'K/b', null),
    before: detail,
    after: detail,
    detail,
    outcome: fc.record({ state: fc.string(), message: fc.string({ unit: 'grapheme' }) }),
    request: fc.record({
      method: fc.constant('PUT'),
      path: fc.webPath(),
      status: fc.option(fc.integer()),
      correlationId: fc.option(fc.string()),
    }),
  },
  { requiredKeys: ['type'] },
);
const log = fc.array(entry, { minLength: 1, maxLength: 5 }).map((entries) => {
  const records: AuditRecord[] = [];
  const context = { run: 'r', actor: 'ada', environment: 'prod' };
  for (const one of entries) {
    const at = '2026-03-02T09:00:00.000Z';
    records.push(recordOf(one, context, records.at(-1) ?? null, at, sha256));
  }
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
});

describe('the audit chain', () => {
  const found = (text: string): number => verifyChain(text, sha256).problems.length;

  it('accepts what was written', () => {
    fc.assert(
      fc.property(log, (text) => {
        expect(found(text)).toBe(0);
      }),
    );
  });

  it('finds one byte changed, put in or taken out, anywhere', () => {
    const edit = fc.record({
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 127 }),
      how: fc.constantFrom('change', 'insert', 'remove'),
    });
    fc.assert(
      fc.property(log, edit, (text, { at, byte, how }) => {
        const bytes = Buffer.from(text);
        const index = at % bytes.length;
        const put = how === 'remove' ? [] : [byte];
        const rest = bytes.subarray(how === 'insert' ? index : index + 1);
        const edited = Buffer.concat([bytes.subarray(0, index), Buffer.from(put), rest]);
        fc.pre(!edited.equals(bytes));
        const { problems, cut } = verifyChain(edited.toString(), sha256);
        // A log whose last line feed is missing is one whose run was killed: it says so as well.
        const isShort = cut && text.startsWith(edited.toString());
        expect(problems.length > 0 || isShort).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is judged the same whatever is kept of it', () => {
    fc.assert(
      fc.property(log, fc.nat(), fc.integer({ min: 0, max: 127 }), (text, at, byte) => {
        const bytes = Buffer.from(text);
        bytes[at % bytes.length] = byte;
        const all = verifyChain(bytes.toString(), sha256);
        const { records, ...less } = verifyChain(bytes.toString(), sha256, 'what stands');
        const about = ({ seq, type, run, address }: AuditRecord): unknown[] => [
          ...[seq, type, run, address],
        ];
        expect({ ...less, unfinished: less.unfinished.map(about) }).toEqual({
          problems: all.problems,
          ended: all.ended,
          cut: all.cut,
          unfinished: all.unfinished.map(about),
        });
        expect(records.map(({ digest }) => digest)).toEqual(all.records.map((one) => one.digest));
        expect(headStandingOf(records)).toEqual(headStandingOf(all.records));
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    const junk = fc.oneof(
      hostile,
      json.map((value) => `${JSON.stringify(value)}\n`),
    );
    fc.assert(
      fc.property(log, junk, (text, more) => {
        expect(found(more + text)).toBeGreaterThanOrEqual(more === '' ? 0 : 1);
      }),
    );
  });
});

describe('names in the output', () => {
  const RAW = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u;

  it.each([
    ['visible', visible],
    ['escapeMarkdown', escapeMarkdown],
    ['escapeHtml', escapeHtml],
    ['valueText', valueText],
  ])('%s leaves no control, line break or change of direction', (_name, shown) => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shown(text)).not.toMatch(RAW);
        expect(shown(text)).not.toMatch(/^\s*::|##\[/);
      }),
      { numRuns: 500 },
    );
  });

  it('visible changes nothing the second time', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });

  it('escapeMarkdown leaves nothing of a name to Markdown or HTML', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeMarkdown(text);
        const rest = escaped.replace(/&#\d+;/g, '').replace(/\\[\\`*_[\]|~#]/g, '');
        expect(rest).not.toMatch(/[<>&$`*_[\]|~\\#]/);
        expect(escaped).not.toMatch(/@[\w-]|#\d+(?!\d*;)/);
      }),
      { numRuns: 500 },
    );
  });

  it('escapeHtml gives the text back to whoever reads the page', () => {
    const read = (html: string): string =>
      html.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));
    fc.assert(
      fc.property(hostile, (text) => {
        expect(read(escapeHtml(text))).toBe(visible(text));
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});
