/** How much is asked for in one request. */

/** `from/to` in ISO 8601, UTC. */
function intervalText(fromMs: number, toMs: number): string {
  return `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`;
}

/** Any of these queues. */
export function ofQueues(ids: readonly string[]): {
  readonly type: string;
  readonly predicates: { readonly dimension: string; readonly value: string }[];
} {
  return { type: 'or', predicates: ids.map((value) => ({ dimension: 'queueId', value })) };
}

/** The whole span in intervals of at most this length, oldest first. */
export function intervals(fromMs: number, toMs: number, longestMs: number): string[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / longestMs) }, (_, index) => {
    const startMs = fromMs + index * longestMs;
    return intervalText(startMs, Math.min(toMs, startMs + longestMs));
  });
}

/** In their order, so many at a time. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
