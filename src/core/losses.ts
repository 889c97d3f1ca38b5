/**
 * What goes with an object and no rollback gives back, said before it is deleted: what people have
 * of it, and what it holds behind endpoints of its own that nobody has read.
 */
import type { JsonObject } from './json.js';
import { itemsIn } from './part.js';
import type { Resource } from './resource.js';
import type { Change } from './types.js';

/** `entity`: as it was read; `null` where it was not. */
export function withLosses(
  change: Change,
  entity: JsonObject | null,
  resource: Pick<Resource, 'parts'>,
): Change {
  if (change.action !== 'delete' || entity === null) return change;
  return withRemarks(change, unread(entity, resource));
}

/** `agents`: how many have it, that goes; `null` where nobody can tell. */
export function withAgents(change: Change, agents: number | null): Change {
  const remark = 'a rollback makes it under another id, which nobody has';
  return agents === 0 ? change : withRemarks({ ...change, ...(agents && { agents }) }, [remark]);
}

export function withRemarks(change: Change, more: readonly string[]): Change {
  return more.length === 0 ? change : { ...change, remarks: [...(change.remarks ?? []), ...more] };
}

/** What a record has of it is read before it goes, and is what a rollback gives back. */
function unread(entity: JsonObject, { parts = [] }: Pick<Resource, 'parts'>): string[] {
  const all = parts.flatMap((part): string[] => {
    const { field } = part;
    if (itemsIn(entity, field) !== null) return [];
    const many = part.count?.(entity) ?? null;
    if (many === 0) return [];
    return [many === null ? `${field}, if it has any` : `${field} (${many})`];
  });
  if (all.length === 0) return [];
  return [
    `no manifest names its ${all.join(', nor its ')}: they go with it, and no rollback has them`,
  ];
}
