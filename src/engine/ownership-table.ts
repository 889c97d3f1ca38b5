/** Keeps the org's own records of what is ours: see `core/state.ts` for what they say. */
import { leavesOthers } from '../core/drift.js';
import { PlatformError, Refused, saysGone } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import { kindName } from '../core/outcome.js';
import { sameOwner, type Owner } from '../core/owner.js';
import { recordKey } from '../core/record-key.js';
import type { WriteRequest } from '../core/resource.js';
import type { Start } from '../core/start.js';
import {
  recordRow,
  STATE_TABLE,
  type Ids,
  type MarkOf,
  type OldRow,
  type StateRecord,
} from '../core/state.js';
import { KEY, rowPath, ROW_PAGE, TABLE_LIMITS, wholeRow } from '../core/table.js';
import type { Address, Hash } from '../core/types.js';
import type { Table } from './homes.js';
import type { WriteContext, Ledger, ObservedEffect } from './ledger.js';
import { MOST_SINGLY } from './looks.js';
import { rowAt } from './observe.js';
import type { Imported, Line, RowFile, RowImports } from './row-import.js';

/** What an execution tells the org about its objects. */
export interface OwnershipStore {
  /** What the org remembered of the object before this run; `null` where nothing. */
  known(address: Address): StateRecord | null;
  /**
   * Before a create: whatever becomes of the run, the object is ours. `adopts`: id of what is there
   * and nobody's, and stays nobody's where the run does not come to its end.
   */
  reserve(address: Address, fields: JsonObject, adopts?: string): Promise<void>;
  /** The object is ours and has these fields; `isHalf`: not all of them were written now. */
  recordOwnership(
    address: Address,
    id: string,
    fields: JsonObject,
    isHalf?: boolean,
  ): Promise<void>;
  /** The object is no more. */
  release(address: Address): Promise<void>;
  /** The create came to nothing: an earlier claim, of what may be there, is the one to go by. */
  unreserve(address: Address): Promise<void>;
  /** Removes rows beside the record: of an older version, and in other tables. */
  tidy(address: Address): Promise<void>;
  /** Brings a record as it is from another table into ours. */
  move(address: Address): Promise<void>;
  /** As many claims or records at once, in a file. Those that it does not keep can go singly. */
  keepAll(step: 'claim' | 'record', notes: readonly Note[], imports: RowImports): Promise<Kept>;
}

/** What `reserve` and `recordOwnership` are told. */
export interface Note {
  readonly address: Address;
  /** `null` for a claim. */
  readonly id: string | null;
  readonly fields: JsonObject;
  /** Of a claim, the id of what is there and nobody's. */
  readonly adopts?: string;
}

export interface Kept {
  readonly addresses: ReadonlySet<Address>;
  /** Why others are not kept; empty when all are. */
  readonly why: string;
  /** Whether the others are kept will be known later. `error`: what kept us from seeing it. */
  readonly open: { readonly error: PlatformError | null } | null;
}

export interface OwnershipContext {
  /** Path of the rows of the state table. */
  readonly rows: string;
  /** Of that table; ours alone where they are not said. */
  readonly columns?: Table['columns'];
  readonly defaults?: Table['defaults'];
  readonly records: ReadonlyMap<string, StateRecord>;
  readonly owner: Owner;
  readonly run: string;
  /** That the run carries out. */
  readonly command?: string;
  /** What the names in an object's fields stand for now. */
  readonly idsOf?: (address: Address, fields: JsonObject) => Ids;
  /** With which keys are written. */
  readonly markOf: MarkOf;
  /** What is to be known of its optimizer; else what was known is kept. */
  readonly tuningOf?: (address: Address) => {
    readonly memory?: JsonObject;
    /** `null`: it has none now. */
    readonly start?: Start | null;
  };
  /** Told what keeps no record from being right. */
  readonly warn?: (text: string) => void;
  /** Asked before what can be left to a later run: true once the user wants this one to end. */
  readonly interrupted?: () => boolean;
}

