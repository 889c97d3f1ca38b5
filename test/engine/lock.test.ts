/** One apply at a time: who gets the lock, who waits for it, and what the others are told. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Interrupted, AppError, PlatformError, Refused } from '../../src/core/errors.js';
import { heirKey, LOCK_KEY, lockRow, type LockRecord } from '../../src/core/state.js';
import { rowsPath } from '../../src/core/table.js';
import type { AttemptState, WorkflowAttempt } from '../../src/core/workflow.js';
import { Ledger } from '../../src/engine/ledger.js';
import {
  acquire,
  holderText,
  lockIn,
  lockSeenIn,
  release,
  type LockRequest,
} from '../../src/engine/lock.js';
import { openWriter } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { faulty, html, refusal, type Fault } from '../support/faults.js';
import { bench, half, Recorder, START_MS, VirtualClock, type Bench } from '../support/org.js';
import { cellsOf, recordOf, remember, stateIn, stateTable } from '../support/owned.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const ROWS = /\/rows$/;
const LOCK = /\/rows\/lock$/;
const ME: LockRecord = {
  holder: 'ben',
  host: 'laptop',
  command: 'apply',
  run: 'mine',
  at: '2026-03-02T09:00:00.000Z',
};
const ADA: LockRecord = {
  holder: 'ada',
  host: 'ci-7',
  command: 'apply',
  run: 'hers',
  at: '2026-03-02T08:48:00.000Z',
};

let on: Bench;
beforeEach(() => {
  on = bench(ORG);
  stateTable(on.org);
});

function hold(lock: LockRecord): void {
  stateTable(on.org).rows.set(LOCK_KEY, cellsOf(lockRow(lock)));
}

function breakLock(): void {
  stateTable(on.org).rows.delete(LOCK_KEY);
}

const holder = (): LockRecord | null => stateIn(on.org).lock;

/** A clock on which things happen in the org while somebody sleeps. */
class Busy extends VirtualClock {
  constructor(private readonly happens: (elapsedMs: number) => void) {
    super();
  }

  override async sleep(ms: number): Promise<void> {
    await super.sleep(ms);
    this.happens(this.now() - START_MS);
  }
}

interface Trying extends Partial<LockRequest> {
  readonly clock?: VirtualClock;
  readonly faults?: readonly Fault[];
}

/** One run that wants the lock. */
function trying({ clock = on.clock, faults = [], ...over }: Trying = {}) {
  const { exchange, sent } = faulty(on.exchange, faults);
  const log = new MemoryLog();
  const events = new Recorder();
  const ledger = new Ledger(openWriter({ ...on.connection('demo', exchange), clock }), log, {
    clock,
    random: half,
  });
  const rows = rowsPath(stateTable(on.org).id);
  const isGone = () => Promise.resolve(false);
  const request = { rows, me: ME, patienceMs: 0, cancelled: () => false, isGone, ...over };
  const waits = () => events.events.flatMap((one) => (one.type === 'waiting' ? [one] : []));
  return {
    clock,
    sent,
    log,
    ledger,
    rows,
    waits,
    elapsed: () => clock.now() - START_MS,
    taken: acquire({ ledger, clock, events }, request),
  };
}

