/**
 * Local times and the rules by which they come again (RFC 5545). Times have no zone: the group that
 * a schedule is in says where they hold. The library counts in UTC, which is as good as none.
 */
import * as library from 'rrule';

/** To Node the package is one object, to a bundle it is its names, which load it. */
const rules = (): typeof library =>
  ('default' in library ? library.default : library) as typeof library;

type Instant = ReturnType<typeof library.datetime>;

/** After so many years weekdays and leap days are the same again. */
const CYCLE_YEARS = 400;
/** The library looks on until the year 9999: a search begins as late as leaves it forty years. */
const LAST_BEGIN = 9959;

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;

/** `2026-01-05T08:00:00.000`; `null` for what is no local date-time, such as one with a zone. */
export function localTime(text: string): string | null {
  const parts = LOCAL.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((one) => Number(one || 0));
  const at = rules().datetime(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0);
  const there = textOf(at);
  if (there !== `${text.slice(0, 16)}:${parts[6] ?? '00'}`) return null;
  return `${there}.${(parts[7] ?? '').padEnd(3, '0').slice(0, 3)}`;
}

export interface Recurrence {
  /** Parts in one order, without what is so anyway: equal texts mean the same. */
  readonly canonical: string;
  /** The first time from `start` on, in local form; `null` where there is none. */
  first(start: string): string | null;
}

/** Throws an `Error` that says what is wrong; `text` may begin with `RRULE:`. */
export function recurrence(text: string): Recurrence {
  const rule = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:|;+$/g, '');
  if (rule === '') throw new Error('it is empty');
  if (!/(^|;)FREQ=/.test(rule)) throw new Error('it has no FREQ');
  const wrong = wrongIn(rule);
  if (wrong !== null) throw new Error(wrong);
  const options = rules().RRule.parseString(rule);
  if (options.freq === undefined) throw new Error('it has no FREQ');
  return {
    canonical: canonicalOf(rule),
    first: (start) => (isEmpty(options) ? null : firstOf(options, start)),
  };
}