export class OwnershipTable implements OwnershipStore {
  /** What has a row under the key of today. */
  private readonly kept: Set<string>;
  /** What has a row under the key of an older version. */
  private readonly old: Set<string>;
  /** Rows in other tables. */
  private readonly elsewhere: Map<string, readonly Place[]>;
  /** Old rows that this run could not remove. */
  private readonly stuck = new Set<string>();

  constructor(
    private readonly ledger: Ledger,
    private readonly context: OwnershipContext,
    private readonly hash: Hash,
  ) {
    const all = [...context.records.values()];
    const records = all.filter(({ moves, isMoved }) => moves?.only !== true && isMoved !== true);
    const having = (...rows: readonly (OldRow | undefined)[]): Set<string> =>
      new Set(records.filter(({ oldRow }) => rows.includes(oldRow)).map(addressOf));
    this.kept = having(undefined, 'left');
    this.old = having('only', 'left');
    this.elsewhere = new Map(
      all.flatMap((one) => (one.moves === undefined ? [] : [[one.address, one.moves.places]])),
    );
  }

  known(address: Address): StateRecord | null {
    return this.context.records.get(address) ?? null;
  }

  async reserve(address: Address, fields: JsonObject, adopts?: string): Promise<void> {
    const claim = this.record(address, null, fields);
    await this.put(adopts === undefined ? claim : { ...claim, adopts }, 'claim');
  }

  async recordOwnership(
    address: Address,
    id: string,
    fields: JsonObject,
    isHalf = false,
  ): Promise<void> {
    await this.put(this.record(address, id, fields, isHalf), 'record');
  }

  async unreserve(address: Address): Promise<void> {
    const known = this.known(address);
    const isClaim = known !== null && known.id === null && known.applied !== null;
    await (isClaim ? this.reserve(address, known.applied, known.adopts) : this.release(address));
  }

  async release(address: Address): Promise<void> {
    const { rows } = this.context;
    const remove = async (place: Place): Promise<void> => this.remove(address, place, 'release');
    // Other rows first: alone, one of them would be read again as the record.
    for (const place of this.elsewhere.get(address) ?? []) await remove(place);
    this.elsewhere.delete(address);
    if (this.old.has(address)) await remove({ rows, key: address });
    this.old.delete(address);
    if (this.kept.has(address)) await remove({ rows, key: this.keyOf(address) });
    this.kept.delete(address);
  }

  async move(address: Address): Promise<void> {
    const record = this.known(address);
    if (record?.moves?.only === true) await this.put(record, MERGE_STEP);
  }

  /** Rejects for nothing that the platform says: the record is right, whatever lies beside it. */
  async tidy(address: Address): Promise<void> {
    if (this.stuck.has(address)) return;
    const { rows } = this.context;
    const old = this.old.has(address) ? [{ rows, key: address }] : [];
    const elsewhere = this.elsewhere.get(address) ?? [];
    try {
      for (const place of old) await this.remove(address, place, MOVE_STEP);
      this.old.delete(address);
      for (const place of elsewhere) await this.remove(address, place, MERGE_STEP);
      this.elsewhere.delete(address);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      this.stuck.add(address);
      const which = this.old.has(address)
        ? `the row "${address}", which an older version wrote as the record of ${address},`
        : `a row in another data table, which was the record of ${address},`;
      this.context.warn?.(
        `${which} could not be removed: ${error.message}; it is read no more, and may be ` +
          'deleted by hand',
      );
    }
  }

  private async remove(address: Address, { rows, key }: Place, step: string): Promise<void> {
    const path = rowPath(rows, key);
    const look = async (): Promise<ObservedEffect> =>
      (await rowAt(this.ledger.writer, rows, key)) === null
        ? { effect: 'took effect', body: null }
        : { effect: 'did not' };
    try {
      await this.ledger.send({ method: 'DELETE', path }, { address, step, look });
    } catch (error) {
      if (!saysGone(error)) throw error;
    }
  }