async function refusedBy(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe('a lock that nobody holds', () => {
  it('is ours, and says who we are', async () => {
    const { taken, elapsed } = trying();
    await taken;
    expect(holder()).toEqual(ME);
    expect(elapsed()).toBe(0);
  });

  it('leaves the records beside it as they are', async () => {
    remember(on.org, recordOf('RoutingStrategy/a'));
    const before = stateIn(on.org).records;
    await trying().taken;
    expect(stateIn(on.org).records).toEqual(before);
  });

  it('goes to exactly one of those who ask at once', async () => {
    const runs = ['one', 'two', 'three'].map((run) => trying({ me: { ...ME, run } }));
    const ended = await Promise.allSettled(runs.map(({ taken }) => taken));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = ended.findIndex(({ status }) => status === 'fulfilled');
    expect(holder()?.run).toBe(['one', 'two', 'three'][winner]);
  });

  it('is on record before it is asked for, and after', async () => {
    const { taken, log } = trying();
    await taken;
    const told = log.records.map(({ type, detail, outcome }) => [
      ...[type, detail?.['step'], outcome?.state ?? null],
    ]);
    expect(told).toEqual([
      ['intent', 'lock', null],
      ['outcome', 'lock', 'sent'],
    ]);
  });
});

describe('a lock that another run holds', () => {
  it('is refused at once without patience, with all that is known of the holder', async () => {
    hold(ADA);
    const { taken, elapsed } = trying();
    const error = await refusedBy(taken);
    expect(error).toBeInstanceOf(Refused);
    expect([error.code, error.exitCode]).toEqual(['lock-held', 4]);
    expect(error.message).toBe(
      'another run is at work: the lock is held by ada on ci-7 ' +
        '(apply, run hers, since 2026-03-02T08:48:00.000Z, 12 min)',
    );
    expect(error.hint).toContain('--lock-timeout');
    expect(error.hint).toContain('strategos unlock');
    expect([holder(), elapsed()]).toEqual([ADA, 0]);
  });

  it('is waited for, and taken when it is released', async () => {
    hold(ADA);
    const clock = new Busy((elapsedMs) => {
      if (elapsedMs >= 5000) breakLock();
    });
    const { taken, elapsed, waits } = trying({ clock, patienceMs: 60_000 });
    await taken;
    expect([holder(), elapsed()]).toEqual([ME, 6000]);
    expect(waits().map(({ ms }) => ms)).toEqual([2000, 2000, 2000]);
    expect(waits()[0]?.reason).toContain('the lock is held by ada on ci-7');
  });

  it('is waited for no longer than asked, and then refused with its age by then', async () => {
    hold(ADA);
    const { taken, elapsed, waits } = trying({ patienceMs: 301_000 });
    const error = await refusedBy(taken);
    expect(error.message).toContain(', 17 min)');
    expect([elapsed(), waits().at(-1)?.ms]).toEqual([301_000, 1000]);
    expect(holder()).toEqual(ADA);
  });

  it('is refused by the name of whoever holds it in the end', async () => {
    hold(ADA);
    const clock = new Busy((elapsedMs) => {
      hold({
        ...ADA,
        holder: 'chi',
        run: 'later',
        at: new Date(START_MS + elapsedMs).toISOString(),
      });
    });
    const error = await refusedBy(trying({ clock, patienceMs: 4000 }).taken);
    expect(error.message).toMatch(/held by chi on ci-7 \(apply, run later, since .*, 0 min\)$/);
  });

  it('is no longer waited for once the run is to end', async () => {
    hold(ADA);
    let cancelled = false;
    const clock = new Busy(() => (cancelled = true));
    const run = trying({ clock, patienceMs: 60_000, cancelled: () => cancelled });
    await expect(run.taken).rejects.toBeInstanceOf(Interrupted);
    expect([holder(), run.elapsed()]).toEqual([ADA, 2000]);
  });

  it('is ours when it is gone by the time we look whose it is', async () => {
    hold(ADA);
    const { taken } = trying({
      patienceMs: 10_000,
      faults: [{ method: 'GET', path: LOCK, does: { meanwhile: breakLock } }],
    });
    await taken;
    expect(holder()).toEqual(ME);
  });
});

describe('an answer that does not come', () => {
  it('was ours all the same where the row has our name', async () => {
    const { taken } = trying({
      faults: [{ method: 'POST', path: ROWS, does: { lost: 'after' } }],
    });
    await taken;
    expect(holder()).toEqual(ME);
  });

  it('is asked for again where there is no row', async () => {
    const { taken } = trying({
      faults: [{ method: 'POST', path: ROWS, does: { lost: 'before' } }],
    });
    await taken;
    expect(holder()).toEqual(ME);
  });

  it('is trouble where it stays so', async () => {
    const { taken } = trying({
      faults: [{ method: 'POST', path: ROWS, times: 99, does: { lost: 'before' } }],
    });
    expect(await refusedBy(taken)).toMatchObject({ fault: 'unavailable', exitCode: 7 });
    expect(holder()).toBeNull();
  });

  it('is a refusal where somebody else holds the lock', async () => {
    hold(ADA);
    const { taken } = trying({
      faults: [{ method: 'POST', path: ROWS, does: { answer: html(503) } }],
    });
    expect((await refusedBy(taken)).code).toBe('lock-held');
    expect(holder()).toEqual(ADA);
  });

  it('is trouble where nobody can say whose the row is', async () => {
    const { taken } = trying({
      faults: [
        { method: 'POST', path: ROWS, does: { lost: 'after' } },
        { method: 'GET', path: LOCK, times: 99, does: { lost: 'before' } },
      ],
    });
    expect(await refusedBy(taken)).toMatchObject({ fault: 'unavailable' });
  });

  it('does not matter where an earlier try of ours has written the row', async () => {
    hold(ME);
    await trying().taken;
    expect(holder()).toEqual(ME);
  });
});

describe('what else keeps a run from the lock', () => {
  it.each([
    ['denied', refusal(403, 'missing.permissions', 'architect:datatableRow:add'), 6],
    ['rejected', refusal(400, 'flows.datatables.too.many.rows', 'full'), 1],
  ] as const)('is told as it is: %s', async (fault, answer, exitCode) => {
    const run = trying({
      patienceMs: 60_000,
      faults: [{ method: 'POST', path: ROWS, does: { answer } }],
    });
    const error = await refusedBy(run.taken);
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toMatchObject({ fault, exitCode });
    expect([holder(), run.elapsed()]).toEqual([null, 0]);
  });
});

describe('releasing', () => {
  /** Holds the lock, then something happens, then it is released. */
  async function released(happens: () => void, faults: readonly Fault[] = []) {
    const { taken, ledger, rows, log } = trying({ faults });
    await taken;
    happens();
    return { done: await release(ledger, rows, ME.run), log };
  }

  it('gives the lock back', async () => {
    const { done, log } = await released(() => undefined);
    expect([done, holder()]).toEqual([true, null]);
    expect(log.records.map(({ detail }) => detail?.['step'])).toEqual([
      ...['lock', 'lock', 'unlock', 'unlock'],
    ]);
    await trying({ me: ADA }).taken;
    expect(holder()).toEqual(ADA);
  });

  it('says that somebody has broken the lock', async () => {
    const { done } = await released(breakLock);
    expect([done, holder()]).toEqual([false, null]);
  });

  it('leaves the lock of whoever has broken ours and taken it', async () => {
    const { done, log } = await released(() => hold(ADA));
    expect([done, holder()]).toEqual([false, ADA]);
    expect(log.records.map(({ detail }) => detail?.['step'])).not.toContain('unlock');
  });

  it('says so where it is broken between the look and the request', async () => {
    const { done } = await released(
      () => undefined,
      [{ method: 'DELETE', path: LOCK, does: { meanwhile: breakLock } }],
    );
    expect([done, holder()]).toEqual([false, null]);
  });

  it.each(['before', 'after'] as const)('is looked for where it was lost %s', async (lost) => {
    const { done } = await released(
      () => undefined,
      [{ method: 'DELETE', path: LOCK, does: { lost } }],
    );
    expect([done, holder()]).toEqual([true, null]);
  });

  it('is trouble where no answer comes', async () => {
    const attempt = released(
      () => undefined,
      [{ method: 'DELETE', path: LOCK, times: 99, does: { lost: 'before' } }],
    );
    expect(await refusedBy(attempt)).toMatchObject({ fault: 'unavailable' });
    expect(holder()).toEqual(ME);
  });

  it('leaves the records beside it as they are', async () => {
    remember(on.org, recordOf('RoutingStrategy/a'));
    await released(() => undefined);
    expect([...stateIn(on.org).records.keys()]).toEqual(['RoutingStrategy/a']);
  });
});

describe('looking who holds it', () => {
  it('tells nobody, the holder, and trouble apart', async () => {
    const { taken, rows } = trying({ me: ADA });
    await taken;
    expect(await lockIn(on.reader(), rows)).toEqual(ADA);
    breakLock();
    expect(await lockIn(on.reader(), rows)).toBeNull();
    const { exchange } = faulty(on.exchange, [
      { method: 'GET', path: LOCK, does: { answer: refusal(403, 'missing.permissions', 'no') } },
    ]);
    const blind = openWriter(on.connection('demo', exchange));
    expect(await refusedBy(lockIn(blind, rows))).toMatchObject({ fault: 'denied' });
  });
});

describe('the holder in words', () => {
  const at = (minutes: number): number => Date.parse(ADA.at) + minutes * 60_000;

  it.each<[string, Partial<LockRecord>, number, string]>([
    ['minutes', {}, 59, '(apply, run hers, since 2026-03-02T08:48:00.000Z, 59 min)'],
    [
      'longer than an apply takes',
      {},
      61,
      '(apply, run hers, since 2026-03-02T08:48:00.000Z, 61 min); ' +
        'runs rarely take that long: it may have been killed',
    ],
    [
      'hours',
      {},
      200,
      '(apply, run hers, since 2026-03-02T08:48:00.000Z, 3 h); ' +
        'runs rarely take that long: it may have been killed',
    ],
    ['a clock that is behind', {}, -5, '(apply, run hers, since 2026-03-02T08:48:00.000Z, 0 min)'],
    ['a row without a run', { run: '', at: '' }, 0, '(apply)'],
    ['a date that is none', { at: 'noon' }, 0, '(apply, run hers, since noon)'],
  ])('%s', (_name, over, minutes, expected) => {
    expect(holderText({ ...ADA, ...over }, at(minutes))).toBe(
      `the lock is held by ada on ci-7 ${expected}`,
    );
  });

  it('has its age by the platform, where the clock of whoever asks is hours ahead', async () => {
    hold(ADA);
    const clock = new (class extends VirtualClock {
      override now = (): number => super.now() + 7_200_000;
      steady = (): number => super.now();
    })();
    const dated: Exchange = async (request) => {
      const answer = await on.exchange(request);
      const date = new Date(clock.steady()).toUTCString();
      return { ...answer, headers: { ...answer.headers, date } };
    };
    const writer = openWriter({ ...on.connection('demo', dated), clock });
    await writer.organization();
    const ledger = new Ledger(writer, new MemoryLog(), { clock, random: half });
    const rows = rowsPath(stateTable(on.org).id);
    const isGone = () => Promise.resolve(false);
    const request = { rows, me: ME, patienceMs: 0, cancelled: () => false, isGone };
    const { message } = await refusedBy(acquire({ ledger, clock, events: on.events }, request));
    expect(message).toContain(', 12 min)');
    expect(message).not.toContain('may have been killed');
  });

  it('shows nothing that would play with a terminal', () => {
    const evil = '\u001b[2J\n::error::x';
    const text = holderText({ ...ADA, holder: evil, host: evil, command: evil, run: evil }, at(1));
    expect(text).not.toMatch(/[\u0000-\u001f]/);
  });

  it('of a row that somebody has emptied says that it names nobody', () => {
    const none = { holder: '', host: '', command: '', run: '', at: '' };
    expect(holderText({ ...ADA, ...none }, at(1))).toBe(
      'the lock is held by somebody whose name the row does not have',
    );
  });

  it('names no place where the row has none', () => {
    expect(holderText({ ...ADA, host: '' }, at(1))).toContain('held by ada (apply');
  });
});

describe('a lock of a workflow run on GitHub', () => {
  const RUN = {
    server: 'https://github.com',
    repository: 'acme/routing',
    id: '7',
    attempt: 2,
    job: 'apply',
  };
  const LOST: LockRecord = { ...ADA, attempt: RUN };
  const saying = (state: AttemptState, asked: WorkflowAttempt[] = []) => ({
    stateOf: (attempt: WorkflowAttempt) => {
      asked.push(attempt);
      return Promise.resolve(state);
    },
  });
  const heirs = (): string[] =>
    [...stateTable(on.org).rows.keys()].filter((key) => key.startsWith('lock-heir-of-'));

  it('is taken over once GitHub says that it has ended, and names who asked', async () => {
    hold(LOST);
    const asked: WorkflowAttempt[] = [];
    const { taken, elapsed } = trying(saying({ is: 'ended' }, asked));
    expect(await taken).toEqual(['lock-heir-of-hers']);
    expect([holder(), elapsed(), asked]).toEqual([ME, 0, [RUN]]);
  });

  it.each<[string, AttemptState, RegExp]>([
    ['it has not ended', { is: 'running' }, /job apply\)$/],
    [
      'nobody can tell',
      { is: 'unknown', why: 'GITHUB_TOKEN is not set' },
      /; whether its workflow run has ended is not known: GITHUB_TOKEN is not set$/,
    ],
  ])('stays held where %s', async (_name, state, message) => {
    hold(LOST);
    const error = await refusedBy(trying(saying(state)).taken);
    expect([error.code, error.exitCode]).toEqual(['lock-held', 4]);
    expect(error.message).toContain(
      'workflow run https://github.com/acme/routing/actions/runs/7/attempts/2, job apply',
    );
    expect(error.message).toMatch(message);
    expect([holder(), heirs()]).toEqual([LOST, []]);
  });

  it('stays held where nobody is to be asked, and where the row names no run', async () => {
    hold(LOST);
    expect((await refusedBy(trying().taken)).message).toContain('is not known: nobody was asked');
    hold(ADA);
    const asked: WorkflowAttempt[] = [];
    expect((await refusedBy(trying(saying({ is: 'ended' }, asked)).taken)).code).toBe('lock-held');
    expect([holder(), asked]).toEqual([ADA, []]);
  });

  it('is asked about again while it is waited for, and not with every look', async () => {
    hold(LOST);
    let asked = 0;
    const stateOf = (): Promise<AttemptState> => {
      asked += 1;
      return Promise.resolve({ is: asked < 3 ? 'running' : 'ended' });
    };
    const { taken, elapsed } = trying({ stateOf, patienceMs: 300_000 });
    await taken;
    expect([holder(), asked, elapsed()]).toEqual([ME, 3, 60_000]);
  });

  it('goes to one of those who find it at the same moment', async () => {
    hold(LOST);
    const runs = ['one', 'two', 'three'].map((run) =>
      trying({ me: { ...ME, run }, ...saying({ is: 'ended' }) }),
    );
    const ended = await Promise.allSettled(runs.map(({ taken }) => taken));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = ended.findIndex(({ status }) => status === 'fulfilled');
    expect(holder()?.run).toBe(['one', 'two', 'three'][winner]);
  });

  it.each([
    ['the folder of runs', 'GitHub'],
    ['GitHub', 'the folder of runs'],
  ])(
    'goes to one of two, told by %s and, just before its release, by %s',
    async (first, second) => {
      hold(LOST);
      const told = (by: string): Trying =>
        by === 'GitHub'
          ? saying({ is: 'ended' })
          : { isGone: ({ run }) => Promise.resolve(run === LOST.run) };
      let other: Promise<unknown> = Promise.resolve();
      const meanwhile = async (): Promise<unknown> => {
        other = trying({ me: { ...ME, run: second }, ...told(second) }).taken;
        return other.catch(() => undefined);
      };
      const faults = [{ method: 'DELETE', path: LOCK, does: { meanwhile } }];
      const one = trying({ me: { ...ME, run: first }, faults, ...told(first) }).taken;
      await one;
      expect((await refusedBy(other)).code).toBe('lock-held');
      expect(holder()?.run).toBe(first);
    },
  );

  it('is taken over from an heir that was lost while it took over', async () => {
    hold(LOST);
    const heir = { ...LOST, run: 'heir', attempt: { ...RUN, id: '8' } };
    const key = heirKey(LOST.run);
    stateTable(on.org).rows.set(key, cellsOf(lockRow(heir, key)));
    await trying(saying({ is: 'ended' })).taken;
    expect(holder()).toEqual(ME);
  });

  it('is not taken over from an heir that is at work', async () => {
    hold(LOST);
    const key = heirKey(LOST.run);
    stateTable(on.org).rows.set(key, cellsOf(lockRow({ ...ME, run: 'heir' }, key)));
    expect((await refusedBy(trying(saying({ is: 'ended' })).taken)).code).toBe('lock-held');
    expect(holder()).toEqual(LOST);
  });
});

