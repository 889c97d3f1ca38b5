/**
 * What became of writes that an earlier run has left open, because it was killed or never got an
 * answer: read from what was just observed, and looked at once more where a listing has nothing,
 * because listings lag.
 *
 * Only a run that holds the lock may say so: whoever else wrote under this environment has ended.
 */
import type { OpenIntent, OpenRun } from '../core/audit.js';
import { same } from '../core/canonical.js';
import { PlatformError } from '../core/errors.js';
import { isObject, textOf, type JsonObject } from '../core/json.js';
import { kindName, objectName } from '../core/outcome.js';
import { isMadeOf, isWrittenAs } from '../core/ownership.js';
import { isStillThere } from '../core/undone.js';
import { partedFields, partOfStep } from '../core/part.js';
import type { Part, PartRequest } from '../core/resource.js';
import { KEY, rowPath } from '../core/table.js';
import type { Address, Live } from '../core/types.js';
import type { Binding } from './bind.js';
import { rootOf } from './homes.js';
import { isGone } from './listings.js';
import { MERGE_STEP } from './ownership-table.js';
import { itemsOf } from './parts.js';
import { itemOrNull, LISTED_WITHIN_MS, liveOf, type Observation } from './observe.js';
import type { Reader } from './ports.js';

export interface IntentEffect {
  readonly state: 'took effect' | 'did not' | 'unknown';
  readonly message: string;
}

/** Steps that a run takes before it has the lock, or while it gives it back. */
const WITHOUT_LOCK: ReadonlySet<string> = new Set(['lock', 'unlock', 'table']);

/** Begins the steps of a doctor, which never takes the lock: it writes to a table of its own. */
export const DOCTOR_STEP = 'doctor';

function isWithoutLock(step: string): boolean {
  return WITHOUT_LOCK.has(step) || step.startsWith(DOCTOR_STEP);
}

/** Of more than these the listing has the word: a request each would take minutes. */
const MOST_LOOKS = 20;

/** Nobody has looked. */
const UNSEEN = Symbol('unseen');

/**
 * The runs among `open` that whoever holds the lock may settle. A run of which nobody knows whether
 * it is over may still be waiting for the lock, unless it has written what only its holder writes.
 */
export function closable(open: readonly OpenRun[], organization: string): OpenRun[] {
  return open.filter(
    (one) =>
      (one.organization ?? organization) === organization &&
      (one.isOver || one.intents.some(({ step }) => !isWithoutLock(step))),
  );
}

/** Says of each open write of one run what the org shows of it. */
export class IntentCloser {
  private looks = 0;
  /** Items of parts that were asked for, by object and part. */
  private readonly below = new Map<string, readonly JsonObject[]>();

  constructor(
    private readonly reader: Reader,
    private readonly observation: Observation,
    private readonly binding: Binding,
    private readonly nowMs: number,
  ) {}