  async keepAll(
    step: 'claim' | 'record',
    notes: readonly Note[],
    imports: RowImports,
  ): Promise<Kept> {
    const { rows, columns = OURS, defaults = {} } = this.context;
    const fitting = this.withRoom(notes);
    if (fitting.length === 0) return { addresses: new Set(), why: NO_ROOM, open: null };
    const lines = fitting.map(({ address, id, fields, adopts }): Line => {
      const taken = adopts === undefined ? {} : { adopts };
      const record = { ...this.record(address, id, fields), ...taken };
      const row = recordRow(record, this.hash, this.context.markOf);
      return { address, step, row: wholeRow({ columns, defaults }, row) };
    });
    const file: RowFile = { what: step, rows, columns, lines };
    const imported = await imports.run(file);
    if (imported.is === 'nothing') return { addresses: new Set(), why: imported.why, open: null };
    const { written, error } = await this.writtenBy(file, imported);
    const isOpen = imported.is === 'open' || error !== null;
    const { job } = imported;
    const why = error?.message ?? `import job ${job.id}: ${job.said}`;
    await imports.conclude(file, job, ({ address }) => {
      if (written.has(address)) return { state: 'sent', message: '' };
      return { state: isOpen ? 'open' : 'failed', message: why };
    });
    for (const address of written) this.kept.add(address);
    for (const address of written) {
      // What is left beside its record is removed by the next run as well.
      if (this.context.interrupted?.()) break;
      await this.tidy(address);
    }
    const all = written.size === lines.length;
    const left = fitting.length === notes.length ? '' : NO_ROOM;
    return { addresses: written, why: all ? left : why, open: isOpen ? { error } : null };
  }

  /** Rows that move are there twice for a while; more than the table has room for go singly. */
  private withRoom(notes: readonly Note[]): readonly Note[] {
    const isNew = ({ address }: Note): boolean => !this.kept.has(address);
    const room = TABLE_LIMITS.rows - OTHER_ROWS - this.kept.size - this.old.size;
    if (notes.filter(isNew).length <= room) return notes;
    return notes.filter(({ address }) => !this.old.has(address));
  }

  /** Only where the job did not write every row do the rows have to be looked at. */
  private async writtenBy(
    { lines }: RowFile,
    imported: Exclude<Imported, { readonly is: 'nothing' }>,
  ): Promise<{ readonly written: ReadonlySet<Address>; readonly error: PlatformError | null }> {
    if (imported.is === 'open') return { written: new Set(), error: imported.error };
    if (imported.job.complete) return { written: new Set(lines.map(addressOf)), error: null };
    try {
      const path = `${this.context.rows}?showbrief=false`;
      const rows = await this.ledger.writer.list(path, ROW_PAGE);
      const byKey = new Map(rows.map((row) => [textOf(row[KEY]), row]));
      // A listing lags behind what was just written.
      const missing = lines
        .map((line) => this.keyOf(line.address))
        .filter((key) => !byKey.has(key));
      const looks = missing.length > MOST_SINGLY ? [] : missing.map(async (key) => this.rowOf(key));
      for (const row of await Promise.all(looks))
        if (row !== null) byKey.set(textOf(row[KEY]), row);
      const isThere = ({ address, row }: Line): boolean =>
        OURS.every((name) => byKey.get(this.keyOf(address))?.[name] === row[name]);
      return { written: new Set(lines.filter(isThere).map(addressOf)), error: null };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      return { written: new Set(), error };
    }
  }

  /** As the row of this record would be written. */
  record(address: Address, id: string | null, applied: JsonObject, isHalf = false): StateRecord {
    const { owner, run, command, records, idsOf, tuningOf } = this.context;
    const known = records.get(address);
    const isWhole = id === null || known === undefined || !(isHalf || leavesOthers({ command }));
    const { beside, memory, start } = { ...records.get(address), ...tuningOf?.(address) };
    return {
      address,
      owner,
      id,
      applied,
      run,
      at: this.ledger.now(),
      ...(command === undefined ? {} : { command }),
      ...(idsOf === undefined ? {} : { ids: idsOf(address, applied) }),
      ...(start === undefined || start === null ? {} : { start }),
      ...(memory === undefined ? {} : { memory }),
      ...(beside === undefined ? {} : { beside }),
      ...(isWhole ? {} : { wholeAt: wholeAtOf(known) }),
    };
  }

