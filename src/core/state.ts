/**
 * What the org itself remembers about our objects, in a data table beside them: whose each one is,
 * what was last applied to it, and who is applying now. A person can read it in the admin UI, and
 * losing it loses no strategy: what it said is then learnt again by adoption, never by guessing.
 *
 * A *record* is a row with a key made of an address: see `record-key.ts`. It is written before its
 * object is created and has no object id until that has happened, so that a run that was killed in
 * between leaves a claim and not a stranger. The *lock* is a row too; inserting a row whose key is
 * there already fails, which is all that a lock needs. The *head* of an owner is one more row: see
 * `head.ts`.
 *
 * Versions before this one wrote records and heads under keys that a path has to escape. Such a row
 * is read as long as there is no other; when it is next to be written, it is written under the key
 * of today, and the *old row* goes. A run that was killed in between leaves both, and the one of
 * today is the one to go by.
 */
import { canonical, digestOf } from './canonical.js';
import { headDetail, headRecordOf, type Head, type HeadRecord } from './head.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import { kindName } from './outcome.js';
import { sameOwner, type Owner, type Us } from './owner.js';
import { startIn, startJson, type Start } from './start.js';
import { addressAt, isCut, isOldKey, recordKey } from './record-key.js';
import { shortened } from './shortened.js';
import { KEY, TABLE_LIMITS, type TableSpec } from './table.js';
import type { Address, Hash } from './types.js';
import { attemptIn, attemptText, type WorkflowAttempt } from './workflow.js';

/** Ids of the objects that names stood for, by what they are: queue or skill. */
export type Ids = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The row under the key of an older version is all there is, or is left beside today's. */
export type OldRow = 'only' | 'left';

export interface StateRecord {
  readonly address: Address;
  readonly owner: Owner;
  /** `null` from the claim until the object was created. */
  readonly id: string | null;
  /** The fields that an apply last gave the object; `null` when that is not known. */
  readonly applied: JsonObject | null;
  /** What the names in `applied` stood for; absent in records of versions that kept none. */
  readonly ids?: Ids;
  /** Of a claim: `applied` in the names of today, where something in it was renamed since. */
  readonly called?: JsonObject;
  /** Of the claim of an adoption: id of what was there before, and was nobody's. */
  readonly adopts?: string;
  /** Where the optimizer was last told to start; absent where it never was. */
  readonly start?: Start;
  /** What the optimizer has to know of its earlier rounds; absent where it has made none. */
  readonly memory?: JsonObject;
  /** It stands under another name, and has no row of its own under this one yet. */
  readonly isMoved?: true;
  readonly run: string;
  /** Of the run; absent in records of versions that did not say. */
  readonly command?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /**
   * When what was applied was last written as a whole, where that was before `at`: a run that came
   * to an end half-way has left the rest as it was. RFC 3339, UTC.
   */
  readonly wholeAt?: string;
  /** What is in columns that somebody added to the table; absent where nobody has. */
  readonly beside?: JsonObject;
  /** Absent where an older version has left no row. */
  readonly oldRow?: OldRow;
  /** Rows of it in other tables, which go once it is in ours: see `records-elsewhere.ts`. */
  readonly moves?: {
    readonly places: readonly { readonly rows: string; readonly key: string }[];
    /** Ours has no row of it yet. */
    readonly only: boolean;
  };
}

export interface LockRecord {
  /** The person or workflow behind the run. */
  readonly holder: string;
  readonly host: string;
  readonly command: string;
  readonly run: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** On GitHub: the workflow run that it is part of. */
  readonly attempt?: WorkflowAttempt;
}

export interface State {
  readonly records: ReadonlyMap<string, StateRecord>;
  readonly lock: LockRecord | null;
  /** Heads of audit logs by the keys of their rows; `null` for one that a person has broken. */
  readonly heads: ReadonlyMap<string, Head | null>;
  /** Those of which an older version has left a row; absent where there are none. */
  readonly oldHeads?: ReadonlyMap<string, OldRow>;
  /** Records of what lives in another place than the environment has; absent where none are. */
  readonly apart?: readonly Apart[];
}

/** A record of an object of this address in another place. */
export interface Apart {
  /** As its key has it: see `record-key.ts`. */
  readonly mark: string;
  readonly record: StateRecord;
}

/** What the keys of records of a kind are marked with. */
export type MarkOf = (kind: string) => string;

