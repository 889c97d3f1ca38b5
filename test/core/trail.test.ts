/** One timeline: nothing twice, nothing hidden, and every deed with whoever did it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import type { OwnRecord, Witnessed } from '../../src/core/deeds.js';
import { timelineOf, type TimelineFilter } from '../../src/core/trail.js';

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

interface WriteShape {
  readonly step?: string;
  readonly took?: number;
}

/** A write that was answered after `took` seconds, as the ledger records it. */
function write(
  run: string,
  seconds: number,
  { step = 'update', took = 0, ...over }: Partial<AuditRecord> & WriteShape = {},
): OwnRecord[] {
  const request = { method: 'PUT', path: '/x', status: 200, correlationId: null };
  const about = { address: 'RoutingStrategy/billing', detail: { step }, request, ...over };
  const outcome = { state: 'sent', message: '' };
  return [
    record(run, seconds, { ...about, outcome: null, type: 'intent' }),
    record(run, seconds + took, { outcome, ...about }),
  ];
}

/** A run that changed `billing`, as `execute` records it. */
function apply(run: string, seconds: number, address = 'RoutingStrategy/billing'): OwnRecord[] {
  return [
    record(run, seconds - 1, { type: 'run-started', detail: { command: 'apply' } }),
    ...write(run, seconds, { address }),
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

function whoseAre(events: readonly Witnessed[], runs: OwnRecord[][], isWhole = true): unknown[] {
  const { entries } = timelineOf(events, runs, 'tool', ALL, isWhole);
  const platform = entries.filter(({ source }) => source === 'platform');
  return platform.map(({ who, run, whose }) => [who, run, whose]);
}

const OURS = ['actor of r1', 'r1', 'ours'];
const NOT_OURS = ['client tool', null, 'not ours'];
const UNKNOWN = ['client tool', null, 'unknown'];
const OPEN = { outcome: { state: 'open', message: '' } };
const FAILED = { outcome: { state: 'failed', message: 'no' } };

describe('what our runs did', () => {
  const sales = 'RoutingStrategy/sales';
  const refused = [
    record('r3', 30, { type: 'run-started', detail: { command: 'apply' } }),
    record('r3', 31, { type: 'refused', outcome: { state: 'refused', message: 'no' } }),
  ];

  it('is told of these alone, with the runs that wrote one of them or refused them all', () => {
    const both = [...apply('r1', 0), ...apply('r1', 1, sales)];
    const told = lines([], [both, apply('r2', 10, sales), refused], {
      addresses: new Set(['RoutingStrategy/billing']),
    });
    expect(new Set(told)).toEqual(
      new Set([
        'started environment prod by actor of r1 in r1',
        'updated RoutingStrategy/billing by actor of r1 in r1',
        'ended environment prod by actor of r1 in r1',
        'started environment prod by actor of r3 in r3',
        'refused environment prod by actor of r3 in r3',
      ]),
    );
  });

  it('is not told of a round that moved nothing, where one object is asked for', () => {
    const round = [
      record('r4', 40, { type: 'run-started', detail: { command: 'optimize' } }),
      ...write('r4', 41, { step: 'lock', address: null }),
      record('r4', 42, { type: 'run-ended', detail: { exitCode: 0, changes: 0 } }),
    ];
    const failed = [
      ...round.slice(0, -1),
      record('r4', 42, { type: 'run-ended', detail: { exitCode: 7 } }),
    ];
    const addresses = new Set(['RoutingStrategy/billing']);
    expect(lines([], [round], { addresses })).toEqual([]);
    expect(lines([], [round])).not.toEqual([]);
    for (const run of [failed, round.slice(0, -1)]) {
      expect(lines([], [run], { addresses })).not.toEqual([]);
    }
  });

  it('has what was before, where the platform has no record of it', () => {
    const weighed = (weight: number) => ({ targets: [{ queue: 'Billing', weight }] });
    const change = { detail: { step: 'change' }, outcome: { state: 'updated', message: '' } };
    const address = 'RoutingStrategy/billing';
    const run = [
      record('r1', 0, { type: 'run-started', detail: { command: 'apply' } }),
      record('r1', 1, { address, before: weighed(0.6), after: weighed(0.7), ...change }),
    ];
    const { entries } = timelineOf([], [run], 'tool', ALL);
    expect(entries.at(-1)?.changes).toEqual([
      { property: 'targets["Billing"].weight', before: ['0.6'], after: ['0.7'] },
    ]);
  });

  it('begins with what led to it: workflow run, pull request, approvals', () => {
    const workflow = {
      url: 'https://github.com/acme/routing/actions/runs/7',
      attempt: 2,
      pullRequest: 'https://github.com/acme/routing/pull/12',
      approvedBy: ['ann', 'bea'],
    };
    const [started, ...rest] = apply('r1', 0);
    if (started === undefined) throw new Error('a run begins');
    const detail = { command: 'apply', workflow };
    const run = [{ ...started, record: { ...started.record, detail } }, ...rest];
    const { entries } = timelineOf([], [run], 'tool', ALL);
    expect(entries[0]?.outcome).toBe(
      'apply, workflow run https://github.com/acme/routing/actions/runs/7 (attempt 2), ' +
        'pull request https://github.com/acme/routing/pull/12, approved by ann and bea',
    );
  });
});

/** Where more than one checkout writes with a client. */
describe('an event of our own client', () => {
  const TABLE = { address: null, entityId: 't1', entityName: 'Routing Strategies' };
  const POST = { method: 'POST', path: '/datatables', status: 200, correlationId: null };
  const IMPORT = { ...POST, path: '/datatables/t1/import/jobs' };
  const ROW = { ...POST, path: '/datatables/t1/rows' };
  const made = { address: null, step: 'table', request: POST };

  it.each<[string, number, Partial<Witnessed>, Parameters<typeof write>[2]]>([
    ['while the request was under way', 7, {}, { took: 9 }],
    ['just before it, as clocks go', -4.9, {}, {}],
    ['just after the answer', 13.9, {}, { took: 9 }],
    ['of a strategy that was made', 0, { action: 'Create' }, { step: 'create' }],
    ['of one that went', 0, { action: 'delete' }, { step: 'delete' }],
    ['of one that went live', 0, { action: 'Activate' }, { step: 'activate' }],
    ['of members of a queue', 0, {}, { step: 'part members' }],
    ['that failed, as the write did', 0, { status: 'FAILURE' }, FAILED],
    ['whose answer was lost', 0, {}, OPEN],
    [
      'of our table, which was made',
      0,
      { ...TABLE, action: 'Create' },
      { ...made, detail: { step: 'table', table: 'Routing Strategies' } },
    ],
    ['of a file for it', 0, TABLE, { address: null, step: 'import rows', request: IMPORT }],
  ])('is the write of a run: %s', (_, seconds, over, of) => {
    expect(whoseAre([event(seconds, over)], [write('r1', 0, of)])).toEqual([OURS]);
  });

  it.each<[string, number, Partial<Witnessed>, Parameters<typeof write>[2]]>([
    ['of another object', 0, { address: 'RoutingStrategy/sales' }, {}],
    ['long after', 700, {}, {}],
    ['minutes after, where ours has an event', 180, {}, {}],
    ['of a record beside the strategy', 0, {}, { step: 'claim' }],
    ['of a change, minutes after it was made', 60, {}, { step: 'create' }],
    ['that succeeded minutes after ours failed', 60, {}, FAILED],
    ['of our table, at the time of a row', 0, TABLE, { address: null, request: ROW }],
    ['of our table, at the time of the lock', 0, TABLE, { address: null, step: 'unlock' }],
  ])('is not one of our writes: %s', (_, seconds, over, of) => {
    const own = write('r1', 0, of);
    const events = seconds === 180 ? [event(0), event(180)] : [event(seconds, over)];
    expect(whoseAre(events, [own]).at(-1)).toEqual(NOT_OURS);
  });

  it('may be one where a write of ours has no event of its own, and is not said to be', () => {
    expect(whoseAre([event(90)], [apply('r1', 0)])).toEqual([UNKNOWN]);
    expect(lines([event(90)], [apply('r1', 0)])).toContain(
      'updated RoutingStrategy/billing by actor of r1 in r1',
    );
    expect(timelineOf([event(90)], [apply('r1', 0)], 'tool', ALL).skews).toEqual([]);
  });

  it('may be one where it is a second at the same time, or of another action', () => {
    expect(whoseAre([event(0), event(1)], [apply('r1', 0)])).toEqual([OURS, UNKNOWN]);
    expect(whoseAre([event(0, { action: 'Delete' })], [apply('r1', 0)])).toEqual([UNKNOWN]);
  });

  it('may be one where a log cannot be read as a whole', () => {
    expect(whoseAre([event(0)], [], false)).toEqual([UNKNOWN]);
    expect(whoseAre([event(0)], [], true)).toEqual([NOT_OURS]);
  });

  it('is of a killed run by the intent alone, unless a later one found that it was not made', () => {
    const [intent] = write('r1', 0);
    const settled = (state: string): OwnRecord[] => [
      record('r2', 900, {
        type: 'settled',
        address: 'RoutingStrategy/billing',
        outcome: { state, message: '' },
        detail: { step: 'update', run: 'r1', seq: intent?.record.seq ?? 0 },
      }),
    ];
    const killed = intent === undefined ? [] : [intent];
    expect(whoseAre([event(20)], [killed])).toEqual([OURS]);
    expect(whoseAre([event(20)], [killed, settled('took effect')])).toEqual([OURS]);
    expect(whoseAre([event(20)], [killed, settled('did not')])).toEqual([UNKNOWN]);
  });

  it('says of a clock that it is apart when all writes of a run are off by the same', () => {
    const names = ['RoutingStrategy/a', 'RoutingStrategy/b', 'RoutingStrategy/c'];
    const run = names.flatMap((address, index) => write('r1', index * 10, { address }));
    const off = (seconds: readonly number[]): Witnessed[] =>
      names.map((address, index) => event(index * 10 + (seconds[index] ?? 0), { address }));
    const skews = (seconds: readonly number[]): unknown =>
      timelineOf(off(seconds), [run], 'tool', ALL).skews;
    expect(skews([90, 91, 90])).toEqual([{ run: 'r1', aheadMs: -90_000 }]);
    expect(skews([-90, -91, -90])).toEqual([{ run: 'r1', aheadMs: 90_000 }]);
    expect(skews([90, 140, 90])).toEqual([]);
    expect(skews([0, 90, 90])).toEqual([]);
    expect(skews([0, 0.2, 0.4])).toEqual([]);
  });
});

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
    const runs = [apply('early', -4), apply('late', 3)];
    expect(lines([event(1)], runs)).toContain(
      'Update RoutingStrategy/billing by actor of late in late',
    );
  });

  it('takes a write for what is behind one event, and leaves the others to the client', () => {
    const events = [event(3), event(30), event(90)];
    expect(whoseAre(events, [apply('r1', 2)])).toEqual([
      ['actor of r1', 'r1', 'ours'],
      ['client tool', null, 'not ours'],
      ['client tool', null, 'not ours'],
    ]);
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
