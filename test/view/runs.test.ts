import { describe, expect, it } from 'vitest';
import type { AuditRecord, AuditType } from '../../src/core/audit.js';
import { runsView } from '../../src/view/runs.js';

function record(type: AuditType, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    seq: 1,
    at: '2026-11-26T08:00:00.000Z',
    run: 'r',
    type,
    actor: 'ada',
    environment: 'prod',
    address: null,
    before: null,
    after: null,
    request: null,
    outcome: null,
    detail: null,
    previous: null,
    digest: `sha256:${'0'.repeat(64)}`,
    ...more,
  };
}

const LOCKED = [
  record('run-started', { detail: { command: 'optimize' } }),
  record('intent', { detail: { step: 'lock' } }),
  record('outcome', { detail: { step: 'lock' } }),
];
const SALES = 'RoutingStrategy/sales';

describe('runs', () => {
  it.each<[string, readonly AuditRecord[], { writes: number; objects: number }]>([
    ['that only read', [record('run-started')], { writes: 0, objects: 0 }],
    ['that took their lock and found nothing to do', LOCKED, { writes: 1, objects: 0 }],
    [
      'that wrote an object twice',
      [...LOCKED, record('intent', { address: SALES }), record('intent', { address: SALES })],
      { writes: 3, objects: 1 },
    ],
    [
      'of a check of an object, which writes nothing',
      [record('run-started'), record('checked', { address: SALES })],
      { writes: 0, objects: 0 },
    ],
  ])('tell those %s', (_name, records, counts) => {
    const chain = { records, problems: [], cut: false, ended: true };
    const [run] = runsView([{ id: 'r', chain } as never], []);
    expect(run).toMatchObject(counts);
  });
});
