/** What a run found is read from its log. */
import { describe, expect, it } from 'vitest';
import { recordOf, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import { foundBy, manifestsOf } from '../../src/core/rollback.js';
import { sha256 } from '../../src/files/digest.js';

function log(entries: readonly AuditEntry[]): AuditRecord[] {
  const context = { run: 'r', actor: 'a', environment: 'e' };
  const records: AuditRecord[] = [];
  for (const entry of entries) {
    records.push(
      recordOf(entry, context, records.at(-1) ?? null, '2026-03-02T09:00:00.000Z', sha256),
    );
  }
  return records;
}

const intent = (address: string, step: string, before: AuditEntry['before']): AuditEntry => ({
  ...{ type: 'intent', address, before: before ?? null, detail: { step } },
});

describe('foundBy', () => {
  it('takes the first intent of every object, and no write beside it', () => {
    const records = log([
      { type: 'run-started' },
      { ...intent('', 'lock', null), address: null },
      intent('RoutingStrategy/new', 'claim', null),
      intent('RoutingStrategy/new', 'create', null),
      intent('RoutingStrategy/old', 'update', { status: 'draft' }),
      { ...intent('RoutingStrategy/old', 'update', null), type: 'outcome' },
      intent('RoutingStrategy/old', 'activate', { status: 'active' }),
      intent('RoutingStrategy/old', 'record', null),
    ]);

    expect(foundBy(records)).toEqual([
      { address: 'RoutingStrategy/new', before: null, line: 4 },
      { address: 'RoutingStrategy/old', before: { status: 'draft' }, line: 5 },
    ]);
  });
});

describe('manifestsOf', () => {
  it.each([
    ['active', 'active'],
    ['draft', 'draft'],
    ['failed', 'draft'],
    ['activating', 'active'],
  ])('asks for %s as %s, with checks that only warn', (status, asked) => {
    const address = 'RoutingStrategy/with/slash';
    const [manifest] = manifestsOf([{ address, before: { status, x: 1 }, line: 7 }], 'log', 'v1');

    expect(manifest?.name).toBe('with/slash');
    expect(manifest?.body).toEqual({
      ...{ apiVersion: 'v1', kind: 'RoutingStrategy', metadata: { name: 'with/slash' } },
      spec: { status: asked, x: 1, checks: { skills: 'warn', capacity: 'warn' } },
    });
    expect(manifest?.positions.at('/spec')).toEqual({ file: 'log', line: 7, column: 1 });
  });

  it('has none for what was not there', () => {
    expect(manifestsOf([{ address: 'K/a', before: null, line: 1 }], 'log', 'v1')).toEqual([]);
  });
});