  /** Rejects with a `PlatformError` when the org cannot be looked at. */
  async effectOf(intent: OpenIntent, run: string): Promise<IntentEffect> {
    const { homes, state } = this.observation;
    const { address, step, body, request } = intent;
    if (step.startsWith(DOCTOR_STEP)) return { state: 'unknown', message: DOCTORS };
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
        if (row === UNSEEN) return this.unseen(intent, run);
        const by = record?.run ?? row?.['run'];
        const object = record === undefined ? row?.['object'] : (record.id ?? '');
        const at = textOf(record?.at ?? row?.['at'] ?? '');
        const dated = textOf(body?.['at'] ?? '');
        // One run may have written it more than once: what stands there is of the last that did.
        const isOther = by !== run || (dated !== '' && at !== dated);
        // Written since, over this or over what was there before it.
        if (isOther && record !== undefined && isLater(record.at, intent)) return WRITTEN_AGAIN;
        return yes(!isOther && object === textOf(body?.['object']));
      }
      case 'head': {
        const left = [...state.heads.values()].flatMap((head) => head ?? []);
        if (left.some((head) => head.run === run)) return yes(true);
        if (left.some(({ at }) => isLater(at, intent))) {
          return { state: 'unknown', message: 'another run has left its own since' };
        }
        return yes(false);
      }
      case 'transfer': {
        const record = state.records.get(address ?? '');
        if (record === undefined) return { state: 'unknown', message: 'its record is gone' };
        const { name, environment } = record.owner;
        return yes(name === body?.['owner'] && environment === body['environment']);
      }
      case 'release': {
        const record = state.records.get(address ?? '');
        if (record !== undefined) return isLater(record.at, intent) ? WRITTEN_AGAIN : yes(false);
        // The row may be in a table that this environment looked at before, or in no listing yet.
        const row = await this.itemAt(`${request.path}?showbrief=false`);
        return row === UNSEEN ? UNLOOKED : yes(row === null);
      }
      case 'move':
        return yes(state.records.get(address ?? '')?.oldRow === undefined);
      case MERGE_STEP: {
        const record = state.records.get(address ?? '');
        const isHere = record !== undefined && record.moves?.only !== true;
        return yes(request.method === 'POST' ? isHere : record?.moves === undefined);
      }
      case 'move head':
        return yes(state.oldHeads === undefined);
      default: {
        // The request for an import: without its file it changes nothing.
        if (address === null) return { state: 'unknown', message: 'it changes nothing by itself' };
        if (!this.binding.knows(kindName(address))) return NOT_KNOWN;
        const field = partOfStep(step);
        if (field !== null) return this.effectOfPart(intent, field);
        const live = await this.liveAt(intent);
        return live === UNSEEN ? this.unseen(intent, run) : this.objectSettlement(intent, live);
      }
    }
  }

  /** A part is asked for anew: the manifest may not name it any more. */
  private async effectOfPart(intent: OpenIntent, field: string): Promise<IntentEffect> {
    const { live, homes } = this.observation;
    const of = live.find((one) => one.address === intent.address);
    if (of === undefined) return { state: 'unknown', message: 'its object is not there any more' };
    const bound = this.binding.of(of.kind);
    const part = bound.resource.parts?.find((one) => one.field === field);
    const root = rootOf(bound, homes);
    if (part === undefined || root === null) return UNLOOKED;
    const items = await this.itemsBelow(part, root, of.id);
    if (items === null) return UNLOOKED;
    const { method, path } = intent.request;
    const requestOf = (body: PartRequest['body'] | null): PartRequest =>
      ({ method, path, ...(body === null ? {} : { body }) }) as PartRequest;
    const isFresh = this.isFresh(intent.at);
    if (intent.items === undefined && part.isDone(requestOf(intent.body), items)) return yes(true);
    const no = async (): Promise<IntentEffect> => {
      if (isFresh && part.isSeenLate === true) return UNSEEN_YET;
      const isRow = isFresh && part.rows !== undefined && method === 'POST';
      return isRow
        ? this.effectOfRow(intent, part.rows, bound.resource.itemPath(root, of.id))
        : yes(false);
    };
    if (intent.items === undefined) return no();
    // Many in one request: what it did of them is told, where it did not do all of it.
    const done = intent.items.filter((item) => part.isDone(requestOf([item]), items)).length;
    if (done === intent.items.length) return yes(true);
    if (done === 0) return no();
    const message = `${done} of its ${intent.items.length} entries are as it was to make them`;
    return { state: 'unknown', message };
  }

  /** A new row is in listings a while later, as a new object is: it is asked for by its key. */
  private async effectOfRow(
    { items, body }: OpenIntent,
    rows: NonNullable<Part['rows']>,
    at: string,
  ): Promise<IntentEffect> {
    const row = items === undefined ? body : (items[0] ?? null);
    if (row === null) return yes(false);
    const found = await this.itemAt(`${rowPath(rows.path(at), rows.keyOf(row))}?showbrief=false`);
    if (found === UNSEEN) return UNSEEN_YET;
    if (found === null || !same(found, row)) return yes(false);
    // Of a file this is one of many.
    return items === undefined ? yes(true) : UNSEEN_YET;
  }

  /** What is below an object now, asked for once; `null` where too much was asked for already. */
  private async itemsBelow(
    part: Part,
    root: string,
    id: string,
  ): Promise<readonly JsonObject[] | null> {
    const key = `${root}/${id} ${part.field}`;
    const known = this.below.get(key);
    if (known !== undefined) return known;
    if (this.looks >= MOST_LOOKS) return null;
    this.looks += 1;
    const items = await itemsOf(this.reader, part, root, id);
    this.below.set(key, items);
    return items;
  }

  /** Not in a listing, and not to be asked for by itself: true of what is too new for a listing. */
  private unseen({ address, at }: OpenIntent, run: string): IntentEffect {
    // Its claim was written just before it, and is dated by the platform's clock.
    const claim = this.observation.state.records.get(address ?? '');
    const dated = claim?.run === run ? claim.at : at;
    if (!this.isFresh(dated)) return yes(false);
    return { state: 'unknown', message: 'it is in no listing, and may be too new for one' };
  }

  /**
   * It may be in no listing yet. An intent is dated by the clock of a machine: of one that is ahead
   * of the platform's nobody knows how old it is, and it is not taken for old; nor is one whose
   * date nobody can read.
   */
  private isFresh(at: string): boolean {
    return !(this.nowMs - Date.parse(at) >= LISTED_WITHIN_MS);
  }

  private async liveAt(intent: OpenIntent): Promise<Live | null | typeof UNSEEN> {
    const { live, catalog } = this.observation;
    const { address, step } = intent;
    const listed = live.find((one) => one.address === address) ?? null;
    if (listed !== null || step === 'delete') return listed;
    const entity = await this.lookAgain(intent);
    if (entity === null || entity === UNSEEN) return entity;
    const bound = this.binding.of(kindName(address ?? '/'));
    return isGone(bound.resource, entity) ? null : liveOf(bound, entity, catalog);
  }

  /** What is not in a listing, asked for by itself; `null` where it is not there. */
  private async lookAgain({
    address,
    step,
    request,
    body,
  }: OpenIntent): Promise<JsonObject | null | typeof UNSEEN> {
    const key = textOf(body?.[KEY]);
    // Not the path of the request: rows that went in a file were sent to that of its import.
    const rows = key === '' ? null : this.rowsOf(step, address);
    const item = rows === null ? request.path : `${rowPath(rows, key)}?showbrief=false`;
    return rows === null && request.method === 'POST' ? UNSEEN : this.itemAt(item);
  }

  private async itemAt(path: string): Promise<JsonObject | null | typeof UNSEEN> {
    if (this.looks >= MOST_LOOKS) return UNSEEN;
    this.looks += 1;
    try {
      return await itemOrNull(this.reader, path);
    } catch (error) {
      // One object that cannot be shown must not keep every later run from its work.
      const isOne = error instanceof PlatformError && error.fault === 'rejected';
      if (isOne) return UNSEEN;
      throw error;
    }
  }

  private rowsOf(step: string, address: Address | null): string | null {
    const { homes } = this.observation;
    if (step === 'claim' || step === 'record') return homes.state?.rows ?? null;
    return homes.tables.get(kindName(address ?? '/'))?.rows ?? null;
  }

  private objectSettlement(
    { address, step, before, after, body }: OpenIntent,
    live: Live | null,
  ): IntentEffect {
    if (step === 'delete') return yes(live === null);
    if (live === null) {
      if (step === 'create') return yes(false);
      return { state: 'unknown', message: 'it was deleted since' };
    }
    // It was to give another name, and the org has the old one.
    if (live.previously !== undefined && textOf(body?.['name']) === live.name) return yes(false);
    const { kind, resource } = this.binding.of(kindName(address ?? live.address));
    const is = (fields: JsonObject | null): boolean =>
      isObject(fields) &&
      (step === 'create'
        ? isMadeOf(kind, live.fields, fields, objectName(live.address))
        : isWrittenAs(kind, live.fields, partedFields(resource, fields).own));
    const [was, then] = [before, after].map((one) => partedFields(resource, one ?? {}).own);
    // A write that only takes something out asks for nothing that was not there before.
    const effect = { before: was ?? {}, after: then ?? {} };
    const isLeft = step === 'update' && isStillThere(kind.fields, live.fields, effect);
    if (isLeft && is(before)) return yes(false);
    const status = textOf(body?.['status']);
    const hasStatus = status === '' || live.state === status;
    if (is(after) && hasStatus) return yes(true);
    if (is(after) && status === 'active' && live.state !== 'draft') {
      // Under way, or failed since; but an activation may have failed before this one as well.
      if (!same(before?.['status'], live.fields['status'])) return yes(true);
      return { state: 'unknown', message: 'its activation had ended so before' };
    }
    if (step !== 'create' && is(before)) return yes(false);
    if (is(after)) return yes(false);
    return { state: 'unknown', message: 'it was changed since, by this write or by somebody else' };
  }
}

/** The row to be written is dated by the platform's clock; its intent is by a machine's. */
function isLater(at: string, intent: OpenIntent): boolean {
  return Date.parse(at) > Date.parse(textOf(intent.body?.['at']) || intent.at);
}

const DOCTORS = 'it was in a table of its own, which the next doctor --write removes';

const UNSEEN_YET: IntentEffect = {
  state: 'unknown',
  message: 'it is not to be seen, and may be too new to be',
};

const WRITTEN_AGAIN: IntentEffect = { state: 'unknown', message: 'it was written again since' };

const UNLOOKED: IntentEffect = { state: 'unknown', message: 'nobody has looked at it' };

const NOT_KNOWN: IntentEffect = {
  state: 'unknown',
  message: 'a newer version has made it, of a kind that this one does not know',
};

function yes(took: boolean): IntentEffect {
  return { state: took ? 'took effect' : 'did not', message: '' };
}
