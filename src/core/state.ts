/**
 * What the org itself remembers about our objects, in a data table beside them: whose each one is,
 * what was last applied to it, and who is applying now. A person can read it in the admin UI, and
 * losing it loses no strategy: what it said is then learnt again by adoption, never by guessing.
 *
 * A *record* is a row with an address as its key. It is written before its object is created and
 * has no object id until that has happened, so that a run that was killed in between leaves a
 * claim and not a stranger. The *lock* is a row too; inserting a row whose key is there already
 * fails, which is all that a lock needs. The *head* of an owner is one more row: see `head.ts`.
 */
import { digestOf } from './canonical.js';
import { headDetail, headRecordOf, type Head, type HeadRecord } from './head.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import { sameOwner, type Owner, type Us } from './owner.js';
import { KEY, TABLE_LIMITS, type TableSpec } from './table.js';
import type { Address, Hash } from './types.js';
import { attemptIn, attemptText, type WorkflowAttempt } from './workflow.js';

/** Ids of the objects that names stood for, by what they are: queue or skill. */
export type Ids = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface StateRecord {
  readonly address: Address;
  readonly owner: Owner;
  /** `null` from the claim until the object was created. */
  readonly id: string | null;
  /** The fields that an apply last gave the object; `null` when that is not known. */
  readonly applied: JsonObject | null;
  /** What the names in `applied` stood for; absent in records of versions that kept none. */
  readonly ids?: Ids;
  readonly run: string;
  /** Of the run; absent in records of versions that did not say. */
  readonly command?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** What is in columns that somebody added to the table; absent where nobody has. */
  readonly beside?: JsonObject;
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
}

export const NO_STATE: State = { records: new Map(), lock: null, heads: new Map() };

/** No address is called this: addresses have a slash. */
export const LOCK_KEY = 'lock';

/** Nor this with anything behind it. */
const HEAD_PREFIX = 'head ';

/** The records of what has an endpoint are kept beside no table, under this name. */
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
export function recordRow(record: StateRecord, hash: Hash): JsonObject {
  const { address, owner, id, run, command = '', at, beside } = record;
  const applied = written(record);
  return {
    ...beside,
    ...EMPTY,
    [KEY]: address,
    owner: owner.name,
    environment: owner.environment,
    object: id ?? '',
    applied: applied === null ? '' : JSON.stringify(applied),
    digest: applied === null ? '' : digestOf(hash, applied),
    ...{ run, command, at },
  };
}

/** Beside the fields, in a key that no field can have: older versions read past it. */
const IDS = '$ids';

/** What is said to have been applied, with the ids of its names as long as there is room. */
function written({ applied, ids }: StateRecord): JsonObject | null {
  if (applied === null || ids === undefined) return applied;
  const both = { ...applied, [IDS]: ids as JsonObject };
  return JSON.stringify(both).length > TABLE_LIMITS.cellCharacters ? applied : both;
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

/** The key of an owner's head: the text of an owner may be too long, and looks like an address. */
export function headKey(owner: Owner, hash: Hash): string {
  const { name, environment } = owner;
  const [, digest = ''] = digestOf(hash, { name, environment }).split(':');
  return `${HEAD_PREFIX}${digest.slice(0, 32)}`;
}

export function headRow(key: string, head: Head): JsonObject {
  const { owner, run, at, digest } = head;
  return {
    ...EMPTY,
    ...{ [KEY]: key, owner: owner.name, environment: owner.environment },
    ...{ applied: JSON.stringify(headDetail(head)), digest, run, at },
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

/** The head of an owner and the key of its row; `undefined` where the org has none. */
export function headIn(
  { heads }: Pick<State, 'heads'>,
  owner: Us,
  hash: Hash,
): { readonly key: string; readonly head: Head | null } | undefined {
  const key = headKey(owner, hash);
  const found = heads.get(key);
  if (found !== undefined) return { key, head: found };
  // Left under another spelling of the same owner.
  const other = [...heads].find(([, head]) => head !== null && sameOwner(head.owner, owner));
  return other === undefined ? undefined : { key: other[0], head: other[1] };
}

const EMPTY = Object.fromEntries(STATE_TABLE.columns.map(({ name }) => [name, '']));

/** Reads the rows of the table; what a person broke in one is unknown, not believed. */
export function stateOf(rows: readonly JsonObject[], hash: Hash): State {
  const records = new Map<string, StateRecord>();
  const heads = new Map<string, Head | null>();
  let lock: LockRecord | null = null;
  for (const row of rows) {
    const key = textOf(row[KEY]);
    if (key === LOCK_KEY) lock = lockOf(row);
    else if (key.startsWith(HEAD_PREFIX)) heads.set(key, headOf(row));
    else if (key.includes('/')) records.set(key, recordOf(row, hash));
  }
  return { records, lock, heads };
}

export function lockOf(row: JsonObject): LockRecord {
  const text = (name: string): string => textOf(row[name]);
  const [, host = text('host'), where = ''] = /^(.*?) \((https?:.*)\)$/s.exec(text('host')) ?? [];
  const attempt = attemptIn(where);
  return {
    ...{ holder: text('holder'), host: attempt === null ? text('host') : host },
    ...{ command: text('command'), run: text('run'), at: text('at') },
    ...(attempt === null ? {} : { attempt }),
  };
}

function recordOf(row: JsonObject, hash: Hash): StateRecord {
  const text = (name: string): string => textOf(row[name]);
  const others = Object.entries(row).filter(
    ([name]) => name !== KEY && !Object.hasOwn(EMPTY, name),
  );
  return {
    ...(others.length === 0 ? {} : { beside: Object.fromEntries(others) }),
    address: text(KEY) as Address,
    owner: { name: text('owner'), environment: text('environment') },
    id: text('object') === '' ? null : text('object'),
    ...appliedOf(text('applied'), text('digest'), hash),
    ...{ run: text('run'), at: text('at') },
    ...(text('command') === '' ? {} : { command: text('command') }),
  };
}

/** The digest tells what we wrote from what a person made of it. */
function appliedOf(text: string, digest: string, hash: Hash): Pick<StateRecord, 'applied' | 'ids'> {
  const value = parsed(text);
  if (!isObject(value) || digestOf(hash, value) !== digest) return { applied: null };
  const { [IDS]: ids, ...applied } = value;
  return { applied, ...(isObject(ids) ? { ids: ids as Ids } : {}) };
}

/** `null` for what is no JSON: a person has typed there, and what was applied is not known. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