describe('a read that lags behind', () => {
  const stale = (times: number): Fault => ({
    method: 'GET',
    path: LOCK,
    times,
    does: { answer: refusal(404, 'not.found', 'no such row') },
  });

  it.each([1, 2])('%d times, takes our lock from nobody', async (times) => {
    const { taken, ledger, rows, elapsed } = trying({ faults: [stale(times)] });
    await taken;
    expect(await release(ledger, rows, ME.run)).toBe(true);
    expect([holder(), elapsed()]).toEqual([null, times === 1 ? 500 : 1500]);
  });

  it('is not what decides that the lock was broken', async () => {
    const { taken, ledger, rows } = trying();
    await taken;
    breakLock();
    expect(await release(ledger, rows, ME.run)).toBe(false);
  });

  it('names the holder all the same', async () => {
    hold(ADA);
    const error = await refusedBy(trying({ faults: [stale(2)] }).taken);
    expect(error.message).toContain('held by ada on ci-7');
  });

  it('after a release whose answer was lost, blames nobody', async () => {
    const { taken, ledger, rows } = trying({
      faults: [
        { method: 'DELETE', path: LOCK, does: { lost: 'after' } },
        // Shows what was there before.
        {
          method: 'GET',
          path: LOCK,
          nth: 2,
          times: 99,
          does: { answer: { status: 200, body: JSON.stringify(lockRow(ME)) } },
        },
      ],
    });
    await taken;
    expect(await release(ledger, rows, ME.run)).toBe(true);
  });

  it('after a release that was lost on its way, leaves no lock behind', async () => {
    const { taken, ledger, rows } = trying({
      faults: [
        { method: 'DELETE', path: LOCK, does: { lost: 'before' } },
        // Shows what was there before it was taken.
        {
          method: 'GET',
          path: LOCK,
          nth: 2,
          does: { answer: refusal(404, 'not.found', 'no such row') },
        },
      ],
    });
    await taken;
    expect(await release(ledger, rows, ME.run)).toBe(true);
    expect(holder()).toBe(null);
  });

  it('does not tell a person that nobody holds the lock', async () => {
    hold(ADA);
    const { ledger, rows, taken } = trying({ faults: [stale(4)] });
    await refusedBy(taken);
    expect(await lockSeenIn(ledger, rows)).toEqual(ADA);
  });
});
