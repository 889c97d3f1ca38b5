/** Figures of queues: asked for in as few requests as the platform's limits allow. */
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/genesys/sdk.js';
import { faulty } from '../support/faults.js';
import { bench, START_MS, type Bench } from '../support/org.js';

const DAY_MS = 86_400_000;

function org(queues: number): Bench {
  return bench({
    generate: { queues },
    clients: [
      { id: 'demo', secret: 'demo' },
      { id: 'blind', secret: 'blind', permissions: ['routing:queue:view'] },
    ],
  });
}

function call(on: Bench, queueId: string, agoMs: number, abandoned = false): void {
  on.org.conversations.push({
    queueId,
    strategy: 's',
    offeredAt: START_MS - agoMs,
    waitMs: 30_000,
    ...(abandoned ? { end: 'abandoned', handleMs: 0 } : { end: 'answered', handleMs: 200_000 }),
    at: START_MS - agoMs + 30_000 + (abandoned ? 0 : 200_000),
  });
}

describe('figures', () => {
  it('add up over intervals, and leave out queues without calls', async () => {
    const on = org(3);
    const [first = '', second = ''] = [...on.org.queues.keys()];
    call(on, first, 50 * DAY_MS);
    call(on, first, DAY_MS);
    call(on, first, 2 * DAY_MS, true);
    call(on, second, 90 * DAY_MS);
    const figures = await on.reader().figures({
      fromMs: START_MS - 60 * DAY_MS,
      toMs: START_MS,
      mediaType: 'voice',
      queueIds: [...on.org.queues.keys()],
    });
    expect([...figures]).toEqual([
      [
        first,
        {
          offered: 3,
          answered: 2,
          abandoned: 1,
          waitMs: 60_000,
          handled: 2,
          gaveUpMs: 30_000,
          handleMs: 400_000,
          inTime: 0,
          judged: 3,
        },
      ],
    ]);
  });

  it.each([
    [1, 1, 1],
    [100, 30, 1],
    [101, 1, 2],
    [250, 31, 6],
    [0, 1, 0],
  ])('of %i queues over %i days take %i requests', async (queues, days, expected) => {
    const on = org(queues);
    const { exchange, sent } = faulty(on.exchange, []);
    const reader = openReader(on.connection('demo', exchange));
    await reader.figures({
      fromMs: START_MS - days * DAY_MS,
      toMs: START_MS,
      mediaType: null,
      queueIds: [...on.org.queues.keys()],
    });
    expect(sent.filter(({ path }) => path.includes('aggregates'))).toHaveLength(expected);
  });

  it('of other media are none: everything simulated is a call', async () => {
    const on = org(1);
    const [id = ''] = [...on.org.queues.keys()];
    call(on, id, DAY_MS);
    const span = { fromMs: START_MS - 2 * DAY_MS, toMs: START_MS, queueIds: [id] };
    expect((await on.reader().figures({ ...span, mediaType: 'chat' })).size).toBe(0);
    expect((await on.reader().figures({ ...span, mediaType: null })).size).toBe(1);
  });

  it('are refused to a client without the permission, which is named', async () => {
    const on = org(1);
    const asked = on.reader('blind').figures({
      fromMs: START_MS - 1000,
      toMs: START_MS,
      mediaType: 'voice',
      queueIds: [...on.org.queues.keys()],
    });
    await expect(asked).rejects.toMatchObject({
      fault: 'denied',
      message: expect.stringContaining('analytics:conversationAggregate:view') as string,
    });
  });

  it('take nothing that is no number for one', async () => {
    const on = org(1);
    const [id = ''] = [...on.org.queues.keys()];
    call(on, id, 1000);
    const { exchange } = faulty(on.exchange, [
      {
        path: /aggregates/,
        does: {
          mangle: (response) => ({
            ...response,
            body: response.body.replace(/"sum":\d+/g, '"sum":"many"'),
          }),
        },
      },
    ]);
    const figures = await openReader(on.connection('demo', exchange)).figures({
      fromMs: START_MS - DAY_MS,
      toMs: START_MS + DAY_MS,
      queueIds: [id],
      mediaType: null,
    });
    expect(figures.get(id)).toMatchObject({ answered: 1, waitMs: 0 });
  });
});
