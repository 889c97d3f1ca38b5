/** Spans of time as people write them: `90s`, `15m`, `1h`, `7d`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds; `null` for what is no span above nothing. */
export function durationMs(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? NaN);
  return ms > 0 ? ms : null;
}

/** In the largest unit that leaves no rest: `90 min`, `1 h`, `7 d`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds === 0 || seconds % 60 !== 0) return `${seconds} s`;
  const minutes = seconds / 60;
  if (minutes % 60 !== 0) return `${minutes} min`;
  const hours = minutes / 60;
  return hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`;
}
