/**
 * One apply at a time. The lock is a row of the state table: inserting it fails while it is there,
 * which makes the insertion the decision. It never expires by itself, because nobody can tell a
 * slow run from a dead one from outside: a lock whose run is gone is named, and released by a
 * person.
 */
import { Interrupted, PlatformError, Refused } from '../core/errors.js';
import { LOCK_KEY, lockOf, lockRow, type LockRecord } from '../core/state.js';
import { rowPath } from '../core/table.js';
import { visible } from '../core/visible.js';
import type { Ledger } from './ledger.js';
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
}

const POLL_MS = 2000;

/** Resolves when the lock is ours; rejects with `Refused` when it stays another's. */
export async function acquire(ports: LockPorts, request: LockRequest): Promise<void> {
  const { clock, events } = ports;
  const deadline = clock.now() + request.patienceMs;
  for (let tries = 1; ; tries += 1) {
    const holder = await tryOnce(ports, request);
    if (holder === null) return;
    // Released between our two requests: worth one more try at once.
    if (tries === 1 && holder.run === '') continue;
    const left = deadline - clock.now();
    if (request.cancelled())
      throw new Interrupted('stopped while it waited for the lock; nothing was changed');
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
  try {
    const body = lockRow(me);
    await ledger.send({ method: 'POST', path: rows, body }, { step: 'lock' });
    return null;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.fault !== 'conflict' && error.fault !== 'unavailable') throw error;
    const holder = await lockIn(ledger.writer, rows);
    // The answer was lost, or was to an earlier try of the same request.
    if (holder?.run === me.run) return null;
    if (holder !== null) return holder;
    if (error.fault === 'unavailable') throw error;
    // Released between the two requests.
    return { ...me, holder: 'a run that has just ended', run: '' };
  }
}

/** Who holds the lock; `null` when nobody does. */
export async function lockIn(reader: Reader, rows: string): Promise<LockRecord | null> {
  try {
    const { body } = await reader.get(`${rowPath(rows, LOCK_KEY)}?showbrief=false`);
    return body === null ? null : lockOf(body);
  } catch (error) {
    if (error instanceof PlatformError && error.fault === 'gone') return null;
    throw error;
  }
}

/** Removes the lock of `run`; false when it is no longer there, or another's by now. */
export async function release(ledger: Ledger, rows: string, run: string): Promise<boolean> {
  const holder = await lockIn(ledger.writer, rows);
  if (holder?.run !== run) return false;
  const path = rowPath(rows, LOCK_KEY);
  try {
    await ledger.send({ method: 'DELETE', path }, { step: 'unlock' });
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
