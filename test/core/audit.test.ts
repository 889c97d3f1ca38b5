/** The hash chain: what an audit log looks like whole, and how each kind of tampering shows. */
import { describe, expect, it } from 'vitest';
import {
  recordOf,
  verifyChain,
  type AuditContext,
  type AuditEntry,
  type AuditRecord,
} from '../../src/core/audit.js';
import { digestOf } from '../../src/core/canonical.js';
import type { JsonObject } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';

const CONTEXT: AuditContext = {
  run: '20260302T090000000Z-apply-1',
  actor: 'ada',
  environment: 'prod',
};
const A = 'RoutingStrategy/a';
const sent = { method: 'PUT', path: '/x', status: 200, correlationId: 'c-1' };

const ENTRIES: readonly AuditEntry[] = [
  { type: 'run-started', detail: { command: 'apply' } },
  { type: 'intent', address: A, detail: { step: 'update' }, request: { ...sent, status: null } },
  {
    type: 'outcome',
    address: A,
    detail: { step: 'update' },
    request: sent,
    outcome: { state: 'sent', message: '' },
  },
  { type: 'outcome', address: A, detail: { step: 'change' }, before: { w: 1 }, after: { w: 2 } },
  { type: 'run-ended', outcome: { state: 'applied', message: '' } },
];

function written(entries: readonly AuditEntry[] = ENTRIES, context = CONTEXT): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = `2026-03-02T09:00:0${index % 10}.000Z`;
    records.push(recordOf(entry, context, records.at(-1) ?? null, at, sha256));
  }
  return records;
}

const line = (record: object): string => `${JSON.stringify(record)}\n`;
const text = (records: readonly object[]): string => records.map(line).join('');
const lines = text(written())
  .split('\n')
  .slice(0, -1)
  .map((one) => `${one}\n`);
const problems = (content: string): string[] =>
  verifyChain(content, sha256).problems.map((one) => `${one.line}: ${one.message}`);

/** As somebody would forge it who knows the algorithm. */
function forged(record: AuditRecord, edit: Partial<AuditRecord>): AuditRecord {
  const { digest, ...body } = { ...record, ...edit };
  expect(digest).toBeDefined();
  return { ...body, digest: digestOf(sha256, body as unknown as JsonObject) };
}

describe('recordOf', () => {
  it('numbers from 1, links to the record before and fills what was not said with null', () => {
    const [first, second] = written();
    expect(first).toEqual({
      seq: 1,
      at: '2026-03-02T09:00:00.000Z',
      ...CONTEXT,
      type: 'run-started',
      address: null,
      before: null,
      after: null,
      request: null,
      outcome: null,
      detail: { command: 'apply' },
      previous: null,
      digest: first?.digest,
    });
    expect([second?.seq, second?.previous]).toEqual([2, first?.digest]);
  });
});

describe('a log that nobody touched', () => {
  it('has no problem, no unfinished intent, and its end', () => {
    const chain = verifyChain(text(written()), sha256);
    expect(chain).toMatchObject({ problems: [], unfinished: [], ended: true });
    expect(chain.records).toEqual(written());
  });

  it.each<[string, AuditEntry]>([
    [
      'a backslash that looks like an escape',
      { type: 'refused', detail: { path: 'C:\\udata\\ud83d' } },
    ],
    [
      'control characters, emoji and separators',
      { type: 'refused', detail: { a: '\u001b\u2028😀' } },
    ],
    ['keys that look like numbers', { type: 'refused', detail: { b: 1, '10': 1, '9': [{}] } }],
    ['no detail at all', { type: 'planned' }],
  ])('may hold %s', (_name, entry) => {
    expect(problems(text(written([entry])))).toEqual([]);
  });

  it('is empty when the run wrote nothing', () => {
    expect(verifyChain('', sha256)).toEqual({
      records: [],
      problems: [],
      unfinished: [],
      ended: false,
      cut: false,
    });
  });
});

const [first, second, third, fourth, last] = written() as [
  ...[AuditRecord, AuditRecord, AuditRecord, AuditRecord, AuditRecord],
];

