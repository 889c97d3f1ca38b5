/** Numbers with their units, times in the zone of the reader. */

const NOTHING = '–';

/** A part, 0 to 1, in percent. */
export function percent(part: number | null): string {
  return part === null ? NOTHING : `${Math.round(part * 100)} %`;
}

export function count(value: number | null): string {
  return value === null ? NOTHING : value.toLocaleString('en');
}

export function seconds(value: number | null): string {
  if (value === null) return NOTHING;
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

/** Of a weight: no more digits than it has. */
export function plain(value: number | null): string {
  return value === null ? NOTHING : String(Math.round(value * 1000) / 1000);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function localTime(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : CLOCK.format(date);
}

const HOUR = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const SECOND = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const MINUTE_MS = 60_000;
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Of times along an axis, in ms; the day stands below the first one of each. */
export function clockTexts(times: readonly number[]): string[] {
  const [first = 0] = times;
  const areDays = times.every(
    (at) => HOUR.format(at) === HOUR.format(first) && (at === first || at - first > 60 * MINUTE_MS),
  );
  // Two of one minute would be told alike.
  const isShort = times.some((at, index) => at - (times[index - 1] ?? -Infinity) < MINUTE_MS);
  const clock = isShort ? SECOND : HOUR;
  return times.map((at, index) => {
    const day = DAY.format(at);
    if (areDays && times.length > 1) return day;
    const before = times[index - 1];
    const isNew = before === undefined || DAY.format(before) !== day;
    return isNew ? `${clock.format(at)}\n${day}` : clock.format(at);
  });
}

/** How long ago, or how long it took. */
export function lasting(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3600)} h`;
}
