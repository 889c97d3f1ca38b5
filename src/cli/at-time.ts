/** `--predict-at`: a time of a day to come. */
import { InvalidArgumentError } from 'commander';

const DAY_MS = 86_400_000;
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const AT = /^(?<day>[a-z]+|\d{4}-\d\d-\d\d)[ T](?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)Z?$/;

/** `tomorrow 10:00`, `monday 09:30`, `2026-12-01 10:00`; UTC, as every time that is shown. */
export type At = (nowMs: number) => number;

/** For the command line. */
export function atTime(text: string): At {
  const { day = '', hour = '0', minute = '0' } = AT.exec(text.trim().toLowerCase())?.groups ?? {};
  const inDayMs = (Number(hour) * 60 + Number(minute)) * 60_000;
  const dateMs = /^\d/.test(day) ? Date.parse(day) : NaN;
  const startOf = (nowMs: number): number => Math.floor(nowMs / DAY_MS) * DAY_MS;
  if (!Number.isNaN(dateMs)) return () => dateMs + inDayMs;
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

export interface PredictOptions {
  readonly predict?: boolean;
  readonly predictAt?: At;
}