  private keyOf(address: Address): string {
    return recordKey(address, this.hash, this.context.markOf(kindName(address)));
  }

  /** The row as it is in the table now; `null` where there is none. */
  private async rowOf(key: string): Promise<JsonObject | null> {
    return rowAt(this.ledger.writer, this.context.rows, key);
  }

  /** A row has a place to go to as long as its table is there, and nobody writes without it. */
  private async insert(request: WriteRequest, errand: WriteContext): Promise<void> {
    try {
      await this.ledger.send(request, errand);
    } catch (error) {
      if (!saysGone(error)) throw error;
      throw new Refused(
        'state-table-gone',
        `the data table of our records was deleted while the run was at work: ${error.message}`,
        { hint: 'apply again: it is made anew, and --adopt takes up what has lost its record' },
      );
    }
  }

  /** The insertion was refused because there is a row already, and it is ours. */
  private async isOurs(key: string, error: unknown): Promise<boolean> {
    if (!(error instanceof PlatformError && error.fault === 'conflict')) return false;
    const row = await this.rowOf(key);
    const owner = { name: textOf(row?.['owner']), environment: textOf(row?.['environment']) };
    return sameOwner(owner, this.context.owner);
  }

  private async put(record: StateRecord, step: string): Promise<void> {
    const { address } = record;
    const { rows } = this.context;
    const body = recordRow(record, this.hash, this.context.markOf);
    const insert = { method: 'POST', path: rows, body } as const;
    const key = this.keyOf(address);
    const replace = { method: 'PUT', path: rowPath(rows, key), body } as const;
    const look = async (): Promise<ObservedEffect> => {
      const row = await this.rowOf(key);
      const isWritten = row !== null && OURS.every((name) => row[name] === body[name]);
      return isWritten ? { effect: 'took effect', body: row } : { effect: 'did not' };
    };
    const errand = { address, step, look };
    if (!this.kept.has(address)) {
      await this.insert(insert, errand).catch(async (error: unknown) => {
        // A listing lags: the run before may have moved the row a moment ago. Or what had this name
        // before has left one, and is gone.
        const isRenamed = this.known(address)?.isMoved === true;
        const isMoved = this.old.has(address) || this.elsewhere.has(address) || isRenamed;
        if (!isMoved || !(await this.isOurs(key, error))) throw error;
        await this.ledger.send(replace, errand);
      });
    } else {
      try {
        await this.ledger.send(replace, errand);
      } catch (error) {
        // A person removed the row in between: it is written again.
        if (!saysGone(error)) throw error;
        await this.insert(insert, errand);
      }
    }
    this.kept.add(address);
    await this.tidy(address);
  }
}

/** Of runs that leave what others have made, versions before this one did not say since when. */
function wholeAtOf(record: StateRecord): string {
  return record.wholeAt ?? (leavesOthers(record) ? EVER : record.at);
}

const EVER = '1970-01-01T00:00:00.000Z';

/** Of the removal of an old row. */
export const MOVE_STEP = 'move';

/** Of a record that comes from another table into ours, and of the removal there. */
export const MERGE_STEP = 'merge';

type Place = NonNullable<StateRecord['moves']>['places'][number];

const NO_ROOM = 'the table has no room for as many rows twice';

/** Lock, heads and heirs: as many as there will ever be. */
const OTHER_ROWS = 100;

const OURS = [KEY, ...STATE_TABLE.columns.map(({ name }) => name)];

function addressOf({ address }: Pick<Line, 'address'>): Address {
  return address;
}
