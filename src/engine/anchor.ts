/** Leaves the head of a run's log in the org: `core/head.ts` says what for. */
import { PlatformError } from '../core/errors.js';
import {
  behind,
  chainedDetail,
  headDetail,
  HEAD_STEP,
  type Head,
  type HeadPlace,
  type HeadRecord,
} from '../core/head.js';
import { sameOwner, type Us } from '../core/owner.js';
import {
  headIn,
  headKey,
  headRow,
  oldHeadKey,
  stateOfRows,
  type FoundHead,
  type OldRow,
  type State,
} from '../core/state.js';
import { rowPath } from '../core/table.js';
import type { Hash } from '../core/types.js';
import type { Ledger, ObservedEffect } from './ledger.js';
import { lookUntil } from './looks.js';
import { rowAt } from './observe.js';
import type { Events, Reader } from './ports.js';

export interface AnchorPorts {
  readonly ledger: Ledger;
  readonly events: Events;
  readonly hash: Hash;
}

/** The last head that runs of this owner are known to have left, by their logs here. */
export type LastLeft = (owner: Us) => Promise<HeadRecord | null>;

interface SeenHead extends HeadPlace {
  readonly owner: Us;
  readonly key: string;
  readonly isThere: boolean;
  readonly oldRow: OldRow | null;
}

/** Of the removal of the row of an older version. */
const MOVE_HEAD_STEP = 'move head';

/**
 * The head of an owner, read by itself as well: what a listing shows of its row may be of another
 * time, and so may a single read. The later of the two is the one to go by.
 */
export async function headSeen(
  { reader, hash }: { readonly reader: Reader; readonly hash: Hash },
  rows: string,
  state: State,
  owner: Us,
): Promise<FoundHead | undefined> {
  const listed = headIn(state, owner, hash);
  const key = listed?.key ?? headKey(owner, hash);
  const isOld = [...state.records.values()].some(({ oldRow }) => oldRow !== undefined);
  const keys = [key, ...(listed?.oldRow === 'only' || isOld ? [oldHeadKey(key)] : [])];
  for (const one of keys) {
    const row = await rowAt(reader, rows, one);
    const found = row === null ? undefined : headIn(stateOfRows([row], hash), owner, hash);
    if (found === undefined) continue;
    if (listed === undefined) return found;
    const oldRow = one === key && listed.oldRow !== undefined ? 'left' : found.oldRow;
    const head = laterOf(listed.head, found.head);
    return { key, head, ...(oldRow === undefined ? {} : { oldRow }) };
  }
  return listed;
}

/** Either may lag. Within a chain the numbers tell, whatever clocks say. */
function laterOf(listed: Head | null, found: Head | null): Head | null {
  if (listed === null || found === null) return found;
  const isOlder =
    listed.chain === found.chain ? listed.number > found.number : listed.at > found.at;
  return isOlder ? listed : found;
}

/** An org that lags shows less than what runs in this folder are known to have left there. */
function further(shown: Head | null, left: HeadRecord | null): HeadRecord | null {
  if (shown === null || left === null) return shown ?? left;
  return shown.chain === left.chain && left.number > shown.number ? left : shown;
}

/** Of one run. Whoever holds the lock is alone with it. */
export class Anchor {
  private found: SeenHead | null = null;
  private done = false;

  constructor(
    private readonly ports: AnchorPorts,
    private readonly run: string,
    private readonly lastLeft: LastLeft,
  ) {}

