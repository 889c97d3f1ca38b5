/** A record that says the same in other characters is found, however they make up for each other. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordOf, verifyChain } from '../../src/core/audit.js';
import { digestOf } from '../../src/core/canonical.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';

const CONTEXT = { run: '20260302T090000000Z-apply-1', actor: 'ada', environment: 'prod' };
const AT = '2026-03-02T09:00:00.000Z';

/** Spellings of one JSON value; `choose(n)` is below n, and 0 is as `JSON.stringify` has it. */
type Choose = (count: number) => number;

function spelled(value: Json, choose: Choose): string {
  const blank = blankOf(choose);
  if (typeof value === 'string') return blank + spelledText(value, choose);
  if (typeof value === 'number') return blank + spelledNumber(value, choose);
  if (Array.isArray(value)) {
    return `${blank}[${value.map((one) => spelled(one, choose)).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return blank + JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, of]) => `${spelledText(key, choose)}${blankOf(choose)}:${spelled(of, choose)}`,
  );
  const twice = entries[0] !== undefined && choose(12) === 11 ? [entries[0]] : [];
  const turned = choose(9) === 8 ? entries.reverse() : entries;
  return `${blank}{${[...turned, ...twice].join(',')}}`;
}

function blankOf(choose: Choose): string {
  return ['', '', '', ' ', '\t', '\r', '  '][choose(7)] ?? '';
}

function spelledText(text: string, choose: Choose): string {
  const plain = JSON.stringify(text);
  const kind = choose(8);
  if (kind === 5)
    return plain.replace(/\\u([0-9a-f]{4})/g, (all) => `\\u${all.slice(2).toUpperCase()}`);
  if (kind === 6) return plain.replace(/[a-z]/, (sign) => escaped(sign));
  if (kind === 7) return plain.replace('/', '\\/');
  return plain;
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function spelledNumber(value: number, choose: Choose): string {
  const plain = String(value);
  const spellings = [
    plain,
    plain,
    value.toExponential(),
    value.toExponential().replace('e+', 'e'),
    value.toExponential().replace('e+', 'E'),
    plain.includes('.') ? `${plain}0` : plain,
    value === 0 ? '-0' : plain,
    /^-?\d+\.\d{5,}$/.test(plain) ? value.toFixed(20) : plain,
    // Of several texts for one number.
    Number.isInteger(value) && Math.abs(value) > 2 ** 53 ? value.toFixed(0) : plain,
    Math.abs(value) > 2 ** 53 ? String(BigInt(Math.trunc(value)) + 1n) : plain,
  ];
  const found = spellings[choose(spellings.length)] ?? plain;
  return Object.is(Number(found), value) || Number(found) === value ? found : plain;
}

const numbers = fc.oneof(
  fc.constantFrom(0, 1, 10, 100, 200, 1000, 1e21, 1e-7, 0.001, 0.1, 2 ** 53 + 2, 5e-324),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const keys = fc.constantFrom('a', 'b', 'w', '1', '2', '10', '01', '__proto__', 'ä', '/', '"', '\n');
const texts = fc.oneof(
  fc.string(),
  fc.constantFrom('ä', '\u001f', '\u2028', '/', '":1e2', ',12', '\\', '€𝄞', '\u007f'),
);
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    numbers,
    texts,
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
  ),
}));

const choices = fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 });

/** Most of what is said is said as it was written: few differences have to make up for each other. */
function chooser(numbered: readonly number[]): Choose {
  let at = 0;
  return (count) => {
    const number = numbered[at++ % numbered.length] ?? 0;
    return number % 3 === 0 ? ((number / 3) % count) | 0 : 0;
  };
}

function lineOf(detail: Json, choose: Choose): string {
  const { digest, ...body } = recordOf({ type: 'planned' }, CONTEXT, null, AT, sha256);
  expect(digest).toBeDefined();
  const said = spelled({ ...body, detail } as unknown as JsonObject, choose).trimStart();
  const read = JSON.parse(said) as JsonObject;
  return `${said.slice(0, -1)},"digest":"${digestOf(sha256, read)}"}`;
}

it('whatever is spelled otherwise than it was written', () => {
  const seen = { found: 0, untouched: 0 };
  fc.assert(
    fc.property(fc.dictionary(keys, values, { maxKeys: 4 }), choices, (detail, numbered) => {
      const line = lineOf(detail, chooser(numbered));
      const isAsWritten = JSON.stringify(JSON.parse(line)) === line;
      seen[isAsWritten ? 'untouched' : 'found'] += 1;
      const { problems } = verifyChain(`${line}\n`, sha256);
      expect(problems.map(({ message }) => message)).toEqual(
        isAsWritten ? [] : ['record 1 was rewritten: it says the same in other characters'],
      );
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.found, seen.untouched)).toBeGreaterThan(300);
});

it.each([
  ['an exponent in place of noughts', '{"n":100,"m":1}', '{"n":1e2,"m":1}'],
  ['and in capitals', '{"n":100,"m":1}', '{"n":1E2,"m":1}'],
  ['an exponent that a blank makes up for', '{"n":1000}', '{"n": 1e3}'],
  ['and before the colon', '{"n":1000}', '{"n" :1e3}'],
  ['another integer, and a blank', '{"n":1,"m":10000}', '{"n":1,"m" : 1e4}'],
  ['and a tab', '{"n":1000}', '{"n":\t1e3}'],
  ['and in a list', '{"n":[5,100]}', '{"n":[5,1e2]}'],
  ['another integer that is read as the same', '{"n":9007199254740992}', '{"n":9007199254740993}'],
  ['and of less than nought', '{"n":-9007199254740992}', '{"n":-9007199254740993}'],
  ['digits beyond what is told apart', '{"n":0.30000000000000004}', '{"n":0.30000000000000003}'],
  ['large letters in an escape', '{"t":"\\u001f"}', '{"t":"\\u001F"}'],
  ['keys that look like numbers in another order', '{"1":0,"b":0}', '{"b":0,"1":0}'],
  ['a key twice, for which an exponent makes up', '{"n":10000000000}', '{"n":12,"n":1e10}'],
])('%s', (_, written, other) => {
  const { digest, ...body } = recordOf({ type: 'planned' }, CONTEXT, null, AT, sha256);
  expect(digest).toBeDefined();
  const line = (detail: string): string => {
    const said = JSON.stringify(body).replace('"detail":null', `"detail":${detail}`);
    return `${said.slice(0, -1)},"digest":"${digestOf(sha256, JSON.parse(said) as Json)}"}`;
  };
  const problemsOf = (text: string): string[] =>
    verifyChain(`${text}\n`, sha256).problems.map(({ message }) => message);
  expect(problemsOf(line(written))).toEqual([]);
  expect(line(other)).not.toBe(line(written));
  expect(line(other).length - line(written).length).toBe(0);
  expect(problemsOf(line(other))).toEqual([
    'record 1 was rewritten: it says the same in other characters',
  ]);
});
