/** What a log says of its place in the chain of its owner, and what is no head. */
import { describe, expect, it } from 'vitest';
import { recordOf, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import {
  behind,
  chainedDetail,
  headDetail,
  headRecordOf,
  headStandingOf,
  isAboutHead,
  isWork,
  laterHead,
  leftAtEnd,
  type LeftHead,
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
    ['open, then found not to be there', [outcome('settled', 'did not')], 'open'],
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

describe('of two heads', () => {
  const left = (number: number, sure: boolean): LeftHead => {
    return { owner: OWNER, head: { ...HEAD, number }, sure };
  };

  it('the later one counts, whichever comes first and however sure it is', () => {
    const [early, late] = [left(2, true), left(3, false)];
    expect([laterHead(early, late), laterHead(late, early)]).toEqual([late, late]);
    expect([laterHead(null, late), laterHead(late, null)]).toEqual([late, late]);
    expect(laterHead(null, null)).toBeNull();
  });

  it('of one number the one that is sure counts, whichever comes first', () => {
    const [sure, unsure] = [left(2, true), left(2, false)];
    expect([laterHead(sure, unsure), laterHead(unsure, sure)]).toEqual([sure, sure]);
  });
});

describe('a record of a log', () => {
  const ended = (over: Partial<AuditEntry> & { detail?: JsonObject }): AuditRecord | undefined =>
    log({ type: 'run-ended', ...over })[0];
  const detail = { owner: { ...OWNER }, head: headDetail({ ...HEAD, run: 'c' }) };

  it.each<[string, Partial<AuditEntry> & { detail?: JsonObject }, boolean]>([
    ['the end of its run', { detail }, true],
    ['anything but an end', { type: 'chained', detail }, false],
    ['an end without an owner', { detail: { head: detail.head } }, false],
    ['an end that has left none', { detail: { owner: detail.owner } }, false],
    [
      'an end with the head of another run',
      { detail: { ...detail, head: headDetail(HEAD) } },
      false,
    ],
  ])('says which head was left, where it is %s: %j', (_what, over, isLeft) => {
    const record = ended(over);
    const found = record === undefined ? null : leftAtEnd(record);
    const head = { ...HEAD, run: 'c' };
    expect(found).toEqual(isLeft ? { owner: OWNER, head, sure: true } : null);
  });

  it.each<[AuditEntry['type'], string | null, boolean]>([
    ['planned', null, true],
    ['chained', null, true],
    ['checked', null, true],
    ['forced', null, true],
    ['intent', 'create', true],
    ['intent', 'head', false],
    ['intent', 'unlock', false],
    ['outcome', 'create', false],
    ['settled', null, false],
    ['run-ended', null, false],
  ])('%s of step %s: is it work? %s', (type, step, is) => {
    expect(isWork({ type, detail: step === null ? null : { step } })).toBe(is);
  });
});
