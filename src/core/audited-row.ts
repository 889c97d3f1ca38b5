/** The row of a data table that a record of the platform's audit is about. */
import { decoded } from './decoded.js';
import type { AuditedEvent } from './resource.js';
import { rowsPath } from './table.js';

/**
 * Its key, of a row below `rows`; empty where it is of another table. The platform names the table
 * as the object; the row is in the context, whose keys are spelled in more than one way, or else in
 * the path of the object.
 */
export function rowKeyOf(
  { context, entityName, entityUri }: Pick<AuditedEvent, 'context' | 'entityName' | 'entityUri'>,
  rows: string,
): string {
  const [, uriTable, uriKey] = /\/datatables\/([^/?]+)\/rows\/([^/?]+)/.exec(entityUri) ?? [];
  const table = at(context, 'datatableId') ?? uriTable;
  // Another table may well have a row of the same key.
  if (table !== undefined && rows !== rowsPath(table)) return '';
  return at(context, 'key') ?? (uriKey === undefined ? null : decoded(uriKey)) ?? entityName;
}

/** The value of a key in whatever case. */
function at(context: AuditedEvent['context'], name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.entries(context).find(([key]) => key.toLowerCase() === lower)?.[1];
}
