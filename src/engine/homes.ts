/**
 * Where objects live in an org: an endpoint, or the rows of a data table that has to be found, or
 * made, first. Tables of our names that are not ours are refused, never changed.
 */
import { PlatformError, Refused } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import { STATE_TABLE } from '../core/state.js';
import {
  columnDefaults,
  columnNames,
  rowsPath,
  schemaProblem,
  TABLE_PAGE,
  tableBody,
  tableNamed,
  TABLES_PATH,
  type TableSpec,
} from '../core/table.js';
import type { Ledger, ObservedEffect } from './ledger.js';
import type { Binding, Bound } from './bind.js';
import type { Reader } from './ports.js';

/** A table that we might have made, under another name than this environment has. */
export interface Beside {
  readonly name: string;
  readonly rows: string;
  /** Name of the kind that its rows may be; `null` for a table of records. */
  readonly holds: string | null;
}

export interface Table {
  readonly name: string;
  readonly id: string;
  /** Path of its rows. */
  readonly rows: string;
  /** Names of its columns, the key first. */
  readonly columns: readonly string[];
  /** What a new row has in columns that nothing is said of, where that is not empty. */
  readonly defaults: JsonObject;
}

export interface Homes {
  /** The table that objects of the kind are rows of; `null` where they have an endpoint. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly state: Table | null;
  /** Tables that an apply has to make. */
  readonly missing: readonly TableSpec[];
  readonly beside: readonly Beside[];
}

/** One listing; rejects with `Refused` for a table that is not as we would have made it. */
export async function findHomes(
  reader: Reader,
  { all, tables: names, uses }: Binding,
  listed: Promise<JsonObject[]> = tablesIn(reader),
): Promise<Homes> {
  const found = await listed;
  const tables = new Map<string, Table>();
  const missing: TableSpec[] = [];
  const look = (spec: TableSpec, isNeeded: boolean): Table | null => {
    const table = tableNamed(found, spec.name);
    if (table === null && isNeeded) missing.push(spec);
    return table === null ? null : known(spec, table);
  };
  for (const { kind, resource } of all) {
    const { home } = resource;
    if ('path' in home) continue;
    const table = look({ name: names.objects, ...home.table }, uses.has(kind.name));
    if (table !== null) tables.set(kind.name, table);
  }
  const state = look({ name: names.state, ...STATE_TABLE }, true);
  const ours = new Set([state, ...tables.values()].flatMap((table) => table?.id ?? []));
  const others = found.filter(({ id }) => !ours.has(textOf(id)));
  const beside = others.flatMap((table) => {
    const like = besideOf(table, all);
    return like.length > 0 ? like : knownIn(table, all);
  });
  return { tables, state, missing, beside };
}

/** One that lacks some of our columns, and says what its rows name all the same. */
function knownIn(table: JsonObject, all: Binding['all']): Beside[] {
  const columns = new Set(columnNames(table));
  const bound = all.find(({ kind: { resources } }) =>
    Object.values(resources).some(({ home }) => {
      const knownBy = 'table' in home ? (home.table.knownBy ?? []) : [];
      return knownBy.length > 0 && knownBy.every((name) => columns.has(name));
    }),
  );
  if (bound === undefined) return [];
  const rows = rowsPath(textOf(table['id']));
  return [{ name: textOf(table['name']), rows, holds: bound.kind.name }];
}

/** One that strategos keeps for itself, in this environment or another, whatever it is called. */
export function isKept(table: JsonObject, { all, tables }: Binding): boolean {
  const name = textOf(table['name']);
  return name === tables.objects || name === tables.state || besideOf(table, all).length > 0;
}

