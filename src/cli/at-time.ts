/** `--predict-at`: a time of a day to come. */
import { InvalidArgumentError } from 'commander';
import { isDate } from './date.js';
import { WrongUsage } from '../core/errors.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const AT =
  /^(?<day>[a-z]+|\d{4}-\d\d-\d\d)[ t](?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)(?:z| utc)?$/;

/** `tomorrow 10:00`, `monday 09:30`, `2026-12-01 10:00`; UTC, as every time that is shown. */
export type At = (nowMs: number) => number;

/** For the command line. */
export function atTime(text: string): At {
  const { day = '', hour = '0', minute = '0' } = AT.exec(text.trim().toLowerCase())?.groups ?? {};
  const inDayMs = (Number(hour) * 60 + Number(minute)) * 60_000;
  const dateMs = dateIn(day);
  const startOf = (nowMs: number): number => Math.floor(nowMs / DAY_MS) * DAY_MS;
  if (dateMs !== null) return () => dateMs + inDayMs;
  if (day === 'today') return (nowMs) => startOf(nowMs) + inDayMs;
  if (day === 'tomorrow') return (nowMs) => startOf(nowMs) + DAY_MS + inDayMs;
  const weekday = DAYS.indexOf(day);
  if (weekday < 0) {
    throw new InvalidArgumentError(
      'Expected such as "tomorrow 10:00", "monday 09:30" or "2026-12-01 10:00", in UTC.',
    );
  }
  return (nowMs) => {
    const today = new Date(nowMs).getUTCDay();
    const days = (weekday - today + 7) % 7;
    const atMs = startOf(nowMs) + days * DAY_MS + inDayMs;
    return atMs > nowMs ? atMs : atMs + 7 * DAY_MS;
  };
}

/** `null` where it is none. */
function dateIn(day: string): number | null {
  return isDate(day) ? Date.parse(`${day}T00:00:00Z`) : null;
}

/** Of an hour that is over nobody needs a prediction, and what came since would be left out. */
export function refusePast(at: At | undefined, nowMs: number): void {
  const atMs = at?.(nowMs) ?? Infinity;
  if (atMs + HOUR_MS > nowMs) return;
  const said = new Date(atMs).toISOString().slice(0, 16);
  throw new WrongUsage(`the hour from ${said}Z on is over, and cannot be predicted`, {
    hint: 'times are in UTC; say when it is to be, such as "tomorrow 10:00"',
  });
}

export interface PredictOptions {
  readonly predict?: boolean;
  readonly predictAt?: At;
}