export const UNMARKED: MarkOf = () => '';

/** How the records of a table are to be read. */
export interface Marks {
  /** Of the places that the environment has. */
  readonly here: MarkOf;
  /** What a key without a mark stands for. Default: itself. */
  readonly plain?: MarkOf;
}

export const NO_STATE: State = { records: new Map(), lock: null, heads: new Map() };

/** The key of no record is called this: those have a tilde. */
export const LOCK_KEY = 'lock';

/** Nor this with anything behind it. */
const HEAD_PREFIX = 'head-';
/** Of versions before this one. */
const OLD_HEAD_PREFIX = 'head ';

/** Versions before this one kept the records of what has an endpoint in a table of this name. */
export const ENDPOINT_SUBJECT = 'Routing Strategies API';

/** The table of the records of what is in the table `objects`. */
export function stateTableOf(objects: string): string {
  return `${objects} (strategos)`;
}

/** Name excepted, which belongs to the environment. */
export const STATE_TABLE: Omit<TableSpec, 'name'> = {
  description:
    'Written by strategos: who owns which strategy, what was last applied, the lock of a run. ' +
    'Deleting a row gives its strategy up; deleting the row "lock" breaks the lock of a run.',
  keyTitle: 'Object',
  columns: [
    { name: 'owner', type: 'string', title: 'Owner (repository)' },
    { name: 'environment', type: 'string', title: 'Environment' },
    { name: 'object', type: 'string', title: 'Id of the object' },
    { name: 'applied', type: 'string', title: 'Last applied' },
    { name: 'digest', type: 'string', title: 'Digest of last applied' },
    { name: 'run', type: 'string', title: 'Run' },
    { name: 'at', type: 'string', title: 'At' },
    { name: 'holder', type: 'string', title: 'Holder of the lock' },
    { name: 'host', type: 'string', title: 'Host of the holder' },
    { name: 'command', type: 'string', title: 'Command of the run' },
  ],
};

/** The row of a record, complete: a column that is left out would be emptied. */
export function recordRow(record: StateRecord, hash: Hash, markOf: MarkOf = UNMARKED): JsonObject {
  const { address, owner, id, run, command = '', at, beside } = record;
  const key = recordKey(address, hash, markOf(kindName(address)));
  return {
    ...beside,
    ...EMPTY,
    [KEY]: key,
    owner: owner.name,
    environment: owner.environment,
    object: id ?? '',
    ...appliedCells(written(record, hash), isCut(key) ? address : null, hash),
    run,
    command,
    at,
  };
}

/** The row that an older version wrote for a record, as it is, under the key of today. */
export function rowOfToday(
  row: JsonObject,
  address: Address,
  hash: Hash,
  markOf: MarkOf = UNMARKED,
): JsonObject {
  const key = recordKey(address, hash, markOf(kindName(address)));
  if (!isCut(key)) return { ...row, [KEY]: key };
  const value = parsed(textOf(row['applied']));
  const applied = isObject(value) && digestOf(hash, value) === row['digest'] ? value : null;
  return { ...row, [KEY]: key, ...appliedCells(applied, address, hash) };
}

/** An address that stands beside what was applied, with its name. */
const ROOM_FOR_ADDRESS = 400;

/** Beside the fields, in keys that no field can have: older versions read past them. */
const START = '$start';
const IDS = '$ids';
const MEMORY = '$optimizer';
const ADDRESS = '$address';
const ADOPTS = '$adopts';
const WHOLE_AT = '$wholeAt';
const BESIDE = [START, IDS, MEMORY, ADDRESS, ADOPTS, WHOLE_AT];

/**
 * What is said to have been applied, and beside it what there is room for, memory last. A start has
 * its room kept: without it no edit of a weight would count, and a restart with every apply.
 */
function written(
  { applied, start, ids, memory, adopts, wholeAt }: StateRecord,
  hash: Hash,
): JsonObject | null {
  if (applied === null) return applied;
  const most = TABLE_LIMITS.cellCharacters - ROOM_FOR_ADDRESS;
  const first = {
    ...(start === undefined ? {} : { [START]: startJson(start) }),
    ...(adopts === undefined ? {} : { [ADOPTS]: adopts }),
    ...(wholeAt === undefined ? {} : { [WHOLE_AT]: wholeAt }),
  };
  let all = { ...shortened(applied, most - JSON.stringify(first).length, hash), ...first };
  const said = [
    [IDS, ids],
    [MEMORY, memory],
  ] as const;
  for (const [name, more] of said) {
    if (more === undefined) continue;
    const both = { ...all, [name]: more };
    if (JSON.stringify(both).length <= most) all = both;
  }
  return all;
}

