/** One timeline: nothing twice, nothing hidden, and every deed with whoever did it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import { timelineOf, type OwnRecord, type TimelineFilter } from '../../src/core/trail.js';
import type { Witnessed } from '../../src/core/trail.js';

const T = Date.parse('2026-11-25T09:00:00Z');
const ALL: TimelineFilter = { fromMs: T - 1e9, toMs: T + 1e9, user: null, action: null };
const at = (seconds: number): string => new Date(T + seconds * 1000).toISOString();

function event(seconds: number, over: Partial<Witnessed> = {}): Witnessed {
  const address = 'address' in over ? (over.address ?? null) : 'RoutingStrategy/billing';
  return {
    id: `event at ${seconds}`,
    at: at(seconds),
    atMs: T + seconds * 1000,
    action: 'Update',
    service: 'Routing',
    entityType: 'RoutingStrategy',
    entityId: 'x',
    entityName: 'billing',
    entityUri: '',
    user: null,
    userId: null,
    client: 'tool',
    remoteIp: ['203.0.113.7'],
    properties: [],
    context: {},
    status: 'SUCCESS',
    what: address ?? 'queue Billing',
    ...over,
    address,
  };
}

let seq = 0;

function record(run: string, seconds: number, over: Partial<AuditRecord>): OwnRecord {
  seq += 1;
  const nothing = { address: null, before: null, after: null, request: null, detail: null };
  const body = {
    seq,
    at: at(seconds),
    run,
    actor: `actor of ${run}`,
    environment: 'prod',
    type: 'outcome' as const,
    outcome: null,
    previous: null,
    digest: 'sha256:' as const,
  };
  return { atMs: T + seconds * 1000, record: { ...nothing, ...body, ...over } };
}

/** A run that changed `billing`, as `execute` records it. */
function apply(run: string, seconds: number, address = 'RoutingStrategy/billing'): OwnRecord[] {
  const request = { method: 'PUT', path: '/x', status: 200, correlationId: null };
  return [
    record(run, seconds - 1, { type: 'run-started', detail: { command: 'apply' } }),
    record(run, seconds, { type: 'intent', address, detail: { step: 'update' } }),
    record(run, seconds, { address, request, detail: { step: 'update' } }),
    record(run, seconds, {
      address,
      detail: { step: 'change' },
      outcome: { state: 'updated', message: '' },
    }),
    record(run, seconds + 1, { type: 'run-ended', outcome: { state: 'applied', message: '' } }),
  ];
}

function lines(
  events: readonly Witnessed[],
  runs: readonly OwnRecord[][],
  filter: Partial<TimelineFilter> = {},
): string[] {
  const { entries } = timelineOf(events, runs, 'tool', { ...ALL, ...filter });
  return entries.map(
    ({ action, what, who, run }) => `${action} ${what} by ${who} in ${run ?? '-'}`,
  );
}

