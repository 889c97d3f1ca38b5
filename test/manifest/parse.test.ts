import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml, stringify } from 'yaml';
import type { ToStringOptions } from 'yaml';
import { isObject, pointer } from '../../src/core/json.js';
import type { Json } from '../../src/core/json.js';
import { parseSource } from '../../src/manifest/parse.js';
import { DEEP, issueText, source, strategy, TARGETS } from './issue-text.js';

const parse = (text: string) => parseSource(source(text));
const issues = (text: string) => parse(text).issues.map(issueText);
const bodies = (text: string) => parse(text).documents.map(({ body }) => body);

describe('what is accepted', () => {
  it.each<[string, string, Json[]]>([
    ['several documents', 'a: 1\n---\nb: 2\n...\n---\nc: 3\n', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['a byte order mark', '\ufeffa: 1\n', [{ a: 1 }]],
    ['CRLF', 'a: |\r\n  x\r\n  y\r\nb: 1\r\n', [{ a: 'x\ny\n', b: 1 }]],
    ['aliases', 'a: &x { b: [1] }\nc: *x\n', [{ a: { b: [1] }, c: { b: [1] } }]],
    ['an anchor set twice', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', [{ a: 1, b: 1, c: 2, d: 2 }]],
    [
      'YAML 1.2 words',
      'a: yes\nb: on\nc: 0o17\nd: 1_000\n',
      [{ a: 'yes', b: 'on', c: 15, d: '1_000' }],
    ],
    ['minus nought', 'a: -0\nb: -0.0\n', [{ a: 0, b: 0 }]],
    ['empty documents between', '---\n---\na: 1\n---\n', [{ a: 1 }]],
    [
      'keys that objects inherit',
      'toString: 1\nhasOwnProperty: 2\n',
      [{ toString: 1, hasOwnProperty: 2 }],
    ],
    ['an explicit %YAML 1.2', '%YAML 1.2\n---\na: 1\n', [{ a: 1 }]],
    [
      '64 levels',
      `a: ${'['.repeat(63)}${']'.repeat(63)}`,
      [{ a: JSON.parse('['.repeat(63) + ']'.repeat(63)) }],
    ],
  ])('%s', (_, text, expected) => {
    expect(issues(text)).toEqual([]);
    expect(bodies(text)).toEqual(expected);
  });

  it('anchors do not reach into the next document', () => {
    expect(issues('a: &x 1\n---\nb: *x\n')).toEqual([
      'm.yaml:3:1 unknown-anchor *x: no such anchor before this line ' +
        '(write &x before the value that is meant)',
    ]);
  });
});

const TAB = 'a tab stands in the indentation; YAML indents with blanks (replace the tab by blanks)';
const COLON =
  'a value with a colon and a blank in it, as if it were a key of its own ' +
  '(put the value in quotes, as in queue: "Billing: EU")';
const INDENT = '(give all keys of one mapping the same indentation)';

describe('what is refused, and how it is said', () => {
  it.each<[string, string, string[]]>([
    ['tab', 'a:\n\tb: 1\n', [`m.yaml:2:1 tab-indent ${TAB}`]],
    ['tab after blanks', 'a:\n  b: 1\n  \tc: 2\n', [`m.yaml:3:3 tab-indent ${TAB}`]],
    [
      'duplicate key',
      'a: 1\nb: 2\na: 3\n',
      [
        'm.yaml:3:1 duplicate-key a: stands twice in one mapping, first in line 1 (remove one of the two)',
      ],
    ],
    [
      'duplicate key after a byte order mark and CRLF',
      '\ufeffa: 1\r\nb:\r\n  c: 1\r\n  c: 2\r\n',
      [
        'm.yaml:4:3 duplicate-key c: stands twice in one mapping, first in line 3 (remove one of the two)',
      ],
    ],
    [
      'alias to itself',
      'a: &x [*x]\n',
      [
        'm.yaml:1:8 unknown-anchor *x: no such anchor before this line ' +
          '(write &x before the value that is meant)',
      ],
    ],
    [
      'list',
      '- a\n',
      [
        'm.yaml:1:1 not-a-mapping the document is a list; a manifest is a mapping ' +
          '(separate manifests with a line "---" and write each without "- ")',
      ],
    ],
    [
      'scalar',
      '--- hello\n',
      [
        'm.yaml:1:5 not-a-mapping the document is a single value; a manifest is a mapping ' +
          '(begin with apiVersion, kind, metadata and spec)',
      ],
    ],
    [
      'empty',
      '',
      ['m.yaml:1:1 warning empty-file the file holds no manifest (delete it, or write one)'],
    ],
    [
      'comment only',
      '# x\n',
      ['m.yaml:1:1 warning empty-file the file holds no manifest (delete it, or write one)'],
    ],
    [
      'numbers without end',
      'a: .nan\nb: -.inf\nc: 1e999\n',
      [
        'm.yaml:1:1 not-finite .nan: not a finite number (write a finite number)',
        'm.yaml:2:1 not-finite -.inf: not a finite number (write a finite number)',
        'm.yaml:3:1 not-finite 1e999: not a finite number (write a finite number)',
      ],
    ],
    [
      'huge integer',
      'a: 9007199254740993\n',
      [
        'm.yaml:1:1 number-too-large 9007199254740993: larger than 2^53, so it cannot be kept ' +
          'exactly (write a smaller number, or quote it)',
      ],
    ],
    [
      'keys that are not text',
      '1: a\ntrue: b\n? [a]\n: c\n: d\n',
      [
        'm.yaml:1:1 non-string-key 1: not text; keys are text (write "1")',
        'm.yaml:2:1 non-string-key true: not text; keys are text (write "true")',
        'm.yaml:3:3 non-string-key a mapping or a list stands as a key; keys are text',
        'm.yaml:5:1 non-string-key a key is missing; keys are text (write a key before the colon)',
      ],
    ],
    [
      'a decimal comma in brackets, where it begins a key',
      'a: { b: 0,8, c: 1 }\nd: { 1: x }\n',
      [
        'm.yaml:1:11 non-string-key 8: stands by itself after a comma, which begins a new key ' +
          '(write decimals with a point, such as 0.5, and a text with a comma in quotes)',
        'm.yaml:2:6 non-string-key 1: not text; keys are text (write "1")',
      ],
    ],
    [
      'merge key',
      'a: &x { b: 1 }\nc:\n  <<: *x\n',
      [
        'm.yaml:3:3 merge-key <<: merge keys are not part of YAML 1.2 (write the keys out, or use an Overlay)',
      ],
    ],
    [
      'tags',
      'a: !!binary aGk=\nb: !foo x\nc: !!str 1\n',
      ['!!binary', '!foo', '!!str'].map(
        (tag, index) =>
          `m.yaml:${index + 1}:1 tag ${tag}: tags have no place here ` +
          '(remove the tag; quotes make a value text)',
      ),
    ],
    [
      'keys that reach a prototype',
      '__proto__: { polluted: 1 }\na: { constructor: { prototype: 1 } }\n',
      [
        'm.yaml:1:1 forbidden-key __proto__: this key has no place here (remove it)',
        'm.yaml:2:6 forbidden-key constructor: this key has no place here (remove it)',
        'm.yaml:2:21 forbidden-key prototype: this key has no place here (remove it)',
      ],
    ],
    [
      'control characters as escapes',
      'a: "x\\u0000y"\nb: "\\u202e"\n"c\\e": "\\ud800"\n',
      [
        'm.yaml:1:1 control-character a text holds a control character (U+0000) (remove it)',
        'm.yaml:2:1 control-character a text holds a direction mark (U+202E) (remove it)',
        'm.yaml:3:1 control-character a key holds a control character (U+001B) (remove it)',
        'm.yaml:3:1 control-character a text holds half of a surrogate pair (U+D800) (remove it)',
      ],
    ],
    [
      'a raw control character',
      'a: 1\nb: x\u0007\n',
      ['m.yaml:2:5 control-character the file holds a control character (U+0007) (remove it)'],
    ],
    [
      'a lone carriage return',
      'a: 1\rb: 2\n',
      [
        'm.yaml:1:5 control-character the file holds a carriage return without a line feed (U+000D) ' +
          '(save it with LF or CRLF line ends)',
      ],
    ],
    [
      'open quotes',
      'a: "b\n',
      ['m.yaml:2:1 yaml-syntax a quoted text has no end (close the quotes)'],
    ],
    [
      'open bracket',
      'a: [1, 2\nb: 3\n',
      ['m.yaml:2:1 yaml-syntax a bracket is not closed (close it with ] or })'],
    ],
    [
      'a key beside a list that is indented less and more',
      'a:\n b:\n - c: 1\n   d: 2\n  e: f\n',
      [
        'm.yaml:5:1 yaml-syntax this line is no item of the list above it, and no key ' +
          `beside that list ${INDENT}`,
      ],
    ],
    ['two colons', 'a: b: c\n', [`m.yaml:1:4 yaml-syntax ${COLON}`]],
    ['two colons in brackets', 'a: { queue: Billing: EU }\n', [`m.yaml:1:13 yaml-syntax ${COLON}`]],
    [
      'no colon',
      'a: 1\nb\nc: 2\n',
      ['m.yaml:2:1 yaml-syntax a key without a value (write a colon after it)'],
    ],
    [
      'bad indent',
      'a:\n    b: 1\n  c: 2\n',
      [`m.yaml:3:1 yaml-syntax the indentation fits nothing above it ${INDENT}`],
    ],
    [
      'reserved',
      'a: @x\n',
      ['m.yaml:1:4 yaml-syntax a text begins with a reserved character (put it in quotes)'],
    ],
    [
      'no comma',
      'a: {b: 1 c: 2}\n',
      [
        'm.yaml:1:8 yaml-syntax a list or mapping without brackets inside brackets (a comma is missing, or quotes around a value that has a colon and a blank in it)',
      ],
    ],
    [
      'escape',
      'a: "\\q"\n',
      ['m.yaml:1:5 yaml-syntax an unknown escape in double quotes (write \\\\ for a backslash)'],
    ],
    [
      '%YAML 1.1',
      '%YAML 1.1\n---\na: yes\n',
      ['m.yaml:1:1 yaml-version %YAML 1.1: files are read as YAML 1.2 (remove the %YAML line)'],
    ],
    [
      'a directive',
      '%FOO bar\n---\na: 1\n',
      ['m.yaml:1:1 yaml-syntax a line beginning with % that YAML does not know (remove it)'],
    ],
    ['deep flow', `a: ${'['.repeat(10_000)}`, [`m.yaml:1:69 ${DEEP}`]],
    ['deep flow, closed', '['.repeat(65) + ']'.repeat(65), [`m.yaml:1:65 ${DEEP}`]],
    ['deep block', '- '.repeat(10_000), [`m.yaml:1:132 ${DEEP}`]],
    [
      'deep block by lines',
      Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
      [`m.yaml:66:67 ${DEEP}`],
    ],
    ['deep by aliases', chainOfAliases(64), [`m.yaml:64:12 ${DEEP}`]],
  ])('%s', (_, text, expected) => {
    expect(issues(text)).toEqual(expected);
  });

  it('never repeats the text around a syntax error, for it may be a secret', () => {
    for (const text of ['a: "hunter2\n', 'hunter2: hunter2: 1', 'a: 1\nhunter2\n', '"hunter2" x']) {
      const found = issues(text);
      expect(found).not.toEqual([]);
      expect(found.join()).not.toContain('hunter2');
    }
  });

  it('keeps the other documents of a file', () => {
    const { documents, complete } = parse('a: "\\q"\n---\nb: 2\n');
    expect(documents.map(({ body }) => body)).toEqual([{ b: 2 }]);
    expect(complete).toBe(false);
  });

  it('marks a document that lacks what was refused', () => {
    const [document] = parse('a: 1\nb: .nan\n').documents;
    expect(document).toMatchObject({ sound: false, body: { a: 1, b: null } });
  });
});

function chainOfAliases(length: number): string {
  const lines = ['l0: &l0 [1]'];
  for (let i = 1; i < length; i += 1) lines.push(`l${i}: &l${i} [*l${i - 1}]`);
  return lines.join('\n');
}

describe('bytes that are no text', () => {
  it.each<[string, number[], string]>([
    [
      'a stray byte',
      [0x61, 0x3a, 0x20, 0xff],
      'm.yaml:1:4 invalid-utf8 byte 3 of the file is not UTF-8',
    ],
    [
      'a cut sequence in line 2',
      [...Buffer.from('ä: 1\nb: \ufffd'), 0xc3],
      'm.yaml:2:5 invalid-utf8 byte 12 of the file is not UTF-8',
    ],
    [
      'UTF-16',
      [0xff, 0xfe, 0x61, 0x00],
      'm.yaml:1:1 invalid-utf8 byte 0 of the file is not UTF-8; it looks like UTF-16',
    ],
    ['an overlong form', [0xc0, 0x80], 'm.yaml:1:1 invalid-utf8 byte 0 of the file is not UTF-8'],
  ])('%s', (_, bytes, expected) => {
    const { issues: found } = parseSource({ path: 'm.yaml', bytes: Uint8Array.from(bytes) });
    expect(found.map(issueText)).toEqual([`${expected} (save the file as UTF-8)`]);
  });
});

describe('a plain scalar', () => {
  const sign = fc.constantFrom(
    ...'0179xoeEabnNuUlLtTrRfFsSiIAy~.+-_',
    ...['null', 'true', 'False', '.inf', '.NaN', '0x1f', '0o17', '1e3', 'é', '\u2028'],
  );
  const words = fc.array(sign, { minLength: 1, maxLength: 5 }).map((signs) => signs.join(''));
  /** What the library takes for the same as one of ours: no text alone, no sign of a list. */
  const isPlain = (text: string): boolean => !/^(-|\?|[.]{3}$|-{3}$)/.test(text);

  it('is what the library makes of it', () => {
    fc.assert(
      fc.property(words.filter(isPlain), (text) => {
        const value: unknown = parseYaml(text, { schema: 'core', version: '1.2' });
        const expected = Object.is(value, -0) ? 0 : value;
        fc.pre(typeof expected !== 'number' || Number.isSafeInteger(Math.trunc(expected)));
        expect(parse(`a: ${text}`).documents[0]?.body['a']).toStrictEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('any bytes at all', () => {
  it('never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        parseSource({ path: 'm.yaml', bytes });
      }),
      { numRuns: 500 },
    );
  });

  it('nor do signs of YAML in any order', () => {
    const sign = fc.constantFrom(
      ...'[]{}:,-?&*!|>\'"%@`# \n\ta1~',
      '\r\n',
      '--- ',
      '...\n',
      ': ',
      '- ',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 80 }), (signs) => {
        parse(signs.join(''));
      }),
      { numRuns: 1500 },
    );
  });

  it('nor do manifests with a few characters changed', () => {
    const original = strategy(
      `${TARGETS}  fallback: &f { queue: "B" }\n  checks: { skills: warn }\n`,
    );
    const edit = fc.record({
      at: fc.nat(original.length),
      put: fc.string({ maxLength: 3 }),
      cut: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = original;
        for (const { at, put, cut } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        for (const { at } of parse(text).issues) {
          expect(at?.line).toBeGreaterThanOrEqual(1);
          expect(at?.line).toBeLessThanOrEqual(text.split('\n').length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('positions', () => {
  const key = fc.stringMatching(/^[a-z0-9~/ ]{1,8}$/);
  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[a-zA-Z: #-]*$/)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  const root = fc.dictionary(key, json, { minKeys: 1, noNullPrototype: true });

  function pointersOf(value: Json, keys: (string | number)[] = []): (string | number)[][] {
    if (Array.isArray(value)) {
      return [keys, ...value.flatMap((item, index) => pointersOf(item, [...keys, index]))];
    }
    if (!isObject(value)) return [keys];
    const entries = Object.entries(value);
    return [keys, ...entries.flatMap(([name, item]) => pointersOf(item, [...keys, name]))];
  }

  it('every key is found where it was written, whatever the style', () => {
    const options = fc.record<ToStringOptions>({
      indent: fc.integer({ min: 1, max: 6 }),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    });
    fc.assert(
      fc.property(root, options, fc.boolean(), (value, style, crlf) => {
        const text = stringify(value, { ...style, lineWidth: 0 });
        const { documents, issues: found } = parse(crlf ? text.replaceAll('\n', '\r\n') : text);
        expect(found.map(issueText)).toEqual([]);
        expect(documents[0]?.body).toEqual(value);
        const lines = text.split('\n');
        for (const keys of pointersOf(value)) {
          const { line, column } = documents[0]!.positions.at(pointer(keys));
          const rest = lines[line - 1]?.slice(column - 1);
          const last = keys.at(-1);
          if (typeof last === 'string') expect(rest).toMatch(keyPattern(last));
          else expect(rest).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  function keyPattern(name: string): RegExp {
    return new RegExp(`^"?${name.replaceAll('/', '\\/')}"? ?:`);
  }

  it('of what is not there answers the nearest parent', () => {
    const { positions } = parse('a:\n  b:\n    - 1\n').documents[0]!;
    expect(positions.at('/a/b/7/c')).toMatchObject({ line: 2, column: 3 });
    expect(positions.at('/toString')).toMatchObject({ line: 1, column: 1 });
    expect(positions.at('/a/b/0')).toMatchObject({ line: 3, column: 7 });
    expect(positions.at('/a/b/length')).toMatchObject({ line: 2, column: 3 });
  });

  it('of what an alias repeats answers where it was written', () => {
    const { positions } = parse('a: &x\n  b: 1\nc: *x\n').documents[0]!;
    expect(positions.at('/c')).toMatchObject({ line: 3, column: 1 });
    expect(positions.at('/c/b')).toMatchObject({ line: 2, column: 3 });
  });
});
