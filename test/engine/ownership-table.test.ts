/** What the org remembers after each thing that a run has to say about its objects. */
import { beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import { lockRow, UNMARKED, type StateRecord } from '../../src/core/state.js';
import { OwnershipTable } from '../../src/engine/ownership-table.js';
import { Ledger } from '../../src/engine/ledger.js';
import { sha256 } from '../../src/files/digest.js';
import { openWriter } from '../../src/genesys/sdk.js';
import { rowsPath } from '../../src/core/table.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { faulty, html, refusal, silentAfter, type Fault } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { addColumn } from '../support/rows.js';
import {
  BACKEND,
  cellsOf,
  keyOf,
  markIn,
  OTHER,
  OWNER,
  recordOf,
  remember,
  rememberOld,
  stateIn,
  stateTable,
} from '../support/owned.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const A = 'Skill/a';
const FIELDS = { status: 'active', targets: [{ queue: 'Alpha', weight: 1 }] };
const LATER = { ...FIELDS, status: 'draft' };
const ROWS = /\/rows(\/|$)/;

let on: Bench;
beforeEach(() => {
  on = bench(ORG);
  stateTable(on.org);
});

interface Keeping {
  readonly ownership: OwnershipTable;
  readonly log: MemoryLog;
}

/** The ownership of a run that has read the org's records just now. */
function keeping(
  exchange: Exchange = on.exchange,
  run = 'run-1',
  warn: (text: string) => void = () => undefined,
  command?: string,
): Keeping {
  const log = new MemoryLog();
  const ledger = new Ledger(openWriter(on.connection('demo', exchange)), log, on.connection());
  const { records } = stateIn(on.org);
  const rows = rowsPath(stateTable(on.org).id);
  const says = command === undefined ? {} : { command };
  const context = { rows, markOf: markIn(BACKEND), records, owner: OWNER, run, warn, ...says };
  return { ownership: new OwnershipTable(ledger, context, sha256), log };
}

function withFaults(...faults: readonly Fault[]) {
  const { exchange, sent } = faulty(on.exchange, faults);
  const writes = () => sent.filter(({ method, path }) => method !== 'GET' && ROWS.test(path));
  return { ...keeping(exchange), writes };
}

const record = (): StateRecord | undefined => stateIn(on.org).records.get(A);
const count = (): number => stateIn(on.org).records.size;

async function failure(attempt: Promise<unknown>): Promise<PlatformError> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PlatformError)) throw new Error(`no platform error: ${String(error)}`);
  return error;
}

describe('when all of an object was last written', () => {
  const runs = async (command: string, isHalf = false): Promise<string | undefined> => {
    const { ownership } = keeping(on.exchange, `run-${command}`, undefined, command);
    await ownership.recordOwnership(A, 'id', FIELDS, isHalf);
    await on.clock.sleep(60_000);
    return record()?.wholeAt;
  };

  it('is kept by runs that leave what others have made of it, and by one that failed', async () => {
    await runs('apply');
    const { at } = record() ?? {};
    expect(await runs('optimize')).toBe(at);
    expect(await runs('optimize')).toBe(at);
    expect(await runs('apply', true)).toBe(at);
    expect(await runs('rollback')).toBe(at);
    expect(await runs('apply')).toBeUndefined();
  });
});

describe('a claim', () => {
  it('says whose the object will be, and what it was to become, before there is one', async () => {
    await keeping().ownership.reserve(A, FIELDS);
    expect(record()).toEqual({
      address: A,
      owner: OWNER,
      id: null,
      applied: FIELDS,
      run: 'run-1',
      at: '2026-03-02T09:00:00.000Z',
    });
  });

  it('takes the place of a record whose object is gone', async () => {
    remember(on.org, recordOf(A, { id: 'old', applied: LATER }));
    await keeping().ownership.reserve(A, FIELDS);
    expect(record()).toMatchObject({ id: null, applied: FIELDS, run: 'run-1' });
    expect(count()).toBe(1);
  });

  it('does not take the place of one that somebody else has written meanwhile', async () => {
    const { ownership } = keeping();
    remember(on.org, recordOf(A, { owner: OTHER }));
    expect((await failure(ownership.reserve(A, FIELDS))).fault).toBe('conflict');
    expect(record()?.owner).toEqual(OTHER);
    // It is not ours to release either.
    await ownership.release(A);
    expect(record()?.owner).toEqual(OTHER);
  });
});

