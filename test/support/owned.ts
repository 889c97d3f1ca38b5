/**
 * What the org of a test remembers before the test begins: whose its strategies are. Written
 * straight into the model of the simulator, so that no request and no audit record tells of it.
 */
import type { ComparePolicy } from '../../src/core/compare.js';
import type { JsonObject } from '../../src/core/json.js';
import { kindName } from '../../src/core/outcome.js';
import { recordKey } from '../../src/core/record-key.js';
import {
  recordRow,
  STATE_TABLE,
  stateOfRows,
  type MarkOf,
  type State,
  type StateRecord,
} from '../../src/core/state.js';
import type { Owner } from '../../src/core/owner.js';
import { KEY, type TableSpec } from '../../src/core/table.js';
import type { Address, Live } from '../../src/core/types.js';
import type { Backend } from './binding.js';
import { sha256 } from '../../src/files/digest.js';
import { idFrom } from '../../src/simulator/ids.js';
import type { CellValue, Column, Org, Table } from '../../src/simulator/model.js';

/** Whoever the manifests of a test belong to. */
export const OWNER: Owner = { name: 'test', environment: 'test' };
/** Somebody else with an eye on the same org. */
export const OTHER: Owner = { name: 'github.com/acme/elsewhere', environment: 'prod' };

/** As an Environment with `backend: strategies-api` and nothing else has them. */
export const BACKEND: Backend = {
  name: 'strategies-api',
  tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
};

/** A record of ours that knows nothing of what was last applied. */
export function recordOf(address: Address, over: Partial<StateRecord> = {}): StateRecord {
  const when = { run: 'an earlier run', at: '2026-03-01T09:00:00.000Z' };
  return {
    address,
    owner: OWNER,
    id: `id-of-${address.replace('/', '-')}`,
    applied: null,
    ...when,
    ...over,
  };
}

/** Records that make all of these ours. */
export function recordsOf(live: readonly Pick<Live, 'address' | 'id'>[]): State['records'] {
  return new Map(live.map(({ address, id }) => [address, recordOf(address, { id })]));
}

/** The policy under which all of these are ours; with prune, and without a scope, unless said. */
export function policyFor(
  live: readonly Pick<Live, 'address' | 'id'>[],
  over: Partial<ComparePolicy> = {},
): ComparePolicy {
  const records = recordsOf(live);
  return { prune: true, adopt: false, scope: null, owner: OWNER, records, ...over };
}

export interface Owning {
  readonly owner?: Owner;
  /** What an apply last made of the strategies, by name; not known where it is not said. */
  readonly applied?: Readonly<Record<string, JsonObject>>;
}

/** Every strategy of the org that is nobody's becomes the owner's; the state table is made. */
export function own(org: Org, { owner = OWNER, applied = {} }: Owning = {}): void {
  const { rows } = stateTable(org);
  for (const { id, content } of org.strategies.values()) {
    const address: Address = `RoutingStrategy/${content.name}`;
    if (rows.has(keyOf(address))) continue;
    remember(org, recordOf(address, { owner, id, applied: applied[content.name] ?? null }));
  }
}

/** Writes a record as an apply would have, over the one that is there. */
export function remember(org: Org, record: StateRecord): void {
  const row = recordRow(record, sha256, markIn(BACKEND));
  stateTable(org).rows.set(keyOf(record.address), cellsOf(row));
}

/** The key of a record's row, by the backend. */
export function keyOf(address: Address, backend: Backend = BACKEND): string {
  return recordKey(address, sha256, markIn(backend)(kindName(address)));
}

/** With which keys of records are written there. */
export function markIn({ name }: Pick<Backend, 'name'>): MarkOf {
  return (kind) => (kind === 'RoutingStrategy' && name === 'strategies-api' ? name : '');
}

/** Writes a record as a version with slashes in its keys would have. */
export function rememberOld(table: Table, record: StateRecord): void {
  const row = { ...recordRow(record, sha256), [KEY]: record.address };
  table.rows.set(record.address, cellsOf(row));
}

/** The state table of the org, made when it is missing. */
export function stateTable(org: Org): Table {
  return tableLike(org, { name: BACKEND.tables.state, ...STATE_TABLE });
}

/** The table of this name, made with these columns when it is missing. */
export function tableLike(org: Org, { name, description, columns }: TableSpec): Table {
  const known = org.tables.get(org.tableNames.get(name) ?? '');
  if (known !== undefined) return known;
  const all = [{ name: KEY, type: 'string' as const, title: 'Key' }, ...columns];
  const made: Table = {
    id: idFrom(`table/${name}`),
    name,
    description,
    rows: new Map(),
    columns: new Map(
      all.map(({ name: column, type, title }, displayOrder): [string, Column] => {
        const fallback = type === 'string' ? '' : type === 'boolean' ? false : 0;
        return [column, { type, title, displayOrder, fallback, explicit: false }];
      }),
    ),
  };
  org.tables.set(made.id, made);
  org.tableNames.set(name, made.id);
  return made;
}

/** What the org remembers now, the lock included. */
export function stateIn(org: Org): State {
  const table = org.tables.get(org.tableNames.get(BACKEND.tables.state) ?? '');
  const rows = [...(table?.rows.values() ?? [])].map((cells) => Object.fromEntries(cells));
  return stateOfRows(rows, sha256, { here: markIn(BACKEND) });
}

export function cellsOf(row: JsonObject): Map<string, CellValue> {
  return new Map(Object.entries(row) as [string, CellValue][]);
}
