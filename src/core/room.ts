/**
 * Whether data tables have room for what a plan adds to them: the platform refuses a row too many
 * in the midst of a run, when others have been written.
 */
import { kindName } from './outcome.js';
import { isObject } from './json.js';
import type { State } from './state.js';
import { TABLE_LIMITS } from './table.js';
import type { Change, GuardResult } from './types.js';

export interface Filled {
  /** For people: `the data table "X"`. */
  readonly what: string;
  /** Rows that are there and stay until the new ones have come. */
  readonly there: number;
  readonly more: number;
  /** What else can be done but ask for a higher limit. */
  readonly way: string;
}

/** No result where there is room. */
export function roomGuard(tables: readonly Filled[]): GuardResult[] {
  const most = TABLE_LIMITS.rows;
  return tables
    .filter(({ there, more }) => more > 0 && there + more > most)
    .map(({ what, there, more, way }): GuardResult => {
      const sum = `${what} has ${there} rows and would get ${more} more`;
      const message = `${sum}; there is room for ${most}`;
      const hint = `${way}, or ask Genesys Cloud for a higher limit`;
      return { guard: 'room', passed: false, message, hint };
    });
}

type Adding = Pick<Change, 'action' | 'address' | 'after'>;

const OTHER_TABLE =
  'keep what is new in an environment with a data table of its own (spec.datatable.table)';

/** The table of records: with those of others, the heads of logs, and the lock. */
export function recordsFilled(
  changes: readonly Adding[],
  { records, heads, apart = [] }: Pick<State, 'records' | 'heads' | 'apart'>,
  table: string,
): Filled {
  const isNew = ({ action, address }: Adding): boolean =>
    (action === 'create' || action === 'adopt') && !records.has(address);
  return {
    what: `the data table of records "${table}"`,
    // The lock, and the head of a log that has none yet.
    there: records.size + apart.length + Math.max(1, heads.size) + 1,
    more: changes.filter(isNew).length,
    way: OTHER_TABLE,
  };
}

/** The table that objects are rows of. `live`: those of every owner. */
export function objectsFilled(
  changes: readonly Adding[],
  live: readonly { readonly kind: string }[],
  { kind, table }: { readonly kind: string; readonly table: string },
): Filled {
  const own = changes.filter(({ address }) => kindName(address) === kind);
  return {
    what: `the data table "${table}"`,
    there: live.filter((one) => one.kind === kind).length,
    more: own.filter(({ action }) => action === 'create').length,
    way: OTHER_TABLE,
  };
}

/** Tables of which a manifest has the rows: new ones come before old ones go. */
export function rowsFilled(
  changes: readonly Pick<Change, 'address' | 'before' | 'after'>[],
  field: string,
): Filled[] {
  return changes.flatMap(({ address, before, after }): Filled[] => {
    const [was, is] = [before?.[field], after?.[field]];
    if (!isObject(is)) return [];
    const there = isObject(was) ? was : {};
    const more = Object.keys(is).filter((key) => !Object.hasOwn(there, key)).length;
    const way = 'delete rows that are not needed first, or split the table';
    return [{ what: address, there: Object.keys(there).length, more, way }];
  });
}
