/**
 * What became of writes that an earlier run has left open, because it was killed or never got an
 * answer: read from what was just observed, and looked at once more where a listing has nothing,
 * because listings lag.
 *
 * Only a run that holds the lock may say so: whoever else wrote under this environment has ended.
 */
import type { OpenIntent, OpenRun } from '../core/audit.js';
import { same } from '../core/canonical.js';
import { isObject, textOf, type JsonObject } from '../core/json.js';
import type { KindOf } from '../core/kind.js';
import { kindName } from '../core/outcome.js';
import { KEY, rowPath } from '../core/table.js';
import type { Address, Live } from '../core/types.js';
import { itemOrNull, liveOf, type Observation } from './observe.js';
import type { Reader } from './ports.js';

export interface Settlement {
  readonly state: 'took effect' | 'did not' | 'unknown';
  readonly message: string;
}

/** Steps that a run takes before it has the lock, or while it gives it back. */
const WITHOUT_LOCK: ReadonlySet<string> = new Set(['lock', 'unlock', 'table']);

/** Of more than these the listing has the word: a request each would take minutes. */
const MOST_LOOKS = 20;

/**
 * The runs among `open` that whoever holds the lock may settle. A run of which nobody knows whether
 * it is over may still be waiting for the lock, unless it has written what only its holder writes.
 */
export function settleable(open: readonly OpenRun[], organization: string): OpenRun[] {
  return open.filter(
    (one) =>
      (one.organization ?? organization) === organization &&
      (one.isOver || one.intents.some(({ step }) => !WITHOUT_LOCK.has(step))),
  );
}

/** Says of each open write of one run what the org shows of it. */
export class Settler {
  private looks = 0;

  constructor(
    private readonly reader: Reader,
    private readonly observation: Observation,
    private readonly backend: string,
    private readonly kindOf: KindOf,
  ) {}

  /** Rejects with a `PlatformError` when the org cannot be looked at. */
  async settlementOf(intent: OpenIntent, run: string): Promise<Settlement> {
    const { homes, state } = this.observation;
    const { address, step, body } = intent;
    switch (step) {
      case 'lock':
        return { state: 'unknown', message: 'its lock was never taken, or released in between' };
      case 'unlock':
        return yes(true);
      case 'table':
        return yes(!homes.missing.some(({ name }) => name === textOf(body?.['name'])));
      case 'claim':
      case 'record': {
        const record = state.records.get(address ?? '');
        const row = record === undefined ? await this.lookAgain(intent) : null;
        const by = record?.run ?? row?.['run'];
        const object = record === undefined ? row?.['object'] : (record.id ?? '');
        return yes(by === run && object === textOf(body?.['object']));
      }
      case 'release':
        return yes(!state.records.has(address ?? ''));
      default: {
        // The request for an import: without its file it changes nothing.
        if (address === null) return { state: 'unknown', message: 'it changes nothing by itself' };
        return this.objectSettlement(intent, await this.liveAt(intent));
      }
    }
  }

  private async liveAt(intent: OpenIntent): Promise<Live | null> {
    const { live, catalog } = this.observation;
    const { address, step } = intent;
    const listed = live.find((one) => one.address === address) ?? null;
    if (listed !== null || step === 'delete') return listed;
    const entity = await this.lookAgain(intent);
    if (entity === null) return null;
    return liveOf(this.kindOf(kindName(address ?? '/')), this.backend, entity, catalog);
  }

  /** What is not in a listing, asked for by itself; `null` where it cannot be, or is not there. */
  private async lookAgain({
    address,
    step,
    request,
    body,
  }: OpenIntent): Promise<JsonObject | null> {
    const key = textOf(body?.[KEY]);
    // Not the path of the request: rows that went in a file were sent to that of its import.
    const rows = key === '' ? null : this.rowsOf(step, address);
    const item = rows === null ? request.path : `${rowPath(rows, key)}?showbrief=false`;
    if ((rows === null && request.method === 'POST') || this.looks >= MOST_LOOKS) return null;
    this.looks += 1;
    return itemOrNull(this.reader, item);
  }

  private rowsOf(step: string, address: Address | null): string | null {
    const { homes } = this.observation;
    if (step === 'claim' || step === 'record') return homes.state?.rows ?? null;
    return homes.tables.get(kindName(address ?? '/'))?.rows ?? null;
  }

  private objectSettlement(
    { address, step, before, after, body }: OpenIntent,
    live: Live | null,
  ): Settlement {
    if (step === 'delete') return yes(live === null);
    if (live === null) {
      if (step === 'create') return yes(false);
      return { state: 'unknown', message: 'it was deleted since' };
    }
    const { content } = this.kindOf(kindName(address ?? live.address));
    const is = (fields: JsonObject | null): boolean =>
      isObject(fields) &&
      content
        .filter((key) => Object.hasOwn(fields, key))
        .every((key) => same(live.fields[key], fields[key]));
    const status = textOf(body?.['status']);
    const hasStatus =
      status === '' || live.state === status || (status === 'active' && live.state !== 'draft');
    if (is(after) && hasStatus) return yes(true);
    if (step !== 'create' && is(before)) return yes(false);
    if (is(after)) return yes(false);
    return { state: 'unknown', message: 'it was changed since, by this write or by somebody else' };
  }
}

function yes(took: boolean): Settlement {
  return { state: took ? 'took effect' : 'did not', message: '' };
}