/** What RFC 5545 has each part be; the library takes some of what is none for none at all. */
const FORMS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: /^\d{1,9}$/,
  COUNT: /^\d{1,9}$/,
  UNTIL: /^\d{8}(T\d{6}Z?)?$/,
  BYMONTH: /^(0?[1-9]|1[0-2])$/,
  BYWEEKNO: /^[+-]?(0?[1-9]|[1-4]\d|5[0-3])$/,
  BYYEARDAY: /^[+-]?(0{0,2}[1-9]|0?[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])$/,
  BYMONTHDAY: /^[+-]?(0?[1-9]|[12]\d|3[01])$/,
  BYDAY: /^([+-]?(0?[1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/,
  BYHOUR: /^([01]?\d|2[0-3])$/,
  BYMINUTE: /^[0-5]?\d$/,
  BYSECOND: /^([0-5]?\d|60)$/,
  BYSETPOS: /^[+-]?(0{0,2}[1-9]|0?[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])$/,
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
};

/** The first thing that is wrong with the parts of a rule; `null` where nothing is. */
function wrongIn(rule: string): string | null {
  const seen = new Set<string>();
  for (const part of rule.split(';')) {
    if (part === '') continue;
    const [key = '', value, ...more] = part.split('=');
    const form = Object.hasOwn(FORMS, key) ? FORMS[key] : undefined;
    if (form === undefined) return `${JSON.stringify(key)} is no part of one`;
    if (seen.has(key)) return `it has ${key} twice`;
    seen.add(key);
    const items = key.startsWith('BY') ? (value ?? '').split(',') : [value ?? ''];
    const odd = more.length > 0 ? value : items.find((item) => !form.test(item));
    if (odd !== undefined) return `${key} cannot be ${JSON.stringify(odd)}`;
  }
  return seen.has('COUNT') && seen.has('UNTIL') ? 'it has both COUNT and UNTIL' : null;
}

type Options = ReturnType<typeof library.RRule.parseString>;

/** What no calendar has; the library would look for it for minutes. */
function isEmpty({ interval, count, bymonth, bymonthday }: Options): boolean {
  if (interval === 0 || (count ?? 1) < 1) return true;
  const [months, days] = [numbersIn(bymonth), numbersIn(bymonthday)];
  const lengths = (months.length === 0 ? [1] : months).map((month) => MONTHS[month - 1] ?? 0);
  const isThere = (day: number): boolean =>
    lengths.some((length) => day !== 0 && Math.abs(day) <= length);
  return months.length > 0 && !(days.length === 0 ? [1] : days).some(isThere);
}

const MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function numbersIn(value: number | readonly number[] | null | undefined): readonly number[] {
  return value === null || value === undefined ? [] : typeof value === 'number' ? [value] : value;
}

function firstOf(options: Options, start: string): string | null {
  const local = localTime(start);
  if (local === null) return null;
  // By hours, minutes or seconds: nobody's opening hours, and too many to look at each.
  if ((options.freq ?? 0) > rules().RRule.DAILY) return local;
  const year = Number(local.slice(0, 4));
  const later = Math.max(0, Math.floor((LAST_BEGIN - year) / CYCLE_YEARS) * CYCLE_YEARS);
  const dtstart = inYears(instantOf(local), later);
  const until = options.until == null ? null : inYears(options.until, later);
  const found: Instant[] = [];
  new (rules().RRule)({ ...options, dtstart, until }).all((at) => {
    found.push(at);
    return false;
  });
  return found[0] === undefined ? null : `${textOf(inYears(found[0], -later))}.000`;
}

function textOf(at: Instant): string {
  return at.toISOString().slice(0, 19);
}

function inYears(at: Instant, years: number): Instant {
  const [year = 0, ...rest] = partsOf(textOf(at));
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
  return rules().datetime(year + years, month, day, hour, minute, second);
}

function instantOf(local: string): Instant {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = partsOf(local);
  return rules().datetime(year, month, day, hour, minute, second);
}

function partsOf(local: string): number[] {
  return local.split(/[-T:.]/).map(Number);
}

/** How many days the day of one is after that of the other. */
export function daysBetween(from: string, to: string): number {
  const [a, b] = [from, to].map((one) => instantOf(`${one.slice(0, 10)}T00:00:00`).getTime());
  return Math.round(((b ?? 0) - (a ?? 0)) / 86_400_000);
}

/**
 * By the rule alone, without a start, it is known on which days it comes: a start that is later
 * leaves some of them out, and adds none.
 */
export function saysItsDays(rule: string): boolean {
  const parts = new Map(rule.split(';').map((part) => part.split('=') as [string, string]));
  const has = (...keys: readonly string[]): boolean => keys.some((key) => parts.has(key));
  if (has('INTERVAL', 'COUNT')) return false;
  const freq = parts.get('FREQ');
  if (freq === 'WEEKLY') return has('BYDAY');
  if (freq === 'MONTHLY') return has('BYDAY', 'BYMONTHDAY');
  if (freq === 'YEARLY') return has('BYYEARDAY') || (has('BYMONTH') && has('BYDAY', 'BYMONTHDAY'));
  return freq === 'DAILY';
}

/** `local` so many milliseconds later than `from` is to `to`. */
export function shifted(local: string, from: string, to: string): string {
  const at = instantOf(local);
  at.setTime(at.getTime() + instantOf(to).getTime() - instantOf(from).getTime());
  return `${textOf(at)}.${local.slice(20)}`;
}

const ORDER = [
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYMONTH', 'BYWEEKNO', 'BYYEARDAY', 'BYMONTHDAY'],
  ...['BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYSETPOS', 'WKST'],
];
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** What a rule means without them. */
const IMPLIED = ['INTERVAL=1', 'WKST=MO'];

function canonicalOf(rule: string): string {
  const parts = rule.split(';').filter((part) => part !== '');
  const rank = (part: string): number => ORDER.indexOf(part.split('=')[0] ?? '');
  return parts
    .map((part) => partOf(part))
    .filter((part) => !IMPLIED.includes(part))
    .sort((a, b) => rank(a) - rank(b))
    .join(';');
}

function partOf(part: string): string {
  const [key = '', value = ''] = part.split('=');
  if (key === 'UNTIL') return `${key}=${untilOf(value)}`;
  return `${key}=${byNumber([...new Set(value.split(',').map(plainNumber))]).join(',')}`;
}

/** A day alone is its first moment. */
function untilOf(value: string): string {
  const whole = /^\d{8}$/.test(value) ? `${value}T000000` : value;
  return whole.endsWith('Z') ? whole : `${whole}Z`;
}

/** `+1MO` is `1MO`, and `-08` is `-8`. */
function plainNumber(item: string): string {
  return item.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
}

/** By the number before a day, then by the day of the week; numbers alone by themselves. */
function byNumber(items: readonly string[]): string[] {
  const number = (item: string): number => Number.parseInt(item, 10) || 0;
  const day = (item: string): number => DAYS.indexOf(item.slice(-2));
  return [...items].sort((a, b) => number(a) - number(b) || day(a) - day(b));
}

/** A rule as it is where nobody can read it; an empty one is none. */
export function canonicalRule(text: string): string {
  if (text.trim() === '') return '';
  try {
    return recurrence(text).canonical;
  } catch {
    return text;
  }
}

/** Where a start does not fit its rule: the times that count; `null` where none does. */
export function fitted(
  start: string,
  end: string,
  rule: string,
): { readonly start: string; readonly end: string } | null {
  const [from, to] = [localTime(start), localTime(end)];
  if (rule.trim() === '' || from === null || to === null) return null;
  try {
    const first = recurrence(rule).first(from);
    if (first === null || first.slice(0, 19) === from.slice(0, 19)) return null;
    return { start: first, end: shifted(to, from, first) };
  } catch {
    return null;
  }
}

/**
 * The time zone as the IANA writes it; `null` for what is none. Older names count as well:
 * `Asia/Calcutta`.
 */
export function zoneWritten(name: string): string | null {
  // An offset is none, though newer machines take one.
  if (/^[+-]/.test(name)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // Letter case is all that may differ: another name may be an older one of the same zone.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return null;
  }
}
