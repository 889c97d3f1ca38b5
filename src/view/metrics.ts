/** Figures of queues by parts of an interval → counts and averages over time. */
import { byText } from '../core/issue.js';
import { NO_FIGURES, sumOf, type Figures } from '../core/metrics.js';
import type { MetricsPart, MetricsView } from './model.js';

export interface PartsOfQueue {
  readonly id: string;
  readonly name: string;
  /** Oldest first; parts without any call may be left out. Milliseconds since 1970. */
  readonly parts: readonly { readonly fromMs: number; readonly of: Figures }[];
}

export interface MetricsSpan {
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly partMinutes: number;
  /** RFC 3339 of milliseconds since 1970. */
  readonly timeOf: (ms: number) => string;
}

/** `queues`: `null` where their figures could not be read. */
export function metricsView(
  queues: readonly PartsOfQueue[] | null,
  span: MetricsSpan,
): MetricsView {
  const { fromMs, toMs, partMinutes, timeOf } = span;
  return {
    isKnown: queues !== null,
    from: timeOf(fromMs),
    to: timeOf(toMs),
    partMinutes,
    queues: [...(queues ?? [])].sort(byName).map(({ id, name, parts }) => ({
      id,
      name,
      parts: wholly(parts, span).map((part) => ({ at: timeOf(part.fromMs), ...countsOf(part.of) })),
      total: countsOf(sumOf(parts.map(({ of }) => of))),
    })),
  };
}

function byName(a: PartsOfQueue, b: PartsOfQueue): number {
  return byText(a.name, b.name) || byText(a.id, b.id);
}

function countsOf(figures: Figures): Omit<MetricsPart, 'at'> {
  const { offered, answered, abandoned, waitMs, inTime, judged } = figures;
  return {
    offered,
    answered,
    abandoned,
    waitSeconds: answered === 0 ? null : waitMs / answered / 1000,
    inTime: judged === 0 ? null : inTime / judged,
  };
}

/** Every part of the span: one without a call is no gap that a line is drawn across. */
function wholly(parts: PartsOfQueue['parts'], span: MetricsSpan): PartsOfQueue['parts'] {
  const partMs = span.partMinutes * 60_000;
  const byTime = new Map(parts.map((part) => [part.fromMs, part]));
  return Array.from({ length: Math.ceil((span.toMs - span.fromMs) / partMs) }, (_, index) => {
    const fromMs = span.fromMs + index * partMs;
    return byTime.get(fromMs) ?? { fromMs, of: NO_FIGURES };
  });
}