describe('a timeline', () => {
  it('has one entry for what both sides know, with the person and the run', () => {
    expect(lines([event(0.2)], [apply('r1', 0)])).toEqual([
      'started environment prod by actor of r1 in r1',
      'Update RoutingStrategy/billing by actor of r1 in r1',
      'ended environment prod by actor of r1 in r1',
    ]);
  });

  it('keeps a change that the platform has no record of', () => {
    expect(lines([], [apply('r1', 0)])).toContain(
      'updated RoutingStrategy/billing by actor of r1 in r1',
    );
  });

  it('gives a deed to the run that is nearest in time', () => {
    const runs = [apply('early', -60), apply('late', 60)];
    expect(lines([event(40)], runs)).toContain(
      'Update RoutingStrategy/billing by actor of late in late',
    );
  });

  it('takes a write for what is behind one event, and leaves the others to the client', () => {
    const events = [event(3), event(30), event(90)];
    const { entries, skews } = timelineOf(events, [apply('r1', 2)], 'tool', ALL);
    const platform = entries.filter(({ source }) => source === 'platform');
    expect(platform.map(({ who, run }) => [who, run])).toEqual([
      ['actor of r1', 'r1'],
      ['client tool', null],
      ['client tool', null],
    ]);
    expect(skews).toEqual([]);
  });

  it('leaves to its client what no run here has done, and to persons what is theirs', () => {
    const events = [
      event(0, { client: 'other' }),
      event(1, { client: 'admin-ui', user: 'Ada', userId: 'u1' }),
      event(700),
      event(2, { client: null, user: null }),
    ];
    expect(lines(events, [apply('r1', 0)]).filter((line) => line.startsWith('Update'))).toEqual([
      'Update RoutingStrategy/billing by client other in -',
      'Update RoutingStrategy/billing by Ada in -',
      'Update RoutingStrategy/billing by unknown in -',
      'Update RoutingStrategy/billing by client tool in -',
    ]);
  });

  it('tells of refusals, failures and messages, and not of plans', () => {
    const run = [
      record('r', 0, { type: 'run-started', detail: { command: 'apply' } }),
      record('r', 1, { type: 'planned' }),
      record('r', 2, { type: 'refused', outcome: { state: 'refused', message: 'guard' } }),
      record('r', 3, {
        address: 'RoutingStrategy/a',
        detail: { step: 'change' },
        outcome: { state: 'failed', message: 'queue is closed' },
      }),
      record('r', 4, {
        type: 'notified',
        address: 'RoutingStrategy/a',
        outcome: { state: 'delivered', message: '' },
      }),
      record('r', 5, { type: 'run-ended', outcome: { state: 'refused', message: 'guard' } }),
    ];
    const { entries } = timelineOf([], [run], 'tool', ALL);
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'started apply',
      'refused refused: guard',
      'failed queue is closed',
      'notified delivered',
      'ended refused: guard',
    ]);
  });

  it('leaves out runs that only looked', () => {
    const run = [
      record('r', 0, { type: 'run-started', detail: { command: 'plan' } }),
      record('r', 1, { type: 'planned' }),
      record('r', 2, { type: 'run-ended', outcome: { state: 'planned', message: '' } }),
    ];
    expect(lines([], [run])).toEqual([]);
  });

  it('says how an event ended where that was no success', () => {
    const { entries } = timelineOf([event(0, { status: 'FAILURE' })], [], 'tool', ALL);
    expect(entries[0]?.outcome).toBe('FAILURE');
  });

  it.each([
    [{ user: 'ada' }, ['Update RoutingStrategy/billing by Ada in -']],
    [{ user: 'U1' }, ['Update RoutingStrategy/billing by Ada in -']],
    [{ user: 'other' }, ['Delete RoutingStrategy/billing by client other in -']],
    [{ action: 'delete' }, ['Delete RoutingStrategy/billing by client other in -']],
    [{ action: 'ended' }, ['ended environment prod by actor of r1 in r1']],
    [{ fromMs: T + 90_000 }, ['Delete RoutingStrategy/billing by client other in -']],
    [{ toMs: T - 500 }, ['started environment prod by actor of r1 in r1']],
  ])('is narrowed by %j', (filter, expected) => {
    const events = [
      event(30, { client: 'admin-ui', user: 'Ada', userId: 'u1' }),
      event(100, { client: 'other', action: 'Delete' }),
    ];
    expect(lines(events, [apply('r1', 0)], filter)).toEqual(expected);
  });

  it.each([
    [0.4, []],
    [90, [{ run: 'r1', aheadMs: -90_000 }]],
    [-90, [{ run: 'r1', aheadMs: 90_000 }]],
  ])('tells that clocks are apart when the platform dates a deed %f s later', (off, skews) => {
    const { entries, skews: found } = timelineOf([event(off)], [apply('r1', 0)], 'tool', ALL);
    expect(found).toEqual(skews);
    expect(entries.find(({ source }) => source === 'platform')?.run).toBe('r1');
  });

  it('is in order, and has every event once, whatever there is', () => {
    const some = fc.array(fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.boolean()));
    fc.assert(
      fc.property(some, fc.array(fc.integer({ min: -2000, max: 2000 })), (list, starts) => {
        const events = list.map(([seconds, isOurs], index) =>
          event(seconds, { id: String(index), client: isOurs ? 'tool' : 'other' }),
        );
        const runs = starts.map((seconds, index) => apply(`r${index}`, seconds));
        const { entries } = timelineOf(events, runs, 'tool', ALL);
        const ids = entries.filter(({ source }) => source === 'platform').map(({ id }) => id);
        expect(ids.sort()).toEqual(events.map(({ id }) => id).sort());
        const times = entries.map((one) => one.at);
        expect(times).toEqual([...times].sort());
        // A run is told of by its events, or by itself.
        for (const { record: one } of runs.map((records) => records[3]!)) {
          expect(entries.some(({ run }) => run === one.run)).toBe(true);
        }
      }),
    );
  });
});
