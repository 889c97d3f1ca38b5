/**
 * One apply at a time. The lock is a row of the state table: inserting it fails while it is there,
 * which makes the insertion the decision. It never expires by itself, because nobody can tell a
 * slow run from a dead one from outside: a lock whose run is gone is named, and released by a
 * person, or by a later run on the same machine that knows its process to be gone, or by one
 * anywhere to which GitHub says that the workflow run behind it has ended.
 *
 * A single read may lag behind the write before it. That the lock is gone or another's is believed
 * once several reads say so; that it is ours needs one.
 */
import { Interrupted, PlatformError, Refused, saysGone } from '../core/errors.js';
import { heirKey, LOCK_KEY, lockOf, lockRow, type LockRecord } from '../core/state.js';
import { rowPath } from '../core/table.js';
import { visible } from '../core/visible.js';
import { attemptText, type AttemptState, type WorkflowAttempt } from '../core/workflow.js';
import type { Ledger, ObservedEffect } from './ledger.js';
import { lookUntil } from './looks.js';
import { rowAt } from './observe.js';
import { steadyMs, type Clock, type Events, type Reader } from './ports.js';

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
  /** Asks GitHub whether the workflow run of a holder has ended; absent: nobody is to be asked. */
  readonly stateOf?: (attempt: WorkflowAttempt) => Promise<AttemptState>;
}

/** Of the write by which a lock is given back. */
export const UNLOCK_STEP = 'unlock';

const POLL_MS = 2000;
/** GitHub is asked about the same holder no more often than this. */
const ASK_AGAIN_MS = 30_000;

/**
 * Resolves when the lock is ours; rejects with `Refused` when it stays another's. Gives the keys of
 * the rows by which it took over from runs that are gone: to be removed when ours has ended.
 */
export async function acquire(ports: LockPorts, request: LockRequest): Promise<readonly string[]> {
  const { clock, events } = ports;
  // A lock is dated by the platform's clock, as every record is: another machine's may be wrong.
  const nowMs = (): number => ports.ledger.writer.nowMs();
  const deadline = steadyMs(clock) + request.patienceMs;
  const inquiry = new Inquiry(ports, request);
  for (let tries = 1; ; tries += 1) {
    const holder = await tryOnce(ports, request);
    if (holder === null) return inquiry.heirKeys;
    // Released between our two requests: worth one more try at once.
    if (tries === 1 && holder.run === '') continue;
    if (await inquiry.isGone(holder)) {
      const text = `${holderText(holder, nowMs())}: that run is gone, its lock is released`;
      events.emit({ type: 'warning', text });
      await release(ports.ledger, request.rows, holder.run);
      continue;
    }
    const left = deadline - steadyMs(clock);
    if (request.cancelled())
      throw new Interrupted('stopped while it waited for the lock; no strategy was changed');
    if (left <= 0) throw held(holder, nowMs(), inquiry.doubt);
    const ms = Math.min(POLL_MS, left);
    events.emit({ type: 'waiting', reason: holderText(holder, nowMs()), ms });
    await clock.sleep(ms);
  }
}

/** What is found out about holders of the lock while we wait for it. */
class Inquiry {
  readonly heirKeys: string[] = [];
  /** Why nobody can tell whether the last holder is gone; empty where somebody can. */
  doubt = '';
  private readonly known = new Set<string>();
  private nextAskMs = -Infinity;

  constructor(
    private readonly ports: LockPorts,
    private readonly request: LockRequest,
  ) {}

  /** True: its lock is to be released, and by nobody but us. */
  async isGone(holder: LockRecord): Promise<boolean> {
    const { isGone } = this.request;
    if (!this.known.has(holder.run)) {
      this.known.add(holder.run);
      this.nextAskMs = -Infinity;
      this.doubt = '';
      // The folder of runs and GitHub may each tell somebody: the row decides between them.
      if (await isGone(holder)) return this.isHeirOf(holder.run);
    }
    const nowMs = steadyMs(this.ports.clock);
    if (holder.attempt === undefined || nowMs < this.nextAskMs) return false;
    this.nextAskMs = nowMs + ASK_AGAIN_MS;
    const state = await this.stateOf(holder.attempt);
    this.doubt = state.is === 'unknown' ? state.why : '';
    return state.is === 'ended' && this.isHeirOf(holder.run);
  }

  private async stateOf(attempt: WorkflowAttempt): Promise<AttemptState> {
    const { stateOf } = this.request;
    return stateOf === undefined ? { is: 'unknown', why: 'nobody was asked' } : stateOf(attempt);
  }

  /**
   * Two that release one lock one after the other would release each other's. Inserting a row is
   * the decision here as well; where whoever made it is gone itself, its heir is looked for.
   */
  private async isHeirOf(run: string): Promise<boolean> {
    const { me, rows, isGone } = this.request;
    const { ledger } = this.ports;
    let of = run;
    for (let heirs = 0; heirs < MOST_HEIRS; heirs += 1) {
      const key = heirKey(of);
      const heir = await insert(ledger, rows, { me: { ...me, at: ledger.now() }, key });
      if (heir === null) {
        this.heirKeys.push(key);
        return true;
      }
      const { attempt } = heir;
      const ended = attempt !== undefined && (await this.stateOf(attempt)).is === 'ended';
      if (heir.run === '' || !(ended || (await isGone(heir)))) return false;
      of = heir.run;
    }
    return false;
  }
}

/** Runs that were lost one after the other while they took over the same lock. */
const MOST_HEIRS = 100;

