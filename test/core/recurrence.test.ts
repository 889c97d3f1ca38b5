/** Recurrence rules by what they mean, and local times without a zone. */
import { describe, expect, it } from 'vitest';
import { canonicalRule, fitted, localTime, recurrence } from '../../src/core/recurrence.js';

describe('a local time', () => {
  it.each([
    ['2026-01-05T08:00:00', '2026-01-05T08:00:00.000'],
    ['2026-01-05T08:00', '2026-01-05T08:00:00.000'],
    ['2026-01-05T08:00:00.000000', '2026-01-05T08:00:00.000'],
    ['2024-02-29T23:59:59.5', '2024-02-29T23:59:59.500'],
  ])('%s is %s', (text, local) => {
    expect(localTime(text)).toBe(local);
  });

  it.each([
    ...['2026-02-29T08:00:00', '2026-13-01T08:00:00', '2026-01-05T24:00:00', '2026-01-05'],
    ...['2026-01-05T08:00:00Z', '2026-01-05T08:00:00+01:00', 'noon', '', '2026-00-10T08:00:00'],
  ])('%s is none', (text) => {
    expect(localTime(text)).toBeNull();
  });
});

describe('two rules mean the same', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO,TU', 'BYDAY=TU,MO;INTERVAL=1;FREQ=WEEKLY'],
    ['FREQ=WEEKLY;BYDAY=MO', 'RRULE:FREQ=WEEKLY;BYDAY=MO;WKST=MO'],
    ['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26', 'freq=yearly;bymonthday=26,25;bymonth=12'],
    ['FREQ=DAILY;UNTIL=20260107', 'FREQ=DAILY;UNTIL=20260107T000000Z'],
    ['FREQ=MONTHLY;BYDAY=1MO', 'FREQ=MONTHLY;BYDAY=+1MO'],
    ['FREQ=MONTHLY;BYDAY=-1FR,1MO', 'FREQ=MONTHLY;BYDAY=1MO,-1FR'],
    ['FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6', 'FREQ=YEARLY;BYMONTH=01;BYMONTHDAY=+06'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', 'FREQ=MONTHLY;BYMONTHDAY=-01'],
    ['FREQ=MONTHLY;BYDAY=1MO,-2FR', 'FREQ=MONTHLY;BYDAY=-02FR,+01MO'],
    ['FREQ=DAILY;BYHOUR=8,12', 'FREQ=DAILY;BYHOUR=12,08;INTERVAL=01'],
    ['FREQ=DAILY;BYMINUTE=0;COUNT=10', 'FREQ=DAILY;BYMINUTE=00;COUNT=010'],
    ['FREQ=DAILY;BYHOUR=8', 'FREQ=DAILY;BYHOUR=8,08'],
  ])('%s and %s', (one, other) => {
    expect(canonicalRule(one)).toBe(canonicalRule(other));
    // And once more: it is a form of itself.
    expect(canonicalRule(canonicalRule(one))).toBe(canonicalRule(one));
  });

  it.each([
    ['FREQ=WEEKLY;BYDAY=MO', 'FREQ=WEEKLY;BYDAY=TU'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', 'FREQ=WEEKLY;BYDAY=MO'],
    ['FREQ=MONTHLY;BYDAY=-1MO', 'FREQ=MONTHLY;BYDAY=1MO'],
    ['FREQ=DAILY;COUNT=3', 'FREQ=DAILY'],
  ])('and %s and %s do not', (one, other) => {
    expect(canonicalRule(one)).not.toBe(canonicalRule(other));
  });

  it.each([
    ['FREQ=WEEKLY;BYDAY=XX', 'BYDAY cannot be "XX"'],
    ['FREQ=WEEKLY;BYDAY=', 'BYDAY cannot be ""'],
    ['FREQ=WEEKLY;BYDAY=MO,,TU', 'BYDAY cannot be ""'],
    ['FREQ=FORTNIGHTLY', 'FREQ cannot be "FORTNIGHTLY"'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'it has FREQ twice'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL cannot be "-1"'],
    ['FREQ=DAILY;INTERVAL=1.5', 'INTERVAL cannot be "1.5"'],
    ['FREQ=DAILY;COUNT=many', 'COUNT cannot be "MANY"'],
    ['FREQ=DAILY;UNTIL=2026-01-05', 'UNTIL cannot be "2026-01-05"'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101', 'it has both COUNT and UNTIL'],
    ['FREQ=YEARLY;BYMONTH=13', 'BYMONTH cannot be "13"'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY cannot be "32"'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY cannot be "0"'],
    ['FREQ=MONTHLY;BYSETPOS=400;BYDAY=MO', 'BYSETPOS cannot be "400"'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR cannot be "24"'],
    ['FREQ=DAILY;WKST=X', 'WKST cannot be "X"'],
    ['FREQ=DAILY;EVERY=DAY', '"EVERY" is no part of one'],
    ['FREQ=DAILY;BYDAY=MO=TU', 'BYDAY cannot be "MO"'],
    ['DTSTART:20260101T000000;FREQ=DAILY', '"DTSTART:20260101T000000" is no part of one'],
  ])('%s is none: %s', (rule, why) => {
    expect(() => recurrence(rule)).toThrow(why);
  });

  it.each([
    ...['FREQ=MONTHLY;BYMONTHDAY=-1', 'FREQ=MONTHLY;BYDAY=1MO,-1FR', 'FREQ=YEARLY;BYYEARDAY=-366'],
    ...['FREQ=YEARLY;BYWEEKNO=53', 'FREQ=DAILY;COUNT=3;', 'FREQ=DAILY;UNTIL=20270101T080000Z'],
    ...['FREQ=WEEKLY;BYDAY=MO;WKST=SU', 'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1'],
  ])('%s is one', (rule) => {
    expect(() => recurrence(rule).first('2026-01-05T08:00:00')).not.toThrow();
  });

  it('and what is no rule stays as it is', () => {
    for (const text of ['FREQ=NEVER', 'every day', 'FREQ=DAILY;UNTIL=tomorrow']) {
      expect(canonicalRule(text)).toBe(text);
    }
    expect(canonicalRule(' ')).toBe('');
  });
});

describe('the first time of a rule', () => {
  it.each([
    ['FREQ=WEEKLY;BYDAY=MO,TU', '2026-01-07T08:00:00', '2026-01-12T08:00:00.000'],
    ['FREQ=WEEKLY;BYDAY=MO,TU', '2026-01-05T08:00:00', '2026-01-05T08:00:00.000'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2026-02-28T00:00:00', '2028-02-29T00:00:00.000'],
    ['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26', '2026-12-26T00:00:00', '2026-12-26T00:00:00.000'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-01T00:00:00', null],
    ['FREQ=DAILY;UNTIL=20250101', '2026-01-05T08:00:00', null],
    ['FREQ=DAILY;COUNT=0', '2026-01-05T08:00:00', null],
    ['FREQ=DAILY;INTERVAL=0', '2026-01-05T08:00:00', null],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', '2026-01-05T08:00:00', null],
    ['FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30', '2026-01-05T08:00:00', null],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '1999-01-01T00:00:00', '2000-02-29T00:00:00.000'],
    [
      'FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29',
      '2026-01-01T00:00:00',
      '2032-02-29T00:00:00.000',
    ],
  ])('%s from %s is %s', (rule, start, first) => {
    expect(recurrence(rule).first(start)).toBe(first);
  });

  it('takes the end along, over midnight too', () => {
    expect(fitted('2026-01-07T18:00:00', '2026-01-08T08:59:00', 'FREQ=WEEKLY;BYDAY=FR')).toEqual({
      start: '2026-01-09T18:00:00.000',
      end: '2026-01-10T08:59:00.000',
    });
    expect(fitted('2026-01-05T08:00:00', '2026-01-05T09:00:00', 'FREQ=DAILY')).toBeNull();
    expect(fitted('2026-01-05T08:00:00', '2026-01-05T09:00:00', '')).toBeNull();
  });
});