describe('tampering', () => {
  const changed = 'was changed after it was written: its digest does not match';
  const moved = 'records were removed, inserted or reordered';

  it.each<[string, string, readonly string[]]>([
    [
      'a value changed',
      lines.join('').replace('"w":2', '"w":3'),
      [`4: record 4 (outcome ${A}) ${changed}`],
    ],
    [
      'the actor changed',
      lines.join('').replace('ada', 'bob'),
      [`1: record 1 (run-started) ${changed}`],
    ],
    [
      'a value changed and its digest made to fit',
      text([first, forged(second, { actor: 'bob' }), third, fourth, last]),
      [`3: record 3 (outcome ${A}) does not carry the digest of the record before it`],
    ],
    [
      'the first removed',
      lines.slice(1).join(''),
      [`1: record 2 (intent ${A}) comes first: ${moved}`],
    ],
    [
      'one in the middle removed',
      text([first, second, fourth, last]),
      [`3: record 4 (outcome ${A}) follows record 2: ${moved}`],
    ],
    [
      'one removed and the rest renumbered',
      text([first, forged(third, { seq: 2 }), forged(fourth, { seq: 3 })]),
      [
        `2: record 2 (outcome ${A}) does not carry the digest of the record before it`,
        `3: record 3 (outcome ${A}) does not carry the digest of the record before it`,
      ],
    ],
    [
      'two that changed places',
      text([first, third, second, fourth, last]),
      [
        `2: record 3 (outcome ${A}) follows record 1: ${moved}`,
        `3: record 2 (intent ${A}) follows record 3: ${moved}`,
        `4: record 4 (outcome ${A}) follows record 2: ${moved}`,
      ],
    ],
    [
      'one inserted',
      text([
        first,
        forged(second, { previous: first.digest, actor: 'x' }),
        second,
        third,
        fourth,
        last,
      ]),
      [`3: record 2 (intent ${A}) follows record 2: ${moved}`],
    ],
    [
      'one there twice',
      text([first, first]),
      [`2: record 1 (run-started) follows record 1: ${moved}`],
    ],
    [
      'one of another run, linked in',
      text([first, forged(second, { run: 'other' })]),
      [`2: record 2 (intent ${A}) belongs to another run`],
    ],
    [
      'half a line of something else',
      `${text([first])}{"seq":7,"at"`,
      ['2: has no line end, and is not as a run that is killed leaves its next record'],
    ],
    [
      'a whole record with more behind it',
      `${text([first, second]).slice(0, -1)}6`,
      ['2: has no line end, and is not as a run that is killed leaves its next record'],
    ],
    [
      'half a line after the last record',
      `${lines.join('')}{"seq":${lines.length + 1},`,
      [
        `${lines.length + 1}: has no line end, and is not as a run that is killed leaves its next record`,
      ],
    ],
    ['an empty line', `${line(first)}\n${line(second)}`, ['2: is not an audit record']],
    [
      'the same said in other characters',
      text([first]).replace('"seq":1', '"seq": 1'),
      ['1: record 1 was rewritten: it says the same in other characters'],
    ],
  ])('%s', (_name, content, expected) => {
    expect(problems(content)).toEqual(expected);
  });

  it.each([1, 5, 20])('by a kill while it was written is no change: %d characters less', (less) => {
    const chain = verifyChain(lines.join('').slice(0, -less), sha256);
    expect([chain.problems, chain.ended, chain.cut]).toEqual([[], false, true]);
  });

  it('at the very end shows in that the run has no end', () => {
    const chain = verifyChain(text([first, second, third]), sha256);
    expect([chain.problems, chain.ended]).toEqual([[], false]);
  });
});

describe('what is no record at all', () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const odd = (edit: object): string => line({ ...second, ...edit });

  it.each<[string, string]>([
    ['no JSON', 'nonsense\n'],
    ['a list', '[]\n'],
    ['null', 'null\n'],
    ['a key too few', line(Object.fromEntries(Object.entries(first).slice(1)))],
    ['a key too many', odd({ more: 1 })],
    [
      'another key instead',
      line({ ...Object.fromEntries(Object.entries(first).slice(1)), sek: 1 }),
    ],
    ['a number as text', odd({ seq: '2' })],
    ['an actor that is a number', odd({ actor: 5 })],
    ['an address that is an object', odd({ address: { toString: 1 } })],
    ['a previous that is a number', odd({ previous: 7 })],
    ['a list for an object', odd({ before: [] })],
    [
      'a request without its path',
      odd({ request: { method: 'PUT', status: 1, correlationId: null } }),
    ],
    ['a status that is text', odd({ request: { ...sent, status: '200' } })],
    ['a request that is a list', odd({ request: [] })],
    ['an outcome without a state', odd({ outcome: { message: '' } })],
    ['a lone high surrogate', odd({ actor: '\ud800' })],
    ['a lone low surrogate', odd({ actor: '\udc00' })],
    ['a lone surrogate in a key', odd({ detail: { '\udfff': 1 } })],
    ['nesting without end', line(second).replace('"update"', deep)],
  ])('%s', (_name, content) => {
    expect(problems(content)).toEqual(['1: is not an audit record']);
  });
});

describe('unfinished intents', () => {
  const intent = (step: string, address = A): AuditEntry => ({
    type: 'intent',
    address,
    detail: { step },
  });
  const outcome = (step: string, address = A): AuditEntry => ({
    type: 'outcome',
    address,
    detail: { step },
  });

  it.each<[string, readonly AuditEntry[], readonly number[]]>([
    ['none', [intent('create'), outcome('create')], []],
    ['the one in flight', [intent('create'), outcome('create'), intent('activate')], [3]],
    ['another step’s outcome does not finish it', [intent('create'), outcome('activate')], [1]],
    [
      'another object’s outcome does not finish it',
      [intent('create'), outcome('create', 'K/b')],
      [1],
    ],
    ['an outcome before it does not finish it', [outcome('create'), intent('create')], [2]],
    ['several objects', [intent('create'), intent('create', 'K/b'), outcome('create')], [2]],
    ['sent again and answered once', [intent('update'), intent('update'), outcome('update')], []],
    ['the whole change ended, the step did not', [intent('update'), outcome('change')], [1]],
  ])('%s', (_name, entries, expected) => {
    const { unfinished, problems: found } = verifyChain(text(written(entries)), sha256);
    expect(unfinished.map((one) => one.seq)).toEqual(expected);
    expect(found).toEqual([]);
  });
});
