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

/** From two hours on nobody counts seconds, and from two days on no minutes. */
const LONG_S = 2 * 3600;
const VERY_LONG_S = 2 * 86_400;

/** In the largest unit that leaves no rest: `90 min`, `1 h`, `7 d`; of long ones about so. */
export function durationText(ms: number): string {
  const exact = Math.round(ms / 1000);
  const grain = exact >= VERY_LONG_S ? 3600 : exact >= LONG_S ? 60 : 1;
  const seconds = Math.round(exact / grain) * grain;
  if (seconds === 0 || seconds % 60 !== 0) return `${seconds} s`;
  const minutes = seconds / 60;
  const rest = minutes % 60;
  if (rest !== 0)
    return exact < LONG_S ? `${minutes} min` : `${(minutes - rest) / 60} h ${rest} min`;
  const hours = minutes / 60;
  return hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`;
}