/**
 * `address` where the key of the row does not say it. The text is the one that the digest is of, so
 * that whoever reads it need not make it anew.
 */
function appliedCells(
  applied: JsonObject | null,
  address: Address | null,
  hash: Hash,
): { readonly applied: string; readonly digest: string } {
  if (address === null && applied === null) return { applied: '', digest: '' };
  const text = canonical(address === null ? applied : { [ADDRESS]: address, ...applied });
  return { applied: text, digest: applied === null ? '' : hash(text) };
}

/** Read from the text, which need not be whole: whoever typed in the cell has lost no record. */
function addressSaid(applied: string): string | null {
  const [, quoted = 'null'] = /"\$address":("(?:[^"\\]|\\.)*")/.exec(applied) ?? [];
  const said = parsed(quoted);
  return typeof said === 'string' ? said : null;
}

export function lockRow(lock: LockRecord, key = LOCK_KEY): JsonObject {
  const { attempt, host, ...cells } = lock;
  // Beside the name of the machine: people read it, and tables of today have no column more.
  const where = attempt === undefined ? host : `${host} (${attemptText(attempt)})`;
  return { ...EMPTY, [KEY]: key, ...cells, host: where };
}

/** The row of whoever takes over the lock of this run: there can be one. */
export function heirKey(run: string): string {
  return `${LOCK_KEY}-heir-of-${run}`;
}

/** The key of an owner's head: the text of an owner may be too long, and has slashes. */
export function headKey(owner: Owner, hash: Hash): string {
  const { name, environment } = owner;
  const [, digest = ''] = digestOf(hash, { name, environment }).split(':');
  return `${HEAD_PREFIX}${digest.slice(0, 32)}`;
}

/** The same, as versions before this one wrote it. */
export function oldHeadKey(key: string): string {
  return OLD_HEAD_PREFIX + key.slice(HEAD_PREFIX.length);
}

export function headRow(key: string, head: Head): JsonObject {
  const { owner, run, at, digest } = head;
  return {
    ...EMPTY,
    [KEY]: key,
    owner: owner.name,
    environment: owner.environment,
    applied: JSON.stringify(headDetail(head)),
    digest,
    run,
    at,
  };
}

function headOf(row: JsonObject): Head | null {
  const text = (name: string): string => textOf(row[name]);
  let said: HeadRecord | null = null;
  try {
    said = headRecordOf(JSON.parse(text('applied')) as Json);
  } catch {
    return null;
  }
  // What the cells say apart and together is the same, unless somebody has been at it.
  if (said === null || said.digest !== text('digest') || said.run !== text('run')) return null;
  const owner = { name: text('owner'), environment: text('environment') };
  return { ...said, owner, at: text('at') };
}

export interface FoundHead {
  /** Of its row, as it is written today. */
  readonly key: string;
  readonly head: Head | null;
  readonly oldRow?: OldRow;
}

/** The head of an owner; `undefined` where the org has none. */
export function headIn(
  { heads, oldHeads }: Pick<State, 'heads' | 'oldHeads'>,
  owner: Us,
  hash: Hash,
): FoundHead | undefined {
  const own = headKey(owner, hash);
  // Else left under another spelling of the same owner.
  const found = heads.has(own)
    ? ([own, heads.get(own) ?? null] as const)
    : [...heads].find(([, head]) => head !== null && sameOwner(head.owner, owner));
  if (found === undefined) return undefined;
  const [key, head] = found;
  const oldRow = oldHeads?.get(key);
  return { key, head, ...(oldRow === undefined ? {} : { oldRow }) };
}

const EMPTY = Object.fromEntries(STATE_TABLE.columns.map(({ name }) => [name, '']));