describe('settling', () => {
  it('gives the claim its object', async () => {
    const { ownership } = keeping();
    await ownership.reserve(A, FIELDS);
    await on.clock.sleep(1500);
    await ownership.recordOwnership(A, 'id-1', LATER);
    expect(record()).toEqual({
      address: A,
      owner: OWNER,
      id: 'id-1',
      applied: LATER,
      run: 'run-1',
      at: '2026-03-02T09:00:01.500Z',
    });
    expect(count()).toBe(1);
  });

  it('makes a record of what was nobody’s', async () => {
    await keeping().ownership.recordOwnership(A, 'id-1', FIELDS);
    expect(record()).toMatchObject({ owner: OWNER, id: 'id-1', applied: FIELDS });
  });

  it('tells what is applied now in the place of what was', async () => {
    remember(on.org, recordOf(A, { id: 'id-1', applied: FIELDS }));
    await keeping(on.exchange, 'run-2').ownership.recordOwnership(A, 'id-1', LATER);
    expect(record()).toMatchObject({ id: 'id-1', applied: LATER, run: 'run-2' });
  });

  it('writes the record again where a person has removed its row', async () => {
    remember(on.org, recordOf(A));
    const { ownership } = keeping();
    stateTable(on.org).rows.delete(keyOf(A));
    await ownership.recordOwnership(A, 'id-1', FIELDS);
    expect(record()).toMatchObject({ id: 'id-1', applied: FIELDS });
  });

  it('takes up the claim of a run whose answer was lost', async () => {
    const first = keeping(silentAfter(on.exchange, { method: 'POST', path: ROWS }, 'after'));
    expect((await failure(first.ownership.reserve(A, FIELDS))).fault).toBe('unavailable');
    expect(record()).toMatchObject({ id: null });
    await keeping(on.exchange, 'run-2').ownership.recordOwnership(A, 'id-1', FIELDS);
    expect(record()).toMatchObject({ id: 'id-1', run: 'run-2' });
  });
});

describe('releasing', () => {
  it('forgets the object, once', async () => {
    remember(on.org, recordOf(A));
    const { ownership, writes } = withFaults();
    await ownership.release(A);
    await ownership.release(A);
    expect([count(), writes().length]).toEqual([0, 1]);
  });

  it('forgets what this run has claimed', async () => {
    const { ownership } = keeping();
    await ownership.reserve(A, FIELDS);
    await ownership.release(A);
    expect(count()).toBe(0);
  });

  it('asks for nothing where there never was a record', async () => {
    const { ownership, writes } = withFaults();
    await ownership.release(A);
    expect(writes()).toEqual([]);
  });

  it('is done where a person was first', async () => {
    remember(on.org, recordOf(A));
    const { ownership } = keeping();
    stateTable(on.org).rows.delete(keyOf(A));
    await ownership.release(A);
    expect(count()).toBe(0);
  });

  it.each(['before', 'after'] as const)('is looked for when it was lost %s', async (lost) => {
    remember(on.org, recordOf(A));
    const { ownership, writes } = withFaults({ method: 'DELETE', path: ROWS, does: { lost } });
    await ownership.release(A);
    expect([count(), writes().length]).toEqual([0, lost === 'after' ? 1 : 2]);
  });

  it('can be tried again when it failed', async () => {
    remember(on.org, recordOf(A));
    const answer = html(503);
    const { ownership } = withFaults({ method: 'DELETE', path: ROWS, times: 5, does: { answer } });
    expect((await failure(ownership.release(A))).fault).toBe('unavailable');
    expect(count()).toBe(1);
    await ownership.release(A);
    expect(count()).toBe(0);
  });
});

