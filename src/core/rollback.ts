/** The records of a run → what it found before it wrote, as manifests for a plan back to that. */
import type { AuditRecord } from './audit.js';
import { textOf, type JsonObject } from './json.js';
import { kindName, objectName } from './outcome.js';
import type { Address, Manifest } from './types.js';

/** What a run found under an address before its first write there; `null` where nothing was. */
export interface Found {
  readonly address: Address;
  readonly before: JsonObject | null;
  /** Line of the record in the audit log, from 1. */
  readonly line: number;
}

/** Steps that write objects; the others write what is kept beside them. */
const OBJECT_STEPS = new Set(['create', 'update', 'activate', 'delete']);

/** Every object that the run set out to write, in the order of the log. */
export function foundBy(records: readonly AuditRecord[]): Found[] {
  const found = new Map<string, Found>();
  records.forEach(({ type, address, before, detail }, index) => {
    if (type !== 'intent' || address === null || found.has(address)) return;
    if (!OBJECT_STEPS.has(textOf(detail?.['step']))) return;
    found.set(address, { address: address as Address, before, line: index + 1 });
  });
  return [...found.values()];
}

/**
 * The manifests that say what was found; objects that were not there have none. Checks warn and do
 * not hold back: what was active is to be active again, also while its queues are full.
 */
export function manifestsOf(found: readonly Found[], file: string, apiVersion: string): Manifest[] {
  return found.flatMap(({ address, before, line }): Manifest[] => {
    if (before === null) return [];
    const kind = kindName(address);
    const name = objectName(address);
    const checks = { skills: 'warn', capacity: 'warn' };
    const spec = { ...before, status: statusOf(before), checks };
    const body = { apiVersion, kind, metadata: { name }, spec };
    const at = { file, line, column: 1 };
    return [{ kind, name, body, positions: { at: () => at } }];
  });
}

/** A manifest asks for `active` or `draft`; anything in between was on its way to active. */
function statusOf(fields: JsonObject): 'active' | 'draft' {
  const status = fields['status'];
  return status === 'draft' || status === 'failed' ? 'draft' : 'active';
}