/** Reads the rows of the table; what a person broke in one is unknown, not believed. */
export function stateOfRows(
  rows: readonly JsonObject[],
  hash: Hash,
  { here, plain = UNMARKED }: Marks = { here: UNMARKED },
): State {
  const records = new Both<Address, StateRecord>();
  const apart: Apart[] = [];
  const isHere = (address: Address, mark: string): boolean => mark === here(kindName(address));
  const heads = new Both<string, Head | null>();
  let lock: LockRecord | null = null;
  for (const row of rows) {
    const key = textOf(row[KEY]);
    if (key === LOCK_KEY) lock = lockOf(row);
    else if (key.startsWith(HEAD_PREFIX)) heads.today.set(key, headOf(row));
    else if (key.startsWith(OLD_HEAD_PREFIX)) {
      heads.old.set(HEAD_PREFIX + key.slice(OLD_HEAD_PREFIX.length), headOf(row));
    } else {
      const isOld = isOldKey(key);
      const said = isCut(key) ? addressSaid(textOf(row['applied'])) : null;
      const found = isOld ? { address: key, mark: '' } : addressAt(key, said, hash);
      if (found === null) continue;
      const { address } = found;
      const record = recordOf(row, address, hash);
      const mark = found.mark === '' ? plain(kindName(address)) : found.mark;
      if (!isHere(address, mark)) apart.push({ mark, record });
      else (isOld ? records.old : records.today).set(address, record);
    }
  }
  for (const [address, oldRow] of records.oldRows()) {
    const record = records.get(address);
    if (record !== undefined) records.today.set(address, { ...record, oldRow });
  }
  const oldHeads = heads.oldRows();
  return {
    records: records.all(),
    lock,
    heads: heads.all(),
    ...(oldHeads.size === 0 ? {} : { oldHeads }),
    ...(apart.length === 0 ? {} : { apart }),
  };
}

/** What is read from rows of today, and from those of older versions. */
class Both<Key extends string, Value> {
  readonly today = new Map<Key, Value>();
  readonly old = new Map<Key, Value>();

  get(key: Key): Value | undefined {
    return this.today.get(key) ?? this.old.get(key);
  }

  oldRows(): ReadonlyMap<Key, OldRow> {
    return new Map([...this.old.keys()].map((key) => [key, this.today.has(key) ? 'left' : 'only']));
  }

  all(): ReadonlyMap<Key, Value> {
    return new Map([...this.old, ...this.today]);
  }
}

export function lockOf(row: JsonObject): LockRecord {
  const text = (name: string): string => textOf(row[name]);
  const [, host = text('host'), where = ''] = /^(.*?) \((https?:.*)\)$/s.exec(text('host')) ?? [];
  const attempt = attemptIn(where);
  return {
    holder: text('holder'),
    host: attempt === null ? text('host') : host,
    command: text('command'),
    run: text('run'),
    at: text('at'),
    ...(attempt === null ? {} : { attempt }),
  };
}

function recordOf(row: JsonObject, address: Address, hash: Hash): StateRecord {
  const text = (name: string): string => textOf(row[name]);
  const others = Object.entries(row).filter(
    ([name]) => name !== KEY && !Object.hasOwn(EMPTY, name),
  );
  return {
    ...(others.length === 0 ? {} : { beside: Object.fromEntries(others) }),
    address,
    owner: { name: text('owner'), environment: text('environment') },
    id: text('object') === '' ? null : text('object'),
    ...appliedOf(text('applied'), text('digest'), hash),
    run: text('run'),
    at: text('at'),
    ...(text('command') === '' ? {} : { command: text('command') }),
  };
}

/** The digest tells what we wrote from what a person made of it. */
function appliedOf(
  text: string,
  digest: string,
  hash: Hash,
): Pick<StateRecord, 'applied' | 'start' | 'ids' | 'memory' | 'adopts' | 'wholeAt'> {
  const value = parsed(text);
  if (!isObject(value)) return { applied: null };
  // Versions before this one wrote the keys in another order than the digest has them in.
  if (hash(text) !== digest && digestOf(hash, value) !== digest) return { applied: null };
  const { [IDS]: ids, [MEMORY]: memory, [ADOPTS]: adopts, [WHOLE_AT]: wholeAt } = value;
  const start = startIn(value[START]);
  const fields = Object.entries(value).filter(([name]) => !BESIDE.includes(name));
  return {
    applied: Object.fromEntries(fields),
    ...(start === null ? {} : { start }),
    ...(isObject(ids) ? { ids: ids as Ids } : {}),
    ...(isObject(memory) ? { memory } : {}),
    ...(typeof adopts === 'string' ? { adopts } : {}),
    ...(typeof wholeAt === 'string' ? { wholeAt } : {}),
  };
}

/** `null` for what is no JSON: a person has typed there, and what was applied is not known. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