describe('a row that an older version wrote', () => {
  const OLD = { ...recordOf(A, { id: 'id-1', applied: FIELDS }), beside: { note: 'mine' } };
  const keys = (): string[] => [...stateTable(on.org).rows.keys()];
  const paths = (sent: readonly { readonly method: string; readonly path: string }[]): string[] =>
    sent.map(({ method, path }) => `${method} ${path.replace(/^.*rows/, '')}`);
  const OLD_PATH = `/${encodeURIComponent(A)}`;

  beforeEach(() => {
    addColumn(on.org, 'note', 'string', '', BACKEND.tables.state);
    rememberOld(stateTable(on.org), OLD);
  });

  it.each(['claim', 'settle'] as const)('is moved by a %s: the new one first', async (how) => {
    const { ownership, writes } = withFaults();
    await (how === 'claim'
      ? ownership.reserve(A, LATER)
      : ownership.recordOwnership(A, 'id-1', LATER));
    expect(record()).toMatchObject({ applied: LATER, run: 'run-1', beside: { note: 'mine' } });
    expect(record()?.oldRow).toBeUndefined();
    expect(keys()).toEqual([keyOf(A)]);
    expect(paths(writes())).toEqual(['POST ', `DELETE ${OLD_PATH}`]);
    await ownership.recordOwnership(A, 'id-2', LATER);
    expect(paths(writes()).slice(2)).toEqual([`PUT /${keyOf(A)}`]);
  });

  it('is released with the record', async () => {
    const { ownership, writes } = withFaults();
    await ownership.release(A);
    expect([keys(), paths(writes())]).toEqual([[], [`DELETE ${OLD_PATH}`]]);
  });

  it('is released before the row of today, so that it does not come back to life', async () => {
    remember(on.org, OLD);
    const fault = { method: 'DELETE', path: ROWS, nth: 2, times: 5 };
    const { ownership, writes } = withFaults({ ...fault, does: { answer: html(503) } });
    expect((await failure(ownership.release(A))).fault).toBe('unavailable');
    expect([keys(), record()?.oldRow]).toEqual([[keyOf(A)], undefined]);
    await ownership.release(A);
    expect([keys(), paths(writes()).at(0)]).toEqual([[], `DELETE ${OLD_PATH}`]);
  });

  it('and the one that a run was killed beside are put right by the next', async () => {
    const first = keeping(silentAfter(on.exchange, { method: 'POST', path: ROWS }, 'after'));
    expect((await failure(first.ownership.recordOwnership(A, 'id-1', LATER))).fault).toBe(
      'unavailable',
    );
    expect(keys()).toEqual([A, keyOf(A)]);
    expect(record()).toMatchObject({ applied: LATER, oldRow: 'left' });
    const { ownership, writes } = withFaults();
    await ownership.tidy(A);
    await ownership.tidy(A);
    expect([keys(), paths(writes())]).toEqual([[keyOf(A)], [`DELETE ${OLD_PATH}`]]);
    expect(record()).toMatchObject({ applied: LATER });
  });

  it('that cannot be removed is said once, and stands in the way of nothing', async () => {
    const answer = refusal(400, 'bad.request', 'no slash in a path');
    const path = /%2F/;
    const { exchange } = faulty(on.exchange, [{ path, times: 99, does: { answer } }]);
    const told: string[] = [];
    const { ownership } = keeping(exchange, 'run-1', (text) => told.push(text));
    await ownership.reserve(A, FIELDS);
    await ownership.recordOwnership(A, 'id-1', LATER);
    expect(record()).toMatchObject({ id: 'id-1', applied: LATER, oldRow: 'left' });
    expect(told).toEqual([expect.stringContaining(`the row "${A}", which an older version`)]);
  });

  it('is moved over one that a listing did not show yet, where that is ours', async () => {
    const { ownership } = keeping();
    remember(on.org, { ...OLD, run: 'a moment ago' });
    await ownership.recordOwnership(A, 'id-1', LATER);
    expect([record(), keys()]).toMatchObject([{ applied: LATER, run: 'run-1' }, [keyOf(A)]]);
  });

  it('is not moved over one that is another’s', async () => {
    const { ownership } = keeping();
    remember(on.org, { ...OLD, owner: OTHER });
    expect((await failure(ownership.recordOwnership(A, 'id-1', LATER))).fault).toBe('conflict');
    expect(record()?.owner).toEqual(OTHER);
  });
});

