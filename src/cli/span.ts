/** `--since` and `--until`: a span of time before now, or an instant. */
import { InvalidArgumentError } from 'commander';
import { isDate } from './date.js';
import { durationMs } from '../core/duration.js';
import { WrongUsage } from '../core/errors.js';

/** Before now, or at an instant; both in milliseconds. */
export type When = { readonly agoMs: number } | { readonly atMs: number };

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** For the command line. A date alone is its beginning in UTC. */
export function when(text: string): When {
  const agoMs = durationMs(text);
  if (agoMs !== null) return { agoMs };
  const atMs = INSTANT.test(text) && isDate(text.slice(0, 10)) ? Date.parse(text) : NaN;
  if (!Number.isNaN(atMs)) return { atMs };
  throw new InvalidArgumentError('Expected such as 90s, 15m, 1h, 7d, or 2026-11-25T09:00:00Z.');
}

const DAY_MS = 86_400_000;
/** Ten years. */
const MOST_DAYS = 3653;

export interface SpanOptions {
  readonly since: When;
  readonly until?: When;
}

/** Milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From when to when, be it reversed or of ages. */
export function timesOf({ since, until }: SpanOptions, now: number): Span {
  const at = (one: When): number => ('atMs' in one ? one.atMs : now - one.agoMs);
  return { fromMs: at(since), toMs: until === undefined ? now : at(until) };
}

/**
 * `now`: of the platform where it is about what that has dated. Throws `WrongUsage` for a span that
 * is reversed, or of over ten years.
 */
export function spanOf(options: SpanOptions, now: number): Span {
  const span = timesOf(options, now);
  const days = Math.ceil((span.toMs - span.fromMs) / DAY_MS);
  if (days > MOST_DAYS) {
    throw new WrongUsage(`the time asked for is ${days} days long, and ${MOST_DAYS} are the most`, {
      hint: 'the platform is asked month by month, and keeps nothing for so long',
    });
  }
  if (span.fromMs < span.toMs) return span;
  const [from, to] = [span.fromMs, span.toMs].map((ms) => new Date(ms).toISOString());
  throw new WrongUsage(`the time asked for begins at ${from} and ends at ${to}`, {
    hint: '--since has to be before --until, and before now',
  });
}

/**
 * Throws as `spanOf` does, before anything is asked of the platform: only for what is wrong
 * whatever its clock shows, because that of this machine (`now`) may be another.
 */
export function refuseSpan(options: SpanOptions, now: number): void {
  const { since, until = { agoMs: 0 } } = options;
  if ('atMs' in since === 'atMs' in until) spanOf(options, now);
}
