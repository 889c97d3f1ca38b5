import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import { tunedOf } from '../../src/view/tuned.js';

const ADDRESS = 'RoutingStrategy/sales';

function record(type: 'checked' | 'outcome', more: Partial<AuditRecord>): AuditRecord {
  const at = '2026-11-26T08:00:00.000Z';
  return { type, at, run: 'r', address: ADDRESS, outcome: null, detail: null, ...more } as never;
}

const ROUND = record('checked', {
  outcome: { state: 'planned', message: '' },
  detail: { step: 'optimize', targets: [{ queue: 'Sales', from: 0.7, to: 0.5, aim: null }] },
});

function ended(state: string, more: Partial<AuditRecord> = {}): AuditRecord {
  const outcome = { state, message: '' };
  return record('outcome', { outcome, detail: { step: 'change' }, ...more });
}

describe('weights over time', () => {
  it.each<[string, readonly AuditRecord[], number]>([
    ['that were written', [ROUND, ended('updated')], 0.5],
    ['of a dry run', [ROUND], 0.7],
    ['of a change that failed', [ROUND, ended('failed')], 0.7],
    ['of a change that was not tried', [ROUND, ended('blocked')], 0.7],
    ['that another run has written', [ROUND, ended('updated', { run: 'other' })], 0.7],
    ['beside another strategy', [ROUND, ended('updated', { address: 'RoutingStrategy/b' })], 0.7],
  ])('are those of the org: %s', (_name, records, weight) => {
    const [tuned] = tunedOf(records, () => null);
    expect(tuned?.rounds).toMatchObject([{ before: [0.7], weights: [weight] }]);
  });
});
