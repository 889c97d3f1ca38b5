/** What queue observations say of queues, and what they leave open. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { loadsOf } from '../../src/genesys/entities.js';

const NOW_MS = Date.parse('2026-11-26T09:00:00Z');

function group(mediaType: string | null, data: Readonly<Record<string, JsonObject>>): JsonObject {
  return {
    group: { queueId: 'q', ...(mediaType === null ? {} : { mediaType }) },
    data: Object.entries(data).map(([metric, stats]) => ({ metric, stats })),
  };
}

const waits = (value: number): JsonObject => ({ calculatedMetricValue: value });

describe('how long the first in line has waited', () => {
  it.each<[string, readonly JsonObject[], number | undefined]>([
    ['an instant', [group('voice', { oLongestWaiting: waits(NOW_MS - 74_000) })], 74_000],
    ['a duration', [group('voice', { oLongestWaiting: waits(74_000) })], 74_000],
    [
      'an instant to come, by another clock',
      [group('voice', { oLongestWaiting: waits(NOW_MS + 900) })],
      0,
    ],
    ['nothing', [group('voice', { oWaiting: { count: 2 } })], undefined],
    ['zero', [group('voice', { oLongestWaiting: waits(0) })], undefined],
    ['no number', [group('voice', { oLongestWaiting: { count: 1 } })], undefined],
    ['an email, which is no call', [group('email', { oLongestWaiting: waits(74_000) })], undefined],
    [
      'a call, and then what is no call',
      [
        group('voice', { oLongestWaiting: waits(74_000) }),
        group('email', { oLongestWaiting: waits(90_000) }),
        group(null, { oOnQueueUsers: { count: 3 } }),
      ],
      74_000,
    ],
  ])('is told by %s', (_name, results, longestWaitMs) => {
    expect(loadsOf(results, NOW_MS).get('q')?.longestWaitMs).toBe(longestWaitMs);
  });
});
