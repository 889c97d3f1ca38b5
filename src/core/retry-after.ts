/**
 * `Retry-After` in every form that RFC 9110 allows, and what is made of those that it does not.
 * Reckoned without a library: dates of HTTP are in three forms, all of them UTC.
 */

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Milliseconds from now for which an answer with these headers (names in lower case) asks to be
 * left alone; `null` where it asks for nothing that can be understood: no header, a number below
 * zero or none at all, zero, a date that is past. Then whoever sends waits as long as he does
 * without a word. A date is held against the `Date` of the same answer, so that a wrong clock here
 * shortens nothing; `nowMs` serves where the answer has none.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const text = headers['retry-after']?.trim() ?? '';
  // What stands between may join two of them: the longer one is waited for.
  const all = text.split(',').flatMap((one) => one.trim() || []);
  if (all.length > 0 && all.every((one) => /^\d+(\.\d*)?$/.test(one))) {
    return positive(Math.ceil(Math.max(...all.map(Number)) * 1000));
  }
  const untilMs = httpDateMs(text);
  if (untilMs === null) return null;
  return positive(untilMs - (httpDateMs(headers['date'] ?? '') ?? nowMs));
}

function positive(ms: number): number | null {
  return ms > 0 ? ms : null;
}

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const TIME = String.raw`(?<hours>\d\d):(?<minutes>\d\d):(?<seconds>\d\d)`;
const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  String.raw`\w{3}, (?<day>\d\d?) (?<month>${MONTHS}) (?<year>\d{4}) ${TIME} (?:GMT|UTC)`,
  // Sunday, 06-Nov-94 08:49:37 GMT
  String.raw`\w{6,9}, (?<day>\d\d)-(?<month>${MONTHS})-(?<year>\d\d) ${TIME} GMT`,
  // Sun Nov  6 08:49:37 1994
  String.raw`\w{3} (?<month>${MONTHS}) {1,2}(?<day>\d\d?) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

/** Milliseconds since 1970 UTC; `null` for what is no date of HTTP. */
export function httpDateMs(text: string): number | null {
  for (const form of FORMS) {
    const found = form.exec(text.trim())?.groups;
    if (found === undefined) continue;
    const part = (name: string): number => Number(found[name]);
    const month = MONTHS.toLowerCase()
      .split('|')
      .indexOf((found['month'] ?? '').toLowerCase());
    const [day, hours, minutes, seconds] = [
      part('day'),
      part('hours'),
      part('minutes'),
      part('seconds'),
    ];
    if (day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return null;
    const days = daysSince1970(fullYear(found['year'] ?? ''), month, day);
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
  return null;
}

/** Of two digits: none of the headers that this is for tells of another century. */
function fullYear(text: string): number {
  return text.length === 2 ? 2000 + Number(text) : Number(text);
}

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** `month` from 0, `day` from 1, in the Gregorian calendar. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) - 477;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const beforeMonth = (DAYS_BEFORE[month] ?? 0) + (isLeap && month > 1 ? 1 : 0);
  return (year - 1970) * 365 + leapDays + beforeMonth + day - 1;
}
