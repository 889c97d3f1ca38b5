/** What a run found is read from its log. */
import { describe, expect, it } from 'vitest';
import { recordOf, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import { foundBy, manifestsOf } from '../../src/core/rollback.js';
import { sha256 } from '../../src/files/digest.js';
import { kindOf } from '../support/reconcile.js';

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
  type: 'intent',
  address,
  before: before ?? null,
  detail: { step },
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
      { address: 'RoutingStrategy/new', before: null, after: null, exact: null, line: 4 },
      {
        address: 'RoutingStrategy/old',
        before: { status: 'draft' },
        after: null,
        exact: null,
        line: 5,
      },
    ]);
  });
});

describe('a write that was refused', () => {
  const outcome = (state: string, status: number | null): AuditEntry => ({
    type: 'outcome',
    address: 'RoutingStrategy/a',
    detail: { step: 'update' },
    request: { method: 'PUT', path: '/', status, correlationId: null },
    outcome: { state, message: '' },
  });
  const run = (...rest: AuditEntry[]): string[] =>
    foundBy(log([intent('RoutingStrategy/a', 'update', { status: 'draft' }), ...rest])).map(
      ({ address }) => address,
    );

  it.each<[string, AuditEntry[], number]>([
    ['by the platform has changed nothing', [outcome('failed', 409)], 0],
    [
      'and then went through another way has',
      [outcome('failed', 400), intent('RoutingStrategy/a', 'update', null), outcome('sent', 200)],
      1,
    ],
    ['with a 5xx may have', [outcome('failed', 503)], 1],
    ['without an answer may have', [outcome('failed', null)], 1],
    ['has no outcome, because the run was killed: it may have', [], 1],
    ['never was: it went through', [outcome('sent', 200)], 1],
  ])('%s', (_name, rest, found) => {
    expect(run(...rest)).toHaveLength(found);
  });
});

describe('what let go before it was deleted', () => {
  const [whole, less] = [{ backup: 'b' }, { backup: null }];
  const deleted = (state: string, status: number | null): AuditEntry => ({
    type: 'outcome',
    address: 'Queue/a',
    detail: { step: 'delete' },
    request: { method: 'DELETE', path: '/', status, correlationId: null },
    outcome: { state, message: '' },
  });

  it.each<[string, AuditEntry, object | null]>([
    ['is gone', deleted('sent', 204), null],
    ['is there without it, where the delete was refused', deleted('failed', 400), less],
    ['may be gone, where no answer came', deleted('failed', null), null],
  ])('%s', (_which, outcome, after) => {
    const records = log([
      { ...intent('Queue/a', 'update', whole), after: less },
      intent('Queue/a', 'delete', less),
      outcome,
    ]);
    expect(foundBy(records)).toEqual([
      { address: 'Queue/a', before: whole, after, exact: null, line: 1 },
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
    const [manifest] = manifestsOf(
      [{ address, before: { status, x: 1 }, after: null, exact: null, line: 7 }],
      'log',
      'v1',
      kindOf,
    );

    expect(manifest?.name).toBe('with/slash');
    expect(manifest?.body).toEqual({
      apiVersion: 'v1',
      kind: 'RoutingStrategy',
      metadata: { name: 'with/slash' },
      spec: { status: asked, x: 1, checks: { skills: 'warn', capacity: 'warn' } },
    });
    expect(manifest?.positions.at('/spec')).toEqual({ file: 'log', line: 7, column: 1 });
  });

  it('has none for what was not there', () => {
    expect(
      manifestsOf(
        [{ address: 'K/a', before: null, after: null, exact: null, line: 1 }],
        'log',
        'v1',
        kindOf,
      ),
    ).toEqual([]);
  });
});

describe('what a run did not change behind an endpoint of its own', () => {
  const codes = ['Sale'];
  const specOf = (after: AuditEntry['after']): unknown => {
    const before = { description: 'old', wrapupCodes: codes };
    const records = log([{ ...intent('Queue/a', 'update', before), after: after ?? null }]);
    const [manifest] = manifestsOf(foundBy(records), 'audit.jsonl', 'strategos/v1', kindOf);
    return manifest?.body['spec'];
  };

  it('is left as it is: others may have given members or codes since', () => {
    expect(specOf({ description: 'new', wrapupCodes: codes })).not.toHaveProperty('wrapupCodes');
    expect(specOf({ description: 'new', wrapupCodes: [] })).toHaveProperty('wrapupCodes', codes);
    expect(specOf(null)).toHaveProperty('wrapupCodes', codes);
  });
});
