import { describe, expect, it } from 'vitest';
import { NO_FIGURES } from '../../src/core/metrics.js';
import { queuesOf, type SeenQueue } from '../../src/view/queues.js';

function seen(name: string, more: Partial<SeenQueue> = {}): SeenQueue {
  return {
    id: name.toLowerCase(),
    name,
    load: { onQueue: 4, interacting: 1, waiting: 0 },
    callsPerAgent: 1,
    withinSeconds: 20,
    targetPart: 0.8,
    lastHour: [],
    ...more,
  };
}

describe('queues as they are now', () => {
  it.each<[string, Partial<SeenQueue>, string]>([
    ['all is well', {}, ''],
    [
      'nobody for those who wait',
      { load: { onQueue: 0, interacting: 0, waiting: 2 } },
      'calls wait and nobody is on queue',
    ],
    [
      'all busy',
      { load: { onQueue: 2, interacting: 2, waiting: 1 } },
      'calls wait and every agent is busy',
    ],
    [
      'below the target',
      { lastHour: [{ ...NO_FIGURES, judged: 10, inTime: 7 }] },
      'the last hour was below the target',
    ],
    [
      'a lower target of its own',
      { targetPart: 0.6, lastHour: [{ ...NO_FIGURES, judged: 10, inTime: 7 }] },
      '',
    ],
    [
      'hardly anybody free',
      { load: { onQueue: 10, interacting: 9, waiting: 0 } },
      'hardly an agent is free',
    ],
    ['nobody there', { load: { onQueue: 0, interacting: 0, waiting: 0 } }, 'nobody is on queue'],
    ['nothing told', { load: null }, 'the platform tells nothing of it'],
  ])('%s', (_name, more, trouble) => {
    expect(queuesOf([seen('Sales', more)])[0]).toMatchObject({ name: 'Sales', trouble });
  });

  it('has where nobody helps before a long line that somebody works off', () => {
    const lastHour = [{ ...NO_FIGURES, judged: 10, inTime: 1 }];
    const queues = queuesOf([
      seen('Long', { load: { onQueue: 99, interacting: 9, waiting: 2000 }, lastHour }),
      seen('Alone', { load: { onQueue: 0, interacting: 0, waiting: 1 } }),
    ]);
    expect(queues.map(({ name, severity }) => [name, severity])).toEqual([
      ['Alone', 2],
      ['Long', 1],
    ]);
  });

  it('has what needs somebody first, and equals by name', () => {
    const queues = queuesOf([
      seen('Billing'),
      seen('Support', { load: { onQueue: 0, interacting: 0, waiting: 5 } }),
      seen('Advice'),
      seen('Sales', { load: { onQueue: 10, interacting: 9, waiting: 0 } }),
    ]);
    expect(queues.map(({ name }) => name)).toEqual(['Support', 'Sales', 'Advice', 'Billing']);
  });

  it('takes averages over what there is, and nothing for none', () => {
    const hour = { ...NO_FIGURES, answered: 4, waitMs: 20_000, judged: 4, inTime: 3, abandoned: 1 };
    const [queue] = queuesOf([seen('Sales', { lastHour: [hour, hour], callsPerAgent: 2 })]);
    expect(queue).toMatchObject({
      slots: 8,
      occupancy: 1 / 8,
      averageWaitSeconds: 5,
      inTime: 0.75,
      abandoned: 2,
    });
    const [unknown] = queuesOf([seen('Sales', { lastHour: null, callsPerAgent: null })]);
    expect(unknown).toMatchObject({
      slots: null,
      occupancy: null,
      averageWaitSeconds: null,
      inTime: null,
      abandoned: null,
    });
  });
});