  /** Puts on record what the org has as the head, and the place of this run behind it. */
  async find(state: State, owner: Us, rows: string): Promise<void> {
    const { ledger, events, hash } = this.ports;
    const there = await this.look(state, owner, rows);
    const known = further(there?.head ?? null, await this.lastLeft(owner));
    if (there?.head == null && known !== null) {
      const text =
        `the org no longer has the head of the audit log, which run ${known.run} had left as ` +
        `number ${known.number}: its row was deleted or changed; it is left again by this run`;
      events.emit({ type: 'warning', text });
    }
    const place = behind(known, this.run);
    const lost = there?.head == null && known !== null ? { lost: true } : {};
    await ledger.audit.append({
      type: 'chained',
      detail: { ...chainedDetail({ owner, ...place, previous: known }), ...lost },
    });
    const key = there?.key ?? headKey(owner, hash);
    const { oldRow = null } = there ?? {};
    const isThere = there !== undefined && oldRow !== 'only';
    this.found = { ...place, owner, key, isThere, oldRow };
  }

  /** Without the lock another run may come between: the place has to be found again. */
  forget(): void {
    this.found = null;
  }

  /**
   * A listing lags: what the run before has left a moment ago need not be in it, nor in the first
   * read of it by itself.
   */
  private async look(state: State, owner: Us, rows: string): Promise<FoundHead | undefined> {
    const { ledger, hash } = this.ports;
    // Whoever has records has left a head, most likely; of anybody else there is none.
    const isExpected = [...state.records.values()].some((one) => sameOwner(one.owner, owner));
    const look = async (): Promise<FoundHead | null> =>
      (await headSeen({ reader: ledger.writer, hash }, rows, state, owner)) ?? null;
    const isListed = headIn(state, owner, hash) !== undefined;
    let best: FoundHead | undefined;
    // One that is too new for a listing may have been replaced since: the last read shows that.
    await lookUntil(ledger.patience.clock, look, (found) => {
      const isOlder = best?.head != null && laterOf(best.head, found?.head ?? null) === best.head;
      if (found !== null && !isOlder) best = found;
      return isListed || !isExpected;
    });
    return best;
  }

  /** Once a run, while the lock is ours. Never rejects for what the platform says. */
  async leave(rows: string): Promise<void> {
    const last = this.ports.ledger.audit.last();
    if (this.found === null || this.done || last === null) return;
    this.done = true;
    const { chain, number, owner, key, isThere, oldRow } = this.found;
    const at = this.ports.ledger.now();
    const { seq, digest } = last;
    const head: Head = { chain, number, run: this.run, seq, digest, owner, at };
    try {
      await this.put(rows, key, head, isThere);
      if (oldRow !== null) await this.removeOld(rows, oldHeadKey(key));
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      const text =
        `the head of this run's log could not be left in the org: ${error.message}; ` +
        'audit verify --org cannot tell whether this run is whole';
      this.ports.events.emit({ type: 'warning', text });
    }
  }

  /** It is read no more: what keeps it from going is on record, and of no other consequence. */
  private async removeOld(rows: string, key: string): Promise<void> {
    const { ledger } = this.ports;
    const request = { method: 'DELETE', path: rowPath(rows, key) } as const;
    await ledger.send(request, { step: MOVE_HEAD_STEP }).catch((error: unknown) => {
      if (!(error instanceof PlatformError)) throw error;
    });
  }

  private async put(rows: string, key: string, head: Head, isThere: boolean): Promise<void> {
    const { ledger } = this.ports;
    const body = headRow(key, head);
    const look = async (): Promise<ObservedEffect> => {
      const row = await rowAt(ledger.writer, rows, key);
      const isLeft = row?.['applied'] === body['applied'];
      return isLeft ? { effect: 'took effect', body: row } : { effect: 'did not' };
    };
    const errand = { step: HEAD_STEP, detail: { head: headDetail(head) }, look };
    const insert = { method: 'POST', path: rows, body } as const;
    const replace = { method: 'PUT', path: rowPath(rows, key), body } as const;
    const [first, second] = isThere ? [replace, insert] : [insert, replace];
    try {
      await ledger.send(first, errand);
    } catch (error) {
      // A person removed the row, or made one, since it was read.
      const isOther =
        error instanceof PlatformError && (error.fault === 'gone' || error.fault === 'conflict');
      if (!isOther) throw error;
      await ledger.send(second, errand);
    }
  }
}
