import { describe, expect, it } from 'vitest';
import { metricsView } from '../../src/view/metrics.js';

describe('metrics', () => {
  it('has queues by their names, whatever their ids', () => {
    const queues = [
      { id: '1', name: 'Support', parts: [] },
      { id: '2', name: 'Billing', parts: [] },
      { id: '3', name: 'Sales', parts: [] },
    ];
    const timeOf = String;
    const shown = metricsView(queues, { fromMs: 0, toMs: 1, partMinutes: 15, timeOf });
    expect(shown.queues.map(({ name }) => name)).toEqual(['Billing', 'Sales', 'Support']);
  });
});