/** Told by its columns: what it is called is just what may have changed. */
function besideOf(table: JsonObject, all: Binding['all']): Beside[] {
  const name = textOf(table['name']);
  const isLike = (spec: Omit<TableSpec, 'name'>): boolean =>
    schemaProblem({ name, ...spec }, table) === null;
  const bound = all.find(({ kind: { resources } }) =>
    Object.values(resources).some(({ home }) => 'table' in home && isLike(home.table)),
  );
  if (bound === undefined && !isLike(STATE_TABLE)) return [];
  return [{ name, rows: rowsPath(textOf(table['id'])), holds: bound?.kind.name ?? null }];
}

/** Every data table of the org. */
export async function tablesIn(reader: Reader): Promise<JsonObject[]> {
  return reader.list(`${TABLES_PATH}?expand=schema`, TABLE_PAGE);
}

function known(spec: TableSpec, table: JsonObject): Table {
  const problem = schemaProblem(spec, table);
  if (problem !== null) {
    throw new Refused(
      'foreign-table',
      `the data table "${spec.name}" is not as strategos makes it: ${problem}; nothing was changed`,
      {
        hint:
          'give the column back the name and type that it had, or rename that table and plan ' +
          'again: a new one is made (spec.datatable.table chooses another name)',
      },
    );
  }
  const id = textOf(table['id']);
  const defaults = columnDefaults(table);
  return { id, name: spec.name, rows: rowsPath(id), columns: columnNames(table), defaults };
}

/** Makes the tables that are missing, and returns where everything lives then. */
export async function buildHomes(ledger: Ledger, homes: Homes, binding: Binding): Promise<Homes> {
  if (homes.missing.length === 0) return homes;
  const taken = new Set<string>();
  for (const spec of homes.missing) {
    try {
      const request = { method: 'POST', path: TABLES_PATH, body: tableBody(spec) } as const;
      const look = async (): Promise<ObservedEffect> => {
        const body = tableNamed(await tablesIn(ledger.writer), spec.name);
        return body === null ? { effect: 'did not' } : { effect: 'took effect', body };
      };
      await ledger.send(request, { step: 'table', detail: { table: spec.name }, look });
    } catch (error) {
      // Another run was first: its table is as good.
      if (!(error instanceof PlatformError && error.fault === 'conflict')) throw error;
      taken.add(spec.name);
    }
  }
  const built = await listedHomes(ledger, binding, taken);
  const [absent] = built.missing;
  if (absent !== undefined) throw taken.has(absent.name) ? unseen(absent) : vanished(absent);
  return built;
}

/** Looked for in the listing after so long each, a minute together: some orgs list late. */
const LOOKS_AFTER_MS = [1000, 2000, 5000, 10_000, 15_000, 27_000];

/** Everything once it is listed; what is taken may be out of our sight for ever. */
async function listedHomes(
  { writer, patience: { clock } }: Ledger,
  binding: Binding,
  taken: ReadonlySet<string>,
): Promise<Homes> {
  let found = await findHomes(writer, binding);
  for (const ms of LOOKS_AFTER_MS) {
    if (!found.missing.some(({ name }) => !taken.has(name))) break;
    await clock.sleep(ms);
    found = await findHomes(writer, binding);
  }
  return found;
}

function unseen({ name }: TableSpec): Refused {
  return new Refused(
    'unseen-table',
    `the org has a data table "${name}" that this client cannot see; nothing else was changed`,
    {
      hint:
        "give the client's role the division of that table, or choose another name with " +
        'spec.datatable.table',
    },
  );
}

function vanished({ name }: TableSpec): Refused {
  return new Refused(
    'table-vanished',
    `the data table "${name}" was just made and is not in the listing: somebody deleted it, or ` +
      'the listing lags; nothing else was changed',
    { hint: 'apply again in a minute' },
  );
}

/** The path below which the objects of a kind live; `null` while their table is missing. */
export function rootOf(
  { kind, resource: { home } }: Bound,
  homes: Pick<Homes, 'tables'>,
): string | null {
  return 'path' in home ? home.path : (homes.tables.get(kind.name)?.rows ?? null);
}