describe('whatever is kept', () => {
  it('leaves the records of others, the lock and odd rows as they are', async () => {
    const { rows } = stateTable(on.org);
    remember(on.org, recordOf('RoutingStrategy/b', { owner: OTHER }));
    rows.set('lock', cellsOf(lockRow({ holder: 'ada', host: '', command: '', run: 'r', at: '' })));
    rows.set('note', cellsOf({ key: 'note', owner: 'do not touch' }));
    const before = structuredClone(rows);
    const { ownership } = keeping();
    await ownership.reserve(A, FIELDS);
    await ownership.recordOwnership(A, 'id-1', FIELDS);
    await ownership.release(A);
    expect(rows).toEqual(before);
  });

  it('takes names that a path cannot hold as they are', async () => {
    const address = 'Skill/a/b?c#d ü 🙂 %2F';
    const { ownership } = keeping();
    await ownership.reserve(address, FIELDS);
    await ownership.recordOwnership(address, 'id-1', FIELDS);
    expect(stateIn(on.org).records.get(address)).toMatchObject({ address, id: 'id-1' });
    await ownership.release(address);
    expect(count()).toBe(0);
  });

  it('is on record in the log before it is sent, and after', async () => {
    const { exchange, sent } = faulty(on.exchange);
    const log = new MemoryLog(() => sent.filter(({ path }) => ROWS.test(path)).length);
    const ledger = new Ledger(openWriter(on.connection('demo', exchange)), log, on.connection());
    const rows = rowsPath(stateTable(on.org).id);
    const context = { rows, markOf: UNMARKED, records: new Map(), owner: OWNER, run: 'run-1' };
    const ownership = new OwnershipTable(ledger, context, sha256);
    await ownership.reserve(A, FIELDS);
    await ownership.recordOwnership(A, 'id-1', FIELDS);
    await ownership.release(A);
    const told = log.records.map((one, at) => [
      ...[one.type, one.address, one.detail?.['step'], one.request?.method, log.reachedAt[at]],
    ]);
    expect(told).toEqual([
      ['intent', A, 'claim', 'POST', 0],
      ['outcome', A, 'claim', 'POST', 1],
      ['intent', A, 'record', 'PUT', 1],
      ['outcome', A, 'record', 'PUT', 2],
      ['intent', A, 'release', 'DELETE', 2],
      ['outcome', A, 'release', 'DELETE', 3],
    ]);
    expect(log.records[0]?.detail?.['body']).toMatchObject({
      key: keyOf(A),
      owner: 'test',
      object: '',
    });
  });

  it.each([
    ['denied', refusal(403, 'missing.permissions', 'architect:datatableRow:add')],
    ['rejected', refusal(400, 'flows.datatables.schema.exception', 'no')],
  ] as const)('says what the platform said, and changes nothing: %s', async (fault, answer) => {
    const { ownership, log } = withFaults({ method: 'POST', path: ROWS, does: { answer } });
    expect((await failure(ownership.reserve(A, FIELDS))).fault).toBe(fault);
    expect(count()).toBe(0);
    expect(log.records.map(({ outcome }) => outcome?.state ?? null)).toEqual([null, 'failed']);
  });
});
