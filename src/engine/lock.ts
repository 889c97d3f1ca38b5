/**
 * One apply at a time. The lock is a row of the state table: inserting it fails while it is there,
 * which makes the insertion the decision. It never expires by itself, because nobody can tell a
 * slow run from a dead one from outside: a lock whose run is gone is named, and released by a
 * person, or by a later run on the same machine that knows its process to be gone.
 */
import { Interrupted, PlatformError, Refused } from '../core/errors.js';
import { LOCK_KEY, lockOf, lockRow, type LockRecord } from '../core/state.js';
import { rowPath } from '../core/table.js';
import { visible } from '../core/visible.js';
import type { Ledger, Sighting } from './ledger.js';
import { rowAt } from './observe.js';
import type { Clock, Events, Reader } from './ports.js';

export interface LockPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly events: Events;
}

export interface LockRequest {
  /** Path of the rows of the state table. */
  readonly rows: string;
  /** `run` tells it from every other. */
  readonly me: LockRecord;
  /** How long to wait for another holder; 0 to not wait at all. */
  readonly patienceMs: number;
  /** Asked while waiting: true once the run is to end. */
  readonly cancelled: () => boolean;
  /**
   * Asked once for every other holder: whether it is known for sure that its run is over, and
   * nobody else was told so. Then its lock is released in its stead.
   */
  readonly isGone: (holder: LockRecord) => Promise<boolean>;
}

const POLL_MS = 2000;

/** Resolves when the lock is ours; rejects with `Refused` when it stays another's. */
export async function acquire(ports: LockPorts, request: LockRequest): Promise<void> {
  const { clock, events } = ports;
  const deadline = clock.now() + request.patienceMs;
  const known = new Set<string>();
  for (let tries = 1; ; tries += 1) {
    const holder = await tryOnce(ports, request);
    if (holder === null) return;
    // Released between our two requests: worth one more try at once.
    if (tries === 1 && holder.run === '') continue;
    if (!known.has(holder.run)) {
      known.add(holder.run);
      if (await request.isGone(holder)) {
        const text = `${holderText(holder, clock.now())}: that run is gone, its lock is released`;
        events.emit({ type: 'warning', text });
        await release(ports.ledger, request.rows, holder.run);
        continue;
      }
    }
    const left = deadline - clock.now();
    if (request.cancelled())
      throw new Interrupted('stopped while it waited for the lock; no strategy was changed');
    if (left <= 0) throw held(holder, clock.now());
    const ms = Math.min(POLL_MS, left);
    events.emit({ type: 'waiting', reason: holderText(holder, clock.now()), ms });
    await clock.sleep(ms);
  }
}

/** `null` when the lock is ours now, else who has it. */
async function tryOnce(
  { ledger }: LockPorts,
  { rows, me }: LockRequest,
): Promise<LockRecord | null> {
  const look = async (): Promise<Sighting> => {
    const holder = await lockIn(ledger.writer, rows);
    return holder?.run === me.run ? { effect: 'took effect', body: null } : { effect: 'did not' };
  };
  try {
    const body = lockRow(me);
    await ledger.send({ method: 'POST', path: rows, body }, { step: 'lock', look });
    return null;
  } catch (error) {
    if (!(error instanceof PlatformError && error.fault === 'conflict')) throw error;
    const holder = await lockIn(ledger.writer, rows);
    // The row was written by a try of ours that something on the way has repeated.
    if (holder?.run === me.run) return null;
    // No holder: released between the two requests.
    return holder ?? { ...me, holder: 'a run that has just ended', run: '' };
  }
}

/** Who holds the lock; `null` when nobody does. */
export async function lockIn(reader: Reader, rows: string): Promise<LockRecord | null> {
  const row = await rowAt(reader, rows, LOCK_KEY);
  return row === null ? null : lockOf(row);
}

/** Removes the lock of `run`; false when it is no longer there, or another's by now. */
export async function release(ledger: Ledger, rows: string, run: string): Promise<boolean> {
  const isOurs = async (): Promise<boolean> => (await lockIn(ledger.writer, rows))?.run === run;
  if (!(await isOurs())) return false;
  const look = async (): Promise<Sighting> =>
    (await isOurs()) ? { effect: 'did not' } : { effect: 'took effect', body: null };
  const path = rowPath(rows, LOCK_KEY);
  try {
    await ledger.send({ method: 'DELETE', path }, { step: 'unlock', look });
    return true;
  } catch (error) {
    if (error instanceof PlatformError && error.fault === 'gone') return false;
    throw error;
  }
}

function held(holder: LockRecord, nowMs: number): Refused {
  return new Refused('lock-held', `another run is at work: ${holderText(holder, nowMs)}`, {
    hint:
      'wait for it with --lock-timeout SECONDS; when that run is gone, strategos unlock releases ' +
      'its lock',
  });
}

const RARELY_LONGER_MS = 3_600_000;

/** `the lock is held by ada on ci-7 (apply, run 2026…, since 2026-11-23T07:31:02Z, 12 min)` */
export function holderText({ holder, host, command, run, at }: LockRecord, nowMs: number): string {
  const sinceMs = Date.parse(at);
  const known = Number.isFinite(sinceMs);
  const age = known ? `, ${ageText(nowMs - sinceMs)}` : '';
  const doubt =
    known && nowMs - sinceMs > RARELY_LONGER_MS
      ? '; runs rarely take that long: it may have been killed'
      : '';
  const where = host === '' ? '' : ` on ${visible(host)}`;
  const what = [command, run === '' ? '' : `run ${run}`, at === '' ? '' : `since ${at}`];
  const detail = what.filter((part) => part !== '').map(visible);
  return `the lock is held by ${visible(holder)}${where} (${detail.join(', ')}${age})${doubt}`;
}

function ageText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