/** `null` when the lock is ours now, else who has it. */
async function tryOnce(
  { ledger }: LockPorts,
  { rows, me }: LockRequest,
): Promise<LockRecord | null> {
  return insert(ledger, rows, { me, key: LOCK_KEY });
}

/** `null` when the row is ours now, else whose it is. */
async function insert(
  ledger: Ledger,
  rows: string,
  { me, key }: { readonly me: LockRecord; readonly key: string },
): Promise<LockRecord | null> {
  const look = async (): Promise<ObservedEffect> => {
    const holder = await holderIn(ledger.writer, rows, key);
    return holder?.run === me.run ? { effect: 'took effect', body: null } : { effect: 'did not' };
  };
  const step = key === LOCK_KEY ? 'lock' : 'take over the lock';
  try {
    await ledger.send({ method: 'POST', path: rows, body: lockRow(me, key) }, { step, look });
    return null;
  } catch (error) {
    if (!(error instanceof PlatformError && error.fault === 'conflict')) throw error;
    // It is there, and what reads may not show it yet.
    const holder = await seen(ledger, rows, { key, until: (one) => one !== null });
    // The row was written by a try of ours that something on the way has repeated.
    if (holder?.run === me.run) return null;
    // No holder: released between the two requests.
    return holder ?? { ...me, holder: 'a run that has just ended', run: '' };
  }
}

interface Seeing {
  readonly key: string;
  /** What needs no second look. */
  readonly until: (holder: LockRecord | null) => boolean;
}

/** Looks several times where it has to: a single read may lag behind. */
async function seen(
  { writer, patience }: Ledger,
  rows: string,
  { key, until }: Seeing,
): Promise<LockRecord | null> {
  return lookUntil(patience.clock, async () => holderIn(writer, rows, key), until);
}

/** Who holds the lock; `null` when nobody does. */
export async function lockIn(reader: Reader, rows: string): Promise<LockRecord | null> {
  return holderIn(reader, rows, LOCK_KEY);
}

/** The same for whoever ends with that answer: several reads have to agree that nobody does. */
export async function lockSeenIn(ledger: Ledger, rows: string): Promise<LockRecord | null> {
  return seen(ledger, rows, { key: LOCK_KEY, until: (one) => one !== null });
}

async function holderIn(reader: Reader, rows: string, key: string): Promise<LockRecord | null> {
  const row = await rowAt(reader, rows, key);
  return row === null ? null : lockOf(row);
}

/**
 * Removes the lock of `run`; false when it is no longer there, or another's by now. `before`: done
 * while the lock is still there.
 */
export async function release(
  ledger: Ledger,
  rows: string,
  run: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<boolean> {
  const isIts = (holder: LockRecord | null): boolean => holder?.run === run;
  if (!isIts(await seen(ledger, rows, { key: LOCK_KEY, until: isIts }))) return false;
  await before();
  let isOpen = false;
  const look = async (): Promise<ObservedEffect> => {
    isOpen = true;
    const isThere = isIts(await seen(ledger, rows, { key: LOCK_KEY, until: isIts }));
    return isThere ? { effect: 'did not' } : { effect: 'took effect', body: null };
  };
  try {
    await ledger.send(
      { method: 'DELETE', path: rowPath(rows, LOCK_KEY) },
      { step: UNLOCK_STEP, look },
    );
    return true;
  } catch (error) {
    // Gone after a try of ours whose answer was lost: that was the one, whatever a read has shown.
    if (saysGone(error)) return isOpen;
    throw error;
  }
}

/** A run that cannot record anything any more gives its lock back all the same, unrecorded. */
export async function releaseUnrecorded(
  ledger: Ledger,
  rows: string,
  run: string,
): Promise<boolean> {
  const isIts = (holder: LockRecord | null): boolean => holder?.run === run;
  if (!isIts(await seen(ledger, rows, { key: LOCK_KEY, until: isIts }))) return false;
  await ledger.writer.send({ method: 'DELETE', path: rowPath(rows, LOCK_KEY) });
  return true;
}

/** Removes the row by which we took over from a run that was gone; what is left of one is inert. */
export async function removeHeir(ledger: Ledger, rows: string, key: string): Promise<void> {
  const path = rowPath(rows, key);
  await ledger.send({ method: 'DELETE', path }, { step: 'take over the lock' });
}

function held(holder: LockRecord, nowMs: number, doubt: string): Refused {
  const unknown = doubt === '' ? '' : `; whether its workflow run has ended is not known: ${doubt}`;
  return new Refused(
    'lock-held',
    `another run is at work: ${holderText(holder, nowMs)}${unknown}`,
    {
      hint:
        'wait for it with --lock-timeout SECONDS; when that run is gone, strategos unlock ' +
        'releases its lock',
    },
  );
}

const RARELY_LONGER_MS = 3_600_000;

/** `the lock is held by ada on ci-7 (apply, run 2026…, since 2026-11-23T07:31:02Z, 12 min)` */
export function holderText(lock: LockRecord, nowMs: number): string {
  const { holder, host, command, run, at, attempt } = lock;
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
  const workflow = attempt === undefined ? '' : `, workflow run ${visible(attemptText(attempt))}`;
  const about = `${detail.join(', ')}${age}${workflow}`;
  // A row that somebody has emptied is a lock all the same.
  const who = holder === '' ? 'somebody whose name the row does not have' : visible(holder);
  const parts = about === '' ? '' : ` (${about.replace(/^, /, '')})`;
  return `the lock is held by ${who}${where}${parts}${doubt}`;
}

function ageText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
