/** What a log says of its place in the chain of its owner, and what is no head. */
import { describe, expect, it } from 'vitest';
import { recordOf, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import {
  behind,
  chainedDetail,
  headDetail,
  headRecordOf,
  isAboutHead,
  headStandingOf,
} from '../../src/core/head.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';

const HEAD = { chain: 'a', number: 2, run: 'b', seq: 7, digest: sha256('x') };
const OWNER = { name: 'github.com/acme/routing', environment: 'prod' };

function log(...entries: readonly AuditEntry[]): AuditRecord[] {
  const records: AuditRecord[] = [];
  const context = { run: 'c', actor: 'ada', environment: 'prod' };
  for (const entry of entries) {
    const at = '2026-03-02T09:00:00.000Z';
    records.push(recordOf(entry, context, records.at(-1) ?? null, at, sha256));
  }
  return records;
}

describe('a place', () => {
  it('is behind the head that is there, in its chain, else the first of its own', () => {
    expect(behind(HEAD, 'c')).toEqual({ chain: 'a', number: 3 });
    expect(behind(null, 'c')).toEqual({ chain: 'c', number: 1 });
  });
});

describe('a head', () => {
  it('is read as it was written', () => {
    expect(headRecordOf(headDetail(HEAD))).toEqual(HEAD);
  });

  it.each<[string, Json | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'head'],
    ['a list', [1]],
    ['no chain', { ...HEAD, chain: '' }],
    ['no run', { ...HEAD, run: null }],
    ['number 0', { ...HEAD, number: 0 }],
    ['half a number', { ...HEAD, number: 1.5 }],
    ['a number too great to count', { ...HEAD, number: 1e300 }],
    ['a number that is a text', { ...HEAD, number: '2' }],
    ['record 0', { ...HEAD, seq: 0 }],
    ['no digest', { ...HEAD, digest: 5 }],
  ])('is not: %s', (_what, value) => {
    expect(headRecordOf(value)).toBeNull();
  });
});

describe('the standing of a log', () => {
  const detail = chainedDetail({ owner: OWNER, ...behind(HEAD, 'c'), previous: HEAD });
  const chained: AuditEntry = { type: 'chained', detail };
  const step = { step: 'head', head: headDetail(HEAD) };
  const intent: AuditEntry = { type: 'intent', detail: step };
  const outcome = (type: 'outcome' | 'settled', state: string, extra = {}): AuditEntry => ({
    type,
    detail: { step: 'head', ...extra },
    outcome: { state, message: '' },
  });

  it('is none where the run took no lock', () => {
    const none = { chained: null, left: null, leftAt: 0, effect: 'open' };
    expect(headStandingOf(log({ type: 'run-started' }, { type: 'run-ended' }))).toEqual(none);
  });

  it.each([
    ['sent', [outcome('outcome', 'sent')], 'took effect'],
    ['refused', [outcome('outcome', 'failed')], 'did not'],
    ['open', [outcome('outcome', 'open')], 'open'],
    ['never answered', [], 'open'],
    [
      'open, then found',
      [outcome('outcome', 'open'), outcome('settled', 'took effect')],
      'took effect',
    ],
    [
      'of another run that this one has settled',
      [outcome('outcome', 'failed'), outcome('settled', 'took effect', { run: 'b' })],
      'did not',
    ],
  ])('has a head that was %s', (_what, then, effect) => {
    const records = log({ type: 'run-started' }, chained, intent, ...then);
    const standing = headStandingOf(records);
    expect(standing).toMatchObject({ left: HEAD, leftAt: 3, effect });
    expect(standing.chained).toEqual({ owner: OWNER, chain: 'a', number: 3, previous: HEAD });
    expect(records.filter(isAboutHead).length).toBe(2 + then.length);
  });

  it.each<[string, JsonObject]>([
    ['nobody', {}],
    ['a chain without a name', { ...detail, chain: 5 }],
    ['no number', { ...detail, number: -1 }],
  ])('is of %s where the record says so', (_what, said) => {
    expect(headStandingOf(log({ type: 'chained', detail: said })).chained).toBeNull();
  });
});
